//! A 原稿: an article on the desk, before it is published.
//!
//! `writing` → `submitted` → `published`, or back by `returned`; `discarded` can be undone on the same day.
//!
//! Invariants:
//! - an article has at most one open 原稿: a second person who opens it writes in the same one;
//! - nothing that somebody typed is lost: what cannot be saved is kept for the writer ([`Rescue`]);
//! - nobody approves what they wrote in, and nothing is published over a version that the writer has not seen.
//!
//! A 原稿 may be read and written by those who may in the section that it is meant for, or in the one it
//! comes from (`home`): an article can be handed to another section without losing it from sight.

mod decide;
mod edit;
mod tell;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use access::Action;
use calendar::Instant;
use city::Lang;
use store::{FromRow, Tx};

pub(crate) use decide::required;
pub use decide::{
    ApproveOutcome, Published, approve, comment, discard, problems, rebase, send_back, submit, take_back, undo_discard,
};
pub(crate) use edit::place;
pub use edit::{Changes, Opening, SaveOutcome, discard_rescue, merge_rescue, open, save};
pub use tell::{tell_returned, tell_submitted};

use crate::desk::Desk;
use crate::revision::Kind;
use crate::store::draft as rows;
use crate::{Content, KnowledgeError};

/// How long after the last sign somebody counts as present.
const PRESENT_FOR: Duration = Duration::from_secs(30);

/// Where a 原稿 stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Being written.
    Writing,
    /// Waits for another person's approval.
    Submitted,
    /// Came back with a remark.
    Returned,
    /// Published.
    Published,
    /// Thrown away.
    Discarded,
}

impl State {
    const ALL: [State; 5] = [State::Writing, State::Submitted, State::Returned, State::Published, State::Discarded];

    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            State::Writing => "writing",
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Published => "published",
            State::Discarded => "discarded",
        }
    }

    /// The state with a code.
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Writing => "作成中",
            State::Submitted => "承認待ち",
            State::Returned => "差戻し",
            State::Published => "公開済み",
            State::Discarded => "破棄",
        }
    }

    /// Whether it can be written in.
    pub const fn is_writable(self) -> bool {
        matches!(self, State::Writing | State::Returned)
    }
}

/// A 原稿.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Id.
    pub id: String,
    /// Id of the article; none for a new one until it is published.
    pub article: Option<String>,
    /// Code of the article; can be changed until it is first published.
    pub code: String,
    /// The version that the writer started from; 0 for a new article.
    pub base_version: i64,
    /// Code of the section from which it comes.
    pub home: String,
    /// The kind of version that it becomes.
    pub purpose: Kind,
    /// What it says; its section is the one that is to answer for it.
    pub content: Content,
    /// State.
    pub state: State,
    /// Account that opened it.
    pub author: String,
    /// Account that asked for approval.
    pub submitted_by: Option<String>,
    /// Goes up with every save.
    pub edit: i64,
    /// Why it is changed, for those who read the versions later.
    pub note: String,
    /// When it was opened.
    pub created_at: Instant,
    /// When it was saved or moved last.
    pub updated_at: Instant,
    /// Account that saved it last.
    pub updated_by: String,
    /// When it was published or discarded.
    pub closed_at: Option<Instant>,
}

/// An open 原稿 in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftHead {
    /// Id.
    pub id: String,
    /// Id of its article.
    pub article: Option<String>,
    /// Code.
    pub code: String,
    /// Code of the section from which it comes.
    pub home: String,
    /// Code of the section that is to answer for it.
    pub section: String,
    /// Its question in Japanese.
    pub question: String,
    /// State.
    pub state: State,
    /// Account that opened it.
    pub author: String,
    /// When it was touched last.
    pub updated_at: Instant,
    /// Account that saved it last.
    pub updated_by: String,
}

/// A step of a 原稿.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Event {
    /// Its place, from 1.
    pub n: i64,
    /// `made`, `submitted`, `taken-back`, `returned`, `rebased`, `approved`, `discarded`, `reopened`, `comment`.
    pub kind: String,
    /// Account.
    pub account: String,
    /// What was said with it.
    pub remark: Option<String>,
    /// When.
    pub at: Instant,
}

/// What somebody wrote that could not be saved because another had saved meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescue {
    /// Id.
    pub id: String,
    /// The 原稿.
    pub draft: String,
    /// Whose it is.
    pub account: String,
    /// The edit that had been read.
    pub edit: i64,
    /// What was written.
    pub content: Content,
    /// When.
    pub at: Instant,
}

