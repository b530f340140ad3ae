//! Leases: who has a job, and what a worker that lost it may still do (nothing).

use calendar::Clock;
use store::jobs::{self, Job, LEASE, NewJob};
use store::{StoreError, params};
use testkit::{TestDb, on_both_engines};

use super::{cancel, claim, claim_one, complete, get, job, outlast_lease, put, put_one, put_parent, state};
use crate::support::{column, execute};

const EFFECT: &str = "CREATE TABLE effect (\n    worker TEXT NOT NULL\n)";

/// Ends a job together with an effect, as a worker does.
async fn complete_with_effect(t: &TestDb, worker: &str, job: &Job) -> store::Result<()> {
    let mut tx = t.db.write().await?;
    tx.execute("INSERT INTO effect (worker) VALUES ($1)", params![worker]).await?;
    jobs::complete(&mut tx, &t.clock, job).await?;
    tx.commit().await
}

fn lost<T: std::fmt::Debug>(outcome: store::Result<T>, job: &Job) {
    assert!(matches!(&outcome, Err(StoreError::LostLease(id)) if *id == job.id), "{outcome:?}");
}

on_both_engines! {
    async fn a_job_belongs_to_its_worker_until_the_lease_ends(t: TestDb) {
        put_one(&t, "mail").await;
        let first = claim_one(&t).await;
        t.clock.advance(LEASE);
        assert_eq!(claim(&t, 10).await, [], "the last moment still belongs to it");
        t.clock.advance(std::time::Duration::from_millis(1));
        let second = claim_one(&t).await;
        assert_eq!((second.id.as_str(), second.attempts, second.fence), (first.id.as_str(), 2, first.fence + 1));
    }

    async fn effects_of_a_worker_that_lost_its_lease_are_not_stored(t: TestDb) {
        t.create(EFFECT).await;
        put_one(&t, "mail").await;
        let slow = claim_one(&t).await;
        outlast_lease(&t);
        let quick = claim_one(&t).await;
        lost(complete_with_effect(&t, "slow", &slow).await, &slow);
        complete_with_effect(&t, "quick", &quick).await.expect("its own job");
        lost(complete_with_effect(&t, "slow", &slow).await, &slow);
        lost(complete_with_effect(&t, "quick", &quick).await, &quick);
        assert_eq!(column::<String>(&t.db, "SELECT worker FROM effect", "worker").await, ["quick"]);
        assert_eq!(state(&t, &slow.id).await, "done");
    }

    /// As long as nobody else took the job, its worker may end it, however late.
    async fn a_late_worker_may_end_what_nobody_took(t: TestDb) {
        t.create(EFFECT).await;
        put_one(&t, "mail").await;
        let late = claim_one(&t).await;
        outlast_lease(&t);
        complete_with_effect(&t, "late", &late).await.expect("still its own");
        assert_eq!(claim(&t, 10).await, []);
    }

    async fn a_worker_that_lost_its_lease_can_do_nothing_to_the_job(t: TestDb) {
        let id = put_one(&t, "mail").await;
        let slow = claim_one(&t).await;
        outlast_lease(&t);
        claim_one(&t).await;
        let before = get(&t, &id).await;
        lost(jobs::renew(&t.db, &t.clock, &slow).await, &slow);
        lost(jobs::fail(&t.db, &t.clock, &mut t.rng(), &slow, "late").await, &slow);
        let last = Job { attempts: slow.max_attempts, ..slow.clone() };
        lost(jobs::fail(&t.db, &t.clock, &mut t.rng(), &last, "late").await, &slow);
        let mut tx = t.db.write().await.expect("write");
        lost(jobs::complete_cancelled(&mut tx, &t.clock, &slow).await, &slow);
        drop(tx);
        assert_eq!(get(&t, &id).await, before);
    }

    async fn a_renewed_lease_is_longer(t: TestDb) {
        put_one(&t, "mail").await;
        let job = claim_one(&t).await;
        for _ in 0..5 {
            t.clock.advance(LEASE);
            assert!(!jobs::renew(&t.db, &t.clock, &job).await.expect("renewed"));
            assert_eq!(claim(&t, 10).await, []);
        }
        assert_eq!(get(&t, &job.id).await.attempts, 1);
        complete(&t, &job).await;
    }

    async fn renewing_tells_of_the_wish_to_stop(t: TestDb) {
        let id = put_one(&t, "mail").await;
        let job = claim_one(&t).await;
        cancel(&t, &id).await;
        assert!(jobs::renew(&t.db, &t.clock, &job).await.expect("renewed"));
    }

    async fn a_job_that_ends_its_worker_every_time_becomes_a_dead_letter(t: TestDb) {
        let id = put(&t, NewJob { max_attempts: 3, ..job(&t, "poison") }).await.expect("written");
        let healthy = put_one(&t, "mail").await;
        complete(&t, claim(&t, 10).await.iter().find(|j| j.id == healthy).expect("healthy")).await;
        for attempt in 2..=3 {
            outlast_lease(&t);
            assert_eq!(claim_one(&t).await.attempts, attempt);
        }
        outlast_lease(&t);
        assert_eq!(claim(&t, 10).await, []);
        let dead = get(&t, &id).await;
        assert_eq!((dead.state.as_str(), dead.attempts), ("dead", 3));
        assert!(dead.last_error.is_some_and(|e| e.contains("worker stopped")));
        assert_eq!(column::<i64>(&t.db, "SELECT finished_at FROM job WHERE state = 'dead'", "finished_at").await, [
            t.clock.now().millis()
        ]);
    }

    /// The last attempt belongs to its worker as long as any other.
    async fn the_last_attempt_has_a_whole_lease(t: TestDb) {
        let id = put(&t, NewJob { max_attempts: 1, ..job(&t, "poison") }).await.expect("written");
        let last = claim_one(&t).await;
        t.clock.advance(LEASE);
        assert_eq!(claim(&t, 10).await, []);
        complete(&t, &last).await;
        assert_eq!(state(&t, &id).await, "done");
    }

    async fn a_part_that_ends_its_worker_every_time_does_not_hold_up_the_whole(t: TestDb) {
        let (parent, parts) = put_parent(&t, 2).await;
        execute(&t.db, "UPDATE job SET max_attempts = 1 WHERE parent IS NOT NULL", params![]).await.expect("update");
        let claimed = claim(&t, 10).await;
        complete(&t, &claimed[0]).await;
        outlast_lease(&t);
        // At once: a worker that heard that nothing is due would rest.
        assert_eq!(claim_one(&t).await.id, parent);
        assert_eq!(state(&t, &claimed[1].id).await, "dead");
        assert_eq!(parts.len(), 2);
    }
}
