//! The worker: effects and end of a job are stored together or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use calendar::Clock;
use store::jobs::{self, LEASE, NewJob};
use store::worker::{JobContext, JobFailure, Registry, Worker};
use store::{Db, Tx, params};
use testkit::{TestDb, on_both_engines};
use tokio::sync::watch;

use crate::jobs::{cancel, claim, get, job, outlast_lease, put, put_one, put_parent, state};
use crate::support::{column, number, soon, until};

/// No row is refused, so an effect that is stored twice shows.
const EFFECT: &str = "CREATE TABLE effect (\n    job TEXT NOT NULL\n)";

fn worker(t: &TestDb, registry: Registry) -> Worker {
    Worker { db: t.db.clone(), clock: t.clock.clone(), entropy: t.entropy_source(), registry }
}

/// The transaction of a handler, with an effect in it.
async fn effect(context: &JobContext) -> store::Result<Tx> {
    let mut tx = context.db.write().await?;
    tx.execute("INSERT INTO effect (job) VALUES ($1)", params![&context.job.id]).await?;
    Ok(tx)
}

async fn effects(db: &Db) -> Vec<String> {
    column(db, "SELECT job FROM effect ORDER BY job", "job").await
}

/// A registry whose jobs of kind `mail` leave an effect.
fn mail() -> Registry {
    let mut registry = Registry::default();
    registry.add("test", "mail", async |context| Ok(effect(&context).await?));
    registry
}

