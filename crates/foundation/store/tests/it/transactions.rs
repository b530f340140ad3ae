//! All or nothing, and what others see of it.

use std::task::Poll;

use store::{Engine, StoreError, Tx, params};
use testkit::{TestDb, on_both_engines};

use crate::support::{column, execute, number, refused};

const COUNTER: &str = "CREATE TABLE counter (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL CHECK (n >= 0)\n)";
const HOW_MANY: &str = "SELECT count(*) AS n FROM counter";

async fn insert(tx: &mut Tx, id: &str, n: i64) -> store::Result<u64> {
    tx.execute("INSERT INTO counter (id, n) VALUES ($1, $2)", params![id, n]).await
}

/// Polls a future so many times, each time after it asked for it. Returns whether it came to its end.
async fn give_up_after(polls: u32, future: impl Future<Output = ()>) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Writes with every connection at once, so that none is left out, and gives it up.
async fn all_connections_write(t: &TestDb) {
    let mut all = Vec::new();
    for connection in 0..if t.engine() == Engine::Postgres { 12 } else { 1 } {
        let mut tx = t.db.write().await.expect("write");
        insert(&mut tx, &connection.to_string(), 1).await.expect("insert");
        all.push(tx);
    }
}

on_both_engines! {
    async fn a_dropped_transaction_leaves_nothing(t: TestDb) {
        t.create(COUNTER).await;
        let mut tx = t.db.write().await.expect("write");
        insert(&mut tx, "a", 1).await.expect("insert");
        drop(tx);
        let mut tx = t.db.write().await.expect("write");
        insert(&mut tx, "b", 1).await.expect("insert");
        tx.rollback().await.expect("rollback");
        assert_eq!(number(&t.db, HOW_MANY).await, 0);
    }

    async fn a_committed_transaction_is_seen_by_other_handles(t: TestDb) {
        t.create(COUNTER).await;
        let other = t.again().await;
        let mut tx = t.db.write().await.expect("write");
        insert(&mut tx, "a", 1).await.expect("insert");
        assert_eq!(number(&other, HOW_MANY).await, 0, "not before it is committed");
        tx.commit().await.expect("commit");
        assert_eq!(number(&other, HOW_MANY).await, 1);
    }

    async fn a_reading_transaction_cannot_write(t: TestDb) {
        t.create(COUNTER).await;
        let mut tx = t.db.read().await.expect("read");
        refused(insert(&mut tx, "a", 1).await);
        drop(tx);
        assert_eq!(number(&t.db, HOW_MANY).await, 0);
    }

    async fn rules_of_the_schema_are_constraints(t: TestDb) {
        t.create(COUNTER).await;
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('a', 1)", params![]).await.expect("insert");
        for (id, n) in [("a", 2), ("b", -1)] {
            let outcome = execute(&t.db, "INSERT INTO counter (id, n) VALUES ($1, $2)", params![id, n]).await;
            assert!(matches!(outcome, Err(StoreError::Constraint(_))), "{id} {n}: {outcome:?}");
        }
        assert_eq!(column::<i64>(&t.db, "SELECT n FROM counter", "n").await, [1]);
    }

    /// Foreign keys are looked at when the transaction ends, so rows may come in any order.
    async fn a_missing_parent_is_a_constraint_at_the_end(t: TestDb) {
        let part = "INSERT INTO question_event (id, question, kind, at) VALUES ('e', 'q', 'received', 0)";
        let whole = "INSERT INTO question (id, number, key_hash, submission, lang, asked, body, state, created_at, updated_at)
                     VALUES ('q', '1', '', '', 'ja', '', '', 'received', 0, 0)";
        let mut tx = t.db.write().await.expect("write");
        tx.execute(part, params![]).await.expect("not yet");
        let outcome = tx.commit().await;
        assert!(matches!(outcome, Err(StoreError::Constraint(_))), "{outcome:?}");
        assert_eq!(number(&t.db, "SELECT count(*) AS n FROM question_event").await, 0);

        let mut tx = t.db.write().await.expect("the writer's place is free again");
        tx.execute(part, params![]).await.expect("part");
        tx.execute(whole, params![]).await.expect("whole");
        tx.commit().await.expect("commit");
    }

    /// PostgreSQL gives up the whole transaction when one statement fails, and its COMMIT then rolls
    /// back without a word. So a failed statement spoils the transaction on both engines, and says so.
    async fn a_failed_statement_spoils_its_transaction(t: TestDb) {
        t.create(COUNTER).await;
        let mut tx = t.db.write().await.expect("write");
        insert(&mut tx, "a", 1).await.expect("insert");
        insert(&mut tx, "a", 1).await.expect_err("twice the same");
        insert(&mut tx, "b", 1).await.expect_err("nothing can be added");
        tx.rows(HOW_MANY, params![]).await.expect_err("nothing can be read");
        let error = tx.commit().await.expect_err("nothing can be stored");
        assert!(matches!(error, StoreError::Spoiled), "{error:?}");
        assert_eq!(number(&t.db, HOW_MANY).await, 0);
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('b', 1)", params![]).await.expect("the next one works");
    }

    async fn a_row_that_is_not_understood_spoils_nothing(t: TestDb) {
        t.create(COUNTER).await;
        let mut tx = t.db.write().await.expect("write");
        for n in 0..50 {
            insert(&mut tx, &format!("{n:02}"), n).await.expect("insert");
        }
        let mut seen = 0;
        let outcome = tx
            .for_each("SELECT id FROM counter ORDER BY id", params![], |row| {
                seen += 1;
                if seen == 3 { row.get::<i64>("id").map(drop) } else { Ok(()) }
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Column { .. })), "{outcome:?}");
        assert_eq!(seen, 3, "the rest was not handed over");
        insert(&mut tx, "later", 1).await.expect("insert");
        tx.commit().await.expect("commit");
        assert_eq!(number(&t.db, HOW_MANY).await, 51);
    }

    async fn two_writers_both_succeed(t: TestDb) {
        t.create(COUNTER).await;
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('a', 0)", params![]).await.expect("insert");
        // Four tasks, two in each of what could be two processes.
        let other = t.again().await;
        let mut writers = tokio::task::JoinSet::new();
        for db in [t.db.clone(), t.db.clone(), other.clone(), other] {
            writers.spawn(async move {
                for _ in 0..25 {
                    // Read and written apart: only the row's lock keeps another from coming between.
                    let mut tx = db.write().await.expect("write");
                    tx.execute("UPDATE counter SET n = n WHERE id = 'a'", params![]).await.expect("lock");
                    let row = tx.row("SELECT n FROM counter WHERE id = 'a'", params![]).await.expect("read");
                    let n: i64 = row.expect("row").get("n").expect("n");
                    tx.execute("UPDATE counter SET n = $1 WHERE id = 'a'", params![n + 1]).await.expect("update");
                    tx.commit().await.expect("commit");
                }
            });
        }
        while let Some(writer) = writers.join_next().await {
            writer.expect("no panic");
        }
        assert_eq!(number(&t.db, "SELECT n FROM counter").await, 100);
    }

    async fn a_reader_sees_one_state_while_a_writer_commits(t: TestDb) {
        t.create(COUNTER).await;
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('a', 1)", params![]).await.expect("insert");
        let mut reader = t.db.read().await.expect("read");
        let count = async |tx: &mut Tx| -> i64 {
            tx.row(HOW_MANY, params![]).await.expect("read").expect("row").get("n").expect("n")
        };
        assert_eq!(count(&mut reader).await, 1);
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('b', 1)", params![]).await.expect("insert");
        execute(&t.db, "UPDATE counter SET n = 5", params![]).await.expect("update");
        assert_eq!(count(&mut reader).await, 1);
        let n: i64 = reader.row("SELECT n FROM counter", params![]).await.expect("read").expect("row").get("n").expect("n");
        assert_eq!(n, 1);
        drop(reader);
        assert_eq!(number(&t.db, HOW_MANY).await, 2);
    }

    /// A visitor who leaves makes the server give up what it was waiting for, at any point.
    async fn what_was_given_up_half_way_leaves_no_trace(t: TestDb) {
        t.create(COUNTER).await;
        // Where exactly a round is cut off differs from run to run, so there are many.
        let mut cut_off = 0;
        for _ in 0..15 {
            let mut steps = 0;
            let mut finished = false;
            while !finished {
                steps += 1;
                let db = t.db.clone();
                finished = give_up_after(steps, async move {
                    let mut tx = db.read().await.expect("read");
                    tx.rows(HOW_MANY, params![]).await.expect("rows");
                    drop(tx);
                    let mut tx = db.write().await.expect("write");
                    insert(&mut tx, "never", 1).await.expect("insert");
                })
                .await;
                all_connections_write(&t).await;
                cut_off += u32::from(!finished);
            }
        }
        assert!(cut_off > 0, "nothing was given up at all");
        assert_eq!(number(&t.db, HOW_MANY).await, 0);
    }

    async fn a_closed_handle_closes_no_other(t: TestDb) {
        t.create(COUNTER).await;
        let other = t.again().await;
        other.close().await;
        assert!(other.write().await.is_err());
        assert!(other.read().await.is_err());
        execute(&t.db, "INSERT INTO counter (id, n) VALUES ('a', 1)", params![]).await.expect("the first still works");
    }
}

