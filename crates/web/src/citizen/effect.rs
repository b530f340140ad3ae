//! `/bullying/effect`: what the bullying desk told the public of what helping does.

use askama::Template;
use askama::filters::Safe;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use casework::case::BULLYING;
use casework::publication::{self, Figure, HIDDEN, Prepared, Publication, Sheet};

use super::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

/// What stands in the tables, with the message that says it in each language.
const LABELS: [(&str, &str); 19] = [
    ("はじめの対応まで", "effect-action"),
    ("行為が止まるまで", "effect-stop"),
    ("相談", "effect-all"),
    ("24時間以内", "effect-hours-24"),
    ("48時間以内", "effect-hours-48"),
    ("72時間以内", "effect-hours-72"),
    ("7日以内", "effect-days-7"),
    ("それより後", "effect-later"),
    ("まだ", "effect-not-yet"),
    ("止まった", "effect-stopped"),
    ("8〜14日", "effect-days-14"),
    ("15〜31日", "effect-days-31"),
    ("32〜92日", "effect-days-92"),
    ("93日以上", "effect-days-more"),
    ("まだ止まっていない", "effect-goes-on"),
    ("いじめではなかった", "effect-no-bullying"),
    ("くり返しなし", "effect-once"),
    ("くり返しあり", "effect-again"),
    ("合計", "effect-total"),
];

struct Row {
    label: Safe<String>,
    depth: usize,
    /// The figure, and whether it is hidden.
    cells: Vec<(String, bool)>,
}

struct TableView {
    title: Safe<String>,
    columns: Vec<Safe<String>>,
    rows: Vec<Row>,
}

struct Release {
    from: String,
    to: String,
    at: String,
    least: String,
    /// Base of rounding, if there is one.
    rounding: Option<String>,
    tables: Vec<TableView>,
}

#[derive(Template)]
#[template(path = "citizen/effect.html")]
struct EffectPage {
    page: Page,
    releases: Vec<Release>,
}

fn label(page: &Page, text: &str) -> Safe<String> {
    match LABELS.iter().find(|(own, _)| *own == text) {
        Some((_, key)) => page.t(key),
        None => page.h(text),
    }
}

fn table(page: &Page, sheet: &Sheet) -> TableView {
    let mut columns: Vec<Safe<String>> = sheet.columns.iter().map(|column| label(page, column)).collect();
    match columns.as_mut_slice() {
        [only] => *only = page.t("effect-count"),
        _ => columns.push(page.t("effect-total")),
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
        Figure::Shown(count) => (count.to_string(), false),
        Figure::Rounded(count) => (page.plain_with("effect-about", "n", count.to_string()), false),
        Figure::Hidden => (HIDDEN.to_owned(), true),
    };
    let rows = sheet.rows.iter().enumerate().map(|(i, row)| Row {
        label: label(page, &row.label),
        depth: depth(i),
        cells: row.figures.iter().map(cell).collect(),
    });
    TableView { title: label(page, &sheet.title), rows: rows.collect(), columns }
}

fn release(page: &Page, known: &Publication) -> Release {
    let Prepared { period, params, sheets } = &known.release;
    Release {
        from: page.day(period.from),
        to: page.day(period.to),
        at: page.day(known.published_at.jst_date()),
        least: params.least.to_string(),
        rounding: params.rounding.filter(|base| *base > 1).map(|base| base.to_string()),
        tables: sheets.iter().map(|sheet| table(page, sheet)).collect(),
    }
}

/// What is published now; a city without a sealed desk has no such page.
async fn published(visit: &Visit) -> Result<Vec<Publication>, Failure> {
    if visit.city.sealed.is_none() {
        return Err(Failure::not_found());
    }
    let mut tx = visit.city.db.read().await?;
    Ok(publication::published(&mut tx, BULLYING).await?)
}

/// `/bullying/effect`
pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let known = published(&visit).await?;
    let page = visit.page("");
    let releases = known.iter().map(|known| release(&page, known)).collect();
    show(&EffectPage { page, releases })
}

/// `/bullying/effect.csv`: all tables that are published now, one below the other.
pub(crate) async fn csv(visit: Visit) -> Result<Response, Failure> {
    let known = published(&visit).await?;
    if known.is_empty() {
        return Err(Failure::not_found());
    }
    let mut text = String::new();
    for one in &known {
        let own = one.release.csv();
        // One mark at the beginning of the file.
        text.push_str(if text.is_empty() { &own } else { own.trim_start_matches('\u{feff}') });
    }
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
}
