//! `/inquiries`: 照会 to sections, asked and answered.

pub(crate) mod one;

use std::collections::BTreeSet;

use access::inquiry::{self, FREE, Filter, Listed, NewInquiry, Whose, short_number};
use access::{AccessError, Action};
use askama::Template;
use askama::filters::Safe;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Asked, Choice, Pager, acting, choices, page_number, section_boxes, section_options};
use crate::citizen::show;
use crate::errors::Failure;

const PER_PAGE: usize = 50;
/// Business days that a section usually has.
const USUAL_DAYS: i32 = 10;
const STATES: &[(&str, &str)] =
    &[("open", "受付中"), ("closed", "締め切り済み"), ("cancelled", "取りやめ"), ("all", "すべて")];

/// What the state of an inquiry is called.
pub(crate) fn state_name(state: &str) -> &'static str {
    match state {
        "open" => "受付中",
        "closed" => "締め切り済み",
        _ => "取りやめ",
    }
}

/// What the state of a section's part is called, with the kind of its tag.
pub(crate) fn part_name(state: &str) -> (&'static str, &'static str) {
    match state {
        "waiting" => ("未着手", "dim"),
        "draft" => ("作業中", "dim"),
        "answered" => ("回答あり", "warn"),
        "returned" => ("差し戻し", "bad"),
        "accepted" => ("受付済み", "ok"),
        _ => ("該当なし", "ok"),
    }
}

/// A row of the list.
struct Row {
    url: String,
    number: String,
    title: String,
    section: String,
    due: String,
    late: bool,
    state: &'static str,
    is_open: bool,
    replied: usize,
    targets: usize,
    overdue: usize,
    own: Vec<(String, &'static str, &'static str)>,
}

/// Where an inquiry is looked at.
pub(crate) fn address(inquiry: &inquiry::Inquiry) -> String {
    match &inquiry.period {
        Some(year) if inquiry.kind == knowledge::round::KIND => format!("/rounds/{year}"),
        _ => format!("/inquiries/{}", short_number(&inquiry.number)),
    }
}

fn row(frame: &Frame, whose: Whose, listed: Listed) -> Row {
    let inquiry = &listed.inquiry;
    // Somebody who must answer looks at their own day, which may have been moved.
    let own_due = listed.own.iter().filter(|t| t.is_pending()).map(|t| t.due(inquiry)).min();
    let due = own_due.filter(|_| whose == Whose::ToAnswer).unwrap_or(inquiry.due_on);
    let late = match whose {
        Whose::ToAnswer => listed.own.iter().any(|t| t.is_overdue(inquiry, frame.today)),
        _ => listed.counts.overdue > 0,
    };
    Row {
        url: address(inquiry),
        number: inquiry.number.clone(),
        title: inquiry.title.clone(),
        section: frame.section(&inquiry.section),
        due: frame.day(&due),
        late,
        state: state_name(&inquiry.state),
        is_open: inquiry.state == "open",
        replied: listed.counts.replied(),
        targets: listed.counts.targets,
        overdue: listed.counts.overdue,
        own: listed
            .own
            .iter()
            .map(|t| {
                let (name, tag) = part_name(&t.state);
                (frame.section(&t.section), name, tag)
            })
            .collect(),
    }
}

#[derive(Template)]
#[template(path = "staff/inquiries/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    tab: &'static str,
    answers: bool,
    asks: bool,
    states: Vec<Choice>,
    pager: Pager,
}

/// Refuses who neither asks nor answers.
pub(crate) fn need_some_part(staff: &Staff) -> Result<(), Failure> {
    let takes_part = staff.who.may(Action::InquiryAsk) || staff.who.may(Action::InquiryAnswer);
    if takes_part { Ok(()) } else { Err(Failure::new(StatusCode::FORBIDDEN)) }
}

