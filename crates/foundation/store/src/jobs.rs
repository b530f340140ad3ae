//! Jobs: work to be done later, written in the same transaction as its cause.
//!
//! A job is claimed under a lease with a fence number that grows with every claim. Its effects and
//! its end are stored in one transaction that checks the fence, so a worker that lost its lease
//! (slow, stopped, killed) stores nothing: effects in the database happen exactly once.

use std::collections::BTreeSet;
use std::time::Duration;

use calendar::{Clock, Instant};

use crate::{Db, Engine, Entropy, FromRow, Result, Row, StoreError, Tx, ids, params};

mod list;

pub use list::{Filter, Lane, Listed, lanes, list};

/// How long a claimed job belongs to its worker unless the lease is renewed.
pub const LEASE: Duration = Duration::from_secs(60);
/// First wait after a failure; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_secs(5);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(3600);

/// A job to be written.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Jobs of one lane never wait for those of another.
    pub lane: &'a str,
    /// Which handler runs it.
    pub kind: &'a str,
    /// What the handler needs: ids, as JSON.
    pub payload: String,
    /// Higher goes first within a lane.
    pub priority: i64,
    /// Not before this instant.
    pub run_at: Instant,
    /// While a job of the same kind and key is unfinished, another is not written.
    pub dedupe_key: Option<&'a str>,
    /// The job of which this is a part.
    pub parent: Option<&'a str>,
    /// Attempts before it becomes a dead letter.
    pub max_attempts: i64,
}

impl<'a> NewJob<'a> {
    /// A job that is due at once, with five attempts.
    pub fn new(lane: &'a str, kind: &'a str, payload: impl Into<String>, now: Instant) -> Self {
        NewJob {
            lane,
            kind,
            payload: payload.into(),
            priority: 0,
            run_at: now,
            dedupe_key: None,
            parent: None,
            max_attempts: 5,
        }
    }
}

/// A job as its worker sees it.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Job {
    /// Id.
    pub id: String,
    /// Lane.
    pub lane: String,
    /// Which handler runs it.
    pub kind: String,
    /// JSON for the handler.
    pub payload: String,
    /// Higher goes first within a lane.
    pub priority: i64,
    /// Parent job.
    pub parent: Option<String>,
    /// `ready`, `running`, `waiting` (for its parts), `done`, `dead`, `cancelled`.
    pub state: String,
    /// Due at.
    pub run_at: Instant,
    /// Attempts begun, this one included.
    pub attempts: i64,
    /// Attempts before it becomes a dead letter.
    pub max_attempts: i64,
    /// Grows with every claim.
    pub fence: i64,
    /// Somebody asked to stop it.
    pub cancel_requested: bool,
    /// What went wrong last.
    pub last_error: Option<String>,
}

const COLUMNS: &str = "id, lane, kind, payload, priority, parent, state, run_at, attempts, max_attempts, fence, cancel_requested, last_error";

/// What may be claimed of the lane `$2` at the instant `$3`, and up to `$4` of it, the first to run first. Each half goes
/// along its own index: `job_next`, in which those that are ready stand in order, and `job_leased`.
const DUE: &str = "SELECT id FROM (
    SELECT * FROM (SELECT id, priority, run_at FROM job WHERE lane = $2 AND state = 'ready' AND run_at <= $3
                   ORDER BY priority DESC, run_at, id LIMIT $4) ready
    UNION ALL
    SELECT id, priority, run_at FROM job
    WHERE lane = $2 AND state = 'running' AND lease_until < $3 AND attempts < max_attempts
) due ORDER BY priority DESC, run_at, id LIMIT $4";
/// The same, looked at again in the row that is taken: on PostgreSQL another claim may have had it meanwhile.
const STILL_DUE: &str = "((state = 'ready' AND run_at <= $3)
                          OR (state = 'running' AND lease_until < $3 AND attempts < max_attempts))";

/// Writes a job in the caller's transaction. Returns its id, or `None` if one with the same
/// dedupe key is still to be done.
pub async fn enqueue(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, job: NewJob<'_>) -> Result<Option<String>> {
    write(tx, clock, entropy, job, "ready").await
}

/// Writes a job that waits until all its parts (jobs with it as `parent`) are finished, then runs.
/// Write its parts in the same transaction, then call [`wake_if_complete`] if there may be none.
pub async fn enqueue_parent(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    job: NewJob<'_>,
) -> Result<Option<String>> {
    write(tx, clock, entropy, job, "waiting").await
}

async fn write(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    job: NewJob<'_>,
    state: &str,
) -> Result<Option<String>> {
    let id = ids::new_id(clock, entropy);
    let written = tx
        .execute(
            "INSERT INTO job (id, lane, kind, payload, priority, dedupe_key, parent, state, run_at, attempts,
                              max_attempts, fence, cancel_requested, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, 0, $11, $12) ON CONFLICT DO NOTHING",
            params![
                &id,
                job.lane,
                job.kind,
                job.payload,
                job.priority,
                job.dedupe_key,
                job.parent,
                state,
                job.run_at,
                job.max_attempts,
                false,
                clock.now(),
            ],
        )
        .await?;
    Ok((written == 1).then_some(id))
}

