//! Errors are pages: what happened, what to do, and a reference number.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use city::Lang;

use crate::citizen::Visit;
use crate::page::Page;
use crate::security::Mounted;
use crate::staff::frame::Frame;
use crate::staff::gate::SignedIn;
use crate::{App, CityState};

/// A failed request. The page is made by [`pages`], which knows the city and the language.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    /// For the log only.
    cause: Option<String>,
    /// For the page, where it is better than the status' own words.
    sentence: Option<String>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode) -> Self {
        Failure { status, cause: None, sentence: None }
    }

    pub(crate) fn not_found() -> Self {
        Failure::new(StatusCode::NOT_FOUND)
    }

    /// What was sent cannot be taken; the sentence says why and what to do.
    pub(crate) fn refused(sentence: String) -> Self {
        Failure { sentence: Some(sentence), ..Failure::new(StatusCode::UNPROCESSABLE_ENTITY) }
    }

    /// So much is being done at once that this has to wait.
    pub(crate) fn busy() -> Self {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Whether it has a status.
    pub(crate) fn is(&self, status: StatusCode) -> bool {
        self.status == status
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
        Failure { status, cause: Some(error.to_string()), sentence: None }
    }
}

impl From<knowledge::KnowledgeError> for Failure {
    fn from(error: knowledge::KnowledgeError) -> Self {
        match error {
            knowledge::KnowledgeError::Store(error) => error.into(),
            knowledge::KnowledgeError::NotFound => Failure::not_found(),
            knowledge::KnowledgeError::Forbidden => Failure::new(StatusCode::FORBIDDEN),
            knowledge::KnowledgeError::Changed => Failure::new(StatusCode::CONFLICT),
            knowledge::KnowledgeError::Access(error) => error.into(),
            knowledge::KnowledgeError::People(people::PeopleError::Store(error)) => error.into(),
            // A page that knows its fields shows the sentence beside the field; this one does not.
            knowledge::KnowledgeError::Rule(sentence) => Failure::refused(sentence),
            knowledge::KnowledgeError::Field { reason, .. } => Failure::refused(reason),
            knowledge::KnowledgeError::Form(problems) => {
                Failure::refused(problems.into_iter().map(|p| p.reason).collect::<Vec<_>>().join(" "))
            }
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) },
        }
    }
}

impl From<contact::ContactError> for Failure {
    fn from(error: contact::ContactError) -> Self {
        use contact::ContactError::{
            Access, Changed, City, Expired, Field, File, Forbidden, Invalid, Knowledge, NotFound, People, Rule, Store,
        };
        match error {
            Store(error) => error.into(),
            Access(error) => error.into(),
            People(error) => error.into(),
            Knowledge(error) => error.into(),
            NotFound => Failure::not_found(),
            Expired => Failure::new(StatusCode::GONE),
            Forbidden => Failure::new(StatusCode::FORBIDDEN),
            Changed => Failure::new(StatusCode::CONFLICT),
            Rule(sentence) => Failure::refused(sentence),
            Field { reason, .. } => Failure::refused(reason),
            File(refused) => Failure::refused(crate::files::sentence(Lang::Ja, &refused)),
            Invalid(_) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY),
            City(error) => {
                Failure { cause: Some(error.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) }
            }
        }
    }
}

impl From<outreach::OutreachError> for Failure {
    fn from(error: outreach::OutreachError) -> Self {
        use outreach::OutreachError::{Changed, Field, NotFound, People, Rule, Store};
        match error {
            Store(error) => error.into(),
            People(error) => error.into(),
            NotFound => Failure::not_found(),
            Changed => Failure::new(StatusCode::CONFLICT),
            Rule(sentence) => Failure::refused(sentence),
            Field { reason, .. } => Failure::refused(reason),
        }
    }
}

