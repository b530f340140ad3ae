//! A channel in memory: it knows keys again for a day as LINE does, keeps its own record, and fails as told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use calendar::{Clock, FrozenClock, Instant};
use outreach::ledger::PeerBatch;
use outreach::{Address, Channel, Outcome, Outgoing, Pending, Transport};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use tokio::sync::Notify;

use crate::town::Town;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call never arrives, and nobody says so.
    TimeoutBefore,
    /// It is accepted, and the answer gets lost.
    TimeoutAfter,
    /// 500, not accepted.
    ServerBefore,
    /// 500, accepted.
    ServerAfter,
    /// 429 of the rate, with and without a time.
    RateLimited(Option<u64>),
    /// 429 of concurrency.
    Concurrent,
    /// 429 of the quota.
    Quota,
    /// No connection.
    NotSent,
    /// 400.
    Refused,
    /// The process dies before the call arrives.
    DiesBefore,
    /// The process dies after the call was accepted.
    DiesAfter,
    /// It is accepted, and the call hangs for ever.
    HangsAfter,
    /// No connection, which is known only when the test says so.
    NotSentLater,
}

impl Fault {
    /// Those after which it goes on by itself.
    const PASSING: [Fault; 10] = [
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::ServerBefore,
        Fault::ServerAfter,
        Fault::RateLimited(Some(3)),
        Fault::RateLimited(None),
        Fault::Concurrent,
        Fault::NotSent,
        Fault::DiesBefore,
        Fault::DiesAfter,
    ];
}

struct Accepted {
    at: Instant,
    request_id: String,
    lang: &'static str,
    to: Vec<Address>,
}

#[derive(Default)]
struct Inside {
    accepted: BTreeMap<String, Accepted>,
    received: BTreeMap<Address, Vec<Instant>>,
    duplicates: usize,
    calls: usize,
    next: VecDeque<Option<Fault>>,
    /// Where set, every second call fails.
    random: Option<ChaCha8Rng>,
}

pub(crate) struct Peer {
    clock: Arc<FrozenClock>,
    inside: Mutex<Inside>,
    told: Notify,
}

enum Answer {
    Says(Outcome),
    Dies,
    Hangs,
    NotSentLater,
}

impl Peer {
    pub(crate) fn of(town: &Town) -> Arc<Peer> {
        Arc::new(Peer { clock: town.test.clock.clone(), inside: Mutex::default(), told: Notify::new() })
    }

    /// Every second call fails in one way or another.
    pub(crate) fn unreliable(town: &Town) -> Arc<Peer> {
        let peer = Peer::of(town);
        peer.lock().random = Some(town.test.rng());
        peer
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nobody dies in here")
    }

    /// Says what the call that waits for it is to hear.
    pub(crate) fn tell(&self) {
        self.told.notify_one();
    }

    /// How the next calls fail; `None` is a call that succeeds.
    pub(crate) fn next(&self, faults: &[Option<Fault>]) {
        self.lock().next.extend(faults);
    }

    /// Forgets what it was sent so far, such as trials.
    pub(crate) fn forget(&self) {
        let mut inside = self.lock();
        inside.accepted.clear();
        inside.received.clear();
        inside.calls = 0;
    }

    /// Waits until it was called so often.
    pub(crate) async fn called(&self, calls: usize) {
        while self.calls() < calls {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.lock().calls
    }

    /// How many calls it answered with "already accepted".
    pub(crate) fn duplicates(&self) -> usize {
        self.lock().duplicates
    }

    /// How often each address was sent something.
    pub(crate) fn received(&self) -> BTreeMap<Address, usize> {
        self.lock().received.iter().map(|(to, at)| (to.clone(), at.len())).collect()
    }

    /// When an address was sent something first.
    pub(crate) fn when(&self, address: &str) -> Option<Instant> {
        self.lock().received.get(&Address::new(address)).and_then(|at| at.first().copied())
    }

    /// Languages of the batches that an address got.
    pub(crate) fn langs(&self, address: &str) -> Vec<&'static str> {
        let address = Address::new(address);
        self.lock().accepted.values().filter(|a| a.to.contains(&address)).map(|a| a.lang).collect()
    }

