//! What is erased of contacts in the database.

use store::{Result, Tx, params};

use crate::retention::Ended;

/// Ended contacts with words after an id.
pub(crate) async fn ended(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Ended>> {
    tx.all(
        "SELECT id, channel, topic, updated_at FROM contact
         WHERE id > $1 AND erased_at IS NULL AND state IN ('resolved', 'merged', 'bot') ORDER BY id LIMIT $2",
        params![after, limit],
    )
    .await
}

/// The contacts of a person that have words.
pub(crate) async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT id FROM contact WHERE erased_at IS NULL AND (person = $1 OR EXISTS
               (SELECT 1 FROM contact_call_back b WHERE b.contact = contact.id AND b.person = $1)) ORDER BY id",
            params![person],
        )
        .await?;
    rows.iter().map(|r| r.get("id")).collect()
}

/// Removes all words around a contact.
pub(crate) async fn blank(tx: &mut Tx, id: &str) -> Result<()> {
    for sql in [
        "UPDATE contact_message SET body = NULL, content = '{}' WHERE contact = $1",
        // How many and how large they were stays.
        "UPDATE contact_attachment SET name = NULL, sha256 = '', content = NULL WHERE contact = $1",
        "UPDATE contact_transfer SET summary = '', reason = '' WHERE contact = $1",
        "UPDATE contact_side_question SET body = '', answer = CASE WHEN answer IS NULL THEN NULL ELSE '' END
         WHERE contact = $1",
        "UPDATE contact_incident SET words = '' WHERE contact = $1",
        "UPDATE answer_record SET question = '', raw = '', checked = '{}' WHERE contact = $1",
        "DELETE FROM contact_draft WHERE contact = $1",
        "DELETE FROM contact_typing WHERE contact = $1",
        "DELETE FROM contact_call_back WHERE contact = $1",
    ] {
        tx.execute(sql, params![id]).await?;
    }
    Ok(())
}
