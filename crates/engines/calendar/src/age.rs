//! Ages (年齢).

use jiff::civil::Date;

/// The age in completed years that the law gives a person on `date`; `None`
/// before the day of birth.
///
/// The day of birth counts as the first (年齢計算ニ関スル法律, 明治35年法律第50号,
/// 1項), and the year expires with the day before the corresponding day
/// (民法143条, by its 2項). So an age is attained at the end of the day before
/// the birthday, and rules that go by whole days (学齢, 選挙権, 福祉の資格) take
/// it as attained on that day: whoever was born on 1 April is six on 31 March.
/// A person born on 29 February attains it on 28 February of every year.
pub fn age_on(birth: Date, date: Date) -> Option<u16> {
    // The morrow of the calendar's last day has no `Date`.
    let morrow = date.tomorrow().map_or((Date::MAX.year() + 1, 1, 1), parts);
    (birth <= date).then(|| completed_years(birth, morrow))
}

/// The age as people use it in daily life, one more from the birthday on;
/// `None` before the day of birth.
///
/// Who was born on 29 February grows older on 1 March of common years.
pub fn plain_age_on(birth: Date, date: Date) -> Option<u16> {
    (birth <= date).then(|| completed_years(birth, parts(date)))
}

fn parts(date: Date) -> (i16, i8, i8) {
    (date.year(), date.month(), date.day())
}

fn completed_years(birth: Date, (year, month, day): (i16, i8, i8)) -> u16 {
    let before_birthday = (month, day) < (birth.month(), birth.day());
    year.abs_diff(birth.year()) - u16::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_law_counts_from_the_eve() {
        let birth = date(2020, 4, 1);
        assert_eq!(age_on(birth, date(2026, 3, 30)), Some(5));
        assert_eq!(age_on(birth, date(2026, 3, 31)), Some(6));
        assert_eq!(plain_age_on(birth, date(2026, 3, 31)), Some(5));
        assert_eq!(plain_age_on(birth, date(2026, 4, 1)), Some(6));
    }

    #[test]
    fn leap_day_children() {
        let birth = date(2008, 2, 29);
        assert_eq!(age_on(birth, date(2026, 2, 27)), Some(17));
        assert_eq!(age_on(birth, date(2026, 2, 28)), Some(18));
        assert_eq!(age_on(birth, date(2028, 2, 28)), Some(20));
        assert_eq!(plain_age_on(birth, date(2026, 2, 28)), Some(17));
        assert_eq!(plain_age_on(birth, date(2026, 3, 1)), Some(18));
        assert_eq!(plain_age_on(birth, date(2028, 2, 29)), Some(20));
        assert_eq!(age_on(date(2007, 3, 1), date(2024, 2, 29)), Some(17));
    }

    #[test]
    fn new_year_children() {
        let birth = date(2000, 1, 1);
        assert_eq!(age_on(birth, date(2019, 12, 30)), Some(19));
        assert_eq!(age_on(birth, date(2019, 12, 31)), Some(20));
    }

    #[test]
    fn the_unborn_have_no_age() {
        let birth = date(2026, 4, 1);
        assert_eq!(age_on(birth, date(2026, 3, 31)), None);
        assert_eq!(plain_age_on(birth, date(2026, 3, 31)), None);
        assert_eq!(age_on(birth, birth), Some(0));
        assert_eq!(plain_age_on(birth, birth), Some(0));
    }

    #[test]
    fn the_ends_of_the_calendar() {
        assert_eq!(plain_age_on(Date::MIN, Date::MAX), Some(19_998));
        assert_eq!(age_on(Date::MIN, Date::MAX), Some(19_999));
        assert_eq!(age_on(Date::MAX, Date::MAX), Some(0));
    }
}
