//! What citizens do: begin, write, choose, want a person, close, rate.
//!
//! A message and the bot's reply to it are one transaction: nothing is half-said after a crash, and the same message
//! sent twice is stored and answered once.

use calendar::Clock;
use city::{Lang, Organisation};
use knowledge::Library;
use store::{Db, Entropy, Tx};

use crate::attachment::{self, Ready};
use crate::bot::{self, Reply};
use crate::channel::{Author, Channel, MessageKind, State};
use crate::contact::{self, Contact, NewContact, Receipt};
use crate::event::{self, EventKind, Told};
use crate::message::{self, Content, NewMessage};
use crate::store::{message as rows, typing};
use crate::thought::{self, Asked, Thought};
use crate::{ContactError, Invalid, answer_record, gate, queue, rephrase};

/// Who writes in the log.
pub const CITIZEN: &str = "citizen";
/// Who answers in the log.
pub const BOT: &str = "bot";
/// How long after the end words open a contact again; later a new one begins, in days.
pub const REOPENED_WITHIN_DAYS: u32 = 30;

/// What a citizen does with a contact, and with what.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    /// The database.
    pub db: &'a Db,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The city.
    pub organisation: &'a Organisation,
    /// Its knowledge.
    pub library: &'a Library,
    /// Whether the bot may answer on a topic now; in disaster mode it may not answer at all.
    pub is_live: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether a language model puts answers into the citizen's words ([`crate::rephrase`]).
    pub writes: bool,
}

/// Begins a conversation on the citizens' pages. The same form sent twice begins one.
pub async fn begin(
    window: Window<'_>,
    entropy: Entropy<'_>,
    submission: &str,
    lang: Lang,
    first_words: &str,
) -> Result<Receipt, ContactError> {
    let first_words = message::clean(first_words);
    if first_words.chars().count() > crate::MAX_BODY {
        return Err(ContactError::Invalid(Invalid::TooLong(crate::MAX_BODY)));
    }
    let thought = think_first(window, lang, &first_words).await?;
    let mut tx = window.db.write().await?;
    let section = contact::first_section(window.organisation);
    let new = NewContact { submission, channel: Channel::Web, lang, section, actor: CITIZEN };
    let (receipt, is_new) = contact::open(&mut tx, window.clock, entropy, new).await?;
    if is_new && !first_words.is_empty() {
        let mut contact = contact::lock(&mut tx, &receipt.id).await?;
        let said = Said { client_id: None, body: &first_words, files: &[] };
        take_words(&mut tx, window, entropy, &mut contact, said, thought).await?;
        contact::save(&mut tx, window.clock, &mut contact).await?;
    }
    tx.commit().await?;
    Ok(receipt)
}

/// Takes a message of the citizen and, where the bot talks, answers it. Returns the place of the citizen's message;
/// one that the client sent before is not stored again and keeps its place.
pub async fn say(
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &str,
    client_id: &str,
    words: &str,
) -> Result<i64, ContactError> {
    send(window, entropy, contact, client_id, words, &[]).await
}

/// The same with files, which may stand without words. The bot does not look into them, and no language model ever
/// gets them: a person does.
pub async fn send(
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &str,
    client_id: &str,
    words: &str,
    files: &[Ready],
) -> Result<i64, ContactError> {
    let thought = think(window, contact, words).await?;
    let mut tx = window.db.write().await?;
    let sent = Sent { client_id, words, files, thought };
    let seq = send_in(&mut tx, window, entropy, contact, sent).await?;
    tx.commit().await?;
    Ok(seq)
}

/// What the bot would say to words, for [`send_in`]. Nothing is written, and nobody waits for it.
pub async fn think(window: Window<'_>, contact: &str, words: &str) -> Result<Option<Thought>, ContactError> {
    match message::clean(words) {
        // Files alone: the bot says what it says to every file.
        words if words.is_empty() => Ok(None),
        words => thought::about(window, contact, Asked::Words(&words)).await,
    }
}

/// [`think`] about the first words of a contact that is not there yet.
pub async fn think_first(window: Window<'_>, lang: Lang, words: &str) -> Result<Option<Thought>, ContactError> {
    match message::clean(words) {
        words if words.is_empty() => Ok(None),
        words => thought::about_first(window, lang, &words).await,
    }
}

/// What a citizen sends.
#[derive(Clone, Debug)]
pub struct Sent<'a> {
    /// The client's own name for it: sent twice, it is stored once.
    pub client_id: &'a str,
    /// Words; there may be none where there are files.
    pub words: &'a str,
    /// Files.
    pub files: &'a [Ready],
    /// What the bot would say, from [`think`]; without it, it is thought out inside.
    pub thought: Option<Thought>,
}

