//! Offices of several kinds around their opening and closing.

use std::time::Duration;

use jiff::civil::date;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, U8Deserializer};

use super::*;

fn block(open: &str, close: &str) -> Block {
    let time = |text: &str| text.parse().expect("a time");
    Block::new(time(open), time(close)).expect("in order")
}

fn at(day: Date, time: &str) -> Instant {
    time.parse::<Time>().expect("a time").on(day)
}

/// Weekdays 08:45 to 17:15, closed at lunch, and every second Sunday morning.
fn town_hall() -> OfficeHours {
    let day = vec![block("13:00", "17:15"), block("08:45", "12:00")];
    let mut hours = OfficeHours::default();
    hours.weekly[..5].fill(day);
    hours.monthly.push(Monthly { week: 2, weekday: Weekday::Sunday, block: block("09:00", "12:00") });
    hours
}

fn always() -> OfficeHours {
    OfficeHours {
        weekly: std::array::from_fn(|_| vec![block("00:00", "24:00")]),
        open_on_holidays: true,
        ..OfficeHours::default()
    }
}

fn open(until: Instant) -> Status {
    Status::Open { until }
}

fn closed(opens: Instant) -> Status {
    Status::Closed { opens: Some(opens) }
}

#[test]
fn a_day_with_lunch() {
    let hours = town_hall();
    // Friday before a long weekend.
    let day = date(2026, 11, 20);
    let minute = Duration::from_secs(60);
    for (opens, closes) in [("08:45", "12:00"), ("13:00", "17:15")] {
        let (opens, closes) = (at(day, opens), at(day, closes));
        assert_eq!(hours.status_at(opens.minus(minute)), closed(opens));
        assert_eq!(hours.status_at(opens), open(closes));
        assert_eq!(hours.status_at(closes.minus(minute)), open(closes));
        assert!(matches!(hours.status_at(closes), Status::Closed { .. }));
    }
    assert_eq!(hours.status_at(at(day, "12:00")), closed(at(day, "13:00")));
    // Saturday, Sunday and Labour Thanksgiving Day lie between.
    assert_eq!(hours.status_at(at(day, "17:15")), closed(at(date(2026, 11, 24), "08:45")));
}

#[test]
fn the_second_sunday() {
    let hours = town_hall();
    assert_eq!(hours.today(date(2026, 11, 8)), [block("09:00", "12:00")]);
    assert!(hours.today(date(2026, 11, 1)).is_empty());
    assert!(hours.today(date(2026, 11, 15)).is_empty());
    // The second Sunday of February 2029 is National Foundation Day.
    assert!(hours.today(date(2029, 2, 11)).is_empty());
}

#[test]
fn the_fifth_week_is_in_some_months_only() {
    let mut hours = OfficeHours::default();
    hours.monthly.push(Monthly { week: 5, weekday: Weekday::Sunday, block: block("09:00", "12:00") });
    assert_eq!(hours.today(date(2026, 11, 29)).len(), 1);
    // The next one, 31 January, lies more than 60 days ahead.
    let evening = at(date(2026, 11, 29), "18:00");
    assert_eq!(hours.status_at(evening), Status::Closed { opens: None });
    let later = at(date(2026, 12, 10), "18:00");
    let opens = at(date(2027, 1, 31), "09:00");
    assert_eq!(hours.status_at(later), closed(opens));
}

#[test]
fn holidays_and_closures() {
    let mut hours = town_hall();
    let holiday = date(2026, 11, 23);
    assert!(hours.today(holiday).is_empty());
    hours.open_on_holidays = true;
    assert_eq!(hours.today(holiday), [block("08:45", "12:00"), block("13:00", "17:15")]);
    hours.closures.push(Closure { from: holiday, to: date(2026, 11, 24) });
    assert!(hours.today(holiday).is_empty());
    assert_eq!(hours.status_at(at(holiday, "10:00")), closed(at(date(2026, 11, 25), "08:45")));
}

#[test]
fn hours_over_midnight_are_one_opening() {
    let mut hours = OfficeHours::default();
    let (friday, saturday) = (date(2026, 11, 20), date(2026, 11, 21));
    hours.weekly[4] = vec![block("22:00", "24:00")];
    hours.weekly[5] = vec![block("00:00", "02:00"), block("09:00", "12:00")];
    let until = at(saturday, "02:00");
    assert_eq!(hours.status_at(at(friday, "22:00")), open(until));
    assert_eq!(hours.status_at(at(friday, "24:00")), open(until));
    assert_eq!(hours.status_at(until), closed(at(saturday, "09:00")));
}

#[test]
fn touching_and_overlapping_blocks_are_joined() {
    let mut hours = OfficeHours::default();
    hours.weekly[4] = vec![
        block("12:00", "17:00"),
        block("08:00", "12:00"),
        block("09:00", "10:00"),
        block("18:00", "20:00"),
        block("19:00", "21:00"),
    ];
    let day = date(2026, 11, 20);
    assert_eq!(hours.today(day), [block("08:00", "17:00"), block("18:00", "21:00")]);
    assert_eq!(hours.status_at(at(day, "11:00")), open(at(day, "17:00")));
}

#[test]
fn round_the_clock() {
    let mut hours = always();
    let day = date(2026, 11, 20);
    assert_eq!(hours.status_at(at(day, "03:00")), Status::OpenAllDay);
    hours.closures.push(Closure { from: date(2026, 12, 29), to: date(2027, 1, 3) });
    assert_eq!(hours.status_at(at(day, "03:00")), open(at(date(2026, 12, 29), "00:00")));
    assert_eq!(hours.status_at(at(date(2026, 12, 31), "03:00")), closed(at(date(2027, 1, 4), "00:00")));
}

#[test]
fn never_open() {
    let hours = OfficeHours::default();
    assert_eq!(hours.status_at(at(date(2026, 11, 20), "10:00")), Status::Closed { opens: None });
}

#[test]
fn a_block_running_backwards_is_nothing() {
    let mut hours = OfficeHours::default();
    hours.weekly[4] = vec![Block { open: Time::END_OF_DAY, close: Time::START_OF_DAY }];
    assert!(hours.today(date(2026, 11, 20)).is_empty());
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for millis in [i64::MIN, i64::MAX] {
        always().status_at(Instant::from_millis(millis));
        town_hall().status_at(Instant::from_millis(millis));
    }
}

#[test]
fn weeks_are_one_to_five() {
    let read = |n: u8| {
        let n: U8Deserializer<Error> = n.into_deserializer();
        week(n)
    };
    assert_eq!(read(1), Ok(1));
    assert_eq!(read(5), Ok(5));
    assert!(read(0).is_err());
    assert!(read(6).is_err());
}
