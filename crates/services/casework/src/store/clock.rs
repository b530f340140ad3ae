//! Due instants of cases: clear, so that reminders work while every desk is locked.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Due {
    /// Id of the clock.
    pub id: String,
    /// Id of the case.
    pub sealed_case: String,
    /// The first instant that is too late.
    pub due_at: Instant,
    /// When to remind of it.
    pub remind_at: Option<Instant>,
    /// What was told of it: `nothing`, `reminded` or `overdue`.
    pub told: String,
}

const COLUMNS: &str = "id, sealed_case, due_at, remind_at, told";

pub(crate) async fn of_case(tx: &mut Tx, case: &str) -> Result<Vec<Due>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM case_clock WHERE sealed_case = $1 ORDER BY due_at, id"));
    tx.all(sql, params![case]).await
}

pub(crate) async fn insert(tx: &mut Tx, due: &Due) -> Result<()> {
    tx.execute(
        "INSERT INTO case_clock (id, sealed_case, due_at, remind_at, told) VALUES ($1, $2, $3, $4, $5)",
        params![&due.id, &due.sealed_case, due.due_at, due.remind_at, &due.told],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM case_clock WHERE id = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn tell(tx: &mut Tx, id: &str, told: &str) -> Result<()> {
    tx.execute("UPDATE case_clock SET told = $2 WHERE id = $1", params![id, told]).await?;
    Ok(())
}

/// Clocks of which something is to be told at an instant.
pub(crate) async fn to_tell(tx: &mut Tx, now: Instant) -> Result<Vec<Due>> {
    let sql = store::Sql::built(format!(
        "SELECT {COLUMNS} FROM case_clock WHERE (told <> 'overdue' AND due_at <= $1)
         OR (told = 'nothing' AND remind_at <= $1) ORDER BY due_at, id"
    ));
    tx.all(sql, params![now]).await
}

/// A clock that has run out, as a supervisor sees it: nothing of what the case is about, nor which of its clocks.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Overdue {
    /// Id of the clock.
    pub id: String,
    /// Id of the case.
    pub sealed_case: String,
    /// The first instant that was too late.
    pub due_at: Instant,
    /// What was told of it: `nothing`, `reminded` or `overdue`.
    pub told: String,
    /// Account of whoever answers for the case.
    pub accountable: Option<String>,
}

impl Overdue {
    /// The beginning of the case's id, by which two people can speak of it.
    pub fn short(&self) -> &str {
        self.sealed_case.split('-').next().unwrap_or_default()
    }
}

/// Clocks of a desk that have run out: what a supervisor sees without a key.
pub(crate) async fn overdue(tx: &mut Tx, desk: &str, now: Instant) -> Result<Vec<Overdue>> {
    tx.all(
        "SELECT k.id AS id, k.sealed_case AS sealed_case, k.due_at AS due_at, k.told AS told,
                c.accountable AS accountable
         FROM case_clock k JOIN sealed_case c ON c.id = k.sealed_case
         WHERE c.desk = $1 AND k.due_at <= $2 ORDER BY k.due_at, k.id",
        params![desk, now],
    )
    .await
}