/// The inquiries: to answer, asked, all.
pub(crate) async fn get(staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    need_some_part(&staff)?;
    let asked = Fields::from_pairs(asked);
    let frame = staff.frame("inquiries");
    let answers = staff.who.may(Action::InquiryAnswer);
    let (tab, whose) = match asked.get("tab") {
        "asked" => ("asked", Whose::Asked),
        "all" => ("all", Whose::All),
        "answer" => ("answer", Whose::ToAnswer),
        _ if answers => ("answer", Whose::ToAnswer),
        _ => ("asked", Whose::Asked),
    };
    let state = asked.optional("state").unwrap_or("open");
    let filter = Filter {
        whose,
        state: Some(state).filter(|s| ["open", "closed", "cancelled"].contains(s)),
        limit: PER_PAGE as i64,
        offset: ((page_number(&asked) - 1) * PER_PAGE) as i64,
        ..Filter::default()
    };
    let mut tx = staff.city.db.read().await?;
    let page = inquiry::list(&mut tx, &staff.who, &frame.city, frame.today, &filter).await?;
    drop(tx);
    let total = usize::try_from(page.total).unwrap_or(0);
    let mut rows: Vec<Row> = page.rows.into_iter().map(|l| row(&frame, whose, l)).collect();
    // By last day already; what is late for the reader comes before what is late for nobody.
    rows.sort_by_key(|r| !r.late);
    show(&ListPage {
        rows,
        tab,
        answers,
        asks: staff.who.may(Action::InquiryAsk),
        states: choices(STATES, state),
        pager: Pager::new("/inquiries", &asked, &["tab", "state"], total, PER_PAGE),
        frame,
    })
}

#[derive(Template)]
#[template(path = "staff/inquiries/new.html")]
struct NewPage {
    frame: Frame,
    title: String,
    body: String,
    due_on: String,
    suggested: String,
    askers: Safe<String>,
    boxes: Safe<String>,
    error: Option<(&'static str, String)>,
}

impl NewPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

/// The day that a form suggests: enough business days from today. As a field holds it, and in words.
pub(crate) fn suggested_due(frame: &Frame) -> (String, String) {
    let due = frame.city.business_calendar().add_business_days(frame.today, USUAL_DAYS);
    due.map_or_else(|_| Default::default(), |d| (d.to_string(), frame.day(&d)))
}

fn new_page(staff: &Staff, fields: &Fields, error: Option<(&'static str, String)>) -> Result<Response, Failure> {
    let frame = staff.frame("inquiries");
    let (day, suggested) = suggested_due(&frame);
    let marked: BTreeSet<String> = fields.all("section").into_iter().map(str::to_owned).collect();
    let main = staff.who.sections.first().map_or("", String::as_str);
    let asker = fields.optional("asker").unwrap_or(main);
    let wrong = error.is_some();
    let mut response = show(&NewPage {
        title: fields.raw("title").to_owned(),
        body: fields.raw("body").to_owned(),
        due_on: fields.optional("due_on").unwrap_or(&day).to_owned(),
        askers: section_options(staff, |s| staff.who.may_in(Action::InquiryAsk, s), asker),
        boxes: section_boxes(staff, &marked),
        suggested,
        error,
        frame,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// An empty form.
pub(crate) async fn new(staff: Staff) -> Result<Response, Failure> {
    new_page(&staff, &Fields::from_pairs(Vec::new()), None)
}

/// Asks.
pub(crate) async fn post_new(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let due_on = match fields.date("due_on") {
        Ok(Some(due)) => due,
        Ok(None) => return new_page(&staff, &fields, Some(("due_on", "期限を入れてください。".into()))),
        Err(reason) => return new_page(&staff, &fields, Some(("due_on", reason))),
    };
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let targets: Vec<String> = fields.all("section").into_iter().map(str::to_owned).collect();
    let new = NewInquiry {
        kind: FREE,
        period: None,
        title: fields.get("title"),
        body: fields.raw("body"),
        section: fields.get("asker"),
        due_on,
        targets: &targets,
        items: &[],
    };
    let opened = inquiry::open(&mut tx, &mut acting(&staff, &organisation, entropy.as_mut()), new).await;
    match opened {
        Ok(inquiry) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("{}?done=made", address(&inquiry))).into_response())
        }
        Err(AccessError::Invalid { field, reason }) => {
            drop(tx);
            new_page(&staff, &fields, Some((field, reason)))
        }
        Err(other) => Err(other.into()),
    }
}
