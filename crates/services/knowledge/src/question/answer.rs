//! Questions get answers: from a section, or from an article that was written for them.

use access::{Action, Principal};
use calendar::{Clock, Instant};
use city::Organisation;
use store::audit::{self, Event};
use store::{Db, Entropy, FromRow, Tx, changes, ids};

use super::{clean, contact, open};
use crate::board::CHANGE_TOPIC;
use crate::store::question as questions;
use crate::store::question_answer::{self as rows, Open};
use crate::{Invalid, KnowledgeError, Library};

pub use crate::store::question_answer::{answers, reopening};

/// Longest answer, in characters.
pub const MAX_ANSWER: usize = 4_000;
/// Longest remark to the next section, and longest words of a reopening, in characters.
pub const MAX_REMARK: usize = 1_000;

/// An answer that a section writes.
#[derive(Clone, Copy, Debug)]
pub struct NewAnswer<'a> {
    /// Id of the question.
    pub question: &'a str,
    /// The answer, Markdown; may be empty if an article answers.
    pub text: &'a str,
    /// Code of a public article that answers it.
    pub article: Option<&'a str>,
}

/// An answer as the citizen sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Answer {
    /// Id.
    pub id: String,
    /// The answer, Markdown.
    pub body: Option<String>,
    /// Code of the article that answers.
    pub article: Option<String>,
    /// Code of the section that answered.
    pub section: String,
    /// Whether the citizen says that it helped.
    pub helped: Option<bool>,
    /// When it was given.
    pub at: Instant,
}

/// The citizen says that the matter is not solved yet; once per question.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Reopening {
    /// What is missing; empty once the question is withdrawn.
    pub words: String,
    /// When.
    pub at: Instant,
}

fn field(field: &'static str, reason: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Field { field, reason: reason.into() }
}

/// The question, if it is open and the principal may answer it; with the section that has it today.
async fn may_answer(
    tx: &mut Tx,
    clock: &dyn Clock,
    organisation: &Organisation,
    by: &Principal,
    question: &str,
) -> Result<(Open, String), KnowledgeError> {
    let found = rows::open(tx, question).await?.ok_or(KnowledgeError::NotFound)?;
    let code = found.section.as_deref().unwrap_or(&organisation.profile.phone_section);
    let section = organisation.section(code, clock.now().jst_date()).map_or(code, |s| s.code.as_str()).to_owned();
    if !by.may_in(Action::QuestionAnswer, &section) {
        return Err(KnowledgeError::Forbidden);
    }
    if !found.is_open() {
        return Err(KnowledgeError::Changed);
    }
    Ok((found, section))
}

/// Answers an open question with a text, an article or both. Fails with [`KnowledgeError::Changed`] if somebody
/// was faster or the citizen took the question back.
pub async fn answer(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    library: &Library,
    organisation: &Organisation,
    by: &Principal,
    new: NewAnswer<'_>,
) -> Result<(), KnowledgeError> {
    let text = clean(new.text);
    let article = new.article.map(str::trim).filter(|code| !code.is_empty());
    if text.is_empty() && article.is_none() {
        return Err(field("text", "答えの文章を書くか、答えになるFAQを選んでください。"));
    }
    let length = text.chars().count();
    if length > MAX_ANSWER {
        let reason = format!("答えが長すぎます。{MAX_ANSWER}文字までにしてください（いま{length}文字です）。");
        return Err(field("text", reason));
    }
    let today = clock.now().jst_date();
    if let Some(code) = article
        && !library.snapshot().by_code(code).is_some_and(|a| a.is_public(today))
    {
        return Err(field("article", "このFAQは公開されていません。公開中のFAQを選んでください。"));
    }
    let mut tx = db.write().await?;
    let (question, section) = may_answer(&mut tx, clock, organisation, by, new.question).await?;
    let body = Some(text).filter(|t| !t.is_empty());
    let given = Given { body: body.as_deref(), article, section: &section, actor: &by.actor() };
    if !give(&mut tx, clock, entropy, &question, given).await? {
        return Err(KnowledgeError::Changed);
    }
    tx.commit().await?;
    Ok(())
}

/// The questions for which an article was written are answered by it, in the transaction that publishes it.
/// Questions that are closed or gone are left out; returns the numbers of those that were answered.
pub async fn answered_by_article(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    questions: &[String],
    article: &str,
    section: &str,
    actor: &str,
) -> Result<Vec<String>, KnowledgeError> {
    let mut answered = Vec::new();
    for id in questions {
        let Some(question) = rows::open(tx, id).await?.filter(Open::is_open) else { continue };
        let given = Given { body: None, article: Some(article), section, actor };
        if give(tx, clock, entropy, &question, given).await? {
            answered.push(question.number);
        }
    }
    Ok(answered)
}

