//! The gate before every page of the staff's face: who is logged in, and whether the route is open to them.
//!
//! It is put around a route by the routes' table, so that no page can be reached around it. Pages then look
//! only at whether the action is allowed *in the section of the record*.

use std::sync::Arc;

use access::{Action, Principal, account, sign_in};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use casework::member::DeskRole;
use store::secret::{hex, mac, same};

use super::frame::Frame;
use crate::citizen::Visit;
use crate::errors::Failure;
use crate::routes::Access;
use crate::security::Mounted;
use crate::{App, CityState};

/// Name of the session's cookie. `__Host-`: only over https or on localhost, for this host alone.
pub(crate) const SESSION: &str = "__Host-madoguchi-staff";
/// Name of the cookie by which a device is known again.
pub(crate) const DEVICE: &str = "__Host-madoguchi-device";

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A `Set-Cookie` header; `seconds` is 0 to remove it, `None` for as long as the browser runs.
pub(crate) fn set_cookie(
    response: &mut Response,
    name: &str,
    value: &str,
    seconds: Option<u32>,
) -> Result<(), Failure> {
    let lasts = seconds.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    // Lax: a link in a mail must find the person logged in. Forms are safe by their token and their origin.
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{lasts}");
    let header = HeaderValue::try_from(text).map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))?;
    response.headers_mut().append(header::SET_COOKIE, header);
    Ok(())
}

/// Who is logged in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) who: Arc<Principal>,
    pub(crate) session: access::store::session::Session,
    pub(crate) csrf: String,
    /// What they are at which sealed desks.
    pub(crate) desks: Arc<Vec<(String, DeskRole)>>,
}

/// The token that every form of a session carries.
fn csrf(db: &store::Db, session: &str) -> Result<String, Failure> {
    Ok(hex(&mac(&db.key()?.derive("csrf"), &[session.as_bytes()])[..16]))
}

async fn signed_in(app: &App, city: &CityState, headers: &HeaderMap) -> Result<Option<SignedIn>, Failure> {
    let Some(token) = cookie(headers, SESSION) else { return Ok(None) };
    let Some(session) = sign_in::session_of(&city.db, app.clock.as_ref(), token).await? else { return Ok(None) };
    let mut tx = city.db.read().await?;
    let today = app.now().jst_date();
    let desks = match &city.sealed {
        Some(_) => Arc::new(casework::member::roles(&mut tx, &session.account).await?),
        None => Arc::default(),
    };
    match account::principal(&mut tx, &city.organisation(), &session.account, today).await {
        Ok(who) => Ok(Some(SignedIn { who: Arc::new(who), csrf: csrf(&city.db, &session.id)?, session, desks })),
        Err(access::AccessError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Lets a request pass, asks for the log-in, or refuses.
pub(crate) async fn pass(needed: Access, mut request: Request, next: Next) -> Response {
    let city = request.extensions().get::<Arc<CityState>>().cloned();
    let app = request.extensions().get::<Arc<App>>().cloned();
    let (Some(city), Some(app)) = (city, app) else { return Failure::not_found().into_response() };
    let found = match signed_in(&app, &city, request.headers()).await {
        Ok(found) => found,
        Err(failure) => return failure.into_response(),
    };
    let Some(found) = found else { return to_log_in(&request) };
    if let Access::Staff(action) = needed
        && !found.who.may(action)
    {
        let mut response = Failure::new(StatusCode::FORBIDDEN).into_response();
        response.extensions_mut().insert(found);
        return response;
    }
    request.extensions_mut().insert(found.clone());
    let mut response = next.run(request).await;
    // For the page of an error, which has the menu as well.
    response.extensions_mut().insert(found);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn to_log_in(request: &Request) -> Response {
    if request.headers().get("x-requested-with").is_some() {
        // A script asks: it tells the person, and what was typed stays on the page.
        return Failure::new(StatusCode::UNAUTHORIZED).into_response();
    }
    let back = match *request.method() {
        Method::GET => request.uri().path_and_query().map_or("/", |p| p.as_str()),
        _ => "/",
    };
    Redirect::to(&format!("/login?next={}", encode(back))).into_response()
}

/// Percent-encodes everything that is not plainly part of a path.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// What a page of the staff's face has at hand.
pub(crate) struct Staff {
    pub(crate) app: Arc<App>,
    pub(crate) city: Arc<CityState>,
    pub(crate) visit: Visit,
    pub(crate) who: Arc<Principal>,
    pub(crate) session: access::store::session::Session,
    /// What they are at which sealed desks.
    pub(crate) desks: Arc<Vec<(String, DeskRole)>>,
    /// The faces that the listener of this request mounts.
    pub(crate) mounted: Mounted,
    /// The desk's cookie, if the browser has one.
    pub(crate) desk_cookie: Option<String>,
    csrf: String,
    notice: Option<String>,
}

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        // Without the gate there is nobody: a route that forgot it answers as if it did not exist.
        let found = parts.extensions.get::<SignedIn>().cloned().ok_or_else(Failure::not_found)?;
        let visit = Visit::from_request_parts(parts, app).await?;
        let notice =
            parts.uri.query().and_then(|q| q.split('&').find_map(|p| p.strip_prefix("done="))).map(str::to_owned);
        Ok(Staff {
            app: app.clone(),
            city: visit.city.clone(),
            visit,
            who: found.who,
            session: found.session,
            desks: found.desks,
            mounted: parts.extensions.get::<Mounted>().copied().unwrap_or_default(),
            desk_cookie: cookie(&parts.headers, super::sealed::COOKIE).map(str::to_owned),
            csrf: found.csrf,
            notice,
        })
    }
}

impl Staff {
    /// The frame of a page; `nav` says which part of the menu is marked.
    pub(crate) fn frame(&self, nav: &'static str) -> Frame {
        let frame = Frame::new(&self.visit, Some((self.who.clone(), self.csrf.clone())), nav, self.notice.as_deref());
        frame.behind(self.mounted, &self.desks)
    }

    /// Whether somebody has a role at a sealed desk.
    pub(crate) fn is_at(&self, desk: &str, role: DeskRole) -> bool {
        self.desks.iter().any(|(at, held)| at == desk && *held == role)
    }

    /// The code of the section that answers today for a stored code.
    pub(crate) fn section_today(&self, code: &str) -> String {
        let organisation = self.city.organisation();
        organisation.section(code, self.visit.today()).map_or_else(|| code.to_owned(), |s| s.code.clone())
    }

    /// Refuses unless the action is allowed in the section of the record.
    pub(crate) fn need(&self, action: Action, section: &str) -> Result<(), Failure> {
        if self.who.may_in(action, &self.section_today(section)) {
            Ok(())
        } else {
            Err(Failure::new(StatusCode::FORBIDDEN))
        }
    }

    /// Whether a form's token is the session's.
    pub(crate) fn is_own_form(&self, token: &str) -> bool {
        same(token.as_bytes(), self.csrf.as_bytes())
    }
}
