//! Writing jobs.

use store::jobs::{self, NewJob};
use testkit::on_both_engines;

use super::{cancel, claim, claim_one, complete, fail, get, job, put, put_one, state};

on_both_engines! {
    async fn a_job_is_stored_as_given(t: TestDb) {
        let given = NewJob { payload: r#"{"記事":"𠮷"}"#.into(), max_attempts: 3, ..job(&t, "digest") };
        let run_at = given.run_at;
        let id = put(&t, given).await.expect("written");
        let stored = get(&t, &id).await;
        assert_eq!((stored.lane.as_str(), stored.kind.as_str(), stored.state.as_str()), ("test", "digest", "ready"));
        assert_eq!(stored.payload, r#"{"記事":"𠮷"}"#);
        assert_eq!((stored.attempts, stored.max_attempts, stored.fence), (0, 3, 0));
        assert_eq!((stored.run_at, stored.parent, stored.last_error, stored.cancel_requested), (run_at, None, None, false));
    }

    async fn a_transaction_given_up_leaves_no_job(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        let id = jobs::enqueue(&mut tx, &t.clock, &mut t.rng(), job(&t, "mail")).await.expect("enqueue").expect("id");
        assert!(jobs::get(&mut tx, &id).await.expect("get").is_some());
        drop(tx);
        assert_eq!(claim(&t, 10).await, []);
        let mut tx = t.db.read().await.expect("read");
        assert_eq!(jobs::get(&mut tx, &id).await.expect("get"), None);
        assert_eq!(jobs::counts(&mut tx).await.expect("counts"), []);
    }

    async fn a_job_is_not_claimed_before_it_is_committed(t: TestDb) {
        // On SQLite a claim would wait for the writer's place, so only PostgreSQL can show it.
        if t.engine() == store::Engine::Sqlite {
            return;
        }
        let mut tx = t.db.write().await.expect("write");
        jobs::enqueue(&mut tx, &t.clock, &mut t.rng(), job(&t, "mail")).await.expect("enqueue");
        assert_eq!(claim(&t, 10).await, []);
        tx.commit().await.expect("commit");
        assert_eq!(claim(&t, 10).await.len(), 1);
    }

    async fn one_key_has_one_unfinished_job(t: TestDb) {
        let keyed = || NewJob { dedupe_key: Some("2026-11-23"), max_attempts: 2, ..job(&t, "digest") };
        let first = put(&t, keyed()).await.expect("written");
        assert_eq!(put(&t, keyed()).await, None, "ready");
        let other = put(&t, NewJob { kind: "report", ..keyed() }).await;
        assert!(other.is_some(), "another kind");
        let other = put(&t, NewJob { dedupe_key: Some("2026-11-24"), ..keyed() }).await;
        assert!(other.is_some(), "another key");

        let (claimed, others): (Vec<_>, Vec<_>) = claim(&t, 10).await.into_iter().partition(|j| j.id == first);
        for other in others {
            complete(&t, &other).await;
        }
        assert_eq!(put(&t, keyed()).await, None, "running");
        fail(&t, &claimed[0], "not today").await;
        assert_eq!(put(&t, keyed()).await, None, "waiting for the next attempt");
        t.clock.advance(std::time::Duration::from_secs(30));
        complete(&t, &claim_one(&t).await).await;
        let second = put(&t, keyed()).await.expect("the first is done");

        cancel(&t, &second).await;
        let third = put(&t, keyed()).await.expect("the second is cancelled");
        for _ in 0..2 {
            t.clock.advance(std::time::Duration::from_secs(30));
            fail(&t, &claim_one(&t).await, "never").await;
        }
        assert_eq!(state(&t, &third).await, "dead");
        assert!(put(&t, keyed()).await.is_some(), "a dead letter holds nothing up");
    }

    async fn a_waiting_parent_holds_its_key(t: TestDb) {
        let keyed = || NewJob { dedupe_key: Some("import"), ..job(&t, "import") };
        let mut tx = t.db.write().await.expect("write");
        assert!(jobs::enqueue_parent(&mut tx, &t.clock, &mut t.rng(), keyed()).await.expect("enqueue").is_some());
        assert_eq!(jobs::enqueue_parent(&mut tx, &t.clock, &mut t.rng(), keyed()).await.expect("enqueue"), None);
        assert_eq!(jobs::enqueue(&mut tx, &t.clock, &mut t.rng(), keyed()).await.expect("enqueue"), None);
        tx.commit().await.expect("the transaction is as good as before");
    }

    async fn jobs_without_a_key_are_all_written(t: TestDb) {
        put_one(&t, "mail").await;
        put_one(&t, "mail").await;
        assert_eq!(claim(&t, 10).await.len(), 2);
    }

    async fn two_at_once_with_one_key_write_one(t: TestDb) {
        let mut writers = tokio::task::JoinSet::new();
        let now = calendar::Clock::now(&t.clock);
        for _ in 0..8 {
            let (db, clock, mut rng) = (t.db.clone(), t.clock.clone(), t.rng());
            writers.spawn(async move {
                let mut tx = db.write().await.expect("write");
                let job = NewJob { dedupe_key: Some("key"), ..NewJob::new("test", "digest", "{}", now) };
                let id = jobs::enqueue(&mut tx, &clock, &mut rng, job).await.expect("enqueue");
                tx.commit().await.expect("commit");
                id
            });
        }
        let mut written = 0;
        while let Some(id) = writers.join_next().await {
            written += usize::from(id.expect("no panic").is_some());
        }
        assert_eq!(written, 1);
        assert_eq!(claim(&t, 10).await.len(), 1);
    }
}
