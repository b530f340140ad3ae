//! Recalls in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, Tx, params};

use crate::recall::{Concerned, Recall, Told, ToldMessage};

const COLUMNS: &str = "id, article, version_from, version_to, message, reason, ja, easy, en, state, job, made_by,
    made_at, confirmed_by, confirmed_at, finished_at";

/// Who was told versions of an article: by the bot, by the staff, or in an answer that was put together from several
/// articles. Contacts that became a part of another one are that one.
const BY_ARTICLE: &str = "SELECT coalesce(c.merged_into, c.id) FROM contact c WHERE c.id IN (
         SELECT e.contact FROM contact_event e
         WHERE e.article = $1 AND e.article_version >= $2 AND e.article_version <= $3
             AND e.kind IN ('answered_by_bot', 'staff_replied')
         UNION SELECT r.contact FROM answer_article a JOIN answer_record r ON r.id = a.answer
         WHERE a.article = $1 AND a.article_version >= $2 AND a.article_version <= $3)";
/// Who was told the very same words.
const BY_WORDS: &str = "SELECT coalesce(c.merged_into, c.id) FROM contact c WHERE c.id IN (
         SELECT m.contact FROM contact_message m WHERE m.body = $1 AND m.author <> 'citizen' AND m.kind <> 'note')";

fn concerned(of: &str) -> Sql {
    Sql::built(format!(
        "SELECT w.id, w.number, w.channel, w.state, w.erased_at, w.section FROM contact w WHERE w.id IN ({of})
         ORDER BY w.id"
    ))
}

/// The contacts that were told versions of an article, both ends included.
pub(crate) async fn told_article(tx: &mut Tx, article: &str, from: i64, to: i64) -> Result<Vec<Concerned>> {
    tx.all(concerned(BY_ARTICLE), params![article, from, to]).await
}

/// The contacts that were told the same words.
pub(crate) async fn told_words(tx: &mut Tx, words: &str) -> Result<Vec<Concerned>> {
    tx.all(concerned(BY_WORDS), params![words]).await
}

/// A message that the city told somebody.
pub(crate) async fn told_message(tx: &mut Tx, id: &str) -> Result<Option<ToldMessage>> {
    tx.optional(
        "SELECT id, contact, author, kind, body, content, at FROM contact_message
         WHERE id = $1 AND author <> 'citizen' AND kind <> 'note'",
        params![id],
    )
    .await
}

/// Writes a recall.
pub(crate) async fn insert(tx: &mut Tx, r: &Recall) -> Result<()> {
    tx.execute(
        "INSERT INTO recall (id, article, version_from, version_to, message, reason, ja, easy, en, state, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            &r.id,
            r.article.as_deref(),
            r.version_from,
            r.version_to,
            r.message.as_deref(),
            &r.reason,
            &r.ja,
            &r.easy,
            &r.en,
            &r.state,
            &r.made_by,
            r.made_at
        ],
    )
    .await?;
    Ok(())
}

/// One recall.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Recall>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM recall WHERE id = $1")), params![id]).await
}

/// All, the newest first.
pub async fn all(tx: &mut Tx, limit: i64) -> Result<Vec<Recall>> {
    tx.all(Sql::built(format!("SELECT {COLUMNS} FROM recall ORDER BY id DESC LIMIT $1")), params![limit]).await
}

/// Moves a recall from one state to the next; returns whether it was in it.
pub(crate) async fn step(tx: &mut Tx, id: &str, from: &str, to: &str) -> Result<bool> {
    let changed =
        tx.execute("UPDATE recall SET state = $3 WHERE id = $1 AND state = $2", params![id, from, to]).await?;
    Ok(changed == 1)
}

/// Notes who confirmed it, and the job that tells.
pub(crate) async fn confirmed(tx: &mut Tx, id: &str, by: &str, at: Instant, job: &str) -> Result<()> {
    tx.execute(
        "UPDATE recall SET confirmed_by = $2, confirmed_at = $3, job = $4 WHERE id = $1",
        params![id, by, at, job],
    )
    .await?;
    Ok(())
}

/// Notes when everybody who can be told was told.
pub(crate) async fn finished(tx: &mut Tx, id: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE recall SET finished_at = $2 WHERE id = $1", params![id, at]).await?;
    Ok(())
}

/// Adds a contact that is concerned.
pub(crate) async fn add_contact(tx: &mut Tx, recall: &str, contact: &str, reach: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO recall_contact (recall, contact, reach) VALUES ($1, $2, $3)
         ON CONFLICT (recall, contact) DO NOTHING",
        params![recall, contact, reach],
    )
    .await?;
    Ok(())
}

/// The contacts of a recall, those that are left to do first.
pub async fn contacts(tx: &mut Tx, recall: &str) -> Result<Vec<Told>> {
    tx.all(
        "SELECT t.contact, c.number, c.channel, c.state, c.section, c.citizen_seen_seq, t.reach, t.noted_at, t.told_at,
             t.told_seq, t.told_by
         FROM recall_contact t JOIN contact c ON c.id = t.contact WHERE t.recall = $1
         ORDER BY CASE WHEN t.told_at IS NULL THEN 0 ELSE 1 END, c.number",
        params![recall],
    )
    .await
}

/// Where a contact of a recall stands.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Standing {
    pub(crate) reach: String,
    pub(crate) noted_at: Option<Instant>,
    pub(crate) told_at: Option<Instant>,
}

/// Where a contact of a recall stands.
pub(crate) async fn standing(tx: &mut Tx, recall: &str, contact: &str) -> Result<Option<Standing>> {
    tx.optional(
        "SELECT reach, noted_at, told_at FROM recall_contact WHERE recall = $1 AND contact = $2",
        params![recall, contact],
    )
    .await
}

/// Notes that the contact's log says that the answer was wrong, and how its citizen can be reached.
pub(crate) async fn noted(tx: &mut Tx, recall: &str, contact: &str, reach: &str, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE recall_contact SET noted_at = $3, reach = $4 WHERE recall = $1 AND contact = $2",
        params![recall, contact, at, reach],
    )
    .await?;
    Ok(())
}

/// Notes that the citizen was told.
pub(crate) async fn told(
    tx: &mut Tx,
    recall: &str,
    contact: &str,
    (at, seq, by): (Instant, Option<i64>, &str),
) -> Result<()> {
    tx.execute(
        "UPDATE recall_contact SET told_at = $3, told_seq = $4, told_by = $5 WHERE recall = $1 AND contact = $2",
        params![recall, contact, at, seq, by],
    )
    .await?;
    Ok(())
}
