//! Sending: reply, push, multicast, narrowcast, broadcast.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Answer, Call, Client, MOST_JSON, header, invalid, read, request_id};
use crate::Endpoint;
use crate::failure::Failure;
use crate::message::{self, MOST_RECIPIENTS, Message, check_unit, is_user_id};

/// A message that LINE took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessage {
    /// LINE's id of it.
    pub id: String,
    /// By which later messages quote it.
    pub quote_token: Option<String>,
}

/// LINE took a request. Whoever blocks the account gets nothing all the same, and LINE does not say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// `x-line-request-id` of this call.
    pub request_id: Option<String>,
    /// The request id under which it was accepted: of this call, or of an earlier one with the same key.
    pub accepted_id: Option<String>,
    /// Whether an earlier call with the same key had been accepted; this one did nothing.
    pub before: bool,
    /// The messages, where LINE tells them (reply and push).
    pub sent: Vec<SentMessage>,
}

/// Who a narrowcast is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipients {
    /// The members of an audience.
    Audience(i64),
    /// Who is in all of them.
    All(Vec<Recipients>),
    /// Who is in any of them.
    Any(Vec<Recipients>),
    /// Who is not in it.
    Not(Box<Recipients>),
}

impl Recipients {
    fn json(&self) -> serde_json::Value {
        let list = |all: &[Recipients]| all.iter().map(Recipients::json).collect::<Vec<_>>();
        match self {
            Recipients::Audience(id) => serde_json::json!({"type": "audience", "audienceGroupId": id}),
            Recipients::All(all) => serde_json::json!({"type": "operator", "and": list(all)}),
            Recipients::Any(any) => serde_json::json!({"type": "operator", "or": list(any)}),
            Recipients::Not(not) => serde_json::json!({"type": "operator", "not": not.json()}),
        }
    }
}

/// How many a narrowcast may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// At most as many as the month has left.
    pub up_to_remaining_quota: bool,
}

/// A narrowcast.
#[derive(Clone, Debug, PartialEq)]
pub struct Narrowcast<'a> {
    /// What.
    pub messages: &'a [Message],
    /// To whom; nobody named means all friends.
    pub recipients: Option<Recipients>,
    /// To how many.
    pub limit: Option<Limit>,
}

/// Where a narrowcast stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Not begun.
    Waiting,
    /// On its way.
    Sending,
    /// Done.
    Succeeded,
    /// Not done; [`Progress::error_code`] says why.
    Failed,
}

