//! One round: its progress, and the articles of a section with what to do about each.

use std::collections::HashMap;
use std::sync::Arc;

use access::inquiry::{self, Answer, Item, SectionProgress, Target, short_number};
use access::{AccessError, Action};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::draft::{self, Changes, Opening, SaveOutcome};
use knowledge::{Article, KnowledgeError, round, upkeep};
use store::Tx;

use super::of_year;
use crate::citizen::show;
use crate::errors::Failure;
use crate::markdown;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, encode};
use crate::staff::inquiries::{part_name, state_name};
use crate::staff::lists::{Asked, acting, desk_of, names};

struct ProgressRow {
    section: String,
    code: String,
    state: &'static str,
    tag: &'static str,
    done: i64,
    total: i64,
    due: String,
    overdue: bool,
    last: String,
    reminders: i64,
    /// What the section told with its answer.
    told: String,
    counter: i64,
    pending: bool,
    to_decide: bool,
}

struct ItemRow {
    id: String,
    code: String,
    question: String,
    summary: String,
    html: String,
    checked_on: String,
    due: String,
    late: bool,
    public: bool,
    result: &'static str,
    draft: Option<String>,
    note: Option<String>,
    who: String,
}

/// The part that the person works on.
struct Own {
    code: String,
    section: String,
    state: &'static str,
    tag: &'static str,
    due: String,
    overdue: bool,
    returned: Option<String>,
    /// What the section told with its answer.
    told: String,
    counter: i64,
    /// Whether it may still be changed, by this person.
    works: bool,
    may_write: bool,
    may_end: bool,
    open: Vec<ItemRow>,
    done: Vec<ItemRow>,
}

#[derive(Template)]
#[template(path = "staff/rounds/one.html")]
struct OnePage {
    frame: Frame,
    year: String,
    number: String,
    title: String,
    body: String,
    state: &'static str,
    is_open: bool,
    asks: bool,
    due: String,
    done: i64,
    total: i64,
    overdue: usize,
    rows: Vec<ProgressRow>,
    parts: Vec<(String, String, bool)>,
    own: Option<Own>,
    error: Option<String>,
    /// The article whose form could not be taken, and what was typed.
    typed: (String, String),
}

fn result_name(result: Option<&str>) -> &'static str {
    match result {
        Some(round::CONFIRMED) => "変わりなし",
        Some(round::CHANGED) => "直す",
        Some(round::ENDED) => "やめる",
        _ => "",
    }
}

fn item_row(
    frame: &Frame,
    names: &HashMap<String, String>,
    articles: &HashMap<&str, &Arc<Article>>,
    item: &Item,
) -> ItemRow {
    let article = articles.get(item.object.as_str());
    let text = article.map(|a| a.text(Lang::Ja).0);
    ItemRow {
        id: item.object.clone(),
        code: article.map_or_else(String::new, |a| a.code.clone()),
        question: text.map_or_else(|| "（消されたFAQ）".to_owned(), |t| t.question.clone()),
        summary: text.map_or_else(String::new, |t| t.summary.clone()),
        html: text.map_or_else(String::new, |t| markdown::render(&t.answer)),
        checked_on: article.map_or_else(String::new, |a| frame.day(&a.content.checked_on)),
        due: article.map_or_else(String::new, |a| frame.some_day(&a.content.review_due)),
        late: article.is_some_and(|a| a.content.review_due.is_some_and(|d| d < frame.today)),
        public: article.is_some_and(|a| a.is_public(frame.today)),
        result: result_name(item.result.as_deref()),
        draft: item.reference.clone(),
        note: item.note.clone(),
        who: item.done_by.as_ref().and_then(|a| names.get(a)).cloned().unwrap_or_default(),
    }
}

