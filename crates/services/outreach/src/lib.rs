//! What the city sends to many at once: who gets it, what is planned and approved, and what became of each delivery.
//!
//! Invariants:
//! - nobody is sent what they did not choose ([`subscription`]); the one exception is an urgent send about disasters,
//!   which whoever declined it does not get either;
//! - one person writes, another approves, and what was approved is what is sent: a change makes it a draft again;
//! - that a batch may have been accepted is stored **before** it is handed to the channel, with the key under which
//!   the channel knows it again: whatever happens in between, nobody gets it twice ([`dispatch`]);
//! - where it cannot be known whether a batch was accepted, a person decides; it is never sent again by itself;
//! - every figure is counted from the rows of deliveries, batches and events ([`ledger`]); no counter is incremented.

mod address;
pub mod approval;
pub mod batch;
mod code;
pub mod control;
pub mod course;
pub mod dispatch;
pub mod event;
pub mod ledger;
pub mod plan;
pub mod planning;
pub mod quiet;
pub mod recipient;
pub mod retention;
pub mod sending;
mod store;
pub mod subscription;
pub mod transport;

pub use address::Address;
pub use event::EventKind;
pub use plan::{Pace, Plan, Quota};
pub use quiet::Quiet;
pub use recipient::{Channel, Recipient};
pub use sending::Sending;
pub use subscription::Choices;
pub use transport::{Outcome, Outgoing, Pending, Transport};

/// The topic of `store::changes` that goes up with whatever happens to a send.
pub const CHANGE_TOPIC: &str = "outreach";

/// The topic of the catalogue whose urgent sends reach everybody who did not decline them.
pub const DISASTER: &str = "disaster";

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum OutreachError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// Persons.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// A form that cannot be taken; the field and a sentence in Japanese.
    #[error("{field}: {reason}")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// It cannot be done now; a sentence in Japanese that says why and what to do.
    #[error("{0}")]
    Rule(String),
    /// Somebody else changed the send since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// There is no such record.
    #[error("not found")]
    NotFound,
}

/// Result of an operation of this crate.
pub type Result<T, E = OutreachError> = std::result::Result<T, E>;

pub(crate) fn field(field: &'static str, reason: impl Into<String>) -> OutreachError {
    OutreachError::Field { field, reason: reason.into() }
}

pub(crate) fn rule(sentence: impl Into<String>) -> OutreachError {
    OutreachError::Rule(sentence.into())
}
