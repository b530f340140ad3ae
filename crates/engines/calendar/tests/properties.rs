//! Laws that hold for all dates, not only for those in the unit tests.

use calendar::{
    BusinessCalendar, Closure, Date, Deadline, DeadlineState, Era, FirstDay, Instant, OfficeHours, Pause, Period, Roll,
    Status, Time, age_on, due_date, fiscal_year, fiscal_year_bounds, format_wareki, holiday, parse_wareki,
    plain_age_on,
};
use jiff::{Span, civil};
use proptest::prelude::*;

fn plus_days(date: Date, days: i32) -> Date {
    date.checked_add(Span::new().days(days)).expect("in range")
}

/// Days from 1948 to 2099, for which the law on holidays holds.
fn date() -> impl Strategy<Value = Date> {
    (0..55_000).prop_map(|days| plus_days(civil::date(1948, 7, 20), days))
}

fn business() -> impl Strategy<Value = BusinessCalendar> {
    let closure = (date(), 0..30).prop_map(|(from, days)| Closure { from, to: plus_days(from, days) });
    prop::collection::vec(closure, 0..5).prop_map(|closures| BusinessCalendar { closures: closures.into() })
}

fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (0..2000_u32).prop_map(Period::Days),
        (0..200_u32).prop_map(Period::BusinessDays),
        (0..200_u32).prop_map(Period::Weeks),
        (0..100_u32).prop_map(Period::Months),
        (0..20_u32).prop_map(Period::Years),
    ]
}

fn counting() -> impl Strategy<Value = FirstDay> {
    prop_oneof![Just(FirstDay::Excluded), Just(FirstDay::Included)]
}

fn rolling() -> impl Strategy<Value = Roll> {
    prop_oneof![Just(Roll::ToNextBusinessDay), Just(Roll::None)]
}

fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    let pause = (0..1000_i64, prop::option::of(0..1000_i64)).prop_map(|(from, to)| Pause {
        from: Instant::from_millis(from),
        to: to.map(Instant::from_millis),
        reason: String::new(),
    });
    prop::collection::vec(pause, 0..6)
}

