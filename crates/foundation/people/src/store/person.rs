//! Persons in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, Tx, params};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name_sealed: Option<String>,
    pub(crate) lang: String,
    pub(crate) secrecy: bool,
    pub(crate) secrecy_since: Option<Instant>,
    pub(crate) secrecy_reason: Option<String>,
    pub(crate) merged_into: Option<String>,
    pub(crate) erased_at: Option<Instant>,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

const COLUMNS: &str =
    "id, name_sealed, lang, secrecy, secrecy_since, secrecy_reason, merged_into, erased_at, created_at, updated_at";

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM person WHERE id = $1")), params![id]).await
}

/// Keeps others from changing a person until the end of the transaction, and reads what holds now.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(
        Sql::built(format!("UPDATE person SET updated_at = updated_at WHERE id = $1 RETURNING {COLUMNS}")),
        params![id],
    )
    .await
}

pub(crate) async fn insert(tx: &mut Tx, id: &str, name_sealed: Option<&str>, lang: &str, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO person (id, name_sealed, lang, secrecy, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        params![id, name_sealed, lang, false, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_name(tx: &mut Tx, id: &str, name_sealed: Option<&str>, now: Instant) -> Result<()> {
    tx.execute("UPDATE person SET name_sealed = $2, updated_at = $3 WHERE id = $1", params![id, name_sealed, now])
        .await?;
    Ok(())
}

pub(crate) async fn set_lang(tx: &mut Tx, id: &str, lang: &str, now: Instant) -> Result<()> {
    tx.execute("UPDATE person SET lang = $2, updated_at = $3 WHERE id = $1", params![id, lang, now]).await?;
    Ok(())
}

/// Sets secrecy with a reason, or lifts it with `None`; returns whether that was a change.
pub(crate) async fn set_secrecy(tx: &mut Tx, id: &str, reason: Option<&str>, now: Instant) -> Result<bool> {
    let since = reason.map(|_| now);
    let changed = tx
        .execute(
            "UPDATE person SET secrecy = $2, secrecy_since = $3, secrecy_reason = $4, updated_at = $5
             WHERE id = $1 AND secrecy <> $2",
            params![id, reason.is_some(), since, reason, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes the name away and marks the person as erased.
pub(crate) async fn erase(tx: &mut Tx, id: &str, at: Instant, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE person SET name_sealed = NULL, secrecy_reason = NULL, erased_at = $2, updated_at = $3 WHERE id = $1",
        params![id, at, now],
    )
    .await?;
    Ok(())
}

/// Points a person to the one it was merged into, or takes the pointer back.
pub(crate) async fn point(tx: &mut Tx, id: &str, into: Option<&str>, now: Instant) -> Result<()> {
    tx.execute("UPDATE person SET merged_into = $2, updated_at = $3 WHERE id = $1", params![id, into, now]).await?;
    Ok(())
}

/// Those who point to a person.
pub(crate) async fn merged_into(tx: &mut Tx, id: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT id FROM person WHERE merged_into = $1 ORDER BY id", params![id]).await?;
    rows.iter().map(|r| r.get("id")).collect()
}

/// Those under secrecy who were not merged into others.
pub(crate) async fn under_secrecy(tx: &mut Tx, limit: i64) -> Result<Vec<Row>> {
    tx.all(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM person WHERE secrecy AND merged_into IS NULL AND erased_at IS NULL
             ORDER BY secrecy_since DESC, id LIMIT $1"
        )),
        params![limit],
    )
    .await
}
