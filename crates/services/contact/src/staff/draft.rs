//! What somebody of the staff has typed and not sent: kept while they type, and found again in any browser.

use store::FromRow;

use super::Desk;
use crate::contact;
use crate::store::draft as rows;
use crate::{ContactError, MAX_BODY};

/// What is being typed.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Draft {
    /// `reply` or `note`.
    pub kind: String,
    /// The words so far.
    pub body: String,
}

/// Keeps what is being typed; nothing typed removes it. Longer than a message may be is kept all the same, up to
/// four times that: it is the person's work.
pub async fn keep(desk: Desk<'_>, id: &str, kind: &str, words: &str) -> Result<(), ContactError> {
    if !["reply", "note"].contains(&kind) {
        return Err(ContactError::NotFound);
    }
    let mut tx = desk.db.write().await?;
    let contact = contact::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    if !desk.may(access::Action::ContactAnswer, &contact.section) {
        return Err(ContactError::Forbidden);
    }
    let words: String = words.replace('\0', "").chars().take(4 * MAX_BODY).collect();
    if words.trim().is_empty() {
        rows::remove(&mut tx, id, &desk.who.account, kind).await?;
    } else {
        rows::put(&mut tx, id, &desk.who.account, kind, &words, desk.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What the principal was typing in a contact.
pub async fn of(desk: Desk<'_>, id: &str) -> Result<Vec<Draft>, ContactError> {
    let mut tx = desk.db.read().await?;
    Ok(rows::of(&mut tx, id, &desk.who.account).await?)
}
