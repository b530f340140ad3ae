//! What follows from the end of an attempt. Pure.
//!
//! Two facts decide: whether the batch may have been accepted, and whether the channel still remembers its key.

use std::time::Duration;

use calendar::Instant;

use crate::transport::Outcome;

/// How long a channel remembers a key after the first attempt with it: LINE says 24 hours.
pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 3_600);
/// Nothing is repeated so shortly before the end of a key: clocks differ, and a call takes time.
pub const MARGIN: Duration = Duration::from_secs(30 * 60);
/// Longest pause between two attempts.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What is known of a batch when an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Whether it may have been accepted by an attempt **before** this one.
    pub in_doubt: bool,
    /// Attempts, this one counted.
    pub attempts: i64,
    /// When the first attempt with its key began.
    pub first: Instant,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The channel has it.
    Accepted {
        /// By which the channel finds the call.
        request_id: Option<String>,
    },
    /// The channel does not take it, and has not taken it before.
    Refused {
        /// What it says.
        reason: String,
    },
    /// The same with the same key, not before the pause is over.
    Again {
        /// How long.
        pause: Duration,
        /// Whether it may have been accepted.
        in_doubt: bool,
    },
    /// Nothing of the send goes out until there are messages again.
    WaitForQuota {
        /// Whether it may have been accepted.
        in_doubt: bool,
    },
    /// It may have been accepted and cannot be repeated: a person decides.
    Person {
        /// Why, as a code.
        reason: &'static str,
    },
}

/// Whether it is too late to repeat something with a key that was first used at `first`.
pub fn key_is_old(first: Instant, now: Instant) -> bool {
    now >= first.plus(KEY_LIFETIME - MARGIN)
}

/// The pause before the next attempt: a second, doubled with each attempt, at most five minutes.
pub fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(9);
    Duration::from_secs(1 << doublings).min(LONGEST_PAUSE)
}

impl Course {
    /// What follows an outcome.
    pub fn after(self, outcome: Outcome, now: Instant) -> Next {
        let in_doubt = self.in_doubt || outcome.in_doubt();
        let pause = match outcome {
            Outcome::Accepted { request_id } | Outcome::AlreadyAccepted { request_id } => {
                return Next::Accepted { request_id };
            }
            // A refusal does not take the doubt of an earlier attempt away.
            Outcome::Refused { .. } if in_doubt => return Next::Person { reason: "refused_in_doubt" },
            Outcome::Refused { reason } => return Next::Refused { reason },
            Outcome::QuotaUsedUp => return Next::WaitForQuota { in_doubt },
            Outcome::RateLimited { after } => after.unwrap_or_default().max(pause(self.attempts)),
            Outcome::TooManyConcurrent | Outcome::NotSent | Outcome::Unsure | Outcome::Server => pause(self.attempts),
        };
        // Where nothing can have been accepted, an old key is simply replaced.
        if in_doubt && key_is_old(self.first, now.plus(pause)) {
            return Next::Person { reason: "key_expired" };
        }
        Next::Again { pause, in_doubt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcomes() -> Vec<Outcome> {
        vec![
            Outcome::Refused { reason: "no".into() },
            Outcome::RateLimited { after: Some(Duration::from_secs(7)) },
            Outcome::RateLimited { after: None },
            Outcome::QuotaUsedUp,
            Outcome::TooManyConcurrent,
            Outcome::Unsure,
            Outcome::NotSent,
            Outcome::Server,
        ]
    }

    #[test]
    fn a_refusal_counts_only_where_nothing_is_in_doubt() {
        let first = Instant::from_millis(0);
        let refused = Outcome::Refused { reason: "no".into() };
        let course = Course { in_doubt: false, attempts: 1, first };
        assert_eq!(course.after(refused.clone(), first), Next::Refused { reason: "no".into() });
        let doubtful = Course { in_doubt: true, ..course };
        assert_eq!(doubtful.after(refused, first), Next::Person { reason: "refused_in_doubt" });
        let limited = Outcome::RateLimited { after: Some(Duration::from_secs(7)) };
        assert_eq!(course.after(limited, first), Next::Again { pause: Duration::from_secs(7), in_doubt: false });
    }

    #[test]
    fn pauses_grow_and_end() {
        let seconds: Vec<u64> = [0, 1, 2, 9, 10, 100].into_iter().map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 256, 300, 300]);
    }

    proptest! {
        /// Whatever happens: nothing that may have been accepted is repeated when the channel may have forgotten the
        /// key, and a doubt goes away by acceptance or by a person alone.
        #[test]
        fn a_doubt_is_never_repeated_too_late(steps in prop::collection::vec((0usize..8, 0u64..20_000), 1..40)) {
            let first = Instant::from_millis(1_000);
            let (mut now, mut doubt) = (first, false);
            for (attempts, (which, step)) in steps.into_iter().enumerate() {
                let outcome = outcomes()[which].clone();
                let course = Course { in_doubt: doubt, attempts: attempts as i64 + 1, first };
                doubt |= outcome.in_doubt();
                now = now.plus(Duration::from_secs(step));
                match course.after(outcome.clone(), now) {
                    Next::Again { pause, in_doubt } => {
                        prop_assert_eq!(in_doubt, doubt);
                        let in_time = now.plus(pause) < first.plus(KEY_LIFETIME);
                        prop_assert!(!doubt || in_time);
                        let refused = matches!(outcome, Outcome::Refused { .. } | Outcome::QuotaUsedUp);
                        prop_assert!(!refused);
                    }
                    Next::WaitForQuota { in_doubt } => prop_assert_eq!(in_doubt, doubt),
                    Next::Refused { .. } => prop_assert!(!doubt),
                    Next::Person { .. } => { prop_assert!(doubt); break }
                    Next::Accepted { .. } => prop_assert!(false, "nobody accepted"),
                }
            }
        }
    }
}