async fn own_part(
    staff: &Staff,
    frame: &Frame,
    tx: &mut Tx,
    is_open: bool,
    target: &Target,
    due: calendar::Date,
    overdue: bool,
) -> Result<Own, Failure> {
    let ids = (target.inquiry.as_str(), target.section.as_str());
    let items = inquiry::items(tx, &staff.who, &frame.city, frame.today, ids).await?;
    let names = names(tx, items.iter().filter_map(|i| i.done_by.clone()).collect()).await?;
    let snapshot = staff.city.library.snapshot();
    let articles: HashMap<&str, &Arc<Article>> = snapshot.articles.iter().map(|a| (a.id.as_str(), a)).collect();
    let section = staff.section_today(&target.section);
    let may = |action| staff.who.may_in(action, &section);
    let (done, open): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|i| i.done_at.is_some());
    let rows = |items: Vec<&Item>| items.into_iter().map(|i| item_row(frame, &names, &articles, i)).collect();
    let (state, tag) = part_name(&target.state);
    Ok(Own {
        code: target.section.clone(),
        section: frame.section(&target.section),
        state,
        tag,
        due: frame.day(&due),
        overdue,
        returned: target.returned_reason.clone().filter(|_| target.state == "returned"),
        told: told(target),
        counter: target.counter,
        works: is_open && target.is_pending() && may(Action::InquiryAnswer),
        may_write: may(Action::ArticleWrite),
        may_end: may(Action::ArticleApprove) || may(Action::ArticleWrite),
        open: rows(open),
        done: rows(done),
    })
}

/// What a section told with its answer; what is only a draft stays with it.
fn told(target: &Target) -> String {
    if target.is_pending() { String::new() } else { target.answer.trim().to_owned() }
}

fn progress_row(frame: &Frame, targets: &[Target], s: &SectionProgress) -> ProgressRow {
    let (state, tag) = part_name(&s.state);
    let target = targets.iter().find(|t| t.section == s.section);
    ProgressRow {
        section: frame.section(&s.section),
        code: s.section.clone(),
        state,
        tag,
        done: s.done,
        total: s.total,
        due: frame.day(&s.due),
        overdue: s.overdue,
        last: s.last_activity.map_or_else(|| "—".to_owned(), |at| frame.moment(&at)),
        reminders: s.reminders,
        told: target.map(told).unwrap_or_default(),
        counter: target.map_or(-1, |t| t.counter),
        pending: target.is_some_and(Target::is_pending),
        to_decide: target.is_some_and(|t| t.accepted_at.is_none() && !t.is_pending()),
    }
}

/// What went wrong with a form.
struct Wrong {
    status: StatusCode,
    reason: String,
    item: String,
    note: String,
}

async fn page(staff: &Staff, year: &str, section: Option<&str>, wrong: Option<Wrong>) -> Result<Response, Failure> {
    let frame = staff.frame("inquiries");
    let mut tx = staff.city.db.read().await?;
    let detail = of_year(staff, &mut tx, year).await?;
    let inquiry = &detail.inquiry;
    let progress = round::progress(&mut tx, &frame.city, frame.today, &inquiry.id).await?;
    let answers = |t: &&Target| staff.who.may_in(Action::InquiryAnswer, &staff.section_today(&t.section));
    // Who asks may look at any section; without a choice everybody sees their own.
    let own = match section {
        Some(code) => detail.targets.iter().find(|t| t.section == code),
        None => detail
            .targets
            .iter()
            .filter(answers)
            .find(|t| t.is_pending())
            .or_else(|| detail.targets.iter().find(answers)),
    };
    let is_open = inquiry.state == "open";
    let own = match own {
        Some(t) => {
            let (due, overdue) = (t.due(inquiry), t.is_overdue(inquiry, frame.today));
            Some(own_part(staff, &frame, &mut tx, is_open, t, due, overdue).await?)
        }
        None => None,
    };
    drop(tx);
    let shown = own.as_ref().map_or("", |o| o.code.as_str());
    let status = wrong.as_ref().map_or(StatusCode::OK, |w| w.status);
    let (error, typed) = match wrong {
        Some(w) => (Some(w.reason), (w.item, w.note)),
        None => (None, Default::default()),
    };
    let mut rows: Vec<ProgressRow> = if detail.asks {
        progress.sections.iter().map(|s| progress_row(&frame, &detail.targets, s)).collect()
    } else {
        Vec::new()
    };
    rows.sort_by_key(|r| !r.overdue);
    let mut response = show(&OnePage {
        year: year.to_owned(),
        number: short_number(&inquiry.number).to_owned(),
        title: inquiry.title.clone(),
        body: markdown::render(&inquiry.body),
        state: state_name(&inquiry.state),
        is_open,
        asks: detail.asks,
        due: frame.day(&inquiry.due_on),
        done: progress.done,
        total: progress.total,
        overdue: progress.counts.overdue,
        rows,
        parts: detail
            .targets
            .iter()
            .filter(answers)
            .map(|t| (t.section.clone(), frame.section(&t.section), t.section == shown))
            .collect(),
        own,
        error,
        typed,
        frame,
    })?;
    *response.status_mut() = status;
    Ok(response)
}

