//! `/articles/{code}/feedback`: whether an answer helped, and what was missing.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::feedback::{self, Feedback};
use serde::Deserialize;

use super::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;

#[derive(Deserialize)]
pub(crate) struct Helped {
    helped: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    rank: String,
}

#[derive(Deserialize)]
pub(crate) struct Comment {
    #[serde(default)]
    comment: String,
}

#[derive(Template)]
#[template(path = "citizen/feedback.html")]
struct ThanksPage {
    page: Page,
    code: String,
    id: String,
    helped: bool,
    commented: bool,
}

pub(crate) async fn post(
    visit: Visit,
    client: ClientAddress,
    Path(code): Path<String>,
    Form(form): Form<Helped>,
) -> Result<Response, Failure> {
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let helped = match form.helped.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Failure::new(StatusCode::BAD_REQUEST)),
    };
    let snapshot = visit.city.library.snapshot();
    let article = snapshot.by_code(&code).filter(|a| a.is_public(visit.today())).ok_or_else(Failure::not_found)?;
    let word = Feedback {
        article,
        lang: visit.lang,
        query: Some(form.q.as_str()),
        rank: form.rank.parse().ok().filter(|r| *r > 0),
        helped,
    };
    let mut tx = visit.city.db.write().await?;
    let mut entropy = (visit.app.entropy)();
    let id = feedback::record(&mut tx, visit.app.clock.as_ref(), entropy.as_mut(), word).await?;
    tx.commit().await?;
    let address = visit.page("").url(&format!("/articles/{code}/feedback/{id}"));
    Ok(Redirect::to(&address).into_response())
}

pub(crate) async fn get(visit: Visit, Path((code, id)): Path<(String, String)>) -> Result<Response, Failure> {
    let mut tx = visit.city.db.read().await?;
    let word = feedback::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    show(&ThanksPage { page: visit.page("search"), code, id, helped: word.helped, commented: word.comment.is_some() })
}

pub(crate) async fn post_comment(
    visit: Visit,
    client: ClientAddress,
    Path((code, id)): Path<(String, String)>,
    Form(form): Form<Comment>,
) -> Result<Response, Failure> {
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let mut tx = visit.city.db.write().await?;
    feedback::comment(&mut tx, visit.app.clock.as_ref(), &id, &form.comment).await?;
    tx.commit().await?;
    let address = visit.page("").url(&format!("/articles/{code}/feedback/{id}"));
    Ok(Redirect::to(&address).into_response())
}