/// [`send`] in the caller's transaction.
pub async fn send_in(
    tx: &mut Tx,
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &str,
    sent: Sent<'_>,
) -> Result<i64, ContactError> {
    let Sent { client_id, words, files, thought } = sent;
    if !message::is_client_id(client_id) {
        return Err(ContactError::Invalid(Invalid::Form));
    }
    let body = message::checked_beside(words, !files.is_empty()).map_err(ContactError::Invalid)?;
    let mut contact = contact::lock(tx, contact).await?;
    if let Some(seq) = rows::sent_before(tx, &contact.id, client_id).await? {
        let stored = rows::since(tx, &contact.id, seq - 1, 1).await?;
        // The form of an old page with other words is no repetition: what somebody wrote is never lost silently.
        let is_other = stored.first().and_then(|m| m.body.as_ref()).is_some_and(|before| *before != body);
        return match is_other || !attachment::are_those(tx, &contact.id, seq, files).await? {
            true => Err(ContactError::Invalid(Invalid::Form)),
            false => Ok(seq),
        };
    }
    attachment::fits(tx, &contact, files).await?;
    let said = Said { client_id: Some(client_id), body: &body, files };
    let seq = take_words(tx, window, entropy, &mut contact, said, thought).await?;
    contact::save(tx, window.clock, &mut contact).await?;
    typing::clear(tx, &contact.id, CITIZEN).await?;
    Ok(seq)
}

/// What the citizen said.
#[derive(Clone, Copy)]
struct Said<'a> {
    client_id: Option<&'a str>,
    body: &'a str,
    files: &'a [Ready],
}

async fn take_words(
    tx: &mut Tx,
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    said: Said<'_>,
    thought: Option<Thought>,
) -> Result<i64, ContactError> {
    reopen_if_ended(tx, window, entropy, contact).await?;
    let thread = thought::thread(tx, contact).await?;
    let seq = hear(tx, window, entropy, contact, said.body, said.client_id).await?;
    attachment::keep(tx, window.clock, entropy, contact, seq, said.files).await?;
    event::log(tx, window.clock, entropy, contact, EventKind::CitizenWrote, CITIZEN, Told::default()).await?;
    if contact.state == State::Bot && said.body.is_empty() {
        speak(tx, window, entropy, contact, "", bot::to_files()).await?;
    } else if contact.state == State::Bot {
        let masked = text::private::mask(said.body).text;
        let reply = thought::settle(tx, window, contact, &thread, Asked::Words(said.body), thought).await?;
        if !said.files.is_empty() && !reply.wants_person {
            // The answer to the words stands last, since its choices do.
            queue::tell(tx, window.clock, entropy, contact, Content::told("files-kept")).await?;
        }
        speak(tx, window, entropy, contact, &masked, reply).await?;
    }
    Ok(seq)
}