/// One round.
pub(crate) async fn get(Path(year): Path<String>, staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(asked);
    page(&staff, &year, asked.optional("section"), None).await
}

/// The sentence of an error that a person can do something about.
fn sentence(error: KnowledgeError) -> Result<(StatusCode, String), KnowledgeError> {
    let refused = |reason| Ok((StatusCode::UNPROCESSABLE_ENTITY, reason));
    match error {
        KnowledgeError::Access(AccessError::Invalid { reason, .. })
        | KnowledgeError::Field { reason, .. }
        | KnowledgeError::Rule(reason) => refused(reason),
        KnowledgeError::Bulk(refusals) => refused(refusals.into_iter().map(|r| r.reason).collect()),
        KnowledgeError::Form(problems) => refused(problems.into_iter().map(|p| p.reason).collect()),
        KnowledgeError::Changed | KnowledgeError::Access(AccessError::Changed) => {
            Ok((StatusCode::CONFLICT, "ほかの人が先に進めました。いまの内容を確かめてください。".into()))
        }
        other => Err(other),
    }
}

/// What a form does with an article.
#[derive(Clone, Copy)]
enum Step {
    Confirm,
    Change,
    End,
    Reopen,
}

/// Does it. Returns where to go, if that is not the list.
async fn act(
    staff: &Staff,
    tx: &mut Tx,
    round: &str,
    id: &str,
    (step, note): (Step, &str),
) -> Result<Option<String>, KnowledgeError> {
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let mut more = (staff.app.entropy)();
    let desk = desk_of(staff, &organisation);
    let mut by = acting(staff, &organisation, entropy.as_mut());
    let snapshot = staff.city.library.snapshot();
    let article = snapshot.articles.iter().find(|a| a.id == id);
    let code = || article.map(|a| a.code.clone()).ok_or(KnowledgeError::NotFound);
    match step {
        Step::Confirm => {
            round::item_confirm(tx, &mut by, round, id).await?;
            upkeep::recheck(tx, &desk, more.as_mut(), &[code()?]).await?;
            Ok(None)
        }
        Step::Change => {
            let draft = draft::open(tx, &desk, more.as_mut(), Opening::Article { code: &code()? }).await?;
            round::item_changed(tx, &mut by, round, id, &draft.id).await?;
            Ok(Some(format!("/drafts/{}", draft.id)))
        }
        Step::End => {
            round::item_end(tx, &mut by, round, id, note).await?;
            let article = article.ok_or(KnowledgeError::NotFound)?;
            if article.content.valid_to.is_some_and(|to| to < desk.today()) {
                return Ok(None);
            }
            if desk.may(Action::ArticleApprove, &article.content.section) {
                upkeep::withdraw(tx, &desk, &article.code, note).await?;
                return Ok(None);
            }
            // Whoever may not take it off asks another person to: a draft that ends today.
            let draft = draft::open(tx, &desk, more.as_mut(), Opening::Article { code: &article.code }).await?;
            if !draft.state.is_writable() {
                return Err(KnowledgeError::Rule(
                    "このFAQには承認待ちの原稿があります。先にその原稿を取り下げるか、承認してもらってください。"
                        .into(),
                ));
            }
            let mut content = draft.content.clone();
            content.valid_to = Some(desk.today());
            let changes = Changes { code: draft.code.clone(), content, note: note.trim().to_owned() };
            let saved = draft::save(tx, &desk, more.as_mut(), &draft.id, draft.edit, changes).await?;
            let SaveOutcome::Saved { edit } = saved else { return Err(KnowledgeError::Changed) };
            draft::submit(tx, &desk, &draft.id, edit).await?;
            Ok(None)
        }
        Step::Reopen => {
            round::item_reopen(tx, &mut by, round, id).await?;
            Ok(None)
        }
    }
}

