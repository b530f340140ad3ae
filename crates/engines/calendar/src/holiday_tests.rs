//! Known dates, as published by the Cabinet Office (内閣府).

use jiff::civil::{Date, date};

use super::holiday;

/// All holidays of a year as (month, day, name).
fn of_year(year: i16) -> Vec<(i8, i8, &'static str)> {
    date(year, 1, 1)
        .series(jiff::Span::new().days(1))
        .take_while(|day| day.year() == year)
        .filter_map(|day| holiday(day).map(|name| (day.month(), day.day(), name)))
        .collect()
}

#[track_caller]
fn check(year: i16, month: i8, day: i8, name: &str) {
    let found = holiday(date(year, month, day)).unwrap_or("");
    assert_eq!(found, name, "{year}-{month}-{day}");
}

#[test]
fn the_year_2026() {
    let expected = [
        (1, 1, "元日"),
        (1, 12, "成人の日"),
        (2, 11, "建国記念の日"),
        (2, 23, "天皇誕生日"),
        (3, 20, "春分の日"),
        (4, 29, "昭和の日"),
        (5, 3, "憲法記念日"),
        (5, 4, "みどりの日"),
        (5, 5, "こどもの日"),
        (5, 6, "振替休日"),
        (7, 20, "海の日"),
        (8, 11, "山の日"),
        (9, 21, "敬老の日"),
        (9, 22, "国民の休日"),
        (9, 23, "秋分の日"),
        (10, 12, "スポーツの日"),
        (11, 3, "文化の日"),
        (11, 23, "勤労感謝の日"),
    ];
    assert_eq!(of_year(2026), expected);
}

#[test]
fn the_year_2019_of_the_accession() {
    let expected = [
        (1, 1, "元日"),
        (1, 14, "成人の日"),
        (2, 11, "建国記念の日"),
        (3, 21, "春分の日"),
        (4, 29, "昭和の日"),
        (4, 30, "国民の休日"),
        (5, 1, "天皇の即位の日"),
        (5, 2, "国民の休日"),
        (5, 3, "憲法記念日"),
        (5, 4, "みどりの日"),
        (5, 5, "こどもの日"),
        (5, 6, "振替休日"),
        (7, 15, "海の日"),
        (8, 11, "山の日"),
        (8, 12, "振替休日"),
        (9, 16, "敬老の日"),
        (9, 23, "秋分の日"),
        (10, 14, "体育の日"),
        (10, 22, "即位礼正殿の儀の行われる日"),
        (11, 3, "文化の日"),
        (11, 4, "振替休日"),
        (11, 23, "勤労感謝の日"),
    ];
    assert_eq!(of_year(2019), expected);
}

#[test]
fn the_first_year_starts_in_autumn() {
    let expected = [(9, 23, "秋分の日"), (11, 3, "文化の日"), (11, 23, "勤労感謝の日")];
    assert_eq!(of_year(1948), expected);
    assert!(of_year(1947).is_empty());
}

#[test]
fn the_olympic_years() {
    check(2020, 7, 23, "海の日");
    check(2020, 7, 24, "スポーツの日");
    check(2020, 8, 10, "山の日");
    check(2020, 7, 20, "");
    check(2020, 8, 11, "");
    check(2020, 10, 12, "");
    check(2021, 7, 22, "海の日");
    check(2021, 7, 23, "スポーツの日");
    check(2021, 8, 8, "山の日");
    check(2021, 8, 9, "振替休日");
    check(2021, 7, 19, "");
    check(2021, 8, 11, "");
    check(2021, 10, 11, "");
    check(2022, 7, 18, "海の日");
    check(2022, 10, 10, "スポーツの日");
}

#[test]
fn substitutes() {
    check(1973, 2, 12, "");
    check(1973, 4, 30, "振替休日");
    check(2006, 1, 2, "振替休日");
    check(2008, 5, 6, "振替休日");
    check(2009, 5, 6, "振替休日");
    check(2015, 5, 6, "振替休日");
    check(2024, 2, 12, "振替休日");
    check(2024, 5, 6, "振替休日");
    check(2025, 2, 24, "振替休日");
    check(2025, 11, 24, "振替休日");
    check(2033, 3, 21, "振替休日");
}

#[test]
fn days_between_holidays() {
    check(1985, 5, 4, "");
    check(1986, 5, 4, "");
    check(1987, 5, 4, "振替休日");
    check(1988, 5, 4, "国民の休日");
    check(2009, 9, 22, "国民の休日");
    check(2015, 9, 22, "国民の休日");
    check(2032, 9, 21, "国民の休日");
}

#[test]
fn emperors_birthdays() {
    check(1988, 4, 29, "天皇誕生日");
    check(1988, 12, 23, "");
    check(1989, 4, 29, "みどりの日");
    check(1989, 12, 23, "天皇誕生日");
    check(2006, 4, 29, "みどりの日");
    check(2007, 4, 29, "昭和の日");
    check(2007, 5, 4, "みどりの日");
    check(2018, 12, 24, "振替休日");
    check(2019, 12, 23, "");
    check(2020, 2, 24, "振替休日");
}

#[test]
fn single_days() {
    check(1959, 4, 10, "皇太子明仁親王の結婚の儀");
    check(1989, 2, 24, "昭和天皇の大喪の礼");
    check(1990, 11, 12, "即位礼正殿の儀");
    check(1993, 6, 9, "皇太子徳仁親王の結婚の儀");
    check(1960, 4, 10, "");
}

#[test]
fn equinoxes() {
    for (year, spring, autumn) in [
        (1949, 21, 23),
        (1960, 20, 23),
        (1979, 21, 24),
        (1980, 20, 23),
        (2000, 20, 23),
        (2012, 20, 22),
        (2024, 20, 22),
        (2025, 20, 23),
        (2026, 20, 23),
        (2033, 20, 23),
        (2092, 19, 22),
        (2099, 20, 23),
    ] {
        check(year, 3, spring, "春分の日");
        check(year, 9, autumn, "秋分の日");
    }
    assert!(of_year(2100).iter().all(|(_, _, name)| !name.contains("分の日")));
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    assert_eq!(holiday(Date::MIN), None);
    assert_eq!(holiday(Date::MAX), None);
}
