//! Processes that are killed in the midst of their work. The child is this same program again, with
//! its orders in environment variables.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use calendar::{Clock, FrozenClock, Instant};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, Registry, Worker};
use store::{Db, Engine, OpenMode, Sql, params};
use testkit::{Randomness, TestDb, on_both_engines};

use crate::jobs::{claim, job, outlast_lease};
use crate::support::{PATIENCE, column, number};

const ORDER: &str = "MADOGUCHI_TEST_CRASH_ORDER";
const ADDRESS: &str = "MADOGUCHI_TEST_CRASH_ADDRESS";
const NAME: &str = "MADOGUCHI_TEST_CRASH_NAME";
const NOW: &str = "MADOGUCHI_TEST_CRASH_NOW";
const HOLD: &str = "MADOGUCHI_TEST_CRASH_HOLD";

/// What a child says that stands in an open transaction and does not go on.
const HOLDING: &str = "holding";

/// Rows of one transaction of a child; fewer are half a transaction.
const ROWS: i64 = 5;

/// Farther than a worker comes before it is killed, but not so far that no jobs are left.
const FAR: usize = 40;

const LOG: &str = "CREATE TABLE log (\n    entry TEXT NOT NULL,\n    part BIGINT NOT NULL\n)";

/// A child, killed at the latest when dropped.
struct Child {
    process: std::process::Child,
    lines: Receiver<String>,
}

impl Child {
    /// Starts a child. With `hold`, it stops within its so manieth transaction.
    fn start(t: &TestDb, order: &str, name: &str, hold: Option<usize>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "crash::child", "--nocapture"]).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command.env(ORDER, order).env(ADDRESS, &t.address).env(NAME, name);
        command.env(NOW, t.clock.now().millis().to_string());
        if let Some(hold) = hold {
            command.env(HOLD, hold.to_string());
        }
        let mut process = command.spawn().expect("a child");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.split(b'\n').map_while(Result::ok) {
                // Its first line shares one with what the test harness says.
                let line = String::from_utf8_lossy(&line);
                let _ = send.send(line.rsplit(" ... ").next().unwrap_or_default().to_owned());
            }
        });
        Child { process, lines }
    }

    /// The next thing it says.
    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the child says something")
    }

    /// Kills it at once and returns what it had said until then.
    fn kill(mut self) -> Vec<String> {
        self.process.kill().expect("SIGKILL");
        let status = self.process.wait().expect("its end");
        assert!(!status.success(), "it was killed and did not end by itself");
        self.lines.iter().collect()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Says something to the parent, at once and whole.
fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{words}\n").as_bytes()).and_then(|()| out.flush()).expect("the parent listens");
}

fn order(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is part of every order"))
}

fn hold() -> Option<usize> {
    std::env::var(HOLD).ok().map(|n| n.parse().expect("a number"))
}

/// No test of its own: what the children of the tests below do.
#[test]
fn child() {
    let Ok(what) = std::env::var(ORDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(async {
        let db = Db::open(&order(ADDRESS), OpenMode::Existing).await.expect("open");
        match what.as_str() {
            "write" => write_for_ever(db).await,
            "work" => work_for_ever(db).await,
            other => panic!("no such order: {other}"),
        }
    });
}

/// Four writers, one transaction after the other; each says what was committed.
async fn write_for_ever(db: Db) {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let db = db.clone();
        writers.spawn(async move {
            for n in 1.. {
                let entry = format!("{} {writer} {n:06}", order(NAME));
                let mut tx = db.write().await.expect("write");
                for part in 0..ROWS {
                    tx.execute("INSERT INTO log (entry, part) VALUES ($1, $2)", params![&entry, part])
                        .await
                        .expect("insert");
                    if writer == 0 && hold() == Some(n) && part == ROWS / 2 {
                        say(HOLDING);
                        std::future::pending::<()>().await;
                    }
                }
                tx.commit().await.expect("commit");
                say(&entry);
            }
        });
    }
    writers.join_next().await.expect("a writer").expect("no panic");
}

/// A worker whose jobs each leave as many rows as a transaction has, and say so before the commit.
async fn work_for_ever(db: Db) {
    let clock = FrozenClock::new(Instant::from_millis(order(NOW).parse().expect("an instant")));
    let worker = worker(db, Arc::new(clock), hold());
    loop {
        worker.step("test").await.expect("step");
    }
}

