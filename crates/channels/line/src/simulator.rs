//! LINE's side, to try things out and to test: the API over real HTTP, and users who follow, write and tap.
//!
//! It has no users but those that its methods make, and all it knows is in memory. Time and chance are given to it,
//! so that the same calls in the same order give the same answers. What it does as LINE does, what it leaves out and
//! where nobody outside LINE knows: `docs/channels/line.md`.

mod account;
mod audiences;
mod check;
mod config;
mod events;
mod faults;
mod flex_check;
mod insight;
mod keys;
mod ledger;
mod menus;
mod people;
mod reply;
mod send;
mod server;
mod state;
mod users;
mod webhooks;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use config::Config;
pub use events::Tapped;
pub use faults::Fault;
pub use ledger::Received;
pub use users::ShownProfile;
pub use webhooks::Attempt;

use crate::Endpoint;
use crate::http::Transport;
use crate::limits::Limiter;
use state::State;
use webhooks::Outgoing;

/// A running simulator. It ends when it is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

/// A call and its answer, as far as they are JSON; webhooks stand under the path `/callback`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Exchange {
    /// `GET`, …
    pub method: String,
    /// Without query.
    pub path: String,
    /// The query, encoded.
    pub query: String,
    /// Kind of the request's body.
    pub request_type: String,
    /// The request's body, if it is JSON.
    pub request: Value,
    /// HTTP status.
    pub status: u16,
    /// The answer's body, if it is JSON.
    pub response: Value,
}

/// What the tasks share.
pub(crate) struct Shared {
    state: Mutex<State>,
    outgoing: Outgoing,
    transport: Transport,
    webhook_timeout: Duration,
    redeliveries: u32,
    redelivery_pause: Duration,
    most_concurrent: usize,
}

impl Shared {
    /// A test that panicked while it held the lock fails anyway; the others go on.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulator {
    /// Begins to listen. Port 0 takes a free one; [`Simulator::address`] says which.
    ///
    /// There is no TLS: it is for the same machine.
    pub async fn start(listen: SocketAddr, config: Config) -> std::io::Result<Simulator> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let transport = Transport::new(config.webhook_timeout).map_err(std::io::Error::other)?;
        let (outgoing, jobs) = Outgoing::new();
        let shared = Arc::new(Shared {
            outgoing,
            transport,
            webhook_timeout: config.webhook_timeout,
            redeliveries: config.redeliveries,
            redelivery_pause: config.redelivery_pause,
            most_concurrent: config.most_concurrent,
            state: Mutex::new(State::new(config)),
        });
        let tasks = [
            tokio::spawn(server::listen(listener, shared.clone())),
            tokio::spawn(webhooks::work(shared.clone(), jobs)),
        ];
        Ok(Simulator { shared, address, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as an address for a client, for both hosts.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Lets the next calls go wrong, so many times.
    pub fn inject(&self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.state().faults.add(endpoint, fault, times);
    }

    /// Lets calls go wrong by chance: each fault with its share in thousandths, at most 1,000 together.
    pub fn inject_by_chance(&self, endpoint: Endpoint, faults: Vec<(Fault, u32)>) {
        self.state().faults.by_chance(endpoint, faults);
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Sets the messages of a month; `None` is any number.
    pub fn set_quota(&self, quota: Option<u64>) {
        self.state().quota = quota;
    }

    /// Messages of the present month that counted.
    pub fn consumption(&self) -> u64 {
        self.state().consumption()
    }

    /// Switches LINE's rates on, with nothing counted yet, or off.
    pub fn set_rates(&self, on: bool) {
        self.state().limiter = if on { Limiter::new(100) } else { Limiter::off() };
    }

    /// Makes all access tokens invalid, as the console can.
    pub fn revoke_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Sets where webhooks go, as the console can; `None` is nowhere.
    pub fn set_webhook(&self, address: Option<&str>) {
        self.state().webhook = address.map(str::to_owned);
    }

    /// How many requests came with a used retry key and another body: messages that their sender has lost.
    pub fn reused_keys(&self) -> u64 {
        self.state().keys.reused
    }

    /// What a user received, the oldest first. Empty for who is not there.
    pub fn inbox(&self, user: &str) -> Vec<Received> {
        let state = self.state();
        let Some(place) = state.users.find(user) else { return Vec::new() };
        state.ledger.of_user(&state.users, place).into_iter().map(|dispatch| state.ledger.received(dispatch)).collect()
    }

    /// How many requests each user received, in the order in which the users were made.
    pub fn counts(&self) -> Vec<(String, u32)> {
        self.state().users.list.iter().map(|u| (users::id_text(u.id), u.count)).collect()
    }

    /// How many recipients each retry key had, in the order of acceptance.
    pub fn accepted_keys(&self) -> Vec<(Uuid, u32)> {
        let state = self.state();
        state.ledger.dispatches.iter().filter_map(|d| Some((Uuid::from_u128(d.key?), d.recipients))).collect()
    }

    /// The rich menu that a user sees: their own, else the default.
    pub fn rich_menu_of(&self, user: &str) -> Option<String> {
        let state = self.state();
        let own = state.users.at(state.users.find(user)?).menu;
        state.menus.shown(own).map(|menu| menu.id.clone())
    }

    /// A rich menu as it was made, with the kind and bytes of its image.
    pub fn rich_menu(&self, id: &str) -> Option<(Value, Option<(String, Bytes)>)> {
        let state = self.state();
        let (object, image) = state.menus.get(id)?;
        Some((object.clone(), image.cloned()))
    }

    /// Whose link token it is, while it works: LINE knows who is logged in on a device, and here nobody is.
    pub fn owner_of_link(&self, link_token: &str) -> Option<String> {
        let state = self.state();
        let (place, until) = state.link_tokens.get(link_token)?;
        (state.now() < *until).then(|| users::id_text(state.users.at(*place).id))
    }

    /// Calls and answers since the last time, if they are recorded.
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}
