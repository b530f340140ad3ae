//! Who received what. A request is kept once; a receipt takes eight bytes: the request, and the user's receipt before.

use std::collections::HashMap;
use std::sync::Arc;

use calendar::Instant;
use serde_json::Value;
use uuid::Uuid;

use super::users::{NOTHING, Users};
use crate::Endpoint;

/// A request that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
    pub(crate) request_id: u128,
    pub(crate) endpoint: Endpoint,
    pub(crate) at: Instant,
    /// Place of its messages.
    messages: u32,
    pub(crate) first_message: u64,
    pub(crate) count: u8,
    pub(crate) recipients: u32,
    pub(crate) key: Option<u128>,
    pub(crate) unit: Option<Arc<str>>,
}

/// A request as one user received it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// `x-line-request-id` of the request.
    pub request_id: String,
    /// By which call.
    pub endpoint: Endpoint,
    /// When.
    pub at: Instant,
    /// Its messages, as they were sent.
    pub messages: Vec<Value>,
    /// Their ids.
    pub message_ids: Vec<String>,
    /// Its retry key.
    pub key: Option<Uuid>,
    /// Its unit of statistics.
    pub unit: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) dispatches: Vec<Dispatch>,
    receipts: Vec<(u32, u32)>,
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, u32>,
    made: u64,
}

/// The first id of a message; LINE's have 18 digits.
const FIRST_MESSAGE: u64 = 500_000_000_000_000_000;

/// What is noted of a request that was accepted.
pub(crate) struct Note<'a> {
    pub(crate) request_id: u128,
    pub(crate) endpoint: Endpoint,
    pub(crate) at: Instant,
    pub(crate) messages: &'a [Value],
    pub(crate) key: Option<u128>,
    pub(crate) unit: Option<&'a str>,
}

impl Ledger {
    /// A new id for a message.
    pub(crate) fn message_id(&mut self) -> u64 {
        self.made += 1;
        FIRST_MESSAGE + self.made
    }

    /// Notes a request and hands it to its recipients, who must be reachable. Gives its place.
    pub(crate) fn deliver(&mut self, note: &Note<'_>, users: &mut Users, to: impl Iterator<Item = u32>) -> u32 {
        let place = u32::try_from(self.dispatches.len()).unwrap_or(NOTHING);
        // A text that is sent in 800 pieces is kept once.
        let text: Arc<str> = Value::from(note.messages).to_string().into();
        let next = u32::try_from(self.texts.len()).unwrap_or(NOTHING);
        let messages = *self.by_text.entry(text.clone()).or_insert(next);
        if messages == next {
            self.texts.push(text);
        }
        let mut recipients = 0;
        for user in to {
            let user = users.at_mut(user);
            let receipt = u32::try_from(self.receipts.len()).unwrap_or(NOTHING);
            self.receipts.push((place, user.last));
            user.last = receipt;
            user.count += 1;
            recipients += 1;
        }
        let first_message = FIRST_MESSAGE + self.made + 1;
        self.made += note.messages.len() as u64;
        self.dispatches.push(Dispatch {
            request_id: note.request_id,
            endpoint: note.endpoint,
            at: note.at,
            messages,
            first_message,
            count: u8::try_from(note.messages.len()).unwrap_or(u8::MAX),
            recipients,
            key: note.key,
            unit: note.unit.map(Arc::from),
        });
        place
    }

    /// The requests that a user received, the oldest first.
    pub(crate) fn of_user(&self, users: &Users, user: u32) -> Vec<u32> {
        let mut found = Vec::new();
        let mut next = users.at(user).last;
        while let Some((dispatch, before)) = self.receipts.get(next as usize) {
            found.push(*dispatch);
            next = *before;
        }
        found.reverse();
        found
    }

    /// The messages of a request, as JSON.
    pub(crate) fn text(&self, dispatch: u32) -> &str {
        &self.texts[self.dispatches[dispatch as usize].messages as usize]
    }

    pub(crate) fn received(&self, dispatch: u32) -> Received {
        let d = &self.dispatches[dispatch as usize];
        Received {
            request_id: Uuid::from_u128(d.request_id).to_string(),
            endpoint: d.endpoint,
            at: d.at,
            // It was made from a list of JSON.
            messages: serde_json::from_str(self.text(dispatch)).unwrap_or_default(),
            message_ids: (0..u64::from(d.count)).map(|i| (d.first_message + i).to_string()).collect(),
            key: d.key.map(Uuid::from_u128),
            unit: d.unit.as_deref().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_small() {
        assert!(size_of::<super::super::users::User>() <= 32);
        assert!(size_of::<Dispatch>() <= 128, "{}", size_of::<Dispatch>());
    }

    #[test]
    fn everybody_finds_their_own_in_order() {
        let (mut users, mut ledger) = (Users::default(), Ledger::default());
        let (a, b) = (users.place(1), users.place(2));
        let mut send = |n: u128, text: &str, to: &[u32]| {
            let messages = [serde_json::json!({"type": "text", "text": text})];
            let note = Note {
                request_id: n,
                endpoint: Endpoint::Push,
                at: Instant::from_millis(0),
                messages: &messages,
                key: Some(n),
                unit: None,
            };
            ledger.deliver(&note, &mut users, to.iter().copied());
        };
        send(1, "x", &[a, b]);
        send(2, "y", &[b]);
        send(3, "x", &[a, b]);
        assert_eq!(ledger.texts.len(), 2, "the same text is kept once");
        assert_eq!(ledger.of_user(&users, a), [0, 2]);
        assert_eq!(ledger.of_user(&users, b), [0, 1, 2]);
        let got = ledger.received(1);
        assert_eq!((got.messages[0]["text"].as_str(), got.key), (Some("y"), Some(Uuid::from_u128(2))));
        assert_eq!(got.message_ids, ["500000000000000002"]);
        assert_eq!(users.at(b).count, 3);
    }
}
