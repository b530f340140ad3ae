//! Files that are well-formed and still not what a backup may hold.

use std::io::Read;

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use store::{Engine, StoreError, backup, params};
use testkit::{TestDb, on_both_engines};

use super::{Target, fill, gzip, taken};

/// The lines of a backup, without the last.
async fn lines(t: &TestDb) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(taken(t, &t.db).await.as_slice()).read_to_string(&mut text).expect("text");
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    assert!(lines.pop().is_some_and(|last| last.contains("sha256")));
    lines
}

/// The last line for these lines, with a right check sum.
fn end(lines: &[String], rows: usize) -> String {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let sum: String = Sha256::digest(&text).iter().map(|b| format!("{b:02x}")).collect();
    format!("{{\"end\":{{\"rows\":{rows},\"sha256\":\"{sum}\"}}}}")
}

fn rows(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("{\"row\"")).count()
}

/// A file of these lines, nothing added.
fn packed(lines: &[String]) -> Vec<u8> {
    gzip(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())
}

/// A file of these lines with a right end.
fn sealed(lines: &[String]) -> Vec<u8> {
    packed(&[lines, &[end(lines, rows(lines))]].concat())
}

fn changed(lines: &[String], from: &str, to: &str) -> Vec<String> {
    let whole = lines.join("\n");
    assert!(whole.contains(from), "{from} is in the backup");
    whole.replacen(from, to, 1).split('\n').map(String::from).collect()
}

on_both_engines! {
    async fn a_backup_sealed_anew_is_good(t: TestDb) {
        fill(&t).await;
        let target = Target::new(t.engine()).await;
        target.restore(&sealed(&lines(&t).await)).await.expect("what these tests change is good before");
    }

    async fn a_newer_backup_asks_for_a_newer_program(t: TestDb) {
        let lines = lines(&t).await;
        let target = Target::new(t.engine()).await;
        for (from, to) in [("\"format_version\":1", "\"format_version\":2"), ("\"schema_version\":", "\"schema_version\":9")] {
            let newer = changed(&changed(&lines, from, to), "\"binary\":\"", "\"binary\":\"7");
            let sentence = target.assert_refused(to, &sealed(&newer)).await;
            assert!(sentence.contains("needs madoguchi 7"), "{sentence}");
        }
        let other = changed(&lines, "madoguchi-backup", "another-backup");
        let sentence = target.assert_refused("another program", &sealed(&other)).await;
        assert!(sentence.contains("not a backup of madoguchi"), "{sentence}");
    }

    async fn rows_that_do_not_fit_are_refused(t: TestDb) {
        fill(&t).await;
        let lines = lines(&t).await;
        let target = Target::new(t.engine()).await;
        let row = lines.iter().position(|line| line.starts_with("{\"row\"")).expect("a row");
        let mut early = lines.clone();
        early.insert(1, lines[row].clone());
        for (what, lines) in [
            ("a row before its table", early),
            ("a row too short", changed(&lines, "{\"row\":[\"city\",9223372036854775807]}", "{\"row\":[\"city\"]}")),
            ("a row too long", changed(&lines, "{\"row\":[\"city\",9223372036854775807]}", "{\"row\":[\"city\",1,2]}")),
            ("a number too large", changed(&lines, "[\"city\",9223372036854775807]", "[\"city\",9223372036854775808]")),
            ("a text for a number", changed(&lines, "[\"city\",9223372036854775807]", "[\"city\",\"1\"]")),
            ("a part of a number", changed(&lines, "[\"city\",9223372036854775807]", "[\"city\",1.5]")),
            ("a list for a text", changed(&lines, "[\"city\",9223372036854775807]", "[[\"city\"],1]")),
            ("null for a key", changed(&lines, "[\"city\",9223372036854775807]", "[null,1]")),
            ("the same key twice", changed(&lines, "[\"text\",-9223372036854775808]", "[\"city\",1]")),
            ("a state that is none", changed(&lines, "\"ready\"", "\"steady\"")),
            ("a part of nothing", changed(&lines, "\"job 0011\"", "\"job 9999\"")),
            ("a NUL in a text", changed(&lines, "窓口", "窓\\u0000口")),
            ("half a surrogate", changed(&lines, "窓口", "\\ud842")),
            ("a table twice", changed(&lines, "{\"table\":\"closure\"}", "{\"table\":\"change\"}\n{\"row\":[\"city\",1]}")),
            ("another type", {
                let lines = changed(&lines, "\"TEXT\"],[\"version\",\"BIGINT\"]]", "\"TEXT\"],[\"version\",\"TEXT\"]]");
                let lines = changed(&lines, "[\"city\",9223372036854775807]", "[\"city\",\"1\"]");
                changed(&lines, "[\"text\",-9223372036854775808]", "[\"text\",\"1\"]")
            }),
            ("an unknown line", changed(&lines, "{\"table\":\"closure\"}", "{\"script\":\"DROP TABLE job\"}")),
            ("a table not announced", changed(&lines, "{\"table\":\"closure\"}", "{\"table\":\"schema_migration\"}")),
        ] {
            target.assert_refused(what, &sealed(&lines)).await;
        }
    }

    /// Names in a file never become part of a statement.
    async fn unknown_tables_and_columns_are_refused(t: TestDb) {
        fill(&t).await;
        let lines = lines(&t).await;
        let target = Target::new(t.engine()).await;
        for name in ["nothing", "change; DROP TABLE job; --", "Change", "schema_migration"] {
            let mut forged = changed(&lines, "\"change\":", &format!("\"{name}\":"));
            forged = changed(&forged, "{\"table\":\"change\"}", &format!("{{\"table\":\"{name}\"}}"));
            target.assert_refused(name, &sealed(&forged)).await;
        }
        for name in ["nothing", "version) VALUES ('a', 1); --"] {
            target.assert_refused(name, &sealed(&changed(&lines, "[\"version\",", &format!("[\"{name}\",")))).await;
        }
    }

    async fn what_comes_after_the_end_is_refused(t: TestDb) {
        let lines = lines(&t).await;
        let target = Target::new(t.engine()).await;
        let more = [lines.as_slice(), &[end(&lines, 0), "{\"table\":\"job\"}".into()]].concat();
        target.assert_refused("a line after the end", &packed(&more)).await;
    }

    async fn contents_that_do_not_match_their_end_are_refused(t: TestDb) {
        fill(&t).await;
        let lines = lines(&t).await;
        let target = Target::new(t.engine()).await;
        let right = end(&lines, rows(&lines));
        let mut fewer = lines.clone();
        fewer.remove(lines.iter().rposition(|line| line.starts_with("{\"row\"")).expect("a row"));
        for (what, lines, end) in [
            ("a row is missing", fewer.clone(), right.clone()),
            ("a row is missing, but the sum is right", fewer.clone(), end(&fewer, rows(&lines))),
            ("a row is another", changed(&lines, "窓口", "戸口"), right),
        ] {
            let sentence = target.assert_refused(what, &packed(&[lines, vec![end]].concat())).await;
            assert!(sentence.contains("check sum"), "{what}: {sentence}");
        }
    }
}

