//! Opening a database.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use store::{Db, Engine, OpenMode, StoreError};
use testkit::{TestDb, on_both_engines};

on_both_engines! {
    async fn a_second_handle_is_on_the_same_engine(t: TestDb) {
        let other = t.again().await;
        assert_eq!(other.engine(), t.engine());
        assert_eq!(other.path().is_some(), t.engine() == Engine::Sqlite);
    }
}

#[tokio::test]
async fn an_address_of_another_kind_is_told() {
    let error = Db::open("mysql://localhost/city", OpenMode::Create).await.expect_err("refused");
    assert!(matches!(error, StoreError::Address(_)), "{error:?}");
    assert!(error.to_string().contains("sqlite:PATH or postgres://"), "{error}");
}

#[tokio::test]
async fn a_missing_file_is_told_and_not_made() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("city.db");
    let error = Db::open(&format!("sqlite:{}", path.display()), OpenMode::Existing).await.expect_err("refused");
    assert!(matches!(error, StoreError::Missing(_)), "{error:?}");
    assert!(error.to_string().contains("madoguchi init"), "{error}");
    assert!(!path.exists());
}

#[tokio::test]
async fn the_folder_of_a_new_file_is_made() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("var").join("lib").join("city.db");
    let db = Db::open(&format!("sqlite:{}", path.display()), OpenMode::Create).await.expect("a new database");
    assert_eq!(db.path(), Some(path.as_path()));
    db.close().await;
    assert!(path.exists());
}

#[tokio::test]
async fn closing_folds_the_log_into_the_file() {
    let t = TestDb::sqlite().await;
    let log = t.folder().join("test.db-wal");
    assert!(log.exists());
    t.db.close().await;
    assert!(!log.exists());
}

/// Several processes that start at the same moment all want to make the file and to switch it to
/// the write-ahead log.
#[tokio::test(flavor = "multi_thread")]
async fn many_open_a_new_file_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().expect("folder");
        let address = format!("sqlite:{}", folder.path().join("city.db").display());
        let mut opening = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let address = address.clone();
            opening.spawn(async move { Db::open(&address, OpenMode::Create).await });
        }
        while let Some(opened) = opening.join_next().await {
            opened.expect("no panic").expect("opened");
        }
    }
}

/// The moment from the test above, held fast: the file is not yet switched, and another writes.
#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_switch_a_new_file_yet_waits() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("city.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut other = SqliteConnection::connect_with(&options).await.expect("another connection");
    other.execute("CREATE TABLE something (id TEXT)").await.expect("a table");
    other.execute("BEGIN IMMEDIATE").await.expect("the writer's place");
    let address = format!("sqlite:{}", path.display());
    let opening = tokio::spawn(async move { Db::open(&address, OpenMode::Existing).await });
    // Long enough to be refused; when it begins later, it has nothing to wait for and the test no say.
    tokio::time::sleep(Duration::from_millis(200)).await;
    other.execute("COMMIT").await.expect("commit");
    opening.await.expect("no panic").expect("opened");
}
