//! What happened to a send. Rows are added and never changed; they hold ids and codes, never words of a notice and
//! never an address.

use calendar::{Clock, Instant};
use store::{Entropy, FromRow, Tx, audit, changes, ids};

use crate::code::coded;
use crate::{CHANGE_TOPIC, Result};

coded! {
    /// What happened.
    EventKind {
        /// Somebody wrote it.
        Drafted = "drafted",
        /// Somebody changed it; it is a draft again.
        Changed = "changed",
        /// Its recipients and batches were found (`value`: recipients).
        Planned = "planned",
        /// It was sent to the staff's own recipients (`value`: how many).
        Tested = "tested",
        /// Another person approved it.
        Approved = "approved",
        /// It was given back to its author (`reason`).
        Returned = "returned",
        /// Sending began.
        Started = "started",
        /// Sending was stopped for a while (`reason`).
        Paused = "paused",
        /// It went on.
        Resumed = "resumed",
        /// What was not sent is not sent any more (`reason`).
        Stopped = "stopped",
        /// The channel accepted a batch (`value`: recipients).
        BatchAccepted = "batch_accepted",
        /// The channel refused a batch (`reason`).
        BatchRefused = "batch_refused",
        /// It cannot be known whether a batch was accepted: a person decides.
        BatchInDoubt = "batch_in_doubt",
        /// A person decided about a batch (`reason`).
        BatchDecided = "batch_decided",
        /// It was compared with what the channel says (`value`: differences).
        Reconciled = "reconciled",
        /// Nothing is left to be sent.
        Done = "done",
    }
}

/// What an event tells beside its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// Number of a batch.
    pub batch: Option<i64>,
    /// A code, or a sentence of the staff.
    pub reason: Option<&'a str>,
    /// A number, as the kind says.
    pub value: Option<i64>,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Event {
    /// Id.
    pub id: String,
    /// Id of the send.
    pub send: String,
    /// Its place in the send's log, from 1; given when it is written.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: EventKind,
    /// Who: `account:ID` or `job:KIND`.
    pub actor: String,
    /// Number of a batch.
    pub batch: Option<i64>,
    /// A code, or a sentence of the staff.
    pub reason: Option<String>,
    /// A number.
    pub value: Option<i64>,
}

pub use crate::store::event::of;

/// Writes an event of a send whose row the transaction has locked. What the staff does is in the audit stream as well.
pub(crate) async fn log(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    send: &str,
    kind: EventKind,
    actor: &str,
    told: Told<'_>,
) -> Result<()> {
    let event = Event {
        id: ids::new_id(clock, entropy),
        send: send.to_owned(),
        seq: 0,
        at: clock.now(),
        kind,
        actor: actor.to_owned(),
        batch: told.batch,
        reason: told.reason.map(str::to_owned),
        value: told.value,
    };
    crate::store::event::insert(tx, &event).await?;
    if actor.starts_with("account:") {
        let action = format!("outreach.{}", kind.code());
        let object_kind = "outreach_send";
        audit::record(
            tx,
            clock,
            audit::Event { actor, action: &action, object_kind, object: send, fields: &[kind.code()] },
        )
        .await?;
    }
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(())
}
