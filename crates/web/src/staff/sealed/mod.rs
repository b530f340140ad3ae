//! The desk face (相談の窓口): sealed cases, for those who work at a desk.
//!
//! A log-in opens nothing here. Pages with anything of a case take a [`Desk`], which is there only while the desk is
//! unlocked; pages about the desk itself take [`At`], which is there for whoever has a role at it.

pub(crate) mod around;
pub(crate) mod glass;
pub(crate) mod members;
pub(crate) mod overdue;
pub(crate) mod recovery;
pub(crate) mod signs;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use casework::member::{self, DeskRole};
use casework::{CaseError, House, Premises, Unlocked};

use crate::App;
use crate::errors::Failure;
use crate::staff::gate::{Staff, cookie, encode};

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
        let staff = Staff::from_request_parts(parts, app).await?;
        // To whoever has no role there the desk is not there.
        if staff.desks.is_empty() {
            return Err(Failure::not_found());
        }
        let premises = staff.visit.premises().await?;
        Ok(At { staff, premises })
    }
}

impl At {
    /// As the service takes it.
    pub(crate) fn house(&self) -> House<'_> {
        self.premises.house()
    }

    /// Refuses whoever does not have a role at a desk: for them the page is not there.
    pub(crate) fn need(&self, desk: &str, role: DeskRole) -> Result<(), Failure> {
        if self.staff.is_at(desk, role) { Ok(()) } else { Err(Failure::not_found()) }
    }
}

/// Somebody whose desk is unlocked.
pub(crate) struct Desk {
    pub(crate) staff: Staff,
    pub(crate) premises: Premises,
    pub(crate) who: Unlocked,
}

impl FromRequestParts<Arc<App>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let At { staff, premises } = At::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let Some(open) = cookie(&parts.headers, COOKIE) else { return Err(to_unlock(parts)) };
        match member::unlocked(premises.house(), &staff.who.account, open).await {
            Ok(who) => Ok(Desk { staff, premises, who }),
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