impl From<line_account::AccountError> for Failure {
    fn from(error: line_account::AccountError) -> Self {
        use line_account::AccountError::{Contact, NotFound, Outreach, People, Rule, Store};
        match error {
            Store(error) => error.into(),
            Contact(error) => error.into(),
            Outreach(error) => error.into(),
            People(error) => error.into(),
            NotFound => Failure::not_found(),
            Rule(sentence) => Failure::refused(sentence),
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::SERVICE_UNAVAILABLE) },
        }
    }
}

impl From<access::AccessError> for Failure {
    fn from(error: access::AccessError) -> Self {
        use access::AccessError::{Changed, Forbidden, Invalid, NotFound, Store};
        match error {
            Store(error) => error.into(),
            NotFound => Failure::not_found(),
            Forbidden => Failure::new(StatusCode::FORBIDDEN),
            Changed => Failure::new(StatusCode::CONFLICT),
            Invalid { reason, .. } => Failure::refused(reason),
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) },
        }
    }
}

impl From<people::PeopleError> for Failure {
    fn from(error: people::PeopleError) -> Self {
        use people::PeopleError::{Erased, Invalid, NotFound, SamePerson, State, Store};
        match error {
            Store(error) => error.into(),
            NotFound => Failure::not_found(),
            SamePerson => Failure::new(StatusCode::FORBIDDEN),
            State => Failure::new(StatusCode::CONFLICT),
            Erased => Failure::refused("この人の情報は消されています。何も加えられません。".into()),
            Invalid { reason, .. } => Failure::refused(reason),
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) },
        }
    }
}

impl From<line_account::menu::MenuError> for Failure {
    fn from(error: line_account::menu::MenuError) -> Self {
        use line_account::menu::MenuError::{Changed, Forbidden, Form, NotFound, Rule, Store};
        match error {
            Store(error) => error.into(),
            NotFound => Failure::not_found(),
            Forbidden => Failure::new(StatusCode::FORBIDDEN),
            Changed => Failure::new(StatusCode::CONFLICT),
            Rule(sentence) => Failure::refused(sentence.into()),
            Form(problems) => {
                let said: Vec<String> = problems.into_iter().map(|p| p.reason).collect();
                Failure::refused(said.join(""))
            }
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) },
        }
    }
}

impl From<casework::CaseError> for Failure {
    fn from(error: casework::CaseError) -> Self {
        use casework::CaseError::{Access, Changed, Field, Locked, NotFound, Rule, Store, Vault, Wrong};
        match error {
            Store(error) => error.into(),
            Access(error) => error.into(),
            NotFound => Failure::not_found(),
            // Pages that want an open desk lead to the page that opens it; this is for all others.
            Locked | Wrong => Failure::new(StatusCode::FORBIDDEN),
            Changed => Failure::new(StatusCode::CONFLICT),
            Rule(sentence) => Failure::refused(sentence),
            Field { reason, .. } => Failure::refused(reason),
            Vault(error) => {
                Failure { cause: Some(error.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) }
            }
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::SERVICE_UNAVAILABLE) },
        }
    }
}

