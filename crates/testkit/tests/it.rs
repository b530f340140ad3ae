//! The kit itself.

use rand::Rng;
use store::{Db, OpenMode, StoreError, migrate, params, schema};
use testkit::{TestDb, at_ten, on_both_engines};

on_both_engines! {
    async fn a_test_database_is_migrated(t: TestDb) {
        migrate::require_current(&t.db).await.expect("ready for use");
        assert_eq!(calendar::Clock::now(&*t.clock).iso_jst(), "2026-11-23T10:00:00+09:00");
        assert_eq!(calendar::Clock::now(&*t.clock), at_ten());
    }

    async fn two_test_databases_know_nothing_of_each_other(t: TestDb) {
        let other = TestDb::on(t.engine()).await;
        assert_ne!(t.address, other.address);
        let mut tx = t.db.write().await.expect("write");
        store::changes::bump(&mut tx, "city").await.expect("bump");
        tx.commit().await.expect("commit");
        assert_eq!(store::changes::versions(&other.db).await.expect("versions").len(), 0);
        other.close().await;
    }

    async fn dropping_removes_the_database(t: TestDb) {
        let address = t.address.clone();
        let folder = t.folder().to_owned();
        // A handle that nobody closed must not keep the database alive.
        let _forgotten = t.again().await;
        drop(t);
        Db::open(&address, OpenMode::Existing).await.expect_err("the database is gone");
        assert!(!folder.exists());
    }

    async fn closing_removes_the_database(t: TestDb) {
        let address = t.address.clone();
        t.close().await;
        Db::open(&address, OpenMode::Existing).await.expect_err("the database is gone");
    }

    async fn a_table_of_the_test_is_as_strict_as_those_of_the_house(t: TestDb) {
        t.create("CREATE TABLE thing (\n    n BIGINT NOT NULL\n)").await;
        let mut tx = t.db.write().await.expect("write");
        let error = tx.execute("INSERT INTO thing (n) VALUES ($1)", params!["word"]).await.expect_err("refused");
        assert!(matches!(error, StoreError::Constraint(_) | StoreError::Driver(_)), "{error:?}");
    }

    async fn randomness_never_repeats_within_a_test(t: TestDb) {
        let source = t.entropy_source();
        let draws = [t.rng().next_u64(), source().next_u64(), t.rng().next_u64(), source().next_u64()];
        for (i, draw) in draws.iter().enumerate() {
            assert!(!draws[..i].contains(draw), "draw {i} came twice");
        }
    }
}

on_both_engines! {
    empty;

    async fn an_empty_database_has_no_table(t: TestDb) {
        let mut tx = t.db.read().await.expect("read");
        assert!(schema::read(&mut tx).await.expect("schema").is_empty());
    }
}
