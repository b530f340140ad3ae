//! What the board of unanswered questions is made of, in the database.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

use crate::board::Dismissal;

/// A question that waits.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) lang: String,
    pub(crate) asked: String,
    pub(crate) body: String,
    pub(crate) section: Option<String>,
    pub(crate) created_at: Instant,
}

/// Questions that wait for an answer, the newest first.
pub(crate) async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Waiting>> {
    tx.all(
        "SELECT id, number, lang, asked, body, section, created_at FROM question
         WHERE state IN ('received', 'assigned') ORDER BY created_at DESC, id LIMIT $1",
        params![limit],
    )
    .await
}

/// What was searched before a question was left.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Searched {
    pub(crate) lang: String,
    pub(crate) asked: String,
    pub(crate) created_at: Instant,
}

/// What was searched before questions that were left since an instant, waiting or not, the newest first.
pub(crate) async fn searched(tx: &mut Tx, since: Instant, limit: i64) -> Result<Vec<Searched>> {
    tx.all(
        "SELECT lang, asked, created_at FROM question
         WHERE created_at >= $1 AND asked <> '' ORDER BY created_at DESC, id LIMIT $2",
        params![since, limit],
    )
    .await
}

/// An answer that did not help, with words.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Unhelpful {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) query: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) section: String,
    pub(crate) created_at: Instant,
}

/// Words on answers that did not help, since an instant, the newest first.
pub(crate) async fn unhelpful(tx: &mut Tx, since: Instant, limit: i64) -> Result<Vec<Unhelpful>> {
    tx.all(
        "SELECT f.id, f.lang, f.query, f.comment, a.section, f.created_at
         FROM feedback f JOIN article a ON a.id = f.article
         WHERE NOT f.helped AND f.created_at >= $1 AND (f.query IS NOT NULL OR f.comment IS NOT NULL)
         ORDER BY f.created_at DESC, f.id LIMIT $2",
        params![since, limit],
    )
    .await
}

/// All dismissals.
pub(crate) async fn dismissals(tx: &mut Tx) -> Result<Vec<Dismissal>> {
    tx.all("SELECT matter, reason, people, actor, at FROM board_dismissal ORDER BY matter", params![]).await
}

/// Writes a dismissal; a newer one replaces it.
pub(crate) async fn dismiss(tx: &mut Tx, d: &Dismissal) -> Result<()> {
    tx.execute(
        "INSERT INTO board_dismissal (matter, reason, people, actor, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (matter) DO UPDATE
         SET reason = excluded.reason, people = excluded.people, actor = excluded.actor, at = excluded.at",
        params![&d.matter, &d.reason, d.people, &d.actor, d.at],
    )
    .await?;
    Ok(())
}

/// Removes a dismissal; returns whether there was one.
pub(crate) async fn undismiss(tx: &mut Tx, matter: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM board_dismissal WHERE matter = $1", params![matter]).await? == 1)
}
