//! The log of sends in the database: rows are added and never changed.

use store::{Result, Tx, params};

use crate::event::Event;

/// Adds an event as the last one of its send, whose row the transaction has locked.
pub(crate) async fn insert(tx: &mut Tx, e: &Event) -> Result<()> {
    tx.execute(
        "INSERT INTO outreach_event (id, send, seq, at, kind, actor, batch, reason, value)
         VALUES ($1, $2, (SELECT COALESCE(max(seq), 0) + 1 FROM outreach_event WHERE send = $2), $3, $4, $5, $6, $7, $8)",
        params![&e.id, &e.send, e.at, e.kind.code(), &e.actor, e.batch, e.reason.as_deref(), e.value],
    )
    .await?;
    Ok(())
}

/// The events of a send, oldest first.
pub async fn of(tx: &mut Tx, send: &str) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, send, seq, at, kind, actor, batch, reason, value FROM outreach_event WHERE send = $1 ORDER BY seq",
        params![send],
    )
    .await
}
