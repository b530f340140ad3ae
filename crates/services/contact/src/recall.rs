//! Recalls (訂正のお知らせ): from a wrong answer to everyone who was told it. Whoever can be reached in the
//! conversation is told the corrected text there, exactly once; the others come on a list for the staff.
//!
//! The telling is a job in parts. Each contact is a transaction of its own, under the lock of its row: the message,
//! the events and the note that it is done are stored together, so a part that is killed and repeated goes on where it
//! stopped. One transaction for many contacts would hold the locks of all of them and could block citizens who write.

use std::collections::BTreeMap;

use access::Action;
use calendar::{Clock, Instant};
use city::Lang;
use serde::{Deserialize, Serialize};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Db, Entropy, FromRow, StoreError, Tx, audit, ids};

use crate::channel::{Author, Channel, MessageKind, State, coded};
use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told as Logged};
use crate::message::{self, Content, NewMessage};
use crate::staff::Desk;
use crate::store::recall as rows;
use crate::{ContactError, MAX_BODY, field};

pub use crate::store::recall::{all, contacts, get};

/// The job that ends a recall when its parts are done.
pub const END: &str = "contact.recall";
/// A part of it.
pub const PART: &str = "contact.recall_part";
/// Their lane.
pub const LANE: &str = crate::golden_run::LANE;
/// Contacts of a part.
const PART_SIZE: usize = 20;
/// Messages of a contact that are looked through for what it was told.
const MESSAGES: i64 = 1_000;
/// Longest reason, in characters.
const MAX_REASON: usize = 400;

coded! {
    /// How the citizen of a contact can be told.
    Reach {
        /// In the conversation on the citizens' pages.
        Thread = "thread",
        /// Only by somebody of the staff: the contact came by telephone, letter, fax, mail or at a counter.
        Staff = "staff",
        /// Not any more: the contact was erased.
        Erased = "erased",
    }
}

/// A recall.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Recall {
    /// Id.
    pub id: String,
    /// Code of the article that was wrong.
    pub article: Option<String>,
    /// Its first wrong version.
    pub version_from: Option<i64>,
    /// Its last wrong version.
    pub version_to: Option<i64>,
    /// Id of the message that was wrong, where no article answered.
    pub message: Option<String>,
    /// What was wrong, for the staff.
    pub reason: String,
    /// The corrected text.
    pub ja: String,
    /// The same in plain Japanese; empty where the Japanese one is told.
    pub easy: String,
    /// The same in English; empty where the Japanese one is told.
    pub en: String,
    /// `prepared`, `telling`, `done` or `given_up`.
    pub state: String,
    /// Id of the job.
    pub job: Option<String>,
    /// Who prepared it.
    pub made_by: String,
    /// When.
    pub made_at: Instant,
    /// Who confirmed it.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<Instant>,
    /// When everybody who can be told in the conversation was told.
    pub finished_at: Option<Instant>,
}

impl Recall {
    /// The text for a language.
    pub fn text(&self, lang: Lang) -> &str {
        let own = match lang {
            Lang::Ja => &self.ja,
            Lang::Easy => &self.easy,
            Lang::En => &self.en,
        };
        if own.is_empty() { &self.ja } else { own }
    }
}

/// A message that the city told.
#[derive(Clone, Debug, FromRow)]
pub struct ToldMessage {
    /// Id.
    pub id: String,
    /// Id of its contact.
    pub contact: String,
    /// Who wrote it.
    pub author: Author,
    /// What it is.
    pub kind: MessageKind,
    /// Its words.
    pub body: Option<String>,
    /// What stands beside them.
    pub content: Content,
    /// When.
    pub at: Instant,
}

/// A contact that was told what was wrong.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Concerned {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Channel.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// When it was erased.
    pub erased_at: Option<Instant>,
    /// Accountable section.
    pub section: String,
}

/// A contact of a recall that was confirmed.
#[derive(Clone, Debug, FromRow)]
pub struct Told {
    /// Id of the contact.
    pub contact: String,
    /// Its number.
    pub number: String,
    /// Its channel.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// Accountable section.
    pub section: String,
    /// Up to which message the citizen has read.
    pub citizen_seen_seq: i64,
    /// How its citizen can be told.
    pub reach: Reach,
    /// When its log said that the answer was wrong.
    pub noted_at: Option<Instant>,
    /// When the citizen was told.
    pub told_at: Option<Instant>,
    /// The place of the message that tells it.
    pub told_seq: Option<i64>,
    /// Who told it: `job:…` or an account.
    pub told_by: Option<String>,
}

