//! What goes in comes out, on both engines the same.

use calendar::{Date, Instant};
use store::{Row, StoreError, Tx, Value, params};
use testkit::{TestDb, on_both_engines};

use crate::support::{column, execute, number, refused};

const THING: &str = "CREATE TABLE thing (
    id TEXT PRIMARY KEY,
    word TEXT,
    n BIGINT,
    flag BOOLEAN,
    bytes BYTEA,
    ratio DOUBLE PRECISION
)";

async fn put(tx: &mut Tx, id: &str, column: &str, value: Value) -> store::Result<u64> {
    tx.execute(
        store::Sql::built(format!("INSERT INTO thing (id, {column}) VALUES ($1, $2)")),
        vec![Value::from(id), value],
    )
    .await
}

/// Writes each value into a row of its own and reads all of them back, in order.
async fn through<T: store::FromCell>(t: &TestDb, name: &str, values: Vec<Value>) -> Vec<T> {
    t.create(THING).await;
    let mut tx = t.db.write().await.expect("write");
    for (i, value) in values.into_iter().enumerate() {
        put(&mut tx, &format!("{i:03}"), name, value).await.expect("written");
    }
    tx.commit().await.expect("commit");
    column(&t.db, store::Sql::built(format!("SELECT {name} FROM thing ORDER BY id")), name).await
}

/// One value of the wrong type in a transaction of its own.
async fn misfit(t: &TestDb, column: &str, value: Value) -> store::Result<u64> {
    let mut tx = t.db.write().await.expect("write");
    put(&mut tx, "misfit", column, value).await
}

async fn first(t: &TestDb, sql: &'static str, values: Vec<Value>) -> Row {
    let mut tx = t.db.read().await.expect("read");
    tx.row(sql, values).await.expect("query").expect("a row")
}

