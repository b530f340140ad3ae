//! Who may do what: accounts, roles, sessions and policy; and the patterns that every service shares
//! (changes that need two persons, inquiries to sections).
//!
//! Invariants:
//! - what a role may do stands in one table ([`policy::TABLE`]) and nowhere else;
//! - a role in a section holds only on days on which the account is assigned to that section;
//! - nobody decides on what they asked for themselves.

pub mod account;
pub mod founding;
pub mod inquiry;
pub mod password;
pub mod policy;
mod principal;
pub mod sign_in;
pub mod store;
pub mod telling;
pub mod totp;
pub mod two_person;

pub use policy::{Action, Role, Scope};
pub use principal::Principal;

/// What can go wrong with accounts and access.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// The city.
    #[error(transparent)]
    City(#[from] city::CityError),
    /// Persons and messages.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// There is no such record.
    #[error("not found")]
    NotFound,
    /// The principal may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else changed the record since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// A form that cannot be taken; the field and a sentence in Japanese for the person who sent it.
    #[error("{field}: {reason}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// Result of an operation on accounts and access.
pub type Result<T, E = AccessError> = std::result::Result<T, E>;
