//! Batches: one call of a channel, with its key and what is known of it.

use calendar::Instant;
use city::Lang;
use store::{FromRow, Row, Tx};

use crate::code::{self, coded};
use crate::store::batch as rows;
use crate::{Quiet, Result};

coded! {
    /// What is known of a batch.
    BatchState {
        /// Nothing of it can have been accepted.
        Waiting = "waiting",
        /// It may have been accepted. Once it has ended, a person decides.
        Unsure = "unsure",
        /// The channel has it.
        Accepted = "accepted",
        /// The channel did not take it.
        Refused = "refused",
        /// It is not sent any more.
        Stopped = "stopped",
    }
}

coded! {
    /// How somebody in a batch stands to its send now.
    Standing {
        /// Gets it.
        Wanted = "wanted",
        /// Blocked the account or was erased since it was planned.
        Blocked = "blocked",
        /// Chose otherwise since then.
        Unwanted = "unwanted",
    }
}

/// A batch as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentBatch {
    /// Its number within the send, from 1.
    pub n: i64,
    /// Language of the text.
    pub lang: Lang,
    /// Quiet hours of its recipients.
    pub quiet: Quiet,
    /// How many recipients were planned.
    pub size: i64,
    /// The key under which the channel knows it again.
    pub retry_key: String,
    /// What is known of it.
    pub state: BatchState,
    /// Attempts so far.
    pub attempts: i64,
    /// By which the channel finds the call that it accepted.
    pub request_id: Option<String>,
    /// When the first attempt with its key began.
    pub first_attempt_at: Option<Instant>,
    /// Since when nothing is tried any more.
    pub ended_at: Option<Instant>,
    /// Why it ended, or what the channel said.
    pub reason: Option<String>,
}

impl SentBatch {
    /// Whether it may have been accepted and a person has to decide.
    pub fn needs_a_person(&self) -> bool {
        self.state == BatchState::Unsure && self.ended_at.is_some()
    }
}

impl FromRow for SentBatch {
    fn from_row(row: &Row) -> store::Result<Self> {
        Ok(SentBatch {
            n: row.get("n")?,
            lang: code::lang(row, "lang")?,
            quiet: Quiet { from: row.get("quiet_from")?, until: row.get("quiet_until")? },
            size: row.get("size")?,
            retry_key: row.get("retry_key")?,
            state: row.get("state")?,
            attempts: row.get("attempts")?,
            request_id: row.get("request_id")?,
            first_attempt_at: row.get("first_attempt_at")?,
            ended_at: row.get("ended_at")?,
            reason: row.get("reason")?,
        })
    }
}

/// The batches of a send after a number, in order.
pub async fn list(tx: &mut Tx, send: &str, after: i64, limit: i64) -> Result<Vec<SentBatch>> {
    Ok(rows::list(tx, send, after, limit).await?)
}

/// The batches about which a person has to decide.
pub async fn in_doubt(tx: &mut Tx, send: &str) -> Result<Vec<SentBatch>> {
    Ok(rows::in_doubt(tx, send).await?)
}
