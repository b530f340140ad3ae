//! Merges in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, Tx, params};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) kept: String,
    pub(crate) gone: String,
    pub(crate) secrecy_added: bool,
    pub(crate) merged_at: Instant,
    pub(crate) undone_at: Option<Instant>,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: &str,
    kept: &str,
    gone: &str,
    secrecy_added: bool,
    now: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO person_merge (id, kept, gone, secrecy_added, merged_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, kept, gone, secrecy_added, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional("SELECT kept, gone, secrecy_added, merged_at, undone_at FROM person_merge WHERE id = $1", params![id])
        .await
}

/// Tables whose rows belong to a person and move with a merge.
pub(crate) const MOVING: [&str; 5] = ["address", "place", "consent", "household_member", "message"];

/// Moves the rows of a table from one person to another, and notes which.
pub(crate) async fn move_all(tx: &mut Tx, merge: &str, table: &str, from: &str, to: &str) -> Result<()> {
    tx.execute(
        Sql::built(format!(
            "INSERT INTO person_merge_move (merge, kind, object) SELECT $1, '{table}', id FROM {table} WHERE person = $2{}",
            if table == "address" { UNLESS_DOUBLE } else { "" }
        )),
        if table == "address" { params![merge, from, to] } else { params![merge, from] },
    )
    .await?;
    tx.execute(
        Sql::built(format!(
            "UPDATE {table} SET person = $1
             WHERE id IN (SELECT object FROM person_merge_move WHERE merge = $2 AND kind = '{table}')"
        )),
        params![to, merge],
    )
    .await?;
    Ok(())
}

/// An address that both have stays where it is; the pointer of the merge leads to the other one.
const UNLESS_DOUBLE: &str = " AND NOT EXISTS (SELECT 1 FROM address other WHERE other.person = $3
    AND other.channel = address.channel AND other.value_hash = address.value_hash)";

/// Addresses that both persons have: `(of the one that goes, of the one that stays)`.
pub(crate) async fn doubles(tx: &mut Tx, gone: &str, kept: &str) -> Result<Vec<(String, String)>> {
    let rows = tx
        .rows(
            "SELECT a.id AS gone, b.id AS kept FROM address a JOIN address b
             ON b.person = $2 AND b.channel = a.channel AND b.value_hash = a.value_hash WHERE a.person = $1 ORDER BY a.id",
            params![gone, kept],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("gone")?, r.get("kept")?))).collect()
}

/// Points the messages of one address to another.
pub(crate) async fn readdress(tx: &mut Tx, from: &str, to: &str) -> Result<()> {
    tx.execute("UPDATE message SET address = $2 WHERE address = $1", params![from, to]).await?;
    Ok(())
}

/// Moves back what a merge moved, if the person who stayed still has it.
pub(crate) async fn move_back(tx: &mut Tx, merge: &str, table: &str, from: &str, to: &str) -> Result<()> {
    tx.execute(
        Sql::built(format!(
            "UPDATE {table} SET person = $1 WHERE person = $3
             AND id IN (SELECT object FROM person_merge_move WHERE merge = $2 AND kind = '{table}')"
        )),
        params![to, merge, from],
    )
    .await?;
    Ok(())
}

/// The newest merge into a person that was not undone.
pub(crate) async fn latest(tx: &mut Tx, kept: &str) -> Result<Option<String>> {
    let sql = "SELECT id FROM person_merge WHERE kept = $1 AND undone_at IS NULL ORDER BY id DESC LIMIT 1";
    tx.row(sql, params![kept]).await?.map(|row| row.get("id")).transpose()
}

pub(crate) async fn undone(tx: &mut Tx, id: &str, now: Instant) -> Result<()> {
    tx.execute("UPDATE person_merge SET undone_at = $2 WHERE id = $1", params![id, now]).await?;
    Ok(())
}

/// Whether the person who stayed was merged again, or somebody else into them, after this merge.
pub(crate) async fn later(tx: &mut Tx, id: &str, kept: &str) -> Result<bool> {
    let row = tx
        .row(
            "SELECT id FROM person_merge WHERE id > $1 AND undone_at IS NULL AND (kept = $2 OR gone = $2) LIMIT 1",
            params![id, kept],
        )
        .await?;
    Ok(row.is_some())
}
