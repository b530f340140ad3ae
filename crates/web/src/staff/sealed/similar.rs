//! `/sealed/cases/{id}/similar`: what was done in cases like this one, and what came of it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use casework::case::{self, BULLYING};
use casework::effect::{self, Measure};
use casework::readers;

use super::Desk;
use super::bar::Bar;
use super::case::{Header, header};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

struct TriedRow {
    kind: &'static str,
    words: String,
    cases: usize,
    stopped: usize,
    recurred: usize,
}

#[derive(Template)]
#[template(path = "staff/sealed/similar.html")]
struct SimilarPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    rows: Vec<TriedRow>,
}

/// `/sealed/cases/{id}/similar`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let files = readers::files(desk.house(), &desk.who, BULLYING).await?;
    let tried = effect::tried(&files, &view.file);
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let rows = tried.into_iter().map(|tried| {
        let (kind, words) = match tried.measure {
            Measure::Action(words) => ("対応", words),
            Measure::Referral(to) => ("つなぎ", to),
        };
        TriedRow { kind, words, cases: tried.cases, stopped: tried.stopped, recurred: tried.recurred }
    });
    show(&SimilarPage {
        rows: rows.collect(),
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        bar: Bar::at(&desk, "cases"),
        frame,
    })
}
