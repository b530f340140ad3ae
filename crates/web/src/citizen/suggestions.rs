//! `/suggestions`: questions that may be meant by what somebody has typed so far, for the script of the search field.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Visit;
use super::ask::tidy;
use crate::limits::ClientAddress;
use words::ruby;

/// Suggestions under the field.
const SHOWN: usize = 6;
/// Most characters of what is typed that are looked at.
const MAX_TYPED: usize = 60;

#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    q: String,
}

pub(crate) async fn get(visit: Visit, client: ClientAddress, Query(Typed { q }): Query<Typed>) -> Response {
    if !visit.app.limits.typing(client) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let typed = tidy(&q, MAX_TYPED);
    let page = visit.page("search");
    let suggested = visit.city.library.suggest(&typed, visit.lang, visit.today(), SHOWN);
    let row = |s: &knowledge::Suggestion| {
        serde_json::json!({
            // Readings in brackets would be read aloud twice.
            "question": ruby::strip(&s.question),
            "lang": s.lang.html(),
            "url": page.url(&format!("/articles/{}", s.code)),
        })
    };
    let rows: serde_json::Value = suggested.iter().map(row).collect();
    ([(header::CONTENT_TYPE, "application/json")], rows.to_string()).into_response()
}
