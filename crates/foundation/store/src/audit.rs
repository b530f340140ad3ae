//! Who did what to which record: chains of events that cannot be changed unnoticed.
//!
//! Invariants:
//! - an event holds ids and names of fields, never contents, so that a person's data can be erased;
//! - it is written in the transaction of what it tells;
//! - each event's HMAC covers the one before it in its stream, with a key that is not in the database.
//!
//! [`verify`] walks all chains; [`export`] keeps their heads outside the database, since a chain alone
//! cannot tell that its last events were cut off; [`list`] is for people who read what was done.

use calendar::{Clock, Instant};
use serde::{Deserialize, Serialize};

use crate::secret::{hex, mac};
use crate::{FromRow, Result, StoreError, Tx, params};

pub mod export;
mod list;
mod verify;

pub use list::{Cursor, Filter, list};
pub use verify::{Kind, Problem, Report, verify};

/// Streams of records of one kind: enough that writers seldom wait for each other.
const SHARDS: u8 = 16;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Who: `account:ID`, `job:KIND`, `command-line`, or `citizen`.
    pub actor: &'a str,
    /// What was done, such as `article.publish`.
    pub action: &'a str,
    /// Kind of the record, such as `article`.
    pub object_kind: &'a str,
    /// Id of the record.
    pub object: &'a str,
    /// Names of the fields concerned, never their contents.
    pub fields: &'a [&'a str],
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Recorded {
    /// Its stream.
    pub stream: String,
    /// Its place there, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// Kind of the record.
    pub object_kind: String,
    /// Id of the record.
    pub object: String,
    /// Names of the fields, with commas between.
    pub fields: String,
    /// HMAC-SHA-256 over the event and the one before it.
    pub mac: String,
}

#[derive(FromRow)]
struct Place {
    events: i64,
    head: String,
}

/// The stream of a record: one of sixteen for its kind.
pub fn stream_of(object_kind: &str, object: &str) -> String {
    let sum = object.bytes().fold(0u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    format!("{object_kind}/{:02}", sum % SHARDS)
}

/// Adds an event to the record's stream. Fails without the city's key.
pub async fn record(tx: &mut Tx, clock: &dyn Clock, event: Event<'_>) -> Result<()> {
    let stream = stream_of(event.object_kind, event.object);
    record_in(tx, clock, &stream, event).await
}

/// The same in a stream of the caller's choice, such as a case.
pub async fn record_in(tx: &mut Tx, clock: &dyn Clock, stream: &str, event: Event<'_>) -> Result<()> {
    let key = tx.key()?.derive("audit");
    let place: Place = tx
        .optional(
            "INSERT INTO audit_stream (stream, events, head) VALUES ($1, 1, '')
             ON CONFLICT (stream) DO UPDATE SET events = audit_stream.events + 1 RETURNING events, head",
            params![stream],
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    let mut recorded = Recorded {
        stream: stream.to_owned(),
        seq: place.events,
        at: clock.now(),
        actor: event.actor.to_owned(),
        action: event.action.to_owned(),
        object_kind: event.object_kind.to_owned(),
        object: event.object.to_owned(),
        fields: event.fields.join(","),
        mac: String::new(),
    };
    recorded.mac = chain(&key, &recorded, recorded.seq, &place.head);
    let r = &recorded;
    tx.execute(
        "INSERT INTO audit_event (stream, seq, at, actor, action, object_kind, object, fields, mac)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![stream, r.seq, r.at, &r.actor, &r.action, &r.object_kind, &r.object, &r.fields, &r.mac],
    )
    .await?;
    tx.execute("UPDATE audit_stream SET head = $2 WHERE stream = $1", params![stream, &r.mac]).await?;
    Ok(())
}

/// How far a stream has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct Head {
    /// The stream.
    pub stream: String,
    /// How many events it has.
    pub events: i64,
    /// HMAC of the last of them.
    pub mac: String,
}

/// The heads of all streams, by their names.
pub async fn heads(tx: &mut Tx) -> Result<Vec<Head>> {
    tx.all("SELECT stream, events, head AS mac FROM audit_stream ORDER BY stream", params![]).await
}

/// Whether a key is the one with which a city's events were recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    /// Nothing was recorded yet, so that any key will do.
    NoEvents,
    /// An event was found that was made with this key.
    Right,
    /// None of those looked at was: the key is another city's, or the events were changed.
    Wrong,
}

/// Newest events that are looked at before a key is called wrong.
const LOOKED_AT: u32 = 16;

/// Looks at the newest events. Fails without a key.
pub async fn check_key(tx: &mut Tx) -> Result<KeyCheck> {
    let key = tx.key()?.derive("audit");
    let newest = list(tx, &Filter::default(), LOOKED_AT).await?;
    for event in &newest {
        let before = tx
            .row(
                "SELECT mac FROM audit_event WHERE stream = $1 AND seq = $2",
                params![&event.stream, event.seq.saturating_sub(1)],
            )
            .await?;
        let previous = before.map_or(Ok(String::new()), |row| row.get("mac"))?;
        if chain(&key, event, event.seq, &previous) == event.mac {
            return Ok(KeyCheck::Right);
        }
    }
    Ok(if newest.is_empty() { KeyCheck::NoEvents } else { KeyCheck::Wrong })
}

/// The HMAC that an event must have at place `seq` after `previous` (empty for the first of its stream).
fn chain(key: &[u8; 32], event: &Recorded, seq: i64, previous: &str) -> String {
    hex(&mac(
        key,
        &[
            previous.as_bytes(),
            event.stream.as_bytes(),
            &seq.to_be_bytes(),
            &event.at.millis().to_be_bytes(),
            event.actor.as_bytes(),
            event.action.as_bytes(),
            event.object_kind.as_bytes(),
            event.object.as_bytes(),
            event.fields.as_bytes(),
        ],
    ))
}
