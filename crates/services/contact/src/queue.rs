//! Waiting for a person: how contacts come into the queue, and what they are told.

use calendar::{Clock, Instant};
use city::Organisation;
use store::{Entropy, FromRow, Tx, changes};

use crate::channel::{Author, Channel, MessageKind, State};
use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told};
use crate::message::{self, Content, NewMessage};
use crate::{CHANGE_TOPIC, ContactError, clock as office};

pub use crate::store::queue::{Filter, list, waiting_before};

/// Contacts that are looked at together.
const SWEPT: i64 = 500;

/// A contact in a list of the desk.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Listed {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Channel.
    pub channel: Channel,
    /// Code of the language.
    pub lang: String,
    /// Where it stands.
    pub state: State,
    /// Accountable section.
    pub section: String,
    /// Who has it.
    pub holder: Option<String>,
    /// Topic.
    pub topic: Option<String>,
    /// Since when it waits.
    pub waiting_since: Option<Instant>,
    /// By when a person is to be heard.
    pub reply_due_at: Option<Instant>,
    /// When the citizen's page was last open.
    pub citizen_seen_at: Option<Instant>,
    /// When something happened last.
    pub updated_at: Instant,
    /// Place of the last message.
    pub last_seq: i64,
    /// Up to where the staff has read.
    pub staff_seen_seq: i64,
    /// The citizen's last words.
    pub words: Option<String>,
    /// When somebody has to look again.
    pub follow_up_on: Option<calendar::Date>,
}

/// Adds a sentence of the system to the conversation.
pub(crate) async fn tell(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    content: Content,
) -> Result<i64, ContactError> {
    let new =
        NewMessage { author: Author::Bot, account: None, kind: MessageKind::Told, body: "", content, client_id: None };
    message::add(tx, clock, entropy, contact, new).await
}

/// Puts a contact into the queue of its section and tells the citizen when somebody will be there. The caller saves
/// the contact.
pub(crate) async fn want_person(
    tx: &mut Tx,
    clock: &dyn Clock,
    organisation: &Organisation,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    reason: &str,
) -> Result<(), ContactError> {
    let now = clock.now();
    let actor = if reason == "citizen" { "citizen" } else { "bot" };
    let told = Told { reason: Some(reason), ..Told::default() };
    event::log(tx, clock, entropy, contact, EventKind::HandOverRequested, actor, told).await?;
    contact.state = State::Waiting;
    contact.holder = None;
    contact.waiting_since = Some(now);
    contact.reply_due_at = office::first_reply_due(tx, organisation, &contact.section, now).await?;
    event::log(tx, clock, entropy, contact, EventKind::Queued, "bot", Told::default()).await?;
    let content = office::promise(organisation, &contact.section, now, contact.reply_due_at);
    tell(tx, clock, entropy, contact, content).await?;
    Ok(())
}

/// Contacts whose citizen left while waiting: the page is closed for so long. They are marked, not removed.
///
/// Who was asked to stay is meant. Who began to wait while the section was closed was told to come back, and waits with
/// a closed page until somebody answers.
pub async fn sweep_abandoned(
    db: &store::Db,
    clock: &dyn Clock,
    organisation: &Organisation,
    entropy: &store::worker::EntropySource,
    gone_before: Instant,
) -> Result<Vec<String>, ContactError> {
    let mut marked = Vec::new();
    let mut after = String::new();
    loop {
        // Past those who were told to come back and wait with a closed page; they stay on the list.
        let mut tx = db.read().await?;
        let gone = crate::store::queue::gone(&mut tx, gone_before, &after, SWEPT).await?;
        drop(tx);
        let Some(last) = gone.last() else { return Ok(marked) };
        after.clone_from(last);
        for id in gone {
            if leave(db, clock, organisation, entropy, gone_before, &id).await? {
                marked.push(id);
            }
        }
    }
}

/// Marks one who left; whether it is so.
async fn leave(
    db: &store::Db,
    clock: &dyn Clock,
    organisation: &Organisation,
    entropy: &store::worker::EntropySource,
    gone_before: Instant,
    id: &str,
) -> Result<bool, ContactError> {
    let mut tx = db.write().await?;
    let mut contact = contact::lock(&mut tx, id).await?;
    if contact.state != State::Waiting || contact.citizen_seen_at.is_none_or(|at| at >= gone_before) {
        return Ok(false);
    }
    if !contact.waiting_since.is_some_and(|since| office::is_open(organisation, &contact.section, since)) {
        return Ok(false);
    }
    contact.state = State::Resolved;
    contact.wrap_up = Some("abandoned".into());
    contact.waiting_since = None;
    contact.reply_due_at = None;
    let told = Told { reason: Some("left"), ..Told::default() };
    event::log(&mut tx, clock, entropy().as_mut(), &contact, EventKind::Abandoned, "job:contact.sweep", told).await?;
    tell(&mut tx, clock, entropy().as_mut(), &mut contact, Content::told("left")).await?;
    contact::save(&mut tx, clock, &mut contact).await?;
    changes::bump(&mut tx, CHANGE_TOPIC).await?;
    tx.commit().await?;
    Ok(true)
}
