//! Quiet hours: the time of day at which somebody is not to be disturbed. Pure.

use std::time::Duration;

use calendar::Instant;

use crate::{Result, field};

/// Minutes of a day.
pub const DAY: i64 = 1_440;
/// Hours can be chosen in steps of so many minutes. Batches are made of people with the same hours, so that finer steps
/// would make many small ones.
pub const STEP: i64 = 30;

const MINUTE_MS: i64 = 60_000;

/// From one minute of the day to another, in Japan; over midnight where the end lies before the beginning. With the
/// same minute twice no hour is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quiet {
    /// First minute of the day that is quiet.
    pub from: i64,
    /// First minute of the day that no longer is.
    pub until: i64,
}

impl Default for Quiet {
    /// 21:00 to 7:00.
    fn default() -> Self {
        Quiet { from: 21 * 60, until: 7 * 60 }
    }
}

impl Quiet {
    /// No quiet hours.
    pub const NONE: Quiet = Quiet { from: 0, until: 0 };

    /// Takes minutes of the day in steps of [`STEP`].
    pub fn new(from: i64, until: i64) -> Result<Quiet> {
        if [from, until].iter().any(|m| !(0..DAY).contains(m) || m % STEP != 0) {
            return Err(field("quiet", "時刻は30分単位で選んでください。"));
        }
        Ok(Quiet { from, until })
    }

    /// How many minutes of a day are quiet.
    pub fn length(self) -> i64 {
        (self.until - self.from).rem_euclid(DAY)
    }

    /// Milliseconds since the quiet hours last began, which may be long over.
    fn since_start(self, at: Instant) -> i64 {
        let midnight = Instant::start_of(at.jst_date());
        (at.millis_since(midnight) - self.from * MINUTE_MS).rem_euclid(DAY * MINUTE_MS)
    }

    /// Whether an instant is quiet.
    pub fn covers(self, at: Instant) -> bool {
        self.since_start(at) < self.length() * MINUTE_MS
    }

    /// The first instant from `at` on that is not quiet.
    pub fn opens(self, at: Instant) -> Instant {
        if self.covers(at) { later(at, self.length() * MINUTE_MS - self.since_start(at)) } else { at }
    }

    /// When, after an instant that is not quiet, the quiet hours begin; `None` where there are none.
    pub fn next_start(self, at: Instant) -> Option<Instant> {
        (self.length() > 0).then(|| later(at, DAY * MINUTE_MS - self.since_start(at)))
    }
}

fn later(at: Instant, millis: i64) -> Instant {
    at.plus(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use calendar::Date;
    use proptest::prelude::*;

    fn at(hour: i8, minute: i8) -> Instant {
        Instant::from_jst(Date::constant(2026, 11, 24).at(hour, minute, 0, 0))
    }

    #[test]
    fn the_night_is_quiet() {
        let night = Quiet::default();
        for (hour, minute, quiet) in
            [(20, 59, false), (21, 0, true), (23, 59, true), (0, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(night.covers(at(hour, minute)), quiet, "{hour}:{minute}");
        }
        assert_eq!(night.opens(at(3, 0)), at(7, 0));
        assert_eq!(night.opens(at(22, 0)), at(7, 0).plus(Duration::from_secs(86_400)));
        assert_eq!(night.opens(at(12, 0)), at(12, 0));
        assert_eq!(night.next_start(at(12, 0)), Some(at(21, 0)));
        assert_eq!(night.next_start(at(7, 0)), Some(at(21, 0)));
    }

    #[test]
    fn some_are_never_quiet_and_some_at_noon() {
        assert!(!Quiet::NONE.covers(at(3, 0)));
        assert_eq!(Quiet::NONE.next_start(at(3, 0)), None);
        let noon = Quiet::new(720, 780).expect("hours");
        assert_eq!(noon.opens(at(12, 30)), at(13, 0));
        for (from, until) in [(-30, 0), (0, 1_440), (15, 60)] {
            assert!(Quiet::new(from, until).is_err(), "{from} {until}");
        }
    }

    proptest! {
        #[test]
        fn what_opens_is_open_and_not_later_than_need_be(from in 0i64..48, until in 0i64..48, ms in 0i64..200_000_000) {
            let quiet = Quiet::new(from * STEP, until * STEP).expect("steps");
            let at = Instant::from_millis(1_700_000_000_000 + ms);
            let open = quiet.opens(at);
            prop_assert!(open >= at && !quiet.covers(open));
            if open > at {
                prop_assert!(quiet.covers(open.minus(Duration::from_millis(1))));
            }
            if let Some(start) = quiet.next_start(open) {
                prop_assert!(start > open && quiet.covers(start) && !quiet.covers(start.minus(Duration::from_millis(1))));
            }
        }
    }
}
