//! The city's account on LINE: what people send becomes contacts, what the city says becomes LINE's messages.
//!
//! Between two floors: `line` speaks the wire, `contact` and `outreach` know the rules. Here one is said in the words
//! of the other.
//!
//! Invariants:
//! - LINE is answered only after its events are stored ([`inbox`]); each event is carried out once, those of a user in
//!   the order in which they happened, however often and in whatever order LINE tells them ([`event`]);
//! - what is to be said is written before it is said, with its retry key ([`deliver`]);
//! - what is personal is never said on LINE: a notice and a link that lives shortly are ([`say`]).

pub mod account;
pub mod call;
pub mod daily;
pub mod deliver;
pub mod event;
pub mod inbox;
pub mod link;
pub mod menu;
pub mod notice;
pub mod postback;
pub mod say;
pub mod sending;
mod store;
pub mod talk;

pub use account::{Account, House};

/// What can go wrong with the account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// A contact.
    #[error(transparent)]
    Contact(#[from] contact::ContactError),
    /// A recipient.
    #[error(transparent)]
    Outreach(#[from] outreach::OutreachError),
    /// Persons.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// LINE did not do what was asked, and it is to be tried again.
    #[error(transparent)]
    Line(#[from] line::Failure),
    /// It is to be tried again after so long.
    #[error("to be tried again in {} ms", .0.as_millis())]
    Later(std::time::Duration),
    /// It cannot be done; a sentence in Japanese that says why and what to do.
    #[error("{0}")]
    Rule(String),
    /// There is no such thing.
    #[error("not found")]
    NotFound,
}
