//! Mail: SMTP, its ledger of attempts, bounces, templates, and the mailbox that stands in for a server.
//!
//! Invariants:
//! - after every attempt the ledger says what is known: accepted, refused, deferred or in doubt;
//! - what is in doubt is never sent again by itself;
//! - no address stands in a log, a job or a detail;
//! - a mail to a citizen tells nothing but who writes, a number and a link.

pub mod bounce;
pub mod mailbox;
pub mod mime;
mod post;
mod scrub;
pub mod smtp;
pub mod template;

pub use post::{NOT_SET_UP, Post, check, send, text};
pub use scrub::scrub;

/// What can go wrong with mail. No message holds an address.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender of the configuration.
    #[error("from_address of [city.mail] is no address of mail")]
    Sender,
    /// The recipient.
    #[error("the recipient's address is no address of mail")]
    Recipient,
    /// The message could not be written.
    #[error("the message cannot be written: {0}")]
    Message(String),
    /// The text.
    #[error(transparent)]
    Template(#[from] template::TemplateError),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The ledger.
    #[error(transparent)]
    People(#[from] people::PeopleError),
}
