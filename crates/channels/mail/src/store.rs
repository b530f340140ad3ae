//! The mails of the simulator.

use ::store::{Result, Tx, params};
use calendar::Instant;

use crate::mailbox::{Mail, Page};

/// A mail to be kept.
pub(crate) struct NewMail<'a> {
    pub(crate) id: &'a str,
    pub(crate) message: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
    pub(crate) at: Instant,
}

const COLUMNS: &str = "id, message, sender, recipient, subject, body, at, bounced_at";

pub(crate) async fn insert(tx: &mut Tx, mail: NewMail<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO simulated_mail (id, message, sender, recipient, subject, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![mail.id, mail.message, mail.sender, mail.recipient, mail.subject, mail.body, mail.at],
    )
    .await?;
    Ok(())
}

pub(crate) async fn list(tx: &mut Tx, page: &Page<'_>) -> Result<Vec<Mail>> {
    let text = format!("SELECT {COLUMNS} FROM simulated_mail WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2");
    tx.all(::store::Sql::built(text), params![page.before, page.limit]).await
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Mail>> {
    tx.optional(::store::Sql::built(format!("SELECT {COLUMNS} FROM simulated_mail WHERE id = $1")), params![id]).await
}

/// Returns whether it had not come back before.
pub(crate) async fn bounce(tx: &mut Tx, id: &str, at: Instant) -> Result<bool> {
    let sql = "UPDATE simulated_mail SET bounced_at = $2 WHERE id = $1 AND bounced_at IS NULL";
    Ok(tx.execute(sql, params![id, at]).await? == 1)
}

pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM simulated_mail WHERE at < $1", params![before]).await
}