/// An answer on its way.
struct Given<'a> {
    body: Option<&'a str>,
    article: Option<&'a str>,
    section: &'a str,
    actor: &'a str,
}

/// Writes an answer with everything that follows; `false` if the question is no longer open.
async fn give(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    question: &Open,
    given: Given<'_>,
) -> Result<bool, KnowledgeError> {
    let now = clock.now();
    if !rows::set_answered(tx, &question.id, given.section, now).await? {
        return Ok(false);
    }
    let id = ids::new_id(clock, entropy);
    let row = rows::NewAnswer {
        id: &id,
        question: &question.id,
        body: given.body,
        article: given.article,
        section: given.section,
        actor: given.actor,
        at: now,
    };
    rows::insert(tx, row).await?;
    let event = ids::new_id(clock, entropy);
    questions::insert_event(tx, &event, &question.id, "answered", Some(given.section), now).await?;
    contact::tell(tx, clock, entropy, given.actor, question, &id).await?;
    tell_audit(tx, clock, given.actor, "question.answer", &question.id, &["state", "section", "answer"]).await?;
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(true)
}

/// Hands an open question to another section, with a remark for it.
#[allow(clippy::too_many_arguments)]
pub async fn hand_over(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    by: &Principal,
    question: &str,
    section: &str,
    remark: &str,
) -> Result<(), KnowledgeError> {
    let remark = clean(remark);
    let length = remark.chars().count();
    if length > MAX_REMARK {
        let reason = format!("申し送りが長すぎます。{MAX_REMARK}文字までにしてください（いま{length}文字です）。");
        return Err(field("remark", reason));
    }
    if remark.is_empty() {
        return Err(field("remark", "引き継ぐ理由を書いてください。受け取る課が見ます。"));
    }
    let to = organisation
        .section(section, clock.now().jst_date())
        .ok_or_else(|| field("section", "この課は今ありません。一覧から選んでください。"))?;
    let mut tx = db.write().await?;
    let (found, from) = may_answer(&mut tx, clock, organisation, by, question).await?;
    if to.code == from {
        return Err(field("section", "この質問はすでにこの課にあります。別の課を選んでください。"));
    }
    let (now, actor) = (clock.now(), by.actor());
    if !rows::set_section(&mut tx, &found.id, &to.code, now).await? {
        return Err(KnowledgeError::Changed);
    }
    let id = ids::new_id(clock, entropy);
    let row = rows::NewHandover {
        id: &id,
        question: &found.id,
        from: &from,
        to: &to.code,
        remark: &remark,
        actor: &actor,
        at: now,
    };
    rows::insert_handover(&mut tx, row).await?;
    let event = ids::new_id(clock, entropy);
    questions::insert_event(&mut tx, &event, &found.id, "assigned", Some(&to.code), now).await?;
    tell_audit(&mut tx, clock, &actor, "question.hand_over", &found.id, &["section"]).await?;
    changes::bump(&mut tx, CHANGE_TOPIC).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell_audit(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    action: &str,
    question: &str,
    fields: &[&str],
) -> Result<(), KnowledgeError> {
    let event = Event { actor, action, object_kind: "question", object: question, fields };
    Ok(audit::record(tx, clock, event).await?)
}

/// The citizen says that the newest answer helped.
pub async fn helped(db: &Db, number: &str, key: &str) -> Result<(), KnowledgeError> {
    let mut tx = db.write().await?;
    let (question, _) = open(&mut tx, number, key).await?;
    if question.state == "answered" {
        rows::set_helped(&mut tx, &question.id, true).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The citizen says that the matter is not solved: the question goes back to the section that answered, with
/// words that must not be empty. Once per question; a second time is [`KnowledgeError::Changed`].
pub async fn reopen(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    number: &str,
    key: &str,
    words: &str,
) -> Result<(), KnowledgeError> {
    let words = clean(words);
    let mut tx = db.write().await?;
    let (question, _) = open(&mut tx, number, key).await?;
    if question.state != "answered" || reopening(&mut tx, &question.id).await?.is_some() {
        return Err(KnowledgeError::Changed);
    }
    if words.is_empty() {
        return Err(KnowledgeError::Invalid(Invalid::Empty));
    }
    if words.chars().count() > MAX_REMARK {
        return Err(KnowledgeError::Invalid(Invalid::TooLong(MAX_REMARK)));
    }
    let now = clock.now();
    if !rows::insert_reopening(&mut tx, &question.id, &words, now).await? {
        return Err(KnowledgeError::Changed);
    }
    rows::set_helped(&mut tx, &question.id, false).await?;
    rows::set_reopened(&mut tx, &question.id, now).await?;
    let event = ids::new_id(clock, entropy);
    questions::insert_event(&mut tx, &event, &question.id, "assigned", question.section.as_deref(), now).await?;
    changes::bump(&mut tx, CHANGE_TOPIC).await?;
    tx.commit().await?;
    Ok(())
}
