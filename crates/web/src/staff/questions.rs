//! `/questions` of the staff's face: left questions one by one, their answers and their way between sections.

use access::Action;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::KnowledgeError;
use knowledge::question::{self, Filter, Listed, NewAnswer};

use super::board::days_ago;
use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Asked, Choice, Pager, choices, names, page_number, section_options};
use crate::citizen::show;
use crate::errors::Failure;
use crate::markdown;

const PER_PAGE: usize = 50;
/// Articles that are offered as the answer.
const OFFERED: usize = 8;
/// Of these are shown at once.
const FIRST_OFFERED: usize = 3;
/// From so many steps between sections on, a question is marked.
const TOO_MANY_HOPS: i64 = 2;
const STATES: &[(&str, &str)] =
    &[("open", "答えを待っている"), ("answered", "回答した"), ("withdrawn", "取り下げられた"), ("all", "すべて")];
const AGES: &[(&str, &str)] = &[("", "いつでも"), ("3", "3日以上前"), ("7", "1週間以上前"), ("28", "4週間以上前")];

/// What a state is called.
fn state_name(state: &str) -> &'static str {
    match state {
        "received" => "受付",
        "assigned" => "担当課にある",
        "answered" => "回答した",
        "withdrawn" => "取り下げ",
        _ => "—",
    }
}

fn lang_name(code: &str) -> &'static str {
    match Lang::from_code(code) {
        Some(Lang::Easy) => "やさしい日本語",
        Some(Lang::En) => "英語",
        _ => "日本語",
    }
}

/// A question as a page shows it.
struct QuestionView {
    number: String,
    full: String,
    text: String,
    asked: String,
    lang: &'static str,
    state: &'static str,
    is_open: bool,
    section: String,
    came: String,
    days: i64,
    hops: i64,
    many_hops: bool,
    reopened: bool,
    by_mail: bool,
}

fn view(staff: &Staff, frame: &Frame, q: &Listed) -> QuestionView {
    let days = staff.visit.now.millis_since(q.created_at) / (24 * 3600 * 1000);
    QuestionView {
        number: question::short_number(&q.number).to_owned(),
        full: q.number.clone(),
        text: if q.state == "withdrawn" { "（市民が取り下げました）".into() } else { q.body.clone() },
        asked: q.asked.clone(),
        lang: lang_name(&q.lang),
        state: state_name(&q.state),
        is_open: matches!(q.state.as_str(), "received" | "assigned"),
        section: frame.section(section_of(frame, q)),
        came: frame.moment(&q.created_at),
        days,
        hops: q.hops,
        many_hops: q.hops >= TOO_MANY_HOPS,
        reopened: q.reopened,
        by_mail: q.by_mail,
    }
}

/// The section that has a question; without one, that of the main telephone.
fn section_of<'a>(frame: &'a Frame, q: &'a Listed) -> &'a str {
    q.section.as_deref().unwrap_or(&frame.city.profile.phone_section)
}

#[derive(Template)]
#[template(path = "staff/questions/list.html")]
struct ListPage {
    frame: Frame,
    questions: Vec<QuestionView>,
    sections: askama::filters::Safe<String>,
    states: Vec<Choice>,
    ages: Vec<Choice>,
    filtered: bool,
    pager: Pager,
}

fn filter(staff: &Staff, asked: &Fields) -> Filter {
    let own = staff.who.where_may(Action::QuestionRead);
    let wanted = asked.optional("section").filter(|w| own.as_ref().is_none_or(|own| own.contains(w)));
    let states: &[&str] = match asked.get("state") {
        "" | "open" => &["received", "assigned"],
        "answered" => &["answered"],
        "withdrawn" => &["withdrawn"],
        _ => &[],
    };
    let days = asked.get("age").parse::<u64>().ok().filter(|d| (1..=3650).contains(d));
    Filter {
        sections: match wanted {
            Some(wanted) => Some(vec![wanted.to_owned()]),
            None => own.map(|own| own.into_iter().map(str::to_owned).collect()),
        },
        states: states.iter().map(|s| (*s).to_owned()).collect(),
        before: days.map(|d| days_ago(staff, d)),
        offset: ((page_number(asked) - 1) * PER_PAGE) as i64,
        limit: PER_PAGE as i64,
    }
}

