//! Ending a contact, looking again, its topic, merging and splitting, and flagging harassment.

use axum::extract::Path;
use axum::response::Response;
use contact::contact::{full_number, numbered};
use contact::staff::{finish, join};
use contact::{ContactError, incident};

use super::act::{done, refused};
use super::desk;
use super::one::readable_contact;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};

fn day(fields: &Fields) -> Result<Option<calendar::Date>, ContactError> {
    fields.date("follow_up_on").map_err(|reason| ContactError::Field { field: "follow_up_on", reason })
}

/// Ends the contact.
pub(crate) async fn resolve(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let outcome = match day(&fields) {
        Ok(day) => finish::resolve(desk, entropy.as_mut(), &contact.id, fields.get("wrap_up"), day).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(done(&staff, &contact, "contact-ended")),
        Err(error) => refused(&staff, contact, "resolution", &fields, error).await,
    }
}

/// Sets the day to look again.
pub(crate) async fn follow_up(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let outcome = match day(&fields) {
        Ok(day) => finish::follow_up(desk(&staff, &organisation), &contact.id, day).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(done(&staff, &contact, "saved")),
        Err(error) => refused(&staff, contact, "follow-up", &fields, error).await,
    }
}

/// Sets the topic.
pub(crate) async fn topic(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match finish::tag(desk, entropy.as_mut(), &contact.id, fields.get("topic")).await {
        Ok(()) => Ok(done(&staff, &contact, "saved")),
        Err(error) => refused(&staff, contact, "topic", &fields, error).await,
    }
}

/// Makes the contact part of another one.
pub(crate) async fn merge(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let into = {
        let mut tx = staff.city.db.read().await?;
        numbered(&mut tx, &full_number(fields.get("number"))).await?
    };
    let outcome = match &into {
        Some(into) => {
            let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
            join::merge(desk, entropy.as_mut(), &contact.id, &into.id).await
        }
        None => {
            let reason = "この番号の応対はありません。番号を確かめてください。".into();
            Err(ContactError::Field { field: "number", reason })
        }
    };
    match (outcome, into) {
        (Ok(()), Some(into)) => {
            staff.city.live.tell(&contact.id);
            Ok(done(&staff, &into, "contacts-merged"))
        }
        (Ok(()), None) => Err(Failure::not_found()),
        (Err(error), _) => refused(&staff, contact, "merge", &fields, error).await,
    }
}

/// Makes what came from a message on a contact of its own.
pub(crate) async fn split(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let from = fields.get("from").parse().unwrap_or(0);
    match join::split(desk, entropy.as_mut(), &contact.id, from, fields.get("submission")).await {
        Ok(made) => {
            staff.city.live.tell(&contact.id);
            let mut tx = staff.city.db.read().await?;
            let made = contact::contact::get(&mut tx, &made).await?.ok_or_else(Failure::not_found)?;
            drop(tx);
            Ok(done(&staff, &made, "contact-split"))
        }
        Err(error) => refused(&staff, contact, "split", &fields, error).await,
    }
}

/// Flags harassment.
pub(crate) async fn flag(Path(number): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match incident::flag(desk, entropy.as_mut(), &contact.id, fields.get("kind"), fields.raw("words")).await {
        Ok(_) => Ok(done(&staff, &contact, "flagged")),
        Err(error) => refused(&staff, contact, "incident", &fields, error).await,
    }
}
