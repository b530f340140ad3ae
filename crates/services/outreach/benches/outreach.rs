//! Planning and dispatch of many recipients, over a channel that takes everything at once.
//!
//! `cargo bench -p outreach -- 400000` prints how long each part takes on SQLite, and the memory of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant as Stopwatch};

use calendar::Clock;
use city::Lang;
use outreach::sending::{self, Draft, State, Texts};
use outreach::{Address, Channel, Outcome, Outgoing, Pace, Pending, Quota, Transport};
use outreach::{approval, control, dispatch, ledger, planning, recipient};
use store::params;
use store::worker::{Registry, Worker};
use testkit::TestDb;

/// Takes everything, and notes when the first call came.
#[derive(Default)]
struct Takes {
    began: Mutex<Option<Stopwatch>>,
    first: OnceLock<Duration>,
    calls: AtomicUsize,
    recipients: AtomicUsize,
}

impl Transport for Takes {
    fn channel(&self) -> Channel {
        Channel::Line
    }

    fn send<'a>(&'a self, batch: &'a Outgoing) -> Pending<'a, Outcome> {
        if let Some(began) = *self.began.lock().expect("not poisoned") {
            self.first.get_or_init(|| began.elapsed());
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.recipients.fetch_add(batch.to.len(), Ordering::Relaxed);
        Box::pin(async { Outcome::Accepted { request_id: Some("request".into()) } })
    }
}

/// A figure of the process's memory in MiB: `VmRSS` now, `VmHWM` at most.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1_024
}

async fn followers(test: &TestDb, count: usize) {
    let now = test.clock.now();
    for from in (0..count).step_by(20_000) {
        let part = from..(from + 20_000).min(count);
        let mut tx = test.db.write().await.expect("write");
        let lang = |n| if n % 10 == 0 { Lang::En } else { Lang::Ja };
        let found = part.map(|n| (Address::new(format!("U{n:032x}")), lang(n)));
        let clock = test.clock.as_ref();
        let mut rng = test.rng();
        let ids =
            recipient::import(&mut tx, clock, &mut rng, "account:a", Channel::Line, found).await.expect("imported");
        let rows = ids.iter().map(|id| params![id, "waste", now]);
        tx.insert_many("outreach_subscription", &["recipient", "topic", "since"], rows).await.expect("subscriptions");
        let columns = ["recipient", "quiet_from", "quiet_until", "declines_urgent", "updated_at"];
        let rows = ids.iter().enumerate().map(|(n, id)| {
            let from = if n % 7 == 0 { 1_320_i64 } else { 1_260 };
            params![id, from, 420_i64, false, now]
        });
        tx.insert_many("outreach_preference", &columns, rows).await.expect("preferences");
        tx.commit().await.expect("commit");
    }
}

async fn prepare(test: &TestDb, takes: &Takes, count: usize) -> String {
    let (db, clock, mut rng) = (&test.db, test.clock.as_ref(), test.rng());
    let draft = Draft {
        channel: Channel::Line,
        title: "年末年始のごみ".into(),
        texts: Texts {
            ja: "12月31日は休みます。".into(),
            easy: None,
            en: Some("No collection on 31 December.".into()),
        },
        topic: "waste".into(),
        districts: vec![],
        section: "kankyo".into(),
        urgent: None,
        starts_at: None,
    };
    let id = sending::draft(db, clock, &mut rng, "author", &draft).await.expect("drafted").id;
    let pace = Pace { per_batch: 500, per_second: 200 };
    let watch = Stopwatch::now();
    let plan = planning::plan(db, clock, &mut rng, "author", &id, pace, Quota::default()).await.expect("planned");
    let took = watch.elapsed().as_secs_f64();
    println!(
        "planning: {} recipients in {} batches, {took:.2} s, {:.0} recipients/s",
        plan.recipients,
        plan.batches,
        count as f64 / took
    );
    let mut tx = db.write().await.expect("write");
    let address = Address::new("U-staff");
    let tester = recipient::learn(&mut tx, clock, &mut rng, Channel::Line, &address, Lang::Ja).await.expect("learnt");
    recipient::set_staff_test(&mut tx, clock, "account:a", &tester.id, true).await.expect("set");
    tx.commit().await.expect("commit");
    approval::test(db, clock, &mut rng, takes, "author", &id).await.expect("tried out");
    let mut tx = db.read().await.expect("read");
    let seen = sending::get(&mut tx, &id).await.expect("read").expect("there");
    drop(tx);
    approval::approve(db, clock, &mut rng, "approver", &seen).await.expect("approved");
    id
}

#[tokio::main]
async fn main() {
    let count: usize = std::env::args().filter_map(|n| n.parse().ok()).next().unwrap_or(400_000);
    let test = TestDb::sqlite().await;
    let watch = Stopwatch::now();
    followers(&test, count).await;
    println!("{count} recipients written in {:.1} s", watch.elapsed().as_secs_f64());
    // The highest mark of memory begins anew here, where the system allows it.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = memory("VmRSS");
    let takes = Arc::new(Takes::default());
    let id = prepare(&test, &takes, count).await;
    println!("memory while planning: {} MiB before, {} MiB at most", before, memory("VmHWM"));
    takes.calls.store(0, Ordering::Relaxed);
    takes.recipients.store(0, Ordering::Relaxed);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut registry = Registry::default();
    dispatch::register(&mut registry, takes.clone());
    let worker = Worker { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy_source(), registry };
    let work = tokio::spawn(worker.run(stopped));
    let watch = Stopwatch::now();
    *takes.began.lock().expect("not poisoned") = Some(watch);
    let (db, clock) = (&test.db, test.clock.as_ref());
    control::start(db, clock, &mut test.rng(), "approver", &id, Quota::default()).await.expect("started");
    println!("start: {:.2} s until all jobs are written", watch.elapsed().as_secs_f64());
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut tx = db.read().await.expect("read");
        let now = sending::get(&mut tx, &id).await.expect("read").expect("there");
        if now.state != State::Running {
            assert_eq!(now.state, State::Done);
            break;
        }
    }
    let took = watch.elapsed().as_secs_f64();
    let first = takes.first.get().map_or(0.0, Duration::as_secs_f64);
    println!(
        "dispatch: {} recipients in {} calls, {took:.2} s, first call after {first:.2} s, from there on {:.0} recipients/s",
        takes.recipients.load(Ordering::Relaxed),
        takes.calls.load(Ordering::Relaxed),
        count as f64 / (took - first),
    );
    let highest = if reset { "since the recipients were written" } else { "of the whole run" };
    println!("memory: {} MiB at most, {highest}", memory("VmHWM"));
    stop.send(true).expect("the worker listens");
    work.await.expect("worker");
    let watch = Stopwatch::now();
    let mut tx = db.read().await.expect("read");
    let figures = ledger::figures(&mut tx, &id).await.expect("figures");
    drop(tx);
    println!("figures: {:.2} s, {} accepted of {}", watch.elapsed().as_secs_f64(), figures.accepted, figures.all());
    test.close().await;
}
