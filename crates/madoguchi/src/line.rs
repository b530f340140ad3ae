//! A city's account on LINE: `[city.line]`, or LINE's side played in the house where `simulators` is on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{self, Simulator};
use line_account::account::LINK_DIALOGUE;
use line_account::inbox::Inbox;
use line_account::{Account, House};
use outreach::recipient::{self, Channel, RecipientState};
use rand::SeedableRng;
use serde::Deserialize;
use store::worker::Registry;
use store::{Db, Secret};
use web::Line;

use crate::config::{CityConfig, Config};
use crate::failure::{Code, Failure};
use crate::house;

/// A city's account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineConfig {
    pub(crate) channel_id: String,
    pub(crate) channel_secret_file: String,
    #[serde(default)]
    pub(crate) access_token_file: String,
    pub(crate) pages: String,
    #[serde(default)]
    pub(crate) basic_id: String,
    #[serde(default)]
    pub(crate) api: String,
    #[serde(default = "whole")]
    pub(crate) rate_percent: u32,
}

fn whole() -> u32 {
    100
}

/// Users of the simulator: who might use the city's account, and in which language their LINE is.
const USERS: [(&str, &str); 5] =
    [("子育て中の人", "ja"), ("80代の人", "ja"), ("小学生", "ja"), ("英語で読む人", "en"), ("市の職員", "ja")];

/// Messages that the simulated month has.
const SIMULATED_QUOTA: u64 = 30_000;

impl Config {
    /// The city's account; none where it is not set up. What can be wrong before a call is told here. `port`: that of
    /// the citizens' face, if it speaks plain HTTP.
    pub(crate) async fn line(
        &self,
        city: &CityConfig,
        db: &Db,
        port: Option<u16>,
    ) -> Result<Option<(Line, Task)>, Failure> {
        let (account, simulator) = match (&city.line, self.simulators, port) {
            (Some(own), ..) => (self.account(city, own)?, None),
            (None, true, Some(port)) => match loopback(&city.hosts) {
                Some(host) => {
                    let (account, simulator) = simulated(city, db, host, port).await?;
                    (account, Some(simulator))
                }
                None => return Ok(None),
            },
            (None, ..) => return Ok(None),
        };
        let (inbox, task) = Inbox::new(db.clone(), house::clock(), house::entropy());
        let task: Task = Box::pin(task);
        Ok(Some((Line { account: Arc::new(account), inbox, simulator }, task)))
    }

    /// The account as `[city.line]` says, ready to be called; nothing is called yet.
    pub(crate) fn account(&self, city: &CityConfig, own: &LineConfig) -> Result<Account, Failure> {
        let wrong =
            |reason: String| Failure::new(Code::Configuration, format!("[city.line] of {}: {reason}", city.name));
        let read = |name: &str, file: &str| {
            let path = self.resolve(file);
            let text = std::fs::read_to_string(&path)
                .map_err(|e| wrong(format!("{name} {} cannot be read: {e}", path.display())))?;
            let text = text.trim().to_owned();
            if text.is_empty() {
                Err(wrong(format!("{name} {} is empty", path.display())))
            } else {
                Ok(Secret::new(text))
            }
        };
        let secret = read("channel_secret_file", &own.channel_secret_file)?;
        let pages = own.pages.trim_end_matches('/');
        if !pages.starts_with("https://") && !pages.starts_with("http://localhost") {
            return Err(wrong(format!(
                "pages = {:?}: write the address of the citizens' pages, with https://",
                own.pages
            )));
        }
        if !(1..=100).contains(&own.rate_percent) {
            return Err(wrong(
                "rate_percent is the share of LINE's rates that this process uses, from 1 to 100".into(),
            ));
        }
        let credentials = match own.access_token_file.as_str() {
            "" => Credentials::Stateless { channel_id: own.channel_id.clone(), secret: secret.clone() },
            file => Credentials::Fixed(read("access_token_file", file)?),
        };
        let settings = match own.api.as_str() {
            "" => Settings::new(credentials),
            address => Settings::at(address, credentials),
        };
        let client = Client::new(settings, Limiter::new(own.rate_percent), house::clock()).map_err(wrong)?;
        Ok(Account {
            client: Arc::new(client),
            secret,
            pages: pages.to_owned(),
            basic_id: own.basic_id.clone(),
            link_dialogue: LINK_DIALOGUE.into(),
        })
    }
}

/// What stores what LINE tells.
pub(crate) type Task = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// A name of the city by which this machine reaches itself.
fn loopback(hosts: &[String]) -> Option<&str> {
    ["127.0.0.1", "localhost"].into_iter().find(|own| hosts.iter().any(|h| h == own))
}

async fn simulated(city: &CityConfig, db: &Db, host: &str, port: u16) -> Result<(Account, Arc<Simulator>), Failure> {
    // The same users at every start: what the city knows of them stays true.
    let seed = city.name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(u64::from(byte)));
    let entropy = Box::new(rand::rngs::StdRng::seed_from_u64(seed));
    let pages = format!("http://{host}:{port}");
    let mut config = simulator::Config::new(house::clock(), entropy);
    config.webhook = Some(format!("{pages}/line/webhook"));
    config.quota = Some(SIMULATED_QUOTA);
    let (channel_id, secret) = (config.channel_id.clone(), config.channel_secret.clone());
    let simulator = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await?;
    let mut tx = db.read().await?;
    for (name, language) in USERS {
        let user = simulator.add_user(name, Some(language));
        let known = recipient::by_address(&mut tx, Channel::Line, &outreach::Address::new(user.clone()))
            .await
            .map_err(|e| Failure::new(Code::Database, e.to_string()))?;
        if known.is_some_and(|r| r.state == RecipientState::Active) {
            simulator.be_friend(&user);
        }
    }
    let credentials = Credentials::Stateless { channel_id, secret: secret.clone() };
    let settings = Settings::at(&simulator.base(), credentials);
    let client = Client::new(settings, Limiter::off(), house::clock())
        .map_err(|reason| Failure::new(Code::Configuration, format!("LINE's simulator: {reason}")))?;
    let account = Account {
        client: Arc::new(client),
        secret,
        link_dialogue: format!("{pages}/simulators/line/link"),
        pages,
        basic_id: String::new(),
    };
    Ok((account, Arc::new(simulator)))
}

/// The handlers of the account's jobs.
pub(crate) fn register(registry: &mut Registry, house: &House, account: Option<&Arc<Account>>) {
    for lane in line_account::event::LANES {
        let (own, account) = (house.clone(), account.cloned());
        registry.add_in(lane, line_account::event::JOB, move |context| {
            line_account::event::handle(context, own.clone(), account.clone())
        });
    }
    for lane in contact::deliver::LANES {
        let (own, account) = (house.clone(), account.cloned());
        registry.add_in(lane, contact::deliver::JOB, move |context| {
            line_account::deliver::handle(context, own.clone(), account.clone())
        });
    }
    if let Some(account) = account {
        outreach::dispatch::register(
            registry,
            Arc::new(line_account::sending::Multicast { client: account.client.clone() }),
        );
    }
    let client = account.map(|a| a.client.clone());
    registry.add(line_account::menu::job::LANE, line_account::menu::job::KIND, move |context| {
        line_account::menu::job::run(context, client.clone())
    });
    registry.add(line_account::daily::LANE, line_account::daily::DAILY, line_account::daily::run);
}
