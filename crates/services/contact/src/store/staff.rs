//! What the staff's acts ask of the database.

use calendar::Instant;
use store::{FromRow, Result, StoreError, Tx, params};

/// A contact that waits.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) section: String,
    pub(crate) lang: String,
    pub(crate) topic: Option<String>,
    pub(crate) waiting_since: Instant,
}

/// All that wait, longest first.
pub(crate) async fn waiting(tx: &mut Tx) -> Result<Vec<Waiting>> {
    tx.all(
        "SELECT id, section, lang, topic, waiting_since FROM contact
         WHERE state = 'waiting' AND waiting_since IS NOT NULL ORDER BY waiting_since, id LIMIT 1000",
        params![],
    )
    .await
}

/// How many contacts an account has.
pub(crate) async fn held_by(tx: &mut Tx, account: &str) -> Result<i64> {
    let row =
        tx.row("SELECT count(*) AS n FROM contact WHERE state = 'held' AND holder = $1", params![account]).await?;
    row.ok_or(StoreError::NotFound)?.get("n")
}

/// Sections that are asked to take a contact.
pub(crate) async fn sections_concerned(tx: &mut Tx, contact: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT DISTINCT to_section AS section FROM contact_transfer WHERE contact = $1 AND state = 'offered'",
            params![contact],
        )
        .await?;
    rows.iter().map(|r| r.get("section")).collect()
}
