//! The desk face (相談の窓口): sealed cases, for those who work at a desk.
//!
//! A log-in opens nothing here. Pages with anything of a case take a [`Desk`], which is there only while the desk is
//! unlocked; pages about the desk itself take [`At`], which is there for whoever has a role at it. Forms take a
//! [`DeskForm`]: one that comes while the desk is locked is kept until it is open again.

pub(crate) mod act;
pub(crate) mod acts;
pub(crate) mod agenda;
pub(crate) mod backgrounds;
pub(crate) mod bar;
pub(crate) mod case;
pub(crate) mod clocks;
pub(crate) mod conferences;
pub(crate) mod effect;
pub(crate) mod files;
pub(crate) mod forms;
pub(crate) mod glass;
pub(crate) mod handover;
pub(crate) mod leaflets;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod moves;
pub(crate) mod new;
pub(crate) mod overdue;
pub(crate) mod participants;
pub(crate) mod print;
pub(crate) mod publication;
pub(crate) mod readers;
pub(crate) mod recovery;
pub(crate) mod shared;
pub(crate) mod signs;
pub(crate) mod similar;
pub(crate) mod timeline;
pub(crate) mod unlock;
pub(crate) mod words;

use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use casework::case::BULLYING;
use casework::member::{self, DeskRole};
use casework::{CaseError, House, Kind, Premises, Unlocked, desk_key};

use crate::App;
use crate::errors::Failure;
use crate::staff::gate::{Staff, cookie, encode};

pub(crate) use forms::DeskForm;

/// Name of the cookie that holds the secret of an open desk.
pub(crate) const COOKIE: &str = "__Host-madoguchi-desk";

/// Somebody with a role at a sealed desk; their desk may be locked.
pub(crate) struct At {
    pub(crate) staff: Staff,
    pub(crate) premises: Premises,
}

impl FromRequestParts<Arc<App>> for At {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        At::of(Staff::from_request_parts(parts, app).await?).await
    }
}

impl At {
    /// The same for somebody who is known already.
    pub(crate) async fn of(staff: Staff) -> Result<Self, Failure> {
        // To whoever has no role there the desk is not there. Partners have a lock as well, and no page of a case: that is
        // for its readers.
        if staff.desks.is_empty() {
            return Err(Failure::not_found());
        }
        let premises = staff.visit.premises().await?;
        Ok(At { staff, premises })
    }

    /// As the service takes it.
    pub(crate) fn house(&self) -> House<'_> {
        self.premises.house()
    }

    /// Refuses whoever does not have a role at a desk: for them the page is not there.
    pub(crate) fn need(&self, desk: &str, role: DeskRole) -> Result<(), Failure> {
        if self.staff.is_at(desk, role) { Ok(()) } else { Err(Failure::not_found()) }
    }

    /// The kind of case that an address is about: that of the case in it, else of the desk that it names (`?desk=`), else
    /// of the bullying desk.
    pub(crate) async fn kind(&self, uri: &Uri) -> Result<Kind, Failure> {
        let kinds = self.premises.house().kinds;
        let desk = match uri.path().strip_prefix("/sealed/cases/").and_then(|rest| rest.split('/').next()) {
            Some(id) if id != "new" => {
                let mut tx = self.staff.city.db.read().await?;
                casework::case::desk_of(&mut tx, id).await?
            }
            _ => named(uri),
        };
        let found = desk.as_deref().and_then(|desk| kinds.get(desk));
        Ok(match found {
            Some(kind) => kind.clone(),
            None => kinds.of(BULLYING)?.clone(),
        })
    }

    /// The kind of an address; and, where the house keeps such cases, the desk as somebody who works there has it. For
    /// whoever does not, it is as if the address were about the bullying desk.
    pub(crate) async fn entered(&self, uri: &Uri) -> Result<(Kind, Option<Unlocked>), Failure> {
        let (kind, house) = (self.kind(uri).await?, self.house());
        if kind.is_sealed() {
            return Ok((kind, None));
        }
        match desk_key::enter(house, &self.staff.who.account, &kind.desk).await {
            Ok(who) => Ok((kind, Some(who))),
            Err(CaseError::NotFound) => Ok((house.kinds.of(BULLYING)?.clone(), None)),
            Err(other) => Err(other.into()),
        }
    }
}

