//! The contact centre (ワンストップ コールセンター): one citizen's matter over any channels, from the first words
//! to the end, with a bot, operators and sections, and the figures of it.
//!
//! Invariants:
//! - a contact has exactly one accountable section at any time (`contact.section`);
//! - whatever happens is an event in an append-only log ([`event`]) in the transaction in which it happens, and
//!   every figure is computed from that log: no counter is ever incremented;
//! - messages of a contact have one order (`contact_message.seq`), taken under the lock of the contact's row; a
//!   message that a client sends twice is stored once (`client_id`);
//! - what is shown to citizens as an answer is what was checked and stored, never a stream of unchecked words.

pub mod answer_record;
pub mod attachment;
pub mod bot;
pub mod call_back;
pub mod channel;
pub mod citizen;
pub mod clarification;
pub mod clock;
pub mod contact;
pub mod control;
pub mod deliver;
pub mod event;
pub mod figures;
pub mod gate;
pub mod golden;
pub mod golden_run;
pub mod incident;
pub mod link;
pub mod live;
pub mod macro_text;
pub mod message;
pub mod minute;
pub mod operator;
pub mod presence;
pub mod queue;
pub mod recall;
pub mod rephrase;
pub mod retention;
pub mod staff;
pub mod staffing;
mod store;
mod thought;

pub use crate::store::typing::since as typing_since;

pub use channel::{Author, Channel, MessageKind, State};
pub use contact::{Contact, Receipt};
pub use event::EventKind;
pub use gate::Gates;
pub use live::Live;
pub use message::{Content, Message, NewMessage};
pub use thought::Thought;

/// The topic of `store::changes` that goes up with whatever happens to a contact.
pub const CHANGE_TOPIC: &str = "contact";

/// Longest message of a citizen or of the staff, in characters.
pub const MAX_BODY: usize = 4_000;

/// What can go wrong in the contact centre.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// The city.
    #[error(transparent)]
    City(#[from] city::CityError),
    /// Accounts and policy.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// Persons and addresses.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// The city's knowledge.
    #[error(transparent)]
    Knowledge(#[from] knowledge::KnowledgeError),
    /// What a citizen sent cannot be taken.
    #[error("{0:?}")]
    Invalid(Invalid),
    /// A file that cannot be taken, of a citizen or of the staff.
    #[error("{0:?}")]
    File(attachment::Refused),
    /// A form of the staff's that cannot be taken; the field and a sentence in Japanese.
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
    /// The principal may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else changed the contact since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// The link that led here lived shortly and ran out.
    #[error("the link ran out")]
    Expired,
    /// There is no such contact, or the key is wrong; the same answer for both.
    #[error("not found")]
    NotFound,
}

/// Why something of a citizen's cannot be taken; `web` has a sentence for each in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Nothing was written.
    Empty,
    /// Too long; the limit in characters.
    TooLong(usize),
    /// The form did not come from our page.
    Form,
    /// The conversation is closed, and long ago.
    Closed,
    /// No number of a telephone.
    Phone,
    /// No such time window.
    Window,
}

pub(crate) fn field(field: &'static str, reason: impl Into<String>) -> ContactError {
    ContactError::Field { field, reason: reason.into() }
}
