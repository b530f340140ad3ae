//! What is decided about a 原稿: approved, sent back, taken back, thrown away, talked about.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::draft::{self, ApproveOutcome, Published};
use knowledge::{KnowledgeError, question};

use super::one::{Again, refused};
use super::save::edit_of;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;

fn to(id: &str, done: &str) -> Response {
    Redirect::to(&format!("/drafts/{id}?done={done}")).into_response()
}

/// `POST /drafts/{id}/approval`: published, and the questions for which it was written are answered with it.
pub(crate) async fn approval(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let content = draft::get(&mut tx, &desk, &id).await?.content;
    let edit = edit_of(&fields)?;
    match draft::approve(&mut tx, &desk, entropy.as_mut(), &id, edit).await? {
        ApproveOutcome::Published(Published { code, questions, .. }) => {
            // An article that begins later answers nobody yet: the questions stay with the section.
            if content.is_public(staff.visit.today()) {
                let (clock, actor) = (staff.app.clock.as_ref(), staff.who.actor());
                let section = desk.section_today(&content.section);
                let entropy = entropy.as_mut();
                question::answered_by_article(&mut tx, clock, entropy, &questions, &code, &section, &actor).await?;
            }
            tx.commit().await?;
            Ok(Redirect::to(&format!("/articles/{code}?done=published")).into_response())
        }
        ApproveOutcome::Stale { .. } => {
            tx.commit().await?;
            Ok(to(&id, "returned"))
        }
    }
}

/// A remark that cannot be taken comes back with its form.
async fn remarked(
    staff: &Staff,
    id: &str,
    form: &'static str,
    fields: &Fields,
    done: &str,
    outcome: Result<(), KnowledgeError>,
    tx: store::Tx,
) -> Result<Response, Failure> {
    match outcome {
        Ok(()) => {
            tx.commit().await?;
            Ok(to(id, done))
        }
        Err(KnowledgeError::Form(problems)) => {
            drop(tx);
            let reason = problems.into_iter().map(|p| p.reason).collect::<Vec<_>>().join(" ");
            let remark = Some((form, reason, fields.raw("remark").to_owned()));
            // The 原稿 must be there and open to whoever asks before its page is shown.
            refused(staff, id, Again { remark, ..Again::default() }).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /drafts/{id}/return`
pub(crate) async fn send_back(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    let mut outcome = draft::send_back(&mut tx, &desk, &id, fields.raw("remark")).await;
    if outcome.is_ok() {
        let told = draft::tell_returned(&mut tx, &desk, (staff.app.entropy)().as_mut(), &id).await;
        outcome = told.map(|_has_address| ());
    }
    remarked(&staff, &id, "return", &fields, "returned", outcome, tx).await
}

/// `POST /drafts/{id}/comment`
pub(crate) async fn comment(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    let outcome = draft::comment(&mut tx, &desk, &id, fields.raw("remark")).await;
    remarked(&staff, &id, "comment", &fields, "saved", outcome, tx).await
}

/// `POST /drafts/{id}/recall`
pub(crate) async fn take_back(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    draft::take_back(&mut tx, &desk, &id).await?;
    tx.commit().await?;
    Ok(to(&id, "taken-back"))
}

/// `POST /drafts/{id}/discard`
pub(crate) async fn discard(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    draft::discard(&mut tx, &desk, &id).await?;
    tx.commit().await?;
    Ok(to(&id, "discarded"))
}

/// `POST /drafts/{id}/undo`
pub(crate) async fn undo(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    draft::undo_discard(&mut tx, &desk, &id).await?;
    tx.commit().await?;
    Ok(to(&id, "restored"))
}
