//! The fiscal year (会計年度).

use jiff::civil::Date;

/// The month in which the fiscal year begins.
const FIRST_MONTH: i8 = 4;

/// The fiscal year that `date` lies in, by the Gregorian year of its first day:
/// 2027-03-31 lies in fiscal year 2026 (令和8年度).
///
/// It runs from 1 April to 31 March (地方自治法208条1項).
pub fn fiscal_year(date: Date) -> i16 {
    if date.month() >= FIRST_MONTH { date.year() } else { date.year() - 1 }
}

/// The first and the last day of fiscal year `year`, both included.
///
/// Days outside the years −9999 to 9999 are replaced by the first or the last
/// representable day.
pub fn fiscal_year_bounds(year: i16) -> (Date, Date) {
    let clamp = if year < 0 { Date::MIN } else { Date::MAX };
    let first = Date::new(year, FIRST_MONTH, 1).unwrap_or(clamp);
    let last = Date::new(year.saturating_add(1), FIRST_MONTH - 1, 31).unwrap_or(clamp);
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn april_begins_the_year() {
        assert_eq!(fiscal_year(date(2026, 3, 31)), 2025);
        assert_eq!(fiscal_year(date(2026, 4, 1)), 2026);
        assert_eq!(fiscal_year(date(2027, 1, 1)), 2026);
        assert_eq!(fiscal_year_bounds(2026), (date(2026, 4, 1), date(2027, 3, 31)));
    }

    #[test]
    fn bounds_hold_the_days_even_at_the_ends_of_the_calendar() {
        for day in [Date::MIN, date(-1, 3, 31), date(0, 4, 1), Date::MAX] {
            let (first, last) = fiscal_year_bounds(fiscal_year(day));
            assert!(first <= day && day <= last, "{day}");
        }
        assert_eq!(fiscal_year_bounds(i16::MAX), (Date::MAX, Date::MAX));
        assert_eq!(fiscal_year_bounds(i16::MIN), (Date::MIN, Date::MIN));
    }
}
