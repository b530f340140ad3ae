//! Around every request: which city, where forms may come from, and what browsers are told.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::citizen::room::{hush, is_room};
use crate::errors::Failure;
use crate::routes::Face;
use crate::{App, CityState};

/// Scripts are files of ours, and nothing else; every page works without them.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts the headers on every answer, counts it and writes one line to the log: never the query,
/// which holds what a citizen asked.
pub(crate) async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The matched pattern, not the address: addresses of questions hold their keys.
    let path = request.extensions().get::<axum::extract::MatchedPath>().map(|p| p.as_str().to_owned());
    let is_room = is_room(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if is_room {
        hush(headers);
    }
    let took = started.elapsed();
    let status = response.status().as_u16();
    app.metrics.record(status, took);
    tracing::debug!(%method, path = path.as_deref().unwrap_or("-"), status, micros = took.as_micros() as u64, "request");
    response
}

/// The host that a request names, without port, in lower case.
pub(crate) fn host(request: &Request) -> Option<String> {
    let named = match request.headers().get(header::HOST) {
        Some(value) => value.to_str().ok()?,
        None => request.uri().authority()?.as_str(),
    };
    let host = if named.starts_with('[') {
        named.split_once(']').map_or(named, |(inside, _)| inside).trim_start_matches('[')
    } else {
        named.split(':').next().unwrap_or(named)
    };
    Some(host.trim_end_matches('.').to_lowercase())
}

/// Finds the city of the host; an unknown one gets 421, so that a stray name never shows a city.
pub(crate) async fn find_city(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let city = host(&request).and_then(|h| app.cities.get(&h).cloned());
    match city {
        Some(city) => {
            request.extensions_mut().insert::<Arc<CityState>>(city);
            request.extensions_mut().insert::<Arc<App>>(app);
            next.run(request).await
        }
        None => (
            StatusCode::MISDIRECTED_REQUEST,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            "この名前のサイトはここにはありません。 / No city is served under this host name.\n",
        )
            .into_response(),
    }
}

/// Marks a request as one behind the log-in, with the faces that its listener mounts: a menu leads to nothing else.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mounted {
    pub(crate) staff: bool,
    pub(crate) desk: bool,
    pub(crate) partner: bool,
}

impl Mounted {
    /// Those of a list.
    pub(crate) fn of(faces: &[Face]) -> Self {
        let has = |face| faces.contains(&face);
        Mounted { staff: has(Face::Staff), desk: has(Face::Desk), partner: has(Face::Partner) }
    }
}

/// What differs behind the log-in.
pub(crate) async fn behind_log_in(State(mounted): State<Mounted>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(mounted);
    next.run(request).await
}

/// Refuses forms that another site made the browser send. Without cookies nothing can be stolen so,
/// but nobody shall fill a city's tables through other people's browsers.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    // Pages that tell nobody where one was say so of their own forms as well: an origin of "null" is no other site's.
    let is_quiet = is_room(request.uri().path()) && request.headers().get(header::ORIGIN).is_some_and(|v| v == "null");
    let tells = request.headers().contains_key("sec-fetch-site");
    if is_foreign(request.headers()) && (tells || !is_quiet) {
        return Failure::new(StatusCode::FORBIDDEN).into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != text("host"),
        // Old browsers and command-line clients say neither.
        (None, None) => false,
    }
}
