//! A backup shows one state, while the city works on.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rand::Rng;
use store::{Db, Tx, backup, params};
use testkit::{TestDb, on_both_engines};

use super::Target;
use crate::support::column;

/// One change: a row in a table that the backup reads early and one in a table that it reads late.
async fn pair(tx: &mut Tx, n: i64) {
    let name = format!("{n:06}");
    tx.execute("INSERT INTO change (topic, version) VALUES ($1, $2)", params![&name, n]).await.expect("early");
    tx.execute("INSERT INTO setting (name, value) VALUES ($1, '')", params![&name]).await.expect("late");
}

/// Writes pairs until told to stop.
async fn keep_writing(db: Db, written: Arc<AtomicI64>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let mut tx = db.write().await.expect("write");
        pair(&mut tx, written.load(Ordering::SeqCst)).await;
        tx.commit().await.expect("commit");
        written.fetch_add(1, Ordering::SeqCst);
    }
}

/// A file that takes each piece only after another pair was committed, so that the whole backup lies
/// between changes.
struct Slow {
    bytes: Vec<u8>,
    pieces: usize,
    written: Arc<AtomicI64>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let before = self.written.load(Ordering::SeqCst);
        while self.written.load(Ordering::SeqCst) < before + 2 {
            std::thread::yield_now();
        }
        self.bytes.extend_from_slice(bytes);
        self.pieces += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ballast between the early and the late table, of a kind that does not become small.
async fn ballast(t: &TestDb) {
    let mut rng = t.rng();
    let rows = (0..800).map(|i| {
        let payload: String = (0..40).map(|_| format!("{:016x}", rng.next_u64())).collect();
        params![format!("{i:05}"), "none", "ballast", payload, 0, "done", 0, 0, 1, 0, false, 0]
    });
    let mut tx = t.db.write().await.expect("write");
    let columns = [
        "id",
        "lane",
        "kind",
        "payload",
        "priority",
        "state",
        "run_at",
        "attempts",
        "max_attempts",
        "fence",
        "cancel_requested",
        "created_at",
    ];
    tx.insert_many("job", &columns, rows).await.expect("ballast");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn a_backup_among_changes_holds_only_whole_ones(t: TestDb) {
        ballast(&t).await;
        let (written, stop) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
        let writer = tokio::spawn(keep_writing(t.db.clone(), written.clone(), stop.clone()));
        for _ in 0..2 {
            let mut file = Slow { bytes: Vec::new(), pieces: 0, written: written.clone() };
            let begun = written.load(Ordering::SeqCst);
            backup::write(&t.db, &t.clock, &mut file, |_| {}).await.expect("backup");
            let ended = written.load(Ordering::SeqCst);
            assert!(file.pieces > 5 && ended - begun > 5, "the writer wrote meanwhile: {begun} to {ended}");

            let target = Target::new(t.engine()).await;
            target.restore(&file.bytes).await.expect("restore");
            let db = target.open().await;
            let early: Vec<String> = column(&db, "SELECT topic FROM change ORDER BY topic", "topic").await;
            let late: Vec<String> = column(&db, "SELECT name FROM setting ORDER BY name", "name").await;
            assert_eq!(early, late, "halves of changes");
            let whole: Vec<String> = (0..early.len()).map(|n| format!("{n:06}")).collect();
            assert_eq!(early, whole, "no change is missing before the last");
            assert!((begun..=ended).contains(&(early.len() as i64)), "{} of {begun} to {ended}", early.len());
            target.t.close().await;
        }
        stop.store(true, Ordering::SeqCst);
        writer.await.expect("no panic");
    }
}
