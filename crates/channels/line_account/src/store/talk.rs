//! Talks on LINE in the database: which contact a recipient speaks in, and up to where it was said.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A contact's talk on LINE.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Talk {
    /// With whom; nobody once the contact was erased.
    pub(crate) recipient: Option<String>,
    /// Up to which message it was said.
    pub(crate) sent_seq: i64,
    /// By which the last event can be answered.
    pub(crate) reply_token: Option<String>,
    /// Until when.
    pub(crate) reply_until: Option<Instant>,
}

/// The contact in which a recipient speaks.
pub(crate) async fn current(tx: &mut Tx, recipient: &str) -> Result<Option<String>> {
    let row = tx
        .row("SELECT contact FROM line_talk WHERE recipient = $1 AND is_current = $2", params![recipient, true])
        .await?;
    row.map(|r| r.get("contact")).transpose()
}

/// The talk of a contact.
pub(crate) async fn of(tx: &mut Tx, contact: &str) -> Result<Option<Talk>> {
    tx.optional(
        "SELECT recipient, sent_seq, reply_token, reply_until FROM line_talk WHERE contact = $1",
        params![contact],
    )
    .await
}

/// Lets a recipient speak in a contact from now on.
pub(crate) async fn begin(tx: &mut Tx, contact: &str, recipient: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE line_talk SET is_current = $1 WHERE recipient = $2", params![false, recipient]).await?;
    tx.execute(
        "INSERT INTO line_talk (contact, recipient, is_current, sent_seq, created_at) VALUES ($1, $2, $3, 0, $4)
         ON CONFLICT (contact) DO UPDATE SET is_current = $3",
        params![contact, recipient, true, at],
    )
    .await?;
    Ok(())
}

/// Keeps a reply token for what is said next.
pub(crate) async fn keep_token(tx: &mut Tx, contact: &str, token: Option<&str>, until: Option<Instant>) -> Result<()> {
    tx.execute(
        "UPDATE line_talk SET reply_token = $1, reply_until = $2 WHERE contact = $3",
        params![token, until, contact],
    )
    .await?;
    Ok(())
}

/// Notes up to where it was said.
pub(crate) async fn said(tx: &mut Tx, contact: &str, seq: i64) -> Result<()> {
    tx.execute("UPDATE line_talk SET sent_seq = $1 WHERE contact = $2 AND sent_seq < $1", params![seq, contact])
        .await?;
    Ok(())
}

/// Forgets with whom erased contacts were.
pub(crate) async fn forget_erased(tx: &mut Tx) -> Result<u64> {
    tx.execute(
        "UPDATE line_call SET recipient = NULL, reply_token = NULL WHERE recipient IS NOT NULL AND contact IN
           (SELECT id FROM contact WHERE erased_at IS NOT NULL)",
        params![],
    )
    .await?;
    tx.execute(
        "UPDATE line_talk SET recipient = NULL, reply_token = NULL, is_current = $1 WHERE recipient IS NOT NULL
         AND contact IN (SELECT id FROM contact WHERE erased_at IS NOT NULL)",
        params![false],
    )
    .await
}
