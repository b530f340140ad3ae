//! `/sealed/overdue`: what a supervisor sees: which cases are late and who answers for them, and nothing of their contents.

use std::time::Duration;

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use calendar::Instant;
use casework::member::DeskRole;
use casework::overview::{self, DueCase};

use super::At;
use super::bar::Bar;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// What is due within this time stands on the page too.
const SOON: Duration = Duration::from_secs(7 * 86_400);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A clock of a case.
struct Row {
    case: String,
    accountable: Option<String>,
    due: String,
    /// How late it is, or how much time is left.
    span: String,
    told: &'static str,
}

#[derive(Template)]
#[template(path = "staff/sealed/overdue.html")]
struct OverduePage {
    frame: Frame,
    bar: Bar,
    desk: String,
    late: Vec<Row>,
    soon: Vec<Row>,
    /// Late cases for which nobody answers.
    unowned: usize,
    is_officer: bool,
}

/// `2日と3時間`; of less than an hour, `1時間たらず`.
fn span(millis: i64) -> String {
    match (millis / DAY, millis % DAY / HOUR) {
        (0, 0) => "1時間たらず".into(),
        (0, hours) => format!("{hours}時間"),
        (days, 0) => format!("{days}日"),
        (days, hours) => format!("{days}日と{hours}時間"),
    }
}

fn row(frame: &Frame, names: &Names, due: &DueCase, now: Instant) -> Row {
    Row {
        case: overview::short(&due.sealed_case),
        accountable: due.accountable.as_deref().map(|account| names.of(account)),
        due: frame.moment(&due.due_at),
        span: span(now.millis_since(due.due_at).abs()),
        told: match due.told.as_str() {
            "overdue" => "すぎたことを知らせました",
            "reminded" => "前もって知らせました",
            _ => "まだ知らせていません",
        },
    }
}

/// `/sealed/overdue`
pub(crate) async fn get(at: At, uri: Uri) -> Result<Response, Failure> {
    let kind = at.kind(&uri).await?;
    at.need(&kind.desk, DeskRole::Supervisor)?;
    let (staff, now) = (&at.staff, at.staff.visit.now);
    let frame = staff.frame("sealed");
    let mut tx = staff.city.db.read().await?;
    let due = overview::due(&mut tx, &kind.desk, now.plus(SOON)).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let (late, soon): (Vec<_>, Vec<_>) = due.iter().partition(|due| due.due_at <= now);
    let rows = |all: &[&DueCase]| all.iter().map(|due| row(&frame, &names, due, now)).collect::<Vec<_>>();
    show(&OverduePage {
        bar: Bar::of(staff, "overdue", &kind).await?,
        desk: kind.name.clone(),
        unowned: late.iter().filter(|due| due.accountable.is_none()).count(),
        late: rows(&late),
        soon: rows(&soon),
        is_officer: staff.is_at(&kind.desk, DeskRole::Officer),
        frame,
    })
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, span};

    #[test]
    fn spans_are_said_in_days_and_hours() {
        for (millis, said) in [
            (HOUR - 1, "1時間たらず"),
            (HOUR, "1時間"),
            (DAY - 1, "23時間"),
            (DAY, "1日"),
            (2 * DAY + 3 * HOUR + 5, "2日と3時間"),
        ] {
            assert_eq!(span(millis), said);
        }
    }
}
