//! Questions back in the database.

use store::{Result, Tx, params};

use crate::clarification::Clarification;

/// All of a language.
pub(crate) async fn all(tx: &mut Tx, lang: &str) -> Result<Vec<Clarification>> {
    tx.all(
        "SELECT code, lang, words, question, choices FROM clarification WHERE lang = $1 ORDER BY code",
        params![lang],
    )
    .await
}

/// One of them.
pub async fn get(tx: &mut Tx, code: &str, lang: &str) -> Result<Option<Clarification>> {
    tx.optional(
        "SELECT code, lang, words, question, choices FROM clarification WHERE code = $1 AND lang = $2",
        params![code, lang],
    )
    .await
}

/// Removes one.
pub(crate) async fn remove(tx: &mut Tx, code: &str, lang: &str) -> Result<()> {
    tx.execute("DELETE FROM clarification WHERE code = $1 AND lang = $2", params![code, lang]).await?;
    Ok(())
}

/// Writes one.
pub(crate) async fn put(tx: &mut Tx, c: &Clarification, choices: &str, at: calendar::Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO clarification (code, lang, words, question, choices, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (code, lang) DO UPDATE SET words = excluded.words, question = excluded.question,
             choices = excluded.choices, updated_at = excluded.updated_at",
        params![&c.code, &c.lang, c.words.join(" "), &c.question, choices, at],
    )
    .await?;
    Ok(())
}

/// Removes all.
pub(crate) async fn clear(tx: &mut Tx) -> Result<()> {
    tx.execute("DELETE FROM clarification WHERE code <> ''", params![]).await?;
    Ok(())
}
