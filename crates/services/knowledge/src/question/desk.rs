//! Left questions as the staff see them.

use calendar::{Date, Instant};
use city::Organisation;
use store::{FromRow, Tx};

use crate::KnowledgeError;
use crate::store::question_answer as rows;

pub use crate::store::question_answer::{handovers, one};

/// A question in a list. The mail address is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Listed {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Code of the language of the page on which it was left.
    pub lang: String,
    /// What was asked in the question box.
    pub asked: String,
    /// What the citizen wrote; empty once withdrawn.
    pub body: String,
    /// `received`, `assigned`, `answered` or `withdrawn`.
    pub state: String,
    /// Code of the section that has it, as it was called when it got it.
    pub section: Option<String>,
    /// When it came.
    pub created_at: Instant,
    /// When something last happened to it.
    pub updated_at: Instant,
    /// How often it was handed from section to section (たらい回し).
    pub hops: i64,
    /// Whether the citizen said that an answer did not solve it.
    pub reopened: bool,
    /// Whether the answer goes out by mail as well.
    pub by_mail: bool,
}

/// One step from section to section.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Handover {
    /// Code of the section that had it.
    pub from_section: String,
    /// Code of the section that got it.
    pub to_section: String,
    /// What the one says to the other; empty once the question is withdrawn.
    pub remark: String,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: Instant,
}

/// Which questions to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Codes of sections of today; `None` for all. Questions without a section belong to the one that answers
    /// the main telephone.
    pub sections: Option<Vec<String>>,
    /// States; empty for all.
    pub states: Vec<String>,
    /// Only those that came before.
    pub before: Option<Instant>,
    /// How many to pass over.
    pub offset: i64,
    /// How many to return.
    pub limit: i64,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The questions, the oldest first.
    pub questions: Vec<Listed>,
    /// How many there are in all.
    pub total: i64,
}

/// Lists questions. A section that took over the tasks of another has its questions as well.
pub async fn list(
    tx: &mut Tx,
    organisation: &Organisation,
    today: Date,
    filter: &Filter,
) -> Result<Listing, KnowledgeError> {
    let mut codes = None;
    if let Some(wanted) = &filter.sections {
        let stored = rows::sections(tx).await?;
        let today_of =
            |code: &str| organisation.section(code, today).map_or_else(|| code.to_owned(), |s| s.code.clone());
        let main = today_of(&organisation.profile.phone_section);
        let found = stored.into_iter().filter(|code| wanted.contains(&today_of(code))).collect();
        codes = Some(rows::Codes { found, none: wanted.contains(&main) });
    }
    Ok(rows::list(tx, codes.as_ref(), filter).await?)
}
