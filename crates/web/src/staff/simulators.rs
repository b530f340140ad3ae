//! `/simulators/mailbox`: the mails of a city that is tried out, as the people would get them.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use mail::mailbox::{self, Mail, Page};
use people::Viewing;

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 30;

/// A mail with what may be seen of its recipient.
struct Shown {
    mail: Mail,
    recipient: people::Shown,
}

impl From<Mail> for Shown {
    /// As the people would get it; also in a city that is tried out, nobody reads here where somebody under
    /// secrecy is reached.
    fn from(mail: Mail) -> Self {
        Shown { recipient: mail.recipient.reveal(Viewing::letter()), mail }
    }
}

#[derive(Template)]
#[template(path = "staff/mailbox.html")]
struct MailboxPage {
    frame: Frame,
    mails: Vec<Shown>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/mail.html")]
struct MailPage {
    frame: Frame,
    shown: Shown,
}

fn only_where_simulated(staff: &Staff) -> Result<(), Failure> {
    if staff.app.simulators { Ok(()) } else { Err(Failure::not_found()) }
}

pub(crate) async fn mailbox(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    only_where_simulated(&staff)?;
    let fields = Fields::from_pairs(query);
    let mut tx = staff.city.db.read().await?;
    let page = Page { before: fields.optional("before"), limit: ROWS as i64 + 1 };
    let mut found = mailbox::list(&mut tx, page).await?;
    let next = (found.len() > ROWS).then(|| found[ROWS - 1].id.clone());
    found.truncate(ROWS);
    show(&MailboxPage { frame: staff.frame(""), mails: found.into_iter().map(Shown::from).collect(), next })
}

pub(crate) async fn mail(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    only_where_simulated(&staff)?;
    let mut tx = staff.city.db.read().await?;
    let mail = mailbox::open(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    show(&MailPage { frame: staff.frame(""), shown: mail.into() })
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
