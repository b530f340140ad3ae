//! Saving a 原稿: by its button, while somebody types, and before it is handed in.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::KnowledgeError;
use knowledge::draft::{self, Changes, SaveOutcome};

use super::form;
use super::live::{is_script, json};
use super::one::{Again, refused};
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;

/// The number of the 原稿 that the page was made from.
pub(super) fn edit_of(fields: &Fields) -> Result<i64, Failure> {
    let refused = || Failure::refused("画面が古いため受け取れません。画面を読み込み直してください。".into());
    fields.get("edit").parse().map_err(|_| refused())
}

pub(super) async fn load(staff: &Staff, id: &str) -> Result<draft::Draft, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let mut tx = staff.city.db.read().await?;
    Ok(draft::get(&mut tx, &desk, id).await?)
}

async fn save(staff: &Staff, id: &str, edit: i64, changes: Changes) -> Result<SaveOutcome, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let outcome = draft::save(&mut tx, &desk, entropy.as_mut(), id, edit, changes).await?;
    // A conflict is committed as well: it keeps what was sent.
    tx.commit().await?;
    Ok(outcome)
}

/// `POST /drafts/{id}`
pub(crate) async fn post(
    Path(id): Path<String>,
    headers: HeaderMap,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let typed = form::read(&fields, &load(&staff, &id).await?);
    let edit = edit_of(&fields)?;
    let script = is_script(&headers);
    if !typed.wrong.is_empty() {
        if script {
            let reason = typed.wrong[0].reason.clone();
            return Ok(json(&serde_json::json!({ "state": "invalid", "reason": reason })));
        }
        return refused(&staff, &id, Again { typed: Some(typed), ..Again::default() }).await;
    }
    let outcome = save(&staff, &id, edit, typed.changes).await?;
    Ok(match outcome {
        SaveOutcome::Saved { edit } if script => {
            let at = staff.visit.now.jst();
            let at = format!("{}:{:02}", at.hour(), at.minute());
            json(&serde_json::json!({ "state": "saved", "edit": edit, "at": at }))
        }
        SaveOutcome::Saved { .. } => Redirect::to(&format!("/drafts/{id}?done=saved")).into_response(),
        SaveOutcome::Conflict { rescue, .. } => {
            let url = format!("/drafts/{id}/rescues/{rescue}");
            if script {
                json(&serde_json::json!({ "state": "conflict", "url": url }))
            } else {
                Redirect::to(&url).into_response()
            }
        }
    })
}

/// `POST /drafts/{id}/submission`: saves, and asks for approval.
pub(crate) async fn post_submission(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let before = load(&staff, &id).await?;
    let typed = form::read(&fields, &before);
    let edit = edit_of(&fields)?;
    if !typed.wrong.is_empty() {
        return refused(&staff, &id, Again { typed: Some(typed), ..Again::default() }).await;
    }
    let edit = match save(&staff, &id, edit, typed.changes).await? {
        SaveOutcome::Saved { edit } => edit,
        SaveOutcome::Conflict { rescue, .. } => {
            return Ok(Redirect::to(&format!("/drafts/{id}/rescues/{rescue}")).into_response());
        }
    };
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    match draft::submit(&mut tx, &desk, &id, edit).await {
        Ok(()) => {
            draft::tell_submitted(&mut tx, &desk, (staff.app.entropy)().as_mut(), &id).await?;
            tx.commit().await?;
            Ok(Redirect::to(&format!("/drafts/{id}?done=submitted")).into_response())
        }
        Err(KnowledgeError::Form(problems)) => {
            drop(tx);
            refused(&staff, &id, Again { problems, ..Again::default() }).await
        }
        Err(KnowledgeError::Rule(_)) if before.article.is_some() && before.state.is_writable() => {
            // The published article has moved on: both changes are shown.
            drop(tx);
            Ok(Redirect::to(&format!("/drafts/{id}/rebase")).into_response())
        }
        Err(other) => Err(other.into()),
    }
}