/// The questions.
pub(crate) async fn get(staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(asked);
    let frame = staff.frame("board");
    let mut tx = staff.city.db.read().await?;
    let found = question::list(&mut tx, &frame.city, frame.today, &filter(&staff, &asked)).await?;
    drop(tx);
    let total = usize::try_from(found.total).unwrap_or(0);
    show(&ListPage {
        questions: found.questions.iter().map(|q| view(&staff, &frame, q)).collect(),
        sections: section_options(&staff, |s| staff.who.may_in(Action::QuestionRead, s), asked.get("section")),
        states: choices(STATES, asked.optional("state").unwrap_or("open")),
        ages: choices(AGES, asked.get("age")),
        filtered: ["section", "state", "age"].iter().any(|f| asked.has(f)),
        pager: Pager::new("/questions", &asked, &["section", "state", "age"], total, PER_PAGE),
        frame,
    })
}

/// An article that may be the answer.
struct Offered {
    code: String,
    question: String,
    summary: String,
    section: String,
    chosen: bool,
}

struct AnswerView {
    html: Option<String>,
    article: Option<(String, String)>,
    section: String,
    at: String,
    helped: Option<bool>,
}

struct StepView {
    at: String,
    text: String,
    remark: Option<String>,
    who: Option<String>,
}

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    text: String,
    article: String,
    search: String,
    to: String,
    remark: String,
    error: Option<(&'static str, String)>,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        Typed {
            text: fields.raw("text").to_owned(),
            article: get("article"),
            search: get("q"),
            to: get("section"),
            remark: fields.raw("remark").to_owned(),
            error: None,
        }
    }

    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

#[derive(Template)]
#[template(path = "staff/questions/one.html")]
struct OnePage {
    frame: Frame,
    q: QuestionView,
    reopening: Option<(String, String)>,
    steps: Vec<StepView>,
    answers: Vec<AnswerView>,
    offered: Vec<Offered>,
    /// Further ones, that are shown when asked for.
    more: Vec<Offered>,
    may_answer: bool,
    draft: Option<String>,
    sections: askama::filters::Safe<String>,
    typed: Typed,
}

impl OnePage {
    fn more_is_chosen(&self) -> bool {
        self.more.iter().any(|o| o.chosen)
    }
}

/// The question with the number of an address, if the person may do this with it.
async fn one(staff: &Staff, number: &str, action: Action) -> Result<Listed, Failure> {
    let mut tx = staff.city.db.read().await?;
    let full = format!("質問-{}", question::short_number(number));
    let found = question::one(&mut tx, &full).await?.ok_or_else(Failure::not_found)?;
    let phone = staff.city.organisation().profile.phone_section.clone();
    staff.need(action, found.section.as_deref().unwrap_or(&phone))?;
    Ok(found)
}

/// Articles for what was searched, or for the citizen's own words; the chosen one stays among them.
fn offered(staff: &Staff, frame: &Frame, words: &str, chosen: &str) -> Vec<Offered> {
    let today = staff.visit.today();
    let mut found: Vec<_> =
        staff.city.library.ask(words, today, OFFERED).found.into_iter().map(|f| f.article).collect();
    if !chosen.is_empty()
        && !found.iter().any(|a| a.code == chosen)
        && let Some(article) = staff.city.library.snapshot().by_code(chosen).filter(|a| a.is_public(today))
    {
        found.insert(0, article.clone());
    }
    found
        .iter()
        .map(|article| {
            let text = article.text(Lang::Ja).0;
            Offered {
                code: article.code.clone(),
                question: text.question.clone(),
                summary: text.summary.clone(),
                section: frame.section(&article.content.section),
                chosen: article.code == chosen,
            }
        })
        .collect()
}

