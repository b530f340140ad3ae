//! Links that live shortly, in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::contact::Contact;

/// Adds a link.
pub(crate) async fn insert(tx: &mut Tx, token: &str, contact: &str, at: Instant, until: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_link (token_hash, contact, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        params![token, contact, at, until],
    )
    .await?;
    Ok(())
}

/// The contact of a number to which a link leads, and until when.
pub(crate) async fn find(tx: &mut Tx, number: &str, token: &str) -> Result<Option<(Contact, Instant)>> {
    let row = tx
        .row(
            "SELECT l.contact, l.expires_at FROM contact_link l JOIN contact c ON c.id = l.contact
             WHERE l.token_hash = $1 AND c.number = $2",
            params![token, number],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, until): (String, Instant) = (row.get("contact")?, row.get("expires_at")?);
    Ok(super::contact::get(tx, &id).await?.map(|contact| (contact, until)))
}

/// Removes what ran out before an instant.
pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM contact_link WHERE expires_at < $1", params![before]).await
}
