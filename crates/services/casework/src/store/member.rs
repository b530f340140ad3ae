//! Who works at a desk, with which keys.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A member's key pair: the public half clear, the other wrapped under their passphrase.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Key {
    pub(crate) account: String,
    pub(crate) public_half: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) made_at: Instant,
}

/// An open desk.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) seen_at: Instant,
}

/// Somebody who joins a desk.
#[derive(Clone, Copy)]
pub(crate) struct Joining<'a> {
    pub(crate) desk: &'a str,
    pub(crate) account: &'a str,
    pub(crate) role: &'a str,
    pub(crate) now: Instant,
    pub(crate) reason: &'a str,
}

/// Whoever has the role already keeps it as it is; whoever left comes as somebody new.
pub(crate) async fn join(tx: &mut Tx, joining: Joining<'_>) -> Result<()> {
    let Joining { desk, account, role, now, reason } = joining;
    tx.execute(
        "INSERT INTO desk_member (desk, account, role, since, reason) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (desk, account, role) DO UPDATE SET
             since = CASE WHEN desk_member.until IS NULL THEN desk_member.since ELSE excluded.since END,
             reason = CASE WHEN desk_member.until IS NULL THEN desk_member.reason ELSE excluded.reason END,
             until = NULL",
        params![desk, account, role, now, reason],
    )
    .await?;
    Ok(())
}

pub(crate) async fn leave(tx: &mut Tx, desk: &str, account: &str, role: &str, now: Instant) -> Result<bool> {
    let left = tx
        .execute(
            "UPDATE desk_member SET until = $4 WHERE desk = $1 AND account = $2 AND role = $3 AND until IS NULL",
            params![desk, account, role, now],
        )
        .await?;
    Ok(left == 1)
}

pub(crate) async fn has_role(tx: &mut Tx, desk: &str, account: &str, role: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM desk_member WHERE desk = $1 AND account = $2 AND role = $3 AND until IS NULL";
    Ok(tx.row(sql, params![desk, account, role]).await?.is_some())
}

/// A role at a desk that somebody has now.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Held {
    pub(crate) desk: String,
    pub(crate) role: String,
}

/// Every role that somebody has now.
pub(crate) async fn roles(tx: &mut Tx, account: &str) -> Result<Vec<Held>> {
    let sql = "SELECT desk, role FROM desk_member WHERE account = $1 AND until IS NULL ORDER BY desk, role";
    tx.all(sql, params![account]).await
}

/// Who has a role at a desk now.
pub(crate) async fn accounts(tx: &mut Tx, desk: &str, role: &str) -> Result<Vec<String>> {
    let sql = "SELECT account FROM desk_member WHERE desk = $1 AND role = $2 AND until IS NULL ORDER BY account";
    tx.rows(sql, params![desk, role]).await?.iter().map(|row| row.get("account")).collect()
}

/// Somebody who works, or worked, at a desk.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Member {
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) since: Instant,
    pub(crate) has_key: bool,
    pub(crate) reason: String,
}

/// Everybody with a role at a desk now.
pub(crate) async fn of_desk(tx: &mut Tx, desk: &str) -> Result<Vec<Member>> {
    tx.all(
        "SELECT m.account AS account, m.role AS role, m.since AS since, (k.account IS NOT NULL) AS has_key,
                m.reason AS reason
         FROM desk_member m LEFT JOIN desk_key k ON k.account = m.account
         WHERE m.desk = $1 AND m.until IS NULL ORDER BY m.role, m.since, m.account",
        params![desk],
    )
    .await
}

/// Keys of the members of a desk who have a role and have made a key.
pub(crate) async fn keys(tx: &mut Tx, desk: &str, role: &str) -> Result<Vec<Key>> {
    tx.all(
        "SELECT k.account AS account, k.public_half AS public_half, k.wrapped AS wrapped, k.version AS version,
                k.made_at AS made_at
         FROM desk_key k JOIN desk_member m ON m.account = k.account
         WHERE m.desk = $1 AND m.role = $2 AND m.until IS NULL ORDER BY k.account",
        params![desk, role],
    )
    .await
}

pub(crate) async fn key(tx: &mut Tx, account: &str) -> Result<Option<Key>> {
    tx.optional(
        "SELECT account, public_half, wrapped, version, made_at FROM desk_key WHERE account = $1",
        params![account],
    )
    .await
}

/// Keeps a first key; whether there was none.
pub(crate) async fn make_key(tx: &mut Tx, key: &Key) -> Result<bool> {
    let made = tx
        .execute(
            "INSERT INTO desk_key (account, public_half, wrapped, version, made_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
            params![&key.account, key.public_half.clone(), key.wrapped.clone(), key.version, key.made_at],
        )
        .await?;
    Ok(made == 1)
}

/// Puts the same secret under another passphrase; whether nobody did so meanwhile.
pub(crate) async fn rewrap(tx: &mut Tx, account: &str, version: i64, wrapped: Vec<u8>) -> Result<bool> {
    let done = tx
        .execute(
            "UPDATE desk_key SET wrapped = $3, version = version + 1 WHERE account = $1 AND version = $2",
            params![account, version, wrapped],
        )
        .await?;
    Ok(done == 1)
}

pub(crate) async fn open_session(tx: &mut Tx, session: &Session) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_session (id, account, wrapped, seen_at) VALUES ($1, $2, $3, $4)",
        params![&session.id, &session.account, session.wrapped.clone(), session.seen_at],
    )
    .await?;
    Ok(())
}

pub(crate) async fn session(tx: &mut Tx, id: &str) -> Result<Option<Session>> {
    tx.optional("SELECT id, account, wrapped, seen_at FROM desk_session WHERE id = $1", params![id]).await
}

pub(crate) async fn see(tx: &mut Tx, id: &str, now: Instant) -> Result<()> {
    tx.execute("UPDATE desk_session SET seen_at = $2 WHERE id = $1", params![id, now]).await?;
    Ok(())
}

pub(crate) async fn close_session(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM desk_session WHERE id = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn close_sessions(tx: &mut Tx, account: &str) -> Result<()> {
    tx.execute("DELETE FROM desk_session WHERE account = $1", params![account]).await?;
    Ok(())
}

/// Ends the sessions that were idle since an instant.
pub(crate) async fn sweep(tx: &mut Tx, idle_since: Instant) -> Result<u64> {
    tx.execute("DELETE FROM desk_session WHERE seen_at <= $1", params![idle_since]).await
}