async fn page(staff: &Staff, found: &Listed, mut typed: Typed) -> Result<Response, Failure> {
    let frame = staff.frame("board");
    let mut tx = staff.city.db.read().await?;
    let answers = question::answers(&mut tx, &found.id).await?;
    let handovers = question::handovers(&mut tx, &found.id).await?;
    let reopening = question::reopening(&mut tx, &found.id).await?;
    let names = names(&mut tx, handovers.iter().map(|h| h.actor.clone()).collect()).await?;
    let drafts = knowledge::draft::of_questions(&mut tx, &super::lists::desk_of(staff, &frame.city)).await?;
    let mut steps = Vec::new();
    for event in question::events(&mut tx, &found.id).await? {
        let section = event.section.as_deref().map(|s| frame.section(s)).unwrap_or_default();
        let handed = handovers.iter().find(|h| h.at == event.at && event.kind == "assigned");
        let text = match (event.kind.as_str(), handed) {
            ("received", _) => "受け付けた".into(),
            (_, Some(h)) => format!("{}から{}へ引き継いだ", frame.section(&h.from_section), section),
            ("assigned", None) => format!("{section}が担当になった"),
            ("answered", _) => format!("{section}が回答した"),
            ("withdrawn", _) => "市民が取り下げた".into(),
            (other, _) => other.to_owned(),
        };
        steps.push(StepView {
            at: frame.moment(&event.at),
            text,
            remark: handed.map(|h| h.remark.clone()).filter(|r| !r.is_empty()),
            who: handed.and_then(|h| names.get(&h.actor)).cloned(),
        });
    }
    drop(tx);
    let snapshot = staff.city.library.snapshot();
    let title =
        |code: &str| snapshot.by_code(code).map_or_else(|| code.to_owned(), |a| a.text(Lang::Ja).0.question.clone());
    let own = section_of(&frame, found).to_owned();
    let q = view(staff, &frame, found);
    let may_answer = q.is_open && staff.need(Action::QuestionAnswer, &own).is_ok();
    let words = if typed.search.is_empty() { format!("{} {}", found.asked, found.body) } else { typed.search.clone() };
    let mut offered = if may_answer { offered(staff, &frame, &words, &typed.article) } else { Vec::new() };
    if !offered.iter().any(|o| o.chosen) {
        typed.article.clear();
    }
    let more = offered.split_off(offered.len().min(FIRST_OFFERED));
    let wrong = typed.error.is_some();
    let here = staff.section_today(&own);
    let mut response = show(&OnePage {
        reopening: reopening.map(|r| (r.words, frame.moment(&r.at))),
        steps,
        answers: answers
            .into_iter()
            .map(|a| AnswerView {
                html: a.body.as_deref().map(markdown::render),
                article: a.article.map(|code| (title(&code), code)),
                section: frame.section(&a.section),
                at: frame.moment(&a.at),
                helped: a.helped,
            })
            .collect(),
        offered,
        more,
        may_answer,
        draft: drafts.get(&found.id).cloned(),
        sections: section_options(staff, |s| s != here, &typed.to),
        typed,
        q,
        frame,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// One question.
pub(crate) async fn get_one(
    Path(number): Path<String>,
    staff: Staff,
    Query(asked): Asked,
) -> Result<Response, Failure> {
    let found = one(&staff, &number, Action::QuestionRead).await?;
    page(&staff, &found, Typed::of(&Fields::from_pairs(asked))).await
}

/// Answers; with the button 「さがす」 only looks for articles and keeps what was typed.
pub(crate) async fn post_answer(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let found = one(&staff, &number, Action::QuestionAnswer).await?;
    let mut typed = Typed::of(&fields);
    if fields.get("step") == "search" {
        return page(&staff, &found, typed).await;
    }
    let article = Some(typed.article.as_str()).filter(|a| !a.is_empty());
    let done = question::answer(
        &staff.city.db,
        staff.app.clock.as_ref(),
        (staff.app.entropy)().as_mut(),
        &staff.city.library,
        &staff.city.organisation(),
        &staff.who,
        NewAnswer { question: &found.id, text: &typed.text, article },
    )
    .await;
    match done {
        Ok(()) => {
            let number = question::short_number(&found.number);
            Ok(Redirect::to(&format!("/questions/{number}?done=answered")).into_response())
        }
        Err(KnowledgeError::Field { field, reason }) => {
            typed.error = Some((field, reason));
            page(&staff, &found, typed).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Hands over to another section.
pub(crate) async fn post_handover(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let found = one(&staff, &number, Action::QuestionAnswer).await?;
    let mut typed = Typed::of(&fields);
    let done = question::hand_over(
        &staff.city.db,
        staff.app.clock.as_ref(),
        (staff.app.entropy)().as_mut(),
        &staff.city.organisation(),
        &staff.who,
        &found.id,
        &typed.to,
        &typed.remark,
    )
    .await;
    match done {
        Ok(()) => Ok(Redirect::to("/questions?done=handed-over").into_response()),
        Err(KnowledgeError::Field { field, reason }) => {
            typed.error = Some((field, reason));
            page(&staff, &found, typed).await
        }
        Err(other) => Err(other.into()),
    }
}
