//! Office hours (開庁時間).

use jiff::civil::{Date, Weekday};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::business::Closure;
use crate::clock::Instant;
use crate::holiday::holiday;
use crate::serde_text;
use crate::time::{Block, Time};

/// How many days ahead the next change is looked for.
const SEARCH_DAYS: usize = 60;

/// Hours on one day a month, as every second Sunday (毎月第2日曜日).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Monthly {
    /// Which one of its weekdays in the month, 1 to 5; months without a fifth
    /// are passed over. Reading refuses other numbers.
    #[serde(deserialize_with = "week")]
    pub week: u8,
    /// The weekday; serialised as 「sunday」, read also as 「日」.
    #[serde(with = "serde_text::weekday")]
    pub weekday: Weekday,
    /// The hours, in addition to those of the week.
    pub block: Block,
}

fn week<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    match u8::deserialize(from)? {
        week @ 1..=5 => Ok(week),
        week => Err(D::Error::custom(format!("第{week}週はありません。1から5までで書いてください。"))),
    }
}

impl Monthly {
    fn falls_on(&self, date: Date) -> bool {
        date.weekday() == self.weekday && u8::try_from((date.day() - 1) / 7 + 1).is_ok_and(|week| week == self.week)
    }
}

/// When an office is open (開庁時間・開館時間).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OfficeHours {
    /// The hours of each weekday, Monday first; several blocks for a day closed
    /// at lunch, none for a day off.
    pub weekly: [Vec<Block>; 7],
    /// Additional hours on certain days of the month.
    #[serde(default)]
    pub monthly: Vec<Monthly>,
    /// Whether the hours hold on national holidays too; otherwise the office is
    /// closed then, even for monthly hours.
    #[serde(default)]
    pub open_on_holidays: bool,
    /// Days on which the office is closed all the same.
    #[serde(default)]
    pub closures: Vec<Closure>,
}

/// Whether an office is open.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// It is open.
    Open {
        /// When it closes next; this instant is closed already.
        until: Instant,
    },
    /// It is open and does not close within the next 60 days (24時間・年中無休).
    OpenAllDay,
    /// It is closed.
    Closed {
        /// When it opens next; `None` if not within 60 days.
        opens: Option<Instant>,
    },
}

impl OfficeHours {
    /// The hours on `date`, in order; blocks that touch or overlap are joined.
    pub fn today(&self, date: Date) -> Vec<Block> {
        let day_off = !self.open_on_holidays && holiday(date).is_some();
        if day_off || self.closures.iter().any(|closure| closure.contains(date)) {
            return Vec::new();
        }
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        let monthly = self.monthly.iter().filter(|monthly| monthly.falls_on(date));
        let mut blocks: Vec<Block> = self.weekly[weekday]
            .iter()
            .copied()
            .chain(monthly.map(|monthly| monthly.block))
            // The fields are public, so a block may run backwards.
            .filter(|block| block.open < block.close)
            .collect();
        blocks.sort();
        blocks.dedup_by(|later, kept| {
            let touches = later.open <= kept.close;
            if touches {
                kept.close = kept.close.max(later.close);
            }
            touches
        });
        blocks
    }

    /// Whether the office is open at `at`, and when that changes.
    ///
    /// Hours that meet at midnight are one opening. The search ends 60 days
    /// after the day of `at`, or at the end of the calendar.
    pub fn status_at(&self, at: Instant) -> Status {
        let mut until: Option<Instant> = None;
        let mut day = at.jst_date();
        for _ in 0..=SEARCH_DAYS {
            for block in self.today(day) {
                let (opens, closes) = (block.open.on(day), block.close.on(day));
                match until {
                    // Open, and these hours take up where the last ended.
                    Some(end) if end == opens => until = Some(closes),
                    Some(until) => return Status::Open { until },
                    None if closes <= at => {}
                    None if opens <= at => until = Some(closes),
                    None => return Status::Closed { opens: Some(opens) },
                }
            }
            match until {
                Some(end) if end < Time::END_OF_DAY.on(day) => return Status::Open { until: end },
                _ => {}
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        match until {
            Some(_) => Status::OpenAllDay,
            None => Status::Closed { opens: None },
        }
    }
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
