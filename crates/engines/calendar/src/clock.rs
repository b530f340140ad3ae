//! Points in time, and the clocks that tell the present one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// JST is nine hours ahead of UTC (明治19年勅令第51号: 東経135度の子午線の時).
const JST_OFFSET_MS: i64 = 9 * 60 * 60 * 1000;

/// The civil date and time that `Instant(0)` has in UTC.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A point in time: milliseconds since 1970-01-01T00:00:00 UTC.
///
/// Serialised as the bare number. Arithmetic stops at the ends of `i64`
/// instead of overflowing.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// The instant `millis` milliseconds after (or, negative, before) 1970 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `duration` later; parts of a millisecond are dropped.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// The instant `duration` earlier; parts of a millisecond are dropped.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }

    /// Milliseconds from `earlier` to `self`; negative if `self` comes first.
    pub const fn millis_since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// What calendar and clock on a Japanese wall show (日本標準時).
    ///
    /// Instants beyond the years −9999 to 9999 give the first or the last
    /// representable date and time.
    pub fn jst(self) -> DateTime {
        let shifted = self.0.saturating_add(JST_OFFSET_MS);
        EPOCH.saturating_add(SignedDuration::from_millis(shifted))
    }

    /// The Japanese calendar date; clamped like [`Instant::jst`].
    pub fn jst_date(self) -> Date {
        self.jst().date()
    }

    /// The instant at which a Japanese wall shows `civil`; parts of a
    /// millisecond are dropped.
    pub fn from_jst(civil: DateTime) -> Self {
        // div_euclid, not division: before 1970, too, parts are dropped
        // towards the past, so that `jst` never gives a later time than `civil`.
        let nanos = civil.duration_since(EPOCH).as_nanos();
        let millis = i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX);
        Self(millis.saturating_sub(JST_OFFSET_MS))
    }

    /// The instant at which `date` begins in Japan (午前零時).
    pub fn start_of(date: Date) -> Self {
        Self::from_jst(date.at(0, 0, 0, 0))
    }

    /// ISO 8601 in JST to the second: `2026-11-23T15:04:05+09:00`.
    ///
    /// Parts of a second are dropped; clamped like [`Instant::jst`].
    pub fn iso_jst(self) -> String {
        let at = self.jst();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+09:00",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Something that knows what time it is; passed in wherever "now" matters, so
/// that tests can choose it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }
}

/// The computer's own clock.
#[derive(Copy, Clone, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let epoch = Instant::from_millis(0);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => epoch.plus(since),
            // A computer whose clock was set before 1970 still gets an answer.
            Err(before) => epoch.minus(before.duration()),
        }
    }
}

/// A clock that stands still until told otherwise; for tests.
#[derive(Debug, Default)]
pub struct FrozenClock(AtomicI64);

impl FrozenClock {
    /// A clock standing at `at`.
    pub const fn new(at: Instant) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Puts the clock to `at`, forwards or backwards.
    pub fn set(&self, at: Instant) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Moves the clock forward by `by`.
    pub fn advance(&self, by: Duration) {
        // The closure always gives a value, so the update cannot fail.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |at| Some(Instant(at).plus(by).0));
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn japan_is_nine_hours_ahead() {
        assert_eq!(Instant::from_millis(0).iso_jst(), "1970-01-01T09:00:00+09:00");
        let at = Instant::from_jst(date(2026, 11, 23).at(15, 4, 5, 678_999_999));
        assert_eq!(at.iso_jst(), "2026-11-23T15:04:05+09:00");
        assert_eq!(at.millis() % 1000, 678);
        assert_eq!(at.jst(), date(2026, 11, 23).at(15, 4, 5, 678_000_000));
    }

    #[test]
    fn the_date_changes_at_japanese_midnight() {
        let midnight = Instant::start_of(date(2026, 4, 1));
        assert_eq!(midnight.jst_date(), date(2026, 4, 1));
        assert_eq!(midnight.minus(Duration::from_millis(1)).jst_date(), date(2026, 3, 31));
    }

    #[test]
    fn before_1970_parts_are_dropped_towards_the_past() {
        let civil = date(1950, 1, 1).at(0, 0, 0, 1_500_000);
        assert_eq!(Instant::from_jst(civil).jst(), date(1950, 1, 1).at(0, 0, 0, 1_000_000));
    }

    #[test]
    fn extremes_clamp() {
        assert_eq!(Instant::from_millis(i64::MAX).jst(), DateTime::MAX);
        assert_eq!(Instant::from_millis(i64::MIN).jst(), DateTime::MIN);
        assert!(Instant::from_millis(i64::MAX).iso_jst().starts_with("9999-12-31"));
        assert_eq!(Instant::from_millis(i64::MAX).plus(Duration::MAX).millis(), i64::MAX);
        assert_eq!(Instant::from_millis(i64::MIN).minus(Duration::MAX).millis(), i64::MIN);
        assert_eq!(Instant::from_jst(DateTime::MAX).jst_date(), DateTime::MAX.date());
        assert_eq!(Instant::from_jst(DateTime::MIN).jst(), DateTime::MIN);
    }

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Arc::new(FrozenClock::new(Instant::from_millis(1_000)));
        assert_eq!(clock.now().millis(), 1_000);
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now().millis(), 3_000);
        clock.set(Instant::from_millis(5));
        assert_eq!(clock.now().millis(), 5);
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        assert!(SystemClock.now() > Instant::start_of(date(2020, 1, 1)));
    }

    #[test]
    fn serialised_as_a_bare_number() {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, I64Deserializer};
        let number: I64Deserializer<Error> = 42_i64.into_deserializer();
        assert_eq!(Instant::deserialize(number).expect("a number"), Instant::from_millis(42));
    }
}
