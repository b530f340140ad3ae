//! What is printed of a case: its file, and the report to the mayor.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use casework::case;
use casework::entry::{MayorReport, What};

use super::Desk;
use super::bar::Bar;
use super::case::{Header, header};
use super::timeline::{Item, author, item};
use super::words::suspicion_name;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

#[derive(Template)]
#[template(path = "staff/sealed/print.html")]
struct PrintPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    items: Vec<Item>,
    printed: String,
    by: String,
}

/// `/sealed/cases/{id}/print`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    show(&PrintPage {
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        items: view.file.entries.iter().map(|placed| item(&frame, &names, &view.file, placed)).collect(),
        printed: frame.moment(&desk.staff.visit.now),
        by: names.of(&desk.who.account),
        bar: Bar::at(&desk, "cases"),
        frame,
    })
}

#[derive(Template)]
#[template(path = "staff/sealed/mayor_report.html")]
struct MayorPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    report: MayorReport,
    day: String,
    by: String,
    /// Each suspicion with why.
    suspicions: Vec<(&'static str, String)>,
    city: String,
}

/// `/sealed/cases/{id}/reports/{entry}`: the report in the form of the guideline.
pub(crate) async fn mayor_report(desk: Desk, Path((id, entry)): Path<(String, String)>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let placed = view.file.entries.iter().find(|placed| placed.id == entry).ok_or_else(Failure::not_found)?;
    let What::MayorTold(report) = &placed.entry.what else { return Err(Failure::not_found()) };
    let before = view.file.entries.iter().filter(|other| other.seq <= placed.seq);
    let suspicions = before.filter_map(|other| match &other.entry.what {
        What::Suspected { number, why } => Some((suspicion_name(*number), why.clone())),
        _ => None,
    });
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    show(&MayorPage {
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        report: report.clone(),
        day: words::day(city::Lang::Ja, placed.entry.at.jst_date()),
        by: author(&names, &placed.entry.by),
        suspicions: suspicions.collect(),
        city: frame.city.profile.name(city::Lang::Ja).to_owned(),
        bar: Bar::at(&desk, "cases"),
        frame,
    })
}