fn worker(db: Db, clock: Arc<FrozenClock>, hold: Option<usize>) -> Worker {
    let ran = Arc::new(Mutex::new(0));
    let mut registry = Registry::default();
    registry.add("test", "mail", move |context: JobContext| {
        let ran = ran.clone();
        async move {
            let mut tx = context.db.write().await?;
            for part in 0..ROWS {
                tx.execute("INSERT INTO log (entry, part) VALUES ($1, $2)", params![&context.job.id, part]).await?;
            }
            let so_many = {
                let mut ran = ran.lock().expect("no panic");
                *ran += 1;
                *ran
            };
            if std::env::var(ORDER).is_ok() {
                say(&context.job.id);
            }
            if hold == Some(so_many) {
                say(HOLDING);
                std::future::pending::<()>().await;
            }
            Ok(tx)
        }
    });
    Worker { db, clock, entropy: Randomness::new(1).source(), registry }
}

/// Nothing is half there, and the file is sound.
async fn assert_whole(db: &Db) {
    let halves = format!(
        "SELECT count(*) AS n FROM (SELECT entry FROM log GROUP BY entry
         HAVING count(*) <> {ROWS} OR count(DISTINCT part) <> {ROWS}) halves"
    );
    assert_eq!(number(db, Sql::built(halves)).await, 0, "half a transaction, or one stored twice");
    if db.engine() == Engine::Sqlite {
        let sound: Vec<String> = column(db, "PRAGMA integrity_check", "integrity_check").await;
        assert_eq!(sound, ["ok"]);
    }
}

on_both_engines! {
    async fn what_was_acknowledged_survives_and_nothing_is_half_there(t: TestDb) {
        t.create(LOG).await;
        // The next to open the file must find it as the dead left it.
        t.db.close().await;
        let mut acknowledged = BTreeSet::new();
        for (round, hold) in [Some(1), None, Some(8), None, None].into_iter().enumerate() {
            let child = Child::start(&t, "write", &format!("round {round}"), hold);
            let mut said = 0;
            loop {
                let line = child.line();
                if line == HOLDING {
                    break;
                }
                if line.starts_with("round") {
                    acknowledged.insert(line);
                    said += 1;
                    // At any point of the next ones.
                    if hold.is_none() && said == 5 + round * 10 {
                        break;
                    }
                }
            }
            acknowledged.extend(child.kill().into_iter().filter(|line| line.starts_with("round")));

            let db = t.again().await;
            assert_whole(&db).await;
            let there: BTreeSet<String> = column(&db, "SELECT DISTINCT entry FROM log", "entry").await.into_iter().collect();
            let lost: Vec<_> = acknowledged.difference(&there).collect();
            assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
            // Each of the four writers may have committed one more and had no time to say so.
            let silent = there.difference(&acknowledged).count();
            assert!(silent <= 4 * (round + 1), "{silent} that nobody acknowledged");
            db.close().await;
        }
        assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    }

    async fn each_job_has_its_effect_once_after_workers_were_killed(t: TestDb) {
        const JOBS: usize = 400;
        t.create(LOG).await;
        let mut tx = t.db.write().await.expect("write");
        let mut rng = t.rng();
        for _ in 0..JOBS {
            let job = NewJob { max_attempts: 100, ..job(&t, "mail") };
            jobs::enqueue(&mut tx, &t.clock, &mut rng, job).await.expect("enqueue");
        }
        tx.commit().await.expect("commit");

        for (round, hold) in [1, 5, FAR, 11, FAR].into_iter().enumerate() {
            // On PostgreSQL two workers at once; an SQLite file belongs to one process.
            let second = (t.engine() == Engine::Postgres).then(|| Child::start(&t, "work", "second", Some(20)));
            let first = Child::start(&t, "work", "first", Some(hold));
            let mut said = 0;
            while said < 10 + round {
                let line = first.line();
                if line == HOLDING {
                    break;
                }
                said += usize::from(line.len() == 36);
            }
            first.kill();
            drop(second);

            assert_whole(&t.db).await;
            let sql = "SELECT count(*) AS n FROM job WHERE
                       (state = 'done') <> EXISTS (SELECT 1 FROM log WHERE log.entry = job.id)";
            assert_eq!(number(&t.db, sql).await, 0, "an effect without end, or an end without effect");
            outlast_lease(&t);
        }
        let left = number(&t.db, "SELECT count(*) AS n FROM job WHERE state <> 'done'").await;
        assert!(left > 0, "the children were not to do everything");
        assert!(number(&t.db, "SELECT max(fence) AS n FROM job").await > 1, "no job was taken over");

        worker(t.again().await, t.clock.clone(), None).drain().await.expect("drain");
        assert_whole(&t.db).await;
        assert_eq!(number(&t.db, "SELECT count(*) AS n FROM job WHERE state = 'done'").await, JOBS as i64);
        assert_eq!(number(&t.db, "SELECT count(DISTINCT entry) AS n FROM log").await, JOBS as i64);
        assert_eq!(claim(&t, 10).await, []);
    }
}
