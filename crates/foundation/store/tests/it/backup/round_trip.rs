//! What goes into a backup comes out of it, on either engine.

use store::{OpenMode, StoreError, backup, migrate, params, schema};
use testkit::{TestDb, on_both_engines};

use super::{ENGINES, Target, fill_much, taken};
use crate::support::{column, contents, execute, number};

on_both_engines! {
    async fn every_row_arrives_on_both_engines(t: TestDb) {
        fill_much(&t).await;
        let mut told = Vec::new();
        let mut file = Vec::new();
        let written = backup::write(&t.db, &t.clock, &mut file, |rows| told.push(rows)).await.expect("backup");
        let expected = contents(&t.db).await;
        let rows = expected.values().map(|rows| rows.len() as u64).sum::<u64>();
        assert_eq!((written.rows, written.tables), (rows, expected.len()));
        assert!(told.is_sorted() && told.last() == Some(&rows), "{told:?}");

        for engine in ENGINES {
            let target = Target::new(engine).await;
            assert_eq!(target.restore(&file).await.expect("restore"), written);
            let db = target.open().await;
            let found = contents(&db).await;
            for (table, rows) in &expected {
                assert_eq!(&found[table], rows, "{table} from {} to {engine}", t.engine());
            }
            assert_eq!(found.len(), expected.len());
            // Nothing of an engine is in the file: from the restored database comes the same one.
            assert!(taken(&t, &db).await == file, "from {} to {engine}", t.engine());
            target.t.close().await;
        }
    }

    async fn a_restored_database_is_as_good_as_new(t: TestDb) {
        fill_much(&t).await;
        let file = taken(&t, &t.db).await;
        let target = Target::new(t.engine()).await;
        target.restore(&file).await.expect("restore");
        let db = target.open().await;
        migrate::require_current(&db).await.expect("ready for use");
        let (mut new, mut old) = (db.read().await.expect("read"), t.db.read().await.expect("read"));
        assert_eq!(schema::read(&mut new).await.expect("schema"), schema::read(&mut old).await.expect("schema"));
        drop((new, old));
        let doubled = execute(&db, "INSERT INTO setting (name, value) VALUES ('long', '')", params![]).await;
        assert!(matches!(doubled, Err(StoreError::Constraint(_))), "{doubled:?}");
        execute(&db, "DELETE FROM article WHERE id = 'article 1'", params![]).await.expect("delete");
        assert_eq!(number(&db, "SELECT count(*) AS n FROM article_text").await, 12, "its texts went with it");
    }

    async fn the_values_are_those_that_were_written(t: TestDb) {
        fill_much(&t).await;
        let file = taken(&t, &t.db).await;
        for engine in ENGINES {
            let target = Target::new(engine).await;
            target.restore(&file).await.expect("restore");
            let db = target.open().await;
            let texts: Vec<String> = column(&db, "SELECT value FROM setting WHERE name < 'u' AND name <> 'long' ORDER BY name", "value").await;
            assert_eq!(texts, [
                "", "窓口", "𠮷野家 🏯", "\"\\/\u{8}\u{1}\u{7f}\u{2028}\r\n\t", "null", "true", "1", "\u{10ffff}\u{feff}"
            ]);
            assert_eq!(number(&db, "SELECT length(value) AS n FROM setting WHERE name = 'long'").await, 100_000);
            assert_eq!(column::<i64>(&db, "SELECT version FROM change ORDER BY topic", "version").await, [i64::MAX, i64::MIN]);
            assert_eq!(column::<bool>(&db, "SELECT open_in_closures FROM section ORDER BY id DESC", "open_in_closures").await, [true, false]);
            let successors: Vec<Option<String>> = column(&db, "SELECT successor FROM section ORDER BY id DESC", "successor").await;
            assert_eq!(successors, [None, Some("窓口課".into())]);
            target.t.close().await;
        }
    }

    async fn an_empty_city_is_a_backup_too(t: TestDb) {
        let file = taken(&t, &t.db).await;
        let target = Target::new(t.engine()).await;
        assert_eq!(target.restore(&file).await.expect("restore").rows, 0);
        migrate::require_current(&target.open().await).await.expect("ready for use");
    }

    async fn a_database_that_is_not_empty_is_refused_and_unchanged(t: TestDb) {
        fill_much(&t).await;
        let file = taken(&t, &t.db).await;
        let full = TestDb::on(t.engine()).await;
        execute(&full.db, "INSERT INTO setting (name, value) VALUES ('mine', 'keep')", params![]).await.expect("insert");
        let before = contents(&full.db).await;
        let outcome = backup::restore(&full.address, &full.clock, file.as_slice(), |_| {}).await;
        assert!(matches!(outcome, Err(StoreError::NotEmpty)), "{outcome:?}");
        assert_eq!(contents(&full.db).await, before);
        store::Db::open(&full.address, OpenMode::Existing).await.expect("it is still there");

        // Also when the tables are there and no row.
        let outcome = backup::restore(&TestDb::on(t.engine()).await.address, &t.clock, file.as_slice(), |_| {}).await;
        assert!(matches!(outcome, Err(StoreError::NotEmpty)), "{outcome:?}");
    }

    async fn a_disk_that_is_full_is_told(t: TestDb) {
        fill_much(&t).await;
        let outcome = backup::write(&t.db, &t.clock, Full(2_000), |_| {}).await;
        assert!(matches!(&outcome, Err(StoreError::Io(_))), "{outcome:?}");
        execute(&t.db, "DELETE FROM setting", params![]).await.expect("the database works on");
    }
}

