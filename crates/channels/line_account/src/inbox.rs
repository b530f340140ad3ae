//! The inbox: what LINE tells, stored before LINE is answered.
//!
//! LINE waits two seconds and tells again what was not answered
//! (<https://developers.line.biz/en/docs/messaging-api/receiving-messages/>). So a call is only looked at and stored,
//! with a job for each event that is new. Calls that come at the same time are stored in one transaction: SQLite has
//! one writer, and a thousand events a second are not a thousand waits for it.

use std::sync::Arc;

use calendar::{Clock, Instant};
use line::webhook::{self, Event, Kind, WebhookError};
use serde_json::Value;
use store::jobs::{self, NewJob};
use store::worker::EntropySource;
use store::{Db, Secret, Tx};
use tokio::sync::{mpsc, oneshot};

use crate::event::{self, Payload};
use crate::store::event as rows;

/// Largest call that is read, in bytes: LINE sends a few events of some kilobytes.
pub const MOST_BYTES: usize = 1 << 20;
/// Calls that may wait to be stored; more are answered with 503, and LINE tells them again.
const WAITING: usize = 4_096;
/// Events that are stored in one transaction.
const TOGETHER: usize = 512;

/// What stands for a call that cannot be stored now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// An event on its way into the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    pub(crate) id: String,
    pub(crate) user: Option<String>,
    pub(crate) kind: String,
    pub(crate) at: Instant,
    pub(crate) reply_token: Option<String>,
    pub(crate) body: String,
    /// Why it is only kept: nobody here knows it, or it cannot be read.
    pub(crate) passed: Option<&'static str>,
}

struct Call {
    events: Vec<Incoming>,
    received_at: Instant,
    stored: oneshot::Sender<Result<(), Busy>>,
}

/// Takes calls; its task stores them.
#[derive(Clone, Debug)]
pub struct Inbox {
    calls: mpsc::Sender<Call>,
}

impl Inbox {
    /// An inbox of a city, and the task that stores what comes into it. The task ends when the last inbox is dropped.
    pub fn new(db: Db, clock: Arc<dyn Clock>, entropy: EntropySource) -> (Self, impl Future<Output = ()>) {
        let (calls, received) = mpsc::channel(WAITING);
        (Inbox { calls }, store_calls(db, clock, entropy, received))
    }

    /// Stores the events of a call and returns when they are stored; those that are there already are counted.
    pub async fn take(&self, events: Vec<Incoming>, received_at: Instant) -> Result<(), Busy> {
        if events.is_empty() {
            return Ok(());
        }
        let (stored, answer) = oneshot::channel();
        self.calls.try_send(Call { events, received_at, stored }).map_err(|_| Busy)?;
        answer.await.unwrap_or(Err(Busy))
    }
}

/// Events that were received, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Carried out.
    pub done: i64,
    /// To be carried out.
    pub waiting: i64,
    /// Kept and passed over.
    pub passed: i64,
    /// Put aside: they failed every time.
    pub dead: i64,
}

/// Counts the events that were received since an instant.
pub async fn counts(tx: &mut Tx, since: Instant) -> store::Result<Counts> {
    let mut counts = Counts::default();
    for (state, n) in rows::counts(tx, since).await? {
        match state.as_str() {
            "done" => counts.done = n,
            "waiting" => counts.waiting = n,
            "passed" => counts.passed = n,
            _ => counts.dead = n,
        }
    }
    Ok(counts)
}

