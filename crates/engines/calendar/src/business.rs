//! Business days of a public office (開庁日).

use jiff::Span;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::holiday::holiday;
use crate::serde_text;

/// Days on which the office is closed (閉庁期間), as at the turn of the year
/// (年末年始). Serialised as `{ "from": "2026-12-29", "to": "2027-01-03" }`.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Closure {
    /// The first closed day.
    #[serde(with = "serde_text::date")]
    pub from: Date,
    /// The last closed day. If it comes before `from`, no day is closed.
    #[serde(with = "serde_text::date")]
    pub to: Date,
}

impl Closure {
    /// Whether the office is closed on `date`.
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }
}

/// A list of closures, in any order; they may overlap. Serialised as a list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Closures(pub Vec<Closure>);

impl Closures {
    /// Whether any closure holds `date`.
    pub fn contains(&self, date: Date) -> bool {
        self.0.iter().any(|closure| closure.contains(date))
    }
}

impl From<Vec<Closure>> for Closures {
    fn from(closures: Vec<Closure>) -> Self {
        Self(closures)
    }
}

/// Why a business day could not be found.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BusinessError {
    /// Every day of more than a year is closed.
    #[error("{from}から{days}日のあいだに開庁日がありません。閉庁期間の設定を確かめてください。")]
    NoBusinessDay {
        /// Where the search began.
        from: Date,
        /// How many days were looked at.
        days: u32,
    },
    /// More than [`MAX_BUSINESS_DAYS`] were asked for.
    #[error("開庁日の日数は{MAX_BUSINESS_DAYS}日までです({days}日が指定されました)。")]
    TooMany {
        /// How many days were asked for.
        days: u32,
    },
    /// The result lies outside the years −9999 to 9999.
    #[error("計算した日付が扱える範囲を超えました。")]
    OutOfRange,
}

/// The most business days that can be counted off at once; about forty years.
pub const MAX_BUSINESS_DAYS: u32 = 10_000;

/// How many closed days in a row are taken to mean that all days are closed.
const SEARCH_DAYS: u32 = 400;

/// Tells the days on which an office works.
///
/// Closed are Saturdays and Sundays, national holidays and the year-end days
/// that the town's ordinance on days off (休日を定める条例) sets under 地方自治法
/// 4条の2; the last are given as closures, because each town sets its own.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BusinessCalendar {
    /// Closed days besides weekends and holidays.
    #[serde(default)]
    pub closures: Closures,
}

impl BusinessCalendar {
    /// Whether the office works on `date`.
    pub fn is_business_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && holiday(date).is_none()
            && !self.closures.contains(date)
    }

    /// `date` itself if it is a business day, or else the first one after it.
    ///
    /// # Errors
    ///
    /// [`BusinessError::NoBusinessDay`] if more than a year is closed,
    /// [`BusinessError::OutOfRange`] at the end of the calendar.
    pub fn next_business_day_on_or_after(&self, date: Date) -> Result<Date, BusinessError> {
        self.search(date, 1)
    }

    /// The nth business day after `date`, or before it if `n` is negative;
    /// for 0 `date` itself, whether business day or not.
    ///
    /// # Errors
    ///
    /// [`BusinessError::TooMany`] beyond [`MAX_BUSINESS_DAYS`], and those of
    /// [`BusinessCalendar::next_business_day_on_or_after`].
    pub fn add_business_days(&self, date: Date, n: i32) -> Result<Date, BusinessError> {
        let days = n.unsigned_abs();
        if days > MAX_BUSINESS_DAYS {
            return Err(BusinessError::TooMany { days });
        }
        let step = i64::from(n.signum());
        let mut day = date;
        for _ in 0..days {
            day = self.search(shift(day, step)?, step)?;
        }
        Ok(day)
    }

    /// The first business day from `from` on, going `step` days at a time.
    fn search(&self, from: Date, step: i64) -> Result<Date, BusinessError> {
        let mut day = from;
        for _ in 0..SEARCH_DAYS {
            if self.is_business_day(day) {
                return Ok(day);
            }
            day = shift(day, step)?;
        }
        let days = SEARCH_DAYS;
        Err(BusinessError::NoBusinessDay { from, days })
    }
}

