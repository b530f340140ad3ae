//! Submitting a 原稿, and what another person decides.

use std::collections::HashSet;

use access::Action;
use store::{Entropy, Tx, ids};

use super::edit::{bring_in, not_writable};
use super::{Draft, FieldProblem, State, hold};
use crate::check::{self, Fault, Found};
use crate::desk::{Desk, Settings};
use crate::revision;
use crate::store::article::{self, Change};
use crate::store::draft as rows;
use crate::{Article, Field, KnowledgeError};

/// Longest remark, in characters.
const MAX_REMARK: usize = 2000;

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Id of the article.
    pub article: String,
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Ids of the left questions that it answers. The caller tells those who asked, in the same transaction.
    pub questions: Vec<String>,
}

/// What became of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApproveOutcome {
    /// It is published.
    Published(Published),
    /// The article was changed since the 原稿 was opened. It went back to its writer, who looks at both
    /// ([`rebase`]).
    Stale {
        /// The version that is published now.
        published: i64,
    },
}

/// What keeps a 原稿 from being submitted, by the rules of the import. Empty if nothing does.
pub async fn problems(tx: &mut Tx, desk: &Desk<'_>, draft: &Draft) -> Result<Vec<FieldProblem>, KnowledgeError> {
    let today = desk.today();
    let codes: HashSet<String> = article::heads(tx).await?.into_iter().map(|h| h.code).collect();
    let mut content = draft.content.clone();
    // The day of the check will be that of the approval.
    content.checked_on = today;
    let mut found = Vec::new();
    check::check(&draft.code, &content, &mut |f| found.push(f));
    check::check_city(&content, desk.organisation, today, &codes, &mut |f| found.push(f));
    if draft.article.is_none() && rows::code_is_taken(tx, &draft.code, &draft.id).await? {
        found.push(Found::of(Field::Code, Fault::CodeTaken(draft.code.clone())));
    }
    let problem = |f: Found| FieldProblem { field: f.field.code(), lang: f.lang, reason: f.japanese() };
    Ok(found.into_iter().map(problem).collect())
}

async fn require_sound(tx: &mut Tx, desk: &Desk<'_>, draft: &Draft) -> Result<(), KnowledgeError> {
    let problems = problems(tx, desk, draft).await?;
    if problems.is_empty() { Ok(()) } else { Err(KnowledgeError::Form(problems)) }
}

/// Moves a 原稿 on, with a step and an audit event.
async fn step(
    tx: &mut Tx,
    desk: &Desk<'_>,
    draft: &Draft,
    kind: &str,
    remark: Option<&str>,
) -> Result<(), KnowledgeError> {
    rows::update(tx, draft).await?;
    rows::insert_event(tx, &draft.id, kind, &desk.who.account, remark, desk.now()).await?;
    desk.audit(tx, &format!("draft.{kind}"), "draft", &draft.id, &["state"]).await
}

/// Asks for approval of what was read with the number `edit`.
///
/// # Errors
///
/// [`KnowledgeError::Form`] with every problem, [`KnowledgeError::Changed`] if somebody saved since.
pub async fn submit(tx: &mut Tx, desk: &Desk<'_>, id: &str, edit: i64) -> Result<(), KnowledgeError> {
    let mut draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    if draft.edit != edit {
        return Err(KnowledgeError::Changed);
    }
    if !draft.state.is_writable() {
        return Err(not_writable());
    }
    require_sound(tx, desk, &draft).await?;
    if let Some(article) = current(tx, &draft).await?
        && article.version != draft.base_version
    {
        return Err(KnowledgeError::Rule(
            "原稿を作り始めたあとで、公開中の記事が変わっています。違いを見て取り込んでから、承認を依頼してください。"
                .into(),
        ));
    }
    draft.state = State::Submitted;
    draft.submitted_by = Some(desk.who.account.clone());
    draft.updated_at = desk.now();
    step(tx, desk, &draft, "submitted", None).await
}

