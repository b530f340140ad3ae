//! Jobs: written with their cause, claimed once at a time, ended once.

mod claims;
mod endings;
mod enqueueing;
mod leases;
mod parts;
mod sweeping;

use std::time::Duration;

use calendar::{Clock, Instant};
use store::jobs::{self, Job, LEASE, NewJob};
use testkit::TestDb;

const LANE: &str = "test";

/// A job of the lane that all these tests use, due at once.
pub(crate) fn job<'a>(t: &TestDb, kind: &'a str) -> NewJob<'a> {
    NewJob::new(LANE, kind, "{}", t.clock.now())
}

/// Writes a job in a transaction of its own.
pub(crate) async fn put(t: &TestDb, job: NewJob<'_>) -> Option<String> {
    let mut tx = t.db.write().await.expect("write");
    let id = jobs::enqueue(&mut tx, &t.clock, &mut t.rng(), job).await.expect("enqueue");
    tx.commit().await.expect("commit");
    id
}

/// Writes a job due at once and returns its id.
pub(crate) async fn put_one(t: &TestDb, kind: &str) -> String {
    put(t, job(t, kind)).await.expect("written")
}

/// Writes a waiting job and its parts.
pub(crate) async fn put_parent(t: &TestDb, parts: usize) -> (String, Vec<String>) {
    let mut tx = t.db.write().await.expect("write");
    let parent = jobs::enqueue_parent(&mut tx, &t.clock, &mut t.rng(), job(t, "whole")).await.expect("enqueue");
    let parent = parent.expect("written");
    let mut ids = Vec::new();
    for _ in 0..parts {
        let part = NewJob { parent: Some(&parent), ..job(t, "part") };
        ids.push(jobs::enqueue(&mut tx, &t.clock, &mut t.rng(), part).await.expect("enqueue").expect("written"));
    }
    tx.commit().await.expect("commit");
    (parent, ids)
}

/// Claims up to so many jobs.
pub(crate) async fn claim(t: &TestDb, limit: i64) -> Vec<Job> {
    jobs::claim(&t.db, &t.clock, LANE, limit).await.expect("claim")
}

/// Claims the one job that is due.
pub(crate) async fn claim_one(t: &TestDb) -> Job {
    let mut claimed = claim(t, 100).await;
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

/// Ends a job without effects.
pub(crate) async fn complete(t: &TestDb, job: &Job) {
    let mut tx = t.db.write().await.expect("write");
    jobs::complete(&mut tx, &t.clock, job).await.expect("complete");
    tx.commit().await.expect("commit");
}

/// Records a failed attempt.
pub(crate) async fn fail(t: &TestDb, job: &Job, error: &str) {
    jobs::fail(&t.db, &t.clock, &mut t.rng(), job, error).await.expect("fail");
}

/// Asks a job and its parts to stop.
pub(crate) async fn cancel(t: &TestDb, id: &str) {
    let mut tx = t.db.write().await.expect("write");
    jobs::cancel(&mut tx, &t.clock, id).await.expect("cancel");
    tx.commit().await.expect("commit");
}

/// A job as it stands.
pub(crate) async fn get(t: &TestDb, id: &str) -> Job {
    let mut tx = t.db.read().await.expect("read");
    jobs::get(&mut tx, id).await.expect("get").expect("a job")
}

/// The state of a job.
pub(crate) async fn state(t: &TestDb, id: &str) -> String {
    get(t, id).await.state
}

/// Moves the clock past every lease that was given until now.
pub(crate) fn outlast_lease(t: &TestDb) {
    t.clock.advance(LEASE + Duration::from_millis(1));
}

fn seconds(instant: Instant, later: u64) -> Instant {
    instant.plus(Duration::from_secs(later))
}
