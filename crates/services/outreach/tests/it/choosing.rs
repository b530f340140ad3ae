//! Who is learnt, and what they choose.

use city::Lang;
use outreach::recipient::{self, RecipientState};
use outreach::subscription::{self, Choices};
use outreach::{Address, Channel, OutreachError, Quiet};
use testkit::on_both_engines;

use crate::town::{Town, choosing};

on_both_engines! {
    async fn an_address_is_learnt_once_and_keeps_its_language(t: TestDb) {
        let town = Town::found(t);
        let (clock, mut rng) = (town.test.clock.clone(), town.test.rng());
        let address = Address::new("U1");
        let mut tx = town.test.db.write().await.expect("write");
        let first = recipient::learn(&mut tx, &clock, &mut rng, Channel::Line, &address, Lang::En).await.expect("learnt");
        let again = recipient::learn(&mut tx, &clock, &mut rng, Channel::Line, &address, Lang::Ja).await.expect("learnt");
        assert_eq!(first, again);
        let by_mail = recipient::learn(&mut tx, &clock, &mut rng, Channel::Mail, &address, Lang::Ja).await.expect("learnt");
        assert_ne!(first.id, by_mail.id);
        assert!(!format!("{first:?}").contains("U1"), "an address is not shown");
        let row = tx
            .row("SELECT address_sealed, address_hash FROM outreach_recipient WHERE id = $1", store::params![&first.id])
            .await
            .expect("read")
            .expect("a row");
        let shown = format!("{:?} {}", row.cells(), String::from_utf8_lossy(&row.get::<Vec<u8>>("address_sealed").expect("bytes")));
        assert!(!shown.contains("U1"), "it does not stand in the database");
        assert!(recipient::set_lang(&mut tx, &clock, &first.id, Lang::Easy).await.expect("set"));
        let found = recipient::by_address(&mut tx, Channel::Line, &address).await.expect("read").expect("there");
        assert_eq!((found.lang, found.state), (Lang::Easy, RecipientState::Active));
        tx.commit().await.expect("commit");
    }

    async fn whoever_blocks_and_comes_back_has_what_they_chose(t: TestDb) {
        let town = Town::found(t);
        let clock = town.test.clock.clone();
        let choices = Choices { district: Some("北地区".into()), quiet: Quiet::NONE, ..choosing(&["waste", "tax"], Lang::En) };
        let id = town.follower("U1", &choices).await;
        let mut tx = town.test.db.write().await.expect("write");
        assert!(recipient::block(&mut tx, &clock, &id).await.expect("blocked"));
        assert!(!recipient::block(&mut tx, &clock, &id).await.expect("blocked"), "no news");
        let blocked = recipient::get(&mut tx, &id).await.expect("read").expect("there");
        assert_eq!((blocked.state, blocked.blocked_at.is_some()), (RecipientState::Blocked, true));
        assert!(recipient::refollow(&mut tx, &clock, &id).await.expect("back"));
        assert_eq!(subscription::of(&mut tx, &id).await.expect("read"), Some(choices));
        subscription::unsubscribe_all(&mut tx, &clock, &id).await.expect("ended");
        let left = subscription::of(&mut tx, &id).await.expect("read").expect("there");
        assert!(left.topics.is_empty() && left.declines_urgent && left.district.is_some());
        tx.commit().await.expect("commit");
    }

    async fn what_is_chosen_replaces_what_was(t: TestDb) {
        let town = Town::found(t);
        let id = town.follower("U1", &choosing(&["waste", "tax"], Lang::Ja)).await;
        assert_eq!(town.follower("U1", &choosing(&["tax", "pets"], Lang::Ja)).await, id);
        let mut tx = town.test.db.write().await.expect("write");
        let now = subscription::of(&mut tx, &id).await.expect("read").expect("there");
        assert_eq!(now.topics.iter().map(String::as_str).collect::<Vec<_>>(), ["pets", "tax"]);
        let wrong = [
            choosing(&["nothing"], Lang::Ja),
            Choices { district: Some("あ".repeat(41)), ..Choices::none(Lang::Ja) },
            Choices { quiet: Quiet { from: 1, until: 60 }, ..Choices::none(Lang::Ja) },
        ];
        for choices in wrong {
            let refused = subscription::choose(&mut tx, town.test.clock.as_ref(), &id, &choices).await;
            assert!(matches!(refused, Err(OutreachError::Field { .. })), "{choices:?}");
        }
        let nobody = subscription::choose(&mut tx, town.test.clock.as_ref(), "nobody", &Choices::none(Lang::Ja)).await;
        assert!(matches!(nobody, Err(OutreachError::NotFound)));
    }
}
