//! The worker: claims jobs, runs their handlers, and stores effects and end together.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};

use crate::jobs::{self, Job};
use crate::{Db, StoreError, Tx};

/// Jobs that are claimed together, and then run one after the other.
const HELD: usize = 8;

/// Makes a source of randomness for one attempt.
pub type EntropySource = Arc<dyn Fn() -> Box<dyn rand::Rng + Send> + Send + Sync>;

/// What a handler gets.
#[derive(Clone)]
pub struct JobContext {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: EntropySource,
    /// The job.
    pub job: Job,
}

/// Why an attempt failed, as a sentence for the dead-letter page. It holds no contents of records.
#[derive(Debug)]
pub struct JobFailure(pub String);

impl<E: std::error::Error> From<E> for JobFailure {
    fn from(error: E) -> Self {
        JobFailure(error.to_string())
    }
}

/// What a handler returns: the open transaction with its effects. The worker ends the job in it
/// and commits, so that both are stored or neither.
pub type JobFuture = Pin<Box<dyn Future<Output = Result<Tx, JobFailure>> + Send>>;

type Handler = Arc<dyn Fn(JobContext) -> JobFuture + Send + Sync>;

/// The handlers of a process by kind of job.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: HashMap<&'static str, (&'static str, Handler)>,
    /// Lanes of kinds that have several.
    more_lanes: Vec<&'static str>,
    /// How many jobs of a lane run at the same time, where it is not one.
    hands: HashMap<&'static str, usize>,
}

impl Registry {
    /// Adds the handler of a kind of job, which runs in `lane`.
    pub fn add<F, Fut>(&mut self, lane: &'static str, kind: &'static str, handler: F)
    where
        F: Fn(JobContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Tx, JobFailure>> + Send + 'static,
    {
        self.handlers.insert(kind, (lane, Arc::new(move |context| Box::pin(handler(context)))));
    }

    /// Adds the handler of a kind of job that has several lanes, one after the other of which is named here.
    pub fn add_in<F, Fut>(&mut self, lane: &'static str, kind: &'static str, handler: F)
    where
        F: Fn(JobContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Tx, JobFailure>> + Send + 'static,
    {
        self.more_lanes.push(lane);
        self.add(lane, kind, handler);
    }

    /// Lets a lane run several jobs at the same time, for work that is mostly waiting and in no order.
    pub fn set_hands(&mut self, lane: &'static str, hands: usize) {
        self.hands.insert(lane, hands);
    }

    fn lanes(&self) -> Vec<&'static str> {
        let mut lanes: Vec<_> =
            self.handlers.values().map(|(lane, _)| *lane).chain(self.more_lanes.iter().copied()).collect();
        lanes.sort_unstable();
        lanes.dedup();
        lanes
    }
}

/// A worker of a process.
pub struct Worker {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: EntropySource,
    /// The handlers.
    pub registry: Registry,
}

impl Worker {
    /// Runs until `stop` turns true. Each lane has its own loop, and one with several hands has as many.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let this = Arc::new(self);
        let mut loops = tokio::task::JoinSet::new();
        for lane in this.registry.lanes() {
            let much_to_do = Arc::new(Notify::new());
            for hand in 0..this.registry.hands.get(lane).copied().unwrap_or(1) {
                let much_to_do = much_to_do.clone();
                loops.spawn(this.clone().run_lane(lane, hand > 0, much_to_do, stop.clone()));
            }
        }
        while loops.join_next().await.is_some() {}
    }