/// Who read first and writes then would be refused if another wrote in between; so on SQLite a
/// transaction that may write has the writer's place from the beginning.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_writer_may_read_first() {
    let t = TestDb::sqlite().await;
    t.create(COUNTER).await;
    execute(&t.db, "INSERT INTO counter (id, n) VALUES ('a', 0)", params![]).await.expect("insert");
    let mut writers = tokio::task::JoinSet::new();
    for db in [t.again().await, t.again().await] {
        writers.spawn(async move {
            for _ in 0..50 {
                let mut tx = db.write().await.expect("write");
                let row = tx.row("SELECT n FROM counter", params![]).await.expect("read").expect("row");
                let n: i64 = row.get("n").expect("n");
                tx.execute("UPDATE counter SET n = $1", params![n + 1]).await.expect("update");
                tx.commit().await.expect("commit");
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.expect("no panic");
    }
    assert_eq!(number(&t.db, "SELECT n FROM counter").await, 100);
}

/// SQLite alone: PostgreSQL has as many writers as connections.
#[tokio::test(flavor = "multi_thread")]
async fn who_writes_for_a_person_waits_for_one_in_the_background_and_not_for_all() {
    let t = TestDb::sqlite().await;
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let writes = |db: store::Db, name: &'static str| {
        let order = order.clone();
        tokio::spawn(async move {
            let tx = db.write().await.expect("write");
            order.lock().expect("lock").push(name);
            tx.commit().await.expect("commit");
        })
    };
    // Nobody can write yet; all of them stand in line when the person comes.
    let first = t.db.write().await.expect("write");
    let mut all: Vec<_> = (0..10).map(|_| writes(t.db.in_background(), "job")).collect();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    all.push(writes(t.db.clone(), "person"));
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    drop(first);
    for one in all {
        one.await.expect("written");
    }
    let order = order.lock().expect("lock").clone();
    let place = order.iter().position(|name| *name == "person").expect("written");
    assert!(place <= 1, "{order:?}");
    assert_eq!(order.len(), 11, "and everybody came to their turn");
}
