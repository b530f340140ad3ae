//! Processes that end as if the power went: what was begun is all there or not at all, and what was
//! promised is done once.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use store::{Db, params};
use testkit::{TestDb, on_both_engines};

use crate::server::form;
use crate::support::table::{lines, row};
use crate::support::{City, Said, Server, dictionary, tell, until};

/// Rows of each import that is killed.
const ROWS: usize = 1_500;

async fn count(db: &Db, sql: &'static str) -> i64 {
    let mut tx = db.read().await.expect("read");
    let row = tx.row(sql, params![]).await.expect("counted").expect("a row");
    row.get("n").expect("a number")
}

async fn articles(db: &Db) -> (i64, i64) {
    (count(db, "SELECT count(*) AS n FROM article").await, count(db, "SELECT count(*) AS n FROM article_text").await)
}

on_both_engines! {
    empty;

    async fn an_import_that_is_killed_is_all_there_or_not_at_all(t: TestDb) {
        let city = City::demo_in(&t.address);
        let import = |round: usize| {
            // Half of it changes what is there, half is new.
            let file = format!("{round}.csv");
            city.write(&file, lines((0..ROWS).map(|n| match n % 2 {
                0 => row(&format!("round-{round}-{n}")),
                _ => row(&format!("every-{n}")).replace("の要約", &format!("の要約{round}")),
            })));
            let mut command = city.command(["import", "faq", &file]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        // How long one takes that is left alone.
        let started = Instant::now();
        assert!(import(0).status().expect("ended").success());
        let whole = started.elapsed();
        let (mut killed, mut finished) = (0, 0);
        for round in 1..=8u32 {
            let before = articles(&t.db).await;
            let new = (ROWS / 2) as i64;
            let after = (before.0 + new, before.1 + new);
            let mut child = import(round as usize).spawn().expect("the binary starts");
            std::thread::sleep(whole * round / 9);
            child.kill().expect("killed");
            let alive = child.wait().expect("ended").success();
            // PostgreSQL may still be about to notice; SQLite rolls back for the next who comes.
            let (found, _) = until("the import is over", Duration::from_secs(30), || {
                let found = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(articles(&t.db)));
                (found == before || found == after).then_some(found)
            });
            assert!(!alive || found == after, "an import that ended well is there");
            if found == before { killed += 1 } else { finished += 1 }
            // Repeated, it is there exactly once.
            let said = city.run(["--json", "import", "faq", &format!("{round}.csv")]).json();
            let result = |key: &str| said["result"][key].as_i64().expect("a number");
            let expected = if found == before { (new, new, 0) } else { (0, 0, 2 * new) };
            assert_eq!((result("added"), result("changed"), result("unchanged")), expected, "round {round}");
            assert_eq!(articles(&t.db).await, after, "round {round}");
        }
        assert!(killed > 0, "no import was killed before its end: it took {whole:?}");
        tell(&format!("{}: of 8 killed imports {killed} left nothing and {finished} had ended", t.engine()));
        // Every article has its texts, and its version counts the rounds.
        assert_eq!(count(&t.db, "SELECT count(*) AS n FROM article a WHERE NOT EXISTS (SELECT 1 FROM article_text x WHERE x.article = a.id)").await, 0);
        assert_eq!(count(&t.db, "SELECT count(*) AS n FROM article WHERE substr(code, 1, 6) = 'every-' AND version <> 9").await, 0);
        assert!(city.run(["export", "faq", "all.csv"]).done().contains("articles"));
        t.close().await;
    }

    async fn a_demo_that_is_killed_can_be_made_again(t: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("city");
        let command = || {
            let mut command = crate::support::madoguchi();
            command.arg("demo").arg(&place).args(["--database", &t.address]).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        for wait in [5, 20, 60, 120, 180] {
            let mut child = command().spawn().expect("the binary starts");
            std::thread::sleep(Duration::from_millis(wait));
            child.kill().expect("killed");
            child.wait().expect("ended");
            if place.join("madoguchi.toml").exists() {
                break;
            }
        }
        // The configuration says that the city is complete; a database that has everything without it was
        // one rename away from that.
        let config = place.join("madoguchi.toml");
        if !config.exists() {
            let (status, _) = until("the killed one is gone", Duration::from_secs(30), || {
                let status = command().status().expect("ended");
                (status.success() || store_is_full(&t)).then_some(status)
            });
            if !status.success() {
                tell("a demo was killed between its last two steps");
                return;
            }
        }
        let said = crate::support::run(["--config".as_ref(), config.as_os_str(), "migrate".as_ref()]).done();
        assert!(said.contains("nothing to do"), "{said}");
        assert!(count(&t.db, "SELECT count(*) AS n FROM section").await >= 40);
        assert!(articles(&t.db).await.0 >= 300);
        t.close().await;
    }
}

on_both_engines! {
    empty;

    async fn a_server_that_is_killed_during_an_import_harms_nobody(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let before = articles(&t.db).await.0;
        let (first, second) = (Server::of(&city), Server::of(&city));
        city.write("many.csv", lines((0..ROWS).map(|n| row(&format!("row-{n}")))));
        let command = city.command(["import", "faq", "many.csv"]);
        let import = std::thread::spawn(move || Said::of(command).done());
        std::thread::sleep(Duration::from_millis(150));
        first.kill();
        assert!(import.join().expect("imported").starts_with(&format!("{ROWS} new, 0 changed, 0 unchanged")));
        assert_eq!(articles(&t.db).await.0, before + ROWS as i64);
        let last = format!("/articles/row-{}", ROWS - 1);
        until("the other server has it", Duration::from_secs(30), || (second.get(&last).status == 200).then_some(()));
        Server::of(&city).get(&last).is(200).is_page();
        second.kill();
        t.close().await;
    }

    async fn a_backup_or_restore_that_is_killed_can_be_repeated(t: TestDb) {
        let source = City::demo();
        source.import("many.csv", lines((0..4_000).map(|n| row(&format!("row-{n}"))))).done();
        let all = source.articles();
        let file = source.path("city.backup").display().to_string();
        let started = Instant::now();
        source.run(["backup", "city.backup"]).done();
        let whole = started.elapsed();
        for round in 1..6u32 {
            std::fs::remove_file(&file).expect("removed");
            let mut child = source.command(["backup", "city.backup"]).stdout(Stdio::null()).spawn().expect("the binary starts");
            std::thread::sleep(whole * round / 6);
            child.kill().expect("killed");
            child.wait().expect("ended");
            // Under its name there is a whole one or none.
            if source.path("city.backup").exists() {
                let new = City::configured("sqlite:new.db");
                new.run(["restore", &file]).done();
                assert_eq!(new.articles(), all);
            } else {
                source.run(["backup", "city.backup"]).done();
            }
            assert!(!source.path("city.backup.part").exists());
        }
        let target = City::configured(&t.address);
        let started = Instant::now();
        let scratch = City::configured("sqlite:new.db");
        scratch.run(["restore", &file]).done();
        let whole = started.elapsed();
        for round in 1..6u32 {
            let mut child = target.command(["restore", &file]).stdout(Stdio::null()).spawn().expect("the binary starts");
            std::thread::sleep(whole * round / 8);
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
        let (said, _) = until("what was killed is gone", Duration::from_secs(30), || {
            let said = target.run(["restore", &file]);
            (said.status.success() || said.err.contains("not empty")).then_some(said)
        });
        tell(&format!("{}: a killed restore {}", t.engine(), if said.status.success() { "left nothing" } else { "had ended" }));
        assert_eq!(target.articles(), all);
        t.close().await;
    }
}

/// Whether the demo is in a database, wholly.
fn store_is_full(t: &TestDb) -> bool {
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let mut tx = t.db.read().await.expect("read");
            !store::schema::read(&mut tx).await.expect("a schema").is_empty()
        })
    })
}

