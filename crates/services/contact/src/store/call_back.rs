//! Call backs in the database.

use calendar::Instant;
use store::{Result, Sql, Tx, params};

use crate::call_back::CallBack;

const COLUMNS: &str = "id, contact, person, address, window_from, window_to, state, asked_by, asked_at, decided_at";

/// Writes a promise.
pub(crate) async fn insert(tx: &mut Tx, c: &CallBack) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_call_back (id, contact, person, address, window_from, window_to, state, asked_by, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &c.id,
            &c.contact,
            &c.person,
            &c.address,
            c.window_from,
            c.window_to,
            &c.state,
            &c.asked_by,
            c.asked_at
        ],
    )
    .await?;
    Ok(())
}

/// One promise.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<CallBack>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM contact_call_back WHERE id = $1")), params![id]).await
}

/// Ends an open promise; returns whether it was open.
pub(crate) async fn decide(tx: &mut Tx, id: &str, state: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE contact_call_back SET state = $2, decided_at = $3 WHERE id = $1 AND state = 'asked'",
            params![id, state, at],
        )
        .await?;
    Ok(changed == 1)
}

/// The promises of a contact, oldest first.
pub async fn of(tx: &mut Tx, contact: &str) -> Result<Vec<CallBack>> {
    let text = format!("SELECT {COLUMNS} FROM contact_call_back WHERE contact = $1 ORDER BY asked_at, id");
    tx.all(Sql::built(text), params![contact]).await
}

/// Open promises whose window begins before an instant, the earliest first.
pub async fn open(tx: &mut Tx, before: Instant) -> Result<Vec<CallBack>> {
    let text = format!(
        "SELECT {COLUMNS} FROM contact_call_back WHERE state = 'asked' AND window_from < $1
         ORDER BY window_from, id LIMIT 500"
    );
    tx.all(Sql::built(text), params![before]).await
}
