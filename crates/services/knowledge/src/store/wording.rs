//! Wordings in the database.

use std::collections::HashMap;

use calendar::Instant;
use store::{Result, Tx, params};

use crate::wording::{Heard, Wording};

/// A row to write.
pub(crate) struct NewWording<'a> {
    pub(crate) id: &'a str,
    pub(crate) article: &'a str,
    pub(crate) text: &'a str,
    pub(crate) used: bool,
    pub(crate) actor: &'a str,
    pub(crate) at: Instant,
}

/// Writes a wording, or decides anew about one that is there.
pub(crate) async fn put(tx: &mut Tx, new: NewWording<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO wording (id, article, text, used, actor, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (article, text) DO UPDATE SET used = excluded.used, actor = excluded.actor, at = excluded.at",
        params![new.id, new.article, new.text, new.used, new.actor, new.at],
    )
    .await?;
    Ok(())
}

/// Removes a wording of an article; whether it was there.
pub(crate) async fn remove(tx: &mut Tx, article: &str, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM wording WHERE article = $1 AND id = $2", params![article, id]).await? > 0)
}

/// The wordings of an article that are used, the oldest first.
pub(crate) async fn of_article(tx: &mut Tx, article: &str) -> Result<Vec<Wording>> {
    tx.all("SELECT id, text, actor, at FROM wording WHERE article = $1 AND used ORDER BY at, id", params![article])
        .await
}

/// All wordings that are used, by the id of their article, the oldest first.
pub(crate) async fn all(tx: &mut Tx) -> Result<HashMap<String, Vec<String>>> {
    let rows = tx.rows("SELECT article, text FROM wording WHERE used ORDER BY article, at, id", params![]).await?;
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for row in &rows {
        found.entry(row.get("article")?).or_default().push(row.get("text")?);
    }
    Ok(found)
}

/// Questions with which people came to an article and said that it helped, and that nobody has decided about; the most
/// frequent first.
pub(crate) async fn heard(tx: &mut Tx, article: &str, since: Instant, limit: i64) -> Result<Vec<Heard>> {
    tx.all(
        "SELECT f.query AS text, count(*) AS times FROM feedback f
         WHERE f.article = $1 AND f.created_at >= $2 AND f.helped AND f.query IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM wording w WHERE w.article = f.article AND w.text = f.query)
         GROUP BY f.query ORDER BY times DESC, text LIMIT $3",
        params![article, since, limit],
    )
    .await
}
