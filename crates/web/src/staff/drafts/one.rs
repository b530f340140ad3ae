//! `/drafts/{id}`: the editor for those who may write, the 原稿 to read for the others.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use knowledge::Article;
use knowledge::draft::{self, Draft, FieldProblem, State};

use super::form::{self, Input, LangForm, TopicGroupForm, Typed};
use super::tone;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::articles::{Choice, or_untitled, section_choices};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;
use crate::staff::shown::{Card, Difference, Names, cards, differences, label};

/// A step as the page tells it.
struct Step {
    what: &'static str,
    who: String,
    at: String,
    remark: Option<String>,
}

fn step_name(kind: &str) -> &'static str {
    match kind {
        "made" => "作成",
        "submitted" => "承認に出した",
        "taken-back" => "取り下げた",
        "returned" => "差し戻し",
        "rebased" => "公開中の記事の変更を取り込んだ",
        "approved" => "承認して公開",
        "discarded" => "捨てた",
        "reopened" => "元に戻した",
        _ => "コメント",
    }
}

/// A link to a field with a problem.
struct ProblemLink {
    href: String,
    label: String,
    reason: String,
}

/// What both pages of a 原稿 have.
pub(super) struct Around {
    id: String,
    code: String,
    article: Option<String>,
    question: String,
    state: &'static str,
    tone: &'static str,
    edit: i64,
    steps: Vec<Step>,
    stale: bool,
    remark: String,
    remark_error: Option<(&'static str, String)>,
}

impl Around {
    /// What is wrong with a remark of this form.
    fn wrong(&self, form: &str) -> Option<&str> {
        self.remark_error.as_ref().filter(|(f, _)| *f == form).map(|(_, reason)| reason.as_str())
    }

    fn typed(&self, form: &str) -> &str {
        if self.wrong(form).is_some() { &self.remark } else { "" }
    }
}

#[derive(Template)]
#[template(path = "staff/drafts/edit.html")]
struct EditPage {
    frame: Frame,
    around: Around,
    is_new: bool,
    code_errors: Vec<String>,
    code_value: String,
    returned: Option<String>,
    langs: Vec<LangForm>,
    sections: Vec<Choice>,
    section_errors: Vec<String>,
    topics: Vec<Choice>,
    topic_errors: Vec<String>,
    groups: Vec<TopicGroupForm>,
    related: String,
    related_errors: Vec<String>,
    days: Vec<Input>,
    note: String,
    problems: Vec<ProblemLink>,
    others: Vec<String>,
    rescues: Vec<(String, String)>,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "staff/drafts/read.html")]
struct ReadPage {
    frame: Frame,
    around: Around,
    section: String,
    note: String,
    cards: Vec<Card>,
    differences: Vec<Difference>,
    compared: bool,
    may_approve: bool,
    wrote_it: bool,
    may_send_back: bool,
    may_take_back: bool,
    may_undo: bool,
    published: bool,
}

