//! The schema: how it comes into a database, and that it is the same on both engines.

use std::collections::BTreeSet;

use store::migrate::{self, BINARY, MIGRATIONS};
use store::schema::TableInfo;
use store::{Db, OpenMode, StoreError, params, schema};
use testkit::{TestDb, on_both_engines};

use crate::support::{column, execute, number};

async fn tables(db: &Db) -> std::collections::BTreeMap<String, TableInfo> {
    let mut tx = db.read().await.expect("read");
    schema::read(&mut tx).await.expect("schema")
}

/// A step that only a later binary knows.
async fn add_unknown_step(t: &TestDb, min_binary: &str) {
    execute(
        &t.db,
        "INSERT INTO schema_migration (version, name, min_binary, applied_at) VALUES (99, 'later', $1, 0)",
        params![min_binary],
    )
    .await
    .expect("a step of the future");
}

/// One line per column and index, for a comparison that can be read.
fn lines(table: &TableInfo) -> BTreeSet<String> {
    let columns = table.columns.iter().enumerate().map(|(i, c)| {
        let null = if c.not_null { "NOT NULL" } else { "NULL" };
        format!("column {i:02} {} {} {null} key {}", c.name, c.kind, c.key)
    });
    columns.chain(table.indexes.iter().map(|i| format!("index {i}"))).collect()
}

on_both_engines! {
    empty;

    async fn an_empty_database_gets_every_step(t: TestDb) {
        let error = migrate::require_current(&t.db).await.expect_err("not ready");
        assert!(matches!(error, StoreError::Unmigrated(n) if n == MIGRATIONS.len()), "{error:?}");
        assert!(error.to_string().contains("madoguchi migrate"), "{error}");

        let done = migrate::apply(&t.db, &t.clock).await.expect("apply");
        assert_eq!(done.iter().map(|m| m.version).collect::<Vec<_>>(), MIGRATIONS.iter().map(|m| m.version).collect::<Vec<_>>());
        migrate::require_current(&t.db).await.expect("ready");
        for table in ["job", "change", "number", "setting", "section", "article", "article_text", "schema_migration"] {
            assert!(tables(&t.db).await.contains_key(table), "{table}");
        }
        let at: Vec<i64> = column(&t.db, "SELECT applied_at FROM schema_migration", "applied_at").await;
        assert!(at.iter().all(|at| *at == testkit::at_ten().millis()), "{at:?}");
    }

    async fn a_second_time_does_nothing(t: TestDb) {
        migrate::apply(&t.db, &t.clock).await.expect("apply");
        let before = tables(&t.db).await;
        t.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(migrate::apply(&t.db, &t.clock).await.expect("apply again").len(), 0);
        assert_eq!(tables(&t.db).await, before);
        assert_eq!(
            number(&t.db, "SELECT count(*) AS n FROM schema_migration").await,
            i64::try_from(MIGRATIONS.len()).expect("few")
        );
    }

    async fn several_processes_at_once(t: TestDb) {
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (address, clock) = (t.address.clone(), t.clock.clone());
            processes.spawn(async move {
                let db = Db::open(&address, OpenMode::Create).await.expect("open");
                let done = migrate::apply(&db, &clock).await.expect("apply").len();
                migrate::require_current(&db).await.expect("ready");
                db.close().await;
                done
            });
        }
        let mut done = Vec::new();
        while let Some(process) = processes.join_next().await {
            done.push(process.expect("no panic"));
        }
        done.sort_unstable();
        assert_eq!(done, [0, 0, 0, 0, 0, MIGRATIONS.len()], "one did everything");
    }

    async fn step_by_step_gives_the_same_schema(t: TestDb) {
        for migration in MIGRATIONS {
            let mut tx = t.db.write().await.expect("write");
            let done = migrate::apply_until(&mut tx, &t.clock, migration.version).await.expect("apply");
            assert_eq!(done.iter().map(|m| m.version).collect::<Vec<_>>(), [migration.version]);
            tx.commit().await.expect("commit");
            let mut tx = t.db.read().await.expect("read");
            let plan = migrate::plan(&mut tx).await.expect("plan");
            assert_eq!(plan.current, migration.version);
            assert_eq!(plan.pending.len() as i64, MIGRATIONS.len() as i64 - migration.version);
        }
        let whole = TestDb::on(t.engine()).await;
        assert_eq!(tables(&t.db).await, tables(&whole.db).await);
    }

    async fn steps_that_are_not_committed_leave_nothing(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        migrate::apply_until(&mut tx, &t.clock, 2).await.expect("apply");
        drop(tx);
        assert!(tables(&t.db).await.is_empty());
    }
}

