//! `/articles/{code}` of the staff's face: what the public sees, how it came to be, and what can be done.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::draft::{self, Opening};
use knowledge::{Article, Content, KnowledgeError, feedback, revision, upkeep, wording};

use super::lang_name;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;
use crate::staff::shown::{Card, Names, cards};

/// Comments that are shown.
const COMMENTS: i64 = 10;

struct VersionRow {
    version: i64,
    at: String,
    kind: &'static str,
    writer: String,
    approver: Option<String>,
    note: Option<String>,
    present: bool,
}

struct CommentRow {
    at: String,
    version: i64,
    lang: &'static str,
    text: String,
}

struct OpenDraft {
    id: String,
    state: &'static str,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "staff/articles/one.html")]
struct ArticlePage {
    frame: Frame,
    article: Article,
    question: String,
    section: String,
    topics: String,
    period: String,
    /// Codes of related articles with their questions.
    related: Vec<(String, String)>,
    state: (&'static str, &'static str),
    overdue: bool,
    ended: bool,
    cards: Vec<Card>,
    draft: Option<OpenDraft>,
    yes: i64,
    no: i64,
    comments: Option<Vec<CommentRow>>,
    /// How many wordings of citizens are used, for those who may see them.
    wordings: Option<usize>,
    versions: Vec<VersionRow>,
    may_write: bool,
    may_recheck: bool,
    may_approve: bool,
    reason: String,
    error: Option<String>,
}

/// The article as it stands in the database: after a change the page must not show what was before.
pub(super) async fn article(tx: &mut store::Tx, code: &str) -> Result<Article, Failure> {
    let id = knowledge::store::article::id_of(tx, code).await?.ok_or_else(Failure::not_found)?;
    knowledge::store::article::get(tx, &id).await?.ok_or_else(Failure::not_found)
}

/// The days on which the public sees it, in words.
fn period(frame: &Frame, content: &Content) -> String {
    match (&content.valid_from, &content.valid_to) {
        (None, None) => "期限なし".into(),
        (Some(from), None) => format!("{}から", frame.day(from)),
        (None, Some(to)) => format!("{}まで", frame.day(to)),
        (Some(from), Some(to)) => format!("{}から{}まで", frame.day(from), frame.day(to)),
    }
}

/// Questions of related articles; of one that is not there, its code.
fn related(staff: &Staff, content: &Content) -> Vec<(String, String)> {
    let snapshot = staff.city.library.snapshot();
    let question = |code: &String| {
        let found = snapshot.by_code(code).map(|a| super::or_untitled(&a.text(city::Lang::Ja).0.question));
        (code.clone(), found.unwrap_or_else(|| code.clone()))
    };
    content.related.iter().map(question).collect()
}

async fn page(staff: &Staff, code: &str, typed: Option<(&str, String)>) -> Result<ArticlePage, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let frame = staff.frame("articles");
    let today = staff.visit.today();
    let mut tx = staff.city.db.read().await?;
    let article = article(&mut tx, code).await?;
    let names = Names::load(&mut tx).await?;
    let versions = revision::versions(&mut tx, code).await?;
    let draft = draft::of_article(&mut tx, &desk, &article.id).await?;
    let wordings = wording::of_article(&mut tx, &article.id).await?.len();
    let said = feedback::summary(&mut tx, staff.app.clock.as_ref(), &article.id, COMMENTS).await?;
    drop(tx);
    let content = &article.content;
    let may = |action| desk.may(action, &content.section);
    let ended = content.valid_to.is_some_and(|to| to < today);
    let comments = said.comments.into_iter().map(|c| CommentRow {
        at: frame.moment(&c.at),
        version: c.version,
        lang: city::Lang::from_code(&c.lang).map_or("", lang_name),
        text: c.text,
    });
    let (reason, error) = typed.map_or((String::new(), None), |(reason, error)| (reason.to_owned(), Some(error)));
    Ok(ArticlePage {
        question: super::or_untitled(&content.text(city::Lang::Ja).0.question),
        section: frame.section(&content.section),
        topics: crate::staff::shown::in_words(&frame, knowledge::Field::Topics, &content.topics.join("\n")),
        period: period(&frame, content),
        related: related(staff, content),
        state: match () {
            () if ended => ("dim", "掲載終了"),
            () if content.is_public(today) => ("ok", "公開中"),
            () => ("dim", "公開前"),
        },
        overdue: !ended && content.review_due.is_some_and(|due| due < today),
        ended,
        cards: cards(staff, article.clone())?,
        draft: draft.map(|d| OpenDraft {
            state: d.state.name(),
            by: names.of(&d.updated_by),
            at: frame.moment(&d.updated_at),
            id: d.id,
        }),
        yes: said.tally.yes,
        no: said.tally.no,
        // Citizens' own words are for the section that answers.
        comments: may(Action::ArticleRead).then(|| comments.collect()),
        wordings: may(Action::ArticleRead).then_some(wordings),
        versions: versions
            .into_iter()
            .map(|v| VersionRow {
                version: v.version,
                at: frame.moment(&v.at),
                kind: v.kind.name(),
                writer: names.of(&v.actor),
                approver: v.approved_by.as_deref().map(|a| names.of(a)),
                note: v.note.filter(|_| may(Action::ArticleRead)),
                present: v.version == article.version,
            })
            .collect(),
        may_write: may(Action::ArticleWrite),
        may_recheck: !ended && (may(Action::ArticleWrite) || may(Action::ArticleApprove)),
        may_approve: may(Action::ArticleApprove),
        reason,
        error,
        article,
        frame,
    })
}

