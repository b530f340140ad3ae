//! Answering the citizen, noting something for colleagues, reading and typing.

use access::Action;
use knowledge::Library;
use store::Entropy;

use super::Desk;
use crate::attachment::{self, Ready};
use crate::bot;
use crate::channel::{Author, MessageKind, State};
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::message::{self, Content, NewMessage};
use crate::store::{contact as contacts, message as rows, typing};
use crate::{ContactError, Invalid, MAX_BODY, field};

/// What somebody of the staff sends.
#[derive(Clone, Copy, Debug)]
pub struct NewReply<'a> {
    /// The page's own name for it: sent twice, it is stored once.
    pub client_id: &'a str,
    /// The words; may be empty where an article answers or files go along.
    pub words: &'a str,
    /// Code of an article whose answer and facts go along.
    pub article: Option<&'a str>,
    /// Files that go along.
    pub files: &'a [Ready],
    /// Whether it is personal, and to be read on the city's own page only. What holds a telephone number, an address
    /// or the like, and files, are in any case.
    pub on_page: bool,
}

fn checked(words: &str, is_beside: bool) -> Result<String, ContactError> {
    message::checked_beside(words, is_beside).map_err(|wrong| match wrong {
        Invalid::TooLong(_) => {
            let length = message::clean(words).chars().count();
            field("words", format!("長すぎます。{MAX_BODY}文字までにしてください（いま{length}文字です）。"))
        }
        _ => field("words", "送ることばを書いてください。"),
    })
}

/// Answers the citizen of a contact that the principal has.
pub async fn reply(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    library: &Library,
    id: &str,
    new: NewReply<'_>,
) -> Result<i64, ContactError> {
    if !message::is_client_id(new.client_id) {
        return Err(field("words", "このページを開き直してから、もう一度送ってください。"));
    }
    let code = new.article.map(str::trim).filter(|c| !c.is_empty());
    let words = checked(new.words, code.is_some() || !new.files.is_empty())?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    if let Some(seq) = rows::sent_before(&mut tx, &contact.id, new.client_id).await? {
        return Ok(seq);
    }
    attachment::fits(&mut tx, &contact, new.files).await?;
    let today = desk.clock.now().jst_date();
    let article = match code {
        Some(code) => {
            let found = library.snapshot().by_code(code).filter(|a| a.is_public(today)).cloned();
            let gone = "このFAQは公開されていません。公開中のFAQを選んでください。";
            Some(found.ok_or_else(|| field("article", gone))?)
        }
        None => None,
    };
    let (kind, mut content, body) = match &article {
        Some(a) => {
            let answer = bot::told(a, contact.lang(), None);
            let words = if words.is_empty() { a.text(contact.lang()).0.summary.clone() } else { words };
            (MessageKind::Answer, Content { answer: Some(answer), ..Content::default() }, words)
        }
        None => (MessageKind::Text, Content::default(), words),
    };
    // Numbers that the city has published are nobody's.
    let organisation = desk.organisation;
    let published: Vec<&str> = organisation.sections_on(today).iter().map(|s| s.phone.as_str()).collect();
    let is_private = !text::private::mask_except(new.words, &published).kinds.is_empty();
    content.on_page = new.on_page || is_private || !new.files.is_empty();
    contact.reply_due_at = None;
    if let Some(a) = &article {
        contact.topic = contact.topic.take().or_else(|| a.content.topics.first().cloned());
        contact.article = Some(a.code.clone());
    }
    let told = Told {
        account: Some(&desk.who.account),
        article: article.as_ref().map(|a| (a.code.as_str(), a.version)),
        ..Told::default()
    };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::StaffReplied, &desk.who.actor(), told).await?;
    let message = NewMessage {
        author: Author::Staff,
        account: Some(&desk.who.account),
        kind,
        body: &body,
        content,
        client_id: Some(new.client_id),
    };
    let seq = message::add(&mut tx, desk.clock, entropy, &mut contact, message).await?;
    attachment::keep(&mut tx, desk.clock, entropy, &contact, seq, new.files).await?;
    contact.staff_seen_seq = contact.last_seq;
    crate::store::draft::remove(&mut tx, &contact.id, &desk.who.account, "reply").await?;
    typing::clear(&mut tx, &contact.id, &desk.who.account).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(seq)
}

/// Notes something that only the staff sees. Whoever may answer may note, whoever has the contact.
pub async fn note(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    client_id: &str,
    words: &str,
) -> Result<i64, ContactError> {
    if !message::is_client_id(client_id) {
        return Err(field("words", "このページを開き直してから、もう一度送ってください。"));
    }
    let words = checked(words, false)?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    if let Some(seq) = rows::sent_before(&mut tx, &contact.id, client_id).await? {
        return Ok(seq);
    }
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Noted, &desk.who.actor(), told).await?;
    let message = NewMessage {
        author: Author::Staff,
        account: Some(&desk.who.account),
        kind: MessageKind::Note,
        body: &words,
        content: Content::default(),
        client_id: Some(client_id),
    };
    let seq = message::add(&mut tx, desk.clock, entropy, &mut contact, message).await?;
    crate::store::draft::remove(&mut tx, &contact.id, &desk.who.account, "note").await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(seq)
}

/// The citizen had to tell the matter once more (たらい回し meter).
pub async fn explained_again(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::ExplainedAgain, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// Somebody who may read the contact has its page open and sees messages up to a place.
pub async fn seen(desk: Desk<'_>, id: &str, seq: i64) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let contact = contact::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    if !desk.may(Action::ContactAnswer, &contact.section) {
        return Err(ContactError::Forbidden);
    }
    contacts::staff_seen(&mut tx, id, seq).await?;
    tx.commit().await?;
    Ok(())
}

/// The principal types; the citizen sees it only from whoever has the contact.
pub async fn types(desk: Desk<'_>, id: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let contact = contact::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    if !desk.may(Action::ContactAnswer, &contact.section) || contact.state != State::Held {
        return Err(ContactError::Forbidden);
    }
    typing::note(&mut tx, id, &desk.who.account, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
