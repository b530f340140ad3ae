//! Contacts that an operator types in: telephone, counter, fax, letter, mail.

use city::Lang;
use store::Entropy;

use super::Desk;
use crate::channel::{Author, Channel, MessageKind, State};
use crate::contact::{self, NewContact, Receipt};
use crate::event::{self, EventKind, Told};
use crate::message::{self, Content, NewMessage};
use crate::{ContactError, field, presence};

/// What was said or written.
#[derive(Clone, Copy, Debug)]
pub struct TypedIn<'a> {
    /// Random token of the form.
    pub submission: &'a str,
    /// Channel.
    pub channel: Channel,
    /// The citizen's language.
    pub lang: Lang,
    /// The section for which it came.
    pub section: &'a str,
    /// What the citizen said, in the operator's words.
    pub words: &'a str,
    /// Topic, if it is clear.
    pub topic: Option<&'a str>,
}

/// Types a contact in; whoever does has it. The receipt can be handed over: with it the citizen reads the answer.
pub async fn type_in(desk: Desk<'_>, entropy: Entropy<'_>, new: TypedIn<'_>) -> Result<Receipt, ContactError> {
    if !new.channel.is_typed_in() {
        return Err(field("channel", "受けた方法を選んでください。"));
    }
    let words = message::checked(new.words)
        .map_err(|_| field("words", format!("聞いたことを、1文字から{}文字までで書いてください。", crate::MAX_BODY)))?;
    let topic = match new.topic.filter(|t| !t.is_empty()) {
        Some(code) => Some(city::topic(code).ok_or_else(|| field("topic", "分類を一覧から選んでください。"))?.code),
        None => None,
    };
    let section = desk.section_today(new.section);
    if !desk.may(access::Action::ContactAnswer, &section) {
        return Err(ContactError::Forbidden);
    }
    let actor = desk.who.actor();
    let mut tx = desk.db.write().await?;
    let opened = NewContact {
        submission: new.submission,
        channel: new.channel,
        lang: new.lang,
        section: &section,
        actor: &actor,
    };
    let (receipt, is_new) = contact::open(&mut tx, desk.clock, entropy, opened).await?;
    if !is_new {
        return Ok(receipt);
    }
    let mut contact = contact::lock(&mut tx, &receipt.id).await?;
    contact.topic = topic.map(str::to_owned);
    let said = NewMessage {
        author: Author::Citizen,
        account: Some(&desk.who.account),
        kind: MessageKind::Text,
        body: &words,
        content: Content::default(),
        client_id: None,
    };
    message::add(&mut tx, desk.clock, entropy, &mut contact, said).await?;
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::CitizenWrote, "citizen", Told::default()).await?;
    let asked = Told { reason: Some("staff"), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::HandOverRequested, "citizen", asked).await?;
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Queued, &actor, Told::default()).await?;
    contact.state = State::Held;
    contact.holder = Some(desk.who.account.clone());
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::PickedUp, &actor, told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    presence::takes_part(&mut tx, desk.clock, entropy, desk.who).await?;
    tx.commit().await?;
    Ok(receipt)
}
