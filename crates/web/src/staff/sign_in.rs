//! `/login`, `/login/code`, `/logout`, `/invitations/{token}`: in and out.

use std::sync::Arc;

use access::sign_in::{self, Client, Outcome};
use access::{AccessError, account, totp};
use askama::Template;
use askama::filters::Safe;
use axum::Form;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::{DEVICE, SESSION, cookie, encode, set_cookie};
use crate::App;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::qr::qr;

/// Name of the cookie between password and code.
const PENDING: &str = "__Host-madoguchi-code";
/// How long a device is known, in seconds: half a year.
const KNOWN: u32 = 180 * 24 * 60 * 60;

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
    #[serde(default)]
    done: String,
}

/// Only a path of this site, never another site.
fn safe_next(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if is_path { next } else { "/" }
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    login: String,
    error: Option<String>,
    insecure: bool,
    demo: Option<Demo>,
}

#[derive(Template)]
#[template(path = "staff/code.html")]
struct CodePage {
    frame: Frame,
    next: String,
    error: Option<String>,
    simulated: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/invitation.html")]
struct InvitationPage {
    frame: Frame,
    token: String,
    login: String,
    name: String,
    secret: String,
    typed: String,
    qr: Safe<String>,
    errors: Vec<(&'static str, String)>,
    simulated: Option<String>,
}

impl InvitationPage {
    fn error(&self, field: &str) -> Option<&String> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, reason)| reason)
    }
}

