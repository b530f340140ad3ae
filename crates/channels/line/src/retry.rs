//! Which call may be made again after which failure: pure, so that a caller's ledger can decide by it.
//!
//! By <https://developers.line.biz/en/docs/messaging-api/retrying-api-request/>: after 5xx or no answer the same
//! request with the same key, with growing pauses; never after 2xx, 409 or another 4xx. A key holds for 24 hours
//! after its first request. By <https://developers.line.biz/en/docs/messaging-api/handling-http-429-errors/>: what
//! was answered with 429 was not carried out.

use std::time::Duration;

use calendar::Instant;

use crate::endpoint::Repeat;
use crate::{Endpoint, Failure};

/// How long LINE remembers a retry key after the first request with it.
pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Nothing is repeated so shortly before the end of the key: clocks differ, and a request takes time.
pub const MARGIN: Duration = Duration::from_secs(10 * 60);

/// Longest pause between two tries.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What is known of a message's tries so far. To be stored with its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// When a request with the key was first made.
    pub first: Option<Instant>,
    /// Tries so far.
    pub tries: u32,
    /// Whether one of them may have been accepted.
    pub in_doubt: bool,
}

/// What may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The same request with the same key, after the pause.
    Again(Duration),
    /// The key is too old, and nothing can have been accepted: begin anew with a new key.
    NewKey,
    /// Not before the month ends or more messages are bought.
    WaitForQuota,
    /// Never again.
    GiveUp {
        /// It may have been accepted all the same: a person decides.
        in_doubt: bool,
    },
}

impl Course {
    /// Notes that a request is about to be made.
    pub fn begin(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.tries += 1;
    }

    /// Notes how it ended, and says what may follow.
    pub fn after(&mut self, endpoint: Endpoint, failure: &Failure, now: Instant) -> Advice {
        self.in_doubt |= failure.in_doubt();
        advise(endpoint, failure, *self, now)
    }
}

/// The pause before the next try: one second, doubled with each try, at most five minutes. A caller with many
/// messages adds some chance to it.
pub fn pause(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.saturating_sub(1).min(9)).min(LONGEST_PAUSE)
}

