//! `/me`: one's own sections, roles, sessions and password.

use access::{AccessError, sign_in};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::fields::StaffForm;
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

struct SessionRow {
    id: String,
    client: String,
    started: String,
    seen: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "staff/me.html")]
struct MePage {
    frame: Frame,
    name: String,
    sections: Vec<String>,
    roles: Vec<(&'static str, String)>,
    sessions: Vec<SessionRow>,
    error: Option<(&'static str, String)>,
}

async fn page(staff: &Staff, error: Option<(&'static str, String)>) -> Result<MePage, Failure> {
    let frame = staff.frame("me");
    let mut tx = staff.city.db.read().await?;
    let sessions = access::store::session::of_account(&mut tx, &staff.who.account, staff.visit.now).await?;
    let roles = staff.who.roles.iter();
    Ok(MePage {
        name: staff.who.name.clone(),
        sections: staff.who.sections.iter().map(|s| frame.section(s)).collect(),
        roles: roles
            .map(|(role, held)| {
                (role.name(), held.as_deref().map_or_else(|| "市全体".to_owned(), |s| frame.section(s)))
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|s| SessionRow {
                is_this: s.id == staff.session.id,
                started: frame.moment(&s.started_at),
                seen: frame.moment(&s.seen_at),
                client: s.client,
                id: s.id,
            })
            .collect(),
        error,
        frame,
    })
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&page(&staff, None).await?)
}

/// Another password.
pub(crate) async fn post_password(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let mut entropy = (staff.app.entropy)();
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let (old, new) = (fields.raw("old"), fields.raw("password"));
    let changed = if new == fields.raw("again") {
        sign_in::change_password(db, clock, entropy.as_mut(), &staff.session, old, new).await
    } else {
        Err(AccessError::Invalid {
            field: "again",
            reason: "2つのパスワードがちがいます。同じものを2回入れてください。".into(),
        })
    };
    match changed {
        Ok(()) => Ok(Redirect::to("/me?done=password").into_response()),
        Err(AccessError::Invalid { field, reason }) => {
            let mut response = show(&page(&staff, Some((field, reason))).await?)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

/// Ends one of one's own sessions.
pub(crate) async fn end_session(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    sign_in::out(&mut tx, staff.app.clock.as_ref(), &staff.who.actor(), &staff.who.account, &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/me?done=ended").into_response())
}
