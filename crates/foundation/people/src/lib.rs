//! Persons, households, how they can be reached, and everything that was sent to them.
//!
//! Invariants:
//! - an address, a place or a name leaves its type only through the policy ([`guarded::POLICY`]);
//! - in the database they stand sealed, under a key that is not there;
//! - whoever is under secrecy is reached at addresses marked safe, and nowhere else;
//! - a message is written to its ledger before it is sent, and an attempt whose end nobody saw is in doubt;
//! - an erasure outlives a restore.

pub mod address;
pub mod consent;
pub mod erasure;
pub mod guarded;
pub mod household;
pub mod mail_address;
pub mod merge;
pub mod message;
pub mod person;
pub mod phone_number;
pub mod place;
mod seal;
pub mod secrecy;
mod store;

pub use address::Channel;
pub use guarded::{ChannelAddress, PersonName, Purpose, Shown, Viewing, Whereabouts};

/// What can go wrong with persons and messages.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// There is no such record.
    #[error("not found")]
    NotFound,
    /// The person was erased; nothing can be added.
    #[error("the person was erased")]
    Erased,
    /// The record is not in a state in which this can be done.
    #[error("the record is not in a state for this")]
    State,
    /// A change that needs two persons was asked and decided by one.
    #[error("asked and decided by the same person")]
    SamePerson,
    /// A sealed value does not open: another house key, or somebody changed it.
    #[error("a sealed value does not open with this house key")]
    Sealed,
    /// A form that cannot be taken; the field and a sentence in Japanese for the person who sent it.
    #[error("{field}: {reason}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// Result of an operation on persons and messages.
pub type Result<T, E = PeopleError> = std::result::Result<T, E>;
