//! What can go wrong with a call, by what is known afterwards.

use std::time::Duration;

use serde::Deserialize;

use crate::Endpoint;
use crate::message::Invalid;

/// One place of a request that LINE objects to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Detail {
    /// What is wrong.
    #[serde(default)]
    pub message: String,
    /// Where, such as `messages[0].text`.
    #[serde(default)]
    pub property: String,
}

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// HTTP status.
    pub status: u16,
    /// LINE's own words, at most 500 characters.
    pub message: String,
    /// What is wrong where.
    pub details: Vec<Detail>,
    /// `x-line-request-id`, by which LINE finds the call.
    pub request_id: Option<String>,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.message)?;
        for detail in &self.details {
            write!(f, "; {}: {}", detail.property, detail.message)?;
        }
        Ok(())
    }
}

/// Why a call did not succeed. [`crate::retry`] says what may follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Our own check found it against LINE's limits. Not sent.
    #[error("not sent: {0}")]
    Invalid(#[from] Invalid),
    /// Our own limiter: so long until the call may be made. Not sent.
    #[error("not sent: the rate allows the next call in {} ms", .0.as_millis())]
    Paced(Duration),
    /// No connection: no name, nobody listening, no trusted certificate. Not sent.
    #[error("not sent: {0}")]
    NotSent(String),
    /// No token could be had. The call itself was not sent.
    #[error("not sent, there is no token: {0}")]
    NoToken(Box<Failure>),
    /// 4xx but 429: the request is wrong and stays wrong. Never repeat.
    #[error("refused: {0}")]
    Refused(Rejection),
    /// 429, too many calls in the time. Not carried out.
    #[error("too many calls: {0}")]
    RateLimited(Rejection),
    /// 429, the month's messages are used up. Not carried out.
    #[error("the month's messages are used up: {0}")]
    QuotaUsedUp(Rejection),
    /// 429, too many operations at once. Not carried out.
    #[error("too many operations at once: {0}")]
    TooManyConcurrent(Rejection),
    /// The request left and no answer came: it may have been accepted. Repeat with the same key.
    #[error("no answer, it may have been accepted: {0}")]
    Unsure(String),
    /// 5xx: it may have been accepted. Repeat with the same key.
    #[error("LINE's fault, it may have been accepted: {0}")]
    Server(Rejection),
    /// It was accepted, and the answer is not what the reference says.
    #[error("an answer that cannot be read: {0}")]
    Form(String),
}

/// A body that comes with an error; the token calls use other names than the rest.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Failure {
    /// Reads an answer that is neither 2xx nor a 409 to a retry key.
    ///
    /// The three meanings of 429 are told apart by the words of the message only
    /// (<https://developers.line.biz/en/docs/messaging-api/handling-http-429-errors/>); the limit on operations at
    /// once exists for uploading audiences alone
    /// (<https://developers.line.biz/en/reference/messaging-api/#limit-on-the-number-of-concurrent-operations>).
    pub(crate) fn of_answer(endpoint: Endpoint, status: u16, request_id: Option<String>, body: &[u8]) -> Failure {
        // A proxy on the way may answer in HTML; its status counts all the same.
        let read: Body = serde_json::from_slice(body).unwrap_or_default();
        let words = if read.message.is_empty() {
            [read.error, read.error_description]
                .iter()
                .filter(|w| !w.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(": ")
        } else {
            read.message
        };
        let lower = words.to_ascii_lowercase();
        let message = words.chars().take(500).collect();
        let rejection = Rejection { status, message, details: read.details, request_id };
        let uploads = matches!(endpoint, Endpoint::CreateAudience | Endpoint::AddToAudience);
        match status {
            429 if lower.contains("monthly limit") => Failure::QuotaUsedUp(rejection),
            429 if lower.contains("concurren") => Failure::TooManyConcurrent(rejection),
            429 if uploads && !lower.contains("rate limit") => Failure::TooManyConcurrent(rejection),
            429 => Failure::RateLimited(rejection),
            500.. => Failure::Server(rejection),
            _ => Failure::Refused(rejection),
        }
    }

    /// Whether LINE may have carried the call out.
    pub fn in_doubt(&self) -> bool {
        matches!(self, Failure::Unsure(_) | Failure::Server(_))
    }

    /// What LINE answered, if it did.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Failure::Refused(r)
            | Failure::RateLimited(r)
            | Failure::QuotaUsedUp(r)
            | Failure::TooManyConcurrent(r)
            | Failure::Server(r) => Some(r),
            Failure::NoToken(inner) => inner.rejection(),
            _ => None,
        }
    }

    /// `x-line-request-id` of the answer.
    pub fn request_id(&self) -> Option<&str> {
        self.rejection()?.request_id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(endpoint: Endpoint, status: u16, body: &str) -> Failure {
        Failure::of_answer(endpoint, status, Some("r-1".into()), body.as_bytes())
    }

    #[test]
    fn three_meanings_of_429() {
        let said = |message: &str| format!(r#"{{"message":"{message}"}}"#);
        let quota = of(Endpoint::Push, 429, &said("You have reached your monthly limit."));
        assert!(matches!(quota, Failure::QuotaUsedUp(_)));
        let rate = of(Endpoint::Push, 429, &said("The API rate limit has been exceeded. Try again later."));
        assert!(matches!(rate, Failure::RateLimited(_)));
        let many = of(Endpoint::AddToAudience, 429, &said("Too Many Requests"));
        assert!(matches!(many, Failure::TooManyConcurrent(_)));
        let rate = of(Endpoint::AddToAudience, 429, &said("The API rate limit has been exceeded. Try again later."));
        assert!(matches!(rate, Failure::RateLimited(_)));
        assert!(matches!(of(Endpoint::Push, 429, "<html>"), Failure::RateLimited(_)));
        assert!(!quota.in_doubt());
    }

    #[test]
    fn what_is_wrong_where_is_told() {
        let body = r#"{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"messages[0].text"}]}"#;
        let failure = of(Endpoint::Push, 400, body);
        assert_eq!(failure.request_id(), Some("r-1"));
        assert_eq!(
            failure.to_string(),
            "refused: 400 The request body has 1 error(s); messages[0].text: May not be empty"
        );
        let token = of(Endpoint::ShortLivedToken, 400, r#"{"error":"invalid_client","error_description":"no"}"#);
        assert_eq!(token.to_string(), "refused: 400 invalid_client: no");
        assert!(of(Endpoint::Push, 502, "<html>").in_doubt());
    }
}
