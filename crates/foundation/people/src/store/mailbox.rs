//! Mails of the mailbox in the house in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, Tx, params};

use crate::message::Page;

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) person: String,
    pub(crate) sender: String,
    pub(crate) recipient_sealed: String,
    pub(crate) subject_sealed: String,
    pub(crate) body_sealed: String,
    pub(crate) at: Instant,
    pub(crate) bounced_at: Option<Instant>,
}

/// Whose mail it is stands at its message alone, so that a merge moves both.
const SELECT: &str = "SELECT s.id, s.message, m.person, s.sender, s.recipient_sealed, s.subject_sealed, s.body_sealed, \
    s.at, s.bounced_at FROM simulated_mail s JOIN message m ON m.id = s.message";

/// A row to write.
pub(crate) struct New<'a> {
    pub(crate) id: &'a str,
    pub(crate) message: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) recipient_sealed: String,
    pub(crate) subject_sealed: String,
    pub(crate) body_sealed: String,
    pub(crate) now: Instant,
}

pub(crate) async fn insert(tx: &mut Tx, m: New<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO simulated_mail (id, message, sender, recipient_sealed, subject_sealed, body_sealed, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![m.id, m.message, m.sender, m.recipient_sealed, m.subject_sealed, m.body_sealed, m.now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn list(tx: &mut Tx, page: &Page<'_>) -> Result<Vec<Row>> {
    let text = format!("{SELECT} WHERE ($1 IS NULL OR s.id < $1) ORDER BY s.id DESC LIMIT $2");
    tx.all(Sql::built(text), params![page.before, page.limit]).await
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Row>> {
    tx.optional(Sql::built(format!("{SELECT} WHERE s.id = $1")), params![id]).await
}

/// Returns whether it had not come back before.
pub(crate) async fn bounce(tx: &mut Tx, id: &str, at: Instant) -> Result<bool> {
    let sql = "UPDATE simulated_mail SET bounced_at = $2 WHERE id = $1 AND bounced_at IS NULL";
    Ok(tx.execute(sql, params![id, at]).await? == 1)
}

pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM simulated_mail WHERE at < $1", params![before]).await
}

/// Removes the mails to a person.
pub(crate) async fn erase(tx: &mut Tx, person: &str) -> Result<u64> {
    let sql = "DELETE FROM simulated_mail WHERE message IN (SELECT id FROM message WHERE person = $1)";
    tx.execute(sql, params![person]).await
}
