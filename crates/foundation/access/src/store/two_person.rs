//! Changes that need two persons.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A change that one person asked for and another decides on.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct TwoPersonChange {
    /// Id.
    pub id: String,
    /// What is to be done, such as `account.reset`.
    pub kind: String,
    /// Kind of the record concerned.
    pub object_kind: String,
    /// Its id.
    pub object: String,
    /// What the doing needs, JSON.
    pub payload: String,
    /// Why.
    pub reason: String,
    /// `asked`, `approved`, `refused`, `withdrawn` or `expired`.
    pub state: String,
    /// Account that asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// Account that decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// What the second person said.
    pub remark: String,
}

const CHANGE: &str =
    "SELECT id, kind, object_kind, object, payload, reason, state, asked_by, asked_at, decided_by, decided_at, remark
     FROM two_person_change";

/// Adds a change that was asked for.
pub async fn insert(tx: &mut Tx, c: &TwoPersonChange) -> Result<()> {
    tx.execute(
        "INSERT INTO two_person_change (id, kind, object_kind, object, payload, reason, state, asked_by, asked_at, remark)
         VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7, $8, '')",
        params![&c.id, &c.kind, &c.object_kind, &c.object, &c.payload, &c.reason, &c.asked_by, c.asked_at],
    )
    .await?;
    Ok(())
}

/// One change.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<TwoPersonChange>> {
    tx.optional(store::Sql::built(format!("{CHANGE} WHERE id = $1")), params![id]).await
}

/// The latest changes; open ones first.
pub async fn latest(tx: &mut Tx, limit: i64) -> Result<Vec<TwoPersonChange>> {
    tx.all(
        store::Sql::built(format!(
            "{CHANGE} ORDER BY CASE WHEN state = 'asked' THEN 0 ELSE 1 END, asked_at DESC, id DESC LIMIT $1"
        )),
        params![limit],
    )
    .await
}

/// Whether the same change is being asked for already.
pub async fn is_asked(tx: &mut Tx, kind: &str, object: &str, payload: &str, since: Instant) -> Result<bool> {
    let row = tx
        .row(
            "SELECT id FROM two_person_change
             WHERE kind = $1 AND object = $2 AND payload = $3 AND state = 'asked' AND asked_at > $4",
            params![kind, object, payload, since],
        )
        .await?;
    Ok(row.is_some())
}

/// Ends an open change; `false` if it is no longer open.
pub async fn decide(tx: &mut Tx, id: &str, state: &str, by: &str, at: Instant, remark: &str) -> Result<bool> {
    let done = tx
        .execute(
            "UPDATE two_person_change SET state = $2, decided_by = $3, decided_at = $4, remark = $5
             WHERE id = $1 AND state = 'asked'",
            params![id, state, by, at, remark],
        )
        .await?;
    Ok(done == 1)
}
