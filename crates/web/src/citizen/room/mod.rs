//! `/room` (相談のへや): the child's way into the bullying desk.
//!
//! One address for the whole talk. What a report has so far, and what opens a talk, stand in fields of the page's form:
//! no cookie, nothing in the address, nothing that the browser keeps ([decision 13]). A post shows the next page itself.
//!
//! [decision 13]: ../../../../../docs/decisions/0013-one-address-without-a-cookie.md

mod form;
mod frame;
pub(crate) mod gate;
mod receive;
mod steps;
mod talk;

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Query, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use casework::Premises;
use city::Lang;
use serde::Deserialize;

use super::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::{CityState, files};

use frame::Frame;
pub(crate) use frame::is_room;

/// Largest body of a form without files, in bytes: all words at their longest, percent-encoded.
const MAX_FORM: usize = 256 * 1024;
/// Largest body of a form with files, in bytes.
pub(crate) const MAX_UPLOAD: usize = casework::attachment::MAX_BYTES as usize + 1024 * 1024;

#[derive(Deserialize)]
pub(crate) struct Arrival {
    #[serde(default)]
    from: String,
}

/// What stands on every answer at the room's address, also on errors: nobody keeps it, nothing tells where one was.
pub(crate) fn hush(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// What sealed desks need; none where the city has none.
async fn premises(visit: &Visit) -> Result<Option<Premises>, Failure> {
    match visit.city.sealed {
        Some(_) => visit.premises().await.map(Some),
        None => Ok(None),
    }
}

/// Whether the city has a bullying desk at which somebody could read what comes in.
pub(crate) async fn is_open(visit: &Visit) -> Result<bool, Failure> {
    if visit.city.sealed.is_none() {
        return Ok(false);
    }
    let mut tx = visit.city.db.read().await?;
    Ok(casework::session::is_open(&mut tx, casework::case::BULLYING).await?)
}

fn frame(visit: &Visit) -> Frame {
    Frame::new(visit.lang, visit.city.organisation())
}

fn shown(template: &impl Template, status: StatusCode) -> Result<Response, Failure> {
    let mut response = show(template)?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /room`: the first page, always.
pub(crate) async fn get(visit: Visit, Query(arrival): Query<Arrival>) -> Result<Response, Failure> {
    count(&visit, &arrival.from).await;
    steps::start(&visit, form::Report { from: arrival.from, ..form::Report::default() }).await
}

/// Counts whoever comes by a leaflet: one more on this day, and nothing else. The room opens whether it worked or not.
async fn count(visit: &Visit, code: &str) {
    if code.is_empty() || visit.city.sealed.is_none() {
        return;
    }
    let counted = async {
        let mut tx = visit.city.db.write().await?;
        casework::leaflet::arrived(&mut tx, code, visit.today()).await?;
        Ok::<_, casework::CaseError>(tx.commit().await?)
    };
    if let Err(error) = counted.await {
        tracing::warn!(%error, "somebody came by a leaflet and was not counted");
    }
}

/// `POST /room`: whatever the page's button says.
pub(crate) async fn post(
    visit: Visit,
    client: ClientAddress,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Failure> {
    if files::has_parts(&headers) {
        return receive::post(&visit, client, request).await;
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_FORM).await.map_err(|_| Failure::new(StatusCode::PAYLOAD_TOO_LARGE))?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let form = Form::<Vec<(String, String)>>::from_request(request, &visit.app).await;
    let Form(fields) = form.map_err(|refused| Failure::new(refused.status()))?;
    act(&visit, client, &fields).await
}

/// Does what a form without files asks for. A form that nobody knows leads to the first page.
async fn act(visit: &Visit, client: ClientAddress, fields: &form::Fields) -> Result<Response, Failure> {
    let file = form::value(fields, "file");
    if !file.is_empty() {
        return talk::download(visit, fields, file).await;
    }
    match form::value(fields, "go") {
        "what" | "wishes" | "check" => steps::turn(visit, form::Report::of(fields), form::value(fields, "go")).await,
        "send" => steps::send(visit, client, form::Report::of(fields)).await,
        "return" => talk::ask(visit, talk::Asking::default()),
        "open" => talk::open(visit, client, fields).await,
        "talk" => talk::again(visit, fields).await,
        "say" => talk::say(visit, client, fields).await,
        "my-wishes" => talk::wishes(visit, fields).await,
        "wish" => talk::wish(visit, client, fields).await,
        "close" => talk::close(visit, fields).await,
        _ => steps::start(visit, form::Report::of(fields)).await,
    }
}

#[derive(Template)]
#[template(path = "citizen/room/trouble.html")]
struct TroublePage<'a> {
    page: Frame,
    title_key: &'a str,
    text_key: &'a str,
    again: bool,
}

/// The page of a refusal or a fault at the room's address. It has no number to be read out: nobody asks a child for one.
pub(crate) fn trouble(city: &Arc<CityState>, lang: Lang, status: StatusCode) -> Result<String, askama::Error> {
    let (title_key, text_key) = match status.as_u16() {
        413 => ("room-trouble-title", "room-trouble-large"),
        429 => ("room-trouble-title", "room-trouble-often"),
        _ => ("room-trouble-title", "room-trouble-text"),
    };
    TroublePage { page: Frame::new(lang, city.organisation()), title_key, text_key, again: true }.render()
}

/// The page for a desk that nobody could read at.
fn shut(visit: &Visit) -> Result<Response, Failure> {
    let (title_key, text_key) = ("room-shut-title", "room-shut-lead");
    let html = TroublePage { page: frame(visit), title_key, text_key, again: false }.render()?;
    Ok((StatusCode::SERVICE_UNAVAILABLE, Html(html)).into_response())
}
