//! How long records are kept: every morning, what is older than its rule is removed.
//!
//! The rules are settings ([`crate::setting`]); what is named in `retention.hold` stays. Numbers, steps and
//! what was done by whom stay in any case.

use std::time::Duration;

use calendar::{Clock, Instant, Time};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx};

use crate::store::{feedback, notice};
use crate::{KnowledgeError, daily, miss, question, setting};

/// The job.
pub const DAILY: &str = "retention.daily";
/// Its lane.
pub const LANE: &str = daily::LANE;
/// When it runs, in Japan: before the morning's notices.
const AT: Option<Time> = Time::new(4, 30);
/// Who removes.
const ACTOR: &str = "job:retention.daily";

/// Records that have a rule `retention.NAME`.
pub const RECORDS: &[&str] =
    &["misses", "feedback", "questions", "contacts", "sign_in", "messages", "recipients", "jobs", "notices"];

/// For how many days a kind of record is kept; `None` while it is held.
pub async fn days(tx: &mut Tx, record: &str) -> store::Result<Option<u64>> {
    let held = match setting::by_name(setting::HOLD) {
        Some(hold) => hold.value(tx).await?,
        None => String::new(),
    };
    let Some(rule) = setting::by_name(&format!("retention.{record}")) else { return Ok(None) };
    if held.split(',').any(|name| name == record) {
        return Ok(None);
    }
    Ok(rule.value(tx).await?.parse().ok())
}

/// What happened before this instant is no longer kept; `None` while it is held.
async fn before(tx: &mut Tx, now: Instant, record: &str) -> store::Result<Option<Instant>> {
    let days = days(tx, record).await?;
    Ok(days.map(|days| now.minus(Duration::from_secs(days * 86_400))))
}

/// Writes the job of today, due at once if its time has passed, unless it is waiting already.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<(), KnowledgeError> {
    daily::enqueue_for(tx, clock, entropy, DAILY, AT, clock.now().jst_date()).await
}

/// The handler of [`DAILY`]. Questions go in parts, so that nobody waits long for the database; an attempt
/// that is cut off is done again and finds what is left.
pub async fn run(context: JobContext) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let next = daily::next_day(&context.job.payload, clock.now().jst_date())?;
    loop {
        let mut tx = context.db.write().await?;
        if retire_questions(&mut tx, clock).await? == 0 {
            break;
        }
        tx.commit().await?;
    }
    let mut tx = context.db.write().await?;
    apply(&mut tx, clock).await?;
    daily::enqueue_for(&mut tx, clock, (context.entropy)().as_mut(), DAILY, AT, next).await?;
    Ok(tx)
}

async fn retire_questions(tx: &mut Tx, clock: &dyn Clock) -> Result<usize, KnowledgeError> {
    match before(tx, clock.now(), "questions").await? {
        Some(before) => question::retire(tx, clock, ACTOR, before).await,
        None => Ok(0),
    }
}

/// Applies all rules but that of questions.
async fn apply(tx: &mut Tx, clock: &dyn Clock) -> Result<(), KnowledgeError> {
    let now = clock.now();
    miss::sweep(tx, now.jst_date()).await?;
    if let Some(before) = before(tx, now, "feedback").await? {
        feedback::blank(tx, before).await?;
    }
    if let Some(before) = before(tx, now, "sign_in").await? {
        access::store::session::sweep(tx, before, before).await?;
    }
    if let Some(before) = before(tx, now, "messages").await? {
        people::message::retire(tx, before).await?;
    }
    if let Some(before) = before(tx, now, "jobs").await? {
        store::jobs::sweep(tx, before).await?;
    }
    if let Some(before) = before(tx, now, "notices").await? {
        notice::sweep(tx, before, before.jst_date()).await?;
    }
    Ok(())
}