on_both_engines! {
    async fn effects_and_end_are_stored_together(t: TestDb) {
        t.create(EFFECT).await;
        let mut ids = Vec::new();
        for _ in 0..20 {
            ids.push(put_one(&t, "mail").await);
        }
        assert_eq!(worker(&t, mail()).drain().await.expect("drain"), 20);
        ids.sort_unstable();
        assert_eq!(effects(&t.db).await, ids);
        for id in &ids {
            assert_eq!(state(&t, id).await, "done");
        }
        assert_eq!(worker(&t, mail()).drain().await.expect("drain"), 0);
    }

    async fn neither_is_there_before_the_commit(t: TestDb) {
        t.create(EFFECT).await;
        let id = put_one(&t, "mail").await;
        let mut registry = Registry::default();
        registry.add("test", "mail", async |context: JobContext| {
            let tx = effect(&context).await?;
            assert!(effects(&context.db).await.is_empty());
            Ok(tx)
        });
        worker(&t, registry).drain().await.expect("drain");
        assert_eq!(effects(&t.db).await, [id]);
    }

    async fn a_failed_attempt_has_no_effect(t: TestDb) {
        t.create(EFFECT).await;
        let id = put_one(&t, "mail").await;
        let mut registry = Registry::default();
        registry.add("test", "mail", async |context: JobContext| {
            let tx = effect(&context).await?;
            match context.job.attempts {
                1 => Err(JobFailure("the server said no".into())),
                _ => Ok(tx),
            }
        });
        let worker = worker(&t, registry);
        assert_eq!(worker.drain().await.expect("drain"), 1);
        assert!(effects(&t.db).await.is_empty());
        let failed = get(&t, &id).await;
        assert_eq!((failed.state.as_str(), failed.last_error.as_deref()), ("ready", Some("the server said no")));

        t.clock.advance(Duration::from_secs(60));
        assert_eq!(worker.drain().await.expect("drain"), 1);
        assert_eq!(effects(&t.db).await, [id.as_str()]);
        assert_eq!(state(&t, &id).await, "done");
    }

    async fn an_error_of_a_handler_is_told_as_it_is(t: TestDb) {
        let id = put_one(&t, "mail").await;
        let mut registry = Registry::default();
        registry.add("test", "mail", async |context: JobContext| {
            "seven".parse::<i64>()?;
            Ok(context.db.write().await?)
        });
        worker(&t, registry).drain().await.expect("drain");
        assert_eq!(get(&t, &id).await.last_error.as_deref(), Some("invalid digit found in string"));
    }

    async fn a_kind_without_handler_fails_with_a_sentence(t: TestDb) {
        t.create(EFFECT).await;
        let id = put(&t, NewJob { max_attempts: 1, ..job(&t, "fax") }).await.expect("written");
        let known = put_one(&t, "mail").await;
        assert_eq!(worker(&t, mail()).drain().await.expect("drain"), 2);
        let dead = get(&t, &id).await;
        assert_eq!((dead.state.as_str(), dead.last_error.as_deref()), ("dead", Some("this binary has no handler for \"fax\"")));
        assert_eq!(effects(&t.db).await, [known], "the others go on");
    }

    /// The worker was stopped for a while and does not know it.
    async fn a_worker_that_lost_its_lease_stores_nothing(t: TestDb) {
        t.create(EFFECT).await;
        let id = put_one(&t, "mail").await;
        let clock = t.clock.clone();
        let mut registry = Registry::default();
        registry.add("test", "mail", move |context: JobContext| {
            let clock = clock.clone();
            async move {
                clock.advance(LEASE + Duration::from_secs(1));
                let taken = jobs::claim(&context.db, &clock, "test", 10).await?;
                assert_eq!(taken.len(), 1, "another worker has it now");
                Ok(effect(&context).await?)
            }
        });
        assert_eq!(worker(&t, registry).step("test").await.expect("no error: it is the other's"), 1);
        assert!(effects(&t.db).await.is_empty());
        let job = get(&t, &id).await;
        assert_eq!((job.state.as_str(), job.fence, job.last_error), ("running", 2, None));

        outlast_lease(&t);
        worker(&t, mail()).drain().await.expect("drain");
        assert_eq!(effects(&t.db).await, [id]);
    }

    async fn a_handler_that_panics_fails_and_the_others_go_on(t: TestDb) {
        t.create(EFFECT).await;
        let bad = put(&t, NewJob { priority: 1, ..job(&t, "bad") }).await.expect("written");
        let good = put_one(&t, "mail").await;
        let mut registry = mail();
        registry.add("test", "bad", async |context: JobContext| {
            let _tx = effect(&context).await?;
            panic!("this panic belongs to the test")
        });
        assert_eq!(worker(&t, registry).drain().await.expect("drain"), 2);
        let failed = get(&t, &bad).await;
        assert_eq!((failed.state.as_str(), failed.last_error.as_deref()), ("ready", Some("the handler panicked")));
        assert_eq!(effects(&t.db).await, [good]);
    }

    /// Foreign keys are looked at when the transaction ends, after the handler.
    async fn what_the_database_refuses_in_the_end_is_a_failure(t: TestDb) {
        t.create(EFFECT).await;
        let bad = put(&t, NewJob { priority: 1, max_attempts: 1, ..job(&t, "bad") }).await.expect("written");
        let good = put_one(&t, "mail").await;
        let mut registry = mail();
        registry.add("test", "bad", async |context: JobContext| {
            let mut tx = effect(&context).await?;
            tx.execute(
                "INSERT INTO question_event (id, question, kind, at) VALUES ('e', 'none', 'received', 0)",
                params![],
            )
            .await?;
            Ok(tx)
        });
        assert_eq!(worker(&t, registry).drain().await.expect("drain"), 2);
        let dead = get(&t, &bad).await;
        assert_eq!(dead.state, "dead");
        assert!(dead.last_error.is_some_and(|e| e.starts_with("the database refused the record")));
        assert_eq!(effects(&t.db).await, [good]);
    }

    /// A handler that goes on after an error of the database has nothing that could be stored.
    async fn a_spoiled_transaction_is_a_failure(t: TestDb) {
        t.create(EFFECT).await;
        let id = put(&t, NewJob { max_attempts: 1, ..job(&t, "bad") }).await.expect("written");
        let mut registry = Registry::default();
        registry.add("test", "bad", async |context: JobContext| {
            let mut tx = effect(&context).await?;
            tx.execute("INSERT INTO effect (job) VALUES ($1)", params![None::<&str>]).await.expect_err("refused");
            Ok(tx)
        });
        assert_eq!(worker(&t, registry).drain().await.expect("drain"), 1);
        assert_eq!(state(&t, &id).await, "dead");
        assert!(effects(&t.db).await.is_empty());
    }

    async fn what_was_asked_to_stop_is_not_run_again(t: TestDb) {
        t.create(EFFECT).await;
        let id = put_one(&t, "mail").await;
        claim(&t, 1).await;
        cancel(&t, &id).await;
        outlast_lease(&t);
        assert_eq!(worker(&t, mail()).drain().await.expect("drain"), 1);
        assert_eq!(state(&t, &id).await, "cancelled");
        assert!(effects(&t.db).await.is_empty());
    }

    async fn jobs_of_jobs_are_drained_too(t: TestDb) {
        t.create(EFFECT).await;
        put_one(&t, "first").await;
        let mut registry = mail();
        registry.add("other", "first", async |context: JobContext| {
            let mut tx = effect(&context).await?;
            let next = NewJob::new("test", "mail", "{}", context.clock.now());
            jobs::enqueue(&mut tx, &context.clock, (context.entropy)().as_mut(), next).await?;
            Ok(tx)
        });
        // Written for a lane that another handler has: the kind says which handler runs it.
        assert_eq!(worker(&t, registry).drain().await.expect("drain"), 2);
        assert_eq!(effects(&t.db).await.len(), 2);
    }

    async fn a_whole_runs_after_its_parts(t: TestDb) {
        t.create(EFFECT).await;
        let (parent, _) = put_parent(&t, 10).await;
        let mut registry = Registry::default();
        registry.add("test", "part", async |context| Ok(effect(&context).await?));
        registry.add("test", "whole", async |context: JobContext| {
            assert_eq!(effects(&context.db).await.len(), 10);
            Ok(effect(&context).await?)
        });
        assert_eq!(worker(&t, registry).drain().await.expect("drain"), 11);
        assert_eq!(state(&t, &parent).await, "done");
    }

    async fn two_workers_do_each_job_once(t: TestDb) {
        t.create(EFFECT).await;
        for _ in 0..60 {
            put_one(&t, "mail").await;
        }
        let mut other = worker(&t, mail());
        other.db = t.again().await;
        let (one, two) = (worker(&t, mail()), other);
        let (one, two) = tokio::join!(tokio::spawn(async move { one.drain().await }), tokio::spawn(async move { two.drain().await }));
        let ran = one.expect("no panic").expect("drain") + two.expect("no panic").expect("drain");
        assert_eq!(ran, 60);
        assert_eq!(effects(&t.db).await.len(), 60);
        assert_eq!(number(&t.db, "SELECT count(DISTINCT job) AS n FROM effect").await, 60);
    }

    async fn a_worker_runs_until_it_is_told_to_stop(t: TestDb) {
        t.create(EFFECT).await;
        let mut registry = mail();
        registry.add("slow", "report", async |context| Ok(effect(&context).await?));
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(worker(&t, registry).run(stopped));
        for i in 1..=3 {
            put_one(&t, "mail").await;
            put(&t, NewJob { lane: "slow", ..job(&t, "report") }).await;
            until("both effects", || async { effects(&t.db).await.len() == 2 * i }).await;
        }
        stop.send(true).expect("somebody listens");
        soon("the end of the worker", running).await.expect("no panic");
        put_one(&t, "mail").await;
        assert_eq!(effects(&t.db).await.len(), 6);
    }

    async fn a_worker_whose_owner_is_gone_ends(t: TestDb) {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(worker(&t, mail()).run(stopped));
        drop(stop);
        soon("the end of the worker", running).await.expect("no panic");
    }
}

