//! National holidays (国民の祝日) and the days off that follow from them (休日).
//!
//! Source: 国民の祝日に関する法律 (昭和23年法律第178号, in force 1948-07-20) as
//! amended, and the acts that moved or added single days.

use jiff::civil::{Date, Weekday, date};

use Rule::{Autumn, Day, Monday, Spring};

/// How the law fixes the day of a holiday within a year.
enum Rule {
    /// Month and day.
    Day(i8, i8),
    /// The nth Monday of a month (ハッピーマンデー): month, n.
    Monday(i8, i8),
    /// The day of the vernal equinox (春分日).
    Spring,
    /// The day of the autumnal equinox (秋分日).
    Autumn,
}

/// A year later than any date has: the holiday is still in force.
const ON: i16 = i16::MAX;

/// Every national holiday with the first and the last year it was held by that
/// rule (article 2, its amendments, and the special acts).
const HOLIDAYS: &[(&str, Rule, i16, i16)] = &[
    ("元日", Day(1, 1), 1949, ON),
    ("成人の日", Day(1, 15), 1949, 1999),
    ("成人の日", Monday(1, 2), 2000, ON),
    ("建国記念の日", Day(2, 11), 1967, ON),
    ("天皇誕生日", Day(4, 29), 1949, 1988),
    ("天皇誕生日", Day(12, 23), 1989, 2018),
    // 2019 had none: the day was moved with the accession of 1 May, after
    // 23 February and before 23 December (平成29年法律第63号).
    ("天皇誕生日", Day(2, 23), 2020, ON),
    ("春分の日", Spring, 1949, ON),
    ("みどりの日", Day(4, 29), 1989, 2006),
    ("みどりの日", Day(5, 4), 2007, ON),
    ("昭和の日", Day(4, 29), 2007, ON),
    ("憲法記念日", Day(5, 3), 1949, ON),
    ("こどもの日", Day(5, 5), 1949, ON),
    ("海の日", Day(7, 20), 1996, 2002),
    ("海の日", Monday(7, 3), 2003, 2019),
    // Moved for the Olympic Games: 平成30年法律第55号 for 2020,
    // 令和2年法律第68号 for 2021.
    ("海の日", Day(7, 23), 2020, 2020),
    ("海の日", Day(7, 22), 2021, 2021),
    ("海の日", Monday(7, 3), 2022, ON),
    ("山の日", Day(8, 11), 2016, 2019),
    ("山の日", Day(8, 10), 2020, 2020),
    ("山の日", Day(8, 8), 2021, 2021),
    ("山の日", Day(8, 11), 2022, ON),
    ("敬老の日", Day(9, 15), 1966, 2002),
    ("敬老の日", Monday(9, 3), 2003, ON),
    ("秋分の日", Autumn, 1948, ON),
    ("体育の日", Day(10, 10), 1966, 1999),
    ("体育の日", Monday(10, 2), 2000, 2019),
    ("スポーツの日", Day(7, 24), 2020, 2020),
    ("スポーツの日", Day(7, 23), 2021, 2021),
    ("スポーツの日", Monday(10, 2), 2022, ON),
    ("文化の日", Day(11, 3), 1948, ON),
    ("勤労感謝の日", Day(11, 23), 1948, ON),
    // Single days: 昭和34年法律第16号, 平成元年法律第4号, 平成2年法律第24号,
    // 平成5年法律第32号 and, for both days of 2019, 平成30年法律第99号.
    ("皇太子明仁親王の結婚の儀", Day(4, 10), 1959, 1959),
    ("昭和天皇の大喪の礼", Day(2, 24), 1989, 1989),
    ("即位礼正殿の儀", Day(11, 12), 1990, 1990),
    ("皇太子徳仁親王の結婚の儀", Day(6, 9), 1993, 1993),
    ("天皇の即位の日", Day(5, 1), 2019, 2019),
    ("即位礼正殿の儀の行われる日", Day(10, 22), 2019, 2019),
];

