//! `/simulators/mailbox`: the mails of a city that is tried out, as the people would get them.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use mail::mailbox::{self, Mail, Page};
use store::Tx;

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 30;

#[derive(Template)]
#[template(path = "staff/mailbox.html")]
struct MailboxPage {
    frame: Frame,
    mails: Vec<Mail>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/mail.html")]
struct MailPage {
    frame: Frame,
    mail: Mail,
}

fn only_where_simulated(staff: &Staff) -> Result<(), Failure> {
    if staff.app.simulators { Ok(()) } else { Err(Failure::not_found()) }
}

/// Also in a city that is tried out, nobody reads here where somebody under secrecy is reached.
async fn guarded(tx: &mut Tx, mut mail: Mail) -> Result<Mail, Failure> {
    let message = people::message::get(tx, &mail.message).await?;
    if people::person::get(tx, &message.person).await?.secrecy.is_some() {
        mail.recipient = people::guarded::HIDDEN.to_owned();
    }
    Ok(mail)
}

pub(crate) async fn mailbox(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    only_where_simulated(&staff)?;
    let fields = Fields::from_pairs(query);
    let mut tx = staff.city.db.read().await?;
    let page = Page { before: fields.optional("before"), limit: ROWS as i64 + 1 };
    let mut found = mailbox::list(&mut tx, page).await?;
    let next = (found.len() > ROWS).then(|| found[ROWS - 1].id.clone());
    found.truncate(ROWS);
    let mut mails = Vec::new();
    for mail in found {
        mails.push(guarded(&mut tx, mail).await?);
    }
    show(&MailboxPage { frame: staff.frame(""), mails, next })
}

pub(crate) async fn mail(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    only_where_simulated(&staff)?;
    let mut tx = staff.city.db.read().await?;
    let mail = mailbox::open(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    let mail = guarded(&mut tx, mail).await?;
    show(&MailPage { frame: staff.frame(""), mail })
}

/// Lets a mail come back as if nobody had its address.
pub(crate) async fn bounce(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    only_where_simulated(&staff)?;
    let mut tx = staff.city.db.write().await?;
    if !mailbox::bounce(&mut tx, staff.app.clock.as_ref(), &staff.who.actor(), &id).await? {
        return Err(Failure::not_found());
    }
    tx.commit().await?;
    Ok(Redirect::to(&format!("/simulators/mailbox/{id}?done=bounced")).into_response())
}
