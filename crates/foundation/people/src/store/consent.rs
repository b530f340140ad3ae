//! Consents in the database.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

use crate::consent::Consent;

pub(crate) async fn insert(tx: &mut Tx, id: &str, person: &str, purpose: &str, how: &str, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO consent (id, person, purpose, how, given_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, person, purpose, how, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn standing(tx: &mut Tx, person: &str, purpose: &str) -> Result<Option<Consent>> {
    let row = tx
        .row(
            "SELECT id, purpose, how, given_at, withdrawn_at FROM consent
             WHERE person = $1 AND purpose = $2 AND withdrawn_at IS NULL ORDER BY given_at DESC, id DESC LIMIT 1",
            params![person, purpose],
        )
        .await?;
    row.as_ref().map(Consent::from_row).transpose()
}

pub(crate) async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Consent>> {
    tx.all(
        "SELECT id, purpose, how, given_at, withdrawn_at FROM consent WHERE person = $1 ORDER BY given_at, id",
        params![person],
    )
    .await
}

pub(crate) async fn withdraw(tx: &mut Tx, person: &str, purpose: &str, now: Instant) -> Result<u64> {
    tx.execute(
        "UPDATE consent SET withdrawn_at = $3 WHERE person = $1 AND purpose = $2 AND withdrawn_at IS NULL",
        params![person, purpose, now],
    )
    .await
}