on_both_engines! {
    async fn texts(t: TestDb) {
        let long = "窓".repeat(100_000);
        let words = [
            "", " ", "plain", "申請書", "𠮷野家", "👨‍👩‍👧‍👦🇯🇵", "か\u{3099}", "\u{1}\u{7f}\u{fffd}\u{10ffff}",
            "'; DROP TABLE thing; --", "$1 ? :a @b", "line\r\nline\ttab", "\u{feff}mark", long.as_str(),
        ];
        let back: Vec<String> = through(&t, "word", words.iter().map(|w| Value::from(*w)).collect()).await;
        assert_eq!(back, words);
    }

    async fn integers(t: TestDb) {
        let numbers = [0, 1, -1, i64::MAX, i64::MIN, i64::from(i32::MAX) + 1, 1 << 53, (1 << 53) + 1];
        let back: Vec<i64> = through(&t, "n", numbers.iter().map(|n| Value::from(*n)).collect()).await;
        assert_eq!(back, numbers);
    }

    async fn booleans_come_back_as_booleans(t: TestDb) {
        let back: Vec<bool> = through(&t, "flag", params![true, false]).await;
        assert_eq!(back, [true, false]);
    }

    async fn bytes(t: TestDb) {
        let blobs = [Vec::new(), vec![0], (0..=255).collect(), vec![0xff; 200_000]];
        let back: Vec<Vec<u8>> = through(&t, "bytes", blobs.iter().map(|b| Value::from(b.as_slice())).collect()).await;
        assert!(back == blobs);
    }

    async fn reals(t: TestDb) {
        let reals = [0.0, 1.0, -1.5, 0.1, 1.0 / 3.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, f64::EPSILON, 1e15];
        let back: Vec<f64> = through(&t, "ratio", reals.iter().map(|r| Value::from(*r)).collect()).await;
        assert_eq!(back, reals);
    }

    async fn days_and_instants(t: TestDb) {
        t.create(THING).await;
        let day = Date::constant(2028, 2, 29);
        let instant = Instant::from_millis(-1);
        execute(&t.db, "INSERT INTO thing (id, word, n) VALUES ('a', $1, $2)", params![day, instant])
            .await
            .expect("written");
        let row = first(&t, "SELECT word, n FROM thing", params![]).await;
        assert_eq!(row.get::<Date>("word").expect("date"), day);
        assert_eq!(row.get::<String>("word").expect("text"), "2028-02-29");
        assert_eq!(row.get::<Instant>("n").expect("instant"), instant);
    }

    async fn nulls_keep_their_type(t: TestDb) {
        t.create(THING).await;
        execute(
            &t.db,
            "INSERT INTO thing (id, word, n, flag, bytes, ratio) VALUES ('a', $1, $2, $3, $4, $5)",
            params![None::<&str>, None::<i64>, None::<bool>, None::<Vec<u8>>, None::<f64>],
        )
        .await
        .expect("written");
        let row = first(&t, "SELECT word, n, flag, bytes, ratio FROM thing", params![]).await;
        assert_eq!(row.get::<Option<String>>("word").expect("text"), None);
        assert_eq!(row.get::<Option<i64>>("n").expect("integer"), None);
        assert_eq!(row.get::<Option<bool>>("flag").expect("boolean"), None);
        assert_eq!(row.get::<Option<Vec<u8>>>("bytes").expect("bytes"), None);
        assert_eq!(row.get::<Option<f64>>("ratio").expect("number"), None);
        let error = row.get::<String>("word").expect_err("NULL is no text").to_string();
        assert!(error.contains("\"word\""), "{error}");
    }

    async fn a_parameter_alone_has_its_type(t: TestDb) {
        let row = first(
            &t,
            "SELECT $1 AS word, $2 AS n, $3 AS flag, $4 AS bytes, $5 AS ratio, $6 AS absent",
            params!["𠮷", 7, true, vec![1u8], 0.5, None::<i64>],
        )
        .await;
        assert_eq!(row.get::<String>("word").expect("text"), "𠮷");
        assert_eq!(row.get::<i64>("n").expect("integer"), 7);
        assert!(row.get::<bool>("flag").expect("boolean"));
        assert_eq!(row.get::<Vec<u8>>("bytes").expect("bytes"), [1]);
        assert_eq!(row.get::<f64>("ratio").expect("number"), 0.5);
        assert_eq!(row.get::<Option<i64>>("absent").expect("NULL"), None);
    }

    async fn what_a_column_is_not_is_told_with_its_name(t: TestDb) {
        let row = first(&t, "SELECT $1 AS word, $2 AS n", params!["12", -1]).await;
        for error in [
            row.get::<i64>("word").expect_err("no integer"),
            row.get::<bool>("word").expect_err("no boolean"),
            row.get::<Date>("word").expect_err("no date"),
            row.get::<Vec<u8>>("word").expect_err("no bytes"),
            row.get::<f64>("word").expect_err("no real"),
        ] {
            assert!(matches!(&error, StoreError::Column { column, .. } if column == "word"), "{error:?}");
        }
        let error = row.get::<u32>("n").expect_err("below zero");
        assert!(error.to_string().contains("out of range"), "{error}");
        let error = row.get::<i64>("m").expect_err("no such column");
        assert!(error.to_string().contains("\"m\""), "{error}");
    }

    async fn a_nul_in_a_text_is_refused(t: TestDb) {
        t.create(THING).await;
        let mut tx = t.db.write().await.expect("write");
        for text in ["\0", "a\0b", "窓口\0"] {
            let error = put(&mut tx, "a", "word", Value::from(text)).await.expect_err("refused");
            assert!(matches!(error, StoreError::Nul), "{error:?}");
            let error = tx.rows("SELECT $1 AS word", params![text]).await.expect_err("refused");
            assert!(matches!(error, StoreError::Nul), "{error:?}");
        }
        // It never reached the database, so the transaction is as good as before.
        put(&mut tx, "a", "bytes", Value::from(vec![0u8])).await.expect("bytes may be zero");
        tx.commit().await.expect("commit");
        assert_eq!(number(&t.db, "SELECT count(*) AS n FROM thing").await, 1);
    }

    /// SQLite would make NULL of NaN, and a backup has no word for either.
    async fn a_number_that_is_not_finite_is_refused(t: TestDb) {
        t.create(THING).await;
        let mut tx = t.db.write().await.expect("write");
        for real in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = put(&mut tx, "a", "ratio", Value::from(real)).await.expect_err("refused");
            assert!(matches!(error, StoreError::NotFinite), "{error:?}");
        }
        put(&mut tx, "a", "ratio", Value::from(0.5)).await.expect("the transaction still works");
    }

    async fn values_of_another_type_are_refused(t: TestDb) {
        t.create(THING).await;
        let blob = || Value::from(vec![1u8]);
        for (column, value) in [
            ("n", Value::from("word")), ("n", Value::from("")), ("n", blob()),
            ("flag", Value::from("word")), ("flag", Value::from(2)), ("flag", blob()),
            ("ratio", Value::from("word")), ("ratio", blob()),
            ("bytes", Value::from("word")), ("bytes", Value::from(1)), ("bytes", Value::from(0.5)),
        ] {
            let what = format!("{value:?} into {column}");
            let outcome = misfit(&t, column, value).await;
            assert!(matches!(outcome, Err(StoreError::Constraint(_) | StoreError::Driver(_))), "{what}: {outcome:?}");
        }
        assert_eq!(number(&t.db, "SELECT count(*) AS n FROM thing").await, 0);
    }

    /// Neither engine refuses this: both write the number down in digits.
    async fn an_integer_in_a_text_column_becomes_its_digits(t: TestDb) {
        let back: Vec<String> = through(&t, "word", params![-42, i64::MAX]).await;
        assert_eq!(back, ["-42", "9223372036854775807"]);
    }

    async fn null_is_refused_where_it_must_not_be(t: TestDb) {
        t.create("CREATE TABLE strict (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL\n)").await;
        for (id, n) in [(Some("a"), None), (None, Some(1))] {
            let outcome = execute(&t.db, "INSERT INTO strict (id, n) VALUES ($1, $2)", params![id, n]).await;
            assert!(matches!(outcome, Err(StoreError::Constraint(_))), "{id:?}, {n:?}: {outcome:?}");
        }
    }

    async fn many_rows_at_once_all_arrive_in_order(t: TestDb) {
        t.create(THING).await;
        let mut tx = t.db.write().await.expect("write");
        // More than two statements' worth, and the last one not full.
        let rows = (0..1_234i64).map(|n| params![format!("{n:05}"), n, (n % 3 == 0).then_some("third")]);
        assert_eq!(tx.insert_many("thing", &["id", "n", "word"], rows).await.expect("inserted"), 1_234);
        assert_eq!(tx.insert_many("thing", &["id"], Vec::new()).await.expect("absent"), 0);
        tx.commit().await.expect("commit");
        let back: Vec<i64> = column(&t.db, "SELECT n FROM thing ORDER BY id", "n").await;
        assert!(back.into_iter().eq(0..1_234));
        assert_eq!(number(&t.db, "SELECT count(word) AS n FROM thing").await, 412);
    }

    async fn a_wide_table_stays_below_the_limit_of_parameters(t: TestDb) {
        let names: Vec<String> = (0..100).map(|i| format!("c{i}")).collect();
        let lines: Vec<String> = names.iter().map(|n| format!("    {n} BIGINT NOT NULL")).collect();
        t.create(&format!("CREATE TABLE wide (\n{}\n)", lines.join(",\n"))).await;
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut tx = t.db.write().await.expect("write");
        let rows = (0..700).map(|row| (0..100).map(|c| Value::from(row * 100 + c)).collect());
        assert_eq!(tx.insert_many("wide", &columns, rows).await.expect("inserted"), 700);
        tx.commit().await.expect("commit");
        assert_eq!(number(&t.db, "SELECT CAST(sum(c99) AS BIGINT) AS n FROM wide").await, 24_534_300);
    }
}

/// What one engine converts and the other refuses. No test that runs on both lets these pass.
#[tokio::test(flavor = "multi_thread")]
async fn conversions_that_only_one_engine_makes() {
    let (sqlite, postgres) = (TestDb::sqlite().await, TestDb::postgres().await);
    sqlite.create(THING).await;
    postgres.create(THING).await;
    for (column, value) in [("n", Value::from("42")), ("n", Value::from(true)), ("flag", Value::from(1))] {
        misfit(&sqlite, column, value.clone()).await.expect("converted");
        refused(misfit(&postgres, column, value).await);
    }
    for (column, value) in [("word", Value::from(vec![1u8])), ("n", Value::from(0.5))] {
        misfit(&postgres, column, value.clone()).await.expect("converted");
        refused(misfit(&sqlite, column, value).await);
    }
}
