//! `/questions`: leaving a question, and finding it again.

mod one;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::question::{self, NewQuestion};
use knowledge::{Invalid, KnowledgeError, WrongMail};
use serde::Deserialize;

use super::ask::tidy;
use super::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;
use words::i18n;

pub(crate) use one::{helped, reopen, show_one, withdraw};

/// The form, as it is shown and shown again.
pub(crate) struct QuestionForm {
    pub(crate) submission: String,
    pub(crate) asked: String,
    pub(crate) body: String,
    pub(crate) mail: String,
    /// Whether an address can be taken: without its key a city keeps none.
    pub(crate) takes_mail: bool,
    pub(crate) error: Option<String>,
    pub(crate) mail_error: Option<String>,
}

impl QuestionForm {
    pub(crate) fn new(visit: &Visit, asked: &str) -> Self {
        let mut entropy = (visit.app.entropy)();
        QuestionForm {
            submission: question::new_submission(entropy.as_mut()),
            asked: asked.to_owned(),
            body: asked.to_owned(),
            mail: String::new(),
            takes_mail: visit.city.db.key().is_ok(),
            error: None,
            mail_error: None,
        }
    }

    /// Whether something in it cannot be taken.
    pub(crate) fn wrong(&self) -> bool {
        self.error.is_some() || self.mail_error.is_some()
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
    #[serde(default)]
    mail: String,
}

#[derive(Deserialize)]
pub(crate) struct Numbered {
    #[serde(default)]
    number: String,
}

#[derive(Deserialize)]
pub(crate) struct Lookup {
    #[serde(default)]
    number: String,
    #[serde(default)]
    key: String,
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

/// Pages that a key opens stay out of caches and search engines. Other sites never see their
/// addresses: the referrer policy of every page is `same-origin`. (`no-referrer` would make browsers
/// send `Origin: null` with the forms of these pages.)
pub(super) fn private(response: Response) -> Response {
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
pub(crate) async fn get(visit: Visit, Query(asked): Query<Numbered>) -> Result<Response, Failure> {
    // The mail on an answer leads here with the number; the key it does not know.
    show(&LookupPage { page: visit.page("questions"), wrong: false, number: tidy(&asked.number, 40) })
}

/// Leaves a question; a form that cannot be taken comes back filled.
pub(crate) async fn post(visit: Visit, client: ClientAddress, Form(sent): Form<Sent>) -> Result<Response, Failure> {
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let mut entropy = (visit.app.entropy)();
    let mut form = QuestionForm::new(&visit, &sent.asked);
    let mail = if form.takes_mail { sent.mail.as_str() } else { "" };
    let new =
        NewQuestion { submission: &sent.submission, lang: visit.lang, asked: &sent.asked, body: &sent.body, mail };
    let invalid = match question::leave(&visit.city.db, visit.app.clock.as_ref(), entropy.as_mut(), new).await {
        Ok(receipt) => {
            let short = question::short_number(&receipt.number);
            let address = visit.page("").url(&format!("/questions/{short}/{}?new=1", receipt.key));
            return Ok(private(Redirect::to(&address).into_response()));
        }
        Err(KnowledgeError::Invalid(invalid)) => invalid,
        Err(other) => return Err(other.into()),
    };
    match invalid {
        Invalid::Mail(wrong) => form.mail_error = Some(i18n::message(visit.lang, mail_message(wrong), &[])),
        other => form.error = Some(words_error(visit.lang, other, &sent.body)),
    }
    form.mail = sent.mail;
    form.body = sent.body;
    let mut response = show(&NewPage { page: visit.page_at("questions", "/questions/new"), form })?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(private(response))
}

/// What is wrong with words that a citizen wrote.
pub(super) fn words_error(lang: Lang, invalid: Invalid, words: &str) -> String {
    match invalid {
        Invalid::Empty => i18n::message(lang, "error-empty", &[]),
        Invalid::TooLong(limit) => {
            let length = question::length(words).to_string();
            i18n::message(lang, "error-too-long", &[("n", &limit.to_string()), ("length", &length)])
        }
        Invalid::Form | Invalid::Mail(_) => i18n::message(lang, "error-form", &[]),
    }
}

fn mail_message(wrong: WrongMail) -> &'static str {
    match wrong {
        WrongMail::Empty | WrongMail::At => "error-mail-at",
        WrongMail::Control | WrongMail::Blank => "error-mail-blank",
        WrongMail::Local | WrongMail::Dots => "error-mail-local",
        WrongMail::Domain => "error-mail-domain",
        WrongMail::TooLong => "error-mail-long",
    }
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
