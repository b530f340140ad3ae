//! A clock that runs only in office hours (開庁時間), and what it lets the office promise.
//!
//! An office promises an answer "within four hours of opening", not within four hours of the night. Conventions:
//!
//! - A start outside the hours begins to run at the next opening. A start at closing time is outside.
//! - A time that is used up exactly at closing is due at closing, not at the next opening: of all instants between, the
//!   first one. As everywhere, the due instant itself is too late.
//! - A pause takes out its own instants, as in [`Deadline`](crate::Deadline); time paused twice counts once, time
//!   paused while the office is closed counts nothing.

use jiff::Span;
use jiff::civil::Date;

use crate::clock::Instant;
use crate::deadline::Pause;
use crate::hours::OfficeHours;
use crate::time::Time;

/// How many days after that of the start an end or an opening is looked for.
const SEARCH_DAYS: i32 = 400;

const MINUTE_MS: i64 = 60_000;

/// The clock of one office: it stands still while the office is closed.
///
/// Every question walks day by day, so it costs as much as the span has days.
#[derive(Copy, Clone, Debug)]
pub struct OfficeClock<'a> {
    hours: &'a OfficeHours,
}

/// What a citizen can be told about when an answer comes. Times are rounded up to the minute, so that nothing is
/// promised that is earlier than what the clock asks of the office.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Promise {
    /// Today (本日中).
    Today {
        /// By when; 24:00 for the end of the day.
        by: Time,
    },
    /// The office is closed now, and the answer comes on the day on which it opens next.
    NextOpening {
        /// That day.
        day: Date,
        /// When it opens.
        from: Time,
        /// By when the answer comes on that day.
        by: Time,
    },
    /// On a later day.
    Day {
        /// Which day.
        date: Date,
        /// By when on that day.
        by: Time,
    },
    /// Nothing can be promised: the end is not known, or it has passed.
    Unknown,
}

impl<'a> OfficeClock<'a> {
    /// The clock of an office with these hours.
    pub const fn new(hours: &'a OfficeHours) -> Self {
        Self { hours }
    }

    /// Milliseconds for which the office is open from `from` to before `to`; negative if `to` comes first.
    ///
    /// Before the year −9999 and after 9999 every office is closed.
    pub fn open_millis(&self, from: Instant, to: Instant) -> i64 {
        self.running_millis(from, to, &[])
    }

    /// Milliseconds for which the office is open and the clock not paused from `from` to before `to`; negative if `to`
    /// comes first. A pause that lasts (without an end) takes out everything after it.
    pub fn running_millis(&self, from: Instant, to: Instant, pauses: &[Pause]) -> i64 {
        if to < from {
            return -self.running_millis(to, from, pauses);
        }
        let paused = paused(pauses);
        let mut running = 0;
        for day in days(from.jst_date(), to.jst_date()) {
            for (opens, closes) in self.running_on(day, &paused) {
                running += closes.min(to).millis_since(opens.max(from)).max(0);
            }
        }
        running
    }

    /// The first instant that is too late if something takes `millis` of open time from `start` on, put off by the
    /// pauses; `start` itself if that is 0 or less.
    ///
    /// `None` if it does not come within 400 days after the day of `start`: the office does not open often enough, or
    /// a pause lasts.
    pub fn due(&self, start: Instant, millis: i64, pauses: &[Pause]) -> Option<Instant> {
        if millis <= 0 {
            return Some(start);
        }
        let paused = paused(pauses);
        let mut left = millis;
        for day in search(start) {
            for (opens, closes) in self.running_on(day, &paused) {
                let opens = opens.max(start);
                let open = closes.millis_since(opens).max(0);
                // Equal: used up exactly at closing, and due there.
                if left <= open {
                    return Some(later(opens, left));
                }
                left -= open;
            }
        }
        None
    }

    /// The first instant from `at` on at which the office is open: `at` itself if it is. `None` if it does not open
    /// within 400 days after the day of `at`.
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        search(at)
            .flat_map(|day| self.running_on(day, &[]))
            .find(|(_, closes)| at < *closes)
            .map(|(opens, _)| opens.max(at))
    }

    /// What a citizen can be told at `now` about an answer that is due at `due`, as [`OfficeClock::due`] gives it.
    pub fn promise(&self, now: Instant, due: Option<Instant>) -> Promise {
        let Some((date, by)) = due.filter(|due| *due > now).map(told) else {
            return Promise::Unknown;
        };
        if date == now.jst_date() {
            return Promise::Today { by };
        }
        match self.next_open(now) {
            Some(opens) if opens > now && opens.jst_date() == date => {
                // Offices open at whole minutes, so nothing is rounded.
                let from = time_of(opens, date);
                Promise::NextOpening { day: date, from, by }
            }
            _ => Promise::Day { date, by },
        }
    }

    /// The spans of a day in which the clock runs, in order.
    fn running_on(&self, day: Date, paused: &[(Instant, Instant)]) -> Vec<(Instant, Instant)> {
        let mut running = Vec::new();
        for block in self.hours.today(day) {
            let (mut opens, closes) = (block.open.on(day), block.close.on(day));
            for (from, to) in paused {
                if opens < (*from).min(closes) {
                    running.push((opens, (*from).min(closes)));
                }
                opens = opens.max(*to);
            }
            if opens < closes {
                running.push((opens, closes));
            }
        }
        running
    }
}

/// The pauses in order, without those that run backwards; one that lasts ends with time.
fn paused(pauses: &[Pause]) -> Vec<(Instant, Instant)> {
    let end_of_time = Instant::from_millis(i64::MAX);
    let mut spans: Vec<(Instant, Instant)> = pauses
        .iter()
        .map(|pause| (pause.from, pause.to.unwrap_or(end_of_time)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort();
    spans
}

/// All days from `first` to `last`.
fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

/// The days on which an end that begins at `start` is looked for.
fn search(start: Instant) -> impl Iterator<Item = Date> {
    let first = start.jst_date();
    days(first, first.saturating_add(Span::new().days(SEARCH_DAYS)))
}

fn later(at: Instant, millis: i64) -> Instant {
    Instant::from_millis(at.millis().saturating_add(millis))
}

/// The day and the time to the minute by which people say that something is due; midnight is 24:00 of the day before.
fn told(due: Instant) -> (Date, Time) {
    // The due instant is too late already; the one before it is the last that is in time.
    let date = later(due, -1).jst_date();
    (date, time_of(due, date))
}

/// The time of day of an instant on `date`, rounded up to the minute.
fn time_of(at: Instant, date: Date) -> Time {
    let minutes = (at.millis_since(Instant::start_of(date)) + MINUTE_MS - 1) / MINUTE_MS;
    let time = u8::try_from(minutes / 60).ok().zip(u8::try_from(minutes % 60).ok());
    time.and_then(|(hour, minute)| Time::new(hour, minute)).unwrap_or(Time::END_OF_DAY)
}

#[cfg(test)]
#[path = "office_clock_tests.rs"]
mod tests;