/// `/articles/{code}`
pub(crate) async fn get(staff: Staff, Path(code): Path<String>) -> Result<Response, Failure> {
    show(&page(&staff, &code, None).await?)
}

async fn opened(staff: &Staff, opening: Opening<'_>) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let draft = draft::open(&mut tx, &desk, entropy.as_mut(), opening).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/drafts/{}", draft.id)).into_response())
}

/// Opens the article's 原稿, or goes to the one that is open.
pub(crate) async fn post_draft(Path(code): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    opened(&staff, Opening::Article { code: &code }).await
}

/// An earlier version as a 原稿.
pub(crate) async fn post_restoration(
    Path((code, version)): Path<(String, i64)>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    opened(&staff, Opening::Version { code: &code, version }).await
}

/// Checked, nothing to change.
pub(crate) async fn post_recheck(
    Path(code): Path<String>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let section = article(&mut tx, &code).await?.content.section;
    if !desk.may(Action::ArticleWrite, &section) {
        staff.need(Action::ArticleApprove, &section)?;
    }
    let outcome = upkeep::recheck(&mut tx, &desk, entropy.as_mut(), std::slice::from_ref(&code)).await;
    let outcome = match outcome {
        Err(KnowledgeError::Bulk(refused)) => {
            let reasons: Vec<String> = refused.into_iter().map(|r| r.reason).collect();
            return Err(Failure::refused(reasons.join(" ")));
        }
        other => other?,
    };
    tx.commit().await?;
    let done = if outcome.submitted.is_empty() { "rechecked" } else { "submitted" };
    Ok(Redirect::to(&format!("/articles/{code}?done={done}")).into_response())
}

/// Takes the article off the public face.
pub(crate) async fn post_withdrawal(
    Path(code): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    staff.need(Action::ArticleApprove, &article(&mut tx, &code).await?.content.section)?;
    match upkeep::withdraw(&mut tx, &desk, &code, fields.raw("reason")).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/articles/{code}?done=withdrawn")).into_response())
        }
        Err(KnowledgeError::Form(problems)) => {
            drop(tx);
            let sentence = problems.into_iter().map(|p| p.reason).collect::<Vec<_>>().join(" ");
            let mut response = show(&page(&staff, &code, Some((fields.raw("reason"), sentence))).await?)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}
