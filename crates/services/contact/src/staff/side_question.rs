//! Asking a section something without giving the contact away (課への確認). The section sees the question, not the
//! conversation.

use access::Action;
use calendar::Instant;
use store::{Entropy, FromRow};

use super::Desk;
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::store::side_question as rows;
use crate::{ContactError, field};

pub use crate::store::side_question::{of, open_for};

/// Longest question and answer, in characters.
pub const MAX_WORDS: usize = 2_000;

/// A question to a section.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SideQuestion {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Section that is asked.
    pub section: String,
    /// The question.
    pub body: String,
    /// Who asks.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// The answer.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
}

fn words(name: &'static str, typed: &str) -> Result<String, ContactError> {
    let text = crate::message::clean(typed);
    match text.chars().count() {
        0 => Err(field(name, "文章を書いてください。")),
        n if n > MAX_WORDS => Err(field(name, format!("{MAX_WORDS}文字までにしてください（いま{n}文字です）。"))),
        _ => Ok(text),
    }
}

/// Asks a section.
pub async fn ask(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    section: &str,
    body: &str,
) -> Result<String, ContactError> {
    let body = words("question", body)?;
    let now = desk.clock.now();
    let section = desk
        .organisation
        .own(section, now.jst_date())
        .map(|s| s.code.clone())
        .ok_or_else(|| field("section", "確認する課を一覧から選んでください。"))?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    let question = SideQuestion {
        id: store::ids::new_id(desk.clock, entropy),
        contact: id.to_owned(),
        section: section.clone(),
        body,
        asked_by: desk.who.account.clone(),
        asked_at: now,
        answer: None,
        answered_by: None,
        answered_at: None,
    };
    rows::insert(&mut tx, &question).await?;
    let told = Told { other_section: Some(&section), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::SideAsked, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(question.id)
}

/// The section answers; the first answer stands. Returns the id of the contact.
pub async fn answer(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, answer: &str) -> Result<String, ContactError> {
    let answer = words("answer", answer)?;
    let mut tx = desk.db.write().await?;
    let found = rows::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    if !desk.may(Action::ContactAnswer, &found.section) {
        return Err(ContactError::Forbidden);
    }
    let mut contact = contact::lock(&mut tx, &found.contact).await?;
    if !rows::answer(&mut tx, id, &answer, &desk.who.account, desk.clock.now()).await? {
        return Err(ContactError::Changed);
    }
    let told = Told { other_section: Some(&found.section), account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::SideAnswered, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(contact.id)
}
