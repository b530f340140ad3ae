//! A small city with an account on LINE, and LINE's side.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use access::{Principal, Role};
use calendar::{Clock, Date};
use city::{Organisation, Profile};
use contact::staff::Desk;
use contact::{Contact, Gates, Message};
use knowledge::Library;
use knowledge::reading::Reading;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Simulator};
use line_account::inbox::{self, Inbox};
use line_account::{Account, House, event};
use outreach::recipient::{self, Channel};
use outreach::{Address, Recipient};
use serde_json::{Value, json};
use store::worker::{Registry, Worker};
use testkit::TestDb;
use text::Analyzer;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");

static READING: LazyLock<Reading> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT")
        .map(PathBuf::from)
        .expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    Reading::shipped(Arc::new(Analyzer::load(&path, None).expect("dictionary"))).expect("model")
});

pub(crate) struct Town {
    pub(crate) test: TestDb,
    pub(crate) organisation: Arc<Organisation>,
    pub(crate) house: House,
    pub(crate) account: Arc<Account>,
    pub(crate) sim: Simulator,
    pub(crate) inbox: Inbox,
    pub(crate) operator: Principal,
    storing: tokio::task::JoinHandle<()>,
    told: std::sync::Mutex<usize>,
}

impl Drop for Town {
    fn drop(&mut self) {
        self.storing.abort();
    }
}

