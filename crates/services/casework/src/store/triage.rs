//! The lists of danger signs.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A version of a desk's list.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Stored {
    pub(crate) version: i64,
    pub(crate) rules: String,
    pub(crate) changed_by: String,
    pub(crate) changed_at: Instant,
}

/// All versions of a desk's list, the newest first.
pub(crate) async fn all(tx: &mut Tx, desk: &str) -> Result<Vec<Stored>> {
    tx.all(
        "SELECT version, rules, changed_by, changed_at FROM case_sign_list WHERE desk = $1 ORDER BY version DESC",
        params![desk],
    )
    .await
}

/// The newest version.
pub(crate) async fn newest(tx: &mut Tx, desk: &str) -> Result<Option<Stored>> {
    tx.optional(
        "SELECT version, rules, changed_by, changed_at FROM case_sign_list WHERE desk = $1
         ORDER BY version DESC LIMIT 1",
        params![desk],
    )
    .await
}

/// Adds a version; false where somebody has added it before.
pub(crate) async fn insert(tx: &mut Tx, desk: &str, list: &Stored) -> Result<bool> {
    let added = tx
        .execute(
            "INSERT INTO case_sign_list (desk, version, rules, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (desk, version) DO NOTHING",
            params![desk, list.version, &list.rules, &list.changed_by, list.changed_at],
        )
        .await?;
    Ok(added == 1)
}
