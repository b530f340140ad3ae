//! How often each call may be made.
//!
//! Rates from <https://developers.line.biz/en/reference/messaging-api/#rate-limits> (read 2026-08): they count per
//! channel and per call. LINE does not say how its windows begin, so no window of the length may hold more than the
//! rate: whichever way LINE counts, this is not more.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use calendar::Instant;

use crate::Endpoint;

/// So many calls in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub most: u32,
    /// In any window of this length.
    pub per: Duration,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The rate that LINE allows for a call.
pub fn rate(endpoint: Endpoint) -> Rate {
    use Endpoint as E;
    let (most, per) = match endpoint {
        E::Narrowcast | E::Broadcast | E::TestWebhook => (60, HOUR),
        E::DeliveryStatistics | E::RequestStatistics | E::UnitStatistics => (60, HOUR),
        E::CreateAudience | E::AddToAudience | E::GetAudience | E::DeleteAudience => (60, MINUTE),
        E::GetWebhook | E::SetWebhook => (1_000, MINUTE),
        E::CreateRichMenu | E::DeleteRichMenu => (100, HOUR),
        // Since 2026-05-26.
        E::ListRichMenus => (10, SECOND),
        E::Multicast => (200, SECOND),
        E::ShortLivedToken => (370, SECOND),
        _ => (2_000, SECOND),
    };
    Rate { most, per }
}

/// Counts calls and says when the next one may be made.
#[derive(Debug, Default)]
pub struct Limiter {
    /// In hundredths of the rate; 0 is off.
    share: u32,
    made: BTreeMap<Endpoint, VecDeque<Instant>>,
}

impl Limiter {
    /// Allows `share` hundredths of each rate (at most 100), but always one call. Leaving some room helps where
    /// several processes or the way through the network squeeze calls together.
    pub fn new(share: u32) -> Self {
        Limiter { share: share.clamp(1, 100), made: BTreeMap::new() }
    }

    /// Allows everything.
    pub fn off() -> Self {
        Limiter::default()
    }

    /// Notes a call, or says how long to wait before asking again.
    ///
    /// A clock that was put back does not let more calls through: they count as made when it was last seen.
    pub fn permit(&mut self, endpoint: Endpoint, now: Instant) -> Result<(), Duration> {
        if self.share == 0 {
            return Ok(());
        }
        let Rate { most, per } = rate(endpoint);
        let most = usize::try_from((most * self.share / 100).max(1)).unwrap_or(usize::MAX);
        let made = self.made.entry(endpoint).or_default();
        let now = made.back().map_or(now, |last| now.max(*last));
        while made.front().is_some_and(|first| first.plus(per) <= now) {
            made.pop_front();
        }
        if let (true, Some(first)) = (made.len() >= most, made.front()) {
            let wait = first.plus(per).millis_since(now);
            return Err(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
        }
        made.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_two_hundred_and_first_multicast_waits() {
        let mut limiter = Limiter::new(100);
        let at = Instant::from_millis;
        for i in 0..200 {
            assert_eq!(limiter.permit(Endpoint::Multicast, at(i)), Ok(()));
        }
        assert_eq!(limiter.permit(Endpoint::Multicast, at(200)), Err(Duration::from_millis(800)));
        assert_eq!(limiter.permit(Endpoint::Push, at(200)), Ok(()), "each call counts for itself");
        assert_eq!(limiter.permit(Endpoint::Multicast, at(1_000)), Ok(()));
        assert_eq!(limiter.permit(Endpoint::Multicast, at(1_000)), Err(Duration::from_millis(1)));
    }

    #[test]
    fn off_allows_everything() {
        let mut off = Limiter::off();
        assert!((0..10_000).all(|_| off.permit(Endpoint::Broadcast, Instant::from_millis(0)).is_ok()));
    }

    fn some_endpoint() -> impl Strategy<Value = Endpoint> {
        prop::sample::select(vec![Endpoint::Broadcast, Endpoint::GetAudience, Endpoint::ListRichMenus])
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_rate(
            endpoint in some_endpoint(), share in 1u32..=100, steps in prop::collection::vec(0i64..20_000, 1..400),
        ) {
            let mut limiter = Limiter::new(share);
            let mut now = Instant::from_millis(0);
            let mut made = Vec::new();
            for step in steps {
                now = Instant::from_millis(now.millis() + step);
                match limiter.permit(endpoint, now) {
                    Ok(()) => made.push(now),
                    Err(wait) => {
                        // Not earlier, and then for certain.
                        prop_assert!(!wait.is_zero());
                        now = now.plus(wait);
                        prop_assert_eq!(limiter.permit(endpoint, now), Ok(()));
                        made.push(now);
                    }
                }
            }
            let Rate { most, per } = rate(endpoint);
            let most = (most * share / 100).max(1) as usize;
            for window in made.windows(most + 1) {
                prop_assert!(window[0].plus(per) <= window[most]);
            }
        }

        #[test]
        fn a_clock_put_back_gives_nothing_away(back in 1i64..1_000_000) {
            let mut limiter = Limiter::new(100);
            let now = Instant::from_millis(5_000_000);
            for _ in 0..60 {
                prop_assert!(limiter.permit(Endpoint::Broadcast, now).is_ok());
            }
            prop_assert!(limiter.permit(Endpoint::Broadcast, Instant::from_millis(now.millis() - back)).is_err());
        }
    }
}