/// The desk that an address names.
pub(crate) fn named(uri: &Uri) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs.into_iter().find(|(name, _)| name == "desk").map(|(_, desk)| desk)
}

/// Somebody whose desk is unlocked, or who works at a desk whose cases the house keeps.
pub(crate) struct Desk {
    pub(crate) staff: Staff,
    pub(crate) premises: Premises,
    pub(crate) who: Unlocked,
    /// The kind of case that the page is about.
    pub(crate) kind: Kind,
}

impl FromRequestParts<Arc<App>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let at = At::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let (kind, entered) = at.entered(&parts.uri).await.map_err(IntoResponse::into_response)?;
        let At { staff, premises } = at;
        if let Some(who) = entered {
            return Ok(Desk { staff, premises, who, kind });
        }
        let Some(open) = cookie(&parts.headers, COOKIE) else { return Err(to_unlock(parts)) };
        match member::unlocked(premises.house(), &staff.who.account, open).await {
            Ok(who) => Ok(Desk { staff, premises, who, kind }),
            Err(CaseError::Locked) => Err(to_unlock(parts)),
            Err(other) => Err(Failure::from(other).into_response()),
        }
    }
}

impl Desk {
    /// As the service takes it.
    pub(crate) fn house(&self) -> House<'_> {
        self.premises.house()
    }

    /// Refuses whoever does not have a role at a desk: for them the page is not there.
    pub(crate) fn need(&self, desk: &str, role: DeskRole) -> Result<(), Failure> {
        if self.staff.is_at(desk, role) { Ok(()) } else { Err(Failure::not_found()) }
    }
}

fn to_unlock(parts: &Parts) -> Response {
    if parts.method != Method::GET {
        return Failure::refused(
            "窓口が閉じています。別のタブで窓口を開けてから、この画面にもどって、もう一度送ってください。".into(),
        )
        .into_response();
    }
    if parts.headers.contains_key("x-requested-with") {
        return Failure::new(StatusCode::UNAUTHORIZED).into_response();
    }
    let back = parts.uri.path_and_query().map_or("/sealed", |p| p.as_str());
    Redirect::to(&format!("/sealed/unlock?next={}", encode(back))).into_response()
}

/// The cookie of a desk that was opened while a form was taken; the answer to the form carries it.
#[derive(Clone, Default)]
pub(crate) struct Fresh(Arc<OnceLock<String>>);

impl Fresh {
    /// Notes it.
    pub(crate) fn set(&self, open: &str) {
        let _known = self.0.set(open.to_owned());
    }
}

/// Puts the desk's cookie on an answer: only for this host, only over https, for as long as the browser runs, and never
/// sent along from another site. `None` removes it.
pub(crate) fn set_desk_cookie(response: &mut Response, open: Option<&str>) -> Result<(), Failure> {
    let lasts = if open.is_some() { "" } else { "; Max-Age=0" };
    let text = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict{lasts}", open.unwrap_or_default());
    let header = HeaderValue::try_from(text).map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))?;
    response.headers_mut().append(header::SET_COOKIE, header);
    Ok(())
}

/// Around every page of the desk: nothing of it is kept anywhere, and a desk that was opened along with a form stays
/// open.
pub(crate) async fn around(mut request: Request, next: Next) -> Response {
    let fresh = Fresh::default();
    request.extensions_mut().insert(fresh.clone());
    let mut response = next.run(request).await;
    if let Some(open) = fresh.0.get()
        && let Err(failure) = set_desk_cookie(&mut response, Some(open))
    {
        return failure.into_response();
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