impl From<mail::MailError> for Failure {
    fn from(error: mail::MailError) -> Self {
        match error {
            mail::MailError::Store(error) => error.into(),
            mail::MailError::People(error) => error.into(),
            other => Failure { cause: Some(other.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) },
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Failure { cause: Some(error.to_string()), ..Failure::new(StatusCode::INTERNAL_SERVER_ERROR) }
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
const WORDED: [u16; 8] = [400, 403, 404, 410, 413, 429, 500, 503];

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
    let is_room = crate::citizen::room::is_room(request.uri().path());
    let city = request.extensions().get::<Arc<CityState>>().cloned();
    let mounted = request.extensions().get::<Mounted>().copied();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    // A page with its own words, or a sentence for the page's script.
    let has_words =
        |v: &HeaderValue| [&b"text/html"[..], b"application/json"].iter().any(|t| v.as_bytes().starts_with(t));
    let is_answer = response.headers().get(header::CONTENT_TYPE).is_some_and(has_words);
    let (Some(city), false) = (city, is_answer) else { return response };
    let reference = reference(&app);
    if let Some(mounted) = mounted {
        return staff_page(app, city, mounted, response, reference);
    }
    log(&response, &reference);
    if is_room {
        let html = crate::citizen::room::trouble(&city, lang, response.status());
        return in_place_of(response, html);
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
        banner: city.gates.disaster().map(|d| d.text(lang).to_owned()),
    };
    let html = ErrorPage {
        page,
        title_key: &format!("error-{code}-title"),
        text_key: &format!("error-{code}-text"),
        reference,
        asked: "",
    }
    .render();
    in_place_of(response, html)
}

fn log(response: &Response, reference: &str) {
    if response.status().is_server_error() {
        let failure = response.extensions().get::<Failure>();
        let cause = failure.and_then(|f| f.cause.as_deref()).unwrap_or("unknown");
        tracing::error!(reference, status = response.status().as_u16(), cause, "request failed");
    }
}

/// The page with the status of the answer that it replaces, its wait, how it may be kept, and its cookie.
fn in_place_of(response: Response, html: Result<String, askama::Error>) -> Response {
    match html {
        Ok(html) => {
            let mut shown = (response.status(), Html(html)).into_response();
            for name in [header::RETRY_AFTER, header::CACHE_CONTROL, header::SET_COOKIE] {
                if let Some(value) = response.headers().get(&name) {
                    shown.headers_mut().insert(name, value.clone());
                }
            }
            shown
        }
        Err(error) => {
            tracing::error!(%error, "the error page itself failed");
            response
        }
    }
}

#[derive(Template)]
#[template(path = "staff/error.html")]
struct StaffErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    text: &'a str,
    reference: String,
}

/// What the staff reads; the second part says what to do.
fn staff_words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => ("ログインが切れました", "別のタブでログインしてから、この画面でもう一度送ってください。"),
        403 => (
            "この操作はできません",
            "この操作をする役割がないか、画面を開いてから時間がたっています。画面を読み込み直してもできないときは、課の管理者かシステム管理者に伝えてください。",
        ),
        404 | 405 => ("見つかりません", "消されたか、アドレスがちがいます。一覧からさがしてください。"),
        409 => ("ほかの人が先に変えました", "画面を読み込み直して、いまの内容を確かめてから、もう一度してください。"),
        413 => ("大きすぎて受け取れません", "文章やファイルを小さく分けて、もう一度送ってください。"),
        422 => ("このままでは受け取れません", "入力した内容を確かめてください。"),
        429 => ("回数が多すぎます", "1分ほど待ってから、もう一度ためしてください。"),
        503 => (
            "いま混み合っています",
            "少し待ってから、もう一度ためしてください。入力した内容は、前の画面に残っています。",
        ),
        500.. => (
            "うまくいきませんでした",
            "もう一度ためしてください。続くときは、下の番号をシステム管理者に伝えてください。",
        ),
        _ => ("受け取れませんでした", "前の画面にもどって、もう一度ためしてください。"),
    }
}

fn staff_page(
    app: Arc<App>,
    city: Arc<CityState>,
    mounted: Mounted,
    response: Response,
    reference: String,
) -> Response {
    log(&response, &reference);
    let (title, text) = staff_words(response.status());
    let sentence = response.extensions().get::<Failure>().and_then(|f| f.sentence.clone());
    let signed_in = response.extensions().get::<SignedIn>();
    let who = signed_in.map(|s| (s.who.clone(), s.csrf.clone()));
    // Whoever is not logged in works at no desk.
    let desks = signed_in.map(|s| s.desks.clone()).unwrap_or_default();
    let frame = Frame::new(&Visit::of(app, city), who, "", None).behind(mounted, &desks);
    let text = sentence.as_deref().unwrap_or(text);
    let html = StaffErrorPage { frame, title, text, reference }.render();
    in_place_of(response, html)
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
