//! What the look of every minute asks of the database.

use calendar::Instant;
use store::{Result, StoreError, Tx, params};

/// Contacts of which a clock has run out and was not escalated yet, with its name.
pub(crate) async fn late(tx: &mut Tx, now: Instant) -> Result<Vec<(String, String)>> {
    let rows = tx
        .rows(
            "SELECT c.id AS contact, 'first_reply' AS clock FROM contact c
             WHERE c.state IN ('waiting', 'held') AND c.reply_due_at <= $1
               AND NOT EXISTS (SELECT 1 FROM contact_event e
                   WHERE e.contact = c.id AND e.kind = 'escalated' AND e.reason = 'first_reply'
                     AND e.at >= c.reply_due_at)
             UNION ALL
             SELECT t.contact AS contact, 'transfer' AS clock FROM contact_transfer t
             WHERE t.state = 'offered' AND t.due_at <= $1
               AND NOT EXISTS (SELECT 1 FROM contact_event e
                   WHERE e.contact = t.contact AND e.kind = 'escalated' AND e.reason = 'transfer'
                     AND e.at >= t.due_at)
             ORDER BY 1 LIMIT 500",
            params![now],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("contact")?, r.get("clock")?))).collect()
}

/// Whether the clock was escalated in between.
pub(crate) async fn is_escalated(tx: &mut Tx, contact: &str, clock: &str) -> Result<bool> {
    let row = tx
        .row(
            "SELECT count(*) AS n FROM contact_event e WHERE e.contact = $1 AND e.kind = 'escalated' AND e.reason = $2
               AND e.at >= coalesce(
                   CASE WHEN $2 = 'transfer'
                        THEN (SELECT max(t.due_at) FROM contact_transfer t WHERE t.contact = $1 AND t.state = 'offered')
                        ELSE (SELECT c.reply_due_at FROM contact c WHERE c.id = $1) END, 0)",
            params![contact, clock],
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok(row.get::<i64>("n")? > 0)
}
