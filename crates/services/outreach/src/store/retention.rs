//! What is erased of recipients in the database.

use calendar::Instant;
use store::{Result, Row, Tx, params};

/// Removes a recipient, and what they chose with them. Returns whether there was one.
pub(crate) async fn delete(tx: &mut Tx, recipient: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM outreach_recipient WHERE id = $1", params![recipient]).await? == 1)
}

pub(crate) async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<String>> {
    ids(&tx.rows("SELECT id FROM outreach_recipient WHERE person = $1 ORDER BY id", params![person]).await?)
}

/// Recipients who cannot be reached since before an instant.
pub(crate) async fn left_before(tx: &mut Tx, before: Instant, limit: i64) -> Result<Vec<String>> {
    let sql = "SELECT id FROM outreach_recipient WHERE state <> 'active' AND updated_at < $1 ORDER BY id LIMIT $2";
    ids(&tx.rows(sql, params![before, limit]).await?)
}

fn ids(rows: &[Row]) -> Result<Vec<String>> {
    rows.iter().map(|row| row.get("id")).collect()
}
