//! `/questions`: leaving a question, and seeing what becomes of it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::question::{self, NewQuestion, Question};
use knowledge::{Invalid, KnowledgeError};
use serde::Deserialize;

use super::ask::tidy;
use super::{Visit, show};
use crate::errors::Failure;
use crate::i18n;
use crate::limits::ClientAddress;
use crate::page::Page;

/// The form, as it is shown and shown again.
pub(crate) struct QuestionForm {
    pub(crate) submission: String,
    pub(crate) asked: String,
    pub(crate) body: String,
    pub(crate) error: Option<String>,
}

impl QuestionForm {
    pub(crate) fn new(visit: &Visit, asked: &str) -> Self {
        let mut entropy = (visit.app.entropy)();
        QuestionForm {
            submission: question::new_submission(entropy.as_mut()),
            asked: asked.to_owned(),
            body: asked.to_owned(),
            error: None,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Prefill {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    submission: String,
    #[serde(default)]
    asked: String,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
pub(crate) struct Lookup {
    #[serde(default)]
    number: String,
    #[serde(default)]
    key: String,
}

#[derive(Deserialize)]
pub(crate) struct Fresh {
    #[serde(default)]
    new: String,
}

#[derive(Template)]
#[template(path = "citizen/question_new.html")]
struct NewPage {
    page: Page,
    form: QuestionForm,
}

#[derive(Template)]
#[template(path = "citizen/questions.html")]
struct LookupPage {
    page: Page,
    wrong: bool,
    number: String,
}

struct Step {
    key: &'static str,
    section: Option<String>,
    at: String,
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
    open: bool,
}

/// Pages that a key opens stay out of caches and search engines. Other sites never see their
/// addresses: the referrer policy of every page is `same-origin`. (`no-referrer` would make browsers
/// send `Origin: null` with the forms of these pages.)
fn private(response: Response) -> Response {
    let mut response = unlisted(response);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Pages that no search engine shall list.
fn unlisted(mut response: Response) -> Response {
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

/// `/questions/new`
pub(crate) async fn new(visit: Visit, Query(prefill): Query<Prefill>) -> Result<Response, Failure> {
    let form = QuestionForm::new(&visit, &tidy(&prefill.q, 400));
    // A browser may keep this page: going back to it keeps the form's token, and with it one question.
    Ok(unlisted(show(&NewPage { page: visit.page("questions"), form })?))
}

/// `/questions`
pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    show(&LookupPage { page: visit.page("questions"), wrong: false, number: String::new() })
}

/// Leaves a question; a form that cannot be taken comes back filled.
pub(crate) async fn post(visit: Visit, client: ClientAddress, Form(sent): Form<Sent>) -> Result<Response, Failure> {
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let mut entropy = (visit.app.entropy)();
    let new = NewQuestion { submission: &sent.submission, lang: visit.lang, asked: &sent.asked, body: &sent.body };
    let invalid = match question::leave(&visit.city.db, visit.app.clock.as_ref(), entropy.as_mut(), new).await {
        Ok(receipt) => {
            let short = question::short_number(&receipt.number);
            let address = visit.page("").url(&format!("/questions/{short}/{}?new=1", receipt.key));
            return Ok(private(Redirect::to(&address).into_response()));
        }
        Err(KnowledgeError::Invalid(invalid)) => invalid,
        Err(other) => return Err(other.into()),
    };
    let mut form = QuestionForm::new(&visit, &sent.asked);
    let length = question::length(&sent.body).to_string();
    form.error = Some(match invalid {
        Invalid::Empty => i18n::message(visit.lang, "error-empty", &[]),
        Invalid::TooLong(limit) => {
            i18n::message(visit.lang, "error-too-long", &[("n", &limit.to_string()), ("length", &length)])
        }
        Invalid::Form => i18n::message(visit.lang, "error-form", &[]),
    });
    form.body = sent.body;
    let mut response = show(&NewPage { page: visit.page_at("questions", "/questions/new"), form })?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(private(response))
}

/// `/questions/lookup`: number and key to the question's page.
pub(crate) async fn lookup(visit: Visit, client: ClientAddress, Form(form): Form<Lookup>) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    let mut tx = visit.city.db.read().await?;
    match question::open(&mut tx, &form.number, &form.key).await {
        Ok((found, _)) => {
            let short = question::short_number(&found.number);
            let key = store::ids::tidy_key(&form.key);
            Ok(private(Redirect::to(&visit.page("").url(&format!("/questions/{short}/{key}"))).into_response()))
        }
        Err(KnowledgeError::NotFound) => {
            let number = tidy(&form.number, 40);
            let mut response =
                show(&LookupPage { page: visit.page_at("questions", "/questions"), wrong: true, number })?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(private(response))
        }
        Err(other) => Err(other.into()),
    }
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
    let (question, events) = question::open(&mut tx, &number, &key).await?;
    let page = visit.page("questions");
    let steps = events
        .iter()
        .map(|event| Step {
            key: match event.kind.as_str() {
                "assigned" => "step-assigned",
                "answered" => "step-answered",
                "withdrawn" => "step-withdrawn",
                _ => "step-received",
            },
            section: event
                .section
                .as_deref()
                .and_then(|code| page.city.section(code, visit.today()))
                .map(|s| s.name(visit.lang).to_owned()),
            at: page.moment(event.at),
        })
        .collect();
    let next = match question.state.as_str() {
        "received" => Some("next-received"),
        "assigned" => Some("next-assigned"),
        _ => None,
    };
    let short = question::short_number(&question.number).to_owned();
    Ok(private(show(&QuestionPage {
        page,
        short,
        key: store::ids::tidy_key(&key),
        new: fresh.new == "1",
        steps,
        next,
        open: next.is_some(),
        question,
    })?))
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
    let key = store::ids::tidy_key(&key);
    let number = tidy(&number, 40);
    Ok(private(Redirect::to(&visit.page("").url(&format!("/questions/{number}/{key}"))).into_response()))
}
