//! Erasures in the database.

use calendar::Instant;
use store::{Result, Sql, Tx, params};

use crate::erasure::Erased;

/// Notes an erasure; the first instant stays.
pub(crate) async fn insert(tx: &mut Tx, person: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO person_erasure (person, erased_at) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING",
        params![person, at],
    )
    .await?;
    Ok(())
}

pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Erased>> {
    tx.all("SELECT person, erased_at FROM person_erasure ORDER BY person", params![]).await
}

/// What of a person is deleted row by row.
pub(crate) const TABLES: [&str; 4] = ["address", "place", "consent", "household_member"];

pub(crate) async fn delete_all(tx: &mut Tx, table: &str, person: &str) -> Result<()> {
    tx.execute(Sql::built(format!("DELETE FROM {table} WHERE person = $1")), params![person]).await?;
    Ok(())
}

/// Takes the label away from households in which nobody else ever lived; it may be the person's name.
pub(crate) async fn clear_labels(tx: &mut Tx, person: &str) -> Result<()> {
    tx.execute(
        "UPDATE household SET label_sealed = NULL
         WHERE id IN (SELECT household FROM household_member WHERE person = $1)
         AND NOT EXISTS (SELECT 1 FROM household_member m WHERE m.household = household.id AND m.person <> $1)",
        params![person],
    )
    .await?;
    Ok(())
}
