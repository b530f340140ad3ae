//! A demo city whose sealed desk is full.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use calendar::SystemClock;
use casework::attachment::FolderBlobs;
use casework::case::{self, BULLYING, NewCase};
use casework::entry::{By, Channel, Speaker, What, Wishes};
use casework::outer::Folder;
use casework::{Keeping, Premises, member, report};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use store::{Db, HouseKey, OpenMode};

/// Passphrase of whoever works at the desk of the demo city (`src/sealed.rs`).
pub(crate) const PASSPHRASE: &str = "みなも まどべ かぜ ひかり";
const WORDS: &str = "休み時間に、いつも同じ三人からたたかれます。先生に言ったら、もっとひどくなりました。";
const SCHOOLS: [&str; 5] = ["東小学校", "西小学校", "南小学校", "東中学校", "西中学校"];
const CHANNELS: [Channel; 4] = [Channel::Phone, Channel::Letter, Channel::Counter, Channel::School];
const SPEAKERS: [Speaker; 4] = [Speaker::Child, Speaker::Parent, Speaker::Friend, Speaker::Teacher];
/// One case of so many has gone further than its first words.
const WORKED_ON: usize = 3;

/// The program that serves it; it ends with this.
pub(crate) struct Server {
    child: Child,
    pub(crate) public: u16,
    pub(crate) inside: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("stopped");
        self.child.wait().expect("ended");
    }
}

/// Memory of a process, in megabytes.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// In use now.
    pub(crate) now: f64,
    /// At most since [`Server::forget`].
    pub(crate) most: f64,
}

impl Server {
    pub(crate) fn of(binary: &Path, folder: &Path) -> Server {
        let config = folder.join("madoguchi.toml");
        let mut command = Command::new(binary);
        let mut child =
            command.args(["serve", "--config"]).arg(config).stdout(Stdio::piped()).spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let mut port = || {
            let line = lines.next().expect("address").expect("address");
            line.trim_end_matches('/').rsplit(':').next().and_then(|p| p.parse().ok()).expect("port")
        };
        let (public, inside) = (port(), port());
        Server { child, public, inside }
    }

    pub(crate) fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs, on Linux");
        let read = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).expect("kilobytes") / 1_024.0
        };
        Memory { now: read("VmRSS:"), most: read("VmHWM:") }
    }

    /// Seconds of the processors that it has used: what others do on the machine is not in them.
    pub(crate) fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it runs, on Linux");
        let (_, fields) = stat.rsplit_once(')').expect("the name of the program");
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |place: usize| fields[place].parse::<f64>().expect("ticks");
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Lets the system begin anew with what was most; where it does not, most stays most.
    pub(crate) fn forget(&self) {
        let _stays_where_it_may_not = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }
}

/// Makes the demo city.
pub(crate) fn found(binary: &Path, folder: &Path) {
    let made = Command::new(binary).arg("demo").arg(folder).stdout(Stdio::null()).status().expect("demo");
    assert!(made.success(), "the demo city could not be made");
    let config = folder.join("madoguchi.toml");
    let text = std::fs::read_to_string(&config).expect("configuration");
    let listen = |faces| format!("[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = [{faces}]\n");
    let (public, inside) = (listen("\"public\""), listen("\"staff\", \"desk\", \"partner\""));
    std::fs::write(&config, format!("log = \"error\"\n{text}\n{public}{inside}")).expect("written");
}

pub(crate) async fn open(folder: &Path) -> (Db, Premises) {
    let key = std::fs::read_to_string(folder.join("minamo.key")).expect("key");
    let address = format!("sqlite:{}", folder.join("minamo.db").display());
    let db = Db::open(&address, OpenMode::Existing).await.expect("database");
    let db = db.with_key(HouseKey::parse(&key).expect("key"));
    let keeping = Keeping {
        outer: Arc::new(Folder::open(&folder.join("minamo.outer-keys")).expect("outer keys")),
        blobs: Arc::new(FolderBlobs::open(&folder.join("minamo.sealed-files")).expect("files")),
        cost: vault::Cost::house(),
        kept: Duration::from_secs(365 * 86_400),
        kinds: Arc::default(),
    };
    let organisation = city::Organisation::load(&db).await.expect("the city");
    let premises = Premises::read(keeping, db.clone(), Arc::new(SystemClock), &organisation).await.expect("the desk");
    (db, premises)
}

/// Another one each time; what is sealed with it is thrown away with the city.
fn entropy() -> Box<dyn rand::Rng + Send> {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    Box::new(ChaCha8Rng::seed_from_u64(DRAWN.fetch_add(1, Ordering::Relaxed)))
}

fn new(n: usize, words: &str, by: By) -> NewCase<'_> {
    let sign = n.is_multiple_of(25).then(|| ("死にたい".to_owned(), "ことばにあった".to_owned()));
    NewCase {
        desk: BULLYING,
        channel: CHANNELS[n % CHANNELS.len()],
        speaker: SPEAKERS[n / 2 % SPEAKERS.len()],
        school: SCHOOLS[n % SCHOOLS.len()],
        words,
        wishes: Wishes { wanted: "話を聞いてほしい".into(), ..Wishes::default() },
        signs: sign.into_iter().collect(),
        by,
    }
}

/// Fills the desk. Gives the id of the last case, and the receipt of one more that a child began.
pub(crate) async fn fill(folder: &Path, count: usize) -> (String, String) {
    let (db, premises) = open(folder).await;
    let house = premises.house();
    let mut tx = db.read().await.expect("read");
    let found = access::store::account::secrets_of_login(&mut tx, "ijime-1").await.expect("read");
    let account = found.expect("ijime-1 is there").id;
    drop(tx);
    let cookie = member::unlock(house, entropy().as_mut(), &account, PASSPHRASE).await.expect("unlocked");
    let who = member::unlocked(house, &account, &cookie).await.expect("open");
    let mut last = String::new();
    for n in 0..count {
        let words = format!("{n}: {WORDS}");
        let new = new(n, &words, By::Account(account.clone()));
        (last, _) = case::open(house, entropy().as_mut(), new).await.expect("opened");
        if n % WORKED_ON == 0 {
            let done = |done: &str| done.to_owned();
            let what = vec![
                What::FirstAction { done: done("本人に電話をした。話を聞いた。") },
                What::Action { done: done("学校と話した。席を離すことになった。") },
                What::Note { words: "三日後にもう一度、本人に電話をする。".into() },
            ];
            case::add(house, entropy().as_mut(), &who, &last, 1, what).await.expect("written");
        }
    }
    let (receipt, _) = report::begin(house, entropy(), new(count, WORDS, By::Reporter)).await.expect("begun");
    member::lock(house, &account, &cookie).await.expect("locked");
    db.close().await;
    (last, receipt.shown().to_string())
}

/// How many files of cases lie in the folder, whole or not.
pub(crate) async fn files(folder: &Path) -> usize {
    let (db, premises) = open(folder).await;
    let lie = premises.blobs().all().expect("files").len();
    db.close().await;
    lie
}