/// Takes up to `limit` due jobs of a lane, and jobs whose worker's lease ran out; the first to run
/// stands first.
pub async fn claim(db: &Db, clock: &dyn Clock, lane: &str, limit: i64) -> Result<Vec<Job>> {
    loop {
        let now = clock.now();
        // Most looks find nothing, and nobody waits for those.
        if !is_any_due(db, now, lane).await? {
            return Ok(Vec::new());
        }
        let mut tx = db.write().await?;
        if tx.engine() == Engine::Postgres {
            // One at a time per lane, as on SQLite: who waited for the rows of another claim would find
            // them taken and hear that nothing is due. The first number is ours, like that of `migrate`.
            tx.rows("SELECT 1 AS one FROM pg_advisory_xact_lock(7743062, hashtext($1))", params![lane]).await?;
        }
        let jobs = take(&mut tx, now, lane, limit).await?;
        let buried = bury(&mut tx, clock, lane).await?;
        tx.commit().await?;
        // A job that was buried may have been the last part that another waited for.
        if !jobs.is_empty() || !buried {
            return Ok(jobs);
        }
    }
}

async fn is_any_due(db: &Db, now: Instant, lane: &str) -> Result<bool> {
    let mut tx = db.read().await?;
    let due = tx
        .row(
            "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM job WHERE lane = $1 AND state = 'ready' AND run_at <= $2)
                 OR EXISTS (SELECT 1 FROM job WHERE lane = $1 AND state = 'running' AND lease_until < $2)",
            params![lane, now],
        )
        .await?;
    Ok(due.is_some())
}

async fn take(tx: &mut Tx, now: Instant, lane: &str, limit: i64) -> Result<Vec<Job>> {
    let mut jobs: Vec<Job> = tx
        .all(
            crate::Sql::built(format!(
                "UPDATE job SET state = 'running', lease_until = $1, fence = fence + 1, attempts = attempts + 1
                 WHERE id IN ({DUE}) AND {STILL_DUE} RETURNING {COLUMNS}"
            )),
            params![now.plus(LEASE), lane, now, limit],
        )
        .await?;
    // RETURNING keeps no order.
    jobs.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.run_at.cmp(&b.run_at)).then_with(|| a.id.cmp(&b.id)));
    Ok(jobs)
}

/// A job that killed its worker every time is a dead letter, not a trap. Returns whether there was one.
///
/// It goes after the claim, because parents are always locked after parts.
async fn bury(tx: &mut Tx, clock: &dyn Clock, lane: &str) -> Result<bool> {
    let buried = tx
        .rows(
            "UPDATE job SET state = 'dead', finished_at = $1, lease_until = NULL,
                    last_error = 'the worker stopped during the last attempt'
             WHERE lane = $2 AND state = 'running' AND lease_until < $1 AND attempts >= max_attempts RETURNING parent",
            params![clock.now(), lane],
        )
        .await?;
    let parents = buried.iter().map(|row| row.get("parent")).collect::<Result<BTreeSet<Option<String>>>>()?;
    for parent in parents.iter().flatten() {
        wake_if_complete(tx, clock, parent).await?;
    }
    Ok(!buried.is_empty())
}

/// Makes the lease longer. Fails with [`StoreError::LostLease`] if it went to another worker.
/// Returns whether somebody asked to stop the job.
pub async fn renew(db: &Db, clock: &dyn Clock, job: &Job) -> Result<bool> {
    let mut tx = db.write().await?;
    let row = tx
        .row(
            "UPDATE job SET lease_until = $1 WHERE id = $2 AND fence = $3 AND state = 'running' RETURNING cancel_requested",
            params![clock.now().plus(LEASE), &job.id, job.fence],
        )
        .await?
        .ok_or_else(|| StoreError::LostLease(job.id.clone()))?;
    let stop = row.get("cancel_requested")?;
    tx.commit().await?;
    Ok(stop)
}

/// Ends a job in the transaction that holds its effects.
pub async fn complete(tx: &mut Tx, clock: &dyn Clock, job: &Job) -> Result<()> {
    end(tx, clock, job, "done", None).await
}

/// Ends a job that was asked to stop.
pub async fn complete_cancelled(tx: &mut Tx, clock: &dyn Clock, job: &Job) -> Result<()> {
    end(tx, clock, job, "cancelled", None).await
}

async fn end(tx: &mut Tx, clock: &dyn Clock, job: &Job, state: &str, error: Option<&str>) -> Result<()> {
    let ended = tx
        .execute(
            "UPDATE job SET state = $1, finished_at = $2, lease_until = NULL, last_error = COALESCE($3, last_error)
             WHERE id = $4 AND fence = $5 AND state = 'running'",
            params![state, clock.now(), error, &job.id, job.fence],
        )
        .await?;
    if ended == 0 {
        return Err(StoreError::LostLease(job.id.clone()));
    }
    if let Some(parent) = &job.parent {
        wake_if_complete(tx, clock, parent).await?;
    }
    Ok(())
}

