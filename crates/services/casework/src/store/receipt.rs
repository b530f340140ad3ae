//! What is kept of a receipt: nothing by which it could be made again.

use store::{FromRow, Result, Tx, params};

/// The locked half of a receipt.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Kept {
    pub(crate) sealed_case: String,
    pub(crate) locked: Vec<u8>,
}

/// Keeps it; whether its locator was free.
pub(crate) async fn insert(tx: &mut Tx, locator: &str, kept: &Kept) -> Result<bool> {
    let inserted = tx
        .execute(
            "INSERT INTO case_receipt (locator, sealed_case, locked) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![locator, &kept.sealed_case, kept.locked.clone()],
        )
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn is_free(tx: &mut Tx, locator: &str) -> Result<bool> {
    Ok(tx.row("SELECT 1 AS one FROM case_receipt WHERE locator = $1", params![locator]).await?.is_none())
}

pub(crate) async fn get(tx: &mut Tx, locator: &str) -> Result<Option<Kept>> {
    tx.optional("SELECT sealed_case, locked FROM case_receipt WHERE locator = $1", params![locator]).await
}
