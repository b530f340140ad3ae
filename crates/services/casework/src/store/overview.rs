//! What is seen of cases without a key.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

use super::glass::Request;

/// A clock of a case, with whoever answers for it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DueCase {
    /// Id of the case.
    pub sealed_case: String,
    /// Account of whoever answers for it.
    pub accountable: Option<String>,
    /// The first instant that is too late.
    pub due_at: Instant,
    /// What was told of it: `nothing`, `reminded` or `overdue`.
    pub told: String,
}

/// Clocks of a desk that are due at an instant or before, the oldest first.
pub(crate) async fn due(tx: &mut Tx, desk: &str, until: Instant) -> Result<Vec<DueCase>> {
    tx.all(
        "SELECT k.sealed_case AS sealed_case, c.accountable AS accountable, k.due_at AS due_at, k.told AS told
         FROM case_clock k JOIN sealed_case c ON c.id = k.sealed_case
         WHERE c.desk = $1 AND k.due_at <= $2 ORDER BY k.due_at, k.id",
        params![desk, until],
    )
    .await
}

/// Ids of the cases of a desk that begin with some characters and are not shredded; two at most.
pub(crate) async fn beginning(tx: &mut Tx, desk: &str, from: &str, to: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT id FROM sealed_case WHERE desk = $1 AND id >= $2 AND id < $3 AND shredded_at IS NULL
             ORDER BY id LIMIT 2",
            params![desk, from, to],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// What somebody asked for, the newest first.
pub(crate) async fn asked(tx: &mut Tx, account: &str) -> Result<Vec<Request>> {
    tx.all(
        "SELECT id, sealed_case, asked_by, second, asked_at, sealed_key, reason, opened_at FROM glass_request
         WHERE asked_by = $1 ORDER BY asked_at DESC, id LIMIT 50",
        params![account],
    )
    .await
}

/// A reader of a case.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Holding {
    pub(crate) sealed_case: String,
    pub(crate) reader: String,
}

/// Whoever holds the newest key of what the desk alone knows, case by case.
pub(crate) async fn holdings(tx: &mut Tx, desk: &str) -> Result<Vec<Holding>> {
    tx.all(
        "SELECT r.sealed_case AS sealed_case, g.reader AS reader FROM case_grant g
         JOIN case_ring r ON r.id = g.ring AND r.epoch = g.epoch
         JOIN sealed_case c ON c.id = r.sealed_case
         WHERE c.desk = $1 AND r.kind = 'case' ORDER BY r.sealed_case, g.reader",
        params![desk],
    )
    .await
}

/// Ids of all cases that are not shredded, of every desk.
pub(crate) async fn desks(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT DISTINCT desk FROM sealed_case ORDER BY desk", params![]).await?;
    rows.iter().map(|row| row.get("desk")).collect()
}

pub(crate) async fn kept(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT id FROM sealed_case WHERE shredded_at IS NULL ORDER BY id", params![]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}