    /// `helps`: looks for jobs only after another hand has found as many as it can hold.
    async fn run_lane(
        self: Arc<Self>,
        lane: &'static str,
        helps: bool,
        much_to_do: Arc<Notify>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut pause = Duration::ZERO;
        while !*stop.borrow() {
            tokio::select! {
                () = much_to_do.notified(), if helps => {}
                () = tokio::time::sleep(pause), if !helps || pause.is_zero() => {}
                changed = stop.changed() => if changed.is_err() { return } else { continue },
            }
            pause = match self.step_and_call(lane, &much_to_do).await {
                Ok(0) => Duration::from_millis(300),
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::error!(lane, %error, "jobs cannot be claimed");
                    Duration::from_secs(2)
                }
            };
        }
    }

    /// A step that calls the other hands of its lane where there is more to do than it takes.
    async fn step_and_call(&self, lane: &str, much_to_do: &Notify) -> crate::Result<usize> {
        let jobs = jobs::claim(&self.db, self.clock.as_ref(), lane, HELD as i64).await?;
        if jobs.len() == HELD {
            much_to_do.notify_waiters();
        }
        for index in 0..jobs.len() {
            self.attempt(&jobs[index..]).await?;
        }
        Ok(jobs.len())
    }

    /// Claims and runs what is due in a lane, once. Returns how many jobs were run.
    pub async fn step(&self, lane: &str) -> crate::Result<usize> {
        self.step_and_call(lane, &Notify::new()).await
    }

    /// Runs everything that is due in every lane until nothing is left; for tests and commands.
    pub async fn drain(&self) -> crate::Result<usize> {
        let mut total = 0;
        loop {
            let mut round = 0;
            for lane in self.registry.lanes() {
                round += self.step(lane).await?;
            }
            if round == 0 {
                return Ok(total);
            }
            total += round;
        }
    }

    /// Runs the first of the jobs that this worker still holds, and stores how it ended.
    async fn attempt(&self, held: &[Job]) -> crate::Result<()> {
        let Some(job) = held.first() else { return Ok(()) };
        let Err(JobFailure(reason)) = self.run_and_store(job, held).await else { return Ok(()) };
        let mut entropy = (self.entropy)();
        match jobs::fail(&self.db, self.clock.as_ref(), entropy.as_mut(), job, &reason).await {
            // Another worker has it: our effects were rolled back with the transaction.
            Err(StoreError::LostLease(id)) => {
                tracing::warn!(job = id, "lease lost, effects given up");
                Ok(())
            }
            outcome => {
                tracing::warn!(job = job.id, kind = job.kind, reason, "job failed");
                outcome
            }
        }
    }

    /// Effects and end in one transaction. Whatever keeps them from being stored is a failure of the
    /// attempt, also a rule that the database looks at only in the end.
    async fn run_and_store(&self, job: &Job, held: &[Job]) -> Result<(), JobFailure> {
        let clock = self.clock.as_ref();
        let mut tx;
        if job.cancel_requested {
            tx = self.db.write().await?;
            jobs::complete_cancelled(&mut tx, clock, job).await?;
        } else {
            tx = self.run_handler(job, held).await?;
            jobs::complete(&mut tx, clock, job).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Runs the handler, and renews the leases meanwhile.
    async fn run_handler(&self, job: &Job, held: &[Job]) -> Result<Tx, JobFailure> {
        let Some((_, handler)) = self.registry.handlers.get(job.kind.as_str()) else {
            return Err(JobFailure(format!("this binary has no handler for {:?}", job.kind)));
        };
        let context = JobContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            job: job.clone(),
        };
        // A handler that panics fails like any other; it must not take its lane with it.
        let work = AssertUnwindSafe(async { handler(context).await }).catch_unwind();
        tokio::select! {
            biased;
            outcome = work => outcome.unwrap_or_else(|_| Err(JobFailure("the handler panicked".into()))),
            lost = self.renew_leases(job, held) => Err(lost.into()),
        }
    }

    /// Renews the lease of the job that runs and of those that wait behind it, until the first is lost.
    ///
    /// It goes on beside the handler: one that holds SQLite's one writer keeps the renewal waiting,
    /// and must not wait for it in turn. A lease that runs out meanwhile is no loss, since the fence is
    /// checked in the end.
    async fn renew_leases(&self, job: &Job, held: &[Job]) -> StoreError {
        loop {
            tokio::time::sleep(jobs::LEASE / 3).await;
            for each in held {
                match jobs::renew(&self.db, self.clock.as_ref(), each).await {
                    Err(lost @ StoreError::LostLease(_)) if each.id == job.id => return lost,
                    _ => {}
                }
            }
        }
    }
}
