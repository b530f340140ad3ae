//! Prints how many recipients a second a multicast reaches through real HTTP on this machine, without rates, and how
//! many signatures a second are checked: `cargo bench -p line --bench line [-- RECIPIENTS]`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use calendar::{FrozenClock, Instant};
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::message::Message;
use line::signature;
use line::simulator::{Config, Simulator};
use store::Secret;
use testkit::Randomness;
use tokio::task::JoinSet;

const AT_ONCE: usize = 8;

/// Resident memory of this process in MiB, where Linux tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

fn each_second(count: usize, begun: Stopwatch) -> u64 {
    (count as f64 / begun.elapsed().as_secs_f64()) as u64
}

async fn multicast(recipients: usize) {
    let clock = Arc::new(FrozenClock::new(Instant::from_millis(1_800_000_000_000)));
    let mut config = Config::new(clock.clone(), Box::new(Randomness::new(1).rng()));
    config.long_lived_token = Some(Secret::new("token".into()));
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulator = Simulator::start(listen, config).await.expect("simulator");
    let settings = Settings::at(&simulator.base(), Credentials::Fixed(Secret::new("token".into())));
    let client = Arc::new(Client::new(settings, Limiter::off(), clock).expect("client"));
    let before = memory();
    let users = simulator.add_friends(recipients);
    let messages: Arc<[Message]> = Arc::new([Message::text("明日の収集は、大雨のため行いません。".repeat(10))]);
    let begun = Stopwatch::now();
    let mut running = JoinSet::new();
    for (n, piece) in (0u128..).zip(users.chunks(500)) {
        if running.len() >= AT_ONCE {
            running.join_next().await.expect("running").expect("no panic");
        }
        let (client, messages, piece) = (client.clone(), messages.clone(), piece.to_vec());
        running.spawn(async move {
            let key = uuid::Builder::from_random_bytes(n.to_be_bytes()).into_uuid();
            client.multicast(&piece, &messages, None, key).await.expect("accepted");
        });
    }
    while running.join_next().await.is_some() {}
    let rate = each_second(recipients, begun);
    assert!(simulator.counts().iter().all(|(_, count)| *count == 1));
    println!("multicast: {rate} recipients/s ({recipients} recipients, {AT_ONCE} calls at once, client and simulator)");
    if let (Some(before), Some(after)) = (before, memory()) {
        println!(
            "memory: {} MiB more for {recipients} users and their receipts, ids as text included",
            after.saturating_sub(before)
        );
    }
    let begun = Stopwatch::now();
    let pushes = recipients.min(20_000);
    let mut running = JoinSet::new();
    for (n, user) in (0u128..).zip(&users[..pushes]) {
        if running.len() >= AT_ONCE {
            running.join_next().await.expect("running").expect("no panic");
        }
        let (client, messages, user) = (client.clone(), messages.clone(), user.clone());
        running.spawn(async move {
            let key = uuid::Builder::from_random_bytes((n | 1 << 100).to_be_bytes()).into_uuid();
            client.push(&user, &messages, None, key).await.expect("accepted");
        });
    }
    while running.join_next().await.is_some() {}
    println!("push: {} messages/s ({pushes} pushes)", each_second(pushes, begun));
}

fn signatures() {
    let secret = Secret::new("0123456789abcdef0123456789abcdef".to_owned());
    for bytes in [600, 20_000] {
        let body = vec![b'x'; bytes];
        let signature = signature::sign(&secret, &body);
        let (count, begun) = (200_000_000 / (bytes + 400), Stopwatch::now());
        let good = (0..count).filter(|_| signature::verify(&secret, std::hint::black_box(&body), &signature)).count();
        assert_eq!(good, count);
        println!("signatures: {} checks/s of {bytes} bytes", each_second(count, begun));
    }
}

fn main() {
    let recipients = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(400_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    runtime.block_on(multicast(recipients));
    signatures();
}
