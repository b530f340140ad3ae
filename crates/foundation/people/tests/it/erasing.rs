//! Erasure, and its replay after a restore.

use people::address::{self, Channel};
use people::message::{self, Begin, Queued, Reason, State};
use people::{PeopleError, consent, erasure, merge, person};
use store::{Db, params};

use crate::support::{ACTOR, House};

/// How many rows of a person's tables are there, and how many sealed values.
async fn left(db: &Db) -> [i64; 3] {
    let mut tx = db.read().await.expect("read");
    let mut counts = [0; 3];
    for (i, sql) in [
        "SELECT count(*) AS n FROM address",
        "SELECT count(*) AS n FROM consent",
        "SELECT (SELECT count(*) FROM person WHERE name_sealed IS NOT NULL)
              + (SELECT count(*) FROM message WHERE fields_sealed IS NOT NULL OR address IS NOT NULL)
              + (SELECT count(*) FROM place) + (SELECT count(*) FROM household_member) AS n",
    ]
    .into_iter()
    .enumerate()
    {
        counts[i] = tx.row(sql, params![]).await.expect("row").expect("one").get("n").expect("n");
    }
    counts
}

testkit::on_both_engines! {
    async fn everything_about_a_person_goes_and_the_ledger_keeps_that_it_was_sent(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable("minato@example.jp").await;
        let other = h.reachable("minato@example.jp").await;
        let (sent, waiting) = (h.waiting(&id).await, h.waiting(&id).await);
        let sending = h.ready(&sent).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &id, &other).await.expect("merged");
        message::finish(&mut tx, &*clock, &mut h.rng, sending.attempt, message::Outcome::Accepted { code: Some(250) })
            .await
            .expect("sent");
        assert!(erasure::erase(&mut tx, &*clock, ACTOR, &other).await.expect("erased by either id"));
        assert!(!erasure::erase(&mut tx, &*clock, ACTOR, &id).await.expect("twice"));
        tx.commit().await.expect("commit");

        assert_eq!(left(&h.t.db).await, [0, 0, 0]);
        assert_eq!(h.entry(&sent).await.state, State::Sent);
        let held = h.entry(&waiting).await;
        assert_eq!((held.state, held.reason), (State::Withheld, Some(Reason::Erased)));
        assert!(matches!(h.begin(&waiting).await, Begin::Nothing(State::Withheld)));
        assert!(matches!(h.queue(&id).await, Queued::Withheld { reason: Reason::Erased, .. }));
        assert_eq!(left(&h.t.db).await, [0, 0, 0], "what was to be said is not kept either");

        let mut tx = h.tx().await;
        assert!(address::find(&mut tx, Channel::Mail, "minato@example.jp").await.expect("found").is_empty());
        assert!(matches!(person::current(&mut tx, &id).await, Err(PeopleError::Erased)));
        let add = address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Channel::Mail, "new@example.jp").await;
        assert!(matches!(add, Err(PeopleError::Erased)));
        let erased = erasure::list(&mut tx).await.expect("list");
        let mut ids = [id, other];
        ids.sort();
        assert_eq!(erased.iter().map(|e| &e.person).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    }

    async fn erasures_are_replayed_after_a_restore(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable("minato@example.jp").await;
        let stays = h.reachable("other@example.jp").await;
        let mut backup = Vec::new();
        store::backup::write(&h.t.db, &*h.clock(), &mut backup, |_| {}).await.expect("backup");
        let (mut tx, clock) = (h.tx().await, h.clock());
        erasure::erase(&mut tx, &*clock, ACTOR, &id).await.expect("erased");
        let list = erasure::list(&mut tx).await.expect("list");
        tx.commit().await.expect("commit");
        let text = serde_json::to_string(&list).expect("a list can be kept in a file");

        let restored = testkit::TestDb::empty_on(h.t.engine()).await;
        store::backup::restore(&restored.address, &*clock, backup.as_slice(), |_| {}).await.expect("restored");
        assert_eq!(left(&restored.db).await[..2], [2, 2], "the backup is older than the erasure");
        let kept = serde_json::from_str::<Vec<erasure::Erased>>(&text).expect("read back");
        let replayed = erasure::replay(&restored.db, &*clock, "command-line", &kept).await.expect("replayed");
        assert_eq!(replayed, 1);
        assert_eq!(erasure::replay(&restored.db, &*clock, "command-line", &[]).await.expect("again"), 0);
        assert_eq!(left(&restored.db).await[..2], [1, 1]);
        let mut tx = restored.db.read().await.expect("read");
        assert_eq!(erasure::list(&mut tx).await.expect("list"), list);
        assert_eq!(person::get(&mut tx, &id).await.expect("person").erased_at, Some(list[0].erased_at));
        assert!(person::get(&mut tx, &stays).await.expect("person").erased_at.is_none());
        assert!(consent::of_person(&mut tx, &id).await.expect("list").is_empty());
        drop(tx);
        restored.close().await;
    }

    async fn nothing_slips_in_while_a_person_is_erased(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable("minato@example.jp").await;
        let clock = h.clock();
        let mut erasing = h.tx().await;
        erasure::erase(&mut erasing, &*clock, ACTOR, &id).await.expect("erased");
        // Another process queues a message before the erasure is committed.
        let (second, person) = (h.t.again().await, id.clone());
        let (mut rng, other_clock) = (h.t.rng(), h.clock());
        let queueing = tokio::spawn(async move {
            let mut tx = second.write().await.expect("write");
            let new = message::NewMessage {
                person: &person,
                purpose: "account",
                basis: message::Basis::Duty,
                address: None,
                template: "any",
                lang: None,
                fields: &serde_json::json!({ "title": "転入届の窓口" }),
                about: ("question", "q1"),
                dedupe: None,
            };
            let queued = message::queue(&mut tx, &*other_clock, &mut rng, ACTOR, new).await.expect("queued");
            tx.commit().await.expect("commit");
            queued
        });
        // Time for it to reach the lock; without one it would have been done by then.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(!queueing.is_finished());
        erasing.commit().await.expect("commit");
        let queued = queueing.await.expect("the other process");
        assert!(matches!(queued, Queued::Withheld { reason: Reason::Erased, .. }), "{queued:?}");
        assert_eq!(left(&h.t.db).await, [0, 0, 0]);
    }

    async fn a_person_whom_the_restored_database_does_not_hold_is_noted(t: TestDb) {
        let h = House::new(t);
        let clock = h.clock();
        let unknown = erasure::Erased { person: "0190".into(), erased_at: clock.now() };
        let replayed = erasure::replay(&h.t.db, &*clock, "command-line", std::slice::from_ref(&unknown)).await;
        assert_eq!(replayed.expect("replayed"), 0);
        let mut tx = h.tx().await;
        assert_eq!(erasure::list(&mut tx).await.expect("list"), [unknown]);
    }
}
