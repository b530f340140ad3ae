//! What is thrown away every day: events that were carried out, recipients who left long ago, links and keys that ran out, and with whom erased
//! contacts were.

use std::time::Duration;

use calendar::Clock;
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx};

use crate::AccountError;
use crate::store::{event, invitation, talk};

/// The job.
pub const DAILY: &str = "line.daily";
/// Its lane.
pub const LANE: &str = knowledge::daily::LANE;
/// When it runs, in Japan.
const AT: Option<calendar::Time> = calendar::Time::new(4, 55);
/// Who removes.
const ACTOR: &str = "job:line.daily";
/// How long the ids of events are kept, by which one that is told again is known.
const EVENTS: Duration = Duration::from_secs(30 * 86_400);

/// Writes the job of today, unless it is waiting already.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<(), AccountError> {
    knowledge::daily::enqueue_for(tx, clock, entropy, DAILY, AT, clock.now().jst_date())
        .await
        .map_err(|e| AccountError::Contact(e.into()))
}

/// The handler of [`DAILY`].
pub async fn run(context: JobContext) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let next = knowledge::daily::next_day(&context.job.payload, clock.now().jst_date())?;
    let mut tx = context.db.read().await?;
    let days = knowledge::retention::days(&mut tx, "recipients").await?;
    drop(tx);
    if let Some(days) = days {
        // In parts of its own, so that nobody waits long for the database.
        let before = clock.now().minus(Duration::from_secs(days * 86_400));
        outreach::retention::retire(&context.db, clock, ACTOR, before).await?;
    }
    let mut tx = context.db.write().await?;
    sweep(&mut tx, clock).await?;
    knowledge::daily::enqueue_for(&mut tx, clock, (context.entropy)().as_mut(), DAILY, AT, next).await?;
    Ok(tx)
}

/// Throws away what nobody needs any more.
pub async fn sweep(tx: &mut Tx, clock: &dyn Clock) -> Result<(), AccountError> {
    event::sweep(tx, clock.now().minus(EVENTS)).await?;
    invitation::sweep(tx, clock.now()).await?;
    talk::forget_erased(tx).await?;
    contact::link::sweep(tx, clock).await?;
    Ok(())
}

/// Takes away what joins a person with LINE, in the transaction that erases the person.
pub async fn erase_person(tx: &mut Tx, person: &str) -> Result<(), AccountError> {
    invitation::erase_person(tx, person).await?;
    Ok(())
}
