//! What is clear of a case.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A case as everybody who holds the database sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Clear {
    /// Its id.
    pub id: String,
    /// Code of its desk.
    pub desk: String,
    /// Account of whoever answers for it.
    pub accountable: Option<String>,
    /// Goes up with each change by the desk.
    pub version: i64,
    /// Entries so far.
    pub records: i64,
    /// The reporter wrote or the glass was broken, and nobody of the desk has read it.
    pub has_news: bool,
    /// Whether it is not closed.
    pub is_open: bool,
    /// When it is shredded.
    pub retain_until: Option<Instant>,
    /// It must be kept beyond that.
    pub has_hold: bool,
    /// When its outer key was destroyed.
    pub shredded_at: Option<Instant>,
}

const COLUMNS: &str = "id, desk, accountable, version, records, has_news, is_open, retain_until, has_hold, shredded_at";

pub(crate) async fn insert(tx: &mut Tx, case: &Clear) -> Result<()> {
    tx.execute(
        "INSERT INTO sealed_case (id, desk, accountable, version, records, has_news, is_open, retain_until, has_hold)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &case.id,
            &case.desk,
            case.accountable.as_deref(),
            case.version,
            case.records,
            case.has_news,
            case.is_open,
            case.retain_until,
            case.has_hold
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Clear>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM sealed_case WHERE id = $1"));
    tx.optional(sql, params![id]).await
}

/// Reads a case and keeps others from changing it until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Clear>> {
    let sql = store::Sql::built(format!("UPDATE sealed_case SET version = version WHERE id = $1 RETURNING {COLUMNS}"));
    tx.optional(sql, params![id]).await
}

pub(crate) async fn save(tx: &mut Tx, case: &Clear) -> Result<()> {
    tx.execute(
        "UPDATE sealed_case SET accountable = $2, version = $3, records = $4, has_news = $5, is_open = $6,
             retain_until = $7, has_hold = $8, shredded_at = $9 WHERE id = $1",
        params![
            &case.id,
            case.accountable.as_deref(),
            case.version,
            case.records,
            case.has_news,
            case.is_open,
            case.retain_until,
            case.has_hold,
            case.shredded_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn list(tx: &mut Tx, desk: &str) -> Result<Vec<Clear>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM sealed_case WHERE desk = $1 ORDER BY id"));
    tx.all(sql, params![desk]).await
}

/// Cases whose time of keeping is over and that nobody holds back.
pub(crate) async fn to_shred(tx: &mut Tx, now: Instant) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT id FROM sealed_case WHERE retain_until <= $1 AND has_hold = $2 AND is_open = $2
             AND shredded_at IS NULL ORDER BY id",
            params![now, false],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Removes everything sealed of a case; the clear row stays, so that it is known that there was one.
pub(crate) async fn remove_contents(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM case_record WHERE sealed_case = $1", params![id]).await?;
    tx.execute("DELETE FROM case_summary WHERE sealed_case = $1", params![id]).await?;
    tx.execute("DELETE FROM case_clock WHERE sealed_case = $1", params![id]).await?;
    tx.execute("DELETE FROM case_receipt WHERE sealed_case = $1", params![id]).await?;
    tx.execute("DELETE FROM case_wall WHERE sealed_case = $1", params![id]).await?;
    super::glass::remove_case(tx, id).await?;
    tx.execute("DELETE FROM case_blob WHERE sealed_case = $1", params![id]).await?;
    tx.execute("DELETE FROM case_grant WHERE ring IN (SELECT id FROM case_ring WHERE sealed_case = $1)", params![id])
        .await?;
    tx.execute("DELETE FROM case_ring WHERE sealed_case = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn build_wall(tx: &mut Tx, case: &str, digest: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO case_wall (sealed_case, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        params![case, digest],
    )
    .await?;
    Ok(())
}

pub(crate) async fn is_walled(tx: &mut Tx, case: &str, digest: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM case_wall WHERE sealed_case = $1 AND digest = $2";
    Ok(tx.row(sql, params![case, digest]).await?.is_some())
}

/// A digest on the wall of a case.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct OnWall {
    pub(crate) sealed_case: String,
    pub(crate) digest: String,
}

/// The walls of a desk's cases.
pub(crate) async fn walls(tx: &mut Tx, desk: &str) -> Result<Vec<OnWall>> {
    tx.all(
        "SELECT w.sealed_case AS sealed_case, w.digest AS digest
         FROM case_wall w JOIN sealed_case c ON c.id = w.sealed_case WHERE c.desk = $1 ORDER BY w.sealed_case, w.digest",
        params![desk],
    )
    .await
}
