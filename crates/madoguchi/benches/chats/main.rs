//! Open chats on one machine: citizens with the bot, citizens with operators, and the desk that watches them all.
//! Prints how long a message is on its way, and what the server needs. Nothing is asserted.
//!
//! `cargo bench -p madoguchi --bench chats -- [chats] [operators] [seconds]` (2000, 50, 60). Server and visitors share
//! the machine: the visitors' own share of the processor is printed as well.
//!
//! What everybody does is what the pages' scripts do: a stream of events for each page; a message is announced by
//! `typing`; an operator's page reads itself anew when its conversation or the queue changed, looks for suggestions
//! and says how far it was read.

mod wire;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calendar::{Clock, SystemClock};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use store::{Db, HouseKey, OpenMode};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::wire::{Browser, hidden};

/// Conversations that each operator has at once.
const HELD: usize = 2;
/// A citizen with the bot asks so often, and both sides of a conversation speak so often.
const ASKS: Duration = Duration::from_secs(60);
const SPEAKS: Duration = Duration::from_secs(20);
/// People do not open their pages in one instant: within this time, and nobody speaks before.
const SETTLES: Duration = Duration::from_secs(5);
/// Visitors who come at the same time while the chats are opened.
const DOORS: usize = 16;
const QUESTIONS: [&str; 6] = [
    "引っ越してきました。手続きを教えて",
    "粗大ごみの出し方",
    "住民票の写しがほしい",
    "印鑑登録はどこでできますか",
    "保育園に申し込みたい",
    "国民健康保険料が払えない",
];

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |place: usize, otherwise: usize| numbers.get(place).copied().unwrap_or(otherwise);
    let load = Load { chats: number(0, 2_000), operators: number(1, 50), seconds: number(2, 60) as u64 };
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_madoguchi"));
    let folder = std::env::temp_dir().join(format!("madoguchi-chats-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    runtime.block_on(run(&binary, &folder, load));
    std::fs::remove_dir_all(&folder).expect("cleaned");
}

#[derive(Clone, Copy)]
struct Load {
    chats: usize,
    operators: usize,
    seconds: u64,
}

/// How long messages were on their way, by direction.
#[derive(Default)]
struct Figures {
    /// From the citizen's sending until the desk was told, and until the operator's page held the words.
    to_desk: Mutex<Vec<Duration>>,
    on_page: Mutex<Vec<Duration>>,
    /// From the operator's sending until the citizen's page was told.
    to_citizen: Mutex<Vec<Duration>>,
    /// From the question until the citizen's page had the bot's reply.
    of_bot: Mutex<Vec<Duration>>,
    sent: AtomicU64,
    pages: AtomicU64,
}

/// When somebody opens their page.
async fn come(n: usize) {
    tokio::time::sleep(SETTLES.mul_f64((n * 6_151 % 997) as f64 / 997.0)).await;
}

fn keep(times: &Mutex<Vec<Duration>>, since: Instant) {
    times.lock().expect("times").push(since.elapsed());
}

struct Server {
    child: Child,
    public: SocketAddr,
    staff: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("stopped");
        self.child.wait().expect("ended");
    }
}

/// Founds the demo city with operators who are logged in; their cookies.
async fn found(binary: &Path, folder: &Path, operators: usize) -> Vec<String> {
    let made = Command::new(binary).arg("demo").arg(folder).stdout(Stdio::null()).status().expect("demo");
    assert!(made.success(), "the demo city could not be made");
    let config = folder.join("madoguchi.toml");
    let text = std::fs::read_to_string(&config).expect("configuration");
    let listen = |face| format!("[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = [\"{face}\"]\n");
    let head = "log = \"warn\"\ntrusted_proxies = [\"127.0.0.1\"]\n";
    std::fs::write(&config, format!("{head}{text}\n{}{}", listen("public"), listen("staff"))).expect("configuration");

    let key = std::fs::read_to_string(folder.join("minamo.key")).expect("key");
    let address = format!("sqlite:{}", folder.join("minamo.db").display());
    let db = Db::open(&address, OpenMode::Existing).await.expect("database");
    let db = db.with_key(HouseKey::parse(&key).expect("key"));
    let (clock, mut rng) = (SystemClock, ChaCha8Rng::seed_from_u64(20_261_128));
    let organisation = city::Organisation::load(&db).await.expect("city");
    let section = &organisation.profile.phone_section;
    let account = |n| {
        format!(
            "[[account]]\nlogin = \"load-{n}\"\nname = \"オペレーター\"\nsection = \"{section}\"\nroles = [\"operator\"]\n"
        )
    };
    let accounts: String = (0..operators).map(account).collect();
    let file = toml::from_str(&format!("password = \"only-for-this-run-2026\"\n{accounts}")).expect("accounts");
    let mut tx = db.write().await.expect("write");
    let today = clock.now().jst_date();
    access::founding::make_all(&mut tx, &clock, &mut rng, &organisation, &file, today).await.expect("accounts");
    let mut cookies = Vec::new();
    for n in 0..operators {
        let login = format!("load-{n}");
        let found = access::store::account::secrets_of_login(&mut tx, &login).await.expect("read").expect("account");
        let (token, now) = (format!("token-of-{login}"), clock.now());
        let session = access::store::session::Session {
            id: store::ids::digest(&token),
            account: found.id.clone(),
            state: "full".into(),
            client: "bench".into(),
            started_at: now,
            seen_at: now,
            ends_at: calendar::Instant::from_millis(now.millis() + access::sign_in::LONGEST),
        };
        access::store::session::insert(&mut tx, &session).await.expect("session");
        cookies.push(format!("__Host-madoguchi-staff={token}"));
    }
    tx.commit().await.expect("commit");
    db.close().await;
    cookies
}