/// First day of the rule on substitute holidays (昭和48年法律第10号).
const SUBSTITUTES_SINCE: Date = date(1973, 4, 12);
/// First day of the rule on days between two holidays (昭和60年法律第103号).
const BETWEEN_SINCE: Date = date(1985, 12, 27);

/// The name of the holiday that `date` is, or `None` on an ordinary day.
///
/// Besides the national holidays themselves (国民の祝日) this names the
/// substitute holiday 「振替休日」 (article 3, paragraph 2) and the day between
/// two holidays 「国民の休日」 (article 3, paragraph 3). Before the act took
/// effect on 1948-07-20 there are none.
///
/// The equinoxes come from the usual astronomical approximation, which is good
/// for the years 1900 to 2099; outside them no equinox is recognised. What
/// binds is the official notice (暦要項) that the National Astronomical
/// Observatory publishes each February for the year after. Future years follow
/// the law as it stands.
pub fn holiday(date: Date) -> Option<&'static str> {
    national(date).or_else(|| {
        if is_substitute(date) {
            Some("振替休日")
        } else if is_between(date) {
            Some("国民の休日")
        } else {
            None
        }
    })
}

/// The national holiday (国民の祝日) itself, without the days off around it.
fn national(date: Date) -> Option<&'static str> {
    HOLIDAYS
        .iter()
        .find(|(_, rule, first, last)| (*first..=*last).contains(&date.year()) && falls_on(rule, date))
        .map(|(name, ..)| *name)
}

fn falls_on(rule: &Rule, date: Date) -> bool {
    let (month, day) = (date.month(), date.day());
    match *rule {
        Day(m, d) => (month, day) == (m, d),
        Monday(m, nth) => month == m && date.weekday() == Weekday::Monday && (day - 1) / 7 + 1 == nth,
        Spring => month == 3 && equinox(date.year(), 20_835_700, 20_843_100) == Some(day),
        Autumn => month == 9 && equinox(date.year(), 23_258_800, 23_248_800) == Some(day),
    }
}

/// The day of the month of an equinox, from the approximation in 海上保安庁
/// 水路部「新こよみ便利帳」; `None` outside its years 1900 to 2099.
///
/// The bases are the day of the equinox, in millionths, that the formula starts
/// from for years up to 1979 and from 1980. The tropical year is 0.242194 days
/// longer than 365, and leap days are taken off.
fn equinox(year: i16, base_until_1979: i32, base_from_1980: i32) -> Option<i8> {
    let years = i32::from(year) - 1980;
    let (base, leap_days) = match year {
        // Division towards zero is part of the published formula.
        1900..=1979 => (base_until_1979, (years - 3) / 4),
        1980..=2099 => (base_from_1980, years / 4),
        _ => return None,
    };
    i8::try_from((base + 242_194 * years) / 1_000_000 - leap_days).ok()
}

/// Whether `date` stands in for a holiday that fell on a Sunday.
fn is_substitute(date: Date) -> bool {
    if date < SUBSTITUTES_SINCE || national(date).is_some() {
        return false;
    }
    // Until 2006 the law said "the next day", since 2007 "the nearest day after
    // it that is no national holiday". No two holidays stood side by side
    // before 2007, so the later wording covers both.
    let mut day = date;
    while let Ok(before) = day.yesterday() {
        if national(before).is_none() {
            return false;
        }
        if before.weekday() == Weekday::Sunday {
            return true;
        }
        day = before;
    }
    false
}

/// Whether `date` is off because it lies between two national holidays.
fn is_between(date: Date) -> bool {
    let is_national = |day: Result<Date, jiff::Error>| day.is_ok_and(|day| national(day).is_some());
    // Until 2006 Sundays were excepted: 1986-05-04 was a plain Sunday.
    let excepted = date.year() < 2007 && date.weekday() == Weekday::Sunday;
    date >= BETWEEN_SINCE && !excepted && is_national(date.yesterday()) && is_national(date.tomorrow())
}

#[cfg(test)]
#[path = "holiday_tests.rs"]
mod tests;