/// Reads a call: length, signature, events. Nothing of a call that LINE did not sign is looked at.
pub fn read(secret: &Secret<String>, signature: &str, body: &[u8]) -> Result<Vec<Incoming>, WebhookError> {
    let delivery = webhook::receive(secret, signature, body, MOST_BYTES)?;
    let mut raw: Vec<Value> = match serde_json::from_slice::<Value>(body) {
        Ok(mut whole) => match whole.get_mut("events").map(Value::take) {
            Some(Value::Array(all)) => all,
            _ => Vec::new(),
        },
        Err(e) => return Err(WebhookError::Json { line: e.line(), column: e.column() }),
    };
    let unread: Vec<usize> = delivery.unread.iter().map(|u| u.index).collect();
    let mut found: Vec<Incoming> = Vec::with_capacity(raw.len());
    for (i, bad) in delivery.unread.iter().enumerate() {
        found.push(Incoming {
            // An event without an id is known by all of it: told twice, it is kept once.
            id: format!("unread-{}", store::ids::digest(&format!("{i} {}", bad.raw))),
            user: None,
            kind: "unread".into(),
            at: Instant::from_millis(0),
            reply_token: None,
            body: bad.raw.to_string(),
            passed: Some(bad.why),
        });
    }
    let mut good = raw.drain(..).enumerate().filter(|(i, _)| !unread.contains(i)).map(|(_, value)| value);
    for event in &delivery.events {
        let body = good.next().map_or_else(String::new, |value| value.to_string());
        found.push(incoming(event, body));
    }
    Ok(found)
}

fn incoming(event: &Event, body: String) -> Incoming {
    let alone = matches!(event.source, Some(webhook::Source::User(_)));
    let passed = match &event.kind {
        Kind::Other { .. } => Some("unknown type"),
        _ if event.standby => Some("standby: another program speaks for the account"),
        _ if !event.source.as_ref().and_then(|s| s.user()).is_some_and(line::message::is_user_id) => Some("no user"),
        // The city talks with persons. What is said in groups is not for it.
        _ if !alone => Some("not from a user alone"),
        _ => None,
    };
    Incoming {
        id: plain(&event.id),
        user: event.source.as_ref().and_then(|s| s.user()).map(plain),
        kind: plain(name(&event.kind)),
        at: event.timestamp,
        reply_token: event.reply_token.as_deref().map(plain),
        body,
        passed,
    }
}

/// What LINE makes is of plain letters and short. What is not came from a signed call all the same, and must not keep
/// the others of its call out of the database.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(128).collect()
}

fn name(kind: &Kind) -> &str {
    match kind {
        Kind::Message { .. } => "message",
        Kind::Unsend { .. } => "unsend",
        Kind::Postback { .. } => "postback",
        Kind::Follow { .. } => "follow",
        Kind::Unfollow => "unfollow",
        Kind::Join => "join",
        Kind::Leave => "leave",
        Kind::AccountLink { .. } => "accountLink",
        Kind::Other { name, .. } => name,
    }
}

async fn store_calls(db: Db, clock: Arc<dyn Clock>, entropy: EntropySource, mut calls: mpsc::Receiver<Call>) {
    while let Some(first) = calls.recv().await {
        let mut together = vec![first];
        let mut events = together[0].events.len();
        while events < TOGETHER {
            let Ok(next) = calls.try_recv() else { break };
            events += next.events.len();
            together.push(next);
        }
        let outcome = store_together(&db, clock.as_ref(), &entropy, &together).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, events, "what LINE told could not be stored; LINE tells it again");
        }
        for call in together {
            // Whoever asked may be gone; the events are stored all the same.
            let _gone = call.stored.send(outcome.as_ref().map_err(|_| Busy).copied());
        }
    }
}

async fn store_together(db: &Db, clock: &dyn Clock, entropy: &EntropySource, calls: &[Call]) -> store::Result<()> {
    let mut entropy = entropy();
    let mut tx = db.write().await?;
    for call in calls {
        for event in &call.events {
            add(&mut tx, clock, entropy.as_mut(), event, call.received_at).await?;
        }
    }
    tx.commit().await
}

async fn add(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: store::Entropy<'_>,
    event: &Incoming,
    received_at: Instant,
) -> store::Result<()> {
    let is_new = rows::insert(tx, event, received_at).await?;
    if !is_new || event.passed.is_some() {
        return Ok(());
    }
    let text = serde_json::json!(Payload { event: event.id.clone() }).to_string();
    let lane = event::lane(event.user.as_deref().unwrap_or_default());
    let mut job = NewJob::new(lane, event::JOB, text, received_at);
    job.max_attempts = event::ATTEMPTS;
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}
