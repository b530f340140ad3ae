//! What a channel says afterwards, and what is erased.

use std::time::Duration;

use calendar::Clock;
use city::Lang;
use outreach::ledger::{self, DeliveryResult, Difference, Figures, PeerBatch};
use outreach::{Address, recipient, retention};
use people::person::{self, NewPerson};
use testkit::on_both_engines;

use crate::peer::Peer;
use crate::town::{AUTHOR, Town, choosing, waste};

const SECOND: Duration = Duration::from_secs(1);

on_both_engines! {
    async fn differences_with_the_channel_are_found(t: TestDb) {
        let town = Town::found(t);
        town.many(6).await;
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 1, &peer).await;
        town.work(&id, &peer, SECOND).await;
        let mut theirs = peer.record();
        assert_eq!(theirs.len(), 6);
        // The order of keys is that of the batches: both grow.
        theirs.sort_by(|a, b| a.retry_key.cmp(&b.retry_key));
        let mut tx = town.test.db.read().await.expect("read");
        let ours = outreach::batch::list(&mut tx, &id, 0, 10).await.expect("read");
        drop(tx);
        let n_of = |key: &str| ours.iter().find(|b| b.retry_key == key).expect("ours").n;
        let missing = n_of(&theirs.remove(0).retry_key);
        let twice = n_of(&theirs[1].retry_key);
        theirs.push(theirs[1].clone());
        let other = n_of(&theirs[2].retry_key);
        theirs[2].to = Some(vec![Address::new("U-stranger")]);
        theirs[3].to = None;
        theirs.push(PeerBatch { retry_key: "of-nobody".into(), to: None });
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let compared = ledger::reconcile(db, clock, &mut town.test.rng(), AUTHOR, &id, theirs).await.expect("compared");
        assert_eq!(compared.agreed, 4);
        let wanted = [
            Difference::OtherRecipients { batch: other, more: 1, fewer: 1 },
            Difference::Twice { batch: twice },
            Difference::UnknownHere { retry_key: "of-nobody".into() },
            Difference::MissingThere { batch: missing },
        ];
        assert_eq!(compared.differences, wanted);
    }

    async fn figures_outlive_an_erased_person(t: TestDb) {
        let town = Town::found(t);
        let (clock, mut rng) = (town.test.clock.clone(), town.test.rng());
        let first = town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
        let second = town.follower("U2", &choosing(&["waste"], Lang::Ja)).await;
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 500, &peer).await;
        town.work(&id, &peer, SECOND).await;
        let mut tx = town.test.db.write().await.expect("write");
        assert!(ledger::note(&mut tx, &id, &second, DeliveryResult::Failed).await.expect("noted"));
        assert!(!ledger::note(&mut tx, &id, "nobody", DeliveryResult::Failed).await.expect("noted"));
        let figures = Figures { accepted: 1, failed: 1, ..Figures::default() };
        assert_eq!(ledger::figures(&mut tx, &id).await.expect("figures"), figures);
        assert_eq!(ledger::of_recipient(&mut tx, &first, 10).await.expect("read").len(), 1);
        let new = NewPerson { name: None, lang: Lang::Ja };
        let person = person::create(&mut tx, clock.as_ref(), &mut rng, "account:a", new).await.expect("person");
        recipient::link(&mut tx, clock.as_ref(), "citizen", &first, Some(&person)).await.expect("linked");
        let erased = retention::erase_person(&mut tx, clock.as_ref(), "account:a", &person).await.expect("erased");
        people::erasure::erase(&mut tx, clock.as_ref(), "account:a", &person).await.expect("erased");
        assert_eq!(erased, 1);
        assert!(recipient::get(&mut tx, &first).await.expect("read").is_none());
        let address = Address::new("U1");
        assert!(recipient::by_address(&mut tx, outreach::Channel::Line, &address).await.expect("read").is_none());
        assert_eq!(ledger::figures(&mut tx, &id).await.expect("figures"), figures);
        // A restore brings them back; the erasure is done again.
        tx.commit().await.expect("commit");
        let back = town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
        let mut tx = town.test.db.write().await.expect("write");
        recipient::link(&mut tx, clock.as_ref(), "citizen", &back, Some(&person)).await.expect("linked");
        tx.commit().await.expect("commit");
        assert_eq!(retention::replay(&town.test.db, clock.as_ref(), "job:x").await.expect("replayed"), 1);
        assert_eq!(retention::replay(&town.test.db, clock.as_ref(), "job:x").await.expect("replayed"), 0);
    }

    async fn whoever_left_long_ago_is_forgotten(t: TestDb) {
        let town = Town::found(t);
        let clock = town.test.clock.clone();
        let gone = town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
        let back = town.follower("U2", &choosing(&["waste"], Lang::Ja)).await;
        town.follower("U3", &choosing(&["waste"], Lang::Ja)).await;
        let mut tx = town.test.db.write().await.expect("write");
        recipient::gone(&mut tx, &clock, &gone).await.expect("gone");
        recipient::block(&mut tx, &clock, &back).await.expect("blocked");
        recipient::refollow(&mut tx, &clock, &back).await.expect("back");
        tx.commit().await.expect("commit");
        let db = &town.test.db;
        assert_eq!(retention::retire(db, &clock, "job:x", clock.now()).await.expect("retired"), 0, "not yet");
        clock.advance(SECOND);
        assert_eq!(retention::retire(db, &clock, "job:x", clock.now()).await.expect("retired"), 1);
        let mut tx = db.read().await.expect("read");
        assert!(recipient::get(&mut tx, &gone).await.expect("read").is_none());
        assert!(recipient::get(&mut tx, &back).await.expect("read").is_some());
    }
}
