//! One call that says something: made, and read for what may follow.

use std::time::Duration;

use calendar::{Clock, Instant};
use line::message::Message;
use line::retry::{self, Advice, Course};
use line::{Endpoint, Failure};
use uuid::Uuid;

use crate::account::Account;
use crate::store::call::{Call, End};

pub use crate::store::call::{Sum, Unsaid, sums, unsaid};

/// How long a reply token is used: LINE lets it work for about a minute
/// (<https://developers.line.biz/en/reference/messaging-api/#send-reply-message>).
pub const TOKEN_LIFE: Duration = Duration::from_secs(50);

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// LINE has it.
    Accepted {
        /// Messages that count against the month's: one, however many bubbles.
        cost: i64,
        /// LINE's id of the request.
        request_id: Option<String>,
    },
    /// The same call again, after a pause.
    Again(Duration),
    /// It was not said this way: say it by push, under a new key.
    Push {
        /// Why.
        reason: String,
    },
    /// Never.
    GivenUp {
        /// LINE may have it all the same.
        in_doubt: bool,
        /// Why.
        reason: String,
    },
}

impl Said {
    /// As it is stored; none while it goes on.
    pub(crate) fn end(&self) -> Option<End<'_>> {
        let end = |state, cost, request_id, reason| Some(End { state, cost, request_id, reason });
        match self {
            Said::Accepted { cost, request_id } => end("accepted", *cost, request_id.as_deref(), None),
            Said::Again(_) => None,
            Said::Push { reason } => end("refused", 0, None, Some(reason.as_str())),
            Said::GivenUp { in_doubt: true, reason } => end("in_doubt", 0, None, Some(reason.as_str())),
            Said::GivenUp { in_doubt: false, reason } => end("refused", 0, None, Some(reason.as_str())),
        }
    }
}

/// Makes a call whose attempt is stored.
pub(crate) async fn make(account: &Account, clock: &dyn Clock, call: &Call, to: &str, messages: &[Message]) -> Said {
    let key = match Uuid::parse_str(&call.id) {
        Ok(key) => key,
        Err(error) => return Said::GivenUp { in_doubt: false, reason: error.to_string() },
    };
    let course = Course {
        first: Some(call.first_at),
        tries: u32::try_from(call.attempts).unwrap_or(u32::MAX),
        // How an earlier attempt ended is not stored: it may have been accepted.
        in_doubt: call.attempts > 1,
    };
    match &call.reply_token {
        Some(token) => match account.client.reply(token, messages).await {
            Ok(accepted) => Said::Accepted { cost: 0, request_id: accepted.request_id },
            Err(failure) => after_reply(&failure, course, call.first_at, clock.now()),
        },
        None => match account.client.push(to, messages, None, key).await {
            Ok(accepted) => Said::Accepted { cost: 1, request_id: accepted.accepted_id.or(accepted.request_id) },
            Err(failure) => after_push(&failure, course, clock.now()),
        },
    }
}

/// A token works once and for a minute; when it is refused, either the words were said by an earlier attempt whose
/// answer was lost, or nothing was. Then the words are pushed: better twice than never.
fn after_reply(failure: &Failure, course: Course, first_at: Instant, now: Instant) -> Said {
    let reason = failure.to_string();
    match retry::advise(Endpoint::Reply, failure, course, now) {
        _ if matches!(failure, Failure::Invalid(_)) => Said::GivenUp { in_doubt: false, reason },
        Advice::Again(pause) if now.plus(pause) < first_at.plus(TOKEN_LIFE) => Said::Again(pause),
        _ => Said::Push { reason },
    }
}

fn after_push(failure: &Failure, course: Course, now: Instant) -> Said {
    let reason = failure.to_string();
    match retry::advise(Endpoint::Push, failure, course, now) {
        Advice::Again(pause) => Said::Again(pause),
        Advice::NewKey => Said::Push { reason },
        Advice::WaitForQuota => Said::GivenUp { in_doubt: false, reason },
        Advice::GiveUp { in_doubt } => Said::GivenUp { in_doubt, reason },
    }
}
