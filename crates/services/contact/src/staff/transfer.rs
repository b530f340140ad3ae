//! Warm transfer (取り次ぎ): a section is asked to take a contact, with a summary so that nobody tells the matter
//! twice. Until it accepts, the section that asked stays accountable; a section that declines says why, and who would
//! be better.

use access::Action;
use calendar::Instant;
use store::{Entropy, FromRow};

use super::Desk;
use crate::channel::State;
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::store::transfer as rows;
use crate::{ContactError, clock as office, field, presence, queue};

pub use crate::store::transfer::{of, open_for};

/// Longest summary and reason, in characters.
pub const MAX_WORDS: usize = 1_000;

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Transfer {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Section that asked.
    pub from_section: String,
    /// Section that was asked.
    pub to_section: String,
    /// `offered`, `accepted`, `declined` or `withdrawn`.
    pub state: String,
    /// What it is about, for the next section.
    pub summary: String,
    /// Why it was declined.
    pub reason: String,
    /// Who would be better.
    pub better_section: Option<String>,
    /// Who asked.
    pub offered_by: String,
    /// When.
    pub offered_at: Instant,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// By when the section is to decide.
    pub due_at: Option<Instant>,
}

fn words(name: &'static str, typed: &str, what: &str) -> Result<String, ContactError> {
    let text = crate::message::clean(typed);
    match text.chars().count() {
        0 => Err(field(name, format!("{what}を書いてください。"))),
        n if n > MAX_WORDS => {
            Err(field(name, format!("{what}は{MAX_WORDS}文字までにしてください（いま{n}文字です）。")))
        }
        _ => Ok(text),
    }
}

/// Asks a section to take a contact that the principal has.
pub async fn offer(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    to_section: &str,
    summary: &str,
) -> Result<String, ContactError> {
    let summary = words("summary", summary, "次の課への要約")?;
    let now = desk.clock.now();
    let to = desk
        .organisation
        .own(to_section, now.jst_date())
        .map(|s| s.code.clone())
        .ok_or_else(|| field("section", "取り次ぐ課を一覧から選んでください。"))?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    if to == desk.section_today(&contact.section) {
        return Err(field("section", "いま担当している課です。別の課を選んでください。"));
    }
    if rows::open_of(&mut tx, id).await?.is_some() {
        return Err(ContactError::Rule("すでに取り次ぎを頼んでいます。返事を待つか、取り下げてください。".into()));
    }
    let minutes = office::number(&mut tx, office::TRANSFER).await?;
    let transfer = Transfer {
        id: store::ids::new_id(desk.clock, entropy),
        contact: id.to_owned(),
        from_section: contact.section.clone(),
        to_section: to.clone(),
        state: "offered".into(),
        summary,
        reason: String::new(),
        better_section: None,
        offered_by: desk.who.account.clone(),
        offered_at: now,
        decided_by: None,
        decided_at: None,
        due_at: office::due(desk.organisation, &to, now, minutes),
    };
    rows::insert(&mut tx, &transfer).await?;
    let told = Told { other_section: Some(&to), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::TransferOffered, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(transfer.id)
}

/// The contact of an open transfer and the transfer, locked, if the principal may answer in the section that is asked.
async fn asked(
    tx: &mut store::Tx,
    desk: Desk<'_>,
    transfer: &str,
) -> Result<(contact::Contact, Transfer), ContactError> {
    let found = rows::get(tx, transfer).await?.ok_or(ContactError::NotFound)?;
    let contact = contact::lock(tx, &found.contact).await?;
    // Read again under the lock.
    let found = rows::get(tx, transfer).await?.ok_or(ContactError::NotFound)?;
    if !desk.may(Action::ContactAnswer, &found.to_section) {
        return Err(ContactError::Forbidden);
    }
    if found.state != "offered" {
        return Err(ContactError::Changed);
    }
    Ok((contact, found))
}

/// The section takes the contact: it is accountable from now on, and whoever accepts has it.
pub async fn accept(desk: Desk<'_>, entropy: Entropy<'_>, transfer: &str) -> Result<String, ContactError> {
    let mut tx = desk.db.write().await?;
    let (mut contact, found) = asked(&mut tx, desk, transfer).await?;
    let now = desk.clock.now();
    let decided = Transfer {
        state: "accepted".into(),
        decided_by: Some(desk.who.account.clone()),
        decided_at: Some(now),
        ..found.clone()
    };
    rows::decide(&mut tx, &decided).await?;
    contact.section = found.to_section.clone();
    contact.state = State::Held;
    contact.holder = Some(desk.who.account.clone());
    contact.waiting_since = None;
    let told = Told { other_section: Some(&found.from_section), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::TransferAccepted, &desk.who.actor(), told).await?;
    let content = Content::told("transferred").with("section", &found.to_section);
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, content).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    presence::takes_part(&mut tx, desk.clock, entropy, desk.who).await?;
    tx.commit().await?;
    Ok(contact.id)
}

/// The section does not take it: it says why, and who would be better.
pub async fn decline(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    transfer: &str,
    reason: &str,
    better: &str,
) -> Result<(), ContactError> {
    let reason = words("reason", reason, "受けられない理由")?;
    let today = desk.clock.now().jst_date();
    let better = desk
        .organisation
        .own(better, today)
        .map(|s| s.code.clone())
        .ok_or_else(|| field("better", "担当と思う課を選んでください。たらい回しを防ぐために必要です。"))?;
    let mut tx = desk.db.write().await?;
    let (mut contact, found) = asked(&mut tx, desk, transfer).await?;
    if better == desk.section_today(&found.to_section) {
        return Err(field("better", "自分の課以外の課を選んでください。"));
    }
    let decided = Transfer {
        state: "declined".into(),
        reason,
        better_section: Some(better.clone()),
        decided_by: Some(desk.who.account.clone()),
        decided_at: Some(desk.clock.now()),
        ..found
    };
    rows::decide(&mut tx, &decided).await?;
    let told = Told { other_section: Some(&better), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::TransferDeclined, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an offer back.
pub async fn withdraw(desk: Desk<'_>, entropy: Entropy<'_>, transfer: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let found = rows::get(&mut tx, transfer).await?.ok_or(ContactError::NotFound)?;
    let mut contact = desk.lock(&mut tx, &found.contact).await?;
    let found = rows::get(&mut tx, transfer).await?.ok_or(ContactError::NotFound)?;
    if found.state != "offered" {
        return Err(ContactError::Changed);
    }
    let decided = Transfer {
        state: "withdrawn".into(),
        decided_by: Some(desk.who.account.clone()),
        decided_at: Some(desk.clock.now()),
        ..found
    };
    rows::decide(&mut tx, &decided).await?;
    let told = Told { other_section: Some(&decided.to_section), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::TransferWithdrawn, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
