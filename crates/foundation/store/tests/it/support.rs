//! What several modules of these tests say.

use std::collections::BTreeMap;
use std::time::Duration;

use store::{Db, FromCell, Row, Sql, StoreError, Value, params, schema};
use testkit::TestDb;

/// Longer than anything here takes; a test that waits for ever fails instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a future, but not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} never came"))
}

/// Asks until the answer is yes, but not for ever.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    soon(what, async {
        while !ask().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Runs one statement in a transaction of its own.
pub(crate) async fn execute(db: &Db, sql: &'static str, values: Vec<Value>) -> store::Result<u64> {
    let mut tx = db.write().await?;
    let touched = tx.execute(sql, values).await?;
    tx.commit().await?;
    Ok(touched)
}

/// Reads one column of all rows.
pub(crate) async fn column<T: FromCell>(db: &Db, sql: impl Into<Sql>, name: &str) -> Vec<T> {
    let mut tx = db.read().await.expect("read");
    let rows = tx.rows(sql, params![]).await.expect("rows");
    rows.iter().map(|row| row.get(name).expect("column")).collect()
}

/// Reads the one number `n`.
pub(crate) async fn number(db: &Db, sql: impl Into<Sql>) -> i64 {
    let found = column(db, sql, "n").await;
    assert_eq!(found.len(), 1, "one row");
    found[0]
}

/// Whether a database refused: SQLite by the checks of our columns, PostgreSQL by the types it knows.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: store::Result<T>) {
    match outcome {
        Err(StoreError::Constraint(_) | StoreError::Driver(_)) => {}
        other => panic!("the database should have refused, and gave {other:?}"),
    }
}

/// Every row of every table of the house, as text, in the order of the primary keys.
pub(crate) async fn contents(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut tx = db.read().await.expect("read");
    let mut all = BTreeMap::new();
    for (table, info) in schema::read(&mut tx).await.expect("schema") {
        if table == "schema_migration" {
            continue;
        }
        let names: Vec<_> = info.columns.iter().map(|c| c.name.as_str()).collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY {}", names.join(", "), info.primary_key().join(", "));
        let rows = tx.rows(Sql::built(sql), params![]).await.expect("rows");
        let line = |row: &Row| {
            let cells = info.columns.iter().map(|c| match c.kind.as_str() {
                "TEXT" => format!("{:?}", row.get::<Option<String>>(&c.name).expect("text")),
                "BIGINT" => format!("{:?}", row.get::<Option<i64>>(&c.name).expect("integer")),
                "BOOLEAN" => format!("{:?}", row.get::<Option<bool>>(&c.name).expect("boolean")),
                other => panic!("{table}.{}: this test does not know {other}", c.name),
            });
            cells.collect::<Vec<_>>().join(" | ")
        };
        all.insert(table.clone(), rows.iter().map(line).collect());
    }
    all
}

/// Waits until a connection to the database of a PostgreSQL test waits for another's lock.
pub(crate) async fn somebody_waits_for_a_lock(t: &TestDb) {
    until("somebody who waits for a lock", || async {
        0 < number(
            &t.db,
            "SELECT count(*) AS n FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await
    })
    .await;
}