fn shift(date: Date, days: i64) -> Result<Date, BusinessError> {
    date.checked_add(Span::new().days(days)).map_err(|_| BusinessError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn closing(from: Date, to: Date) -> BusinessCalendar {
        BusinessCalendar { closures: vec![Closure { from, to }].into() }
    }

    #[test]
    fn weekends_holidays_and_closures_are_off() {
        let year_end = closing(date(2026, 12, 29), date(2027, 1, 3));
        assert!(year_end.is_business_day(date(2026, 12, 28)));
        assert!(!year_end.is_business_day(date(2026, 12, 29)));
        assert!(!year_end.is_business_day(date(2026, 11, 21)));
        assert!(!year_end.is_business_day(date(2026, 11, 22)));
        assert!(!year_end.is_business_day(date(2026, 11, 23)));
        assert!(year_end.is_business_day(date(2026, 11, 24)));
        assert_eq!(year_end.next_business_day_on_or_after(date(2026, 12, 29)), Ok(date(2027, 1, 4)));
        assert_eq!(year_end.add_business_days(date(2026, 12, 28), 1), Ok(date(2027, 1, 4)));
    }

    #[test]
    fn counts_over_golden_week() {
        let calendar = BusinessCalendar::default();
        let friday = date(2026, 5, 1);
        assert_eq!(calendar.add_business_days(friday, 0), Ok(friday));
        assert_eq!(calendar.add_business_days(friday, 1), Ok(date(2026, 5, 7)));
        assert_eq!(calendar.add_business_days(friday, 2), Ok(date(2026, 5, 8)));
        assert_eq!(calendar.add_business_days(friday, 3), Ok(date(2026, 5, 11)));
        assert_eq!(calendar.add_business_days(date(2026, 5, 7), -1), Ok(friday));
        assert_eq!(calendar.add_business_days(date(2026, 5, 7), -2), Ok(date(2026, 4, 30)));
    }

    #[test]
    fn gives_up_when_everything_is_closed() {
        let never = closing(Date::MIN, Date::MAX);
        let from = date(2026, 4, 1);
        assert_eq!(never.next_business_day_on_or_after(from), Err(BusinessError::NoBusinessDay { from, days: 400 }));
        assert!(never.add_business_days(from, 1).is_err());
        assert!(never.add_business_days(from, -1).is_err());
    }

    #[test]
    fn refuses_too_many_days_and_the_end_of_the_calendar() {
        let calendar = BusinessCalendar::default();
        let today = date(2026, 4, 1);
        for n in [i32::MAX, i32::MIN, 10_001] {
            let days = n.unsigned_abs();
            assert_eq!(calendar.add_business_days(today, n), Err(BusinessError::TooMany { days }));
        }
        assert!(calendar.add_business_days(today, 10_000).is_ok());
        assert_eq!(calendar.add_business_days(Date::MAX, 1), Err(BusinessError::OutOfRange));
        assert_eq!(calendar.add_business_days(Date::MIN, -1), Err(BusinessError::OutOfRange));
    }

    #[test]
    fn reads_closures() {
        use serde::de::value::{Error, MapDeserializer};
        let read = |from: &str, to: &str| {
            let map = [("from", from.to_owned()), ("to", to.to_owned())];
            let map: MapDeserializer<'_, _, Error> = MapDeserializer::new(map.into_iter());
            Closure::deserialize(map)
        };
        let closure = read("2026-12-29", "2027-01-03").expect("dates");
        assert_eq!(closure.from, date(2026, 12, 29));
        assert_eq!(closure.to, date(2027, 1, 3));
        let error = read("2026-12-32", "2027-01-03").expect_err("no date");
        assert!(error.to_string().contains("2026-12-32"));
    }
}
