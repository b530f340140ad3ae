//! What LINE told, in the database.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

use crate::inbox::Incoming;

/// An event that waits.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) at: Instant,
    pub(crate) received_at: Instant,
    pub(crate) reply_token: Option<String>,
    pub(crate) body: Option<String>,
}

/// Adds an event. One that is there already is counted, and not new.
pub(crate) async fn insert(tx: &mut Tx, event: &Incoming, received_at: Instant) -> Result<bool> {
    let state = if event.passed.is_some() { "passed" } else { "waiting" };
    let added = tx
        .execute(
            "INSERT INTO line_event (id, user_id, kind, at, received_at, reply_token, body, state, times, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT DO NOTHING",
            params![
                &event.id,
                event.user.as_deref(),
                &event.kind,
                event.at,
                received_at,
                event.reply_token.as_deref(),
                &event.body,
                state,
                event.passed
            ],
        )
        .await?;
    if added == 1 {
        return Ok(true);
    }
    tx.execute("UPDATE line_event SET times = times + 1 WHERE id = $1", params![&event.id]).await?;
    Ok(false)
}

/// An event, if it waits.
pub(crate) async fn waiting(tx: &mut Tx, id: &str) -> Result<Option<Waiting>> {
    tx.optional(
        "SELECT id, user_id, at, received_at, reply_token, body FROM line_event WHERE id = $1 AND state = 'waiting'",
        params![id],
    )
    .await
}

/// The first waiting event of a user that happened no later than an instant.
pub(crate) async fn first_of_user(tx: &mut Tx, user: &str, until: Instant) -> Result<Option<Waiting>> {
    tx.optional(
        "SELECT id, user_id, at, received_at, reply_token, body FROM line_event
         WHERE user_id = $1 AND state = 'waiting' AND at <= $2 ORDER BY at, id LIMIT 1",
        params![user, until],
    )
    .await
}

/// Whether a later following or leaving of the same user was carried out already.
pub(crate) async fn is_overtaken(tx: &mut Tx, user: &str, at: Instant) -> Result<bool> {
    let row = tx
        .row(
            "SELECT 1 AS one FROM line_event WHERE user_id = $1 AND kind IN ('follow', 'unfollow')
             AND state = 'done' AND at > $2 LIMIT 1",
            params![user, at],
        )
        .await?;
    Ok(row.is_some())
}

/// Ends an event: its words are no longer kept. Whether it waited.
pub(crate) async fn end(tx: &mut Tx, id: &str, state: &str, reason: Option<&str>, at: Instant) -> Result<bool> {
    let ended = tx
        .execute(
            "UPDATE line_event SET state = $1, reason = $2, done_at = $3, reply_token = NULL,
                    body = CASE WHEN $1 = 'dead' THEN body ELSE NULL END
             WHERE id = $4 AND state = 'waiting'",
            params![state, reason, at, id],
        )
        .await?;
    Ok(ended == 1)
}

/// Removes events that were received before an instant.
pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM line_event WHERE received_at < $1 AND state <> 'waiting'", params![before]).await
}

/// How many events were received since an instant, by what became of them.
pub(crate) async fn counts(tx: &mut Tx, since: Instant) -> Result<Vec<(String, i64)>> {
    let rows = tx
        .rows("SELECT state, count(*) AS n FROM line_event WHERE received_at >= $1 GROUP BY state", params![since])
        .await?;
    rows.iter().map(|r| Ok((r.get("state")?, r.get("n")?))).collect()
}
