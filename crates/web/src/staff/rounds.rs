//! `/rounds`: 年次確認, in which every section goes through its articles.

pub(crate) mod items;

use std::collections::BTreeSet;

use access::inquiry::{self, Detail, Filter, Whose, short_number};
use access::{AccessError, Action};
use askama::Template;
use askama::filters::Safe;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::fiscal_year;
use knowledge::KnowledgeError;
use knowledge::round::{self, KIND, NewRound};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::inquiries::{need_some_part, part_name, state_name, suggested_due};
use super::lists::{acting, download, section_boxes, section_options};
use crate::citizen::show;
use crate::errors::Failure;

/// Rounds that the list shows; there is one a year.
const SHOWN: i64 = 50;

/// Whether the person may open rounds: who asks for the whole city.
fn may_open(staff: &Staff) -> bool {
    staff.who.may(Action::InquiryAsk) && staff.who.where_may(Action::InquiryAsk).is_none()
}

struct Row {
    year: String,
    title: String,
    due: String,
    state: &'static str,
    replied: usize,
    targets: usize,
    overdue: usize,
    own: Vec<(String, &'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "staff/rounds/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    may_open: bool,
}

fn rounds(period: Option<&str>) -> Filter<'_> {
    Filter { whose: Whose::All, state: None, kind: Some(KIND), period, limit: SHOWN, ..Filter::default() }
}

/// The rounds, the newest first.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    need_some_part(&staff)?;
    let frame = staff.frame("inquiries");
    let mut tx = staff.city.db.read().await?;
    let page = inquiry::list(&mut tx, &staff.who, &frame.city, frame.today, &rounds(None)).await?;
    drop(tx);
    let mut rows: Vec<Row> = page
        .rows
        .into_iter()
        .map(|l| Row {
            due: frame.day(&l.inquiry.due_on),
            state: state_name(&l.inquiry.state),
            replied: l.counts.replied(),
            targets: l.counts.targets,
            overdue: l.counts.overdue,
            own: l
                .own
                .iter()
                .map(|t| {
                    let (name, tag) = part_name(&t.state);
                    (frame.section(&t.section), name, tag)
                })
                .collect(),
            year: l.inquiry.period.unwrap_or_default(),
            title: l.inquiry.title,
        })
        .collect();
    rows.sort_by(|a, b| b.year.cmp(&a.year));
    show(&ListPage { rows, may_open: may_open(&staff), frame })
}

#[derive(Template)]
#[template(path = "staff/rounds/new.html")]
struct NewPage {
    frame: Frame,
    fiscal_year: String,
    due_on: String,
    suggested: String,
    body: String,
    chosen: bool,
    askers: Safe<String>,
    boxes: Safe<String>,
    error: Option<(&'static str, String)>,
}

impl NewPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

fn new_page(staff: &Staff, fields: &Fields, error: Option<(&'static str, String)>) -> Result<Response, Failure> {
    let frame = staff.frame("inquiries");
    let (day, suggested) = suggested_due(&frame);
    let marked: BTreeSet<String> = fields.all("section").into_iter().map(str::to_owned).collect();
    let main = staff.who.sections.first().map_or("", String::as_str);
    let wrong = error.is_some();
    let mut response = show(&NewPage {
        fiscal_year: fields.optional("fiscal_year").map_or_else(|| fiscal_year(frame.today).to_string(), str::to_owned),
        due_on: fields.optional("due_on").unwrap_or(&day).to_owned(),
        body: fields.raw("body").to_owned(),
        chosen: fields.get("which") == "some",
        askers: section_options(staff, |_| true, fields.optional("asker").unwrap_or(main)),
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
    if !may_open(&staff) {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    }
    new_page(&staff, &Fields::from_pairs(Vec::new()), None)
}

/// Opens a round.
pub(crate) async fn post_new(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    if !may_open(&staff) {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    }
    let wrong = |field, reason: &str| new_page(&staff, &fields, Some((field, reason.to_owned())));
    let Some(year) = fields.get("fiscal_year").parse::<i16>().ok().filter(|y| (2000..=2200).contains(y)) else {
        return wrong("fiscal_year", "年度を西暦の4けたで入れてください。例: 2027");
    };
    let due_on = match fields.date("due_on") {
        Ok(Some(due)) => due,
        Ok(None) => return wrong("due_on", "期限を入れてください。"),
        Err(reason) => return wrong("due_on", &reason),
    };
    let chosen: Vec<String> = fields.all("section").into_iter().map(str::to_owned).collect();
    let sections = (fields.get("which") == "some").then_some(chosen.as_slice());
    let organisation = staff.city.organisation();
    let snapshot = staff.city.library.snapshot();
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let new = NewRound { fiscal_year: year, due_on, section: fields.get("asker"), sections, body: fields.raw("body") };
    let mut by = acting(&staff, &organisation, entropy.as_mut());
    match round::open_round(&mut tx, &mut by, &snapshot.articles, new).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/rounds/{year}?done=made")).into_response())
        }
        Err(KnowledgeError::Access(AccessError::Invalid { field, reason })) => {
            drop(tx);
            wrong(field, &reason)
        }
        Err(other) => Err(other.into()),
    }
}

/// The round of a year that the person may see: the open one, else the newest.
pub(super) async fn of_year(staff: &Staff, tx: &mut store::Tx, year: &str) -> Result<Detail, Failure> {
    need_some_part(staff)?;
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    let page = inquiry::list(tx, &staff.who, &organisation, today, &rounds(Some(year))).await?;
    let found = page.rows.iter().map(|l| &l.inquiry).max_by_key(|i| (i.state == "open", i.created_at));
    let number = &found.ok_or_else(Failure::not_found)?.number;
    Ok(inquiry::detail(tx, &staff.who, &organisation, today, number).await?)
}

/// The progress as a file.
pub(crate) async fn csv(Path(year): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    let mut tx = staff.city.db.read().await?;
    let detail = of_year(&staff, &mut tx, &year).await?;
    if !detail.asks {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    }
    let progress = round::progress(&mut tx, &organisation, today, &detail.inquiry.id).await?;
    let bytes = round::progress_csv(&progress, &organisation, today)?;
    Ok(download(&format!("round-{}.csv", short_number(&detail.inquiry.number)), bytes))
}
