//! `/figures/reconciliation`: what was resolved by our log, against what business systems counted.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Date;
use contact::ContactError;
use contact::figures::reconciliation::{self as service, Kind, NewReconciliation, Problem, Scope};
use contact::figures::report::By;

use super::super::articles::files::Upload;
use super::super::frame::Frame;
use super::super::gate::Staff;
use super::super::lists::names;
use super::{own_sections, refresh, whose};
use crate::citizen::show;
use crate::errors::Failure;

/// Largest file, with what stands around it, in bytes.
pub(crate) const MAX_UPLOAD: usize = 2 * 1024 * 1024;

struct Row {
    id: String,
    system: String,
    kind: &'static str,
    days: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "staff/figures/reconciliation.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    page: &'static str,
    whose: String,
    whole_city: bool,
    rows: Vec<Row>,
    system: String,
    error: Option<(&'static str, String)>,
    problems: Vec<Problem>,
}

impl ListPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Topic => "分類ごと",
        Kind::Section => "課ごと",
    }
}

fn days(frame: &Frame, from: Date, to: Date) -> String {
    if from == to { frame.day(&from) } else { format!("{}〜{}", frame.day(&from), frame.day(&to)) }
}

async fn list(staff: &Staff) -> Result<ListPage, Failure> {
    let frame = staff.frame("contacts");
    let own = own_sections(staff);
    let scope = Scope { sections: own.as_deref(), organisation: &frame.city, today: frame.today };
    let mut tx = staff.city.db.read().await?;
    let found = service::newest(&mut tx, scope).await?;
    let names = names(&mut tx, found.iter().map(|r| r.uploaded_by.clone()).collect()).await?;
    drop(tx);
    let rows = found.into_iter().map(|r| Row {
        kind: kind_name(r.kind),
        days: days(&frame, r.day_from, r.day_to),
        who: names.get(&r.uploaded_by).cloned().unwrap_or_default(),
        at: frame.moment(&r.uploaded_at),
        id: r.id,
        system: r.system,
    });
    Ok(ListPage {
        tab: "figures",
        page: "reconciliation",
        whose: whose(&frame, own.as_deref()),
        whole_city: own.is_none(),
        rows: rows.collect(),
        system: String::new(),
        error: None,
        problems: Vec::new(),
        frame,
    })
}

/// The files that were brought, and the form for another one.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&list(&staff).await?)
}

/// The form once more with what is wrong.
async fn refused(
    staff: &Staff,
    system: &str,
    error: Option<(&'static str, String)>,
    problems: Vec<Problem>,
) -> Result<Response, Failure> {
    let page = ListPage { system: system.to_owned(), error, problems, ..list(staff).await? };
    let mut response = show(&page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// Takes a file as a whole, or tells which lines are wrong.
pub(crate) async fn post(upload: Upload) -> Result<Response, Failure> {
    let Upload { staff, fields, name, bytes } = upload;
    let system = fields.get("system");
    if name.is_empty() || bytes.is_empty() {
        let reason = "ファイルを選んでください。空のファイルは取り込めません。".to_owned();
        return refused(&staff, system, Some(("file", reason)), Vec::new()).await;
    }
    let organisation = staff.city.organisation();
    let own = own_sections(&staff);
    let scope = Scope { sections: own.as_deref(), organisation: &organisation, today: staff.visit.today() };
    let file = match service::read(&bytes, scope) {
        Ok(file) => file,
        Err(problems) => return refused(&staff, system, None, problems).await,
    };
    let mut entropy = (staff.app.entropy)();
    let new = NewReconciliation { system, file: &file, account: &staff.who.account };
    match service::store(&staff.city.db, staff.app.clock.as_ref(), entropy.as_mut(), new).await {
        Ok(id) => Ok(Redirect::to(&format!("/figures/reconciliation/{id}?done=imported")).into_response()),
        Err(ContactError::Field { field, reason }) => refused(&staff, system, Some((field, reason)), Vec::new()).await,
        Err(other) => Err(other.into()),
    }
}

struct Line {
    label: String,
    ours: i64,
    theirs: i64,
    difference: String,
    share: String,
    alarming: bool,
}

#[derive(Template)]
#[template(path = "staff/figures/compared.html")]
struct OnePage {
    frame: Frame,
    tab: &'static str,
    page: &'static str,
    system: String,
    days: String,
    head: &'static str,
    lines: Vec<Line>,
    alarms: usize,
}

/// One file against our log.
pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    refresh(&staff).await?;
    let frame = staff.frame("contacts");
    let own = own_sections(&staff);
    let scope = Scope { sections: own.as_deref(), organisation: &frame.city, today: frame.today };
    let mut tx = staff.city.db.read().await?;
    let (found, compared) = service::compare(&mut tx, &id, scope).await?;
    drop(tx);
    let (by, head) = match found.kind {
        Kind::Topic => (By::Topic, "分類"),
        Kind::Section => (By::Section, "担当課（最後の）"),
    };
    let line = |c: &service::Compared| Line {
        label: by.label(&c.code, &frame.city, frame.today),
        ours: c.ours,
        theirs: c.theirs,
        difference: match c.difference() {
            0 => "0件".to_owned(),
            difference => format!("{difference:+}件"),
        },
        share: format!("{:.1}%", c.share() * 100.0),
        alarming: c.is_alarming(),
    };
    let lines: Vec<Line> = compared.iter().map(line).collect();
    show(&OnePage {
        tab: "figures",
        page: "reconciliation",
        system: found.system,
        days: days(&frame, found.day_from, found.day_to),
        head,
        alarms: lines.iter().filter(|l| l.alarming).count(),
        lines,
        frame,
    })
}
