//! Messages of a contact, in one order.

use std::collections::BTreeMap;
use std::time::Duration;

use calendar::{Clock, Date, Instant};
use serde::{Deserialize, Serialize};
use store::{Entropy, FromRow, Tx, ids};

use crate::channel::{Author, MessageKind};
use crate::contact::Contact;
use crate::event::{self, EventKind, Told};
use crate::store::message as rows;
use crate::{ContactError, Invalid, MAX_BODY, citizen, deliver};

pub use crate::store::message::{since, until};

/// A message as it is stored.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Message {
    /// Id.
    pub id: String,
    /// Its place in the contact, from 1.
    pub seq: i64,
    /// Who wrote it.
    pub author: Author,
    /// Account of the staff.
    pub account: Option<String>,
    /// What it is.
    pub kind: MessageKind,
    /// Its words; none once they were erased, empty where `content` says all.
    pub body: Option<String>,
    /// What stands beside the words.
    pub content: Content,
    /// The client's own name for it.
    pub client_id: Option<String>,
    /// When.
    pub at: Instant,
}

/// What a message holds beside its words, stored as JSON: citizens and staff see later what was told then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Name of a sentence that the pages have in every language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// What is put into it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// An article's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<ToldAnswer>,
    /// What the citizen may choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// What it says is personal: other channels than the city's own page tell only that there is something, and where.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_page: bool,
}

/// An answer as it was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldAnswer {
    /// Code of the article.
    pub article: String,
    /// Its version.
    pub version: i64,
    /// Its question.
    pub question: String,
    /// Code of the section that answers for it.
    pub section: String,
    /// When a person last checked it.
    pub checked_on: String,
    /// Code of the language it really has.
    pub lang: String,
    /// Its facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<ToldFact>,
    /// The fact that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// Whether a language model put the words; the facts are the article's all the same.
    #[serde(default)]
    pub by_model: bool,
}

/// A fact as it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFact {
    /// Name of its kind, such as `fee`.
    pub kind: String,
    /// What it says.
    pub items: Vec<String>,
    /// Address of an online form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What stands on the button; a sentence's name where it begins with `told:`.
    pub label: String,
    /// What it means: `article:CODE`, `say:WORDS`, `person`, `call-back`, `leave`, `close`.
    pub value: String,
}

impl Choice {
    /// A choice whose label the pages have in every language.
    pub fn told(name: &str, value: &str) -> Self {
        Choice { label: format!("told:{name}"), value: value.into() }
    }
}

impl Content {
    /// A sentence of the system.
    pub fn told(name: &str) -> Self {
        Content { told: Some(name.into()), ..Content::default() }
    }

    /// With something put into the sentence.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.into(), value.into());
        self
    }
}

impl ToldAnswer {
    /// The day of the last check.
    pub fn checked_on(&self) -> Option<Date> {
        self.checked_on.parse().ok()
    }
}

impl store::FromCell for Content {
    fn from_cell(cell: &store::Cell) -> Result<Self, String> {
        let text = String::from_cell(cell)?;
        serde_json::from_str(&text).map_err(|e| format!("the content of a message cannot be read: {e}"))
    }
}

/// A message on its way.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    /// Who writes.
    pub author: Author,
    /// Account of the staff.
    pub account: Option<&'a str>,
    /// What it is.
    pub kind: MessageKind,
    /// Its words.
    pub body: &'a str,
    /// What stands beside them.
    pub content: Content,
    /// The client's own name for it: sent twice, it is stored once.
    pub client_id: Option<&'a str>,
}

/// What is kept of what a person wrote: one kind of line end, no control characters, nothing invisible around.
pub fn clean(text: &str) -> String {
    let kept: String = text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || *c == '\n').collect();
    kept.trim().to_owned()
}

/// The words as they are kept, or what is wrong with them.
pub fn checked(text: &str) -> Result<String, Invalid> {
    let body = clean(text);
    match body.chars().count() {
        0 => Err(Invalid::Empty),
        n if n > MAX_BODY => Err(Invalid::TooLong(MAX_BODY)),
        _ => Ok(body),
    }
}

/// The same where something may stand beside the words: then there may be none.
pub fn checked_beside(text: &str, is_beside: bool) -> Result<String, Invalid> {
    match checked(text) {
        Err(Invalid::Empty) if is_beside => Ok(String::new()),
        other => other,
    }
}

/// A client's name for a message: up to 64 letters, digits, hyphens.
pub fn is_client_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Adds a message to a contact that the transaction has locked (read by `contact::lock`). One that the same client
/// sent before is not added again; its place is returned.
pub async fn add(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    new: NewMessage<'_>,
) -> Result<i64, ContactError> {
    contact.last_seq += 1;
    let row = rows::Row {
        id: &ids::new_id(clock, entropy),
        contact: &contact.id,
        conversation: &contact.conversation,
        seq: contact.last_seq,
        content: &serde_json::to_string(&new.content).map_err(|e| ContactError::Rule(e.to_string()))?,
        new: &new,
        // A clock that is put back changes no order: `updated_at` never goes back.
        at: clock.now().max(contact.updated_at),
    };
    rows::insert(tx, row).await?;
    if deliver::is_wanted(contact, &new) {
        let payload = deliver::Payload { contact: contact.id.clone(), seq: contact.last_seq };
        deliver::enqueue(tx, clock, entropy, &payload, Duration::ZERO).await?;
    }
    Ok(contact.last_seq)
}

/// The citizen took a message back: its words and files go, its place stays. Whether there was one.
pub async fn take_back(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    client_id: &str,
) -> Result<bool, ContactError> {
    if rows::take_back(tx, &contact.id, client_id).await? == 0 {
        return Ok(false);
    }
    event::log(tx, clock, entropy, contact, EventKind::TakenBack, citizen::CITIZEN, Told::default()).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_tidied_and_bounded() {
        assert_eq!(checked(" a\r\nb\u{0}\t "), Ok("a\nb".into()));
        assert_eq!(checked(" \n\u{7}"), Err(Invalid::Empty));
        assert_eq!(checked(&"あ".repeat(MAX_BODY)).map(|b| b.chars().count()), Ok(MAX_BODY));
        assert_eq!(checked(&"あ".repeat(MAX_BODY + 1)), Err(Invalid::TooLong(MAX_BODY)));
    }

    #[test]
    fn content_without_anything_is_short() {
        assert_eq!(serde_json::to_string(&Content::default()).expect("json"), "{}");
        let told = Content::told("queued").with("by", "9:00");
        let json = serde_json::to_string(&told).expect("json");
        assert_eq!(serde_json::from_str::<Content>(&json).expect("content"), told);
    }

    #[test]
    fn names_of_clients_are_plain() {
        assert!(is_client_id("0190-abcd-ef") && is_client_id(&"a".repeat(64)));
        for id in ["", "short", "a b c d e f", &"a".repeat(65), "'; --------"] {
            assert!(!is_client_id(id), "{id:?}");
        }
    }
}
