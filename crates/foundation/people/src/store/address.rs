//! Addresses in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, Tx, params};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) channel: String,
    pub(crate) value_sealed: String,
    pub(crate) verified_at: Option<Instant>,
    pub(crate) safe: bool,
    pub(crate) state: String,
    pub(crate) created_at: Instant,
}

const COLUMNS: &str = "id, person, channel, value_sealed, verified_at, safe, state, created_at";

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM address WHERE id = $1")), params![id]).await
}

/// All of a person: verified ones first, the newest of them first.
pub(crate) async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Row>> {
    tx.all(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM address WHERE person = $1
             ORDER BY CASE WHEN verified_at IS NULL THEN 1 ELSE 0 END, created_at DESC, id DESC"
        )),
        params![person],
    )
    .await
}

/// Writes an address; one that the person has already stays, and is active again if it was withdrawn or bounced.
/// Returns the id that counts.
pub(crate) async fn upsert(
    tx: &mut Tx,
    id: &str,
    person: &str,
    channel: &str,
    sealed: &str,
    hash: &str,
    now: Instant,
) -> Result<Option<String>> {
    let row = tx
        .row(
            "INSERT INTO address (id, person, channel, value_sealed, value_hash, safe, state, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $7)
             ON CONFLICT (person, channel, value_hash)
             DO UPDATE SET verified_at = CASE WHEN address.state = 'active' THEN address.verified_at ELSE NULL END,
                           state = 'active', updated_at = $7
             RETURNING id",
            params![id, person, channel, sealed, hash, false, now],
        )
        .await?;
    row.map(|r| r.get("id")).transpose()
}

pub(crate) async fn persons_with(tx: &mut Tx, channel: &str, hash: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT person FROM address WHERE channel = $1 AND value_hash = $2 AND state <> 'withdrawn' ORDER BY person",
            params![channel, hash],
        )
        .await?;
    rows.iter().map(|r| r.get("person")).collect()
}

pub(crate) async fn set_state(tx: &mut Tx, id: &str, state: &str, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE address SET state = $2, updated_at = $3 WHERE id = $1 AND state <> $2",
            params![id, state, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn set_verified(tx: &mut Tx, id: &str, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE address SET verified_at = $2, updated_at = $2 WHERE id = $1 AND state = 'active'",
            params![id, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn set_safe(tx: &mut Tx, id: &str, safe: bool, now: Instant) -> Result<()> {
    tx.execute("UPDATE address SET safe = $2, updated_at = $3 WHERE id = $1", params![id, safe, now]).await?;
    Ok(())
}
