//! Merging and splitting in the database.

use store::{Result, StoreError, Tx, params};

/// The highest place in a contact.
async fn last(tx: &mut Tx, contact: &str) -> Result<i64> {
    let row =
        tx.row("SELECT coalesce(max(seq), 0) AS n FROM contact_message WHERE contact = $1", params![contact]).await?;
    row.ok_or(StoreError::NotFound)?.get("n")
}

/// Moves all messages and conversations of a contact behind those of another one; returns its last place.
pub(crate) async fn move_messages(tx: &mut Tx, from: &str, into: &str, after: i64) -> Result<i64> {
    tx.execute("UPDATE contact_conversation SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    // A client's name for a message is its own within one contact only.
    tx.execute(
        "UPDATE contact_message SET contact = $2, seq = seq + $3, client_id = NULL WHERE contact = $1",
        params![from, into, after],
    )
    .await?;
    tx.execute("UPDATE answer_record SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    tx.execute("UPDATE contact_attachment SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    last(tx, into).await.map(|n| n.max(after))
}

/// Moves what is still to be done for a contact to another one: calls, questions to sections, incidents.
pub(crate) async fn move_promises(tx: &mut Tx, from: &str, into: &str) -> Result<()> {
    tx.execute("UPDATE contact_call_back SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    tx.execute("UPDATE contact_side_question SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    tx.execute("UPDATE contact_incident SET contact = $2 WHERE contact = $1", params![from, into]).await?;
    Ok(())
}

/// Moves the messages from a place on into a new contact; returns its last place.
pub(crate) async fn move_from(tx: &mut Tx, from: &str, into: &str, conversation: &str, first: i64) -> Result<i64> {
    tx.execute(
        "UPDATE answer_record SET contact = $2
         WHERE message IN (SELECT id FROM contact_message WHERE contact = $1 AND seq >= $3)",
        params![from, into, first],
    )
    .await?;
    tx.execute(
        "UPDATE contact_attachment SET contact = $2
         WHERE message IN (SELECT id FROM contact_message WHERE contact = $1 AND seq >= $3)",
        params![from, into, first],
    )
    .await?;
    tx.execute(
        "UPDATE contact_message SET contact = $2, conversation = $3, seq = seq - $4 + 1 WHERE contact = $1 AND seq >= $4",
        params![from, into, conversation, first],
    )
    .await?;
    last(tx, into).await
}
