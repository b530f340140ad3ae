//! Retry keys: a request that was accepted is not carried out a second time.
//!
//! LINE looks at the key alone: the body of a later request with it is not compared
//! (<https://developers.line.biz/en/docs/messaging-api/retrying-api-request/> says nothing of it). Who sends another
//! body with a used key loses it, so the simulator counts that for tests.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use calendar::Instant;
use uuid::Uuid;

use crate::retry::KEY_LIFETIME;

/// A request that was accepted with a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) request_id: u128,
    /// Its place in the ledger, if it is there.
    pub(crate) dispatch: Option<u32>,
    body: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Keys {
    used: HashMap<u128, Used>,
    order: VecDeque<(Instant, u128)>,
    /// Later requests with a used key and another body.
    pub(crate) reused: u64,
}

fn digest(body: &[u8]) -> u64 {
    // Fixed keys: the same on every run. Nobody chooses bodies to collide here.
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// A key as LINE takes it: a UUID in hexadecimal with hyphens.
pub(crate) fn read(text: &str) -> Option<u128> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?.map(|u| u.as_u128())
}

impl Keys {
    /// What was accepted with the key within 24 hours.
    pub(crate) fn find(&mut self, key: u128, body: &[u8], now: Instant) -> Option<Used> {
        while self.order.front().is_some_and(|(at, _)| at.plus(KEY_LIFETIME) <= now) {
            if let Some((_, old)) = self.order.pop_front() {
                self.used.remove(&old);
            }
        }
        let used = self.used.get(&key).copied()?;
        self.reused += u64::from(used.body != digest(body));
        Some(used)
    }

    /// Notes that a request was accepted with it.
    pub(crate) fn accept(&mut self, key: u128, request_id: u128, dispatch: Option<u32>, body: &[u8], now: Instant) {
        self.used.insert(key, Used { request_id, dispatch, body: digest(body) });
        self.order.push_back((now, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_key_holds_for_a_day() {
        let mut keys = Keys::default();
        let start = Instant::from_millis(0);
        assert!(keys.find(7, b"a", start).is_none());
        keys.accept(7, 70, None, b"a", start);
        let last = start.plus(KEY_LIFETIME - Duration::from_millis(1));
        assert_eq!(keys.find(7, b"a", last).map(|u| u.request_id), Some(70));
        assert_eq!(keys.reused, 0);
        assert!(keys.find(7, b"b", last).is_some());
        assert_eq!(keys.reused, 1);
        assert!(keys.find(7, b"a", start.plus(KEY_LIFETIME)).is_none());
    }

    #[test]
    fn keys_are_uuids() {
        assert!(read("123e4567-e89b-12d3-a456-426614174000").is_some());
        for wrong in ["", "123e4567e89b12d3a456426614174000", "zzze4567-e89b-12d3-a456-426614174000"] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