/// How far a narrowcast is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Where it stands.
    pub phase: Phase,
    /// Reached.
    pub success_count: Option<u64>,
    /// Not reached.
    pub failure_count: Option<u64>,
    /// Meant.
    pub target_count: Option<u64>,
    /// 1 LINE's fault, 2 too few recipients, 3 key accepted before, 4 an audience below 50, 5 called off rather than
    /// sent to a part.
    pub error_code: Option<i64>,
    /// In words.
    pub failed_description: Option<String>,
    /// ISO 8601 in UTC.
    pub accepted_time: String,
    /// ISO 8601 in UTC.
    pub completed_time: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<To<'a>>,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "is_false")]
    notification_disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_aggregation_units: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum To<'a> {
    One(&'a str),
    Many(&'a [String]),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

fn body(messages: &[Message]) -> Result<Body<'_>, Failure> {
    message::check(messages)?;
    Ok(Body {
        reply_token: None,
        to: None,
        messages,
        notification_disabled: false,
        custom_aggregation_units: None,
        recipient: None,
        limit: None,
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    #[serde(default)]
    sent_messages: Vec<SentMessage>,
    #[serde(default)]
    message: String,
}

impl Client {
    /// Answers an event. Free of charge; the token works once, within a minute or so.
    pub async fn reply(&self, reply_token: &str, messages: &[Message]) -> Result<Acceptance, Failure> {
        if reply_token.is_empty() {
            return Err(invalid("replyToken", "it may not be empty"));
        }
        let body = Body { reply_token: Some(reply_token), ..body(messages)? };
        self.send(Call::new(Endpoint::Reply).json(&body)?).await
    }

    /// Sends to a user or, with its id, to a group or room. `unit`: a name under which LINE counts what is seen.
    pub async fn push(
        &self,
        to: &str,
        messages: &[Message],
        unit: Option<&str>,
        key: Uuid,
    ) -> Result<Acceptance, Failure> {
        let group = matches!(to.as_bytes().first(), Some(b'C' | b'R')) && is_user_id(&format!("U{}", &to[1..]));
        if !is_user_id(to) && !group {
            return Err(invalid("to", "it is no id of a user, group or room"));
        }
        unit.map_or(Ok(()), check_unit)?;
        let body = Body { to: Some(To::One(to)), custom_aggregation_units: unit.map(|u| [u]), ..body(messages)? };
        self.keyed(Endpoint::Push, &body, key).await
    }

    /// Sends the same to up to 500 users, none of them twice.
    pub async fn multicast(
        &self,
        to: &[String],
        messages: &[Message],
        unit: Option<&str>,
        key: Uuid,
    ) -> Result<Acceptance, Failure> {
        if to.is_empty() || to.len() > MOST_RECIPIENTS {
            return Err(invalid("to", "a multicast has 1 to 500 recipients"));
        }
        let mut seen = HashSet::with_capacity(to.len());
        if let Some(at) = to.iter().position(|id| !is_user_id(id)) {
            return Err(invalid(&format!("to[{at}]"), "it is no id of a user"));
        }
        if let Some(at) = to.iter().position(|id| !seen.insert(id.as_str())) {
            return Err(invalid(&format!("to[{at}]"), "it is there twice"));
        }
        unit.map_or(Ok(()), check_unit)?;
        let body = Body { to: Some(To::Many(to)), custom_aggregation_units: unit.map(|u| [u]), ..body(messages)? };
        self.keyed(Endpoint::Multicast, &body, key).await
    }

    /// Sends to audiences. Accepted is not sent: [`Client::narrowcast_progress`] says how far it is, by the
    /// [`Acceptance::accepted_id`].
    pub async fn narrowcast(&self, what: &Narrowcast<'_>, key: Uuid) -> Result<Acceptance, Failure> {
        let recipient = what.recipients.as_ref().map(Recipients::json);
        let body = Body { recipient, limit: what.limit, ..body(what.messages)? };
        self.keyed(Endpoint::Narrowcast, &body, key).await
    }

    /// How far a narrowcast is; LINE tells it for seven days.
    pub async fn narrowcast_progress(&self, request_id: &str) -> Result<Answer<Progress>, Failure> {
        self.get(Call::new(Endpoint::NarrowcastProgress).query("requestId", request_id)).await
    }

    /// Sends to all friends. `silent`: no sound and no notice on their devices.
    pub async fn broadcast(&self, messages: &[Message], silent: bool, key: Uuid) -> Result<Acceptance, Failure> {
        let body = Body { notification_disabled: silent, ..body(messages)? };
        self.keyed(Endpoint::Broadcast, &body, key).await
    }

    /// Lets LINE look at messages without sending them. `kind` is the call that would send them.
    pub async fn validate(&self, kind: Endpoint, messages: &[Message]) -> Result<Answer<()>, Failure> {
        let kind = match kind {
            Endpoint::Reply => "reply",
            Endpoint::Push => "push",
            Endpoint::Multicast => "multicast",
            Endpoint::Narrowcast => "narrowcast",
            Endpoint::Broadcast => "broadcast",
            _ => return Err(invalid("kind", "this call sends no messages")),
        };
        self.act(Call::new(Endpoint::ValidateMessages).part(kind).json(&body(messages)?)?).await
    }

    async fn keyed(&self, endpoint: Endpoint, body: &Body<'_>, key: Uuid) -> Result<Acceptance, Failure> {
        self.send(Call::new(endpoint).json(body)?.key(&key.hyphenated().to_string())).await
    }

    async fn send(&self, call: Call<'_>) -> Result<Acceptance, Failure> {
        let answer = match self.call(&call, self.settings.timeout, MOST_JSON).await {
            // A reply whose answer broke off after its status is said all the same.
            Err(Failure::Form(_)) => {
                return Ok(Acceptance { request_id: None, accepted_id: None, before: false, sent: Vec::new() });
            }
            other => other?,
        };
        let request_id = request_id(&answer.headers);
        // Accepted is accepted: a body that cannot be read takes only the messages' ids away.
        let sent: Sent = read(&answer.body).unwrap_or_default();
        if (200..300).contains(&answer.status) {
            let accepted_id = request_id.clone();
            return Ok(Acceptance { request_id, accepted_id, before: false, sent: sent.sent_messages });
        }
        let earlier = header(&answer.headers, "x-line-accepted-request-id");
        let known = earlier.is_some() || sent.message.contains("already accepted");
        if answer.status == 409 && call.endpoint.takes_retry_key() && known {
            return Ok(Acceptance { request_id, accepted_id: earlier, before: true, sent: sent.sent_messages });
        }
        Err(Failure::of_answer(call.endpoint, answer.status, request_id, &answer.body))
    }
}
