//! Periods (期間) and the day on which they end (満了日), as the Civil Code
//! (民法138条–143条) counts them; it also governs the periods of public law
//! unless a statute says otherwise (民法138条).

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::business::{BusinessCalendar, BusinessError};
use crate::clock::Instant;

/// A length of time that ends with a day. Serialised as `{ "days": 14 }`,
/// `{ "business_days": 5 }` and so on. A length of 0 ends with the day it
/// starts on (即日).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Calendar days (日).
    Days(u32),
    /// Days on which the office works (開庁日). The Civil Code knows no such
    /// period; service standards (標準処理期間) often use it.
    BusinessDays(u32),
    /// Weeks (週).
    Weeks(u32),
    /// Calendar months (月), not thirty days each (民法143条1項).
    Months(u32),
    /// Calendar years (年).
    Years(u32),
}

/// Whether the day on which a period starts counts.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstDay {
    /// It does not: the rule (初日不算入, 民法140条本文).
    Excluded,
    /// It does: when the period starts at midnight (民法140条ただし書), or a
    /// statute says so (初日算入, as in 戸籍法43条).
    Included,
}

/// What happens when a period would end on a day off.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It ends with the next business day instead (民法142条; for deadlines
    /// towards a local government 地方自治法4条の2第4項).
    ToNextBusinessDay,
    /// It ends there all the same.
    None,
}

/// Why the end of a period could not be computed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DeadlineError {
    /// The end lies outside the years −9999 to 9999.
    #[error("期限の日付が扱える範囲を超えました。")]
    OutOfRange,
    /// No business day was found, or too many were asked for.
    #[error(transparent)]
    Business(#[from] BusinessError),
}

/// The last day of a period (満了日) that starts on `start`; the period ends
/// with the end of that day (民法141条), see [`end_of_day`].
///
/// * Days and weeks are counted off. Months and years end on the day before the
///   day that corresponds (応当日) to the first counted one (起算日); if the last
///   month lacks it, at the end of that month (民法143条2項).
/// * Business days are those of `calendar`; with [`FirstDay::Included`] the
///   start counts if it is one of them.
/// * Rolling is applied last.
///
/// The result never comes before `start`.
///
/// # Errors
///
/// [`DeadlineError::OutOfRange`] beyond the year 9999, and
/// [`DeadlineError::Business`] if `calendar` has no business day within reach.
pub fn due_date(
    start: Date,
    period: Period,
    counting: FirstDay,
    rolling: Roll,
    calendar: &BusinessCalendar,
) -> Result<Date, DeadlineError> {
    let last = match period {
        Period::Days(n) => days(start, i64::from(n), counting)?,
        Period::Weeks(n) => days(start, 7 * i64::from(n), counting)?,
        Period::Months(n) => months(start, i64::from(n), counting)?,
        Period::Years(n) => months(start, 12 * i64::from(n), counting)?,
        Period::BusinessDays(n) => business_days(start, n, counting, calendar)?,
    };
    match rolling {
        Roll::ToNextBusinessDay => Ok(calendar.next_business_day_on_or_after(last)?),
        Roll::None => Ok(last),
    }
}

/// The end of `date` in Japan: the following midnight (翌日午前零時), which itself
/// is already too late.
pub fn end_of_day(date: Date) -> Instant {
    // Not the start of tomorrow: the calendar's last day has none.
    Instant::start_of(date).plus(std::time::Duration::from_secs(24 * 60 * 60))
}

fn add(date: Date, span: Result<Span, jiff::Error>) -> Result<Date, DeadlineError> {
    span.and_then(|span| date.checked_add(span)).map_err(|_| DeadlineError::OutOfRange)
}

/// The first day that counts (起算日).
fn first_counted(start: Date, counting: FirstDay) -> Result<Date, DeadlineError> {
    match counting {
        FirstDay::Excluded => start.tomorrow().map_err(|_| DeadlineError::OutOfRange),
        FirstDay::Included => Ok(start),
    }
}

fn days(start: Date, n: i64, counting: FirstDay) -> Result<Date, DeadlineError> {
    let further = match counting {
        FirstDay::Excluded => n,
        FirstDay::Included => (n - 1).max(0),
    };
    add(start, Span::new().try_days(further))
}

fn months(start: Date, n: i64, counting: FirstDay) -> Result<Date, DeadlineError> {
    if n == 0 {
        return Ok(start);
    }
    let first = first_counted(start, counting)?;
    let last_month = add(first.first_of_month(), Span::new().try_months(n))?;
    // No corresponding day is the one error that `Date::new` can give here.
    match Date::new(last_month.year(), last_month.month(), first.day()) {
        Ok(corresponding) => corresponding.yesterday().map_err(|_| DeadlineError::OutOfRange),
        Err(_) => Ok(last_month.last_of_month()),
    }
}

