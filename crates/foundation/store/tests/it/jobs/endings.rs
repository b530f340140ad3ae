//! Failures, dead letters, and jobs that are stopped.

use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use store::jobs::{self, NewJob};
use store::{Engine, StoreError, params};
use testkit::{TestDb, on_both_engines};

use super::{cancel, claim, claim_one, complete, fail, get, job, outlast_lease, put, put_one, put_parent, state};
use crate::support::{execute, somebody_waits_for_a_lock};

async fn revive(t: &TestDb, id: &str) -> bool {
    let mut tx = t.db.write().await.expect("write");
    let revived = jobs::revive(&mut tx, &t.clock, id).await.expect("revive");
    tx.commit().await.expect("commit");
    revived
}

/// A job that failed once and had one attempt.
async fn dead_letter(t: &TestDb) -> String {
    let id = put(t, NewJob { max_attempts: 1, ..job(t, "mail") }).await.expect("written");
    let claimed = claim(t, 100).await.into_iter().find(|j| j.id == id).expect("claimed");
    fail(t, &claimed, "the server said no").await;
    id
}

on_both_engines! {
    async fn a_failed_job_waits_longer_each_time(t: TestDb) {
        let id = put(&t, NewJob { max_attempts: 20, ..job(&t, "mail") }).await.expect("written");
        for attempt in 1..20i64 {
            let claimed = claim_one(&t).await;
            assert_eq!(claimed.attempts, attempt);
            fail(&t, &claimed, &format!("attempt {attempt}")).await;
            let failed = get(&t, &id).await;
            assert_eq!(failed.state, "ready");
            assert_eq!(failed.last_error, Some(format!("attempt {attempt}")));
            // Five seconds, doubled each time up to an hour, and at most a quarter more.
            let least = (5_000 << (attempt - 1).min(10)).min(3_600_000);
            let wait = failed.run_at.millis_since(t.clock.now());
            assert!((least..=least + least / 4).contains(&wait), "attempt {attempt}: {wait} ms");
            t.clock.set(failed.run_at.minus(Duration::from_millis(1)));
            assert_eq!(claim(&t, 10).await, []);
            t.clock.set(failed.run_at);
        }
    }

    async fn failures_at_one_time_do_not_return_at_one_time(t: TestDb) {
        for _ in 0..20 {
            put_one(&t, "mail").await;
        }
        let mut returns = std::collections::BTreeSet::new();
        for job in claim(&t, 20).await {
            fail(&t, &job, "no").await;
            returns.insert(get(&t, &job.id).await.run_at);
        }
        assert!(returns.len() > 10, "{returns:?}");
    }

    async fn the_last_failure_makes_a_dead_letter(t: TestDb) {
        let id = put(&t, NewJob { max_attempts: 3, ..job(&t, "mail") }).await.expect("written");
        for _ in 0..3 {
            assert_eq!(state(&t, &id).await, "ready");
            fail(&t, &claim_one(&t).await, "the server said no").await;
            t.clock.advance(Duration::from_secs(3600));
        }
        let dead = get(&t, &id).await;
        assert_eq!((dead.state.as_str(), dead.attempts), ("dead", 3));
        assert_eq!(dead.last_error.as_deref(), Some("the server said no"));
        outlast_lease(&t);
        assert_eq!(claim(&t, 10).await, []);
    }

    async fn dead_letters_are_listed_newest_first(t: TestDb) {
        let old = dead_letter(&t).await;
        t.clock.advance(Duration::from_secs(1));
        let new = dead_letter(&t).await;
        put_one(&t, "alive").await;
        let mut tx = t.db.read().await.expect("read");
        let listed: Vec<_> = jobs::dead(&mut tx, 10).await.expect("dead").into_iter().map(|j| j.id).collect();
        assert_eq!(listed, [new.clone(), old]);
        let listed: Vec<_> = jobs::dead(&mut tx, 1).await.expect("dead").into_iter().map(|j| j.id).collect();
        assert_eq!(listed, [new]);
        assert_eq!(jobs::counts(&mut tx).await.expect("counts"), [("dead".into(), 2), ("ready".into(), 1)]);
    }

    async fn a_revived_letter_has_all_its_attempts(t: TestDb) {
        let id = dead_letter(&t).await;
        t.clock.advance(Duration::from_secs(3600));
        assert!(revive(&t, &id).await);
        assert!(!revive(&t, &id).await, "it is alive already");
        let alive = claim_one(&t).await;
        assert_eq!((alive.attempts, alive.run_at), (1, t.clock.now()));
        assert!(alive.fence > 1, "the fence never goes back");
        complete(&t, &alive).await;
        assert!(!revive(&t, &id).await, "done is done");
        assert!(!revive(&t, "no such job").await);
    }

    /// Who revives a job wants it to run, whatever was asked before it died.
    async fn a_revived_letter_is_not_asked_to_stop(t: TestDb) {
        let id = put(&t, NewJob { max_attempts: 1, ..job(&t, "mail") }).await.expect("written");
        let claimed = claim_one(&t).await;
        cancel(&t, &id).await;
        fail(&t, &claimed, "the server said no").await;
        assert_eq!(state(&t, &id).await, "dead");
        assert!(revive(&t, &id).await);
        assert!(!claim_one(&t).await.cancel_requested);
    }

    async fn a_letter_whose_key_is_taken_is_not_revived(t: TestDb) {
        let keyed = || NewJob { dedupe_key: Some("key"), max_attempts: 1, ..job(&t, "mail") };
        let id = put(&t, keyed()).await.expect("written");
        fail(&t, &claim_one(&t).await, "no").await;
        put(&t, keyed()).await.expect("written");
        let mut tx = t.db.write().await.expect("write");
        let outcome = jobs::revive(&mut tx, &t.clock, &id).await;
        assert!(matches!(outcome, Err(StoreError::Constraint(_))), "{outcome:?}");
    }

    async fn what_has_not_begun_is_cancelled_at_once(t: TestDb) {
        let id = put_one(&t, "mail").await;
        cancel(&t, &id).await;
        assert_eq!(state(&t, &id).await, "cancelled");
        assert_eq!(claim(&t, 10).await, []);
    }

    async fn what_is_running_is_asked_to_stop(t: TestDb) {
        let id = put_one(&t, "mail").await;
        let running = claim_one(&t).await;
        assert!(!running.cancel_requested);
        cancel(&t, &id).await;
        let asked = get(&t, &id).await;
        assert_eq!((asked.state.as_str(), asked.cancel_requested), ("running", true));
        let mut tx = t.db.write().await.expect("write");
        jobs::complete_cancelled(&mut tx, &t.clock, &running).await.expect("stopped");
        tx.commit().await.expect("commit");
        assert_eq!(state(&t, &id).await, "cancelled");
    }

    async fn what_is_finished_stays_so(t: TestDb) {
        let done = put_one(&t, "mail").await;
        complete(&t, &claim_one(&t).await).await;
        let dead = dead_letter(&t).await;
        let before = (get(&t, &done).await, get(&t, &dead).await);
        cancel(&t, &done).await;
        cancel(&t, &dead).await;
        assert_eq!((get(&t, &done).await, get(&t, &dead).await), before);
    }

    async fn cancelling_the_whole_cancels_its_parts(t: TestDb) {
        let (parent, parts) = put_parent(&t, 3).await;
        let bystander = put_one(&t, "mail").await;
        execute(&t.db, "UPDATE job SET priority = 1 WHERE id = $1", params![&parts[0]]).await.expect("update");
        execute(&t.db, "UPDATE job SET priority = 2 WHERE id = $1", params![&parts[1]]).await.expect("update");
        let claimed = claim(&t, 2).await;
        let (done, running) = (&claimed[0], &claimed[1]);
        complete(&t, done).await;
        cancel(&t, &parent).await;
        assert_eq!(state(&t, &parent).await, "cancelled");
        assert_eq!(state(&t, &done.id).await, "done");
        assert!(get(&t, &running.id).await.cancel_requested);
        assert_eq!(state(&t, &parts[2]).await, "cancelled");
        assert_eq!(state(&t, &bystander).await, "ready");
        // The last part to stop wakes no one: the whole is cancelled already.
        let mut tx = t.db.write().await.expect("write");
        jobs::complete_cancelled(&mut tx, &t.clock, running).await.expect("stopped");
        tx.commit().await.expect("commit");
        assert_eq!(state(&t, &parent).await, "cancelled");
    }

    async fn cancelling_the_last_part_wakes_the_whole(t: TestDb) {
        let (parent, parts) = put_parent(&t, 2).await;
        cancel(&t, &parts[0]).await;
        assert_eq!(state(&t, &parent).await, "waiting");
        cancel(&t, &parts[1]).await;
        assert_eq!(state(&t, &parent).await, "ready");
    }

    /// A part that ends holds its own row and then wants that of the whole; the other way round, each
    /// would wait for the other.
    async fn cancelling_the_whole_does_not_block_a_part_that_ends(t: TestDb) {
        if t.engine() == Engine::Sqlite {
            return; // there, one of the two waits from the beginning
        }
        let (parent, parts) = put_parent(&t, 2).await;
        let part = claim(&t, 1).await.remove(0);
        let t = Arc::new(t);
        let mut ending = t.db.write().await.expect("write");
        ending.execute("UPDATE job SET priority = 1 WHERE id = $1", params![&part.id]).await.expect("its own row");
        let cancelling = tokio::spawn({
            let (t, parent) = (t.clone(), parent.clone());
            async move { cancel(&t, &parent).await }
        });
        somebody_waits_for_a_lock(&t).await;
        jobs::complete(&mut ending, &t.clock, &part).await.expect("complete");
        ending.commit().await.expect("commit");
        cancelling.await.expect("no panic");
        assert_eq!(state(&t, &part.id).await, "done");
        assert_eq!(state(&t, &parent).await, "cancelled");
        assert_eq!(parts.len(), 2);
    }
}
