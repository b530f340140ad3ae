//! `/incidents`: protection of the staff (カスハラ) — what was flagged, what was decided, how much time it took.

use std::collections::BTreeSet;

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contact::ContactError;
use contact::figures::figure::duration;
use contact::incident::{self, KINDS};

use super::contacts::{desk, named};
use super::fields::StaffForm;
use super::frame::Frame;
use super::gate::Staff;
use super::lists::names;
use crate::citizen::show;
use crate::errors::Failure;

/// Incidents on the page.
const SHOWN: i64 = 200;
const STATES: &[(&str, &str)] = &[
    ("flagged", "知らせ"),
    ("warned", "警告を送った"),
    ("ended", "応対を終えた"),
    ("no_incident", "カスハラではない"),
];

struct Row {
    id: String,
    number: String,
    kind: &'static str,
    words: String,
    who: String,
    section: String,
    state: &'static str,
    is_open: bool,
    warned: bool,
    flagged: String,
    decided: Option<String>,
    remark: String,
    rest: Option<String>,
}

/// A decision that cannot be taken, with what was typed.
struct Wrong {
    id: String,
    reason: String,
    remark: String,
}

#[derive(Template)]
#[template(path = "staff/incidents/list.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    open: Vec<Row>,
    past: Vec<Row>,
    /// Kind, how many, time between flag and decision.
    figures: Vec<(&'static str, usize, String)>,
    /// How long all decisions took together; none before the first.
    taken: Option<String>,
    error: Option<Wrong>,
}

async fn page(staff: &Staff, error: Option<Wrong>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let all = incident::all(&mut tx, SHOWN).await?;
    let may = |section: &str| staff.who.may_in(Action::ContactSupervise, &staff.section_today(section));
    let seen: Vec<_> = all.into_iter().filter(|(_, section)| may(section)).collect();
    let accounts: BTreeSet<String> = seen.iter().map(|(i, _)| i.account.clone()).collect();
    let names = names(&mut tx, accounts).await?;
    let mut figures = Vec::new();
    let mut total = 0;
    for (code, name) in KINDS {
        let of: Vec<_> = seen.iter().filter(|(i, _)| i.kind == *code).collect();
        let millis: i64 = of.iter().filter_map(|(i, _)| i.decided_at.map(|at| at.millis_since(i.flagged_at))).sum();
        total += millis;
        if !of.is_empty() {
            figures.push((*name, of.len(), duration(millis as f64 / 1_000.0)));
        }
    }
    let (mut open, mut past) = (Vec::new(), Vec::new());
    for (i, section) in seen {
        let Some(c) = contact::contact::get(&mut tx, &i.contact).await? else { continue };
        let row = Row {
            number: contact::contact::short_number(&c.number).to_owned(),
            kind: named(KINDS, &i.kind),
            who: names.get(&i.account).cloned().unwrap_or_default(),
            section: frame.section(&section),
            state: named(STATES, &i.state),
            is_open: i.decided_at.is_none(),
            warned: i.warned_at.is_some(),
            flagged: frame.moment(&i.flagged_at),
            decided: i.decided_at.as_ref().map(|at| frame.moment(at)),
            rest: i.rest_until.as_ref().map(|at| frame.moment(at)),
            words: i.words,
            remark: i.remark,
            id: i.id,
        };
        if row.is_open { open.push(row) } else { past.push(row) }
    }
    drop(tx);
    let unprocessable = error.is_some();
    let taken = (!past.is_empty()).then(|| duration(total as f64 / 1_000.0));
    let mut response = show(&ListPage { frame, tab: "incidents", open, past, figures, taken, error })?;
    if unprocessable {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The incidents of the sections that the person supervises.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    page(&staff, None).await
}

/// Warns the citizen with the city's sentence.
pub(crate) async fn warn(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    match incident::warn(desk(&staff, &organisation), (staff.app.entropy)().as_mut(), &id).await {
        Ok(contact) => {
            staff.city.live.tell(&contact);
            let back = fields.optional("number").map_or("/incidents".to_owned(), |n| format!("/contacts/{n}"));
            Ok(Redirect::to(&format!("{}?done=warned", super::gate::encode(&back))).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Decides.
pub(crate) async fn decide(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let ends = fields.get("decision") == "end";
    let rest = fields.get("rest").parse().unwrap_or(0);
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match incident::decide(desk, entropy.as_mut(), &id, ends, fields.raw("remark"), rest).await {
        Ok(contact) => {
            staff.city.live.tell(&contact);
            Ok(Redirect::to("/incidents?done=decided").into_response())
        }
        Err(ContactError::Field { reason, .. } | ContactError::Rule(reason)) => {
            page(&staff, Some(Wrong { id, reason, remark: fields.raw("remark").to_owned() })).await
        }
        Err(other) => Err(other.into()),
    }
}