/// Makes the worker's timer for the next renewal run out. Tokio's clock stands still only for the
/// moment, because a standing clock jumps to the next timer whenever all wait for the database.
async fn next_renewal() {
    tokio::time::pause();
    tokio::time::advance(LEASE / 3 + Duration::from_millis(1)).await;
    tokio::time::resume();
}

/// Waits until the four jobs of the test have a whole lease before them.
async fn all_renewed(t: &TestDb) {
    let renewed = format!("SELECT count(*) AS n FROM job WHERE lease_until = {}", t.clock.now().plus(LEASE).millis());
    for _ in 0..2_000 {
        // Again and again: the worker may have set its timer only after the last time.
        next_renewal().await;
        if number(&t.db, store::Sql::built(renewed.clone())).await == 4 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the renewal never came");
}

/// A handler that lasts ten times as long as a lease.
async fn a_long_job_keeps_its_lease(t: TestDb) {
    let t = Arc::new(t);
    t.create(EFFECT).await;
    let id = put_one(&t, "long").await;
    // They wait in the same worker until the first is done, and must not be lost meanwhile.
    for _ in 0..3 {
        put(&t, NewJob { priority: -1, max_attempts: 1, ..job(&t, "mail") }).await;
    }
    let mut registry = mail();
    let outside = t.clone();
    registry.add("test", "long", move |context: JobContext| {
        let t = outside.clone();
        async move {
            for _ in 0..30 {
                t.clock.advance(LEASE / 3);
                all_renewed(&t).await;
                assert_eq!(claim(&t, 10).await, [], "nobody else gets them");
            }
            Ok(effect(&context).await?)
        }
    });
    worker(&t, registry).drain().await.expect("drain");
    assert_eq!(effects(&t.db).await.len(), 4);
    let ended = get(&t, &id).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("done", 1));
    assert_eq!(number(&t.db, "SELECT count(*) AS n FROM job WHERE state = 'done'").await, 4);
}

#[tokio::test]
async fn a_long_job_keeps_its_lease_on_sqlite() {
    a_long_job_keeps_its_lease(TestDb::sqlite().await).await;
}

#[tokio::test]
async fn a_long_job_keeps_its_lease_on_postgres() {
    a_long_job_keeps_its_lease(TestDb::postgres().await).await;
}

/// A handler that holds SQLite's one writer keeps the renewal waiting, but never waits for it.
#[tokio::test]
async fn a_renewal_does_not_hold_up_the_handler() {
    let t = TestDb::sqlite().await;
    t.create(EFFECT).await;
    put_one(&t, "long").await;
    let steps = Arc::new(AtomicUsize::new(0));
    let mut registry = Registry::default();
    let outside = steps.clone();
    registry.add("test", "long", move |context: JobContext| {
        let count = outside.clone();
        async move {
            let tx = effect(&context).await?;
            next_renewal().await;
            for _ in 0..100 {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
            Ok(tx)
        }
    });
    // Counted in turns, not in time: the renewal gives up some day, and then the handler would go on.
    let onlooker = async {
        until("the first step", || async { steps.load(Ordering::Relaxed) > 0 }).await;
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(steps.load(Ordering::Relaxed), 100, "the handler stands still");
    };
    let worker = worker(&t, registry);
    let (drained, ()) = tokio::join!(worker.drain(), onlooker);
    assert_eq!(drained.expect("drain"), 1);
    assert_eq!(effects(&t.db).await.len(), 1);
    outlast_lease(&t);
    assert_eq!(claim(&t, 10).await, []);
}
