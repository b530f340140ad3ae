//! Sessions and failed log-ins.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A session; its id is the digest of what the cookie holds.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Session {
    /// Digest of the token.
    pub id: String,
    /// Account.
    pub account: String,
    /// `password` (the second factor is still to come) or `full`.
    pub state: String,
    /// Browser and system in words, so that the person knows it again.
    pub client: String,
    /// Begin.
    pub started_at: Instant,
    /// Last request, to the minute.
    pub seen_at: Instant,
    /// End.
    pub ends_at: Instant,
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, s: &Session) -> Result<()> {
    tx.execute(
        "INSERT INTO session (id, account, state, client, started_at, seen_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![&s.id, &s.account, &s.state, &s.client, s.started_at, s.seen_at, s.ends_at],
    )
    .await?;
    Ok(())
}

/// A session that has not ended.
pub async fn get(tx: &mut Tx, id: &str, now: Instant) -> Result<Option<Session>> {
    tx.optional(
        "SELECT id, account, state, client, started_at, seen_at, ends_at FROM session WHERE id = $1 AND ends_at > $2",
        params![id, now],
    )
    .await
}

/// The open sessions of an account, the latest first.
pub async fn of_account(tx: &mut Tx, account: &str, now: Instant) -> Result<Vec<Session>> {
    tx.all(
        "SELECT id, account, state, client, started_at, seen_at, ends_at FROM session
         WHERE account = $1 AND ends_at > $2 AND state = 'full' ORDER BY seen_at DESC, id",
        params![account, now],
    )
    .await
}

/// Notes that a session was used, and when it ends if it is not used again.
pub async fn seen(tx: &mut Tx, id: &str, now: Instant, ends_at: Instant) -> Result<()> {
    tx.execute("UPDATE session SET seen_at = $2, ends_at = $3 WHERE id = $1", params![id, now, ends_at]).await?;
    Ok(())
}

/// Ends one session of an account.
pub async fn end(tx: &mut Tx, account: &str, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM session WHERE id = $2 AND account = $1", params![account, id]).await? == 1)
}

/// Ends all sessions of an account but one.
pub async fn end_others(tx: &mut Tx, account: &str, but: &str) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE account = $1 AND id <> $2", params![account, but]).await
}

/// Removes sessions and failures that no longer count.
pub async fn sweep(tx: &mut Tx, now: Instant, failures_before: Instant) -> Result<u64> {
    let ended = tx.execute("DELETE FROM session WHERE ends_at <= $1", params![now]).await?;
    tx.execute("DELETE FROM sign_in_failure WHERE last_at < $1", params![failures_before]).await?;
    Ok(ended)
}

/// Failures of a bucket in a row, with the instant of the last one.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Failures {
    /// How many.
    pub failures: i64,
    /// When the last one was.
    pub last_at: Instant,
}

/// The failures of a bucket.
pub async fn failures(tx: &mut Tx, bucket: &str) -> Result<Option<Failures>> {
    tx.optional("SELECT failures, last_at FROM sign_in_failure WHERE bucket = $1", params![bucket]).await
}

/// Counts a failure.
pub async fn failed(tx: &mut Tx, bucket: &str, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO sign_in_failure (bucket, failures, last_at) VALUES ($1, 1, $2)
         ON CONFLICT (bucket) DO UPDATE SET failures = sign_in_failure.failures + 1, last_at = $2",
        params![bucket, now],
    )
    .await?;
    Ok(())
}

/// Forgets the failures of a bucket.
pub async fn succeeded(tx: &mut Tx, bucket: &str) -> Result<()> {
    tx.execute("DELETE FROM sign_in_failure WHERE bucket = $1", params![bucket]).await?;
    Ok(())
}
