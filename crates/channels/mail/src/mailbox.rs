//! The mailbox in the house: where mails go that no server is there for, when the configuration says
//! `simulators = true`. A page shows them as the people would get them.
//!
//! It holds addresses as they are, because a mailbox shows to whom a mail went: it is for cities that are
//! tried out, not for people.

use ::store::{FromRow, Tx};
use calendar::{Clock, Instant};
use people::message;

use crate::{MailError, store as rows};

/// What a mailbox answers to somebody who is not there (RFC 3463: bad destination mailbox address).
const NOBODY: &str = "5.1.1";

/// A mail that was sent to the mailbox in the house.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Mail {
    /// Id.
    pub id: String,
    /// Id of the message in the ledger.
    pub message: String,
    /// Name and address of the city.
    pub sender: String,
    /// To which address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// When.
    pub at: Instant,
    /// When somebody let it come back.
    pub bounced_at: Option<Instant>,
}

/// Which part of the mailbox; the newest first.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Those older than the mail with this id.
    pub before: Option<&'a str>,
    /// How many.
    pub limit: i64,
}

/// Mails, newest first.
pub async fn list(tx: &mut Tx, page: Page<'_>) -> Result<Vec<Mail>, MailError> {
    Ok(rows::list(tx, &page).await?)
}

/// One mail.
pub async fn open(tx: &mut Tx, id: &str) -> Result<Option<Mail>, MailError> {
    Ok(rows::get(tx, id).await?)
}

/// Lets a mail come back as if nobody had its address: the message is bounced, its address no longer used.
/// Returns whether it was there and had not come back before.
pub async fn bounce(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<bool, MailError> {
    let Some(mail) = rows::get(tx, id).await? else { return Ok(false) };
    if !rows::bounce(tx, id, clock.now()).await? {
        return Ok(false);
    }
    if let Some(message_id) = message::get(tx, &mail.message).await?.message_id {
        message::bounced(tx, clock, actor, &message_id, NOBODY, "550 5.1.1 no such mailbox").await?;
    }
    Ok(true)
}

/// Removes mails from before an instant. Returns how many.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64, MailError> {
    Ok(rows::sweep(tx, before).await?)
}