impl Told {
    /// Whether the citizen's page has shown what was told.
    pub fn is_read(&self) -> bool {
        self.told_seq.is_some_and(|seq| self.citizen_seen_seq >= seq)
    }
}

fn reach(channel: Channel, state: State, erased_at: Option<Instant>) -> Reach {
    if erased_at.is_some() {
        Reach::Erased
    } else if channel == Channel::Web && state != State::Merged {
        Reach::Thread
    } else {
        Reach::Staff
    }
}

impl Concerned {
    /// How its citizen can be told.
    pub fn reach(&self) -> Reach {
        reach(self.channel, self.state, self.erased_at)
    }
}

/// How many contacts are concerned, by how they can be told and where they stand.
pub fn counted(concerned: &[Concerned]) -> BTreeMap<(Reach, State), usize> {
    let mut counts = BTreeMap::new();
    for one in concerned {
        *counts.entry((one.reach(), one.state)).or_insert(0) += 1;
    }
    counts
}

/// What was typed in the form of a recall.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Code of the article.
    pub article: String,
    /// First wrong version.
    pub version_from: String,
    /// Last wrong version.
    pub version_to: String,
    /// Id of a message; its article counts where it has one.
    pub message: String,
    /// What was wrong.
    pub reason: String,
    /// The corrected text.
    pub ja: String,
    /// In plain Japanese.
    pub easy: String,
    /// In English.
    pub en: String,
}

fn may(desk: Desk<'_>) -> Result<(), ContactError> {
    if desk.who.may(Action::AnswerControl) { Ok(()) } else { Err(ContactError::Forbidden) }
}

/// The message of which a recall begins.
pub async fn told_message(tx: &mut Tx, desk: Desk<'_>, id: &str) -> Result<ToldMessage, ContactError> {
    may(desk)?;
    rows::told_message(tx, id).await?.ok_or(ContactError::NotFound)
}

fn version(typed: &str, name: &'static str) -> Result<i64, ContactError> {
    let number = text::normal::normalise(typed).trim().parse::<i64>().ok().filter(|n| *n >= 1);
    number.ok_or_else(|| field(name, "版の番号を、1からの数で入れてください。FAQの履歴に出ています。"))
}

fn bounded(typed: &str, name: &'static str, least: usize, most: usize, what: &str) -> Result<String, ContactError> {
    let said = message::clean(typed);
    let length = said.chars().count();
    if (least..=most).contains(&length) {
        Ok(said)
    } else if length == 0 {
        Err(field(name, format!("{what}を書いてください。")))
    } else {
        Err(field(name, format!("{what}は{most}文字までにしてください（いま{length}文字です）。")))
    }
}

/// Prepares a recall; nobody is told yet. `knows` tells which articles there are. Returns its id.
pub async fn prepare(
    tx: &mut Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    knows: &(dyn Fn(&str) -> bool + Sync),
    typed: &Typed,
) -> Result<String, ContactError> {
    may(desk)?;
    let (article, message) = (typed.article.trim(), typed.message.trim());
    let mut recall = Recall {
        id: ids::new_id(desk.clock, entropy),
        article: None,
        version_from: None,
        version_to: None,
        message: None,
        reason: String::new(),
        ja: String::new(),
        easy: String::new(),
        en: String::new(),
        state: "prepared".into(),
        job: None,
        made_by: desk.who.actor(),
        made_at: desk.clock.now(),
        confirmed_by: None,
        confirmed_at: None,
        finished_at: None,
    };
    match (article.is_empty(), message.is_empty()) {
        (false, _) => {
            if !knows(article) {
                return Err(field("article", format!("「{article}」というコードのFAQはありません。")));
            }
            let (from, to) = (version(&typed.version_from, "version_from")?, version(&typed.version_to, "version_to")?);
            if from > to {
                return Err(field("version_to", "最後の版は、最初の版と同じか、それより後にしてください。"));
            }
            recall.article = Some(article.into());
            (recall.version_from, recall.version_to) = (Some(from), Some(to));
        }
        (true, false) => {
            rows::told_message(tx, message).await?.ok_or(ContactError::NotFound)?;
            recall.message = Some(message.into());
        }
        (true, true) => return Err(field("article", "まちがっていたFAQのコードを書いてください。")),
    }
    recall.reason = bounded(&typed.reason, "reason", 1, MAX_REASON, "何がまちがっていたか")?;
    recall.ja = bounded(&typed.ja, "ja", 1, MAX_BODY, "正しい内容")?;
    recall.easy = bounded(&typed.easy, "easy", 0, MAX_BODY, "やさしい日本語の文")?;
    recall.en = bounded(&typed.en, "en", 0, MAX_BODY, "英語の文")?;
    rows::insert(tx, &recall).await?;
    record(tx, desk, "recall.prepare", &recall.id).await?;
    Ok(recall.id)
}

