//! In which contact a user of LINE speaks, and what they say there.

use std::time::Duration;

use calendar::{Clock, Instant};
use city::Lang;
use contact::attachment::{self, Ready, Refused, Sent};
use contact::contact::{self as contacts, NewContact};
use contact::message::Choice;
use contact::{Channel, Contact, ContactError, MAX_BODY, State, citizen};
use line::client::Content;
use outreach::Recipient;
use store::Tx;
use store::worker::JobContext;

use crate::account::{Account, House};
use crate::event::Waiting;
use crate::store::talk as rows;
use crate::{AccountError, say};

/// A matter with the bot, or one that ended, goes on for so long; later a new one begins.
pub const MATTER: Duration = Duration::from_secs(24 * 3600);

/// Whether a contact is over for somebody who writes now.
fn is_over(contact: &Contact, now: Instant) -> bool {
    let is_old = contact.updated_at.plus(MATTER) < now;
    match contact.state {
        State::Waiting | State::Held => contact.erased_at.is_some(),
        State::Bot | State::Resolved => contact.erased_at.is_some() || is_old,
        State::Merged => true,
    }
}

/// The contact in which a recipient speaks, if there is one that is not over.
pub(crate) async fn current(context: &JobContext, recipient: &Recipient) -> Result<Option<Contact>, AccountError> {
    let mut tx = context.db.read().await?;
    let Some(mut id) = rows::current(&mut tx, &recipient.id).await? else { return Ok(None) };
    // A part of another contact: the talk goes on in the whole, if that is on LINE too.
    for _ in 0..4 {
        match contacts::get(&mut tx, &id).await? {
            Some(Contact { merged_into: Some(whole), .. }) => id = whole,
            Some(found) => {
                let fits = found.channel == Channel::Line && !is_over(&found, context.clock.now());
                return Ok(fits.then_some(found));
            }
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// The contact in which a recipient speaks now; where there is none, an event begins one. Keeps the event's reply
/// token for what is said next.
async fn enter(
    tx: &mut Tx,
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
    before: Option<Contact>,
) -> Result<String, AccountError> {
    let clock = context.clock.as_ref();
    let id = match before {
        Some(contact) => contact.id,
        None => {
            let organisation = (house.organisation)();
            // From the event, so that an event that is carried out again begins no second contact.
            let digest = store::ids::digest(&format!("madoguchi line contact {}", waiting.id));
            let new = NewContact {
                submission: digest.get(..32).unwrap_or_default(),
                channel: Channel::Line,
                lang: recipient.lang,
                section: contacts::first_section(&organisation),
                actor: citizen::CITIZEN,
            };
            let (receipt, _) = contacts::open(tx, clock, (context.entropy)().as_mut(), new).await?;
            receipt.id
        }
    };
    rows::begin(tx, &id, &recipient.id, clock.now()).await?;
    let token = waiting.token(clock.now());
    rows::keep_token(tx, &id, token.as_deref(), token.as_ref().map(|_| waiting.token_until())).await?;
    Ok(id)
}

/// Enters, and commits.
async fn enter_first(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
) -> Result<String, AccountError> {
    let before = current(context, recipient).await?;
    let mut tx = context.db.write().await?;
    let id = enter(&mut tx, context, house, recipient, waiting, before).await?;
    tx.commit().await?;
    Ok(id)
}

/// Somebody said something, with files or without. `name`: LINE's id of it, by which it is stored once.
///
/// The bot thinks first; then the contact, the words and the answer are one transaction.
pub(crate) async fn hear(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
    name: &str,
    words: &str,
    files: &[Ready],
) -> Result<(), AccountError> {
    let organisation = (house.organisation)();
    let gates = house.gates.clone();
    let is_live = move |topic: &str| gates.is_live(topic);
    let window = house.window(&context.db, context.clock.as_ref(), &organisation, &is_live);
    let parts = parts(words);
    let before = current(context, recipient).await?;
    let first = parts.first().map(String::as_str).unwrap_or_default();
    let mut thought = match &before {
        Some(contact) => citizen::think(window, &contact.id, first).await?,
        None => citizen::think_first(window, recipient.lang, first).await?,
    };
    let mut entropy = (context.entropy)();
    let mut tx = context.db.write().await?;
    let id = enter(&mut tx, context, house, recipient, waiting, before).await?;
    // Words that are too long for one message are several: nothing that somebody wrote is cut off.
    for (i, part) in parts.iter().enumerate() {
        let client_id = &client_id(name, i);
        let files = if i == 0 { files } else { &[] };
        let sent = citizen::Sent { client_id, words: part, files, thought: thought.take() };
        citizen::send_in(&mut tx, window, entropy.as_mut(), &id, sent).await?;
    }
    tx.commit().await?;
    house.live.tell(&id);
    Ok(())
}

fn parts(words: &str) -> Vec<String> {
    let chars: Vec<char> = words.chars().collect();
    if chars.is_empty() {
        return vec![String::new()];
    }
    chars.chunks(MAX_BODY).map(|part| part.iter().collect()).collect()
}

/// The name of a message in its contact. LINE promises nothing of how long its ids are; a name has eight letters at the
/// least.
fn client_id(name: &str, part: usize) -> String {
    match part {
        0 => format!("line-{name:0>8}"),
        part => format!("line-{name:0>8}-{part}"),
    }
}

/// What somebody sent, made ready to be kept; or why it is not taken.
pub(crate) async fn fetch(
    account: &Account,
    message: &str,
    file_name: &str,
) -> Result<Result<Ready, Refusal>, AccountError> {
    // One byte more than is taken, so that what is too large is known as that.
    let fetched = account.client.content(message, attachment::MAX_BYTES + 1).await;
    let bytes = match fetched {
        Ok(answer) => match answer.value {
            Content::Ready { bytes, .. } => bytes.to_vec(),
            Content::NotYet => return Err(AccountError::Later(Duration::from_secs(5))),
        },
        Err(line::Failure::Form(_)) => {
            let refused = Refused { name: file_name.to_owned(), refusal: attachment::Refusal::TooLarge };
            return Ok(Err(Refusal::File(refused)));
        }
        // LINE deletes what was sent after some time, or when its sender takes it back.
        Err(line::Failure::Refused(r)) if matches!(r.status, 404 | 410) => return Ok(Err(Refusal::Gone)),
        Err(other) => return Err(other.into()),
    };
    let sent = Sent { name: file_name.to_owned(), bytes };
    let looked = tokio::task::spawn_blocking(move || attachment::prepare_all(&[sent])).await;
    match looked {
        Ok(Ok(mut ready)) => Ok(ready.pop().ok_or(Refusal::Gone)),
        Ok(Err(refused)) => Ok(Err(Refusal::File(refused))),
        Err(error) => Err(AccountError::Rule(error.to_string())),
    }
}

/// Why something that was sent is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The file.
    File(Refused),
    /// LINE does not have it any more.
    Gone,
}

impl Refusal {
    /// What is said to it.
    pub(crate) fn sentence(&self, lang: Lang) -> String {
        match self {
            Refusal::Gone => words::i18n::message(lang, "line-content-gone", &[]),
            Refusal::File(refused) => {
                let (key, args) = refused.told();
                let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
                words::i18n::message(lang, key, &args)
            }
        }
    }
}

/// Somebody took one of the choices of a message.
pub(crate) async fn choose(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
    (contact, seq, index): (&str, i64, usize),
) -> Result<bool, AccountError> {
    let mut tx = context.db.read().await?;
    // Only in a contact of their own.
    let is_own = rows::of(&mut tx, contact).await?.is_some_and(|t| t.recipient.as_deref() == Some(&recipient.id));
    let message = contact::message::since(&mut tx, contact, seq - 1, 1).await?.into_iter().find(|m| m.seq == seq);
    let state = contacts::get(&mut tx, contact).await?;
    drop(tx);
    let choice = message.and_then(|m| m.content.choices.get(index).cloned());
    let (true, Some(Choice { label, value }), Some(found)) = (is_own, choice, state) else { return Ok(false) };
    let label = match label.strip_prefix("told:") {
        Some(name) => words::i18n::message(recipient.lang, name, &[]),
        None => label,
    };
    // A button of a matter that is over begins a new one with the same words.
    if is_over(&found, context.clock.now()) {
        hear(context, house, recipient, waiting, &waiting.id, &label, &[]).await?;
        return Ok(true);
    }
    let id = enter_first(context, house, recipient, waiting).await?;
    let organisation = (house.organisation)();
    let gates = house.gates.clone();
    let is_live = move |topic: &str| gates.is_live(topic);
    let window = house.window(&context.db, context.clock.as_ref(), &organisation, &is_live);
    let client = client_id(&waiting.id, 0);
    citizen::choose(window, (context.entropy)().as_mut(), &id, &client, &value, &label).await?;
    house.live.tell(&id);
    Ok(true)
}

/// Somebody wants a person.
pub(crate) async fn want_person(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
) -> Result<(), AccountError> {
    let id = enter_first(context, house, recipient, waiting).await?;
    let organisation = (house.organisation)();
    let is_live = |_: &str| true;
    let window = house.window(&context.db, context.clock.as_ref(), &organisation, &is_live);
    citizen::want_person(window, (context.entropy)().as_mut(), &id).await?;
    house.live.tell(&id);
    Ok(())
}

/// Somebody is done, gives up, or left the account.
pub(crate) async fn close(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    waiting: &Waiting,
    contact: &str,
) -> Result<(), AccountError> {
    if !keep_token_of_own(context, recipient, waiting, contact).await? {
        return Ok(());
    }
    let organisation = (house.organisation)();
    let is_live = |_: &str| true;
    let window = house.window(&context.db, context.clock.as_ref(), &organisation, &is_live);
    citizen::close(window, (context.entropy)().as_mut(), contact).await?;
    house.live.tell(contact);
    Ok(())
}

/// Somebody says how it was. Whether it was theirs to say.
pub(crate) async fn rate(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    (contact, score): (&str, i64),
) -> Result<bool, AccountError> {
    let mut tx = context.db.read().await?;
    let is_own = rows::of(&mut tx, contact).await?.is_some_and(|t| t.recipient.as_deref() == Some(&recipient.id));
    drop(tx);
    if !is_own {
        return Ok(false);
    }
    let organisation = (house.organisation)();
    let is_live = |_: &str| true;
    let window = house.window(&context.db, context.clock.as_ref(), &organisation, &is_live);
    match citizen::rate(window, (context.entropy)().as_mut(), contact, score).await {
        Ok(()) => {}
        Err(ContactError::Invalid(_)) => return Ok(false),
        Err(other) => return Err(other.into()),
    }
    house.live.tell(contact);
    Ok(true)
}

async fn keep_token_of_own(
    context: &JobContext,
    recipient: &Recipient,
    waiting: &Waiting,
    contact: &str,
) -> Result<bool, AccountError> {
    let now = context.clock.now();
    let mut tx = context.db.write().await?;
    let talk = rows::of(&mut tx, contact).await?;
    if talk.is_none_or(|t| t.recipient.as_deref() != Some(recipient.id.as_str())) {
        return Ok(false);
    }
    let token = waiting.token(now);
    rows::keep_token(&mut tx, contact, token.as_deref(), token.as_ref().map(|_| waiting.token_until())).await?;
    tx.commit().await?;
    Ok(true)
}

/// A new link to what was said on the page; none where the contact is not theirs.
pub(crate) async fn new_link(
    context: &JobContext,
    recipient: &Recipient,
    tone: say::Tone<'_>,
    contact: &str,
) -> Result<Option<String>, AccountError> {
    let mut tx = context.db.write().await?;
    let talk = rows::of(&mut tx, contact).await?;
    let found = contacts::get(&mut tx, contact).await?;
    let (Some(talk), Some(found)) = (talk, found) else { return Ok(None) };
    if talk.recipient.as_deref() != Some(recipient.id.as_str()) || found.erased_at.is_some() {
        return Ok(None);
    }
    let key = contact::link::make(&mut tx, context.clock.as_ref(), (context.entropy)().as_mut(), &found).await?;
    tx.commit().await?;
    Ok(Some(tone.url(&format!("/contacts/{}/{key}", contacts::short_number(&found.number)))))
}

/// A message was taken back: its words go.
pub(crate) async fn take_back(
    context: &JobContext,
    house: &House,
    recipient: &Recipient,
    message: &str,
) -> Result<(), AccountError> {
    let Some(found) = current(context, recipient).await? else { return Ok(()) };
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let mut contact = contacts::lock(&mut tx, &found.id).await?;
    let mut any = false;
    // As many parts as LINE's longest text can have.
    for part in 0..2 {
        let name = client_id(message, part);
        any |= contact::message::take_back(&mut tx, clock, (context.entropy)().as_mut(), &mut contact, &name).await?;
    }
    if any {
        contacts::save(&mut tx, clock, &mut contact).await?;
        tx.commit().await?;
        house.live.tell(&found.id);
    }
    Ok(())
}