on_both_engines! {
    empty;

    /// A backup of last year goes into the program of this year.
    async fn an_older_backup_is_brought_to_the_newest_schema(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        migrate::apply_until(&mut tx, &t.clock, 2).await.expect("apply");
        tx.execute("INSERT INTO setting (name, value) VALUES ('profile', '{}')", params![]).await.expect("insert");
        tx.commit().await.expect("commit");
        let file = taken(&t, &t.db).await;
        for engine in ENGINES {
            let target = Target::new(engine).await;
            assert_eq!(target.restore(&file).await.expect("restore").schema_version, 2);
            let db = target.open().await;
            migrate::require_current(&db).await.expect("ready for use");
            assert_eq!(column::<String>(&db, "SELECT name FROM setting", "name").await, ["profile"]);
            target.t.close().await;
        }
    }

    /// Mails of the simulator stood in clear before the step 11, which does not keep them.
    async fn a_backup_with_mails_in_clear_loses_them(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        migrate::apply_until(&mut tx, &t.clock, 10).await.expect("apply");
        for sql in [
            "INSERT INTO person (id, lang, secrecy, created_at, updated_at) VALUES ('p', 'ja', $1, 0, 0)",
            "INSERT INTO message (id, person, channel, pinned, purpose, basis, template, lang, about_kind, about_id, state,
                attempts, created_at) VALUES ('m', 'p', 'mail', $1, 'x', 'duty', 'x', 'ja', 'x', 'x', 'sent', 1, 0)",
        ] {
            tx.execute(sql, params![false]).await.expect("insert");
        }
        let mail = "INSERT INTO simulated_mail (id, message, sender, recipient, subject, body, at)
            VALUES ('s', 'm', 'city', 'minato@example.jp', 'x', 'x', 0)";
        tx.execute(mail, params![]).await.expect("insert");
        tx.commit().await.expect("commit");
        let file = taken(&t, &t.db).await;
        for engine in ENGINES {
            let target = Target::new(engine).await;
            target.restore(&file).await.expect("restore");
            let db = target.open().await;
            assert_eq!(column::<String>(&db, "SELECT id FROM message", "id").await, ["m"]);
            assert!(column::<String>(&db, "SELECT id FROM simulated_mail", "id").await.is_empty());
            target.t.close().await;
        }
    }
}

/// Takes so many bytes and then no more.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
