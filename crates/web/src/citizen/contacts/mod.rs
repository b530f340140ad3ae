//! `/contacts`: talking with the city — beginning a conversation, and finding it again.

pub(crate) mod call_back;
pub(crate) mod one;
pub(crate) mod stream;
mod view;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contact::contact::{by_key, short_number};
use contact::{ContactError, Invalid, MAX_BODY, citizen, message};
use serde::Deserialize;

use super::ask::tidy;
use super::questions::private;
use super::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;
use words::OpenStatus;
use words::i18n;

#[derive(Deserialize)]
pub(crate) struct Prefill {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub(crate) struct Begun {
    #[serde(default)]
    submission: String,
    #[serde(default)]
    words: String,
}

#[derive(Deserialize)]
pub(crate) struct Lookup {
    #[serde(default)]
    number: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "citizen/contact_new.html")]
struct NewPage {
    page: Page,
    submission: String,
    words: String,
    error: Option<String>,
    phone_status: Option<OpenStatus>,
}

#[derive(Template)]
#[template(path = "citizen/contacts.html")]
struct LookupPage {
    page: Page,
    wrong: bool,
    number: String,
}

fn new_page(visit: &Visit, words: String, error: Option<String>) -> Result<Response, Failure> {
    let page = visit.page_at("contacts", "/contacts/new");
    let submission = knowledge::question::new_submission((visit.app.entropy)().as_mut());
    let phone_status = visit.phone_status(&page);
    let wrong = error.is_some();
    let mut response = show(&NewPage { page, submission, words, error, phone_status })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(private(response))
}

/// `/contacts/new`
pub(crate) async fn new(visit: Visit, Query(prefill): Query<Prefill>) -> Result<Response, Failure> {
    new_page(&visit, tidy(&prefill.q, 1000), None)
}

/// Begins a conversation and leads to its page.
pub(crate) async fn post(visit: Visit, client: ClientAddress, Form(sent): Form<Begun>) -> Result<Response, Failure> {
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |topic: &str| is_live(&visit, topic);
    let window = visit.window(&organisation, &live);
    let mut entropy = (visit.app.entropy)();
    match citizen::begin(window, entropy.as_mut(), &sent.submission, visit.lang, &sent.words).await {
        Ok(receipt) => {
            visit.city.live.tell(&receipt.id);
            let address = format!("/contacts/{}/{}", short_number(&receipt.number), receipt.key);
            Ok(private(Redirect::to(&visit.page("").url(&address)).into_response()))
        }
        Err(ContactError::Invalid(invalid)) => {
            let error = invalid_words(&visit, invalid, &sent.words);
            new_page(&visit, sent.words, Some(error))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether the bot may answer on a topic now.
pub(super) fn is_live(visit: &Visit, topic: &str) -> bool {
    visit.city.gates.is_live(topic)
}

/// What is wrong with what a citizen sent.
pub(super) fn invalid_words(visit: &Visit, invalid: Invalid, words: &str) -> String {
    let length = message::clean(words).chars().count().to_string();
    let say = |key: &str, args: &[(&str, &str)]| i18n::message(visit.lang, key, args);
    match invalid {
        Invalid::Empty => say("chat-error-empty", &[]),
        Invalid::TooLong(_) => say("error-too-long", &[("n", &MAX_BODY.to_string()), ("length", &length)]),
        Invalid::Form => say("error-form", &[]),
        Invalid::Closed => say("chat-error-closed", &[]),
        Invalid::Phone => say("chat-error-phone", &[]),
        Invalid::Window => say("chat-error-window", &[]),
    }
}

/// `/contacts`
pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    show(&LookupPage { page: visit.page("contacts"), wrong: false, number: String::new() })
}

/// Number and key to the conversation's page.
pub(crate) async fn lookup(visit: Visit, client: ClientAddress, Form(form): Form<Lookup>) -> Result<Response, Failure> {
    if !visit.app.limits.key(client) {
        return Err(Failure::too_many());
    }
    let mut tx = visit.city.db.read().await?;
    match by_key(&mut tx, visit.app.clock.as_ref(), &form.number, &form.key).await {
        Ok(_) => {
            // The number as it was given: a part of another contact keeps its own link.
            let number = contact::contact::full_number(&form.number);
            let address = format!("/contacts/{}/{}", short_number(&number), store::ids::tidy_key(&form.key));
            Ok(private(Redirect::to(&visit.page("").url(&address)).into_response()))
        }
        Err(ContactError::NotFound | ContactError::Expired) => {
            let number = tidy(&form.number, 40);
            let mut response = show(&LookupPage { page: visit.page_at("contacts", "/contacts"), wrong: true, number })?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(private(response))
        }
        Err(other) => Err(other.into()),
    }
}