/// Takes a 原稿 back that waits for approval, to write on.
pub async fn take_back(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<(), KnowledgeError> {
    let mut draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    require_submitted(&draft)?;
    draft.state = State::Writing;
    draft.submitted_by = None;
    draft.updated_at = desk.now();
    step(tx, desk, &draft, "taken-back", None).await
}

/// Sends a 原稿 back to its writer with a remark that says what is missing.
pub async fn send_back(tx: &mut Tx, desk: &Desk<'_>, id: &str, remark: &str) -> Result<(), KnowledgeError> {
    let remark =
        required(remark, "remark", "差し戻す理由を書いてください。書いた人が何を直せばよいか分かるようにします。")?;
    let mut draft = hold(tx, desk, id, Action::ArticleApprove).await?;
    require_submitted(&draft)?;
    draft.state = State::Returned;
    draft.updated_at = desk.now();
    step(tx, desk, &draft, "returned", Some(&remark)).await
}

/// Approves what was read with the number `edit`: the article, its version, the audit event and the end of
/// the 原稿 are written together. The caller commits, also when the outcome is `Stale`.
///
/// Who approves must be allowed to in the section that is to answer, and, when the section changes, in the
/// one that answers now too: neither gets or loses an article behind its back. A role in the whole city
/// covers both. Nobody approves what they wrote in.
///
/// The day of the check becomes today. What is not sound any more on this day is refused like at submission.
pub async fn approve(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    edit: i64,
) -> Result<ApproveOutcome, KnowledgeError> {
    // Before the row of the 原稿, as everybody does who takes both.
    article::take_turn(tx).await?;
    let mut draft = hold(tx, desk, id, Action::ArticleApprove).await?;
    let article = current(tx, &draft).await?;
    desk.require(Action::ArticleApprove, &draft.content.section)?;
    if let Some(article) = &article {
        desk.require(Action::ArticleApprove, &article.content.section)?;
    }
    require_submitted(&draft)?;
    if draft.edit != edit {
        return Err(KnowledgeError::Changed);
    }
    if rows::editors(tx, id).await?.contains(&desk.who.account) {
        return Err(KnowledgeError::Rule(
            "自分が書いた原稿は、自分では承認できません。別の承認者に依頼してください。".into(),
        ));
    }
    if let Some(article) = &article
        && article.version != draft.base_version
    {
        return stale(tx, desk, draft, article.version).await;
    }
    require_sound(tx, desk, &draft).await?;
    draft.content.checked_on = desk.today();
    if draft.content.review_due.is_none() {
        draft.content.review_due = Some(Settings::load(tx).await?.next_review(desk)?);
    }
    let note = Some(draft.note.as_str()).filter(|n| !n.is_empty());
    let writer = draft.submitted_by.clone().unwrap_or_else(|| draft.author.clone());
    let change =
        Change { kind: draft.purpose, actor: &writer, approved_by: Some(&desk.who.account), note, at: desk.now() };
    let (article_id, version) = match &article {
        Some(article) => (article.id.clone(), article::change(tx, &article.id, &draft.content, change).await?),
        None => {
            let new = ids::new_id(desk.clock, entropy);
            article::add(tx, &new, &draft.code, &draft.content, change).await?;
            (new, 1)
        }
    };
    let fields: Vec<&str> = match &article {
        Some(before) => {
            revision::changed_fields(&before.content, &draft.content).into_iter().map(Field::code).collect()
        }
        None => vec!["code", "content"],
    };
    desk.audit(tx, &format!("article.{}", draft.purpose.code()), "article", &article_id, &fields).await?;
    draft.article = Some(article_id.clone());
    draft.state = State::Published;
    draft.updated_at = desk.now();
    draft.closed_at = Some(desk.now());
    step(tx, desk, &draft, "approved", None).await?;
    let questions = rows::sources(tx, id).await?;
    Ok(ApproveOutcome::Published(Published { article: article_id, code: draft.code, version, questions }))
}

async fn stale(
    tx: &mut Tx,
    desk: &Desk<'_>,
    mut draft: Draft,
    published: i64,
) -> Result<ApproveOutcome, KnowledgeError> {
    draft.state = State::Returned;
    draft.updated_at = desk.now();
    let remark = format!(
        "原稿は第{}版をもとにしていますが、公開中の記事はその後、第{published}版に変わりました。違いを見て取り込んでから、もう一度承認を依頼してください。",
        draft.base_version
    );
    step(tx, desk, &draft, "returned", Some(&remark)).await?;
    Ok(ApproveOutcome::Stale { published })
}

/// Puts a 原稿 on the version that is published now: fields that only the published article changed are
/// taken over, all else stays as it was written. `published` is the version that the writer was shown.
/// Returns the fields that both changed, which the writer should look at.
pub async fn rebase(
    tx: &mut Tx,
    desk: &Desk<'_>,
    id: &str,
    published: i64,
) -> Result<Vec<(Field, city::Lang)>, KnowledgeError> {
    let mut draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    if !draft.state.is_writable() {
        return Err(not_writable());
    }
    let article = current(tx, &draft).await?.ok_or(KnowledgeError::NotFound)?;
    if article.version != published {
        return Err(KnowledgeError::Changed);
    }
    let base = revision::version(tx, &article.code, draft.base_version).await?.content;
    let both = bring_in(&base, &article.content, &mut draft);
    draft.base_version = article.version;
    draft.edit += 1;
    draft.updated_at = desk.now();
    draft.updated_by.clone_from(&desk.who.account);
    rows::add_editor(tx, id, &desk.who.account).await?;
    step(tx, desk, &draft, "rebased", None).await?;
    Ok(both)
}

/// Throws an open 原稿 away; it can be taken out again on the same day.
pub async fn discard(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<(), KnowledgeError> {
    let mut draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    if matches!(draft.state, State::Published | State::Discarded) {
        return Err(KnowledgeError::Rule("この原稿はすでに公開または破棄されています。".into()));
    }
    draft.state = State::Discarded;
    draft.updated_at = desk.now();
    draft.closed_at = Some(desk.now());
    step(tx, desk, &draft, "discarded", None).await
}

/// Takes a 原稿 out again that was thrown away today.
pub async fn undo_discard(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<(), KnowledgeError> {
    let mut draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    if draft.state != State::Discarded || draft.closed_at.is_none_or(|at| at.jst_date() != desk.today()) {
        return Err(KnowledgeError::Rule("元に戻せるのは、破棄したその日のうちだけです。".into()));
    }
    if let Some(article) = &draft.article
        && rows::open_of(tx, article).await?.is_some()
    {
        return Err(KnowledgeError::Rule("この記事には別の原稿ができています。そちらに書いてください。".into()));
    }
    draft.state = State::Writing;
    draft.submitted_by = None;
    draft.updated_at = desk.now();
    draft.closed_at = None;
    step(tx, desk, &draft, "reopened", None).await
}

/// Says something about a 原稿.
pub async fn comment(tx: &mut Tx, desk: &Desk<'_>, id: &str, remark: &str) -> Result<(), KnowledgeError> {
    let remark = required(remark, "remark", "コメントを書いてください。")?;
    let draft = hold(tx, desk, id, Action::ArticleRead).await?;
    rows::insert_event(tx, &draft.id, "comment", &desk.who.account, Some(&remark), desk.now()).await?;
    desk.audit(tx, "draft.comment", "draft", &draft.id, &["remark"]).await
}

/// The article of a 原稿 as it is published.
async fn current(tx: &mut Tx, draft: &Draft) -> Result<Option<Article>, KnowledgeError> {
    match &draft.article {
        Some(id) => Ok(Some(article::get(tx, id).await?.ok_or(KnowledgeError::NotFound)?)),
        None => Ok(None),
    }
}

fn require_submitted(draft: &Draft) -> Result<(), KnowledgeError> {
    match draft.state {
        State::Submitted => Ok(()),
        _ => Err(KnowledgeError::Rule(
            "この原稿は承認待ちではありません。ほかの人が先に処理したか、取り下げられました。".into(),
        )),
    }
}

/// A text that must be there, tidied.
pub(crate) fn required(text: &str, field: &'static str, reason: &str) -> Result<String, KnowledgeError> {
    let text: String = text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let text = text.trim();
    let wrong = |reason: String| Err(KnowledgeError::Form(vec![FieldProblem { field, lang: None, reason }]));
    if text.is_empty() {
        return wrong(reason.to_owned());
    }
    let length = text.chars().count();
    if length > MAX_REMARK {
        return wrong(format!("{MAX_REMARK}文字までです。いまは{length}文字あるので、短くしてください。"));
    }
    Ok(text.to_owned())
}
