//! Sentences of operators in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::macro_text::Macro;

/// All that are in use, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Macro>> {
    tx.all(
        "SELECT id, section, name, body, lang, updated_by, updated_at FROM contact_macro
         WHERE removed_at IS NULL ORDER BY name, id",
        params![],
    )
    .await
}

/// One of them.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Macro>> {
    tx.optional(
        "SELECT id, section, name, body, lang, updated_by, updated_at FROM contact_macro
         WHERE id = $1 AND removed_at IS NULL",
        params![id],
    )
    .await
}

/// Writes one.
pub(crate) async fn put(tx: &mut Tx, m: &Macro) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_macro (id, section, name, body, lang, updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET section = excluded.section, name = excluded.name, body = excluded.body,
             lang = excluded.lang, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
        params![&m.id, m.section.as_deref(), &m.name, &m.body, &m.lang, &m.updated_by, m.updated_at],
    )
    .await?;
    Ok(())
}

/// Removes one.
pub(crate) async fn remove(tx: &mut Tx, id: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE contact_macro SET removed_at = $2 WHERE id = $1", params![id, at]).await?;
    Ok(())
}
