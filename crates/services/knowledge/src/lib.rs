//! What the city knows: FAQ articles with structured facts, how they come in and go out, how a question
//! finds them, whether they helped, and what becomes of a question that found nothing.

mod article;
mod ask;
pub mod board;
mod check;
pub mod compare;
mod content;
pub mod daily;
pub mod desk;
pub mod draft;
pub mod embed;
pub mod eval;
pub mod export;
pub mod feedback;
mod field;
pub mod import;
mod library;
pub mod miss;
mod neutral;
pub mod question;
pub mod reading;
pub mod retention;
pub mod revision;
pub mod round;
pub mod setting;
pub mod store;
mod suggest;
pub mod thesaurus;
pub mod train;
pub mod upkeep;
mod vector_state;
pub mod wording;

pub use article::{Article, ArticleText, FactKind, Facts};
pub use ask::{Answer, Found, Outcome, Thresholds};
pub use content::Content;
pub use field::Field;
pub use library::{Library, Snapshot};
pub use people::mail_address::Wrong as WrongMail;
pub use suggest::Suggestion;
pub use vector_state::{VectorFault, VectorState};

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
    /// Persons and messages.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// A form of the staff's that cannot be taken; the field and a sentence in Japanese for whoever sent it.
    #[error("{field}: {reason}")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The principal may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else changed the record since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// There is no such thing, or the key is wrong; the same answer for both.
    #[error("not found")]
    NotFound,
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
    /// The mail address cannot be one.
    Mail(WrongMail),
    /// The form did not come from our page.
    Form,
}
