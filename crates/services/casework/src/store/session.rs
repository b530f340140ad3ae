//! Talks that reporters have open, and forms that they sent.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// An open talk: the reporter's key, wrapped under what the page holds.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Open {
    pub(crate) wrapped: Vec<u8>,
    pub(crate) seen_at: Instant,
}

pub(crate) async fn open(tx: &mut Tx, id: &str, wrapped: Vec<u8>, now: Instant) -> Result<()> {
    tx.execute("INSERT INTO report_session (id, wrapped, seen_at) VALUES ($1, $2, $3)", params![id, wrapped, now])
        .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Open>> {
    tx.optional("SELECT wrapped, seen_at FROM report_session WHERE id = $1", params![id]).await
}

pub(crate) async fn see(tx: &mut Tx, id: &str, now: Instant) -> Result<()> {
    tx.execute("UPDATE report_session SET seen_at = $2 WHERE id = $1", params![id, now]).await?;
    Ok(())
}

pub(crate) async fn close(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM report_session WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Ends the talks that were idle since an instant, and forgets forms that were sent before another.
pub(crate) async fn sweep(tx: &mut Tx, idle_since: Instant, sent_before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM report_form WHERE sent_at <= $1", params![sent_before]).await?;
    tx.execute("DELETE FROM report_session WHERE seen_at <= $1", params![idle_since]).await
}

/// Notes that a form was sent; whether it was not before.
pub(crate) async fn send_form(tx: &mut Tx, digest: &str, draw: i64, now: Instant) -> Result<bool> {
    let sent = tx
        .execute(
            "INSERT INTO report_form (digest, draw, sent_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![digest, draw, now],
        )
        .await?;
    Ok(sent == 1)
}

/// How often a locator was drawn for a form that was sent.
pub(crate) async fn sent(tx: &mut Tx, digest: &str) -> Result<Option<i64>> {
    let row = tx.row("SELECT draw FROM report_form WHERE digest = $1", params![digest]).await?;
    row.map(|row| row.get("draw")).transpose()
}