/// Gzip of a line that never ends, made of blocks that are stored as they are.
struct Endless {
    ready: Vec<u8>,
    read: u64,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        assert!(self.read < 100 << 20, "it reads on and on");
        if self.ready.is_empty() {
            let length = u16::MAX;
            self.ready.push(0); // stored, and not the last
            self.ready.extend_from_slice(&length.to_le_bytes());
            self.ready.extend_from_slice(&(!length).to_le_bytes());
            self.ready.resize(self.ready.len() + usize::from(length), b' ');
        }
        let n = out.len().min(self.ready.len());
        out[..n].copy_from_slice(&self.ready[..n]);
        self.ready.drain(..n);
        self.read += n as u64;
        Ok(n)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let target = Target::new(Engine::Sqlite).await;
    let gzip_header = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let endless = Endless { ready: gzip_header, read: 0 };
    let outcome = backup::restore(&target.address, &target.t.clock, endless, |_| {}).await;
    assert!(matches!(&outcome, Err(StoreError::Backup(reason)) if reason.contains("line is too long")), "{outcome:?}");
    target.assert_untouched("an endless line").await;
}

/// What could not be read again is not written.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_measure_makes_no_backup() {
    let t = TestDb::sqlite().await;
    let mut tx = t.db.write().await.expect("write");
    let text = "x".repeat(64 << 20);
    tx.execute("INSERT INTO setting (name, value) VALUES ('long', $1)", params![text]).await.expect("insert");
    tx.commit().await.expect("commit");
    let outcome = backup::write(&t.db, &t.clock, std::io::sink(), |_| {}).await;
    assert!(matches!(&outcome, Err(StoreError::Backup(reason)) if reason.contains("line is too long")), "{outcome:?}");
}