/// Makes a waiting parent ready if none of its parts is left to do.
pub async fn wake_if_complete(tx: &mut Tx, clock: &dyn Clock, parent: &str) -> Result<()> {
    // Touching the parent first makes two last parts that end at the same time queue up here,
    // so that the second one sees the first as ended.
    tx.execute("UPDATE job SET priority = priority WHERE id = $1", params![parent]).await?;
    tx.execute(
        "UPDATE job SET state = 'ready', run_at = $1 WHERE id = $2 AND state = 'waiting'
         AND NOT EXISTS (SELECT 1 FROM job part WHERE part.parent = $2 AND part.state IN ('ready', 'running', 'waiting'))",
        params![clock.now(), parent],
    )
    .await?;
    Ok(())
}

/// Records a failed attempt: tried again after a growing wait, or a dead letter after the last.
pub async fn fail(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, job: &Job, error: &str) -> Result<()> {
    let mut tx = db.write().await?;
    if job.attempts >= job.max_attempts {
        end(&mut tx, clock, job, "dead", Some(error)).await?;
    } else {
        let wait = back_off(job.attempts, entropy);
        let kept = tx
            .execute(
                "UPDATE job SET state = 'ready', run_at = $1, lease_until = NULL, last_error = $2
                 WHERE id = $3 AND fence = $4 AND state = 'running'",
                params![clock.now().plus(wait), error, &job.id, job.fence],
            )
            .await?;
        if kept == 0 {
            return Err(StoreError::LostLease(job.id.clone()));
        }
    }
    tx.commit().await
}

/// Doubling wait with up to a quarter of jitter, so that many failures do not return together.
fn back_off(attempts: i64, entropy: Entropy<'_>) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = FIRST_BACK_OFF.saturating_mul(1 << doublings).min(LONGEST_BACK_OFF);
    wait + wait.mul_f64(f64::from(entropy.next_u32() % 256) / 1024.0)
}

/// Stops a job and its parts: those not begun are cancelled, those running are asked.
pub async fn cancel(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<()> {
    // Parts first: a part that ends just now holds its own row and waits for that of the whole.
    stop(tx, clock, "parent", id).await?;
    for row in stop(tx, clock, "id", id).await? {
        if let Some(parent) = row.get::<Option<String>>("parent")? {
            wake_if_complete(tx, clock, &parent).await?;
        }
    }
    Ok(())
}

/// One statement for both cases, so that no job slips from one to the other in between.
async fn stop(tx: &mut Tx, clock: &dyn Clock, column: &str, id: &str) -> Result<Vec<Row>> {
    tx.rows(
        crate::Sql::built(format!(
            "UPDATE job SET cancel_requested = $1, finished_at = CASE WHEN state = 'running' THEN NULL ELSE $2 END,
                    state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END
             WHERE {column} = $3 AND state IN ('ready', 'running', 'waiting') RETURNING parent"
        )),
        params![true, clock.now(), id],
    )
    .await
}

/// Gives a dead letter new attempts. Returns whether there was one.
pub async fn revive(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<bool> {
    let revived = tx
        .execute(
            "UPDATE job SET state = 'ready', attempts = 0, run_at = $1, finished_at = NULL, cancel_requested = $2
             WHERE id = $3 AND state = 'dead'",
            params![clock.now(), false, id],
        )
        .await?;
    Ok(revived == 1)
}

/// How far the parts of a job are: `(finished, all)`. Counted, never kept.
pub async fn progress(tx: &mut Tx, parent: &str) -> Result<(i64, i64)> {
    let row = tx
        .row(
            "SELECT count(*) FILTER (WHERE state IN ('done', 'dead', 'cancelled')) AS finished, count(*) AS parts
             FROM job WHERE parent = $1",
            params![parent],
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok((row.get("finished")?, row.get("parts")?))
}

/// One job.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Job>> {
    tx.optional(crate::Sql::built(format!("SELECT {COLUMNS} FROM job WHERE id = $1")), params![id]).await
}

/// Dead letters, newest first.
pub async fn dead(tx: &mut Tx, limit: i64) -> Result<Vec<Job>> {
    tx.all(
        crate::Sql::built(format!(
            "SELECT {COLUMNS} FROM job WHERE state = 'dead' ORDER BY finished_at DESC, id LIMIT $1"
        )),
        params![limit],
    )
    .await
}

/// How many jobs are in each state.
pub async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx.rows("SELECT state, count(*) AS n FROM job GROUP BY state ORDER BY state", params![]).await?;
    rows.iter().map(|r| Ok((r.get("state")?, r.get("n")?))).collect()
}

/// Removes finished jobs that ended before `before`; dead letters stay until somebody has looked.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    let mut swept = 0;
    loop {
        // A job goes after its parts, whichever of them ended last; so each round clears one floor.
        let round = tx
            .execute(
                "DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1
                 AND NOT EXISTS (SELECT 1 FROM job part WHERE part.parent = job.id)
                 AND (parent IS NULL OR NOT EXISTS (SELECT 1 FROM job p WHERE p.id = job.parent AND p.state IN ('ready', 'running', 'waiting')))",
                params![before],
            )
            .await?;
        if round == 0 {
            return Ok(swept);
        }
        swept += round;
    }
}
