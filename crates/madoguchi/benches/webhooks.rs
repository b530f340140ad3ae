//! Events of LINE on one machine: how long the webhook takes to answer, while the program carries the events out.
//! Prints, and asserts nothing but that every event is stored.
//!
//! `cargo bench -p madoguchi --bench webhooks -- [events a second] [seconds] [users]` (1000, 20, 500). LINE's side (the
//! simulator, which gets the answers) and the sender share the machine with the program. `MADOGUCHI_BINARY` names
//! another program than the one that was built with this.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calendar::{Clock, SystemClock};
use line::simulator::{Config, Simulator};
use line_account::inbox::{self, Counts};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use store::{Db, HouseKey, OpenMode, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Connections that LINE is thought to have open.
const CONNECTIONS: usize = 32;
const SECRET: &str = "simulated-secret";
const QUESTIONS: [&str; 4] = ["粗大ごみの出し方", "住民票の写しがほしい", "ありがとう", "転入届の持ち物"];

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().expect("stopped");
        self.0.wait().expect("ended");
    }
}

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |place: usize, otherwise: u64| numbers.get(place).copied().unwrap_or(otherwise);
    let (rate, seconds, users) = (number(0, 1_000), number(1, 20), number(2, 500));
    let binary = std::env::var_os("MADOGUCHI_BINARY");
    let binary = binary.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_madoguchi")), PathBuf::from);
    let folder = std::env::temp_dir().join(format!("madoguchi-webhooks-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    runtime.block_on(run(&binary, &folder, rate, seconds, users));
    std::fs::remove_dir_all(&folder).expect("cleaned");
}

async fn run(binary: &Path, folder: &Path, rate: u64, seconds: u64, users: u64) {
    let config = Config::new(Arc::new(SystemClock), Box::new(ChaCha8Rng::seed_from_u64(7)));
    let sim = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.expect("simulator");
    let friends = sim.add_friends(usize::try_from(users).expect("users"));
    found(binary, folder, &sim.base());
    let (server, public) = serve(binary, folder);
    let db = open(folder).await;

    let times = Arc::new(Mutex::new(Vec::new()));
    let started = Instant::now();
    let total = rate * seconds;
    let mut senders = JoinSet::new();
    for connection in 0..CONNECTIONS as u64 {
        let (times, friends) = (times.clone(), friends.clone());
        senders.spawn(async move {
            let mut stream = TcpStream::connect(public).await.expect("connected");
            let secret = Secret::new(SECRET.to_owned());
            for n in (connection..total).step_by(CONNECTIONS) {
                let due = started + Duration::from_secs_f64(n as f64 / rate as f64);
                tokio::time::sleep_until(due.into()).await;
                let body = event(n, &friends[n as usize % friends.len()]);
                let signature = line::signature::sign(&secret, &body);
                let asked = Instant::now();
                assert_eq!(post(&mut stream, &body, &signature).await, 200, "event {n}");
                times.lock().expect("times").push(asked.elapsed());
            }
        });
    }
    while let Some(done) = senders.join_next().await {
        done.expect("sent");
    }
    let took = started.elapsed();
    let counts = counted(&db).await;
    let (stored, done) = (counts.done + counts.waiting + counts.passed + counts.dead, counts.done);
    assert_eq!(stored, i64::try_from(total).expect("a number"), "every event is stored");
    let mut times = times.lock().expect("times").clone();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    println!(
        "{total} events in {:.1} s ({:.0}/s): answered after {:.1} ms (median), {:.1} ms (99 %), {:.1} ms (most)",
        took.as_secs_f64(),
        total as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!("carried out meanwhile: {done} of {stored} ({:.0}/s)", done as f64 / took.as_secs_f64());
    let waits = Instant::now();
    while waits.elapsed() < Duration::from_secs(120) && counted(&db).await.waiting > 0 {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let left = counted(&db).await.waiting;
    println!("after {:.0} s more: {left} wait", waits.elapsed().as_secs_f64());
    println!("the program: {}", used(server.0.id()));
    db.close().await;
}

/// An event of the time being.
fn event(n: u64, user: &str) -> Vec<u8> {
    let event = serde_json::json!({
        "type": "message", "mode": "active", "timestamp": SystemClock.now().millis(),
        "webhookEventId": format!("01HBENCH{n:018}"), "deliveryContext": {"isRedelivery": false},
        "replyToken": format!("{n:032x}"), "source": {"type": "user", "userId": user},
        "message": {"type": "text", "id": format!("{:018}", 500_000_000_000_000_000 + n), "quoteToken": "q", "text": QUESTIONS[n as usize % 4]},
    });
    serde_json::json!({"destination": "U00000000000000000000000000000000", "events": [event]}).to_string().into_bytes()
}

/// Posts on a connection that stays open. Gives the status.
async fn post(stream: &mut TcpStream, body: &[u8], signature: &str) -> u16 {
    let head = format!(
        "POST /line/webhook HTTP/1.1\r\nhost: localhost\r\nx-line-signature: {signature}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    stream.write_all(&request).await.expect("sent");
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    // The answer has no body, and ends with an empty line.
    while !answer.windows(4).any(|w| w == b"\r\n\r\n") {
        let read = stream.read(&mut part).await.expect("read");
        assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
    }
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

fn found(binary: &Path, folder: &Path, api: &str) {
    let made = Command::new(binary).arg("demo").arg(folder).stdout(Stdio::null()).status().expect("demo");
    assert!(made.success(), "the demo city could not be made");
    let config = folder.join("madoguchi.toml");
    let text = std::fs::read_to_string(&config).expect("configuration");
    std::fs::write(folder.join("line.secret"), SECRET).expect("secret");
    let line = format!(
        "\n[city.line]\nchannel_id = \"1000000001\"\nchannel_secret_file = \"line.secret\"\n\
         pages = \"http://localhost:8080\"\napi = \"{api}\"\n"
    );
    let listen = |face| format!("[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = [\"{face}\"]\n");
    let head = "log = \"error\"\n";
    std::fs::write(&config, format!("{head}{text}{line}\n{}{}", listen("public"), listen("staff"))).expect("written");
}

fn serve(binary: &Path, folder: &Path) -> (Server, SocketAddr) {
    let config = folder.join("madoguchi.toml");
    let mut command = Command::new(binary);
    let mut child = command.args(["serve", "--config"]).arg(&config).stdout(Stdio::piped()).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
    let line = lines.next().expect("address").expect("address");
    let port = line.trim_end_matches('/').rsplit(':').next().and_then(|p| p.parse().ok()).expect("port");
    (Server(child), SocketAddr::from(([127, 0, 0, 1], port)))
}

async fn open(folder: &Path) -> Db {
    let key = std::fs::read_to_string(folder.join("minamo.key")).expect("key");
    let address = format!("sqlite:{}", folder.join("minamo.db").display());
    let db = Db::open(&address, OpenMode::Existing).await.expect("database");
    db.with_key(HouseKey::parse(&key).expect("key"))
}

async fn counted(db: &Db) -> Counts {
    let mut tx = db.read().await.expect("read");
    inbox::counts(&mut tx, calendar::Instant::from_millis(0)).await.expect("counted")
}

/// Seconds of the processor and memory of a process.
fn used(pid: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let memory = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("?").trim().to_owned();
    format!("{:.1} s of the processor, at most {memory}", (ticks(11) + ticks(12)) / 100.0)
}