/// What came back with a page that was refused.
#[derive(Default)]
pub(super) struct Again {
    pub(super) typed: Option<Typed>,
    pub(super) problems: Vec<FieldProblem>,
    /// The form, its sentence, and what was written.
    pub(super) remark: Option<(&'static str, String, String)>,
}

/// The 原稿 as an article, for the preview: as if it were approved today.
pub(super) fn as_article(staff: &Staff, draft: &Draft) -> Article {
    let mut content = draft.content.clone();
    content.checked_on = staff.visit.today();
    Article {
        id: String::new(),
        code: draft.code.clone(),
        version: draft.base_version + 1,
        updated_at: staff.visit.now,
        content,
    }
}

/// The page of a 原稿 for whoever looks; `again` holds what was typed and is not stored.
pub(super) async fn page(staff: &Staff, id: &str, again: Again) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let mut draft = draft::get(&mut tx, &desk, id).await?;
    let events = draft::events(&mut tx, &desk, id).await?;
    let editors = draft::editors(&mut tx, &desk, id).await?;
    let others = draft::others(&mut tx, &desk, id).await?;
    let rescues = draft::rescues(&mut tx, &desk, id).await?;
    let names = Names::load(&mut tx).await?;
    let article = match &draft.article {
        Some(id) => knowledge::store::article::get(&mut tx, id).await?,
        None => None,
    };
    drop(tx);
    let may_write = desk.may_with(Action::ArticleWrite, &draft);
    let (sentence, remark) = match again.remark {
        Some((form, reason, typed)) => (Some((form, reason)), typed),
        None => (None, String::new()),
    };
    let open = !matches!(draft.state, State::Published | State::Discarded);
    let around = Around {
        id: draft.id.clone(),
        code: draft.code.clone(),
        article: article.as_ref().map(|a| a.code.clone()),
        question: or_untitled(&draft.content.text(city::Lang::Ja).0.question),
        state: draft.state.name(),
        tone: tone(draft.state),
        edit: draft.edit,
        steps: events
            .iter()
            .map(|e| Step {
                what: step_name(&e.kind),
                who: names.of(&e.account),
                at: frame.moment(&e.at),
                remark: e.remark.clone(),
            })
            .collect(),
        stale: open && article.as_ref().is_some_and(|a| a.version != draft.base_version),
        remark,
        remark_error: sentence,
    };
    if !(draft.state.is_writable() && may_write) {
        let published = article.as_ref().filter(|_| open);
        let approver = desk.may(Action::ArticleApprove, &draft.content.section)
            && published.is_none_or(|a| desk.may(Action::ArticleApprove, &a.content.section));
        let waits = draft.state == State::Submitted;
        let wrote_it = editors.contains(&staff.who.account);
        let today = staff.visit.today();
        let mut approved = draft.content.clone();
        approved.checked_on = published.map_or(approved.checked_on, |a| a.content.checked_on);
        return show(&ReadPage {
            section: frame.section(&draft.content.section),
            note: draft.note.clone(),
            cards: cards(staff, as_article(staff, &draft))?,
            differences: published.map(|a| differences(&frame, &a.content, &approved)).unwrap_or_default(),
            compared: published.is_some(),
            may_approve: waits && approver && !wrote_it,
            wrote_it: waits && approver && wrote_it,
            may_send_back: waits && desk.may_with(Action::ArticleApprove, &draft),
            may_take_back: waits && may_write,
            may_undo: draft.state == State::Discarded
                && may_write
                && draft.closed_at.is_some_and(|at| at.jst_date() == today),
            published: draft.state == State::Published,
            around,
            frame,
        });
    }
    let mut days = Vec::new();
    let mut problems = again.problems;
    if let Some(typed) = again.typed {
        draft.content = typed.changes.content;
        draft.code = typed.changes.code;
        draft.note = typed.changes.note;
        days = typed.days;
        problems.extend(typed.wrong);
    }
    let link = |p: &FieldProblem| ProblemLink {
        href: form::anchor(p),
        label: knowledge::Field::from_code(p.field).map_or_else(String::new, |f| label(f, p.lang)),
        reason: p.reason.clone(),
    };
    let content = &draft.content;
    show(&EditPage {
        is_new: draft.article.is_none(),
        code_errors: form::problems_of(&problems, "code"),
        code_value: draft.code.clone(),
        returned: events
            .iter()
            .rev()
            .find(|e| e.kind == "returned")
            .filter(|_| draft.state == State::Returned)
            .and_then(|e| e.remark.clone()),
        langs: form::langs(content, &problems),
        sections: section_choices(staff, None, &desk.section_today(&content.section)),
        section_errors: form::problems_of(&problems, "section"),
        topics: form::main_topics(content),
        topic_errors: form::problems_of(&problems, "main_topic"),
        groups: form::topic_groups(content),
        related: content.related.join("\n"),
        related_errors: form::problems_of(&problems, "related"),
        days: form::days(content, &days, &problems),
        note: draft.note.clone(),
        others: others.iter().map(|p| names.of(&p.account)).collect(),
        rescues: rescues.into_iter().map(|r| (r.id, frame.moment(&r.at))).collect(),
        cards: cards(staff, as_article(staff, &draft))?,
        problems: problems.iter().map(link).collect(),
        around,
        frame,
    })
}

/// The page again, with what was wrong.
pub(super) async fn refused(staff: &Staff, id: &str, again: Again) -> Result<Response, Failure> {
    let mut response = page(staff, id, again).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `/drafts/{id}`
pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&staff, &id, Again::default()).await
}
