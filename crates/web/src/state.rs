//! What every handler can reach.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use calendar::{Clock, Instant};
use city::Organisation;
use knowledge::Library;
use knowledge::board::Board;
use knowledge::miss::Misses;
use store::{Db, changes};
use tokio::sync::watch;

use crate::limits::Limits;
use crate::metrics::Metrics;

pub use store::worker::EntropySource;

/// A city's account on LINE as a process serves it.
#[derive(Clone)]
pub struct Line {
    /// The account.
    pub account: Arc<line_account::Account>,
    /// What LINE tells goes in here.
    pub inbox: line_account::inbox::Inbox,
    /// LINE's side, where it is played in this process.
    pub simulator: Option<Arc<line::simulator::Simulator>>,
}

/// A city as a process serves it.
pub struct CityState {
    /// Name in the configuration.
    pub name: String,
    /// Its database.
    pub db: Db,
    /// Its articles.
    pub library: Arc<Library>,
    /// Its board of unanswered questions.
    pub board: Board,
    /// Who watches contacts.
    pub live: Arc<contact::Live>,
    /// On which topics the bot may answer; `Gates::follow` keeps them up to date.
    pub gates: Arc<contact::Gates>,
    /// The language model that may put answers into citizens' words.
    pub writing: Option<Arc<contact::rephrase::Writing>>,
    /// The city's account on LINE.
    pub line: Option<Line>,
    /// What the sealed desks need besides the database; none where the city has no sealed desk.
    pub sealed: Option<casework::Keeping>,
    /// What found nothing and is not written yet; `Misses::run` writes it.
    pub misses: Arc<Misses>,
    organisation: RwLock<Arc<Organisation>>,
    pub(crate) theme: RwLock<Arc<str>>,
}

impl CityState {
    /// Reads the city and its articles.
    pub async fn open(name: String, db: Db, library: Arc<Library>) -> Result<Self, contact::ContactError> {
        let organisation = Arc::new(Organisation::load(&db).await?);
        library.refresh(&db).await?;
        let theme = crate::colour::theme(&organisation.profile.colour).into();
        let gates = Arc::new(contact::Gates::load(&db).await?);
        let (board, misses) = (Board::new(library.clone()), Arc::new(Misses::default()));
        Ok(CityState {
            name,
            db,
            library,
            board,
            live: Arc::default(),
            gates,
            writing: None,
            line: None,
            sealed: None,
            misses,
            organisation: RwLock::new(organisation),
            theme: RwLock::new(theme),
        })
    }

    /// The same city with a language model.
    pub fn with_writing(mut self, writing: Option<Arc<contact::rephrase::Writing>>) -> Self {
        self.writing = writing;
        self
    }

    /// The same city with an account on LINE.
    pub fn with_line(mut self, line: Option<Line>) -> Self {
        self.line = line;
        self
    }

    /// The same city with sealed desks.
    pub fn with_sealed(mut self, sealed: casework::Keeping) -> Self {
        self.sealed = Some(sealed);
        self
    }

    /// What a channel needs of the city: whatever changes of it, the channel sees.
    pub fn house(self: &Arc<Self>) -> line_account::House {
        let own = self.clone();
        line_account::House {
            library: self.library.clone(),
            gates: self.gates.clone(),
            live: self.live.clone(),
            writes: self.writing.is_some(),
            organisation: Arc::new(move || own.organisation()),
        }
    }

    /// The same city with other gates, for tests of what stands behind them.
    pub fn with_gates(mut self, gates: contact::Gates) -> Self {
        self.gates = Arc::new(gates);
        self
    }

    /// The city as it stands.
    pub fn organisation(&self) -> Arc<Organisation> {
        self.organisation.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the city again: whoever changed it sees the change on the next page.
    pub async fn reload(&self) -> Result<(), city::CityError> {
        let organisation = Arc::new(Organisation::load(&self.db).await?);
        *self.theme.write().unwrap_or_else(PoisonError::into_inner) =
            crate::colour::theme(&organisation.profile.colour).into();
        *self.organisation.write().unwrap_or_else(PoisonError::into_inner) = organisation;
        Ok(())
    }

    /// Follows changes of the city until the task is dropped.
    pub async fn follow(self: Arc<Self>) {
        let mut seen = None;
        loop {
            let step = async {
                let version = match seen {
                    // Whatever changed before the first look was read at the start, or is read now.
                    None => changes::versions(&self.db).await?.get(city::CHANGE_TOPIC).copied().unwrap_or(0),
                    Some(version) => changes::changed(&self.db, city::CHANGE_TOPIC, version).await?,
                };
                self.reload().await?;
                Ok::<_, city::CityError>(version)
            };
            match step.await {
                Ok(version) => seen = Some(version),
                Err(error) => {
                    tracing::error!(%error, "the city could not be read again; trying again");
                    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                }
            }
        }
    }
}

/// A process: its cities by host name, its clock and randomness.
pub struct App {
    pub(crate) cities: HashMap<String, Arc<CityState>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: EntropySource,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) simulators: bool,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) room: crate::citizen::room::gate::Gate,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Puts a process together. `hosts` maps host names (without port, lower case) to cities; `simulators` turns
    /// the stand-ins of outside services on, and shows the codes of second factors.
    pub fn new(
        hosts: HashMap<String, Arc<CityState>>,
        clock: Arc<dyn Clock>,
        entropy: EntropySource,
        trusted_proxies: Vec<IpAddr>,
        simulators: bool,
    ) -> Arc<Self> {
        Arc::new(App {
            cities: hosts,
            clock,
            entropy,
            trusted_proxies,
            simulators,
            limits: Limits::default(),
            metrics: Metrics::default(),
            room: Default::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// Ends the answers that would go on for ever: pages that are told what happens.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Becomes true when the process stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Each city once, by name.
    pub(crate) fn each_city(&self) -> Vec<Arc<CityState>> {
        let mut cities: Vec<_> = self.cities.values().cloned().collect();
        cities.sort_by(|a, b| a.name.cmp(&b.name));
        cities.dedup_by(|a, b| Arc::ptr_eq(a, b));
        cities
    }
}
