//! `/questions/{number}/{key}`: what became of a question, its answer, and what the citizen says to it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::KnowledgeError;
use knowledge::question::{self, Answer, Event, Question, Reopening};
use serde::Deserialize;
use store::Tx;

use super::{private, words_error};
use crate::citizen::ask::tidy;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::markdown;
use crate::page::Page;

#[derive(Deserialize)]
pub(crate) struct Fresh {
    #[serde(default)]
    new: String,
}

#[derive(Deserialize)]
pub(crate) struct Words {
    #[serde(default)]
    words: String,
}

struct Step {
    key: &'static str,
    section: Option<String>,
    at: String,
}

/// An article that answers.
struct Link {
    code: String,
    question: String,
    html_lang: &'static str,
}

struct AnswerView {
    html: Option<String>,
    article: Option<Link>,
    /// The article that answered is no longer shown.
    gone: bool,
    section: Option<String>,
    day: String,
    helped: Option<bool>,
}

#[derive(Template)]
#[template(path = "citizen/question.html")]
struct QuestionPage {
    page: Page,
    question: Question,
    short: String,
    key: String,
    new: bool,
    steps: Vec<Step>,
    next: Option<&'static str>,
    answers: Vec<AnswerView>,
    reopening: Option<Reopening>,
    /// Whether the answer can be judged now.
    answered: bool,
    error: Option<String>,
    words: String,
    untranslated: bool,
}

fn section_name(visit: &Visit, page: &Page, code: &str) -> Option<String> {
    page.city.section(code, visit.today()).map(|s| s.name(visit.lang).to_owned())
}

fn step(visit: &Visit, page: &Page, event: &Event, reopened: Option<&Reopening>) -> Step {
    let key = match event.kind.as_str() {
        // A reopened question goes back to its section; both are one step.
        "assigned" if reopened.is_some_and(|r| r.at == event.at) => "step-reopened",
        "assigned" => "step-assigned",
        "answered" => "step-answered",
        "withdrawn" => "step-withdrawn",
        _ => "step-received",
    };
    let section = event.section.as_deref().and_then(|code| section_name(visit, page, code));
    Step { key, section, at: page.moment(event.at) }
}

fn answer_view(visit: &Visit, page: &Page, answer: Answer) -> AnswerView {
    let snapshot = visit.city.library.snapshot();
    let article = answer.article.as_deref().and_then(|code| snapshot.by_code(code));
    let article = article.filter(|a| a.is_public(visit.today())).map(|a| {
        let (text, found) = a.text(visit.lang);
        Link { code: a.code.clone(), question: text.question.clone(), html_lang: found.html() }
    });
    AnswerView {
        html: answer.body.as_deref().map(markdown::render),
        gone: answer.article.is_some() && article.is_none(),
        article,
        section: section_name(visit, page, &answer.section),
        day: page.day(answer.at.jst_date()),
        helped: answer.helped,
    }
}

/// A form on the page that could not be taken.
#[derive(Default)]
struct Refused {
    error: Option<String>,
    words: String,
}

async fn question_page(
    visit: &Visit,
    tx: &mut Tx,
    number: &str,
    key: &str,
    new: bool,
    refused: Refused,
) -> Result<Response, Failure> {
    let (question, events) = question::open(tx, number, key).await?;
    let reopening = question::reopening(tx, &question.id).await?;
    let answers = question::answers(tx, &question.id).await?;
    let short = question::short_number(&question.number).to_owned();
    let key = store::ids::tidy_key(key);
    let fresh = if new { "?new=1" } else { "" };
    let page = visit.page_at("questions", &format!("/questions/{short}/{key}{fresh}"));
    let next = match question.state.as_str() {
        "received" => Some("next-received"),
        "assigned" => Some("next-assigned"),
        _ => None,
    };
    let withdrawn = question.state == "withdrawn";
    let answers: Vec<AnswerView> =
        answers.into_iter().filter(|_| !withdrawn).map(|a| answer_view(visit, &page, a)).collect();
    show(&QuestionPage {
        steps: events.iter().map(|e| step(visit, &page, e, reopening.as_ref())).collect(),
        untranslated: visit.lang != Lang::Ja && answers.iter().any(|a| a.html.is_some()),
        answered: question.state == "answered",
        page,
        short,
        key,
        new,
        next,
        answers,
        reopening: reopening.filter(|r| !r.words.is_empty()),
        error: refused.error,
        words: refused.words,
        question,
    })
}

/// `/questions/{number}/{key}`
pub(crate) async fn show_one(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Path<(String, String)>,
    Query(fresh): Query<Fresh>,
) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    let mut tx = visit.city.db.read().await?;
    Ok(private(question_page(&visit, &mut tx, &number, &key, fresh.new == "1", Refused::default()).await?))
}

/// Back to the page after a form.
fn back(visit: &Visit, number: &str, key: &str) -> Response {
    let (number, key) = (tidy(number, 40), store::ids::tidy_key(key));
    private(Redirect::to(&visit.page("").url(&format!("/questions/{number}/{key}"))).into_response())
}

/// `/questions/{number}/{key}/feedback`: the answer helped.
pub(crate) async fn helped(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Path<(String, String)>,
) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    question::helped(&visit.city.db, &number, &key).await?;
    Ok(back(&visit, &number, &key))
}

/// `/questions/{number}/{key}/reopening`: the answer did not solve it.
pub(crate) async fn reopen(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Path<(String, String)>,
    Form(form): Form<Words>,
) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    let mut entropy = (visit.app.entropy)();
    let (db, clock) = (&visit.city.db, visit.app.clock.as_ref());
    let invalid = match question::reopen(db, clock, entropy.as_mut(), &number, &key, &form.words).await {
        // Sent twice, or answered from another window: the page says how it stands.
        Ok(()) | Err(KnowledgeError::Changed) => return Ok(back(&visit, &number, &key)),
        Err(KnowledgeError::Invalid(invalid)) => invalid,
        Err(other) => return Err(other.into()),
    };
    let error = Some(words_error(visit.lang, invalid, &form.words));
    let mut tx = db.read().await?;
    let refused = Refused { error, words: form.words };
    let mut response = question_page(&visit, &mut tx, &number, &key, false, refused).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(private(response))
}

/// `/questions/{number}/{key}/withdrawal`
pub(crate) async fn withdraw(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Path<(String, String)>,
) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    let mut entropy = (visit.app.entropy)();
    question::withdraw(&visit.city.db, visit.app.clock.as_ref(), entropy.as_mut(), &number, &key).await?;
    Ok(back(&visit, &number, &key))
}