/// As if a minute had passed: the leases of whoever was killed are over.
pub(crate) async fn let_leases_end(db: &Db) {
    let mut tx = db.write().await.expect("write");
    tx.execute("UPDATE job SET lease_until = $1 WHERE state = 'running'", params![1i64]).await.expect("changed");
    tx.commit().await.expect("commit");
}

/// Every question has a number of its own, a section, and one step of each kind.
async fn each_question_is_assigned_once(db: &Db, expected: usize) {
    let mut tx = db.read().await.expect("read");
    let rows = tx.rows("SELECT number, state, section FROM question", params![]).await.expect("questions");
    let numbers: BTreeSet<String> = rows.iter().map(|r| r.get("number").expect("a number")).collect();
    assert_eq!((rows.len(), numbers.len()), (expected, expected));
    for row in &rows {
        assert_eq!(row.get::<String>("state").expect("a state"), "assigned");
        assert!(row.get::<Option<String>>("section").expect("a section").is_some());
    }
    let last: BTreeSet<usize> = numbers.iter().filter_map(|n| n.rsplit('-').next()?.parse().ok()).collect();
    assert_eq!(last, (1..=expected).collect(), "numbers have no gaps");
    for kind in ["received", "assigned"] {
        let events = tx
            .rows("SELECT question, count(*) AS n FROM question_event WHERE kind = $1 GROUP BY question", params![kind])
            .await
            .expect("events");
        assert_eq!(events.len(), expected, "{kind}");
        assert!(events.iter().all(|e| e.get::<i64>("n").expect("a number") == 1), "{kind}: exactly once");
    }
    let jobs = tx.rows("SELECT state FROM job WHERE kind = 'question.assign'", params![]).await.expect("jobs");
    assert!(jobs.iter().all(|j| j.get::<String>("state").expect("a state") == "done"), "no job is left or given up");
    assert_eq!(jobs.len(), expected);
}

