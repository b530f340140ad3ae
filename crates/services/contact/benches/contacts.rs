//! Prints how long reports over a million contacts take on SQLite, and how long messages wait meanwhile:
//! `cargo bench -p contact --bench contacts [-- CONTACTS]`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Stopwatch};

use calendar::{Date, Instant};
use city::{Organisation, Profile};
use contact::Channel;
use contact::figures::report::{By, Wanted, report};
use contact::figures::{Fact, live, replace, roll_up};
use rand::Rng;
use store::{Db, params};
use testkit::TestDb;

const TOPICS: [Option<&str>; 8] = [
    Some("moving"),
    Some("registry"),
    Some("waste"),
    Some("tax"),
    Some("pension"),
    Some("health"),
    Some("child"),
    None,
];
const SECTIONS: [&str; 12] =
    ["kocho", "shimin", "kokuho", "kankyo", "shiminzei", "nozei", "hoiku", "korei", "kaigo", "kenko", "doro", "jutaku"];
const DAYS: u64 = 365;

fn fact(n: u64, of: u64, rng: &mut dyn Rng, first: Date) -> Fact {
    let mut below = |n: u64| i64::try_from(rng.next_u64() % n).unwrap_or(0);
    let opened = Instant::start_of(first).millis() + i64::try_from(n * DAYS / of).unwrap_or(0) * 86_400_000;
    let opened_at = Instant::from_millis(opened + below(86_400_000));
    let channel = Channel::ALL[usize::try_from(below(7)).unwrap_or(0)];
    let queued = below(10) < 6;
    let answered = queued && below(10) < 9;
    let wait = below(2_000_000);
    let resolved_at = answered.then(|| Instant::from_millis(opened_at.millis() + wait + 600_000));
    Fact {
        contact: format!("0190{n:028}"),
        seq: 9,
        opened_at,
        day: opened_at.jst_date(),
        half_hour: below(48),
        channel,
        lang: "ja".into(),
        first_section: "kocho".into(),
        section: SECTIONS[usize::try_from(below(12)).unwrap_or(0)].into(),
        topic: TOPICS[usize::try_from(below(8)).unwrap_or(0)].map(str::to_owned),
        merged: false,
        bot_spoke: !queued,
        bot_answered: !queued,
        bot_alone: !queued,
        asked_back: below(4) == 0,
        refused: below(9) == 0,
        handed_over: queued,
        queued,
        answered,
        abandoned: queued && !answered,
        queued_at: queued.then_some(opened_at),
        picked_up_at: answered.then_some(opened_at),
        wait_ms: queued.then_some(wait),
        wait_open_ms: queued.then_some(wait),
        first_reply_ms: answered.then_some(wait + 60_000),
        handled: answered,
        finished: answered,
        talk_ms: below(900_000),
        hold_ms: below(90_000),
        wrap_up_ms: below(90_000),
        ended: answered,
        resolved_at,
        resolved_day: resolved_at.map(Instant::jst_date),
        resolution_ms: answered.then_some(wait + 600_000),
        wrap_up: answered.then(|| "answered".to_owned()),
        returned_ms: (answered && below(10) == 0).then_some(86_400_000),
        transfers_offered: 0,
        transfers: below(20) / 18,
        transfers_declined: 0,
        side_questions: 0,
        explained_again: below(30) / 29,
        call_backs_asked: 0,
        call_backs_kept: 0,
        call_backs_in_time: 0,
        call_backs_given_up: 0,
        rating: (below(5) == 0).then(|| below(5) + 1),
        incidents: 0,
        incident_ms: 0,
        wrong_answers: 0,
    }
}

async fn city(test: &TestDb) -> Organisation {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");
    let read = |name: &str| std::fs::read_to_string(format!("{demo}/{name}")).expect("demo file");
    let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", Date::constant(2025, 4, 1));
    let mut tx = test.db.write().await.expect("write");
    let sections = sections.expect("sections");
    city::store::insert_sections(&mut tx, test.clock.as_ref(), &mut test.rng(), &sections).await.expect("sections");
    let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
    city::store::save_profile(&mut tx, &profile).await.expect("profile");
    tx.commit().await.expect("commit");
    Organisation::load(&test.db).await.expect("city")
}