/// Somebody who has a 原稿 open.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Present {
    /// Account.
    pub account: String,
    /// Last sign.
    pub seen_at: Instant,
}

/// Something that keeps a 原稿 from being submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Name of the field in the form.
    pub field: &'static str,
    /// Its language, if it is a text.
    pub lang: Option<Lang>,
    /// What is wrong and what to do, in Japanese.
    pub reason: String,
}

impl Desk<'_> {
    /// Whether the principal may do something with a 原稿: in either of its sections.
    pub fn may_with(&self, action: Action, draft: &Draft) -> bool {
        self.may(action, &draft.home) || self.may(action, &draft.content.section)
    }

    fn require_with(&self, action: Action, draft: &Draft) -> Result<(), KnowledgeError> {
        if self.may_with(action, draft) { Ok(()) } else { Err(KnowledgeError::Forbidden) }
    }
}

/// A 原稿, for those who may read it.
pub async fn get(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Draft, KnowledgeError> {
    let draft = rows::get(tx, id).await?.ok_or(KnowledgeError::NotFound)?;
    desk.require_with(Action::ArticleRead, &draft)?;
    Ok(draft)
}

/// The row of a 原稿, held until the transaction ends, if the principal may do `action` with it.
async fn hold(tx: &mut Tx, desk: &Desk<'_>, id: &str, action: Action) -> Result<Draft, KnowledgeError> {
    let draft = rows::lock(tx, id).await?.ok_or(KnowledgeError::NotFound)?;
    desk.require_with(action, &draft)?;
    Ok(draft)
}

/// The steps of a 原稿, oldest first.
pub async fn events(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<Event>, KnowledgeError> {
    get(tx, desk, id).await?;
    Ok(rows::events(tx, id).await?)
}

/// Accounts that wrote in a 原稿: these cannot approve it.
pub async fn editors(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<String>, KnowledgeError> {
    get(tx, desk, id).await?;
    Ok(rows::editors(tx, id).await?)
}

/// Ids of the 原稿 in which the principal wrote: these the principal cannot approve.
pub async fn written_in(tx: &mut Tx, desk: &Desk<'_>) -> Result<HashSet<String>, KnowledgeError> {
    Ok(rows::written_by(tx, &desk.who.account).await?.into_iter().collect())
}

/// Ids of the left questions that a 原稿 answers.
pub async fn sources(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<String>, KnowledgeError> {
    get(tx, desk, id).await?;
    Ok(rows::sources(tx, id).await?)
}

/// The open 原稿 of each left question (by id) that one will answer, as far as the principal may read them.
pub async fn of_questions(tx: &mut Tx, desk: &Desk<'_>) -> Result<HashMap<String, String>, KnowledgeError> {
    let visible: HashSet<String> = desk.visible(rows::heads(tx).await?).into_iter().map(|d| d.id).collect();
    Ok(rows::of_questions(tx).await?.into_iter().filter(|(_, draft)| visible.contains(draft)).collect())
}

/// The open 原稿 of an article by the article's id.
pub async fn of_article(tx: &mut Tx, desk: &Desk<'_>, article: &str) -> Result<Option<Draft>, KnowledgeError> {
    Ok(rows::open_of(tx, article).await?.filter(|d| desk.may_with(Action::ArticleRead, d)))
}

/// All open 原稿, for [`crate::desk::list`], which shows each only to those who may read it.
pub async fn heads(tx: &mut Tx) -> Result<Vec<DraftHead>, KnowledgeError> {
    Ok(rows::heads(tx).await?)
}

/// Notes that the principal has a 原稿 open, and tells who else has: those seen within 30 seconds.
/// No audit event: nothing is changed, and it is forgotten when the page is closed.
pub async fn heartbeat(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<Present>, KnowledgeError> {
    get(tx, desk, id).await?;
    rows::seen(tx, id, &desk.who.account, desk.now()).await?;
    others(tx, desk, id).await
}

/// Who else has a 原稿 open.
pub async fn others(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<Present>, KnowledgeError> {
    let mut present = rows::present(tx, id, desk.now().minus(PRESENT_FOR)).await?;
    present.retain(|p| p.account != desk.who.account);
    Ok(present)
}

/// Notes that the principal closed it.
pub async fn leave(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<(), KnowledgeError> {
    Ok(rows::gone(tx, id, &desk.who.account).await?)
}

/// What the principal wrote in a 原稿 and could not save, newest first.
pub async fn rescues(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Vec<Rescue>, KnowledgeError> {
    Ok(rows::rescues(tx, id, &desk.who.account).await?)
}
