//! Whether an answer helped.

use std::time::Duration;

use calendar::Clock;
use city::Lang;
use store::{Entropy, FromRow, Result, Tx, ids, params};

use crate::Article;

/// Longest question and comment that are kept, in characters.
pub const MAX_TEXT: usize = 500;

/// A citizen's word on an answer. Nothing about the person is kept.
#[derive(Clone, Debug)]
pub struct Feedback<'a> {
    /// The article.
    pub article: &'a Article,
    /// The language in which it was read.
    pub lang: Lang,
    /// The question with which it was found.
    pub query: Option<&'a str>,
    /// Its place among the answers, from 1.
    pub rank: Option<i64>,
    /// Whether it helped.
    pub helped: bool,
}

/// A word on an answer as its own page shows it.
#[derive(Clone, Debug, FromRow)]
pub struct Word {
    /// Whether it helped.
    pub helped: bool,
    /// What was wrong or missing.
    pub comment: Option<String>,
}

fn shortened(text: Option<&str>) -> Option<String> {
    let clean: String = text?.chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_TEXT).collect();
    Some(clean.trim().to_owned()).filter(|t| !t.is_empty())
}

/// How long after the word a comment may be added.
const COMMENT_WITHIN: Duration = Duration::from_secs(3600);

/// Stores a word on an answer. Returns its id, which only the person's own browser learns.
pub async fn record(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, feedback: Feedback<'_>) -> Result<String> {
    let id = ids::new_id(clock, entropy);
    tx.execute(
        "INSERT INTO feedback (id, article, article_version, lang, query, rank, helped, comment, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &id,
            &feedback.article.id,
            feedback.article.version,
            feedback.lang.code(),
            shortened(feedback.query),
            feedback.rank,
            feedback.helped,
            None::<String>,
            clock.now(),
        ],
    )
    .await?;
    Ok(id)
}

/// One word on an answer.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Word>> {
    tx.optional("SELECT helped, comment FROM feedback WHERE id = $1", params![id]).await
}

/// Adds what was wrong or missing, once and soon after.
pub async fn comment(tx: &mut Tx, clock: &dyn Clock, id: &str, text: &str) -> Result<()> {
    tx.execute(
        "UPDATE feedback SET comment = $1 WHERE id = $2 AND comment IS NULL AND created_at > $3",
        params![shortened(Some(text)), id, clock.now().minus(COMMENT_WITHIN)],
    )
    .await?;
    Ok(())
}

/// How often an article helped and did not.
pub async fn tally(tx: &mut Tx, article: &str) -> Result<(i64, i64)> {
    let row = tx
        .row(
            "SELECT count(*) FILTER (WHERE helped) AS yes, count(*) FILTER (WHERE NOT helped) AS no
             FROM feedback WHERE article = $1",
            params![article],
        )
        .await?
        .ok_or(store::StoreError::NotFound)?;
    Ok((row.get("yes")?, row.get("no")?))
}
