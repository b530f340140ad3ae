//! Messages in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, StoreError, Tx, params};

use crate::message::{Filter, Page};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) channel: String,
    pub(crate) address: Option<String>,
    pub(crate) pinned: bool,
    pub(crate) purpose: String,
    pub(crate) basis: String,
    pub(crate) template: String,
    pub(crate) lang: String,
    pub(crate) fields_sealed: Option<String>,
    pub(crate) about_kind: String,
    pub(crate) about_id: String,
    pub(crate) message_id: Option<String>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) attempts: i64,
    pub(crate) last_code: Option<String>,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: Instant,
    pub(crate) trying_since: Option<Instant>,
    pub(crate) sent_at: Option<Instant>,
    pub(crate) next_at: Option<Instant>,
}

const COLUMNS: &str = "id, person, channel, address, pinned, purpose, basis, template, lang, fields_sealed, about_kind, \
    about_id, message_id, state, reason, attempts, last_code, last_error, created_at, trying_since, sent_at, next_at";

/// A row to write.
pub(crate) struct New<'a> {
    pub(crate) id: &'a str,
    pub(crate) person: &'a str,
    pub(crate) channel: &'a str,
    pub(crate) address: Option<&'a str>,
    pub(crate) pinned: bool,
    pub(crate) purpose: &'a str,
    pub(crate) basis: &'a str,
    pub(crate) template: &'a str,
    pub(crate) lang: &'a str,
    pub(crate) fields_sealed: Option<String>,
    pub(crate) about: (&'a str, &'a str),
    pub(crate) dedupe_hash: Option<&'a str>,
    pub(crate) state: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) now: Instant,
}

/// Writes a message unless one with the same dedupe word is there; returns whether it was written.
pub(crate) async fn insert(tx: &mut Tx, m: New<'_>) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO message (id, person, channel, address, pinned, purpose, basis, template, lang, fields_sealed,
                                  about_kind, about_id, dedupe_hash, state, reason, attempts, created_at, next_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, NULL)
             ON CONFLICT (dedupe_hash) DO NOTHING",
            params![
                m.id,
                m.person,
                m.channel,
                m.address,
                m.pinned,
                m.purpose,
                m.basis,
                m.template,
                m.lang,
                m.fields_sealed,
                m.about.0,
                m.about.1,
                m.dedupe_hash,
                m.state,
                m.reason,
                m.now,
            ],
        )
        .await?;
    Ok(written == 1)
}

pub(crate) async fn with_dedupe(tx: &mut Tx, hash: &str) -> Result<String> {
    let row = tx.row("SELECT id FROM message WHERE dedupe_hash = $1", params![hash]).await?;
    row.ok_or(StoreError::NotFound)?.get("id")
}

pub(crate) async fn with_message_id(tx: &mut Tx, message_id: &str) -> Result<Option<Row>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM message WHERE message_id = $1")), params![message_id]).await
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM message WHERE id = $1")), params![id]).await
}

/// Reads a message and keeps others from changing it until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(
        Sql::built(format!("UPDATE message SET attempts = attempts WHERE id = $1 RETURNING {COLUMNS}")),
        params![id],
    )
    .await
}