on_both_engines! {
    async fn a_newer_database_that_allows_this_binary_opens(t: TestDb) {
        add_unknown_step(&t, BINARY).await;
        migrate::require_current(&t.db).await.expect("allowed");
        assert_eq!(migrate::apply(&t.db, &t.clock).await.expect("nothing to do").len(), 0);
    }

    async fn a_newer_database_that_does_not_allow_it_is_refused(t: TestDb) {
        add_unknown_step(&t, "7.10.2").await;
        let before = tables(&t.db).await;
        for error in [
            migrate::require_current(&t.db).await.expect_err("refused"),
            migrate::apply(&t.db, &t.clock).await.expect_err("refused"),
        ] {
            assert!(matches!(error, StoreError::TooNew { .. }), "{error:?}");
            let sentence = error.to_string();
            assert!(sentence.contains("madoguchi 7.10.2 or newer") && sentence.contains(&format!("this is {BINARY}")), "{sentence}");
        }
        assert_eq!(tables(&t.db).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_schema() {
    let (sqlite, postgres) = (TestDb::sqlite().await, TestDb::postgres().await);
    let (left, right) = (tables(&sqlite.db).await, tables(&postgres.db).await);
    assert!(left.len() > 5, "{:?}", left.keys());
    let mut differences = String::new();
    for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
        let (l, r) = (left.get(name).map(lines).unwrap_or_default(), right.get(name).map(lines).unwrap_or_default());
        for line in l.difference(&r) {
            differences.push_str(&format!("{name}: only on SQLite: {line}\n"));
        }
        for line in r.difference(&l) {
            differences.push_str(&format!("{name}: only on PostgreSQL: {line}\n"));
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

/// What the comparison of both engines rests on: that the schema is read as it was written.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_read_as_it_was_written() {
    for t in [TestDb::empty_sqlite().await, TestDb::empty_postgres().await] {
        t.create(
            "CREATE TABLE thing (
    b TEXT NOT NULL,
    a BIGINT NOT NULL,
    ratio DOUBLE PRECISION,
    bytes BYTEA,
    flag BOOLEAN NOT NULL,
    word TEXT UNIQUE,
    PRIMARY KEY (a, b)
)",
        )
        .await;
        execute(&t.db, "CREATE INDEX thing_flag ON thing (flag)", params![]).await.expect("index");
        let tables = tables(&t.db).await;
        assert_eq!(tables.keys().collect::<Vec<_>>(), ["thing"]);
        let thing = &tables["thing"];
        assert_eq!(thing.primary_key(), ["a", "b"]);
        assert_eq!(thing.indexes, ["thing_flag"]);
        assert_eq!(
            lines(thing).into_iter().filter(|l| l.starts_with("column")).collect::<Vec<_>>(),
            [
                "column 00 b TEXT NOT NULL key 2",
                "column 01 a BIGINT NOT NULL key 1",
                "column 02 ratio DOUBLE PRECISION NULL key 0",
                "column 03 bytes BYTEA NULL key 0",
                "column 04 flag BOOLEAN NOT NULL key 0",
                "column 05 word TEXT NULL key 0",
            ]
        );
    }
}