fn serve(binary: &Path, folder: &Path) -> Server {
    let config = folder.join("madoguchi.toml");
    let mut command = Command::new(binary);
    let mut child = command.args(["serve", "--config"]).arg(&config).stdout(Stdio::piped()).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
    let mut address = || {
        let line = lines.next().expect("address").expect("address");
        let port = line.trim_end_matches('/').rsplit(':').next().and_then(|p| p.parse().ok()).expect("port");
        SocketAddr::from(([127, 0, 0, 1], port))
    };
    let (public, staff) = (address(), address());
    Server { child, public, staff }
}

fn citizen(server: &Server, n: usize) -> Browser {
    let address = format!("10.{}.{}.{}", n / 65_536, n / 256 % 256, n % 256);
    Browser { server: server.public, address, cookies: String::new() }
}

/// A citizen who began a conversation: the address of its page.
async fn begin(browser: &Browser, n: usize) -> String {
    let mut connection = browser.open().await;
    let page = connection.get("/contacts/new").await.body;
    let submission = hidden(&page, "submission");
    let words = QUESTIONS[n % QUESTIONS.len()];
    let begun = connection.post("/contacts", &[("submission", &submission), ("words", words)]).await;
    assert_eq!(begun.status, 303, "the conversation began");
    begun.location
}

/// A chat with the bot: asks and waits for the reply. The first question comes somewhere within the first round.
async fn with_bot(browser: Browser, base: String, n: usize, end: Instant, figures: Arc<Figures>) {
    let start = Instant::now() + SETTLES;
    come(n).await;
    let mut events = browser.events(&format!("{base}/stream")).await;
    let mut next = start + ASKS.mul_f64((n * 7_919 % 1_000) as f64 / 1_000.0);
    let mut round = 0;
    while next < end {
        // What comes while nobody asks is read, so that no buffer fills.
        let until = tokio::time::Instant::from_std(next);
        while let Ok(Some(_)) = tokio::time::timeout_at(until, events.next()).await {}
        let mut connection = browser.open().await;
        let client = format!("bot-{n:05}-{round:04}");
        connection.post(&format!("{base}/typing"), &[]).await;
        let since = Instant::now();
        let words = QUESTIONS[(n + round) % QUESTIONS.len()];
        connection.post(&format!("{base}/messages"), &[("client_id", &client), ("words", words)]).await;
        figures.sent.fetch_add(1, Ordering::Relaxed);
        while let Some((name, data)) = events.next().await {
            let said: serde_json::Value = serde_json::from_str(&data).expect("JSON");
            // The citizen's own words come back as well, under the name that the page gave them.
            if name == "message" && said["client"].as_str().is_none_or(|c| c != client) {
                break;
            }
        }
        keep(&figures.of_bot, since);
        (next, round) = (next + ASKS, round + 1);
    }
    let until = tokio::time::Instant::from_std(end);
    while let Ok(Some(_)) = tokio::time::timeout_at(until, events.next()).await {}
}

/// What one side of a conversation tells the other beside the server: what it sent, and when.
type Sent = (String, Instant);

