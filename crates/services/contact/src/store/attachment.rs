//! Attachments in the database. Contents are read one at a time, and never with a list.

use calendar::Instant;
use store::{Result, StoreError, Tx, params};

use crate::attachment::{Attachment, Ready};

/// A row to write.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) contact: &'a str,
    pub(crate) message: &'a str,
    pub(crate) place: i64,
    pub(crate) file: &'a Ready,
    pub(crate) at: Instant,
}

/// Adds an attachment.
pub(crate) async fn insert(tx: &mut Tx, row: Row<'_>) -> Result<()> {
    let f = row.file;
    let side = |n: fn((u32, u32)) -> u32| f.size.map(|size| i64::from(n(size)));
    tx.execute(
        "INSERT INTO contact_attachment
           (id, contact, message, place, name, kind, bytes, sha256, width, height, content, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            row.id,
            row.contact,
            row.message,
            row.place,
            &f.name,
            f.kind.code(),
            i64::try_from(f.content.len()).unwrap_or(i64::MAX),
            &f.sha256,
            side(|(width, _)| width),
            side(|(_, height)| height),
            f.content.as_slice(),
            row.at
        ],
    )
    .await?;
    Ok(())
}

/// The attachments of a contact's messages from one place to another, both included, in order.
pub async fn between(tx: &mut Tx, contact: &str, first: i64, last: i64) -> Result<Vec<Attachment>> {
    tx.all(
        "SELECT a.id, m.seq, a.name, a.kind, a.bytes, a.sha256, a.width, a.height, a.created_at
         FROM contact_attachment a JOIN contact_message m ON m.id = a.message
         WHERE a.contact = $1 AND m.seq >= $2 AND m.seq <= $3 ORDER BY m.seq, a.place",
        params![contact, first, last],
    )
    .await
}

/// An attachment of a contact; none if there is no such one in this contact, or it was erased.
pub async fn one(tx: &mut Tx, contact: &str, id: &str) -> Result<Option<Attachment>> {
    tx.optional(
        "SELECT a.id, m.seq, a.name, a.kind, a.bytes, a.sha256, a.width, a.height, a.created_at
         FROM contact_attachment a JOIN contact_message m ON m.id = a.message
         WHERE a.contact = $1 AND a.id = $2 AND a.content IS NOT NULL",
        params![contact, id],
    )
    .await
}

/// The content of an attachment of a contact, under the same conditions.
pub async fn content(tx: &mut Tx, contact: &str, id: &str) -> Result<Option<Vec<u8>>> {
    let row = tx
        .row(
            "SELECT content FROM contact_attachment WHERE contact = $1 AND id = $2 AND content IS NOT NULL",
            params![contact, id],
        )
        .await?;
    row.map(|r| r.get("content")).transpose()
}

/// How many bytes a contact's files have.
pub(crate) async fn total(tx: &mut Tx, contact: &str) -> Result<i64> {
    let row = tx
        .row(
            "SELECT coalesce(CAST(sum(bytes) AS BIGINT), 0) AS n FROM contact_attachment
             WHERE contact = $1 AND content IS NOT NULL",
            params![contact],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.get("n")
}