    /// Its own list of what it delivered.
    pub(crate) fn record(&self) -> Vec<PeerBatch> {
        let inside = self.lock();
        inside
            .accepted
            .iter()
            .map(|(key, accepted)| PeerBatch { retry_key: key.clone(), to: Some(accepted.to.clone()) })
            .collect()
    }

    fn answer(&self, batch: &Outgoing) -> Answer {
        let now = self.clock.now();
        let mut inside = self.lock();
        inside.calls += 1;
        let fault = match (inside.next.pop_front(), &mut inside.random) {
            (Some(fault), _) => fault,
            // Twice as many places as faults: the other half of the calls succeeds.
            (None, Some(rng)) => Fault::PASSING.get(rng.random_range(0..2 * Fault::PASSING.len())).copied(),
            (None, None) => None,
        };
        let outcome = match fault {
            Some(Fault::TimeoutBefore) => return Answer::Says(Outcome::Unsure),
            Some(Fault::ServerBefore) => return Answer::Says(Outcome::Server),
            Some(Fault::RateLimited(after)) => {
                return Answer::Says(Outcome::RateLimited { after: after.map(Duration::from_secs) });
            }
            Some(Fault::Concurrent) => return Answer::Says(Outcome::TooManyConcurrent),
            Some(Fault::Quota) => return Answer::Says(Outcome::QuotaUsedUp),
            Some(Fault::NotSent) => return Answer::Says(Outcome::NotSent),
            Some(Fault::Refused) => return Answer::Says(Outcome::Refused { reason: "400".into() }),
            Some(Fault::DiesBefore) => return Answer::Dies,
            Some(Fault::NotSentLater) => return Answer::NotSentLater,
            Some(Fault::TimeoutAfter | Fault::ServerAfter | Fault::DiesAfter | Fault::HangsAfter) | None => {
                accept(&mut inside, now, batch)
            }
        };
        match fault {
            Some(Fault::TimeoutAfter) => Answer::Says(Outcome::Unsure),
            Some(Fault::ServerAfter) => Answer::Says(Outcome::Server),
            Some(Fault::DiesAfter) => Answer::Dies,
            Some(Fault::HangsAfter) => Answer::Hangs,
            _ => Answer::Says(outcome),
        }
    }
}

fn accept(inside: &mut Inside, now: Instant, batch: &Outgoing) -> Outcome {
    let day = 24 * 3_600 * 1_000;
    if let Some(had) = inside.accepted.get(&batch.retry_key)
        && now.millis_since(had.at) < day
    {
        let request_id = Some(had.request_id.clone());
        inside.duplicates += 1;
        return Outcome::AlreadyAccepted { request_id };
    }
    for to in &batch.to {
        inside.received.entry(to.clone()).or_default().push(now);
    }
    let request_id = format!("request-{}", inside.calls);
    let (lang, to) = (batch.lang.code(), batch.to.clone());
    inside.accepted.insert(batch.retry_key.clone(), Accepted { at: now, request_id: request_id.clone(), lang, to });
    Outcome::Accepted { request_id: Some(request_id) }
}

impl Transport for Peer {
    fn channel(&self) -> Channel {
        Channel::Line
    }

    fn send<'a>(&'a self, batch: &'a Outgoing) -> Pending<'a, Outcome> {
        Box::pin(async move {
            match self.answer(batch) {
                Answer::Says(outcome) => outcome,
                // Whoever waits for the answer is gone; nothing after the call is stored.
                Answer::Dies => std::panic::resume_unwind(Box::new("the process dies")),
                Answer::Hangs => std::future::pending().await,
                Answer::NotSentLater => {
                    self.told.notified().await;
                    Outcome::NotSent
                }
            }
        })
    }
}
