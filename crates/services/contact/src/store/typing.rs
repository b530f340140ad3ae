//! Who types just now, in the database.

use calendar::Instant;
use store::{Result, Tx, params};

/// Notes that somebody types.
pub(crate) async fn note(tx: &mut Tx, contact: &str, who: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_typing (contact, who, at) VALUES ($1, $2, $3)
         ON CONFLICT (contact, who) DO UPDATE SET at = excluded.at",
        params![contact, who, at],
    )
    .await?;
    Ok(())
}

/// Whoever sent does not type any more.
pub(crate) async fn clear(tx: &mut Tx, contact: &str, who: &str) -> Result<()> {
    tx.execute("DELETE FROM contact_typing WHERE contact = $1 AND who = $2", params![contact, who]).await?;
    Ok(())
}

/// Who types in a contact since an instant.
pub async fn since(tx: &mut Tx, contact: &str, from: Instant) -> Result<Vec<String>> {
    let rows = tx
        .rows("SELECT who FROM contact_typing WHERE contact = $1 AND at >= $2 ORDER BY who", params![contact, from])
        .await?;
    rows.iter().map(|r| r.get("who")).collect()
}
