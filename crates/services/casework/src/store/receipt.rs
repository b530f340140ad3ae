//! What is kept of a receipt: nothing by which it could be made again.

use store::{FromRow, Result, Tx, params};

/// The locked half of a receipt.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Locked {
    pub(crate) locator: String,
    pub(crate) sealed_case: String,
    pub(crate) salt: Vec<u8>,
    pub(crate) verifier: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) public_half: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut Tx, locked: &Locked) -> Result<bool> {
    let kept = tx
        .execute(
            "INSERT INTO case_receipt (locator, sealed_case, salt, verifier, wrapped, public_half)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            params![
                &locked.locator,
                &locked.sealed_case,
                locked.salt.clone(),
                locked.verifier.clone(),
                locked.wrapped.clone(),
                locked.public_half.clone()
            ],
        )
        .await?;
    Ok(kept == 1)
}

pub(crate) async fn get(tx: &mut Tx, locator: &str) -> Result<Option<Locked>> {
    tx.optional(
        "SELECT locator, sealed_case, salt, verifier, wrapped, public_half FROM case_receipt WHERE locator = $1",
        params![locator],
    )
    .await
}
