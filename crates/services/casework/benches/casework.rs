//! How long a desk takes to open, to list its cases and to show one, at the cost of the house.
//!
//! `cargo bench -p casework -- 5000` prints the figures on SQLite, with outer keys in a folder.

use std::time::{Duration, Instant as Stopwatch};

use calendar::BusinessCalendar;
use casework::case::{self, BULLYING, NewCase, Why};
use casework::entry::{By, Channel, Speaker, What, Wishes};
use casework::member::{self, DeskRole};
use casework::outer::Folder;
use casework::{House, readers, report};
use testkit::TestDb;

const PASSPHRASE: &str = "やさしい 風が 庭を 通る";
const WORDS: &str = "休み時間に、いつも同じ三人からたたかれます。先生に言ったら、もっとひどくなりました。";

fn highest() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1_024
}

fn new(by: By) -> NewCase<'static> {
    NewCase {
        desk: BULLYING,
        channel: Channel::Web,
        speaker: Speaker::Child,
        school: "東小学校",
        words: WORDS,
        wishes: Wishes { wanted: "話を聞いてほしい".into(), ..Wishes::default() },
        signs: Vec::new(),
        by,
    }
}

#[tokio::main]
async fn main() {
    let count: usize = std::env::args().filter_map(|n| n.parse().ok()).next().unwrap_or(5_000);
    let test = TestDb::sqlite().await;
    let folder = tempfile::tempdir().expect("a folder");
    let outer = Folder::open(folder.path()).expect("opened");
    let calendar = BusinessCalendar::default();
    let kinds = casework::Kinds::default();
    let house = House {
        db: &test.db,
        clock: test.clock.as_ref(),
        outer: &outer,
        cost: vault::Cost::house(),
        calendar: &calendar,
        sections: &|_| Vec::new(),
        kept: Duration::from_secs(86_400),
        kinds: &kinds,
    };
    let entropy = test.entropy_source();
    for account in ["c1", "c2", "c3"] {
        member::join(house, "account:admin", BULLYING, account, DeskRole::Consultant, "異動のため")
            .await
            .expect("joined");
        member::make_key(house, entropy(), account, account, PASSPHRASE).await.expect("a key");
    }
    let watch = Stopwatch::now();
    let mut last = String::new();
    for _ in 0..count {
        (last, _) = case::open(house, entropy().as_mut(), new(By::Account("c1".into()))).await.expect("opened");
    }
    println!("{count} cases for 3 readers written in {:.1} s", watch.elapsed().as_secs_f64());
    let watch = Stopwatch::now();
    let cookie = member::unlock(house, entropy().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
    println!("unlock: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
    let desk = member::unlocked(house, "c1", &cookie).await.expect("open");
    for _ in 0..3 {
        let watch = Stopwatch::now();
        let listed = case::list(house, &desk, BULLYING).await.expect("listed");
        assert!(listed.len() == count && listed.iter().all(|one| one.summary.is_some()));
        println!("list of {count} cases: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
    }
    for _ in 0..2 {
        let watch = Stopwatch::now();
        let files = readers::files(house, &desk, BULLYING).await.expect("read");
        assert_eq!(files.len(), count);
        println!("the files of {count} cases: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
        let watch = Stopwatch::now();
        let views = case::gather(house, &desk, BULLYING, Why::Effect).await.expect("gathered");
        assert_eq!(views.len(), count);
        println!("the same, each with its audit event: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
    }
    let watch = Stopwatch::now();
    for _ in 0..200 {
        case::view(house, &desk, &last).await.expect("viewed");
    }
    println!("a view of one case, with its audit event: {:.1} ms", watch.elapsed().as_secs_f64() * 5.0);
    let watch = Stopwatch::now();
    let (receipt, _) = report::begin(house, entropy(), new(By::Reporter)).await.expect("begun");
    println!("a report with its receipt: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
    let watch = Stopwatch::now();
    let reporter = report::unlock(house, receipt).await.expect("opened");
    println!("coming back with it: {:.0} ms", watch.elapsed().as_secs_f64() * 1_000.0);
    let said = What::Said { words: WORDS.into() };
    report::say(house, entropy().as_mut(), &reporter, said).await.expect("said");
    println!("memory: at most {} MiB, of which one derivation is 128", highest());
    test.close().await;
}
