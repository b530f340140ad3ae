//! Operators in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::presence::Operator;

/// One operator.
pub async fn get(tx: &mut Tx, account: &str) -> Result<Option<Operator>> {
    tx.optional("SELECT account, state, since, seen_at, most FROM operator_state WHERE account = $1", params![account])
        .await
}

/// All operators.
pub async fn all(tx: &mut Tx) -> Result<Vec<Operator>> {
    tx.all("SELECT account, state, since, seen_at, most FROM operator_state ORDER BY account", params![]).await
}

/// Writes an operator's state.
pub(crate) async fn put(tx: &mut Tx, o: &Operator) -> Result<()> {
    tx.execute(
        "INSERT INTO operator_state (account, state, since, seen_at, most) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account) DO UPDATE SET state = excluded.state, since = excluded.since,
             seen_at = excluded.seen_at, most = excluded.most",
        params![&o.account, o.state.code(), o.since, o.seen_at, o.most],
    )
    .await?;
    Ok(())
}

/// The console is open.
pub(crate) async fn seen(tx: &mut Tx, account: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE operator_state SET seen_at = $2 WHERE account = $1", params![account, at]).await?;
    Ok(())
}

/// Adds a change of state to the log.
pub(crate) async fn log(tx: &mut Tx, id: &str, account: &str, state: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO operator_event (id, account, state, at) VALUES ($1, $2, $3, $4)",
        params![id, account, state, at],
    )
    .await?;
    Ok(())
}

/// What an operator is good at.
pub async fn skills(tx: &mut Tx, account: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT skill FROM operator_skill WHERE account = $1 ORDER BY skill", params![account]).await?;
    rows.iter().map(|r| r.get("skill")).collect()
}

/// Writes what an operator is good at.
pub(crate) async fn set_skills(tx: &mut Tx, account: &str, skills: &[String]) -> Result<()> {
    tx.execute("DELETE FROM operator_skill WHERE account = $1", params![account]).await?;
    for skill in skills {
        tx.execute(
            "INSERT INTO operator_skill (account, skill) VALUES ($1, $2) ON CONFLICT (account, skill) DO NOTHING",
            params![account, skill],
        )
        .await?;
    }
    Ok(())
}
