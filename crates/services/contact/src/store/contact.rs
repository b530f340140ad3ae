//! Contacts in the database.

use calendar::Instant;
use store::{Result, Sql, StoreError, Tx, params};

use crate::contact::{Contact, NewContact};

const COLUMNS: &str = "c.id, c.number, c.channel, c.lang, c.state, c.section, c.holder, c.topic, c.article, c.person,
    c.merged_into, c.wrap_up, c.follow_up_on, c.last_seq, c.waiting_since, c.reply_due_at, c.citizen_seen_at,
    c.citizen_seen_seq, c.staff_seen_seq, c.created_at, c.updated_at, c.erased_at,
    coalesce((SELECT v.id FROM contact_conversation v WHERE v.contact = c.id ORDER BY v.started_at DESC, v.id DESC LIMIT 1), '')
        AS conversation";

/// A statement that reads contacts; `rest` begins with WHERE.
pub(crate) fn select(rest: &str) -> Sql {
    Sql::built(format!("SELECT {COLUMNS} FROM contact c {rest}"))
}

/// A row to write; key and submission are digests.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) number: &'a str,
    pub(crate) key_hash: &'a str,
    pub(crate) submission: &'a str,
    pub(crate) conversation: &'a str,
    pub(crate) new: &'a NewContact<'a>,
    pub(crate) at: Instant,
}

/// Id and number of the contact that a form made.
pub(crate) async fn by_submission(tx: &mut Tx, submission: &str) -> Result<Option<(String, String)>> {
    let row = tx.row("SELECT id, number FROM contact WHERE submission = $1", params![submission]).await?;
    row.map(|r| Ok((r.get("id")?, r.get("number")?))).transpose()
}

/// Writes a contact with its first conversation.
pub(crate) async fn insert(tx: &mut Tx, row: Row<'_>) -> Result<()> {
    let n = row.new;
    tx.execute(
        "INSERT INTO contact (id, number, key_hash, submission, channel, lang, state, section, last_seq,
             citizen_seen_seq, staff_seen_seq, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'bot', $7, 0, 0, 0, $8, $8)",
        params![row.id, row.number, row.key_hash, row.submission, n.channel.code(), n.lang.code(), n.section, row.at],
    )
    .await?;
    add_conversation(tx, row.conversation, row.id, n.channel.code(), row.at).await
}

/// Begins a conversation.
pub(crate) async fn add_conversation(tx: &mut Tx, id: &str, contact: &str, channel: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_conversation (id, contact, channel, started_at) VALUES ($1, $2, $3, $4)",
        params![id, contact, channel, at],
    )
    .await?;
    Ok(())
}

/// A contact by its id.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Contact>> {
    tx.optional(select("WHERE c.id = $1"), params![id]).await
}

/// A contact by its number.
pub async fn numbered(tx: &mut Tx, number: &str) -> Result<Option<Contact>> {
    tx.optional(select("WHERE c.number = $1"), params![number]).await
}

/// The contact with a number and the digest of a key.
pub(crate) async fn by_key(tx: &mut Tx, number: &str, key_hash: &str) -> Result<Option<Contact>> {
    tx.optional(select("WHERE c.number = $1 AND c.key_hash = $2"), params![number, key_hash]).await
}

/// Locks a contact's row for the rest of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<()> {
    let found = tx.execute("UPDATE contact SET last_seq = last_seq WHERE id = $1", params![id]).await?;
    if found == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Writes what may change of a contact.
pub(crate) async fn update(tx: &mut Tx, c: &Contact) -> Result<()> {
    tx.execute(
        "UPDATE contact SET channel = $2, lang = $3, state = $4, section = $5, holder = $6, topic = $7, article = $8,
             person = $9, merged_into = $10, wrap_up = $11, follow_up_on = $12, last_seq = $13, waiting_since = $14,
             reply_due_at = $15, citizen_seen_at = $16, citizen_seen_seq = $17, staff_seen_seq = $18, updated_at = $19,
             erased_at = $20
         WHERE id = $1",
        params![
            &c.id,
            c.channel.code(),
            &c.lang,
            c.state.code(),
            &c.section,
            c.holder.as_deref(),
            c.topic.as_deref(),
            c.article.as_deref(),
            c.person.as_deref(),
            c.merged_into.as_deref(),
            c.wrap_up.as_deref(),
            c.follow_up_on,
            c.last_seq,
            c.waiting_since,
            c.reply_due_at,
            c.citizen_seen_at,
            c.citizen_seen_seq,
            c.staff_seen_seq,
            c.updated_at,
            c.erased_at,
        ],
    )
    .await?;
    Ok(())
}

/// When any contact changed last.
pub(crate) async fn newest(tx: &mut Tx) -> Result<Option<Instant>> {
    let row = tx.row("SELECT max(updated_at) AS at FROM contact", params![]).await?;
    row.ok_or(StoreError::NotFound)?.get("at")
}

/// Contacts that changed at an instant or later, with the instant; also those in which somebody types.
pub(crate) async fn changed_since(tx: &mut Tx, from: Instant) -> Result<Vec<(String, Instant)>> {
    let rows = tx
        .rows(
            "SELECT id, updated_at AS at FROM contact WHERE updated_at >= $1
             UNION ALL SELECT contact AS id, max(at) AS at FROM contact_typing WHERE at >= $1 GROUP BY contact",
            params![from],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("id")?, r.get("at")?))).collect()
}

/// The citizen's page shows messages up to a place.
pub(crate) async fn citizen_seen(tx: &mut Tx, id: &str, seq: i64, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE contact SET citizen_seen_at = $3,
             citizen_seen_seq = CASE WHEN citizen_seen_seq < $2 AND $2 <= last_seq THEN $2 ELSE citizen_seen_seq END
         WHERE id = $1",
        params![id, seq, at],
    )
    .await?;
    Ok(())
}

/// Somebody of the staff has read messages up to a place.
pub(crate) async fn staff_seen(tx: &mut Tx, id: &str, seq: i64) -> Result<()> {
    tx.execute(
        "UPDATE contact SET staff_seen_seq = $2 WHERE id = $1 AND staff_seen_seq < $2 AND $2 <= last_seq",
        params![id, seq],
    )
    .await?;
    Ok(())
}