async fn post(staff: Staff, year: &str, id: &str, fields: Fields, step: Step) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let round = of_year(&staff, &mut tx, year).await?.inquiry.id;
    let section = fields.get("section").to_owned();
    let code = match step {
        Step::Confirm => "rechecked",
        Step::Change => "made",
        Step::End => "ended",
        Step::Reopen => "restored",
    };
    match act(&staff, &mut tx, &round, id, (step, fields.raw("note"))).await {
        Ok(elsewhere) => {
            tx.commit().await?;
            let list = format!("/rounds/{}?section={}&done={code}#rest", encode(year), encode(&section));
            Ok(Redirect::to(&elsewhere.unwrap_or(list)).into_response())
        }
        Err(error) => {
            drop(tx);
            let (status, reason) = sentence(error)?;
            let wrong = Wrong { status, reason, item: id.to_owned(), note: fields.raw("note").to_owned() };
            page(&staff, year, Some(&section), Some(wrong)).await
        }
    }
}

/// 変わりなし: the article is checked and its item done, together.
pub(crate) async fn confirm(
    Path((year, id)): Path<(String, String)>,
    StaffForm(staff, f): StaffForm,
) -> Result<Response, Failure> {
    post(staff, &year, &id, f, Step::Confirm).await
}

/// 直す: a draft.
pub(crate) async fn change(
    Path((year, id)): Path<(String, String)>,
    StaffForm(staff, f): StaffForm,
) -> Result<Response, Failure> {
    post(staff, &year, &id, f, Step::Change).await
}

/// やめる: off the public face, by whoever may; else asked for.
pub(crate) async fn end(
    Path((year, id)): Path<(String, String)>,
    StaffForm(staff, f): StaffForm,
) -> Result<Response, Failure> {
    post(staff, &year, &id, f, Step::End).await
}

/// Opens an item again.
pub(crate) async fn reopen(
    Path((year, id)): Path<(String, String)>,
    StaffForm(staff, f): StaffForm,
) -> Result<Response, Failure> {
    post(staff, &year, &id, f, Step::Reopen).await
}

/// 課として回答する.
pub(crate) async fn answer(Path(year): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let round = of_year(&staff, &mut tx, &year).await?.inquiry.id;
    let section = fields.get("section").to_owned();
    let counter = fields.get("counter").parse().unwrap_or(-1);
    let said = (counter, Answer::Text(fields.raw("answer")));
    let mut by = acting(&staff, &organisation, entropy.as_mut());
    match inquiry::answer(&mut tx, &mut by, &round, &section, said).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/rounds/{}?section={}&done=answered", encode(&year), encode(&section)))
                .into_response())
        }
        Err(error) => {
            drop(tx);
            let (status, reason) = sentence(error.into())?;
            let wrong = Wrong { status, reason, item: String::new(), note: String::new() };
            page(&staff, &year, Some(&section), Some(wrong)).await
        }
    }
}
