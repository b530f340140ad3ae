//! Backups: one state, whole, onto either engine, or an error and nothing.

mod damage;
mod forged;
mod round_trip;
mod snapshot;

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use store::backup::{self, Summary};
use store::{Db, Engine, OpenMode, StoreError, params, schema};
use testkit::TestDb;

const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// Takes a backup into memory.
async fn taken(t: &TestDb, db: &Db) -> Vec<u8> {
    let mut file = Vec::new();
    backup::write(db, &t.clock, &mut file, |_| {}).await.expect("backup");
    file
}

/// Compresses as a backup is compressed.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text).expect("compress");
    out.finish().expect("compress")
}

/// Where a backup goes: for SQLite a file that is not there yet, for PostgreSQL an empty database.
struct Target {
    address: String,
    path: Option<PathBuf>,
    t: TestDb,
}

impl Target {
    async fn new(engine: Engine) -> Self {
        let t = TestDb::empty_on(engine).await;
        match engine {
            Engine::Sqlite => {
                let path = t.folder().join("restored.db");
                Target { address: format!("sqlite:{}", path.display()), path: Some(path), t }
            }
            Engine::Postgres => Target { address: t.address.clone(), path: None, t },
        }
    }

    async fn restore(&self, file: &[u8]) -> store::Result<Summary> {
        backup::restore(&self.address, &self.t.clock, file, |_| {}).await
    }

    async fn open(&self) -> Db {
        Db::open(&self.address, OpenMode::Existing).await.expect("the restored database")
    }

    /// Nothing was left behind: no file, no table.
    async fn assert_untouched(&self, after: &str) {
        match &self.path {
            Some(path) => {
                let left: Vec<_> = std::fs::read_dir(path.parent().expect("a folder"))
                    .expect("folder")
                    .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
                    .filter(|name| name.starts_with("restored"))
                    .collect();
                assert!(left.is_empty(), "{after}: {left:?}");
            }
            None => {
                let mut tx = self.t.db.read().await.expect("read");
                assert!(schema::read(&mut tx).await.expect("schema").is_empty(), "{after}");
            }
        }
    }

    /// A restore that fails with a sentence about the backup and leaves nothing.
    async fn assert_refused(&self, what: &str, file: &[u8]) -> String {
        let outcome = self.restore(file).await;
        let error = match outcome {
            Err(error @ (StoreError::Backup(_) | StoreError::TooNew { .. })) => error,
            other => panic!("{what}: {other:?}"),
        };
        self.assert_untouched(what).await;
        error.to_string()
    }
}

/// A few rows with everything that could go wrong on the way.
async fn fill(t: &TestDb) {
    let mut tx = t.db.write().await.expect("write");
    let texts =
        ["", "窓口", "𠮷野家 🏯", "\"\\/\u{8}\u{1}\u{7f}\u{2028}\r\n\t", "null", "true", "1", "\u{10ffff}\u{feff}"];
    let settings = texts.iter().enumerate().map(|(i, text)| params![format!("text {i}"), *text]);
    tx.insert_many("setting", &["name", "value"], settings).await.expect("settings");
    tx.insert_many("change", &["topic", "version"], [params!["city", i64::MAX], params!["text", i64::MIN]])
        .await
        .expect("changes");
    tx.insert_many("number", &["kind", "year", "last"], [params!["質問", 2026, 12], params!["質問", 2025, 0]])
        .await
        .expect("numbers");
    let sections = [("総務課", true, None), ("市民課", false, Some("窓口課"))].map(|(code, open, successor)| {
        params![
            code,
            code,
            "2026-04-01",
            None::<&str>,
            successor,
            "総務部",
            "名",
            "なまえ",
            "name",
            "0480-00-0000",
            Some("123"),
            "1階",
            "1かい",
            "first floor",
            "",
            "{\"weekly\":[]}",
            open
        ]
    });
    tx.insert_many(
        "section",
        &[
            "id",
            "code",
            "valid_from",
            "valid_to",
            "successor",
            "department",
            "name",
            "name_easy",
            "name_en",
            "phone",
            "extension",
            "place",
            "place_easy",
            "place_en",
            "duties",
            "hours",
            "open_in_closures",
        ],
        sections,
    )
    .await
    .expect("sections");
    fill_articles(&mut tx).await;
    fill_jobs(&mut tx, 12).await;
    tx.commit().await.expect("commit");
}

/// The same, a long text, and more jobs than go into one statement.
async fn fill_much(t: &TestDb) {
    fill(t).await;
    let mut tx = t.db.write().await.expect("write");
    tx.insert_many("setting", &["name", "value"], [params!["long", "長".repeat(100_000)]]).await.expect("setting");
    tx.execute("DELETE FROM job", params![]).await.expect("delete");
    fill_jobs(&mut tx, 1_203).await;
    tx.commit().await.expect("commit");
}

async fn fill_articles(tx: &mut store::Tx) {
    let articles = (0..5i64).map(|i| {
        let id = format!("article {i}");
        params![
            &id,
            &id,
            "市民課",
            "[]",
            "[]",
            "2026-11-01",
            (i == 1).then_some("2027-01-01"),
            None::<&str>,
            None::<&str>,
            i,
            "",
            -i,
            i
        ]
    });
    tx.insert_many(
        "article",
        &[
            "id",
            "code",
            "section",
            "topics",
            "related",
            "checked_on",
            "review_due",
            "valid_from",
            "valid_to",
            "version",
            "content_hash",
            "created_at",
            "updated_at",
        ],
        articles,
    )
    .await
    .expect("articles");
    let texts = (0..5i64).flat_map(|i| {
        ["ja", "easy", "en"].map(|lang| {
            params![format!("article {i}"), lang, "?", "", "答え\n二行目", "", (lang == "en").then_some("anybody")]
        })
    });
    tx.insert_many(
        "article_text",
        &["article", "lang", "question", "summary", "answer", "keywords", "fact_who"],
        texts,
    )
    .await
    .expect("texts");
}

/// Jobs that are all parts of the last one, so that each comes before what it refers to.
async fn fill_jobs(tx: &mut store::Tx, count: i64) {
    let jobs = (0..count).map(|i| {
        let parent = (i + 1 < count).then(|| format!("job {:04}", count - 1));
        let state = ["ready", "running", "waiting", "done", "dead", "cancelled"][i as usize % 6];
        let lease = (state == "running").then_some(i);
        params![
            format!("job {i:04}"),
            "mail",
            "letter",
            format!("{{\"n\":{i}}}"),
            i64::MAX - i,
            None::<&str>,
            parent,
            state,
            i,
            0,
            5,
            i,
            lease,
            i % 2 == 0,
            (i % 7 == 0).then_some("the server said no"),
            0,
            None::<i64>
        ]
    });
    tx.insert_many(
        "job",
        &[
            "id",
            "lane",
            "kind",
            "payload",
            "priority",
            "dedupe_key",
            "parent",
            "state",
            "run_at",
            "attempts",
            "max_attempts",
            "fence",
            "lease_until",
            "cancel_requested",
            "last_error",
            "created_at",
            "finished_at",
        ],
        jobs,
    )
    .await
    .expect("jobs");
}
