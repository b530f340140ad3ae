//! The mailbox in the house: what a channel would have sent, where no server is there for it.
//!
//! It stands beside the ledger, so that what holds for a person holds here as well: the text is sealed, the
//! recipient comes out through the policy, and mails go with their person and by the rule of messages.

use calendar::{Clock, Instant};
use store::{Entropy, Tx, ids};

use super::{Attempt, Page};
use crate::guarded::ChannelAddress;
use crate::seal::{self, Column};
use crate::store::{mailbox as rows, message as messages};
use crate::{PeopleError, Result, person};

/// A mail that was sent into the mailbox.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Id.
    pub id: String,
    /// Id of the message in the ledger.
    pub message: String,
    /// Name and address of the city.
    pub sender: String,
    /// To which address; `Viewing::letter()` shows it as the person would read it, and nobody under secrecy.
    pub recipient: ChannelAddress,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// When.
    pub at: Instant,
    /// When somebody let it come back.
    pub bounced_at: Option<Instant>,
}

/// A mail to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewMail<'a> {
    /// Name and address of the city.
    pub sender: &'a str,
    /// To which address.
    pub recipient: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Text.
    pub body: &'a str,
}

/// Keeps a mail of an attempt, before the attempt is ended in the same transaction: the person is held first
/// and the message after them, as an erasure does. Of somebody who was erased meanwhile nothing is kept.
pub async fn keep(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    attempt: &Attempt,
    new: NewMail<'_>,
) -> Result<()> {
    let message = attempt.message();
    let owner = messages::get(tx, message).await?.ok_or(PeopleError::NotFound)?.person;
    if person::held_or_erased(tx, &owner).await?.erased_at.is_some() {
        return Ok(());
    }
    let id = ids::new_id(clock, entropy);
    let row = rows::New {
        id: &id,
        message,
        sender: new.sender,
        recipient_sealed: seal::seal(tx, entropy, Column::Recipient, &id, new.recipient)?,
        subject_sealed: seal::seal(tx, entropy, Column::Subject, &id, new.subject)?,
        body_sealed: seal::seal(tx, entropy, Column::Body, &id, new.body)?,
        now: clock.now(),
    };
    Ok(rows::insert(tx, row).await?)
}

/// Mails, newest first.
pub async fn list(tx: &mut Tx, page: Page<'_>) -> Result<Vec<Mail>> {
    let mut mails = Vec::new();
    for row in rows::list(tx, &page).await? {
        mails.push(read(tx, row).await?);
    }
    Ok(mails)
}

/// One mail.
pub async fn open(tx: &mut Tx, id: &str) -> Result<Option<Mail>> {
    match rows::get(tx, id).await? {
        Some(row) => Ok(Some(read(tx, row).await?)),
        None => Ok(None),
    }
}

/// Notes that a mail came back. Returns whether it had not come back before.
pub async fn came_back(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<bool> {
    Ok(rows::bounce(tx, id, clock.now()).await?)
}

async fn read(tx: &mut Tx, row: rows::Row) -> Result<Mail> {
    let owner = person::followed(tx, &row.person).await?;
    let recipient = seal::open(tx, Column::Recipient, &row.id, &row.recipient_sealed)?;
    Ok(Mail {
        recipient: ChannelAddress::new(recipient, owner.guard()),
        subject: seal::open(tx, Column::Subject, &row.id, &row.subject_sealed)?,
        body: seal::open(tx, Column::Body, &row.id, &row.body_sealed)?,
        message: row.message,
        sender: row.sender,
        at: row.at,
        bounced_at: row.bounced_at,
        id: row.id,
    })
}
