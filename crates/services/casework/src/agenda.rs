//! The agenda of the monthly meeting (月例会議の議題), made from cases that are open to the reader. Pure.
//!
//! A line names a case by its number, and a clock or a step; never a child.

use calendar::{BusinessCalendar, Date, DeadlineState, FirstDay, Instant, Period, Roll, due_date, end_of_day};

use crate::case::View;
use crate::clock::Clock;
use crate::entry::{Outcome, ReferralState, What};
use crate::file::Step;
use crate::recommendation::{self, RecommendationState};
use crate::{CaseError, Result};

/// A referral without an answer for longer than this is on the agenda, in days.
pub const UNANSWERED_DAYS: i64 = 14;
const DAY: i64 = 24 * 3_600_000;

/// Why a case is on the agenda, in the order of the meeting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// A suspicion of a serious case of which the mayor was not told; the instant by which that is due.
    MayorNotTold(Instant),
    /// A clock ran out: its code, and when.
    Overdue(String, Instant),
    /// A clock runs out within the coming month.
    Due(String, Instant),
    /// The three months of watching end within the coming month, or have ended.
    WatchEnds(Instant),
    /// A referral was not taken.
    ReferralRejected(Instant),
    /// A referral has had no answer for more than [`UNANSWERED_DAYS`]; since when.
    ReferralUnanswered(Instant),
    /// The school has not answered; since when it was asked, and whether the day is over.
    RecommendationUnanswered(Instant, bool),
    /// It came in since the last month.
    New(Instant),
    /// It was closed since the last month.
    Closed(Instant, Option<Outcome>),
}

impl Point {
    /// The heading under which it stands.
    pub const fn heading(&self) -> &'static str {
        match self {
            Point::MayorNotTold(_) => "重大事態の疑い：市長に未報告",
            Point::Overdue(..) => "期限を過ぎたもの",
            Point::Due(..) => "この1か月に期限が来るもの",
            Point::WatchEnds(_) => "見守り3か月の確認",
            Point::ReferralRejected(_) => "引き受けてもらえなかったつなぎ",
            Point::ReferralUnanswered(_) => "返事のないつなぎ",
            Point::RecommendationUnanswered(..) => "回答のない指導・要請・勧告",
            Point::New(_) => "この1か月に受け付けたもの",
            Point::Closed(..) => "この1か月に終結したもの",
        }
    }
}

/// A line of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Why.
    pub point: Point,
    /// Number that people see.
    pub number: String,
    /// Id of the case.
    pub case: String,
    /// Account of whoever answers for it.
    pub accountable: Option<String>,
    /// How far it has come.
    pub step: Step,
}

/// What a meeting has to speak about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agenda {
    /// The day for which it was made.
    pub on: Date,
    /// The last day of the coming month.
    pub until: Date,
    /// Cases that are not closed.
    pub open: usize,
    /// The lines, in the order of the meeting; within a heading by instant, then by number.
    pub lines: Vec<Line>,
}

/// Makes the agenda from cases, as of an instant.
pub fn of(views: &[View], now: Instant, calendar: &BusinessCalendar) -> Result<Agenda> {
    let on = now.jst_date();
    let until = due_date(on, Period::Months(1), FirstDay::Excluded, Roll::None, calendar)
        .map_err(|error| CaseError::Rule(format!("期間を計算できません。（{error}）")))?;
    let span = Span { now, end: end_of_day(until), since: Instant::start_of(month_before(on)) };
    let mut lines = Vec::new();
    for View { clear, file } in views {
        let mut points = Vec::new();
        if clear.is_open {
            span.clocks(&file.clocks, &mut points);
            span.answers(file, &mut points);
        }
        span.comings(file, &mut points);
        lines.extend(points.into_iter().map(|point| Line {
            point,
            number: file.number.clone(),
            case: clear.id.clone(),
            accountable: file.accountable_on(on).map(str::to_owned),
            step: file.step,
        }));
    }
    lines.sort();
    Ok(Agenda { on, until, open: views.iter().filter(|view| view.clear.is_open).count(), lines })
}

/// The same day of the month before, or its last one.
fn month_before(day: Date) -> Date {
    let (year, month) = if day.month() == 1 { (day.year() - 1, 12) } else { (day.year(), day.month() - 1) };
    (1..=day.day()).rev().find_map(|last| Date::new(year, month, last).ok()).unwrap_or(day)
}

struct Span {
    now: Instant,
    end: Instant,
    since: Instant,
}

impl Span {
    fn clocks(&self, clocks: &[Clock], points: &mut Vec<Point>) {
        for clock in clocks.iter().filter(|clock| clock.is_open() && clock.code != recommendation::CLOCK) {
            let state = clock.state_at(self.now);
            let due = clock.deadline.due_as_of(self.now);
            let is_near = state != DeadlineState::Paused && due <= self.end;
            let point = match (clock.code.as_str(), state) {
                ("mayor", _) => Point::MayorNotTold(due),
                ("watch", _) if is_near => Point::WatchEnds(due),
                (_, DeadlineState::Overdue { .. }) => Point::Overdue(clock.code.clone(), due),
                _ if is_near => Point::Due(clock.code.clone(), due),
                _ => continue,
            };
            points.push(point);
        }
    }

    fn answers(&self, file: &crate::CaseFile, points: &mut Vec<Point>) {
        for referral in &file.referrals {
            match referral.state {
                ReferralState::Rejected if referral.moved_at >= self.since => {
                    points.push(Point::ReferralRejected(referral.moved_at));
                }
                ReferralState::InProgress if self.now.millis_since(referral.made_at) > UNANSWERED_DAYS * DAY => {
                    points.push(Point::ReferralUnanswered(referral.made_at));
                }
                _ => {}
            }
        }
        for known in &file.recommendations {
            match known.state_at(self.now) {
                RecommendationState::Answered | RecommendationState::Off => {}
                state => {
                    let is_late = state == RecommendationState::Overdue;
                    points.push(Point::RecommendationUnanswered(known.made_at, is_late));
                }
            }
        }
    }

    fn comings(&self, file: &crate::CaseFile, points: &mut Vec<Point>) {
        if file.opened_at >= self.since {
            points.push(Point::New(file.opened_at));
        }
        let closed = file.entries.iter().rev().find(|placed| matches!(placed.entry.what, What::Closed { .. }));
        if let (Some(closed), Step::Closed) = (closed, file.step)
            && closed.entry.at >= self.since
        {
            points.push(Point::Closed(closed.entry.at, file.outcome));
        }
    }
}

#[cfg(test)]
#[path = "agenda_tests.rs"]
mod tests;
