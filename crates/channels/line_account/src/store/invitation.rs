//! Slips, tries to link, and keys to pages, in the database.

use calendar::Instant;
use store::{Result, Tx, params};

use crate::link::Invitation;

const COLUMNS: &str = "id, number, person, made_at, expires_at, state, recipient, ended_at";

/// Adds a slip.
pub(crate) async fn insert(tx: &mut Tx, i: &Invitation, code: &str, actor: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO line_invitation (id, number, code_hash, person, made_by, made_at, expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![&i.id, &i.number, code, &i.person, actor, i.made_at, i.expires_at, &i.state],
    )
    .await?;
    Ok(())
}

/// Ends the open slips of a person.
pub(crate) async fn withdraw_open(tx: &mut Tx, person: &str, at: Instant) -> Result<u64> {
    tx.execute(
        "UPDATE line_invitation SET state = 'withdrawn', ended_at = $1 WHERE person = $2 AND state = 'open'",
        params![at, person],
    )
    .await
}

/// The slip with the digest of a code.
pub(crate) async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Invitation>> {
    tx.optional(store::Sql::built(format!("SELECT {COLUMNS} FROM line_invitation WHERE code_hash = $1")), params![code])
        .await
}

/// The slips of a person, the newest first.
pub async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Invitation>> {
    tx.all(
        store::Sql::built(format!(
            "SELECT {COLUMNS} FROM line_invitation WHERE person = $1 ORDER BY made_at DESC, id DESC LIMIT 20"
        )),
        params![person],
    )
    .await
}

/// Notes that a recipient was sent into LINE's dialogue with a nonce.
pub(crate) async fn begin_try(
    tx: &mut Tx,
    nonce: &str,
    invitation: &str,
    recipient: &str,
    until: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO line_link_try (nonce_hash, invitation, recipient, expires_at) VALUES ($1, $2, $3, $4)",
        params![nonce, invitation, recipient, until],
    )
    .await?;
    Ok(())
}

/// Uses a nonce up. Gives the slip that it belongs to.
pub(crate) async fn end_try(tx: &mut Tx, nonce: &str, recipient: &str, at: Instant) -> Result<Option<String>> {
    let row = tx
        .row(
            "UPDATE line_link_try SET used_at = $1
             WHERE nonce_hash = $2 AND recipient = $3 AND used_at IS NULL AND expires_at > $1 RETURNING invitation",
            params![at, nonce, recipient],
        )
        .await?;
    row.map(|r| r.get("invitation")).transpose()
}

/// Uses a slip up. Whether it was open.
pub(crate) async fn r#use(tx: &mut Tx, id: &str, recipient: &str, at: Instant) -> Result<bool> {
    let used = tx
        .execute(
            "UPDATE line_invitation SET state = 'used', recipient = $1, ended_at = $2
             WHERE id = $3 AND state = 'open' AND expires_at > $2",
            params![recipient, at, id],
        )
        .await?;
    Ok(used == 1)
}

/// The person of a slip.
pub(crate) async fn person_of(tx: &mut Tx, id: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT person FROM line_invitation WHERE id = $1", params![id]).await?;
    row.map(|r| r.get("person")).transpose()
}

/// Adds a key to the page of a recipient.
pub(crate) async fn add_pass(tx: &mut Tx, token: &str, recipient: &str, at: Instant, until: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO line_pass (token_hash, recipient, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        params![token, recipient, at, until],
    )
    .await?;
    Ok(())
}

/// The recipient to whom a key leads.
pub(crate) async fn by_pass(tx: &mut Tx, token: &str, now: Instant) -> Result<Option<String>> {
    let row = tx
        .row("SELECT recipient FROM line_pass WHERE token_hash = $1 AND expires_at > $2", params![token, now])
        .await?;
    row.map(|r| r.get("recipient")).transpose()
}

/// Removes what ran out before an instant.
pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    let passes = tx.execute("DELETE FROM line_pass WHERE expires_at < $1", params![before]).await?;
    Ok(passes + tx.execute("DELETE FROM line_link_try WHERE expires_at < $1", params![before]).await?)
}

/// Removes the slips of a person who is erased.
pub(crate) async fn erase_person(tx: &mut Tx, person: &str) -> Result<u64> {
    tx.execute("DELETE FROM line_invitation WHERE person = $1", params![person]).await
}
