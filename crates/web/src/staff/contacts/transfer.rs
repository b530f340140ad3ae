//! Handing a contact to a section, and asking a section something about it.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use contact::ContactError;
use contact::staff::{side_question, transfer};

use super::act::{done, refused};
use super::one::readable_contact;
use super::{Undone, desk, undone};
use crate::errors::Failure;
use crate::staff::fields::StaffForm;

/// Asks a section to take the contact.
pub(crate) async fn post(Path(number): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let (section, summary) = (fields.get("section"), fields.raw("summary"));
    match transfer::offer(desk, entropy.as_mut(), &contact.id, section, summary).await {
        Ok(_) => Ok(done(&staff, &contact, "transfer-offered")),
        Err(error) => refused(&staff, contact, "transfer", &fields, error).await,
    }
}

/// The section decides, or who asked takes the offer back.
pub(crate) async fn decide(
    Path((number, id)): Path<(String, String)>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match fields.get("decision") {
        "accept" => match transfer::accept(desk, entropy.as_mut(), &id).await {
            Ok(_) => Ok(done(&staff, &contact, "transfer-accepted")),
            Err(error) => refused(&staff, contact, "decision", &fields, error).await,
        },
        "withdraw" => match transfer::withdraw(desk, entropy.as_mut(), &id).await {
            Ok(()) => Ok(done(&staff, &contact, "transfer-withdrawn")),
            Err(error) => refused(&staff, contact, "decision", &fields, error).await,
        },
        _ => {
            let (reason, better) = (fields.raw("reason"), fields.get("better"));
            match transfer::decline(desk, entropy.as_mut(), &id, reason, better).await {
                Ok(()) => {
                    staff.city.live.tell(&contact.id);
                    Ok(Redirect::to("/contacts?done=transfer-declined").into_response())
                }
                Err(error) => refused(&staff, contact, "decision", &fields, error).await,
            }
        }
    }
}

/// Asks a section something.
pub(crate) async fn ask(Path(number): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let (section, question) = (fields.get("section"), fields.raw("question"));
    match side_question::ask(desk, entropy.as_mut(), &contact.id, section, question).await {
        Ok(_) => Ok(done(&staff, &contact, "side-asked")),
        Err(error) => refused(&staff, contact, "side", &fields, error).await,
    }
}

/// A section answers what it was asked; it need not see the contact.
pub(crate) async fn answer(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match side_question::answer(desk, entropy.as_mut(), &id, fields.raw("answer")).await {
        Ok(contact) => {
            staff.city.live.tell(&contact);
            Ok(Redirect::to("/contacts?done=answered").into_response())
        }
        Err(error) => {
            let reason = match error {
                ContactError::Field { reason, .. } | ContactError::Rule(reason) => reason,
                ContactError::Changed => "ほかの人が先に答えました。".into(),
                other => return Err(other.into()),
            };
            undone(&staff, Undone { reason, side: id, typed: fields.raw("answer").to_owned() }).await
        }
    }
}
