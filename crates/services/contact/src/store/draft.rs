//! What is being typed, in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::staff::draft::Draft;

/// Keeps a draft.
pub(crate) async fn put(tx: &mut Tx, contact: &str, account: &str, kind: &str, body: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_draft (contact, account, kind, body, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (contact, account, kind) DO UPDATE SET body = excluded.body, at = excluded.at",
        params![contact, account, kind, body, at],
    )
    .await?;
    Ok(())
}

/// Removes a draft.
pub(crate) async fn remove(tx: &mut Tx, contact: &str, account: &str, kind: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM contact_draft WHERE contact = $1 AND account = $2 AND kind = $3",
        params![contact, account, kind],
    )
    .await?;
    Ok(())
}

/// The drafts of an account in a contact.
pub(crate) async fn of(tx: &mut Tx, contact: &str, account: &str) -> Result<Vec<Draft>> {
    tx.all(
        "SELECT kind, body FROM contact_draft WHERE contact = $1 AND account = $2 ORDER BY kind",
        params![contact, account],
    )
    .await
}