pub(crate) async fn sending(
    tx: &mut Tx,
    id: &str,
    address: &str,
    message_id: &str,
    n: i64,
    now: Instant,
) -> Result<()> {
    tx.execute(
        "UPDATE message SET state = 'sending', address = $2, message_id = $3, attempts = $4, next_at = NULL,
                trying_since = COALESCE(trying_since, $5) WHERE id = $1",
        params![id, address, message_id, n, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn sent(tx: &mut Tx, id: &str, code: Option<&str>, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE message SET state = 'sent', last_code = $2, last_error = NULL, sent_at = $3, next_at = NULL WHERE id = $1",
        params![id, code, now],
    )
    .await?;
    Ok(())
}

/// Writes the end of an attempt, or a report.
pub(crate) async fn settle(
    tx: &mut Tx,
    id: &str,
    state: &str,
    code: Option<&str>,
    error: Option<&str>,
    next_at: Option<Instant>,
) -> Result<()> {
    tx.execute(
        "UPDATE message SET state = $2, last_code = $3, last_error = $4, next_at = $5 WHERE id = $1",
        params![id, state, code, error, next_at],
    )
    .await?;
    Ok(())
}

/// Notes a report that changes nothing.
pub(crate) async fn note(tx: &mut Tx, id: &str, code: &str, error: &str) -> Result<()> {
    tx.execute("UPDATE message SET last_code = $2, last_error = $3 WHERE id = $1", params![id, code, error]).await?;
    Ok(())
}

pub(crate) async fn withhold(tx: &mut Tx, id: &str, reason: &str) -> Result<()> {
    tx.execute("UPDATE message SET state = 'withheld', reason = $2, next_at = NULL WHERE id = $1", params![id, reason])
        .await?;
    Ok(())
}

/// Returns whether the message was waiting.
pub(crate) async fn put_off(tx: &mut Tx, id: &str, at: Instant) -> Result<bool> {
    let changed =
        tx.execute("UPDATE message SET next_at = $2 WHERE id = $1 AND state = 'waiting'", params![id, at]).await?;
    Ok(changed == 1)
}

pub(crate) async fn resend(tx: &mut Tx, id: &str, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET state = 'waiting', next_at = $2, trying_since = NULL WHERE id = $1 AND state = 'in_doubt'",
            params![id, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn count_as_sent(tx: &mut Tx, id: &str, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET state = 'sent', sent_at = $2 WHERE id = $1 AND state = 'in_doubt'",
            params![id, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn cancel(tx: &mut Tx, id: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET state = 'cancelled', next_at = NULL WHERE id = $1 AND state = 'waiting'",
            params![id],
        )
        .await?;
    Ok(changed == 1)
}

/// What is not asked for is NULL and lets every row through.
pub(crate) async fn list(tx: &mut Tx, filter: &Filter<'_>, page: &Page<'_>) -> Result<Vec<Row>> {
    tx.all(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM message
             WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR person = $2) AND ($3 IS NULL OR purpose = $3)
               AND ($4 IS NULL OR about_kind = $4) AND ($5 IS NULL OR about_id = $5) AND ($6 IS NULL OR id < $6)
             ORDER BY id DESC LIMIT $7"
        )),
        params![
            filter.state.map(|s| s.code()),
            filter.person,
            filter.purpose,
            filter.about.map(|a| a.0),
            filter.about.map(|a| a.1),
            page.before,
            page.limit,
        ],
    )
    .await
}

pub(crate) async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx.rows("SELECT state, count(*) AS n FROM message GROUP BY state ORDER BY state", params![]).await?;
    rows.iter().map(|r| Ok((r.get("state")?, r.get("n")?))).collect()
}

pub(crate) async fn retire(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute(
        "UPDATE message SET fields_sealed = NULL WHERE fields_sealed IS NOT NULL AND created_at < $1
         AND state IN ('sent', 'refused', 'bounced', 'cancelled', 'withheld')",
        params![before],
    )
    .await
}

/// Removes what was said to a person; what was still to be sent is held back.
pub(crate) async fn erase(tx: &mut Tx, person: &str) -> Result<()> {
    tx.execute(
        "UPDATE message SET fields_sealed = NULL, address = NULL, last_error = NULL,
                reason = CASE WHEN state = 'waiting' THEN 'erased' ELSE reason END,
                next_at = NULL,
                state = CASE WHEN state = 'waiting' THEN 'withheld' ELSE state END
         WHERE person = $1",
        params![person],
    )
    .await?;
    tx.execute(
        "UPDATE message_attempt SET detail = NULL WHERE message IN (SELECT id FROM message WHERE person = $1)",
        params![person],
    )
    .await?;
    Ok(())
}