/// The citizen's side of a conversation with an operator.
async fn with_person(
    browser: Browser,
    base: String,
    n: usize,
    end: Instant,
    (told, mut telling): (mpsc::UnboundedSender<Sent>, mpsc::UnboundedReceiver<Sent>),
    figures: Arc<Figures>,
) {
    let start = Instant::now() + SETTLES;
    come(n).await;
    let mut events = browser.events(&format!("{base}/stream")).await;
    let mut next = start + SPEAKS.mul_f64((n * 7_919 % 1_000) as f64 / 1_000.0);
    let mut round = 0;
    let mut awaited: Option<Sent> = None;
    let mut connection = browser.open().await;
    while Instant::now() < end {
        tokio::select! {
            () = tokio::time::sleep_until(next.into()) => {
                connection.post(&format!("{base}/typing"), &[]).await;
                let words = format!("質問の続きです {n:05}-{round:04}");
                told.send((words.clone(), Instant::now())).expect("an operator");
                let client = format!("person-{n:05}-{round:04}");
                connection.post(&format!("{base}/messages"), &[("client_id", &client), ("words", &words)]).await;
                figures.sent.fetch_add(1, Ordering::Relaxed);
                (next, round) = (next + SPEAKS, round + 1);
            }
            Some(sent) = telling.recv() => awaited = Some(sent),
            event = events.next() => {
                let Some((name, data)) = event else { return };
                while let Ok(sent) = telling.try_recv() {
                    awaited = Some(sent);
                }
                if name == "message" && awaited.as_ref().is_some_and(|(words, _)| data.contains(words.as_str())) {
                    keep(&figures.to_citizen, awaited.take().expect("awaited").1);
                }
            }
            () = tokio::time::sleep_until(end.into()) => {}
        }
    }
}

/// A page of an operator with one conversation.
async fn page_of_operator(
    browser: Browser,
    number: String,
    contact: String,
    n: usize,
    end: Instant,
    (told, mut telling): (mpsc::UnboundedSender<Sent>, mpsc::UnboundedReceiver<Sent>),
    figures: Arc<Figures>,
) {
    let start = Instant::now() + SETTLES;
    come(n).await;
    let path = format!("/contacts/{number}");
    let mut connection = browser.open().await;
    let csrf = hidden(&connection.get(&path).await.body, "csrf");
    let mut events = browser.events(&format!("/contacts/stream?contact={contact}")).await;
    let mut next = start + SPEAKS.mul_f64((n * 104_729 % 1_000) as f64 / 1_000.0);
    let mut round = 0;
    let mut awaited: Option<Sent> = None;
    let mut seen = String::new();
    while Instant::now() < end {
        tokio::select! {
            () = tokio::time::sleep_until(next.into()) => {
                connection.post(&format!("{path}/typing"), &[("csrf", &csrf)]).await;
                let words = format!("お答えします {n:05}-{round:04}");
                told.send((words.clone(), Instant::now())).expect("a citizen");
                let client = format!("desk-{n:05}-{round:04}");
                let fields = [("csrf", csrf.as_str()), ("client_id", &client), ("words", &words)];
                connection.post(&format!("{path}/reply"), &fields).await;
                figures.sent.fetch_add(1, Ordering::Relaxed);
                (next, round) = (next + SPEAKS, round + 1);
            }
            Some(sent) = telling.recv() => awaited = Some(sent),
            event = events.next() => {
                let Some((name, data)) = event else { return };
                while let Ok(sent) = telling.try_recv() {
                    awaited = Some(sent);
                }
                let heard = Instant::now();
                let state: serde_json::Value = serde_json::from_str(&data).expect("JSON");
                if name == "contact" {
                    // Of somebody who only types, the page shows that and nothing else.
                    let key = format!("{} {}", state["version"], state["read"]);
                    if std::mem::replace(&mut seen, key.clone()) == key {
                        continue;
                    }
                }
                let page = connection.get_parts(&path).await.body;
                figures.pages.fetch_add(1, Ordering::Relaxed);
                if name != "contact" || awaited.as_ref().is_none_or(|(words, _)| !page.contains(words.as_str())) {
                    continue;
                }
                let (_, since) = awaited.take().expect("awaited");
                figures.to_desk.lock().expect("times").push(heard.saturating_duration_since(since));
                keep(&figures.on_page, since);
                connection.get(&format!("{path}/suggestions?q=")).await;
                let last = state["last"].as_i64().unwrap_or_default().to_string();
                connection.post(&format!("{path}/reading"), &[("csrf", &csrf), ("seq", &last)]).await;
            }
            () = tokio::time::sleep_until(end.into()) => {}
        }
    }
}

