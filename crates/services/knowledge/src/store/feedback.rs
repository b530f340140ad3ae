//! Words on answers in the database.

use std::collections::HashMap;

use calendar::Instant;
use store::{FromRow, Result, StoreError, Tx, params};

use crate::feedback::{Comment, Word};

/// A row to write.
pub(crate) struct NewWord<'a> {
    pub(crate) id: &'a str,
    pub(crate) article: &'a str,
    pub(crate) article_version: i64,
    pub(crate) lang: &'static str,
    pub(crate) query: Option<String>,
    pub(crate) rank: Option<i64>,
    pub(crate) helped: bool,
    pub(crate) at: Instant,
}

/// Writes a word.
pub(crate) async fn insert(tx: &mut Tx, word: NewWord<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO feedback (id, article, article_version, lang, query, rank, helped, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![word.id, word.article, word.article_version, word.lang, word.query, word.rank, word.helped, word.at],
    )
    .await?;
    Ok(())
}

/// One word.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Word>> {
    tx.optional("SELECT helped, comment FROM feedback WHERE id = $1", params![id]).await
}

/// Adds a comment to a word that has none and was made after `since`.
pub(crate) async fn comment(tx: &mut Tx, id: &str, comment: Option<String>, since: Instant) -> Result<()> {
    tx.execute(
        "UPDATE feedback SET comment = $1 WHERE id = $2 AND comment IS NULL AND created_at > $3",
        params![comment, id, since],
    )
    .await?;
    Ok(())
}

/// How often an article helped and did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Tally {
    /// It helped.
    pub yes: i64,
    /// It did not.
    pub no: i64,
}

/// Counts the words on an article, by its id.
pub async fn tally(tx: &mut Tx, article: &str) -> Result<Tally> {
    tx.optional(
        "SELECT count(*) FILTER (WHERE helped) AS yes, count(*) FILTER (WHERE NOT helped) AS no
         FROM feedback WHERE article = $1",
        params![article],
    )
    .await?
    .ok_or(StoreError::NotFound)
}

/// Counts the words on all articles since an instant, by article id.
pub async fn counts(tx: &mut Tx, since: Instant) -> Result<HashMap<String, Tally>> {
    let rows = tx
        .rows(
            "SELECT article, count(*) FILTER (WHERE helped) AS yes, count(*) FILTER (WHERE NOT helped) AS no
             FROM feedback WHERE created_at >= $1 GROUP BY article",
            params![since],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("article")?, Tally { yes: r.get("yes")?, no: r.get("no")? }))).collect()
}

/// Counts the words on one article since an instant.
pub(crate) async fn count(tx: &mut Tx, article: &str, since: Instant) -> Result<Tally> {
    tx.optional(
        "SELECT count(*) FILTER (WHERE helped) AS yes, count(*) FILTER (WHERE NOT helped) AS no
         FROM feedback WHERE article = $1 AND created_at >= $2",
        params![article, since],
    )
    .await?
    .ok_or(StoreError::NotFound)
}

/// The newest comments on an article since an instant.
pub(crate) async fn comments(tx: &mut Tx, article: &str, since: Instant, limit: i64) -> Result<Vec<Comment>> {
    tx.all(
        "SELECT created_at AS at, article_version AS version, lang, helped, comment AS text FROM feedback
         WHERE article = $1 AND created_at >= $2 AND comment IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT $3",
        params![article, since, limit],
    )
    .await
}

/// A word on an answer that somebody found by a question.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Seen {
    /// The question.
    pub query: String,
    /// The article, by its id.
    pub article: String,
    /// Its place among the answers, from 1; none if it was not found in a list.
    pub rank: Option<i64>,
    /// Whether it helped.
    pub helped: bool,
}

/// All words on answers whose question is still there.
pub(crate) async fn seen(tx: &mut Tx) -> Result<Vec<Seen>> {
    tx.all("SELECT query, article, rank, helped FROM feedback WHERE query IS NOT NULL ORDER BY id", params![]).await
}

/// Takes the words away from feedback of before an instant; that it helped or not stays. Returns how many.
pub(crate) async fn blank(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute(
        "UPDATE feedback SET comment = NULL, query = NULL
         WHERE created_at < $1 AND (comment IS NOT NULL OR query IS NOT NULL)",
        params![before],
    )
    .await
}
