//! What the city knows: FAQ articles with structured facts, how they come in and go out, how a question
//! finds them, whether they helped, and what becomes of a question that found nothing.

mod article;
mod ask;
mod check;
pub mod compare;
mod content;
pub mod daily;
pub mod desk;
pub mod draft;
pub mod eval;
pub mod export;
pub mod feedback;
mod field;
pub mod import;
mod library;
pub mod question;
pub mod round;
pub mod revision;
pub mod store;
pub mod upkeep;

pub use article::{Article, ArticleText, FactKind, Facts};
pub use ask::{Answer, Found};
pub use content::Content;
pub use field::Field;
pub use library::{Library, Snapshot};

/// The topic of `store::changes` that goes up when an article changes.
pub const CHANGE_TOPIC: &str = "knowledge";

/// What can go wrong with the city's knowledge.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// The city.
    #[error(transparent)]
    City(#[from] city::CityError),
    /// Accounts, policy, inquiries.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// A file cannot be read or written.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// An import with errors; nothing was stored.
    #[error("{} error(s); nothing was stored", .0.count())]
    Refused(import::Problems),
    /// A form that cannot be taken as it is.
    #[error("{0:?}")]
    Invalid(Invalid),
    /// There is no such thing, or the key is wrong; the same answer for both.
    #[error("not found")]
    NotFound,
    /// The principal may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else changed the record since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// A form of the desk that cannot be taken as it is; each field with a sentence in Japanese.
    #[error("{} field(s) cannot be taken", .0.len())]
    Form(Vec<draft::FieldProblem>),
    /// It cannot be done now; a sentence in Japanese that says why and what to do.
    #[error("{0}")]
    Rule(String),
    /// Some of several articles cannot be changed, so none was.
    #[error("{} article(s) cannot be changed", .0.len())]
    Bulk(Vec<upkeep::Refusal>),
}

/// Why a citizen's form cannot be taken; `web` has a sentence for each in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Nothing was written.
    Empty,
    /// Too long; the limit in characters.
    TooLong(usize),
    /// The form did not come from our page.
    Form,
}