async fn record(tx: &mut Tx, desk: Desk<'_>, action: &str, id: &str) -> Result<(), ContactError> {
    let actor = desk.who.actor();
    let event = audit::Event { actor: &actor, action, object_kind: "recall", object: id, fields: &["state"] };
    Ok(audit::record(tx, desk.clock, event).await?)
}

/// The contacts that were told what a recall takes back, as it stands now.
pub async fn concerned(tx: &mut Tx, recall: &Recall) -> Result<Vec<Concerned>, ContactError> {
    if let (Some(article), Some(from), Some(to)) = (&recall.article, recall.version_from, recall.version_to) {
        return Ok(rows::told_article(tx, article, from, to).await?);
    }
    let Some(id) = &recall.message else { return Ok(Vec::new()) };
    let told = rows::told_message(tx, id).await?.ok_or(ContactError::NotFound)?;
    match told.body.filter(|b| !b.is_empty()) {
        Some(words) => Ok(rows::told_words(tx, &words).await?),
        // Its words were erased meanwhile.
        None => Ok(Vec::new()),
    }
}

#[derive(Serialize, Deserialize)]
struct Payload {
    recall: String,
    #[serde(default)]
    contacts: Vec<String>,
}

fn payload(recall: &str, contacts: &[String]) -> Result<String, ContactError> {
    let payload = Payload { recall: recall.into(), contacts: contacts.into() };
    serde_json::to_string(&payload).map_err(|e| ContactError::Rule(e.to_string()))
}

/// Confirms a recall: from now on everybody concerned is told. Returns how many contacts are.
pub async fn confirm(tx: &mut Tx, desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<usize, ContactError> {
    may(desk)?;
    let recall = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    if !rows::step(tx, id, "prepared", "telling").await? {
        return Err(ContactError::Changed);
    }
    let concerned = concerned(tx, &recall).await?;
    if concerned.is_empty() {
        return Err(ContactError::Rule(
            "この回答を受けた人は見つかりませんでした。FAQのコードと版の番号を確かめてください。".into(),
        ));
    }
    for one in &concerned {
        rows::add_contact(tx, id, &one.id, one.reach().code()).await?;
    }
    let now = desk.clock.now();
    let end = NewJob { dedupe_key: Some(id), ..NewJob::new(LANE, END, payload(id, &[])?, now) };
    let parent = jobs::enqueue_parent(tx, desk.clock, &mut *entropy, end).await?.ok_or(ContactError::Changed)?;
    let ids: Vec<String> = concerned.iter().map(|c| c.id.clone()).collect();
    for part in ids.chunks(PART_SIZE) {
        let job = NewJob { parent: Some(&parent), ..NewJob::new(LANE, PART, payload(id, part)?, now) };
        jobs::enqueue(tx, desk.clock, &mut *entropy, job).await?;
    }
    rows::confirmed(tx, id, &desk.who.actor(), now, &parent).await?;
    record(tx, desk, "recall.confirm", id).await?;
    Ok(concerned.len())
}

/// Gives a recall up that nobody was told of yet.
pub async fn give_up(tx: &mut Tx, desk: Desk<'_>, id: &str) -> Result<(), ContactError> {
    may(desk)?;
    if !rows::step(tx, id, "prepared", "given_up").await? {
        return Err(ContactError::Changed);
    }
    record(tx, desk, "recall.give_up", id).await
}

/// The handler of [`PART`].
pub async fn tell_part(context: JobContext) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    for contact in &payload.contacts {
        let mut entropy = (context.entropy)();
        tell(&context.db, context.clock.as_ref(), entropy.as_mut(), &payload.recall, contact).await?;
    }
    Ok(context.db.write().await?)
}

/// The handler of [`END`].
pub async fn end(context: JobContext) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    let mut tx = context.db.write().await?;
    if rows::step(&mut tx, &payload.recall, "telling", "done").await? {
        rows::finished(&mut tx, &payload.recall, context.clock.now()).await?;
    }
    Ok(tx)
}

