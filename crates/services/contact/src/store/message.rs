//! Messages of contacts in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::message::{Message, NewMessage};

/// A row to write.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) contact: &'a str,
    pub(crate) conversation: &'a str,
    pub(crate) seq: i64,
    pub(crate) content: &'a str,
    pub(crate) new: &'a NewMessage<'a>,
    pub(crate) at: Instant,
}

/// Adds a message.
pub(crate) async fn insert(tx: &mut Tx, row: Row<'_>) -> Result<()> {
    let n = row.new;
    tx.execute(
        "INSERT INTO contact_message (id, contact, conversation, seq, author, account, kind, body, content, client_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            row.id,
            row.contact,
            row.conversation,
            row.seq,
            n.author.code(),
            n.account,
            n.kind.code(),
            n.body,
            row.content,
            n.client_id,
            row.at
        ],
    )
    .await?;
    Ok(())
}

/// The place of the message that a client sent before.
pub(crate) async fn sent_before(tx: &mut Tx, contact: &str, client_id: &str) -> Result<Option<i64>> {
    let row = tx
        .row("SELECT seq FROM contact_message WHERE contact = $1 AND client_id = $2", params![contact, client_id])
        .await?;
    row.map(|r| r.get("seq")).transpose()
}

/// The message at a place.
pub(crate) async fn at(tx: &mut Tx, contact: &str, seq: i64) -> Result<Option<Message>> {
    tx.optional(
        "SELECT id, seq, author, account, kind, body, content, client_id, at FROM contact_message
         WHERE contact = $1 AND seq = $2",
        params![contact, seq],
    )
    .await
}

/// The last message of the bot.
pub(crate) async fn last_of_bot(tx: &mut Tx, contact: &str) -> Result<Option<Message>> {
    tx.optional(
        "SELECT id, seq, author, account, kind, body, content, client_id, at FROM contact_message
         WHERE contact = $1 AND author = 'bot' ORDER BY seq DESC LIMIT 1",
        params![contact],
    )
    .await
}

/// Messages after a place, in order, at most `limit`.
pub async fn since(tx: &mut Tx, contact: &str, after: i64, limit: i64) -> Result<Vec<Message>> {
    tx.all(
        "SELECT id, seq, author, account, kind, body, content, client_id, at FROM contact_message
         WHERE contact = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        params![contact, after, limit],
    )
    .await
}

/// The last messages before a place, in order, at most `limit`.
pub async fn until(tx: &mut Tx, contact: &str, before: i64, limit: i64) -> Result<Vec<Message>> {
    let mut found: Vec<Message> = tx
        .all(
            "SELECT id, seq, author, account, kind, body, content, client_id, at FROM contact_message
             WHERE contact = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
            params![contact, before, limit],
        )
        .await?;
    found.reverse();
    Ok(found)
}

/// Removes words and files of a message that the citizen took back. How many messages it were: none or one.
pub(crate) async fn take_back(tx: &mut Tx, contact: &str, client_id: &str) -> Result<u64> {
    tx.execute(
        "UPDATE contact_attachment SET name = NULL, sha256 = '', content = NULL WHERE contact = $1
         AND message IN (SELECT id FROM contact_message WHERE contact = $1 AND client_id = $2)",
        params![contact, client_id],
    )
    .await?;
    tx.execute(
        "UPDATE contact_message SET body = NULL, content = '{}'
         WHERE contact = $1 AND client_id = $2 AND author = 'citizen' AND body IS NOT NULL",
        params![contact, client_id],
    )
    .await
}
