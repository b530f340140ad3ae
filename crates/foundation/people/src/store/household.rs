//! Households in the database.

use calendar::{Date, Instant};
use store::{FromRow, Result, Tx, params};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) label_sealed: Option<String>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct MemberRow {
    pub(crate) person: String,
    pub(crate) valid_from: Date,
    pub(crate) valid_to: Option<Date>,
}

pub(crate) async fn insert(tx: &mut Tx, id: &str, label_sealed: Option<&str>, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO household (id, label_sealed, created_at, updated_at) VALUES ($1, $2, $3, $3)",
        params![id, label_sealed, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional("SELECT id, label_sealed FROM household WHERE id = $1", params![id]).await
}

pub(crate) async fn insert_member(tx: &mut Tx, id: &str, household: &str, person: &str, from: Date) -> Result<()> {
    tx.execute(
        "INSERT INTO household_member (id, household, person, valid_from) VALUES ($1, $2, $3, $4)",
        params![id, household, person, from],
    )
    .await?;
    Ok(())
}

/// Ends the memberships that have no end; returns how many there were.
pub(crate) async fn end_member(tx: &mut Tx, household: &str, person: &str, last: Date) -> Result<u64> {
    tx.execute(
        "UPDATE household_member SET valid_to = $3
         WHERE household = $1 AND person = $2 AND valid_to IS NULL AND valid_from <= $3",
        params![household, person, last],
    )
    .await
}

pub(crate) async fn members(tx: &mut Tx, household: &str, on: Date) -> Result<Vec<MemberRow>> {
    tx.all(
        "SELECT person, valid_from, valid_to FROM household_member
         WHERE household = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) ORDER BY valid_from, id",
        params![household, on],
    )
    .await
}

pub(crate) async fn of_person(tx: &mut Tx, person: &str, on: Date) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT DISTINCT household FROM household_member
             WHERE person = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) ORDER BY household",
            params![person, on],
        )
        .await?;
    rows.iter().map(|r| r.get("household")).collect()
}