proptest! {
    #[test]
    fn instants_survive_the_way_to_jst(millis in -100_000_000_000_000..100_000_000_000_000_i64) {
        let at = Instant::from_millis(millis);
        prop_assert_eq!(Instant::from_jst(at.jst()), at);
        prop_assert!(Instant::start_of(at.jst_date()) <= at);
    }

    #[test]
    fn no_instant_panics(millis: i64) {
        let at = Instant::from_millis(millis);
        at.iso_jst();
        OfficeHours::default().status_at(at);
    }

    #[test]
    fn a_sunday_holiday_is_made_up_for(day in date()) {
        let sunday = day.weekday() == civil::Weekday::Sunday;
        if sunday && holiday(day).is_some() && day >= civil::date(1973, 4, 12) {
            let made_up = (1..=3).any(|n| holiday(plus_days(day, n)) == Some("振替休日"));
            prop_assert!(made_up, "{}", day);
        }
    }

    #[test]
    fn wareki_round_trip(days in 0..200_000) {
        let day = plus_days(Era::Meiji.first_day(), days);
        let text = format_wareki(day);
        prop_assert_eq!(parse_wareki(&text), Ok(day));
        let full_width: String = text
            .chars()
            .map(|c| c.to_digit(10).and_then(|d| char::from_u32(0xFF10 + d)).unwrap_or(c))
            .collect();
        prop_assert_eq!(parse_wareki(&full_width), Ok(day));
    }

    #[test]
    fn reading_wareki_never_panics(text in "[明治令和MRrＲ㋿元年月日0-9０-９./ -]{0,14}|\\PC{0,12}") {
        if let Err(error) = parse_wareki(&text) {
            prop_assert!(error.to_string().contains('。'));
        }
    }

    #[test]
    fn the_fiscal_year_holds_its_days(day in date()) {
        let (first, last) = fiscal_year_bounds(fiscal_year(day));
        prop_assert!(first <= day && day <= last);
    }

    #[test]
    fn the_law_is_one_day_ahead_of_the_birthday(birth in date(), days in 0..40_000) {
        let day = plus_days(birth, days);
        prop_assert_eq!(age_on(birth, day), plain_age_on(birth, plus_days(day, 1)));
    }

    #[test]
    fn business_days_are_monotone(calendar in business(), day in date(), n in 0..300_i32) {
        let fewer = calendar.add_business_days(day, n).expect("in range");
        let more = calendar.add_business_days(day, n + 1).expect("in range");
        prop_assert!(fewer < more);
        prop_assert!(calendar.is_business_day(more));
        let later = calendar.add_business_days(plus_days(day, 1), n).expect("in range");
        prop_assert!(fewer <= later);
    }

    #[test]
    fn business_days_lead_back(calendar in business(), day in date(), n in 0..300_i32) {
        let start = calendar.next_business_day_on_or_after(day).expect("in range");
        prop_assert!(start >= day && calendar.is_business_day(start));
        let there = calendar.add_business_days(start, n).expect("in range");
        prop_assert_eq!(calendar.add_business_days(there, -n), Ok(start));
    }

    #[test]
    fn no_deadline_comes_before_its_start(
        start in date(),
        period in period(),
        counting in counting(),
        rolling in rolling(),
        calendar in business(),
    ) {
        let due = due_date(start, period, counting, rolling, &calendar).expect("in range");
        prop_assert!(due >= start);
        if rolling == Roll::ToNextBusinessDay {
            prop_assert!(calendar.is_business_day(due));
        }
        let later = due_date(plus_days(start, 1), period, counting, rolling, &calendar);
        prop_assert!(later.expect("in range") >= due);
        let excluded = due_date(start, period, FirstDay::Excluded, rolling, &calendar);
        prop_assert!(excluded.expect("in range") >= due);
    }

    #[test]
    fn pauses_only_put_off(pauses in pauses(), due in 0..1000_i64, now in 0..2000_i64) {
        let (due, now) = (Instant::from_millis(due), Instant::from_millis(now));
        let mut deadline = Deadline::new(Instant::from_millis(0), due);
        deadline.pauses = pauses;
        let put_off = deadline.due_as_of(now);
        prop_assert!(put_off >= due);
        prop_assert!(put_off.millis_since(due) <= now.millis());
        match deadline.state_at(now) {
            DeadlineState::Running { left_ms } => prop_assert!(left_ms > 0),
            DeadlineState::Overdue { by_ms } => prop_assert!(by_ms >= 0),
            DeadlineState::Paused => prop_assert!(now < put_off),
        }
    }

    #[test]
    fn pauses_agree_with_counting_each_millisecond(
        pauses in pauses(),
        due in 0..300_i64,
        now in 0..1500_i64,
    ) {
        let mut deadline = Deadline::new(Instant::from_millis(0), Instant::from_millis(due));
        deadline.pauses = pauses;
        let paused = |at: i64| {
            let at = Instant::from_millis(at);
            deadline.pauses.iter().any(|p| p.from <= at && p.to.is_none_or(|to| at < to))
        };
        // What a stopwatch would show that is stopped by pauses.
        let mut left = due;
        let mut late = 0;
        for at in 0..now {
            if left == 0 {
                late += 1;
            } else if !paused(at) {
                left -= 1;
            }
        }
        let expected = match left {
            0 => DeadlineState::Overdue { by_ms: late },
            _ if paused(now) => DeadlineState::Paused,
            _ => DeadlineState::Running { left_ms: left },
        };
        prop_assert_eq!(deadline.state_at(Instant::from_millis(now)), expected);
    }

    #[test]
    fn the_status_agrees_with_the_hours_of_the_day(
        bounds in prop::collection::vec((0..24_u8, 1..24_u8), 7..14),
        minute in 0..1440_i64,
        day in date(),
    ) {
        let mut hours = OfficeHours { open_on_holidays: true, ..OfficeHours::default() };
        for (index, (open, length)) in bounds.into_iter().enumerate() {
            let open_at = Time::new(open, 0).expect("a time");
            let close = Time::new((open + length).min(24), 0).expect("a time");
            hours.weekly[index % 7].push(calendar::Block { open: open_at, close });
        }
        let at = Instant::from_millis(Instant::start_of(day).millis() + minute * 60_000);
        let is_open = |at: Instant| {
            let day = at.jst_date();
            hours.today(day).iter().any(|b| b.open.on(day) <= at && at < b.close.on(day))
        };
        match hours.status_at(at) {
            Status::Open { until } => {
                prop_assert!(is_open(at) && until > at && !is_open(until));
            }
            Status::OpenAllDay => prop_assert!(is_open(at)),
            Status::Closed { opens } => {
                let opens = opens.expect("opens every day");
                prop_assert!(!is_open(at) && opens > at && is_open(opens));
            }
        }
    }
}
