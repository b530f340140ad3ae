//! What LINE sends us: signed calls with events.
//!
//! <https://developers.line.biz/en/reference/messaging-api/#webhooks>. Our side must answer 200 within two seconds
//! and work afterwards; the same event may come again ([`Event::redelivery`]), events may come out of order
//! ([`Event::timestamp`]), and properties and types that nobody knows yet may come at any time.

mod content;

use calendar::Instant;
use serde_json::Value;
use store::Secret;

pub use content::Content;

use crate::signature;

/// A call with events; LINE's own test call has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// User id of the account that is meant.
    pub destination: String,
    /// What happened, as it was sent.
    pub events: Vec<Event>,
    /// Events that could not be read.
    pub unread: Vec<Unread>,
}

/// An event that could not be read. The others of the call stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// Its place in the call.
    pub index: usize,
    /// Which property is missing or of another kind.
    pub why: &'static str,
    /// All of it, for a person to look at. It may hold what people wrote.
    pub raw: Value,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `webhookEventId`: the same when it is sent again.
    pub id: String,
    /// Whether it was sent before.
    pub redelivery: bool,
    /// When it happened.
    pub timestamp: Instant,
    /// In standby another program speaks for the account: do not send.
    pub standby: bool,
    /// Who or where; nobody in events of the account itself.
    pub source: Option<Source>,
    /// By which it can be answered.
    pub reply_token: Option<String>,
    /// What.
    pub kind: Kind,
}

/// Who an event comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A user alone.
    User(String),
    /// A group, and who of it where LINE tells.
    Group {
        /// Its id.
        id: String,
        /// The member.
        user: Option<String>,
    },
    /// A talk of several people.
    Room {
        /// Its id.
        id: String,
        /// The member.
        user: Option<String>,
    },
}