on_both_engines! {
    empty;

    async fn questions_survive_every_kill_and_are_assigned_once(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let mut servers = vec![Server::of(&city), Server::of(&city)];
        // Each form is sent to whoever answers, and again until somebody says that it is stored.
        let mut stored = 0u128;
        for round in 0..3 {
            for n in 0..12u128 {
                if n == 6 {
                    // One of the two ends while both have questions to assign; which one takes turns.
                    servers.remove(round % 2).kill();
                }
                let (token, text) = (stored + 1, format!("住民票の質問{stored}です"));
                let asked = servers.iter().cycle().skip((n % 2) as usize).take(servers.len());
                let sent = asked
                    .filter_map(|s| s.request("POST", "/questions", &[], &form(token, &text)))
                    .next();
                sent.expect("one of two servers answers").is(303);
                stored += 1;
            }
            let_leases_end(&t.db).await;
            servers.insert(round % 2, Server::of(&city));
        }
        until_all_are_done(&t.db).await;
        each_question_is_assigned_once(&t.db, stored as usize).await;
        drop(servers);
        t.close().await;
    }

    async fn a_heap_of_jobs_survives_kills(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        // Left while nobody works: 120 jobs wait for the first server that comes.
        let clock = calendar::SystemClock;
        let mut rng = t.rng();
        for n in 0..120u32 {
            let new = knowledge::question::NewQuestion {
                submission: &format!("{n:032x}"),
                lang: city::Lang::Ja,
                asked: "",
                body: "住民票の写しがほしい",
                mail: "",
            };
            knowledge::question::leave(&t.db, &clock, &mut rng, new).await.expect("left");
        }
        let mut at_work = 0;
        for wait in [1, 30, 100] {
            let pair = [Server::of(&city), Server::of(&city)];
            std::thread::sleep(Duration::from_millis(wait));
            for server in pair {
                server.kill();
            }
            at_work += count(&t.db, "SELECT count(*) AS n FROM job WHERE state = 'running'").await;
            let_leases_end(&t.db).await;
        }
        tell(&format!("{}: {at_work} jobs were at work when their servers were killed", t.engine()));
        let server = Server::of(&city);
        until_all_are_done(&t.db).await;
        each_question_is_assigned_once(&t.db, 120).await;
        server.kill();
        t.close().await;
    }

    async fn what_found_nothing_just_before_a_stop_is_counted(t: TestDb) {
        let city = City::demo_in(&t.address);
        let server = Server::of(&city);
        for question in ["xyzzyq", "xyzzyq", "%E7%B2%97%E5%A4%A7%E3%81%94%E3%81%BF"] {
            server.get(&format!("/ask?q={question}")).is(200);
        }
        assert_eq!(server.terminate(), Some(0));
        assert_eq!(count(&t.db, "SELECT count(*) AS n FROM miss").await, 1);
        assert_eq!(count(&t.db, "SELECT times AS n FROM miss WHERE words = 'xyzzyq'").await, 2);
        t.close().await;
    }
}

/// Longest wait until no job is left. PostgreSQL may still store the last claim of a program that was just killed, after
/// [`let_leases_end`]: then its lease of a minute has to end by itself.
const ALL_DONE: Duration = Duration::from_secs(150);

pub(crate) async fn until_all_are_done(db: &Db) {
    let started = Instant::now();
    // The jobs of tomorrow morning and of the next minute wait, as they should.
    let left = "SELECT count(*) AS n FROM job WHERE state IN ('ready', 'running', 'waiting') AND kind NOT IN ('knowledge.daily', 'retention.daily', 'contact.retention', 'contact.minute', 'casework.minute', 'line.daily')";
    while count(db, left).await > 0 {
        assert!(started.elapsed() < ALL_DONE, "jobs are left");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
