//! What was said on LINE in talks, in the database: written before it is said, so that nothing is said twice.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A call that says something.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Call {
    /// Its retry key.
    pub(crate) id: String,
    /// `reply` or `push`.
    pub(crate) way: String,
    /// For a reply.
    pub(crate) reply_token: Option<String>,
    /// Which message of the contact is the last in it.
    pub(crate) up_to_seq: Option<i64>,
    /// Attempts begun.
    pub(crate) attempts: i64,
    /// When the first one began.
    pub(crate) first_at: Instant,
}

/// A call to write.
pub(crate) struct NewCall<'a> {
    pub(crate) id: &'a str,
    pub(crate) contact: Option<&'a str>,
    pub(crate) recipient: &'a str,
    pub(crate) reply_token: Option<&'a str>,
    pub(crate) up_to_seq: Option<i64>,
}

/// Writes a call whose first attempt begins now. One with the same id is not written again.
pub(crate) async fn begin(tx: &mut Tx, new: &NewCall<'_>, at: Instant) -> Result<bool> {
    let way = if new.reply_token.is_some() { "reply" } else { "push" };
    let added = tx
        .execute(
            "INSERT INTO line_call (id, contact, recipient, way, reply_token, up_to_seq, state, attempts, first_at,
                                    last_at, cost)
             VALUES ($1, $2, $3, $4, $5, $6, 'unsure', 1, $7, $7, 0) ON CONFLICT DO NOTHING",
            params![new.id, new.contact, new.recipient, way, new.reply_token, new.up_to_seq, at],
        )
        .await?;
    Ok(added == 1)
}

/// The call of a contact whose end is not known.
pub(crate) async fn open_of(tx: &mut Tx, contact: &str) -> Result<Option<Call>> {
    tx.optional(
        "SELECT id, way, reply_token, up_to_seq, attempts, first_at FROM line_call
         WHERE contact = $1 AND state = 'unsure' ORDER BY first_at LIMIT 1",
        params![contact],
    )
    .await
}

/// A call whose end is not known.
pub(crate) async fn open(tx: &mut Tx, id: &str) -> Result<Option<Call>> {
    tx.optional(
        "SELECT id, way, reply_token, up_to_seq, attempts, first_at FROM line_call WHERE id = $1 AND state = 'unsure'",
        params![id],
    )
    .await
}

/// Notes that a further attempt begins.
pub(crate) async fn again(tx: &mut Tx, id: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE line_call SET attempts = attempts + 1, last_at = $1 WHERE id = $2", params![at, id]).await?;
    Ok(())
}

/// How a call ended.
pub(crate) struct End<'a> {
    /// `accepted`, `refused` or `in_doubt`.
    pub(crate) state: &'a str,
    /// Messages that count against the month's.
    pub(crate) cost: i64,
    /// LINE's id of the request.
    pub(crate) request_id: Option<&'a str>,
    /// Why.
    pub(crate) reason: Option<&'a str>,
}

/// Ends a call.
pub(crate) async fn end(tx: &mut Tx, id: &str, end: &End<'_>, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE line_call SET state = $1, cost = $2, request_id = $3, reason = $4, ended_at = $5, reply_token = NULL
         WHERE id = $6",
        params![end.state, end.cost, end.request_id, end.reason, at, id],
    )
    .await?;
    Ok(())
}

/// What was said in a time, by way and end: calls, and messages that cost.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Sum {
    /// `reply` or `push`.
    pub way: String,
    /// `accepted`, `refused`, `unsure` or `in_doubt`.
    pub state: String,
    /// Calls.
    pub calls: i64,
    /// Messages that count against the month's.
    pub cost: i64,
}

/// Sums of the calls that began in a time.
pub async fn sums(tx: &mut Tx, from: Instant, until: Instant) -> Result<Vec<Sum>> {
    tx.all(
        "SELECT way, state, count(*) AS calls, coalesce(CAST(sum(cost) AS BIGINT), 0) AS cost FROM line_call
         WHERE first_at >= $1 AND first_at < $2 GROUP BY way, state ORDER BY way, state",
        params![from, until],
    )
    .await
}

/// How a call stands.
pub(crate) async fn state(tx: &mut Tx, id: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT state FROM line_call WHERE id = $1", params![id]).await?;
    row.map(|r| r.get("state")).transpose()
}

/// What of a contact was not said, or perhaps not: up to which message, how, and why.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Unsaid {
    /// The last message of the call.
    pub up_to_seq: Option<i64>,
    /// `refused` or `in_doubt`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
}

/// Calls of a contact by push that did not, or perhaps did not, reach LINE.
pub async fn unsaid(tx: &mut Tx, contact: &str) -> Result<Vec<Unsaid>> {
    tx.all(
        "SELECT up_to_seq, state, reason FROM line_call
         WHERE contact = $1 AND way = 'push' AND state IN ('refused', 'in_doubt') ORDER BY first_at",
        params![contact],
    )
    .await
}