fn business_days(start: Date, n: u32, counting: FirstDay, calendar: &BusinessCalendar) -> Result<Date, DeadlineError> {
    let Ok(n) = i32::try_from(n) else {
        return Err(BusinessError::TooMany { days: n }.into());
    };
    if n == 0 {
        return Ok(start);
    }
    let first = calendar.next_business_day_on_or_after(first_counted(start, counting)?)?;
    Ok(calendar.add_business_days(first, n - 1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    use FirstDay::{Excluded, Included};
    use Period::{BusinessDays, Days, Months, Weeks, Years};

    #[track_caller]
    fn due(start: Date, period: Period, counting: FirstDay) -> Date {
        let calendar = BusinessCalendar::default();
        due_date(start, period, counting, Roll::None, &calendar).expect("in range")
    }

    #[test]
    fn the_first_day_counts_only_if_included() {
        let start = date(2026, 4, 1);
        assert_eq!(due(start, Days(14), Excluded), date(2026, 4, 15));
        assert_eq!(due(start, Days(14), Included), date(2026, 4, 14));
        assert_eq!(due(start, Weeks(2), Excluded), date(2026, 4, 15));
        assert_eq!(due(start, Weeks(2), Included), date(2026, 4, 14));
        assert_eq!(due(start, Months(1), Excluded), date(2026, 5, 1));
        assert_eq!(due(start, Months(1), Included), date(2026, 4, 30));
        assert_eq!(due(start, Years(1), Excluded), date(2027, 4, 1));
        assert_eq!(due(start, Years(1), Included), date(2027, 3, 31));
    }

    #[test]
    fn without_a_corresponding_day_the_month_ends_the_period() {
        for day in 28..=31 {
            let start = date(2026, 1, day);
            assert_eq!(due(start, Months(1), Excluded), date(2026, 2, 28), "{day}");
        }
        assert_eq!(due(date(2026, 1, 27), Months(1), Excluded), date(2026, 2, 27));
        assert_eq!(due(date(2026, 1, 31), Months(1), Included), date(2026, 2, 28));
        assert_eq!(due(date(2028, 1, 28), Months(1), Excluded), date(2028, 2, 28));
        assert_eq!(due(date(2028, 1, 30), Months(1), Excluded), date(2028, 2, 29));
        assert_eq!(due(date(2028, 2, 28), Years(1), Excluded), date(2029, 2, 28));
        assert_eq!(due(date(2028, 2, 29), Years(4), Included), date(2032, 2, 28));
        // 起算日 is 1 March: the corresponding day is 1 April.
        assert_eq!(due(date(2026, 2, 28), Months(1), Excluded), date(2026, 3, 31));
        assert_eq!(due(date(2026, 9, 30), Months(3), Excluded), date(2026, 12, 31));
    }

    #[test]
    fn rolls_over_days_off() {
        let calendar = BusinessCalendar::default();
        let rolled = |start, period| due_date(start, period, Excluded, Roll::ToNextBusinessDay, &calendar);
        // 14 days after 18 April is Saturday 2 May; the office is back on 7 May.
        assert_eq!(rolled(date(2026, 4, 18), Days(14)), Ok(date(2026, 5, 7)));
        assert_eq!(rolled(date(2026, 4, 17), Days(14)), Ok(date(2026, 5, 1)));
        assert_eq!(rolled(date(2026, 11, 21), Days(0)), Ok(date(2026, 11, 24)));
    }

    #[test]
    fn business_days() {
        let friday = date(2026, 5, 1);
        assert_eq!(due(friday, BusinessDays(1), Excluded), date(2026, 5, 7));
        assert_eq!(due(friday, BusinessDays(1), Included), friday);
        assert_eq!(due(friday, BusinessDays(2), Included), date(2026, 5, 7));
        // A start on a day off does not count even if included.
        assert_eq!(due(date(2026, 5, 2), BusinessDays(1), Included), date(2026, 5, 7));
    }

    #[test]
    fn nothing_ends_with_its_first_day() {
        let start = date(2026, 5, 3);
        for period in [Days(0), BusinessDays(0), Weeks(0), Months(0), Years(0)] {
            assert_eq!(due(start, period, Excluded), start);
            assert_eq!(due(start, period, Included), start);
        }
    }

    #[test]
    fn refuses_what_lies_beyond_the_calendar() {
        let calendar = BusinessCalendar::default();
        let most = u32::MAX;
        for period in [Days(most), Weeks(most), Months(most), Years(most), Years(8000)] {
            let result = due_date(date(2026, 1, 1), period, Excluded, Roll::None, &calendar);
            assert_eq!(result, Err(DeadlineError::OutOfRange), "{period:?}");
        }
        let result = due_date(date(2026, 1, 1), BusinessDays(most), Excluded, Roll::None, &calendar);
        assert_eq!(result, Err(BusinessError::TooMany { days: most }.into()));
        assert!(due_date(Date::MAX, Days(1), Excluded, Roll::None, &calendar).is_err());
    }

    #[test]
    fn a_day_ends_at_the_next_midnight() {
        assert_eq!(end_of_day(date(2026, 4, 15)), Instant::start_of(date(2026, 4, 16)));
        assert!(end_of_day(Date::MAX) > Instant::start_of(Date::MAX));
    }
}
