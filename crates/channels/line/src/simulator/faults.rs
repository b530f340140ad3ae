//! What goes wrong on purpose.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::Endpoint;

/// Something that goes wrong with a call. *Before*: it is not carried out. *After*: it is, and the caller does not
/// get to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 500, not carried out.
    ErrorBefore,
    /// 500, carried out.
    ErrorAfter,
    /// No answer ever, not carried out.
    HangBefore,
    /// No answer ever, carried out.
    HangAfter,
    /// The connection is cut, not carried out.
    CloseBefore,
    /// The connection is cut, carried out.
    CloseAfter,
    /// 429 as for too many calls.
    RateLimited,
    /// 429 as for the end of the month's messages.
    QuotaUsedUp,
    /// 429 as for too many operations at once.
    TooManyConcurrent,
    /// 401 as for a token that ran out.
    Unauthorised,
    /// An answer that takes so long.
    Slow(Duration),
}

/// Faults that are to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: BTreeMap<Endpoint, VecDeque<Fault>>,
    chance: BTreeMap<Endpoint, Vec<(Fault, u32)>>,
}

impl Faults {
    pub(crate) fn add(&mut self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.next.entry(endpoint).or_default().extend(std::iter::repeat_n(fault, times));
    }

    pub(crate) fn by_chance(&mut self, endpoint: Endpoint, faults: Vec<(Fault, u32)>) {
        self.chance.insert(endpoint, faults);
    }

    pub(crate) fn clear(&mut self) {
        *self = Faults::default();
    }

    /// The fault of the next call: one that was told, or one by chance.
    pub(crate) fn take(&mut self, endpoint: Endpoint, rng: &mut dyn rand::Rng) -> Option<Fault> {
        if let Some(fault) = self.next.get_mut(&endpoint).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        let faults = self.chance.get(&endpoint)?;
        let mut drawn = rng.next_u32() % 1_000;
        for (fault, share) in faults {
            if drawn < *share {
                return Some(*fault);
            }
            drawn -= share;
        }
        None
    }
}
