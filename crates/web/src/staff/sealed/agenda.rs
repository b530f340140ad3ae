//! `/sealed/agenda`: what the monthly meeting speaks about.

use askama::Template;
use axum::response::Response;
use casework::agenda::{self, Line, Point};
use casework::case::{Why, gather};
use casework::{Kind, clock};

use super::Desk;
use super::bar::Bar;
use super::effect::consultant;
use super::shared::DESK;
use super::words::{OUTCOMES, STEPS, name_of, step_tone};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

struct Row {
    number: String,
    case: String,
    step: &'static str,
    tone: &'static str,
    accountable: Option<String>,
    what: String,
}

/// The lines under one heading.
struct Part {
    heading: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "staff/sealed/agenda.html")]
struct AgendaPage {
    frame: Frame,
    bar: Bar,
    on: String,
    until: String,
    open: usize,
    parts: Vec<Part>,
}

fn what(frame: &Frame, kind: &Kind, point: &Point) -> String {
    let day = |at: &calendar::Instant| frame.day(&at.jst_date());
    match point {
        Point::MayorNotTold(at) => format!("報告の期限 {}", frame.moment(at)),
        Point::Overdue(code, at) => format!("{} {}がすぎた", clock::name(kind, code), frame.moment(at)),
        Point::Due(code, at) => format!("{} {}まで", clock::name(kind, code), frame.moment(at)),
        Point::WatchEnds(at) => format!("見守りの終わり {}", day(at)),
        Point::ReferralRejected(at) => format!("{}に断られた", day(at)),
        Point::ReferralUnanswered(at) => format!("{}から返事がない", day(at)),
        Point::RecommendationUnanswered(at, false) => format!("{}に求めた", day(at)),
        Point::RecommendationUnanswered(at, true) => format!("{}に求めた。回答の日がすぎた", day(at)),
        Point::New(at) => format!("{}に受けた", day(at)),
        Point::Closed(at, outcome) => {
            let how = outcome.map_or("", |outcome| name_of(&OUTCOMES, outcome));
            format!("{}に終結 {how}", day(at))
        }
    }
}

fn row(frame: &Frame, names: &Names, kind: &Kind, line: Line) -> Row {
    Row {
        step: name_of(&STEPS, line.step),
        tone: step_tone(line.step),
        accountable: line.accountable.as_deref().map(|account| names.of(account)),
        what: what(frame, kind, &line.point),
        number: line.number,
        case: line.case,
    }
}

/// `/sealed/agenda`
pub(crate) async fn get(desk: Desk) -> Result<Response, Failure> {
    consultant(&desk)?;
    let frame = desk.staff.frame("sealed");
    let views = gather(desk.house(), &desk.who, DESK, Why::Agenda).await?;
    let made = agenda::of(&views, desk.staff.visit.now, desk.house().calendar)?;
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let mut parts: Vec<Part> = Vec::new();
    for line in made.lines {
        let heading = line.point.heading();
        let row = row(&frame, &names, &desk.kind, line);
        match parts.last_mut().filter(|part| part.heading == heading) {
            Some(part) => part.rows.push(row),
            None => parts.push(Part { heading, rows: vec![row] }),
        }
    }
    show(&AgendaPage {
        bar: Bar::at(&desk, "agenda"),
        on: frame.day(&made.on),
        until: frame.day(&made.until),
        open: made.open,
        parts,
        frame,
    })
}
