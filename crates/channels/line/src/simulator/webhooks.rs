//! Webhooks that go out: signed, sent again where nobody said 200, doubled and mixed up on request.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::users::id_text;
use super::{Exchange, Shared};
use crate::http::Lost;
use crate::signature;

/// A webhook that was sent, or was tried to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Ids of its events.
    pub events: Vec<String>,
    /// Whether it had been sent before.
    pub redelivery: bool,
    /// Status that came back, or why none did.
    pub outcome: Result<u16, String>,
}

/// Events that go into one call.
pub(crate) struct Job {
    events: Vec<Value>,
    twice: bool,
}

pub(crate) struct Outgoing {
    jobs: UnboundedSender<Job>,
    waiting: AtomicUsize,
    done: Notify,
    /// Share of calls that are sent twice though they were answered, in thousandths.
    doubled: AtomicU32,
    /// Events that are held back, if they are.
    held: Mutex<Option<Vec<Value>>>,
    attempts: Mutex<Vec<Attempt>>,
}

impl Outgoing {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Job>) {
        let (jobs, receiver) = unbounded_channel();
        let outgoing = Outgoing {
            jobs,
            waiting: AtomicUsize::new(0),
            done: Notify::new(),
            doubled: AtomicU32::new(0),
            held: Mutex::new(None),
            attempts: Mutex::new(Vec::new()),
        };
        (outgoing, receiver)
    }

    pub(crate) fn double(&self, share: u32) {
        self.doubled.store(share, Ordering::SeqCst);
    }

    pub(crate) fn hold(&self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
    }

    /// What was held back; from now on events go out at once.
    pub(crate) fn release(&self) -> Vec<Value> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    /// Sends an event, or keeps it with those that are held back. `drawn` decides whether it is sent twice.
    pub(crate) fn event(&self, event: Value, drawn: u32) {
        if let Some(held) = self.held.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            held.push(event);
            return;
        }
        self.call(vec![event], drawn);
    }

    /// Sends several events in one call.
    pub(crate) fn call(&self, events: Vec<Value>, drawn: u32) {
        let twice = drawn % 1_000 < self.doubled.load(Ordering::SeqCst);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // Whoever reads them lives as long as the simulator.
        if self.jobs.send(Job { events, twice }).is_err() {
            self.finished();
        }
    }

    fn finished(&self) {
        if self.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.done.notify_waiters();
        }
    }

    /// Until nothing is on its way.
    pub(crate) async fn settled(&self) {
        loop {
            let done = self.done.notified();
            tokio::pin!(done);
            done.as_mut().enable();
            if self.waiting.load(Ordering::SeqCst) == 0 {
                return;
            }
            done.await;
        }
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Sends what is to be sent, one call after the other, until it is aborted.
pub(crate) async fn work(shared: Arc<Shared>, mut jobs: UnboundedReceiver<Job>) {
    let mut late = JoinSet::new();
    loop {
        tokio::select! {
            job = jobs.recv() => {
                let Some(job) = job else { return };
                let answered = attempt(&shared, &job.events, false).await;
                if answered && !job.twice {
                    shared.outgoing.finished();
                    continue;
                }
                let shared = shared.clone();
                late.spawn(async move {
                    again(&shared, &job.events, answered).await;
                    shared.outgoing.finished();
                });
            }
            Some(_) = late.join_next(), if !late.is_empty() => {}
        }
    }
}

/// Sends once more what was answered, or until it is what was not.
async fn again(shared: &Shared, events: &[Value], answered: bool) {
    let tries = if answered { 1 } else { shared.redeliveries };
    for _ in 0..tries {
        if !answered {
            tokio::time::sleep(shared.redelivery_pause).await;
        }
        if attempt(shared, events, true).await {
            return;
        }
    }
}

async fn attempt(shared: &Shared, events: &[Value], redelivery: bool) -> bool {
    let address = shared.state().webhook.clone();
    let Some(address) = address else { return true };
    let mut events = events.to_vec();
    for event in &mut events {
        event["deliveryContext"]["isRedelivery"] = redelivery.into();
    }
    let outcome = post(shared, &address, &events).await;
    let ids = events.iter().map(|e| e["webhookEventId"].as_str().unwrap_or_default().to_owned()).collect();
    let answered = outcome.as_ref().is_ok_and(|status| (200..300).contains(status));
    let mut attempts = shared.outgoing.attempts.lock().unwrap_or_else(PoisonError::into_inner);
    attempts.push(Attempt { events: ids, redelivery, outcome });
    answered
}

/// Makes one call.
pub(crate) async fn post(shared: &Shared, address: &str, events: &[Value]) -> Result<u16, String> {
    let (bot, secret) = {
        let state = shared.state();
        (id_text(state.bot), state.secret.clone())
    };
    let call = json!({"destination": bot, "events": events});
    let body = call.to_string();
    let request = Request::post(address)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "LineBotWebhook/2.0")
        .header(signature::HEADER, signature::sign(&secret, body.as_bytes()))
        .body(Full::new(body.into()))
        .map_err(|e| e.to_string())?;
    let answer = shared.transport.call(request, shared.webhook_timeout, 1 << 20).await;
    let outcome = answer.map(|a| a.status).map_err(|lost| match lost {
        Lost::NotSent(why) | Lost::Unsure(why) | Lost::Cut(_, why) => why,
    });
    if let Some(exchanges) = &mut shared.state().exchanges {
        exchanges.push(Exchange {
            method: "POST".into(),
            path: "/callback".into(),
            query: String::new(),
            request_type: "application/json".into(),
            request: call,
            status: *outcome.as_ref().unwrap_or(&0),
            response: Value::Null,
        });
    }
    outcome
}