/// What a contact was told by an article: the question, and the version.
async fn told_before(tx: &mut Tx, contact: &str, recall: &Recall) -> Result<Option<(String, i64)>, ContactError> {
    let Some(article) = &recall.article else { return Ok(None) };
    let (from, to) = (recall.version_from.unwrap_or(0), recall.version_to.unwrap_or(i64::MAX));
    let messages = message::since(tx, contact, 0, MESSAGES).await?;
    let answers = messages.into_iter().rev().filter_map(|m| m.content.answer);
    Ok(answers
        .filter(|a| a.article == *article && (from..=to).contains(&a.version))
        .map(|a| (a.question, a.version))
        .next())
}

/// Tells one contact, once: one that was noted before is left alone.
pub async fn tell(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    recall: &str,
    id: &str,
) -> Result<(), ContactError> {
    let actor = format!("job:{PART}");
    let mut tx = db.write().await?;
    let mut contact = match contact::lock(&mut tx, id).await {
        // It was removed meanwhile.
        Err(ContactError::Store(StoreError::NotFound) | ContactError::NotFound) => return Ok(()),
        other => other?,
    };
    // Read under the lock of the contact: two workers cannot both find it open.
    let Some(standing) = rows::standing(&mut tx, recall, id).await? else { return Ok(()) };
    if standing.noted_at.is_some() {
        return Ok(());
    }
    let recall = rows::get(&mut tx, recall).await?.ok_or(ContactError::NotFound)?;
    let reach = reach(contact.channel, contact.state, contact.erased_at);
    rows::noted(&mut tx, &recall.id, id, reach.code(), clock.now()).await?;
    if reach != Reach::Erased {
        let before = told_before(&mut tx, id, &recall).await?;
        let version = before.as_ref().map(|(_, version)| *version).or(recall.version_to);
        let logged = Logged { article: recall.article.as_deref().zip(version), ..Logged::default() };
        event::log(&mut tx, clock, &mut *entropy, &contact, EventKind::WrongAnswer, &actor, logged).await?;
        if reach == Reach::Thread {
            let question = before.map(|(question, _)| question);
            let seq = tell_in_thread(&mut tx, clock, &mut *entropy, &mut contact, &recall, question).await?;
            rows::told(&mut tx, &recall.id, id, (clock.now(), Some(seq), &actor)).await?;
            event::log(&mut tx, clock, &mut *entropy, &contact, EventKind::Corrected, &actor, logged).await?;
        }
        contact::save(&mut tx, clock, &mut contact).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn tell_in_thread(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    recall: &Recall,
    question: Option<String>,
) -> Result<i64, ContactError> {
    let content = match question {
        Some(question) => Content::told("corrected").with("question", question),
        // Words of the staff have no question of an article.
        None => Content::told("corrected-words"),
    };
    let body = recall.text(contact.lang()).to_owned();
    // The name makes a second one impossible even for the database.
    let client = format!("recall-{}", recall.id);
    let new = NewMessage {
        author: Author::Bot,
        account: None,
        kind: MessageKind::Told,
        body: &body,
        content,
        client_id: Some(&client),
    };
    message::add(tx, clock, entropy, contact, new).await
}

/// Somebody of the staff has told a citizen who cannot be reached in the conversation. A second mark changes nothing.
pub async fn mark_told(
    tx: &mut Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    recall: &str,
    id: &str,
) -> Result<(), ContactError> {
    may(desk)?;
    let mut contact = contact::lock(tx, id).await.map_err(|e| match e {
        ContactError::Store(StoreError::NotFound) => ContactError::NotFound,
        other => other,
    })?;
    let standing = rows::standing(tx, recall, id).await?.ok_or(ContactError::NotFound)?;
    if standing.reach != Reach::Staff.code() || standing.noted_at.is_none() {
        return Err(ContactError::Rule("この人には、会話の中で自動で伝えます。印は要りません。".into()));
    }
    if standing.told_at.is_some() {
        return Ok(());
    }
    let found = rows::get(tx, recall).await?.ok_or(ContactError::NotFound)?;
    rows::told(tx, recall, id, (desk.clock.now(), None, &desk.who.actor())).await?;
    let logged = Logged {
        account: Some(&desk.who.account),
        article: found.article.as_deref().zip(found.version_to),
        ..Logged::default()
    };
    event::log(tx, desk.clock, entropy, &contact, EventKind::Corrected, &desk.who.actor(), logged).await?;
    contact::save(tx, desk.clock, &mut contact).await?;
    record(tx, desk, "recall.mark", recall).await
}

#[cfg(test)]
#[path = "recall_tests.rs"]
mod tests;
