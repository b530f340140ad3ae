//! How every process learns that something changed: a topic's version goes up in the transaction
//! of the change, and each process polls.

use std::collections::HashMap;
use std::time::Duration;

use crate::{Db, Result, Row, Tx, params};

/// How often a process looks.
pub const POLL: Duration = Duration::from_millis(300);

/// Marks a topic as changed; seen by others when the transaction is committed.
pub async fn bump(tx: &mut Tx, topic: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO change (topic, version) VALUES ($1, 1)
         ON CONFLICT (topic) DO UPDATE SET version = change.version + 1",
        params![topic],
    )
    .await?;
    Ok(())
}

/// The version of every topic.
pub async fn versions(db: &Db) -> Result<HashMap<String, i64>> {
    let mut tx = db.read().await?;
    let rows = tx.rows("SELECT topic, version FROM change", params![]).await?;
    rows.iter().map(|r: &Row| Ok((r.get("topic")?, r.get("version")?))).collect()
}

/// Waits until the version of a topic differs from `seen`, and returns the new one. Errors of the
/// database are passed on, so that the caller decides how long to wait and whom to tell.
pub async fn changed(db: &Db, topic: &str, seen: i64) -> Result<i64> {
    loop {
        let now = versions(db).await?.get(topic).copied().unwrap_or(0);
        if now != seen {
            return Ok(now);
        }
        tokio::time::sleep(POLL).await;
    }
}