impl Town {
    pub(crate) async fn found(test: TestDb) -> Town {
        let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}")).expect("demo file");
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        // The clock of the tests stands on a holiday (勤労感謝の日); the next day is a Tuesday.
        clock.advance(Duration::from_secs(86_400));
        let from: Date = "2026-04-01".parse().expect("date");
        let mut tx = test.db.write().await.expect("write");
        let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
        city::store::insert_sections(&mut tx, clock.as_ref(), &mut rng, &sections).await.expect("sections");
        let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
        city::store::save_profile(&mut tx, &profile).await.expect("profile");
        tx.commit().await.expect("commit");
        let files = ["registry", "waste"].map(|t| (t, read(&format!("faq/{t}.toml"))));
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let mut articles = knowledge::import::read_toml(&files).expect("articles");
        let codes: Vec<String> = articles.iter().map(|a| a.code.clone()).collect();
        for article in &mut articles {
            article.content.related.retain(|r| codes.contains(r));
        }
        let today = clock.now().jst_date();
        knowledge::import::store(&test.db, clock.as_ref(), &mut rng, &articles, today, false).await.expect("stored");
        let index = test.folder().join("index");
        testkit::take_over("index", &index);
        let library = Arc::new(Library::new(READING.clone()).keeping(index.clone()));
        library.refresh(&test.db).await.expect("read");
        testkit::leave("index", &index);
        let organisation = Arc::new(Organisation::load(&test.db).await.expect("city"));
        let centre = organisation.profile.phone_section.clone();
        let config = Config::new(clock.clone(), Box::new(test.rng()));
        let (channel_id, secret) = (config.channel_id.clone(), config.channel_secret.clone());
        let sim = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.expect("simulator");
        let credentials = Credentials::Stateless { channel_id, secret: secret.clone() };
        let mut settings = Settings::at(&sim.base(), credentials);
        settings.timeout = Duration::from_millis(500);
        let client = Client::new(settings, Limiter::off(), clock.clone()).expect("client");
        let account = Account {
            client: Arc::new(client),
            secret,
            pages: "https://city.example".into(),
            basic_id: "@city".into(),
            link_dialogue: "https://line.example/link".into(),
        };
        let own = organisation.clone();
        let house = House {
            library,
            gates: Arc::new(Gates::open()),
            live: Arc::default(),
            writes: false,
            organisation: Arc::new(move || own.clone()),
        };
        let (inbox, task) = Inbox::new(test.db.clone(), clock, test.entropy_source());
        Town {
            operator: Principal {
                account: "operator".into(),
                name: Role::Operator.name().into(),
                sections: vec![centre.clone()],
                roles: vec![(Role::Operator, Some(centre))],
            },
            storing: tokio::spawn(task),
            told: std::sync::Mutex::new(0),
            organisation,
            house,
            account: Arc::new(account),
            sim,
            inbox,
            test,
        }
    }

    pub(crate) fn worker(&self) -> Worker {
        let mut registry = Registry::default();
        for lane in event::LANES {
            let (house, account) = (self.house.clone(), self.account.clone());
            registry
                .add_in(lane, event::JOB, move |context| event::handle(context, house.clone(), Some(account.clone())));
        }
        for lane in contact::deliver::LANES {
            let (house, account) = (self.house.clone(), self.account.clone());
            registry.add_in(lane, contact::deliver::JOB, move |context| {
                line_account::deliver::handle(context, house.clone(), Some(account.clone()))
            });
        }
        Worker {
            db: self.test.db.clone(),
            clock: self.test.clock.clone(),
            entropy: self.test.entropy_source(),
            registry,
        }
    }

    /// What LINE would send now: everything that users did since the last time.
    pub(crate) fn news(&self) -> Vec<Value> {
        let mut told = self.told.lock().expect("lock");
        let all = self.sim.events(None);
        let news = all[*told..].to_vec();
        *told = all.len();
        news
    }

    /// LINE tells events in one call.
    pub(crate) async fn tell(&self, events: &[Value]) {
        let body = call(events);
        let signature = line::signature::sign(&self.account.secret, &body);
        let read = inbox::read(&self.account.secret, &signature, &body).expect("a call of LINE's");
        self.inbox.take(read, self.test.clock.now()).await.expect("stored");
    }

    /// LINE tells what happened, and all that follows from it is done.
    pub(crate) async fn settle(&self) {
        let news = self.news();
        if !news.is_empty() {
            self.tell(&news).await;
        }
        self.worker().drain().await.expect("drained");
    }

    /// A user who follows the account.
    pub(crate) async fn friend(&self) -> String {
        let user = self.sim.add_user("市民", Some("ja"));
        self.sim.follow(&user);
        self.settle().await;
        user
    }

    /// A user says something, and all that follows is done. Gives what the user received since.
    pub(crate) async fn say(&self, user: &str, words: &str) -> Vec<Value> {
        let before = self.received(user).len();
        self.sim.say(user, words);
        self.settle().await;
        self.received(user).split_off(before)
    }

    /// All messages that a user received.
    pub(crate) fn received(&self, user: &str) -> Vec<Value> {
        self.sim.inbox(user).into_iter().flat_map(|r| r.messages).collect()
    }

    pub(crate) async fn recipient(&self, user: &str) -> Recipient {
        let mut tx = self.test.db.read().await.expect("read");
        let found = recipient::by_address(&mut tx, Channel::Line, &Address::new(user)).await.expect("read");
        found.expect("learnt")
    }

    /// The newest contact.
    pub(crate) async fn contact(&self) -> Contact {
        self.contacts().await.pop().expect("a contact")
    }

    /// All contacts, the oldest first.
    pub(crate) async fn contacts(&self) -> Vec<Contact> {
        let mut tx = self.test.db.read().await.expect("read");
        let filter = contact::queue::Filter { limit: 100, newest_first: true, ..contact::queue::Filter::default() };
        let (listed, _) = contact::queue::list(&mut tx, &filter).await.expect("read");
        let mut all = Vec::new();
        for one in listed {
            all.push(contact::contact::get(&mut tx, &one.id).await.expect("read").expect("there"));
        }
        all.sort_by(|a, b| a.number.cmp(&b.number));
        all
    }

    pub(crate) async fn messages(&self, contact: &str) -> Vec<Message> {
        let mut tx = self.test.db.read().await.expect("read");
        contact::message::since(&mut tx, contact, 0, 1_000).await.expect("read")
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        let clock = self.test.clock.as_ref();
        Desk { db: &self.test.db, clock, organisation: &self.organisation, who: &self.operator }
    }

    /// The operator takes a contact and answers.
    pub(crate) async fn answer(&self, contact: &str, client: &str, words: &str, on_page: bool) {
        let new = contact::staff::reply::NewReply { client_id: client, words, article: None, files: &[], on_page };
        contact::staff::reply::reply(self.desk(), &mut self.test.rng(), &self.house.library, contact, new)
            .await
            .expect("said");
        self.worker().drain().await.expect("drained");
    }

    pub(crate) async fn pick_up(&self, contact: &str) {
        contact::staff::hold::pick_up(self.desk(), &mut self.test.rng(), contact).await.expect("picked up");
        self.worker().drain().await.expect("drained");
    }
}

/// The body of a call.
pub(crate) fn call(events: &[Value]) -> Vec<u8> {
    json!({"destination": "U00000000000000000000000000000000", "events": events}).to_string().into_bytes()
}

/// All texts of a message, in its order: of a text itself, of a bubble its parts.
pub(crate) fn texts(message: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![message];
    while let Some(one) = left.pop() {
        match one {
            Value::Object(fields) => {
                if let Some(text) = fields.get("text").and_then(Value::as_str) {
                    all.push(text.to_owned());
                }
                left.extend(fields.iter().filter(|(name, _)| *name != "quickReply").map(|(_, value)| value));
            }
            Value::Array(parts) => left.extend(parts.iter().rev()),
            _ => {}
        }
    }
    all
}

/// The action of a button with a label, in a bubble or over the keyboard.
pub(crate) fn button(message: &Value, label: &str) -> Value {
    let mut left = vec![message];
    while let Some(one) = left.pop() {
        match one {
            Value::Object(fields) => {
                if fields.get("label").and_then(Value::as_str) == Some(label) {
                    return one.clone();
                }
                left.extend(fields.values());
            }
            Value::Array(parts) => left.extend(parts),
            _ => {}
        }
    }
    panic!("no button {label:?} in {message}");
}