/// What may follow a failure, where `course` already counts the try that failed.
pub fn advise(endpoint: Endpoint, failure: &Failure, course: Course, now: Instant) -> Advice {
    let in_doubt = course.in_doubt || failure.in_doubt();
    let give_up = Advice::GiveUp { in_doubt };
    let wait = match failure {
        // Refused now, and yet an earlier try may stand: `in_doubt` says so.
        Failure::Invalid(_) | Failure::Refused(_) | Failure::Form(_) => return give_up,
        Failure::NoToken(inner) if !matches!(**inner, Failure::Refused(_) | Failure::Invalid(_)) => pause(course.tries),
        // Credentials that are refused stay refused until a person changes them.
        Failure::NoToken(_) => return give_up,
        Failure::QuotaUsedUp(_) => return if in_doubt { give_up } else { Advice::WaitForQuota },
        Failure::Paced(wait) => *wait,
        Failure::NotSent(_) | Failure::RateLimited(_) | Failure::TooManyConcurrent(_) => pause(course.tries),
        Failure::Unsure(_) | Failure::Server(_) => match endpoint.repeat() {
            Repeat::Never => return give_up,
            Repeat::WithKey | Repeat::Harmless | Repeat::OneUse => pause(course.tries),
        },
    };
    let last = course.first.map(|first| first.plus(KEY_LIFETIME - MARGIN));
    match endpoint.repeat() {
        Repeat::WithKey if last.is_some_and(|last| now.plus(wait) >= last) => {
            if in_doubt {
                give_up
            } else {
                Advice::NewKey
            }
        }
        Repeat::Never if in_doubt => give_up,
        _ => Advice::Again(wait),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Rejection;
    use proptest::prelude::*;

    fn rejection(status: u16) -> Rejection {
        Rejection { status, message: String::new(), details: vec![], request_id: None }
    }

    fn failures() -> Vec<Failure> {
        vec![
            Failure::Paced(Duration::from_secs(1)),
            Failure::NotSent("refused".into()),
            Failure::NoToken(Box::new(Failure::Unsure("slow".into()))),
            Failure::NoToken(Box::new(Failure::Refused(rejection(400)))),
            Failure::Refused(rejection(400)),
            Failure::RateLimited(rejection(429)),
            Failure::QuotaUsedUp(rejection(429)),
            Failure::TooManyConcurrent(rejection(429)),
            Failure::Unsure("slow".into()),
            Failure::Server(rejection(500)),
            Failure::Form("x".into()),
        ]
    }

    #[test]
    fn pauses_grow_and_end() {
        let seconds: Vec<u64> = (1..=11).map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn what_may_have_been_accepted_is_repeated_with_the_same_key_for_a_day() {
        let start = Instant::from_millis(0);
        let mut course = Course::default();
        course.begin(start);
        let lost = Failure::Unsure("slow".into());
        assert_eq!(course.after(Endpoint::Push, &lost, start), Advice::Again(Duration::from_secs(1)));
        let late = start.plus(KEY_LIFETIME - MARGIN);
        course.begin(late);
        assert_eq!(course.after(Endpoint::Push, &lost, late), Advice::GiveUp { in_doubt: true });
        // A refusal does not take the doubt of an earlier try away.
        let no = Failure::Refused(rejection(400));
        assert_eq!(course.after(Endpoint::Push, &no, late), Advice::GiveUp { in_doubt: true });
    }

    #[test]
    fn an_old_key_that_nothing_was_accepted_with_is_replaced() {
        let mut course = Course::default();
        course.begin(Instant::from_millis(0));
        let late = Instant::from_millis(0).plus(KEY_LIFETIME);
        course.begin(late);
        assert_eq!(course.after(Endpoint::Multicast, &Failure::NotSent("x".into()), late), Advice::NewKey);
    }

    #[test]
    fn a_rich_menu_is_not_made_twice_and_a_reply_may_be_tried() {
        let mut course = Course::default();
        course.begin(Instant::from_millis(0));
        let now = Instant::from_millis(5);
        let lost = Failure::Server(rejection(500));
        assert_eq!(course.after(Endpoint::CreateRichMenu, &lost, now), Advice::GiveUp { in_doubt: true });
        assert!(matches!(course.after(Endpoint::Reply, &lost, now), Advice::Again(_)));
        let quota = Failure::QuotaUsedUp(rejection(429));
        assert_eq!(advise(Endpoint::Push, &quota, Course::default(), now), Advice::WaitForQuota);
    }

    proptest! {
        /// After anything at all: a key is only given up for another where nothing can have been accepted, and
        /// nothing is repeated too late.
        #[test]
        fn no_new_key_while_in_doubt(
            steps in prop::collection::vec((0usize..11, 0u64..40_000_000), 1..30),
            endpoint in prop::sample::select(Endpoint::ALL.to_vec()),
        ) {
            let mut course = Course::default();
            let mut now = Instant::from_millis(0);
            let mut doubt = false;
            for (which, step) in steps {
                course.begin(now);
                let failure = &failures()[which];
                doubt |= failure.in_doubt();
                match course.after(endpoint, failure, now) {
                    Advice::NewKey | Advice::WaitForQuota => prop_assert!(!doubt),
                    Advice::GiveUp { in_doubt } => prop_assert_eq!(in_doubt, doubt),
                    Advice::Again(wait) => {
                        let first = course.first.expect("begun");
                        prop_assert!(!endpoint.takes_retry_key() || now.plus(wait) < first.plus(KEY_LIFETIME));
                        prop_assert!(!matches!(failure, Failure::Refused(_)));
                    }
                }
                now = now.plus(Duration::from_millis(step));
            }
        }
    }
}
