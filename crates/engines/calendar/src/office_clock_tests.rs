//! The clock of offices of several kinds, a minute before, at and after each edge.

use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;
use crate::business::Closure;
use crate::hours::Monthly;
use crate::time::Block;

const MINUTE: i64 = MINUTE_MS;
const HOUR: i64 = 60 * MINUTE;

fn block(open: &str, close: &str) -> Block {
    let time = |text: &str| text.parse().expect("a time");
    Block::new(time(open), time(close)).expect("in order")
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

fn at(day: Date, clock: &str) -> Instant {
    time(clock).on(day)
}

/// Weekdays 08:45 to 17:15 with a break at noon; closed over the year end.
fn town_hall() -> OfficeHours {
    let mut hours = OfficeHours::default();
    hours.weekly[..5].fill(vec![block("08:45", "12:00"), block("13:00", "17:15")]);
    hours.closures.push(Closure { from: date(2026, 12, 29), to: date(2027, 1, 3) });
    hours
}

fn always() -> OfficeHours {
    OfficeHours {
        weekly: std::array::from_fn(|_| vec![block("00:00", "24:00")]),
        open_on_holidays: true,
        ..OfficeHours::default()
    }
}

/// Friday and Saturday nights, 22:00 to 02:00.
fn night() -> OfficeHours {
    let mut hours = OfficeHours { open_on_holidays: true, ..OfficeHours::default() };
    hours.weekly[4] = vec![block("22:00", "24:00")];
    hours.weekly[5] = vec![block("00:00", "02:00"), block("22:00", "24:00")];
    hours.weekly[6] = vec![block("00:00", "02:00")];
    hours
}

fn pause(from: Instant, to: Option<Instant>) -> Pause {
    Pause { from, to, reason: "確認待ち".to_owned() }
}

/// The Friday before a long weekend; Monday is Labour Thanksgiving Day.
const FRIDAY: Date = date(2026, 11, 20);
const TUESDAY: Date = date(2026, 11, 24);

#[track_caller]
fn check_due(hours: &OfficeHours, start: Instant, minutes: i64, wanted: Instant) {
    let due = OfficeClock::new(hours).due(start, minutes * MINUTE, &[]).expect("within 400 days");
    assert_eq!(due.iso_jst(), wanted.iso_jst(), "{minutes} minutes from {}", start.iso_jst());
}

#[test]
fn used_up_at_closing_is_due_at_closing() {
    let hours = town_hall();
    // Over the lunch break: 3 hours 15 minutes until noon.
    let opening = at(FRIDAY, "08:45");
    check_due(&hours, opening, 194, at(FRIDAY, "11:59"));
    check_due(&hours, opening, 195, at(FRIDAY, "12:00"));
    check_due(&hours, opening, 196, at(FRIDAY, "13:01"));
    // Over weekend and holiday: 4 hours 15 minutes from lunch to closing.
    let lunch = at(FRIDAY, "13:00");
    check_due(&hours, lunch, 254, at(FRIDAY, "17:14"));
    check_due(&hours, lunch, 255, at(FRIDAY, "17:15"));
    check_due(&hours, lunch, 256, at(TUESDAY, "08:46"));
    // To the millisecond.
    let clock = OfficeClock::new(&hours);
    assert_eq!(clock.due(opening, 195 * MINUTE + 1, &[]), Some(later(at(FRIDAY, "13:00"), 1)));
}

#[test]
fn a_start_outside_the_hours_runs_from_the_next_opening() {
    let hours = town_hall();
    for (start, wanted) in [
        (at(FRIDAY, "08:44"), at(FRIDAY, "08:55")),
        (at(FRIDAY, "08:45"), at(FRIDAY, "08:55")),
        (at(FRIDAY, "08:46"), at(FRIDAY, "08:56")),
        (at(FRIDAY, "11:59"), at(FRIDAY, "13:09")),
        (at(FRIDAY, "12:00"), at(FRIDAY, "13:10")),
        (at(FRIDAY, "12:59"), at(FRIDAY, "13:10")),
        (at(FRIDAY, "17:14"), at(TUESDAY, "08:54")),
        (at(FRIDAY, "17:15"), at(TUESDAY, "08:55")),
        (at(FRIDAY, "17:16"), at(TUESDAY, "08:55")),
        (at(date(2026, 11, 23), "10:00"), at(TUESDAY, "08:55")),
    ] {
        check_due(&hours, start, 10, wanted);
    }
}

#[test]
fn over_the_year_end() {
    let hours = town_hall();
    let monday = date(2026, 12, 28);
    check_due(&hours, at(monday, "17:00"), 15, at(monday, "17:15"));
    check_due(&hours, at(monday, "17:00"), 16, at(date(2027, 1, 4), "08:46"));
    let clock = OfficeClock::new(&hours);
    assert_eq!(clock.open_millis(at(monday, "17:00"), at(date(2027, 1, 4), "09:00")), 30 * MINUTE);
}

#[test]
fn hours_that_meet_at_midnight_run_through() {
    let hours = night();
    let saturday = date(2026, 11, 21);
    check_due(&hours, at(FRIDAY, "23:00"), 59, at(FRIDAY, "23:59"));
    check_due(&hours, at(FRIDAY, "23:00"), 60, at(saturday, "00:00"));
    check_due(&hours, at(FRIDAY, "23:00"), 61, at(saturday, "00:01"));
    check_due(&hours, at(FRIDAY, "23:00"), 180, at(saturday, "02:00"));
    check_due(&hours, at(FRIDAY, "23:00"), 181, at(saturday, "22:01"));
}

#[test]
fn an_office_that_never_closes_runs_like_any_clock() {
    let hours = always();
    let clock = OfficeClock::new(&hours);
    let start = later(at(FRIDAY, "03:17"), 12_345);
    for millis in [1, HOUR, 24 * HOUR, 399 * 24 * HOUR] {
        assert_eq!(clock.due(start, millis, &[]), Some(later(start, millis)));
        assert_eq!(clock.open_millis(start, later(start, millis)), millis);
    }
    assert_eq!(clock.next_open(start), Some(start));
}

#[test]
fn pauses_put_off_by_the_open_time_in_them() {
    let hours = town_hall();
    let clock = OfficeClock::new(&hours);
    let start = at(FRIDAY, "09:00");
    let due = |pauses: &[Pause]| clock.due(start, 2 * HOUR, pauses).map(Instant::iso_jst);
    let wanted = |day, clock| Some(at(day, clock).iso_jst());
    // Half an hour in hours; the same twice counts once.
    let half = pause(at(FRIDAY, "09:30"), Some(at(FRIDAY, "10:00")));
    assert_eq!(due(std::slice::from_ref(&half)), wanted(FRIDAY, "11:30"));
    assert_eq!(due(&[half.clone(), half.clone()]), wanted(FRIDAY, "11:30"));
    assert_eq!(due(&[pause(at(FRIDAY, "09:45"), Some(at(FRIDAY, "10:15"))), half]), wanted(FRIDAY, "11:45"));
    // From before the start, over lunch, over the weekend.
    assert_eq!(due(&[pause(at(FRIDAY, "00:00"), Some(at(FRIDAY, "09:30")))]), wanted(FRIDAY, "11:30"));
    assert_eq!(due(&[pause(at(FRIDAY, "10:00"), Some(at(FRIDAY, "12:30")))]), wanted(FRIDAY, "14:00"));
    assert_eq!(due(&[pause(at(FRIDAY, "10:00"), Some(at(TUESDAY, "08:00")))]), wanted(TUESDAY, "09:45"));
    // Begins when the time is used up: too late to put anything off.
    assert_eq!(due(&[pause(at(FRIDAY, "11:00"), None)]), wanted(FRIDAY, "11:00"));
    assert_eq!(due(&[pause(at(FRIDAY, "10:59"), None)]), None);
    // Backwards: nothing.
    assert_eq!(due(&[pause(at(FRIDAY, "10:00"), Some(at(FRIDAY, "09:00")))]), wanted(FRIDAY, "11:00"));
    let lasting = [pause(at(FRIDAY, "10:00"), None)];
    assert_eq!(clock.running_millis(start, at(TUESDAY, "12:00"), &lasting), HOUR);
}

#[test]
fn nothing_to_do_is_due_at_once() {
    let hours = town_hall();
    let clock = OfficeClock::new(&hours);
    let night = at(FRIDAY, "22:00");
    assert_eq!(clock.due(night, 0, &[]), Some(night));
    assert_eq!(clock.due(night, -5, &[]), Some(night));
}

#[test]
fn the_search_ends_after_400_days() {
    let never = OfficeHours::default();
    assert_eq!(OfficeClock::new(&never).due(at(FRIDAY, "09:00"), 1, &[]), None);
    assert_eq!(OfficeClock::new(&never).next_open(at(FRIDAY, "09:00")), None);
    let mut late = always();
    late.closures.push(Closure { from: FRIDAY, to: date(2027, 12, 24) });
    let clock = OfficeClock::new(&late);
    // 25 December 2027 is the 400th day after 20 November 2026.
    assert_eq!(clock.next_open(at(FRIDAY, "09:00")), Some(at(date(2027, 12, 25), "00:00")));
    assert_eq!(clock.due(at(FRIDAY, "09:00"), 24 * HOUR, &[]), Some(at(date(2027, 12, 26), "00:00")));
    assert_eq!(clock.due(at(FRIDAY, "09:00"), 24 * HOUR + 1, &[]), None);
    late.closures[0].to = date(2027, 12, 25);
    assert_eq!(OfficeClock::new(&late).next_open(at(FRIDAY, "09:00")), None);
}

#[test]
fn next_opening_around_the_edges() {
    let hours = town_hall();
    let clock = OfficeClock::new(&hours);
    for (now, wanted) in [
        (at(FRIDAY, "08:44"), at(FRIDAY, "08:45")),
        (at(FRIDAY, "08:45"), at(FRIDAY, "08:45")),
        (at(FRIDAY, "11:59"), at(FRIDAY, "11:59")),
        (at(FRIDAY, "12:00"), at(FRIDAY, "13:00")),
        (at(FRIDAY, "17:15"), at(TUESDAY, "08:45")),
    ] {
        assert_eq!(clock.next_open(now), Some(wanted), "{}", now.iso_jst());
    }
}

#[test]
fn what_a_citizen_is_told() {
    let hours = town_hall();
    let clock = OfficeClock::new(&hours);
    let promise = |now, minutes: i64| clock.promise(now, clock.due(now, minutes * MINUTE, &[]));
    let today = |by| Promise::Today { by: time(by) };
    assert_eq!(promise(at(FRIDAY, "10:00"), 30), today("10:30"));
    assert_eq!(promise(at(FRIDAY, "07:00"), 30), today("09:15"));
    assert_eq!(promise(at(FRIDAY, "16:45"), 30), today("17:15"));
    // Open now, and not enough of today is left.
    let tuesday = |by| Promise::Day { date: TUESDAY, by: time(by) };
    assert_eq!(promise(at(FRIDAY, "16:46"), 30), tuesday("08:46"));
    let from = time("08:45");
    assert_eq!(promise(at(FRIDAY, "17:15"), 30), Promise::NextOpening { day: TUESDAY, from, by: time("09:15") });
    let weekend = at(date(2026, 11, 22), "12:00");
    assert_eq!(promise(weekend, 30), Promise::NextOpening { day: TUESDAY, from, by: time("09:15") });
    // Two whole days of 7 hours and a half: later than the next opening.
    let wednesday = date(2026, 11, 25);
    assert_eq!(promise(weekend, 15 * 60), Promise::Day { date: wednesday, by: time("17:15") });
    // At lunch, for the afternoon.
    assert_eq!(promise(at(FRIDAY, "12:30"), 30), today("13:30"));
}

#[test]
fn promises_are_rounded_up_to_the_minute_and_midnight_is_24() {
    let hours = night();
    let clock = OfficeClock::new(&hours);
    let now = later(at(FRIDAY, "22:10"), 1);
    let promise = |millis| clock.promise(now, clock.due(now, millis, &[]));
    assert_eq!(promise(MINUTE - 1), Promise::Today { by: time("22:11") });
    assert_eq!(promise(MINUTE), Promise::Today { by: time("22:12") });
    assert_eq!(promise(110 * MINUTE - 1), Promise::Today { by: Time::END_OF_DAY });
    assert_eq!(promise(110 * MINUTE), Promise::Day { date: date(2026, 11, 21), by: time("00:01") });
}

#[test]
fn what_is_unknown_or_past_is_not_promised() {
    let hours = town_hall();
    let clock = OfficeClock::new(&hours);
    let now = at(FRIDAY, "10:00");
    assert_eq!(clock.promise(now, None), Promise::Unknown);
    assert_eq!(clock.promise(now, Some(now)), Promise::Unknown);
    assert_eq!(clock.promise(now, Some(later(now, -1))), Promise::Unknown);
    assert_eq!(clock.promise(now, Some(later(now, 1))), Promise::Today { by: time("10:01") });
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for hours in [always(), town_hall()] {
        let clock = OfficeClock::new(&hours);
        for end in [i64::MIN, i64::MAX] {
            let end = Instant::from_millis(end);
            clock.open_millis(end, end);
            clock.next_open(end);
            clock.promise(end, clock.due(end, i64::MAX, &[pause(end, None)]));
            clock.promise(end, Some(Instant::from_millis(i64::MAX)));
        }
    }
}

fn hours() -> impl Strategy<Value = OfficeHours> {
    let block = (0..24_u8, 0..60_u8, 1..720_u16).prop_map(|(hour, minute, length)| {
        let open = Time::new(hour, minute).expect("a time");
        let close = (open.minutes() + length).min(24 * 60);
        let close = Time::new((close / 60) as u8, (close % 60) as u8).expect("a time");
        Block { open, close }
    });
    let day = prop::collection::vec(block.clone(), 0..3);
    let closure = (0..400_i64, 0..20_i64).prop_map(|(from, days)| {
        let from = FRIDAY.saturating_add(Span::new().days(from));
        Closure { from, to: from.saturating_add(Span::new().days(days)) }
    });
    let monthly = (1..=5_u8, block).prop_map(|(week, block)| Monthly { week, weekday: Weekday::Sunday, block });
    let weekly = prop::collection::vec(day, 7).prop_map(|days| <[Vec<Block>; 7]>::try_from(days).expect("seven"));
    (weekly, prop::option::of(monthly), any::<bool>(), prop::collection::vec(closure, 0..4)).prop_map(
        |(weekly, monthly, open_on_holidays, closures)| OfficeHours {
            weekly,
            monthly: monthly.into_iter().collect(),
            open_on_holidays,
            closures,
        },
    )
}

/// Instants of half a year from the Friday on, to the millisecond.
fn instant() -> impl Strategy<Value = Instant> {
    (0..180 * 24 * HOUR).prop_map(|millis| later(Instant::start_of(FRIDAY), millis))
}

fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    let one = (instant(), 0..20 * 24 * HOUR).prop_map(|(from, length)| pause(from, Some(later(from, length))));
    prop::collection::vec(one, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn open_time_adds_up(hours in hours(), a in instant(), b in instant(), c in instant()) {
        let clock = OfficeClock::new(&hours);
        prop_assert_eq!(clock.open_millis(a, b) + clock.open_millis(b, c), clock.open_millis(a, c));
        prop_assert!(clock.open_millis(a, b).abs() <= a.millis_since(b).abs());
    }

    #[test]
    fn at_the_due_instant_the_time_is_used_up_and_not_before(
        hours in hours(), start in instant(), millis in 1..60 * HOUR, pauses in pauses()
    ) {
        let clock = OfficeClock::new(&hours);
        if let Some(due) = clock.due(start, millis, &pauses) {
            prop_assert_eq!(clock.running_millis(start, due, &pauses), millis);
            prop_assert_eq!(clock.running_millis(start, later(due, -1), &pauses), millis - 1);
        }
        if let Some(due) = clock.due(start, millis, &[]) {
            prop_assert_eq!(clock.open_millis(start, due), millis);
        }
    }

    #[test]
    fn a_pause_never_brings_forward(hours in hours(), start in instant(), millis in 1..60 * HOUR, pauses in pauses()) {
        let clock = OfficeClock::new(&hours);
        let (plain, paused) = (clock.due(start, millis, &[]), clock.due(start, millis, &pauses));
        prop_assert!(paused.is_none_or(|paused| plain.is_some_and(|plain| plain <= paused)));
    }

    #[test]
    fn it_runs_when_the_counter_is_open(hours in hours(), now in instant()) {
        use crate::hours::Status;
        let clock = OfficeClock::new(&hours);
        let is_open = clock.open_millis(now, later(now, 1)) == 1;
        prop_assert_eq!(is_open, !matches!(hours.status_at(now), Status::Closed { .. }));
        prop_assert_eq!(is_open, clock.next_open(now) == Some(now));
        if let Some(opens) = clock.next_open(now) {
            prop_assert_eq!(clock.open_millis(now, opens), 0);
        }
    }

    #[test]
    fn a_promise_is_never_earlier_than_asked_and_less_than_a_minute_later(
        hours in hours(), now in instant(), millis in 1..60 * HOUR
    ) {
        let clock = OfficeClock::new(&hours);
        let due = clock.due(now, millis, &[]);
        let promised = match clock.promise(now, due) {
            Promise::Today { by } => by.on(now.jst_date()),
            Promise::NextOpening { day, from, by } => {
                prop_assert_eq!(clock.next_open(now), Some(from.on(day)));
                prop_assert!(from < by);
                by.on(day)
            }
            Promise::Day { date, by } => {
                prop_assert!(date > now.jst_date());
                by.on(date)
            }
            Promise::Unknown => {
                prop_assert_eq!(due, None);
                return Ok(());
            }
        };
        let due = due.expect("promised");
        prop_assert!((0..MINUTE).contains(&promised.millis_since(due)));
    }
}