async fn run(binary: &Path, folder: &Path, load: Load) {
    let cookies = found(binary, folder, load.operators).await;
    let server = serve(binary, folder);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("madoguchi {} · {cores} cores · one run, no averaging", store::migrate::BINARY);
    let before = Usage::of(server.child.id());

    let opening = Instant::now();
    let mut bases: Vec<(usize, String)> = Vec::new();
    for batch in (0..load.chats).collect::<Vec<_>>().chunks(DOORS) {
        let mut doors = JoinSet::new();
        for n in batch.iter().copied() {
            let browser = citizen(&server, n);
            doors.spawn(async move { (n, begin(&browser, n).await) });
        }
        bases.extend(doors.join_all().await);
    }
    println!(
        "{} chats opened, one after the other {DOORS} at a time: {:.1} s",
        load.chats,
        opening.elapsed().as_secs_f64()
    );

    // Some want a person, and each operator takes theirs.
    let persons = (load.operators * HELD).min(load.chats);
    let mut held = Vec::new();
    for (place, (n, base)) in bases.drain(..persons).enumerate() {
        citizen(&server, n).open().await.post(&format!("{base}/hand-over"), &[]).await;
        let cookies = cookies[place % load.operators].clone();
        let browser = Browser { server: server.staff, address: "10.255.0.1".into(), cookies };
        let number = base.split('/').nth(2).expect("number").to_owned();
        let mut connection = browser.open().await;
        let page = connection.get(&format!("/contacts/{number}")).await.body;
        let csrf = hidden(&page, "csrf");
        connection.post(&format!("/contacts/{number}/pick-up"), &[("csrf", &csrf)]).await;
        let id = page.split("data-contact=\"").nth(1).and_then(|r| r.split('"').next()).expect("contact").to_owned();
        held.push((n, base, browser, number, id));
    }

    let figures = Arc::new(Figures::default());
    let (start, mine) = (Usage::of(server.child.id()), Usage::of(std::process::id()));
    let from = Instant::now();
    let end = from + SETTLES + Duration::from_secs(load.seconds);
    let mut people = JoinSet::new();
    for (n, base) in bases {
        people.spawn(with_bot(citizen(&server, n), base, n, end, figures.clone()));
    }
    for (n, base, browser, number, id) in held {
        let (to_desk, from_citizen) = mpsc::unbounded_channel();
        let (to_citizen, from_desk) = mpsc::unbounded_channel();
        people.spawn(with_person(citizen(&server, n), base, n, end, (to_desk, from_desk), figures.clone()));
        let ways = (to_citizen, from_citizen);
        people.spawn(page_of_operator(browser, number, id, n, end, ways, figures.clone()));
    }
    tokio::time::sleep_until((from + SETTLES + Duration::from_secs(load.seconds / 2)).into()).await;
    let middle = Usage::of(server.child.id());
    while let Some(ended) = people.join_next().await {
        ended.expect("nobody was turned away");
    }
    let (stop, mine_after) = (Usage::of(server.child.id()), Usage::of(std::process::id()));
    let seconds = from.elapsed().as_secs_f64();

    println!("{} with the bot, {persons} with {} operators; {seconds:.0} s", load.chats - persons, load.operators);
    let (sent, pages) = (figures.sent.load(Ordering::Relaxed), figures.pages.load(Ordering::Relaxed));
    println!(
        "messages sent: {:.1} a second; operators' pages read anew: {:.1} a second\n",
        sent as f64 / seconds,
        pages as f64 / seconds
    );
    println!("| on the way | messages | median | 90 % | 99 % | longest |\n|---|---|---|---|---|---|");
    for (name, times) in [
        ("citizen → the desk is told", &figures.to_desk),
        ("citizen → on the operator's page", &figures.on_page),
        ("operator → citizen", &figures.to_citizen),
        ("question → the bot's reply", &figures.of_bot),
    ] {
        let mut times = std::mem::take(&mut *times.lock().expect("times"));
        if times.is_empty() {
            println!("| {name} | 0 | | | | |");
            continue;
        }
        let count = times.len();
        let [median, p90, p99, longest] = knowledge::eval::percentiles(&mut times).map(|micros| micros as f64 / 1e3);
        println!("| {name} | {count} | {median:.1} ms | {p90:.1} ms | {p99:.1} ms | {longest:.1} ms |");
    }
    let busy = |from: &Usage, to: &Usage| (to.busy - from.busy) / seconds * 100.0;
    println!("\nserver: {:.0} % of one core, visitors: {:.0} %", busy(&start, &stop), busy(&mine, &mine_after));
    println!("server's memory: {:.0} MB before the first chat, {:.0} MB with all", before.resident, middle.resident);
}

/// What a process has used.
struct Usage {
    /// Seconds of a core.
    busy: f64,
    /// Megabytes.
    resident: f64,
}

impl Usage {
    fn of(process: u32) -> Usage {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).expect("/proc");
        let stat = read("stat");
        // After the name in brackets: state, then ten numbers, then user and system time in ticks of 1/100 s.
        let after = stat.rsplit(')').next().expect("stat");
        let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        let status = read("status");
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("VmRSS");
        let kb: f64 = line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("kB");
        Usage { busy: ticks / 100.0, resident: kb / 1e3 }
    }
}
