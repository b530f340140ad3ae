//! What is said to somebody who does not look at a page of ours is brought to them: for each message a job, written in
//! the message's transaction. The channel's own crate carries it out.

use calendar::Clock;
use serde::{Deserialize, Serialize};
use store::jobs::{self, NewJob};
use store::{Entropy, Tx};

use crate::channel::{Author, Channel, MessageKind};
use crate::contact::Contact;
use crate::{ContactError, NewMessage};

/// Kind of the job.
pub const JOB: &str = "contact.deliver";
/// Its lanes: all messages of a contact go through one of them, one after the other, and a slow one keeps few waiting.
pub const LANES: [&str; 4] = ["line-talk-0", "line-talk-1", "line-talk-2", "line-talk-3"];
/// Attempts of a job; what becomes of the message itself is decided by its channel.
const ATTEMPTS: i64 = 20;

/// What the job needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Id of the contact.
    pub contact: String,
    /// Place of the message: everything up to it is to be said.
    pub seq: i64,
}

/// Whether a message must be brought to the citizen: on LINE, whatever the citizen is told.
pub(crate) fn is_wanted(contact: &Contact, new: &NewMessage<'_>) -> bool {
    contact.channel == Channel::Line && new.author != Author::Citizen && new.kind != MessageKind::Note
}

/// The lane of a contact.
pub fn lane(contact: &str) -> &'static str {
    let sum = contact.bytes().fold(0usize, |sum, byte| sum.wrapping_add(usize::from(byte)));
    LANES[sum % LANES.len()]
}

/// Writes the job that brings a contact's messages, up to a place, to the citizen; not before `after` from now.
pub async fn enqueue(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    payload: &Payload,
    after: std::time::Duration,
) -> Result<(), ContactError> {
    let text = serde_json::to_string(payload).map_err(|e| ContactError::Rule(e.to_string()))?;
    let mut job = NewJob::new(lane(&payload.contact), JOB, text, clock.now().plus(after));
    job.max_attempts = ATTEMPTS;
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}
