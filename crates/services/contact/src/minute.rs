//! What is looked at every minute: citizens who left while they waited, clocks that ran out, and the log, from which
//! figures are made anew.

use std::time::Duration;

use calendar::{Clock, Instant};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx};

use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::store::minute as rows;
use crate::{ContactError, queue};

/// The job.
pub const JOB: &str = "contact.minute";
/// Its lane.
pub const LANE: &str = "contact";
/// Who acts.
const ACTOR: &str = "job:contact.minute";
/// A page that was not open for so long is closed; while it is open, it says so every half minute.
const GONE: Duration = Duration::from_secs(180);
const MINUTE_MS: i64 = 60_000;

/// Writes the job of the next minute, unless it is waiting already.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<(), ContactError> {
    let next = clock.now().millis() / MINUTE_MS + 1;
    let at = Instant::from_millis(next * MINUTE_MS);
    let dedupe = next.to_string();
    let job = NewJob { dedupe_key: Some(&dedupe), ..NewJob::new(LANE, JOB, "{}", at) };
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

/// The handler of [`JOB`]. An attempt that is cut off is done again and finds what is left.
pub async fn run(context: JobContext) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let organisation = city::Organisation::load(&context.db).await?;
    let gone = clock.now().minus(GONE);
    queue::sweep_abandoned(&context.db, clock, &organisation, &context.entropy, gone).await?;
    let mut tx = context.db.read().await?;
    let late = rows::late(&mut tx, clock.now()).await?;
    drop(tx);
    for (contact, clock_name) in late {
        escalate(&context, &contact, &clock_name).await?;
    }
    // Reports are right without it; so nobody who opens one waits for what grew since.
    crate::figures::refresh(&context.db, &organisation).await?;
    let mut tx = context.db.write().await?;
    schedule(&mut tx, clock, (context.entropy)().as_mut()).await?;
    Ok(tx)
}

/// A clock ran out: it is logged once, and stands at the top of the supervisors' board.
async fn escalate(context: &JobContext, contact: &str, clock_name: &str) -> Result<(), ContactError> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    if rows::is_escalated(&mut tx, &contact.id, clock_name).await? {
        return Ok(());
    }
    let told = Told { reason: Some(clock_name), ..Told::default() };
    event::log(&mut tx, clock, (context.entropy)().as_mut(), &contact, EventKind::Escalated, ACTOR, told).await?;
    contact::save(&mut tx, clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