impl Source {
    /// The user, where one is told.
    pub fn user(&self) -> Option<&str> {
        match self {
            Source::User(id) => Some(id),
            Source::Group { user, .. } | Source::Room { user, .. } => user.as_deref(),
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Somebody said or sent something.
    Message {
        /// LINE's id of it, by which content is fetched.
        id: String,
        /// By which an answer quotes it.
        quote_token: Option<String>,
        /// What.
        content: Content,
    },
    /// A message was taken back; what is kept of it should go.
    Unsend {
        /// Which.
        message_id: String,
    },
    /// A button was tapped.
    Postback {
        /// What we wrote into the button.
        data: String,
        /// A chosen date, or the rich menu that was switched to.
        params: Option<Value>,
    },
    /// Somebody became a friend.
    Follow {
        /// Or took back a block.
        unblocked: bool,
    },
    /// Somebody blocked the account. Nothing can be sent, and there is no reply token.
    Unfollow,
    /// The account came into a group or room.
    Join,
    /// It left or was sent away.
    Leave,
    /// An account link was made or failed.
    AccountLink {
        /// Whether it was made.
        ok: bool,
        /// What we gave along.
        nonce: String,
    },
    /// Something that nobody here knows; to be passed over.
    Other {
        /// `type`.
        name: String,
        /// All of it.
        raw: Value,
    },
}

/// Why a call is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Somebody else made it, or the secret is another one. Answer 401 or 403, and look at nothing of it.
    #[error("the signature is not LINE's")]
    Signature,
    /// Longer than the caller takes.
    #[error("the call has {got} bytes, at most {most} are taken")]
    TooLong {
        /// Bytes.
        got: usize,
        /// Most.
        most: usize,
    },
    /// No JSON.
    #[error("no JSON at line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 0 or 1, as the parser counts.
        column: usize,
    },
    /// JSON, and yet no call of LINE's.
    #[error("{0} is missing or of another kind")]
    Form(&'static str),
}

/// Reads a call: first its length, then its signature, then its events.
pub fn receive(secret: &Secret<String>, header: &str, body: &[u8], most: usize) -> Result<Delivery, WebhookError> {
    if body.len() > most {
        return Err(WebhookError::TooLong { got: body.len(), most });
    }
    if !signature::verify(secret, body, header) {
        return Err(WebhookError::Signature);
    }
    parse(body, most)
}

/// Reads a call whose signature was looked at, of at most `most` bytes.
pub fn parse(body: &[u8], most: usize) -> Result<Delivery, WebhookError> {
    if body.len() > most {
        return Err(WebhookError::TooLong { got: body.len(), most });
    }
    // The parser gives up at 128 levels, so depth cannot exhaust the stack.
    let mut whole: Value =
        serde_json::from_slice(body).map_err(|e| WebhookError::Json { line: e.line(), column: e.column() })?;
    let destination = text(&whole, "destination").ok_or(WebhookError::Form("destination"))?;
    let Some(Value::Array(all)) = whole.get_mut("events").map(Value::take) else {
        return Err(WebhookError::Form("events"));
    };
    let mut delivery = Delivery { destination, events: Vec::with_capacity(all.len()), unread: Vec::new() };
    for (index, raw) in all.into_iter().enumerate() {
        match event(&raw) {
            Ok(event) => delivery.events.push(event),
            Err(why) => delivery.unread.push(Unread { index, why, raw }),
        }
    }
    Ok(delivery)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// Reads one event, as it stands in a call. The error names the property that is missing or of another kind.
pub fn event(raw: &Value) -> Result<Event, &'static str> {
    Ok(Event {
        id: text(raw, "webhookEventId").ok_or("webhookEventId")?,
        // What does not say that it was sent before was not.
        redelivery: raw.pointer("/deliveryContext/isRedelivery").and_then(Value::as_bool).unwrap_or(false),
        timestamp: raw.get("timestamp").and_then(Value::as_i64).map(Instant::from_millis).ok_or("timestamp")?,
        standby: raw.get("mode").and_then(Value::as_str) == Some("standby"),
        source: raw.get("source").filter(|s| !s.is_null()).map(source).transpose()?,
        reply_token: text(raw, "replyToken").filter(|t| !t.is_empty()),
        kind: kind(raw)?,
    })
}

fn source(raw: &Value) -> Result<Source, &'static str> {
    let user = text(raw, "userId");
    match raw.get("type").and_then(Value::as_str) {
        Some("user") => user.map(Source::User).ok_or("source.userId"),
        Some("group") => Ok(Source::Group { id: text(raw, "groupId").ok_or("source.groupId")?, user }),
        Some("room") => Ok(Source::Room { id: text(raw, "roomId").ok_or("source.roomId")?, user }),
        _ => Err("source.type"),
    }
}

fn kind(raw: &Value) -> Result<Kind, &'static str> {
    let name = raw.get("type").and_then(Value::as_str).ok_or("type")?;
    Ok(match name {
        "message" => {
            let message = raw.get("message").ok_or("message")?;
            Kind::Message {
                id: text(message, "id").ok_or("message.id")?,
                quote_token: text(message, "quoteToken"),
                content: content::read(message)?,
            }
        }
        "unsend" => {
            let id = raw.pointer("/unsend/messageId").and_then(Value::as_str);
            Kind::Unsend { message_id: id.ok_or("unsend.messageId")?.to_owned() }
        }
        "postback" => {
            let data = raw.pointer("/postback/data").and_then(Value::as_str).ok_or("postback.data")?.to_owned();
            Kind::Postback { data, params: raw.pointer("/postback/params").cloned() }
        }
        "follow" => {
            // Older calls have no `follow` object.
            let unblocked = raw.pointer("/follow/isUnblocked").and_then(Value::as_bool).unwrap_or(false);
            Kind::Follow { unblocked }
        }
        "unfollow" => Kind::Unfollow,
        "join" => Kind::Join,
        "leave" => Kind::Leave,
        "accountLink" => {
            let link = raw.get("link").ok_or("link")?;
            let result = link.get("result").and_then(Value::as_str).ok_or("link.result")?;
            Kind::AccountLink { ok: result == "ok", nonce: text(link, "nonce").ok_or("link.nonce")? }
        }
        other => Kind::Other { name: other.to_owned(), raw: raw.clone() },
    })
}

#[cfg(test)]
mod tests;