/// Browser and system in words: enough for a person to know the session again.
fn label(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let pick = |names: &[(&str, &'static str)], other: &'static str| {
        names.iter().find(|(key, _)| agent.contains(key)).map_or(other, |(_, name)| name)
    };
    // The order matters: browsers call themselves by others' names as well.
    let browser =
        pick(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")], "ブラウザー");
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    format!("{browser}（{}）", pick(&systems, "不明な端末"))
}

/// Who tries, with what their browser says.
pub(crate) struct Caller {
    headers: HeaderMap,
    address: ClientAddress,
    network: String,
    label: String,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let label = label(&parts.headers);
        Ok(Caller { headers: parts.headers.clone(), address, network: address.network().to_string(), label })
    }
}

impl Caller {
    fn client(&self) -> Client<'_> {
        Client { device: cookie(&self.headers, DEVICE), network: &self.network, label: &self.label }
    }

    /// Whether browsers will refuse our cookies: plain http, and not this machine itself.
    fn is_insecure(&self) -> bool {
        let text = |name: &str| self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
        let host = text("host").rsplit_once(':').map_or(text("host"), |(host, _)| host);
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || text("host") == "localhost";
        !is_here && text("x-forwarded-proto") != "https"
    }
}

/// Accounts that anybody may try, where the city is one for trying out.
struct Demo {
    password: String,
    accounts: Vec<(String, String)>,
}

async fn demo(visit: &Visit) -> Result<Option<Demo>, Failure> {
    if !visit.app.simulators {
        return Ok(None);
    }
    let mut tx = visit.city.db.read().await?;
    let Some(password) = city::store::setting(&mut tx, access::founding::PASSWORD_SETTING).await? else {
        return Ok(None);
    };
    let accounts = access::store::account::all(&mut tx).await?;
    let accounts = accounts.into_iter().filter(|a| a.state == "active").map(|a| (a.login, a.name)).take(20).collect();
    Ok(Some(Demo { password, accounts }))
}

async fn sign_in_page(
    visit: &Visit,
    caller: &Caller,
    next: &str,
    login: &str,
    error: Option<String>,
    done: &str,
) -> Result<SignInPage, Failure> {
    Ok(SignInPage {
        frame: Frame::new(visit, None, "", Some(done)),
        next: safe_next(next).to_owned(),
        login: login.to_owned(),
        error,
        insecure: caller.is_insecure(),
        demo: demo(visit).await?,
    })
}

/// `/login`
pub(crate) async fn get(visit: Visit, caller: Caller, Query(next): Query<Next>) -> Result<Response, Failure> {
    show(&sign_in_page(&visit, &caller, &next.next, "", None, &next.done).await?)
}

/// The first factor.
pub(crate) async fn post(
    visit: Visit,
    caller: Caller,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(pairs);
    let mut entropy = (visit.app.entropy)();
    let (login, next) = (fields.get("login"), safe_next(fields.get("next")));
    let outcome = sign_in::with_password(
        &visit.city.db,
        visit.app.clock.as_ref(),
        entropy.as_mut(),
        login,
        fields.raw("password"),
        caller.client(),
    )
    .await?;
    let error = match outcome {
        Outcome::Passed(token) => {
            let mut response = Redirect::to(&format!("/login/code?next={}", encode(next))).into_response();
            set_cookie(&mut response, PENDING, &token, None)?;
            return Ok(response);
        }
        Outcome::Wrong => "ログイン名かパスワードがちがいます。".to_owned(),
        Outcome::Wait(seconds) => wait_sentence(seconds),
    };
    let mut response = show(&sign_in_page(&visit, &caller, next, login, Some(error), "").await?)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn wait_sentence(seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    format!(
        "まちがいが続いたので、この端末からは、しばらく入れません。{minutes}分ほど待ってから、もう一度ためしてください。"
    )
}

async fn pending(visit: &Visit, headers: &HeaderMap) -> Result<Option<(String, String)>, Failure> {
    let Some(token) = cookie(headers, PENDING) else { return Ok(None) };
    let mut tx = visit.city.db.read().await?;
    match sign_in::waiting_for_code(&mut tx, visit.app.clock.as_ref(), token).await {
        Ok((account, _)) => Ok(Some((token.to_owned(), account))),
        Err(AccessError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

async fn code_page(visit: &Visit, account: &str, next: &str, error: Option<String>) -> Result<CodePage, Failure> {
    let simulated = if visit.app.simulators {
        let mut tx = visit.city.db.read().await?;
        sign_in::simulated_code(&mut tx, visit.app.clock.as_ref(), account).await?
    } else {
        None
    };
    Ok(CodePage { frame: Frame::new(visit, None, "", None), next: safe_next(next).to_owned(), error, simulated })
}

/// `/login/code`
pub(crate) async fn code(visit: Visit, caller: Caller, Query(next): Query<Next>) -> Result<Response, Failure> {
    match pending(&visit, &caller.headers).await? {
        Some((_, account)) => show(&code_page(&visit, &account, &next.next, None).await?),
        None => Ok(Redirect::to("/login").into_response()),
    }
}

/// The second factor.
pub(crate) async fn post_code(
    visit: Visit,
    caller: Caller,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(pairs);
    let next = safe_next(fields.get("next"));
    let Some((token, account)) = pending(&visit, &caller.headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let mut entropy = (visit.app.entropy)();
    let (db, clock) = (&visit.city.db, visit.app.clock.as_ref());
    let outcome = sign_in::with_code(db, clock, entropy.as_mut(), &token, fields.get("code"), caller.client()).await?;
    let error = match outcome {
        Outcome::Passed(session) => {
            let mut tx = db.read().await?;
            let login = access::store::account::get(&mut tx, &account).await?.ok_or_else(Failure::not_found)?.login;
            let device = sign_in::device_cookie(db.key()?, &login, entropy.as_mut());
            let mut response = Redirect::to(next).into_response();
            set_cookie(&mut response, PENDING, "", Some(0))?;
            set_cookie(&mut response, SESSION, &session, None)?;
            set_cookie(&mut response, DEVICE, &device, Some(KNOWN))?;
            return Ok(response);
        }
        Outcome::Wrong => "コードがちがいます。アプリに出ている、いまの6けたの数字を入れてください。一度使った数字は使えないので、変わるのを待ってください。".to_owned(),
        Outcome::Wait(seconds) => wait_sentence(seconds),
    };
    let mut response = show(&code_page(&visit, &account, next, Some(error)).await?)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `/logout`
pub(crate) async fn out(headers: HeaderMap, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    // Whoever goes leaves no desk open.
    super::sealed::unlock::lock_open(&staff, &headers).await?;
    let mut tx = staff.city.db.write().await?;
    let (actor, account) = (staff.who.actor(), &staff.who.account);
    sign_in::out(&mut tx, staff.app.clock.as_ref(), &actor, account, &staff.session.id).await?;
    tx.commit().await?;
    let mut response = Redirect::to("/login?done=signed-out").into_response();
    set_cookie(&mut response, SESSION, "", Some(0))?;
    if cookie(&headers, super::sealed::COOKIE).is_some() {
        super::sealed::set_desk_cookie(&mut response, None)?;
    }
    Ok(response)
}

async fn invitation_page(
    visit: &Visit,
    token: String,
    secret: Vec<u8>,
    errors: Vec<(&'static str, String)>,
) -> Result<InvitationPage, Failure> {
    let mut tx = visit.city.db.read().await?;
    let account = account::invited(&mut tx, visit.app.clock.as_ref(), &token).await?;
    let address = totp::address(&secret, &account.login, &visit.city.organisation().profile.window)?;
    Ok(InvitationPage {
        frame: Frame::new(visit, None, "", None),
        token,
        login: account.login,
        name: account.name,
        typed: totp::typed(&secret),
        qr: qr(&address, "認証アプリ用のQRコード"),
        simulated: if visit.app.simulators { Some(totp::code(&secret, visit.now)?) } else { None },
        secret: store::secret::hex(&secret),
        errors,
    })
}

/// `/invitations/{token}`
pub(crate) async fn invitation(visit: Visit, caller: Caller, Path(token): Path<String>) -> Result<Response, Failure> {
    if !visit.app.limits.key(caller.address) {
        return Err(Failure::too_many());
    }
    let secret = totp::new_secret((visit.app.entropy)().as_mut());
    show(&invitation_page(&visit, token, secret, Vec::new()).await?)
}

/// The account is opened: password, and one code that proves the device.
pub(crate) async fn post_invitation(
    State(app): State<Arc<App>>,
    visit: Visit,
    caller: Caller,
    Path(token): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    if !app.limits.key(caller.address) {
        return Err(Failure::too_many());
    }
    let fields = Fields::from_pairs(pairs);
    let secret: Option<Vec<u8>> = fields
        .get("secret")
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let secret = secret.filter(|s| s.len() == 20).ok_or_else(|| Failure::new(StatusCode::BAD_REQUEST))?;
    let mut errors = Vec::new();
    if fields.raw("password") != fields.raw("again") {
        errors.push(("again", "2つのパスワードがちがいます。同じものを2回入れてください。".to_owned()));
    } else {
        let mut entropy = (app.entropy)();
        let (db, clock) = (&visit.city.db, app.clock.as_ref());
        let (password, code) = (fields.raw("password"), fields.get("code"));
        match sign_in::enrol(db, clock, entropy.as_mut(), &token, password, &secret, code).await {
            Ok(()) => return Ok(Redirect::to("/login?done=enrolled").into_response()),
            Err(AccessError::Invalid { field, reason }) => errors.push((field, reason)),
            Err(other) => return Err(other.into()),
        }
    }
    let mut response = show(&invitation_page(&visit, token, secret, errors).await?)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
