//! Places in the database.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) text_sealed: String,
    pub(crate) created_at: Instant,
}

pub(crate) async fn insert(tx: &mut Tx, id: &str, person: &str, kind: &str, sealed: &str, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO place (id, person, kind, text_sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, person, kind, sealed, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Row>> {
    tx.all(
        "SELECT id, kind, text_sealed, created_at FROM place WHERE person = $1 ORDER BY created_at DESC, id DESC",
        params![person],
    )
    .await
}

/// Returns whether the person had it.
pub(crate) async fn delete(tx: &mut Tx, person: &str, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM place WHERE id = $2 AND person = $1", params![person, id]).await? == 1)
}
