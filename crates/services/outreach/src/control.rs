//! What people do with a send that was approved: start, pause, resume, stop, and decide about what is in doubt. All of
//! it takes hold between batches; a batch that was handed over cannot be called back.

use calendar::Clock;
use store::{Db, Entropy, ids};

use crate::approval::reason_of;
use crate::batch::BatchState;
use crate::dispatch;
use crate::event::{self, EventKind, Told};
use crate::plan::Quota;
use crate::sending::{self, State, account};
use crate::store::{batch as rows, sending as sends};
use crate::{OutreachError, Result, rule};

/// Begins to send what was approved. `quota` is what the channel says now: what was free when it was planned may be
/// used up.
pub async fn start(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, id: &str, quota: Quota) -> Result<()> {
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    if sending.state != State::Approved {
        return Err(rule("承認された配信だけを始められます。"));
    }
    dispatch::check_quota(&mut tx, &sending, quota).await?;
    event::log(&mut tx, clock, entropy, id, EventKind::Started, &account(who), Told::default()).await?;
    dispatch::go(&mut tx, clock, entropy, &sending).await?;
    Ok(tx.commit().await?)
}

/// Lets it stand still.
pub async fn pause(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, id: &str, reason: &str) -> Result<()> {
    let reason = reason_of(reason)?;
    let mut tx = db.write().await?;
    if sending::lock(&mut tx, id).await?.state != State::Running {
        return Err(rule("送信中の配信だけを一時停止できます。"));
    }
    sends::halt(&mut tx, id, State::Paused, Some(reason), clock.now()).await?;
    let told = Told { reason: Some(reason), ..Told::default() };
    event::log(&mut tx, clock, entropy, id, EventKind::Paused, &account(who), told).await?;
    Ok(tx.commit().await?)
}

/// Goes on with what is left.
pub async fn resume(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, id: &str, quota: Quota) -> Result<()> {
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    if sending.state != State::Paused {
        return Err(rule("一時停止している配信だけを再開できます。"));
    }
    dispatch::check_quota(&mut tx, &sending, quota).await?;
    event::log(&mut tx, clock, entropy, id, EventKind::Resumed, &account(who), Told::default()).await?;
    dispatch::go(&mut tx, clock, entropy, &sending).await?;
    Ok(tx.commit().await?)
}

/// Ends it for good: what was not handed over is not sent. Batches of which it is not known whether they were accepted
/// are left to a person.
pub async fn stop(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, id: &str, reason: &str) -> Result<()> {
    let reason = reason_of(reason)?;
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    if !matches!(sending.state, State::Approved | State::Running | State::Paused) {
        return Err(rule("承認された配信か送信中の配信だけを中止できます。"));
    }
    rows::stop(&mut tx, id, clock.now()).await?;
    sends::halt(&mut tx, id, State::Stopped, Some(reason), clock.now()).await?;
    let told = Told { reason: Some(reason), ..Told::default() };
    event::log(&mut tx, clock, entropy, id, EventKind::Stopped, &account(who), told).await?;
    Ok(tx.commit().await?)
}

/// What a person decides about a batch that may have been accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was accepted, as the channel's own list says.
    Accepted,
    /// It was not, and it is not sent again.
    NotAccepted,
    /// It was not, or it is better to be told twice than not at all: it is sent again under a new key. Only while the
    /// send was not stopped. This can be decided about a batch that was refused, too, once its cause is gone.
    Again,
}

/// Decides about a batch that is in doubt, or has one that was refused sent again.
#[allow(clippy::too_many_arguments, reason = "who, what, which, why: each is said by the form")]
pub async fn decide(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &str,
    id: &str,
    batch: i64,
    decision: Decision,
    reason: &str,
) -> Result<()> {
    let reason = reason_of(reason)?;
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    let found = rows::get(&mut tx, id, batch).await?.ok_or(OutreachError::NotFound)?;
    let again = decision == Decision::Again && found.state == BatchState::Refused;
    if !found.needs_a_person() && !again {
        return Err(rule("送信結果が不明な分か、断られた分だけを決められます。"));
    }
    if decision == Decision::Again && !matches!(sending.state, State::Running | State::Paused | State::Done) {
        return Err(rule("中止した配信は送り直せません。"));
    }
    let told = Told { batch: Some(batch), reason: Some(reason), ..Told::default() };
    event::log(&mut tx, clock, entropy, id, EventKind::BatchDecided, &account(who), told).await?;
    let now = clock.now();
    match decision {
        Decision::Accepted => rows::end(&mut tx, id, batch, BatchState::Accepted, None, Some("decided"), now).await?,
        Decision::NotAccepted => rows::end(&mut tx, id, batch, BatchState::Refused, None, Some("decided"), now).await?,
        Decision::Again => {
            rows::renew(&mut tx, id, batch, &ids::new_id(clock, entropy)).await?;
            // A paused send takes it along when it is resumed.
            if sending.state != State::Paused {
                dispatch::go(&mut tx, clock, entropy, &sending).await?;
            }
        }
    }
    Ok(tx.commit().await?)
}