/// Takes one of the choices that were offered; what it says stands as the citizen's message.
pub async fn choose(
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &str,
    client_id: &str,
    value: &str,
    label: &str,
) -> Result<i64, ContactError> {
    if !message::is_client_id(client_id) {
        return Err(ContactError::Invalid(Invalid::Form));
    }
    let label = message::checked(label).map_err(ContactError::Invalid)?;
    let asked = Asked::Choice(value);
    let thought = thought::about(window, contact, asked).await?;
    let mut tx = window.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    if let Some(seq) = rows::sent_before(&mut tx, &contact.id, client_id).await? {
        return Ok(seq);
    }
    reopen_if_ended(&mut tx, window, entropy, &mut contact).await?;
    let thread = thought::thread(&mut tx, &contact).await?;
    let seq = hear(&mut tx, window, entropy, &mut contact, &label, Some(client_id)).await?;
    event::log(&mut tx, window.clock, entropy, &contact, EventKind::Chosen, CITIZEN, Told::default()).await?;
    if contact.state == State::Bot {
        let reply = thought::settle(&mut tx, window, &contact, &thread, asked, thought).await?;
        let masked = text::private::mask(&label).text;
        speak(&mut tx, window, entropy, &mut contact, &masked, reply).await?;
    }
    contact::save(&mut tx, window.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(seq)
}

async fn hear(
    tx: &mut Tx,
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    body: &str,
    client_id: Option<&str>,
) -> Result<i64, ContactError> {
    let new = NewMessage {
        author: Author::Citizen,
        account: None,
        kind: MessageKind::Text,
        body,
        content: Content::default(),
        client_id,
    };
    contact.citizen_seen_at = Some(window.clock.now());
    message::add(tx, window.clock, entropy, contact, new).await
}

/// Stores what the bot says to a masked question and what follows from it.
async fn speak(
    tx: &mut Tx,
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    asked: &str,
    mut reply: Reply,
) -> Result<(), ContactError> {
    if let Some(article) = &reply.article {
        contact.topic = article.content.topics.first().cloned();
        if reply.event == EventKind::AnsweredByBot {
            contact.article = Some(article.code.clone());
        }
    }
    if reply.wants_person {
        return queue::want_person(tx, window.clock, window.organisation, entropy, contact, "citizen").await;
    }
    let is_disaster = gate::is_disaster(tx).await?;
    if let (true, false, EventKind::AnsweredByBot, Some(article)) =
        (window.writes, is_disaster, reply.event, &reply.article)
    {
        let focus = reply.content.answer.as_ref().and_then(|a| a.focus.clone());
        return rephrase::enqueue(tx, window.clock, entropy, contact, article, focus).await;
    }
    if window.writes && !is_disaster && reply.is_question_back() {
        return rephrase::enqueue_question_back(tx, window.clock, entropy, contact, reply.content.choices).await;
    }
    if is_disaster {
        // The staff calls back where nobody can answer at once; whoever chooses finds that first.
        reply.content.choices.sort_by_key(|c| c.value != "call-back");
    }
    let cited = reply.article.as_ref().map(|a| (a.code.as_str(), a.version));
    let told = Told { article: cited, ..Told::default() };
    event::log(tx, window.clock, entropy, contact, reply.event, BOT, told).await?;
    let new = NewMessage {
        author: Author::Bot,
        account: None,
        kind: reply.kind,
        body: &reply.body,
        content: reply.content,
        client_id: None,
    };
    let seq = message::add(tx, window.clock, entropy, contact, new).await?;
    if let (EventKind::AnsweredByBot, Some(article)) = (reply.event, cited) {
        let place = (contact.id.as_str(), seq);
        answer_record::write_exact(tx, window.clock, entropy, window.library, place, asked, article).await?;
    }
    Ok(())
}

async fn reopen_if_ended(
    tx: &mut Tx,
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
) -> Result<(), ContactError> {
    if contact.erased_at.is_some() {
        return Err(ContactError::Invalid(Invalid::Closed));
    }
    if contact.state != State::Resolved {
        return Ok(());
    }
    let days = window.clock.now().millis_since(contact.updated_at) / 86_400_000;
    if days >= i64::from(REOPENED_WITHIN_DAYS) {
        return Err(ContactError::Invalid(Invalid::Closed));
    }
    // Whoever had a person before gets one again; the bot was not enough then.
    let had_person = contact.holder.is_some();
    contact.state = State::Bot;
    contact.wrap_up = None;
    event::log(tx, window.clock, entropy, contact, EventKind::Reopened, CITIZEN, Told::default()).await?;
    if had_person {
        queue::want_person(tx, window.clock, window.organisation, entropy, contact, "citizen").await?;
    }
    Ok(())
}

/// The citizen wants a person, whatever the bot could say.
pub async fn want_person(window: Window<'_>, entropy: Entropy<'_>, contact: &str) -> Result<(), ContactError> {
    let mut tx = window.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    reopen_if_ended(&mut tx, window, entropy, &mut contact).await?;
    if contact.state == State::Bot {
        queue::want_person(&mut tx, window.clock, window.organisation, entropy, &mut contact, "citizen").await?;
        contact::save(&mut tx, window.clock, &mut contact).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The citizen says that the matter is done, or gives up waiting.
pub async fn close(window: Window<'_>, entropy: Entropy<'_>, contact: &str) -> Result<(), ContactError> {
    let mut tx = window.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    if contact.state == State::Resolved {
        return Ok(());
    }
    let gave_up = contact.state == State::Waiting;
    let kind = if gave_up { EventKind::Abandoned } else { EventKind::Resolved };
    contact.state = State::Resolved;
    contact.waiting_since = None;
    contact.reply_due_at = None;
    contact.wrap_up = Some(if gave_up { "abandoned" } else { "citizen" }.into());
    let told = Told { reason: Some("citizen"), ..Told::default() };
    event::log(&mut tx, window.clock, entropy, &contact, kind, CITIZEN, told).await?;
    queue::tell(&mut tx, window.clock, entropy, &mut contact, Content::told("closed")).await?;
    contact::save(&mut tx, window.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// The citizen says how it was, 1 (bad) to 5 (good); the last word counts.
pub async fn rate(window: Window<'_>, entropy: Entropy<'_>, contact: &str, score: i64) -> Result<(), ContactError> {
    if !(1..=5).contains(&score) {
        return Err(ContactError::Invalid(Invalid::Form));
    }
    let mut tx = window.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    let told = Told { value: Some(score), account: contact.holder.as_deref(), ..Told::default() };
    event::log(&mut tx, window.clock, entropy, &contact, EventKind::Rated, CITIZEN, told).await?;
    contact::save(&mut tx, window.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// The citizen's page is open and shows messages up to a place.
pub async fn seen(db: &Db, clock: &dyn Clock, contact: &str, seq: i64) -> Result<(), ContactError> {
    let mut tx = db.write().await?;
    crate::store::contact::citizen_seen(&mut tx, contact, seq, clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The citizen types.
pub async fn types(db: &Db, clock: &dyn Clock, contact: &str) -> Result<(), ContactError> {
    let mut tx = db.write().await?;
    typing::note(&mut tx, contact, CITIZEN, clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The citizen asks to be called.
pub async fn ask_call_back(
    window: Window<'_>,
    entropy: Entropy<'_>,
    contact: &str,
    new: crate::call_back::NewCallBack<'_>,
) -> Result<(), ContactError> {
    let mut tx = window.db.write().await?;
    let mut contact = contact::lock(&mut tx, contact).await?;
    reopen_if_ended(&mut tx, window, entropy, &mut contact).await?;
    crate::call_back::ask(&mut tx, window.clock, window.organisation, entropy, &mut contact, new).await?;
    contact::save(&mut tx, window.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
