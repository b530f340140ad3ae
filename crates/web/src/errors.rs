//! Errors are pages: what happened, what to do, and a reference number.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use city::Lang;

use crate::page::Page;
use crate::{App, CityState};

/// A failed request. The page is made by [`pages`], which knows the city and the language.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    /// For the log only.
    cause: Option<String>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode) -> Self {
        Failure { status, cause: None }
    }

    pub(crate) fn not_found() -> Self {
        Failure::new(StatusCode::NOT_FOUND)
    }

    pub(crate) fn too_many() -> Self {
        Failure::new(StatusCode::TOO_MANY_REQUESTS)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        use store::StoreError::{Busy, Full, Nul};
        let status = match error {
            Busy(_) | Full(_) => StatusCode::SERVICE_UNAVAILABLE,
            Nul => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Failure { status, cause: Some(error.to_string()) }
    }
}

impl From<knowledge::KnowledgeError> for Failure {
    fn from(error: knowledge::KnowledgeError) -> Self {
        match error {
            knowledge::KnowledgeError::Store(error) => error.into(),
            knowledge::KnowledgeError::NotFound => Failure::not_found(),
            knowledge::KnowledgeError::Forbidden => Failure::new(StatusCode::FORBIDDEN),
            knowledge::KnowledgeError::Changed => Failure::new(StatusCode::CONFLICT),
            knowledge::KnowledgeError::People(people::PeopleError::Store(error)) => error.into(),
            other => Failure { status: StatusCode::INTERNAL_SERVER_ERROR, cause: Some(other.to_string()) },
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Failure { status: StatusCode::INTERNAL_SERVER_ERROR, cause: Some(error.to_string()) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Statuses that have words of their own.
const WORDED: [u16; 7] = [400, 403, 404, 413, 429, 500, 503];

#[derive(Template)]
#[template(path = "citizen/error.html")]
struct ErrorPage<'a> {
    page: Page,
    title_key: &'a str,
    text_key: &'a str,
    reference: String,
    asked: &'a str,
}

/// Turns failures, and refusals of the framework (a path that is not there, a body that is too large), into
/// pages in the language of the address.
pub(crate) async fn pages(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let lang = lang_of(request.uri().path());
    let city = request.extensions().get::<Arc<CityState>>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    let (Some(city), false) = (city, is_page) else { return response };
    let reference = reference(&app);
    let failure = response.extensions().get::<Failure>();
    if status.is_server_error() {
        let cause = failure.and_then(|f| f.cause.as_deref()).unwrap_or("unknown");
        tracing::error!(reference, status = status.as_u16(), cause, "request failed");
    }
    let code = match status.as_u16() {
        code if WORDED.contains(&code) => code,
        405 => 404,
        code if code >= 500 => 500,
        _ => 400,
    };
    let page = Page {
        lang,
        city: city.organisation(),
        section: "",
        path: "/".into(),
        theme: crate::citizen::theme_url(&city),
    };
    let html = ErrorPage {
        page,
        title_key: &format!("error-{code}-title"),
        text_key: &format!("error-{code}-text"),
        reference,
        asked: "",
    }
    .render();
    match html {
        Ok(html) => {
            let mut shown = (status, Html(html)).into_response();
            if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
                shown.headers_mut().insert(header::RETRY_AFTER, wait.clone());
            }
            shown
        }
        Err(error) => {
            tracing::error!(%error, "the error page itself failed");
            response
        }
    }
}

/// Eight characters that a caller reads out and the log holds.
fn reference(app: &App) -> String {
    let mut entropy = (app.entropy)();
    store::ids::new_key(entropy.as_mut()).chars().filter(|c| *c != '-').take(8).collect()
}

/// The language of an address.
pub(crate) fn lang_of(path: &str) -> Lang {
    Lang::ALL
        .into_iter()
        .filter(|l| !l.prefix().is_empty())
        .find(|l| path.strip_prefix(l.prefix()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        .unwrap_or(Lang::Ja)
}
