//! What desks published.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A release as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Release {
    pub(crate) id: String,
    pub(crate) desk: String,
    pub(crate) version: i64,
    pub(crate) period_from: String,
    pub(crate) period_to: String,
    pub(crate) body: String,
    pub(crate) published_by: String,
    pub(crate) published_at: Instant,
    pub(crate) withdrawn_at: Option<Instant>,
}

const COLUMNS: &str = "id, desk, version, period_from, period_to, body, published_by, published_at, withdrawn_at";

/// Keeps a release; false where somebody has published that version before.
pub(crate) async fn insert(tx: &mut Tx, release: &Release) -> Result<bool> {
    let kept = tx
        .execute(
            "INSERT INTO effect_publication
                 (id, desk, version, period_from, period_to, body, published_by, published_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (desk, version) DO NOTHING",
            params![
                &release.id,
                &release.desk,
                release.version,
                &release.period_from,
                &release.period_to,
                &release.body,
                &release.published_by,
                release.published_at
            ],
        )
        .await?;
    Ok(kept == 1)
}

/// All releases of a desk, the newest first, also those that were withdrawn.
pub(crate) async fn all(tx: &mut Tx, desk: &str) -> Result<Vec<Release>> {
    let sql =
        store::Sql::built(format!("SELECT {COLUMNS} FROM effect_publication WHERE desk = $1 ORDER BY version DESC"));
    tx.all(sql, params![desk]).await
}

/// Withdraws a release; false where it is not there or was withdrawn before.
pub(crate) async fn withdraw(tx: &mut Tx, desk: &str, id: &str, now: Instant) -> Result<bool> {
    let gone = tx
        .execute(
            "UPDATE effect_publication SET withdrawn_at = $3 WHERE desk = $1 AND id = $2 AND withdrawn_at IS NULL",
            params![desk, id, now],
        )
        .await?;
    Ok(gone == 1)
}
