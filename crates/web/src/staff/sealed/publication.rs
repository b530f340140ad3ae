//! `/sealed/effect/publication`: what the public is told of the effect: seen beforehand, published, withdrawn.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::{Date, fiscal_year};
use casework::CaseError;
use casework::case::{Why, gather};
use casework::publication::{self, Figure, LEAST, Params, Period, Prepared, Publication, Sheet};

use super::bar::Bar;
use super::effect::consultant;
use super::shared::{DESK, onto};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// Fiscal years to choose from, the present one first.
const YEARS: i16 = 5;

/// A figure as it would be seen.
struct Cell {
    text: String,
    is_hidden: bool,
}

struct TableRow {
    label: String,
    /// How deep it stands below the total.
    depth: usize,
    cells: Vec<Cell>,
}

/// A table as it would be seen.
struct TableView {
    title: String,
    columns: Vec<String>,
    rows: Vec<TableRow>,
    hidden: usize,
}

impl TableView {
    fn of(sheet: &Sheet) -> TableView {
        let mut columns: Vec<String> = sheet.columns.clone();
        match columns.as_mut_slice() {
            [only] => "件数".clone_into(only),
            _ => columns.push("合計".into()),
        }
        let depth = |mut at: usize| {
            let mut depth = 0;
            while let Some(parent) = sheet.rows.get(at).and_then(|row| row.parent) {
                depth += 1;
                at = parent;
            }
            depth
        };
        let cell = |figure: &Figure| match figure {
            Figure::Shown(count) => Cell { text: count.to_string(), is_hidden: false },
            Figure::Rounded(count) => Cell { text: format!("約{count}"), is_hidden: false },
            Figure::Hidden => Cell { text: publication::HIDDEN.into(), is_hidden: true },
        };
        let rows = sheet.rows.iter().enumerate().map(|(i, row)| TableRow {
            label: row.label.clone(),
            depth: depth(i),
            cells: row.figures.iter().map(cell).collect(),
        });
        TableView { title: sheet.title.clone(), columns, rows: rows.collect(), hidden: sheet.hidden() }
    }
}

struct Version {
    id: String,
    version: i64,
    period: String,
    at: String,
    who: String,
    withdrawn: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/sealed/publication.html")]
struct PublicationPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    years: Choices,
    leasts: Choices,
    roundings: Choices,
    /// What would be seen.
    preview: Option<Vec<TableView>>,
    note: String,
    period: String,
    versions: Vec<Version>,
}

fn period_name(frame: &Frame, period: &Period) -> String {
    format!("{}から{}まで", frame.day(&period.from), frame.day(&period.to))
}

fn choices(all: impl Iterator<Item = (String, String)>) -> Choices {
    all.collect()
}

async fn page(desk: &Desk, form: Form, prepared: Option<&Prepared>) -> Result<PublicationPage, Failure> {
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let history = publication::history(&mut tx, DESK).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let version = |known: Publication| Version {
        period: period_name(&frame, &known.release.period),
        at: frame.moment(&known.published_at),
        who: names.of(&known.published_by),
        withdrawn: known.withdrawn_at.map(|at| frame.moment(&at)),
        version: known.version,
        id: known.id,
    };
    let versions = history.into_iter().map(version).collect();
    let this_year = fiscal_year(frame.today);
    let years = (0..YEARS).map(|back| this_year - back).map(|year| (year.to_string(), format!("{year}年度")));
    Ok(PublicationPage {
        bar: Bar::at(desk, "effect"),
        years: choices(years),
        leasts: choices([3, 5, 10].into_iter().map(|n: u64| (n.to_string(), format!("{n}件より少ない数をかくす")))),
        roundings: choices(
            [("", "丸めない"), ("3", "3件ごと"), ("5", "5件ごと"), ("10", "10件ごと")]
                .into_iter()
                .map(|(code, name)| (code.to_owned(), name.to_owned())),
        ),
        preview: prepared.map(|prepared| prepared.sheets.iter().map(TableView::of).collect()),
        note: prepared.map(Prepared::note).unwrap_or_default(),
        period: prepared.map(|prepared| period_name(&frame, &prepared.period)).unwrap_or_default(),
        versions,
        form,
        frame,
    })
}

/// `/sealed/effect/publication`
pub(crate) async fn get(desk: Desk) -> Result<Response, Failure> {
    consultant(&desk)?;
    let year = fiscal_year(desk.staff.visit.today()) - 1;
    let form = Form::new("release").with("year", year.to_string()).with("least", LEAST.to_string()).with("zero", "on");
    show(&page(&desk, form, None).await?)
}

/// The period of a form: a fiscal year, of the present one as far as it has gone.
fn period(fields: &Fields, today: Date) -> Result<Period, CaseError> {
    let wrong = || CaseError::Field { field: "year", reason: "年度を選んでください。".into() };
    let year: i16 = fields.get("year").parse().map_err(|_| wrong())?;
    let this_year = fiscal_year(today);
    if !(this_year - YEARS..=this_year).contains(&year) {
        return Err(wrong());
    }
    let mut period = Period::fiscal(year);
    period.to = period.to.min(today);
    Ok(period)
}

async fn prepare(desk: &Desk, fields: &Fields) -> Result<Prepared, CaseError> {
    let today = desk.staff.visit.today();
    let period = period(fields, today)?;
    let params = Params {
        least: fields.get("least").parse().unwrap_or(0),
        shows_zero: fields.get("zero") == "on",
        rounding: fields.get("rounding").parse().ok(),
    };
    let views = gather(desk.house(), &desk.who, DESK, Why::Publication).await?;
    let files: Vec<_> = views.into_iter().map(|view| view.file).collect();
    publication::prepare(&files, period, params, desk.staff.visit.now)
}

/// `POST /sealed/effect/publication`: shows what would be seen; with `act=publish` publishes it.
pub(crate) async fn post(DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    consultant(&desk)?;
    let mut form = Form::sent("release", &fields);
    let prepared = match prepare(&desk, &fields).await {
        Ok(prepared) => prepared,
        Err(error) => {
            onto(error, &mut form)?;
            return show_wrong(&page(&desk, form, None).await?);
        }
    };
    if fields.get("act") != "publish" {
        return show(&page(&desk, form, Some(&prepared)).await?);
    }
    let mut entropy = (desk.staff.app.entropy)();
    match publication::publish(desk.house(), entropy.as_mut(), &desk.who, DESK, &prepared).await {
        Ok(_) => Ok(Redirect::to("/sealed/effect/publication?done=effect-published").into_response()),
        Err(error) => {
            onto(error, &mut form)?;
            show_wrong(&page(&desk, form, Some(&prepared)).await?)
        }
    }
}

/// `POST /sealed/effect/publication/{id}/withdrawal`
pub(crate) async fn withdraw(Path(id): Path<String>, DeskForm(desk, _): DeskForm) -> Result<Response, Failure> {
    consultant(&desk)?;
    publication::withdraw(desk.house(), &desk.who, DESK, &id).await?;
    Ok(Redirect::to("/sealed/effect/publication?done=effect-withdrawn").into_response())
}
