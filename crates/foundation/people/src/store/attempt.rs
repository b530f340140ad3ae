//! Attempts in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::message::Tried;

pub(crate) async fn insert(tx: &mut Tx, message: &str, n: i64, now: Instant) -> Result<()> {
    tx.execute("INSERT INTO message_attempt (message, n, started_at) VALUES ($1, $2, $3)", params![message, n, now])
        .await?;
    Ok(())
}

/// Returns whether it was open.
#[allow(clippy::too_many_arguments)]
pub(crate) async fn end(
    tx: &mut Tx,
    message: &str,
    n: i64,
    now: Instant,
    stage: Option<&str>,
    outcome: &str,
    code: Option<&str>,
    detail: Option<&str>,
) -> Result<bool> {
    let ended = tx
        .execute(
            "UPDATE message_attempt SET ended_at = $3, stage = $4, outcome = $5, code = $6, detail = $7
             WHERE message = $1 AND n = $2 AND ended_at IS NULL",
            params![message, n, now, stage, outcome, code, detail],
        )
        .await?;
    Ok(ended == 1)
}

pub(crate) async fn of_message(tx: &mut Tx, message: &str) -> Result<Vec<Tried>> {
    tx.all(
        "SELECT n, started_at, ended_at, stage, outcome, code, detail FROM message_attempt WHERE message = $1 ORDER BY n",
        params![message],
    )
    .await
}