/// One small transaction as a message of a citizen makes.
async fn message(db: &Db, n: usize) -> Duration {
    let watch = Stopwatch::now();
    let mut tx = db.write().await.expect("write");
    let columns = ["id", "contact", "seq", "at", "kind", "actor", "channel", "section"];
    let id = format!("message-{n}");
    let row = params![&id, &id, 1_i64, 0_i64, "citizen_wrote", "citizen", "web", "kocho"];
    tx.insert_many("contact_event", &columns, [row]).await.expect("event");
    store::changes::bump(&mut tx, contact::CHANGE_TOPIC).await.expect("change");
    tx.commit().await.expect("commit");
    watch.elapsed()
}

/// So many messages, one every 5 milliseconds, from number `from` on; how long each took.
async fn messages(db: &Db, from: usize, count: usize) -> Vec<Duration> {
    let mut took = Vec::with_capacity(count);
    for n in from..from + count {
        took.push(message(db, n).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    took.sort_unstable();
    took
}

fn told(name: &str, took: &[Duration]) {
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1_000.0;
    println!("{name}: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms ({} messages)", at(50), at(99), at(100), took.len());
}

#[tokio::main]
async fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let test = TestDb::sqlite().await;
    let organisation = city(&test).await;
    let first = Date::constant(2025, 11, 24);
    let mut rng = test.rng();
    let watch = Stopwatch::now();
    for from in (0..count).step_by(20_000) {
        let mut tx = test.db.write().await.expect("write");
        let to = (from + 20_000).min(count);
        for part in (from..to).step_by(500) {
            let facts: Vec<Fact> = (part..(part + 500).min(to)).map(|n| fact(n, count, &mut rng, first)).collect();
            replace(&mut tx, &facts).await.expect("facts");
        }
        tx.commit().await.expect("commit");
    }
    println!("{count} facts written in {:.1} s", watch.elapsed().as_secs_f64());
    let watch = Stopwatch::now();
    let days = roll_up(&test.db, usize::MAX).await.expect("sums");
    println!("{days} days added up in {:.1} s", watch.elapsed().as_secs_f64());
    let to = Date::constant(2026, 12, 31);
    let wanted = Wanted { from: first, to, sections: None, topic: None, channel: None };
    for by in By::ALL {
        let watch = Stopwatch::now();
        let mut tx = test.db.read().await.expect("read");
        let made = report(&mut tx, &organisation, to, *by, &wanted).await.expect("report");
        println!(
            "report {}: {:.2} s, {} lines, {} contacts",
            by.code(),
            watch.elapsed().as_secs_f64(),
            made.lines.len(),
            made.total.contacts
        );
    }
    let watch = Stopwatch::now();
    let mut tx = test.db.read().await.expect("read");
    let now = Instant::from_millis(Instant::start_of(Date::constant(2026, 11, 20)).millis() + 36_000_000);
    live::board(&mut tx, &organisation, now, &live::Whose::default()).await.expect("board");
    println!("live board: {:.3} s", watch.elapsed().as_secs_f64());
    drop(tx);
    told("messages alone", &messages(&test.db, 0, 600).await);
    let (db, wanted) = (test.db.clone(), wanted.clone());
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let reports = tokio::spawn(async move {
        let mut made = 0;
        while !stopped.load(Ordering::Relaxed) {
            let mut tx = db.read().await.expect("read");
            report(&mut tx, &organisation, to, By::ALL[made % By::ALL.len()], &wanted).await.expect("report");
            made += 1;
        }
        made
    });
    told("messages while reports run", &messages(&test.db, 10_000, 1_000).await);
    stop.store(true, Ordering::Relaxed);
    println!("{} reports meanwhile", reports.await.expect("reports"));
    test.close().await;
}
