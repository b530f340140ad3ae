//! Files of cases, by ids without meaning.

use calendar::Instant;
use store::{Result, Tx, params};

/// Keeps a place for a file that begins to arrive.
pub(crate) async fn reserve(tx: &mut Tx, id: &str, case: &str, now: Instant) -> Result<()> {
    tx.execute("INSERT INTO case_blob (id, sealed_case, reserved_at) VALUES ($1, $2, $3)", params![id, case, now])
        .await?;
    Ok(())
}

/// Says that a file is whole; false where its place was given up, or it was whole before.
pub(crate) async fn settle(tx: &mut Tx, id: &str, case: &str) -> Result<bool> {
    let settled = tx
        .execute(
            "UPDATE case_blob SET reserved_at = NULL WHERE id = $1 AND sealed_case = $2 AND reserved_at IS NOT NULL",
            params![id, case],
        )
        .await?;
    Ok(settled == 1)
}

/// Gives up the place of a file that did not arrive.
pub(crate) async fn give_up(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM case_blob WHERE id = $1 AND reserved_at IS NOT NULL", params![id]).await?;
    Ok(())
}

/// Gives up the places of files that began to arrive before an instant and never did.
pub(crate) async fn give_up_before(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM case_blob WHERE reserved_at < $1", params![before]).await
}

/// Whether there is a place for a file.
pub(crate) async fn is_known(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(tx.row("SELECT 1 AS one FROM case_blob WHERE id = $1", params![id]).await?.is_some())
}

/// How many files a case has, with those that arrive.
pub(crate) async fn count(tx: &mut Tx, case: &str) -> Result<i64> {
    let row = tx.row("SELECT count(*) AS n FROM case_blob WHERE sealed_case = $1", params![case]).await?;
    row.map_or(Ok(0), |row| row.get("n"))
}
