//! The ledger as the staff sees and handles it: without a single address.

use calendar::{Clock, Instant};
use store::{Entropy, FromRow, Tx};

use super::queue::record;
use super::{Reason, State, attempt};
use crate::store::{attempt as tries, mailbox as mails, message as rows};
use crate::{PeopleError, Result, address, person};

/// A message in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Id.
    pub id: String,
    /// To whom.
    pub person: String,
    /// Which channel.
    pub channel: String,
    /// What for.
    pub purpose: String,
    /// Name of the template.
    pub template: String,
    /// Language code.
    pub lang: String,
    /// Kind of the record it is about.
    pub about_kind: String,
    /// Id of the record it is about.
    pub about_id: String,
    /// `Message-ID`, once an attempt was begun.
    pub message_id: Option<String>,
    /// What is known.
    pub state: State,
    /// Why it is held back.
    pub reason: Option<Reason>,
    /// Attempts begun.
    pub attempts: i64,
    /// The last reply code.
    pub last_code: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Instant,
    /// When the next server took it.
    pub sent_at: Option<Instant>,
    /// When it is tried next.
    pub next_at: Option<Instant>,
}

/// An attempt in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Tried {
    /// Its number, from 1.
    pub n: i64,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Where it was cut off.
    pub stage: Option<String>,
    /// `accepted`, `refused`, `deferred` or `unknown`; none while it is under way.
    pub outcome: Option<String>,
    /// Reply code.
    pub code: Option<String>,
    /// What the server said, without addresses.
    pub detail: Option<String>,
}

/// Which messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// In this state.
    pub state: Option<State>,
    /// To this person.
    pub person: Option<&'a str>,
    /// For this purpose.
    pub purpose: Option<&'a str>,
    /// About the record of this kind and id.
    pub about: Option<(&'a str, &'a str)>,
}

/// Which part of them; the newest first.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Those older than the message with this id; ids sort by time.
    pub before: Option<&'a str>,
    /// How many.
    pub limit: i64,
}

/// What is to become of a message in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Send it again, at the risk that it comes twice.
    Resend,
    /// Let it count as sent, at the risk that it never came.
    CountAsSent,
}

/// Messages, newest first.
pub async fn list(tx: &mut Tx, filter: Filter<'_>, page: Page<'_>) -> Result<Vec<Entry>> {
    rows::list(tx, &filter, &page).await?.into_iter().map(entry).collect()
}

/// One message.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Entry> {
    entry(rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?)
}

/// Its attempts, first to last.
pub async fn attempts(tx: &mut Tx, id: &str) -> Result<Vec<Tried>> {
    Ok(tries::of_message(tx, id).await?)
}

/// How many messages are in each state that occurs.
pub async fn counts(tx: &mut Tx) -> Result<Vec<(State, i64)>> {
    let counted = rows::counts(tx).await?;
    counted.into_iter().map(|(code, n)| Ok((State::from_code(&code).ok_or(PeopleError::State)?, n))).collect()
}

fn entry(row: rows::Row) -> Result<Entry> {
    Ok(Entry {
        state: State::from_code(&row.state).ok_or(PeopleError::State)?,
        reason: row.reason.as_deref().and_then(Reason::from_code),
        id: row.id,
        person: row.person,
        channel: row.channel,
        purpose: row.purpose,
        template: row.template,
        lang: row.lang,
        about_kind: row.about_kind,
        about_id: row.about_id,
        message_id: row.message_id,
        attempts: row.attempts,
        last_code: row.last_code,
        last_error: row.last_error,
        created_at: row.created_at,
        sent_at: row.sent_at,
        next_at: row.next_at,
    })
}

/// A report came back about a message (RFC 3464); `message_id` with or without angle brackets, `status`
/// such as `5.1.1` (RFC 3463). For good (5.x.x), the message is bounced and its address no longer used;
/// otherwise only the status is noted. Returns the message's id, or `None` for a message that is not ours.
pub async fn bounced(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    message_id: &str,
    status: &str,
    detail: &str,
) -> Result<Option<String>> {
    let bare = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let Some(found) = rows::with_message_id(tx, &format!("<{bare}>")).await? else { return Ok(None) };
    // The person first and then the message, as an erasure does.
    person::held_or_erased(tx, &found.person).await?;
    let row = rows::lock(tx, &found.id).await?.ok_or(PeopleError::NotFound)?;
    let status = attempt::without_addresses(tx, row.address.as_deref(), status).await?;
    let detail = attempt::without_addresses(tx, row.address.as_deref(), detail).await?;
    let came_back = matches!(State::from_code(&row.state), Some(State::Sent | State::InDoubt | State::Sending));
    if !status.starts_with('5') || !came_back {
        rows::note(tx, &row.id, &status, &detail).await?;
        return Ok(Some(row.id));
    }
    rows::settle(tx, &row.id, State::Bounced.code(), Some(&status), Some(&detail), None).await?;
    record(tx, clock, actor, "message.bounce", &row.id).await?;
    if let Some(id) = &row.address {
        match address::bounce(tx, clock, actor, id).await {
            // Withdrawn with its person meanwhile.
            Ok(()) | Err(PeopleError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(row.id))
}

/// Decides about a message in doubt. Fails with [`PeopleError::State`] if it is not.
pub async fn resolve(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    id: &str,
    resolution: Resolution,
) -> Result<()> {
    let now = clock.now();
    let done = match resolution {
        Resolution::Resend => rows::resend(tx, id, now).await?,
        Resolution::CountAsSent => rows::count_as_sent(tx, id, now).await?,
    };
    if !done {
        return Err(missing_or_state(tx, id).await?);
    }
    let action = match resolution {
        Resolution::Resend => "message.resend",
        Resolution::CountAsSent => "message.count_as_sent",
    };
    record(tx, clock, actor, action, id).await?;
    if resolution == Resolution::Resend {
        attempt::enqueue(tx, clock, entropy, id, now).await?;
    }
    Ok(())
}

/// Stops a waiting message. Fails with [`PeopleError::State`] if it is not waiting.
pub async fn cancel(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<()> {
    if !rows::cancel(tx, id).await? {
        return Err(missing_or_state(tx, id).await?);
    }
    record(tx, clock, actor, "message.cancel", id).await
}

async fn missing_or_state(tx: &mut Tx, id: &str) -> Result<PeopleError> {
    Ok(if rows::get(tx, id).await?.is_some() { PeopleError::State } else { PeopleError::NotFound })
}

/// Removes what was said (the fields of the template, and mails in the mailbox in the house) from messages
/// that were settled before an instant; the rest of the ledger stays. Returns how many.
pub async fn retire(tx: &mut Tx, before: Instant) -> Result<u64> {
    mails::sweep(tx, before).await?;
    Ok(rows::retire(tx, before).await?)
}
