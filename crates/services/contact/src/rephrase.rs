//! Answers in the citizen's own words: a language model may put a found article into other words, or ask which of
//! some articles is meant ([`ask_back`]), and nothing else ([`model`]). The words are checked before anybody sees
//! them; where anything fails, the article itself is told, or the city's own question back.
//!
//! The citizen's message and the job that answers it are one transaction, so that no message stays without an answer;
//! the model is asked outside of any transaction, and what it says is stored in the one that ends the job.

mod ask_back;

use std::sync::Arc;

use city::{Lang, Organisation};
use knowledge::{Article, FactKind, Library};
use model::{Answered, Chat, Fact, Source, SourceArticle, Style, Task, Turn, Writer};
use serde::{Deserialize, Serialize};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Db, Entropy, Tx};

use crate::answer_record::{self, NewRecord};
use crate::channel::{Author, MessageKind, State};
use crate::citizen::BOT;
use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told};
use crate::message::{self, Choice, Content, NewMessage};
use crate::store::{answer_record as records, message as rows, typing};
use crate::{ContactError, bot, gate};

/// The job, once for each lane, which has its name: so many answers are written at the same time by a process.
pub const LANES: [&str; 4] = ["contact.rephrase.0", "contact.rephrase.1", "contact.rephrase.2", "contact.rephrase.3"];
/// Parts of a conversation that are condensed.
const CONDENSED: i64 = 60;

/// What writes, and what checks it beside the rules.
pub struct Writing {
    /// The language model.
    pub chat: Arc<dyn Chat>,
    /// A second call that may refuse what the first one wrote.
    pub judge: Option<Arc<dyn Chat>>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    contact: String,
    /// Place of the citizen's message that is answered.
    seq: i64,
    article: String,
    focus: Option<String>,
    /// What can be meant, where the citizen is asked back: then there is no article yet.
    #[serde(default)]
    choices: Vec<Choice>,
}

/// Leaves an answer to the job. The citizen sees that somebody writes.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    contact: &Contact,
    article: &Article,
    focus: Option<String>,
) -> Result<(), ContactError> {
    let article = article.code.clone();
    let payload = Payload { contact: contact.id.clone(), seq: contact.last_seq, article, focus, choices: Vec::new() };
    leave(tx, clock, entropy, payload).await
}

/// Leaves it to the job to ask which of some articles is meant.
pub(crate) async fn enqueue_question_back(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    contact: &Contact,
    choices: Vec<Choice>,
) -> Result<(), ContactError> {
    let (contact, seq) = (contact.id.clone(), contact.last_seq);
    leave(tx, clock, entropy, Payload { contact, seq, article: String::new(), focus: None, choices }).await
}

async fn leave(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    payload: Payload,
) -> Result<(), ContactError> {
    let contact = payload.contact.clone();
    let payload = serde_json::to_string(&payload).map_err(|e| ContactError::Rule(e.to_string()))?;
    let lane = contact.bytes().fold(0usize, |sum, b| sum.wrapping_mul(31).wrapping_add(usize::from(b)));
    let lane = LANES[lane % LANES.len()];
    let job = NewJob::new(lane, lane, payload, clock.now());
    jobs::enqueue(tx, clock, entropy, job).await?;
    typing::note(tx, &contact, BOT, clock.now()).await?;
    Ok(())
}

fn style(lang: Lang) -> Style {
    match lang {
        Lang::Ja => Style::Plain,
        Lang::Easy => Style::Easy,
        Lang::En => Style::English,
    }
}

/// An article as the model may use it.
pub fn source(article: &Article, organisation: &Organisation, lang: Lang, on: calendar::Date) -> SourceArticle {
    let (text, real) = article.text(lang);
    let section = organisation.section(&article.content.section, on);
    let facts = text.facts.present().into_iter().map(|(kind, items)| Fact {
        key: kind.code().into(),
        label: label(kind).into(),
        value: items.join("、"),
    });
    let also = article.content.texts.iter().filter(|(other, _)| **other != real).flat_map(|(_, t)| {
        let facts: Vec<&str> = t.facts.texts().collect();
        [t.question.clone(), t.summary.clone(), t.answer.clone(), facts.join("\n")]
    });
    SourceArticle {
        code: article.code.clone(),
        version: article.version,
        question: text.question.clone(),
        summary: text.summary.clone(),
        answer: text.answer.clone(),
        facts: facts.collect(),
        section: section.map_or_else(String::new, |s| s.name(lang).to_owned()),
        phone: section.map_or_else(String::new, |s| s.phone.clone()),
        url: format!("{}{}/articles/{}", organisation.profile.window_address, lang.prefix(), article.code),
        also: also.collect(),
    }
}

/// What a fact is called to the model.
fn label(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Who => "対象",
        FactKind::Deadline => "いつまで",
        FactKind::Bring => "持ってくるもの",
        FactKind::Fee => "お金",
        FactKind::Place => "どこで",
        FactKind::Hours => "受付時間",
        FactKind::Online => "オンライン",
    }
}

/// The handler of the jobs of [`LANES`].
///
/// A city that has no language model any more answers what waits with the articles themselves.
pub async fn handle(
    context: JobContext,
    library: Arc<Library>,
    writing: Option<Arc<Writing>>,
) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    if !payload.choices.is_empty() {
        return ask_back::handle(context, payload, &library, writing.as_deref()).await;
    }
    let clock = context.clock.as_ref();
    let today = clock.now().jst_date();
    let organisation = Organisation::load(&context.db).await?;
    let mut tx = context.db.read().await?;
    let found = contact::get(&mut tx, &payload.contact).await?;
    let said = rows::at(&mut tx, &payload.contact, payload.seq).await?;
    let book = gate::read(&mut tx).await?;
    drop(tx);
    let article = library.snapshot().by_code(&payload.article).filter(|a| a.is_public(today)).cloned();
    let (Some(contact), Some(article)) = (found, article) else {
        // Erased, or taken off in between: nothing is told.
        return Ok(context.db.write().await?);
    };
    let question = text::private::mask(said.and_then(|m| m.body).unwrap_or_default().as_str()).text;
    let topic = article.content.topics.first().map_or("", String::as_str);
    let is_live = book.topics.iter().any(|t| t.topic == topic && t.verdict.is_live());
    let answered = match writing.filter(|_| !book.is_disaster()) {
        None => None,
        Some(writing) => {
            let source = Source { articles: vec![source(&article, &organisation, contact.lang(), today)] };
            let task = Task::Rephrase { style: style(contact.lang()) };
            let judge = writing.judge.as_deref();
            Some(model::answer(writing.chat.as_ref(), judge, library.analyzer(), &task, &source, &question).await)
        }
    };
    let mut entropy = (context.entropy)();
    let mut tx = context.db.write().await?;
    let client_id = client_id(&payload);
    let Some(mut contact) = still_asks(&mut tx, &contact.id, &client_id).await? else { return Ok(tx) };
    let reply = match is_live {
        true => Outcome::Answer(answered),
        false => Outcome::Closed,
    };
    let focus = payload.focus.as_deref().and_then(FactKind::from_code);
    let stored = Stored { library: &library, article: &article, question: &question, focus, client_id: &client_id };
    tell(&mut tx, clock, entropy.as_mut(), &mut contact, reply, stored).await?;
    contact::save(&mut tx, clock, &mut contact).await?;
    Ok(tx)
}

/// The name of the message that answers.
fn client_id(payload: &Payload) -> String {
    format!("answer-{:08}", payload.seq)
}

/// The contact, locked, if it still waits for the bot: not if it was erased, if a person took over in between, or if
/// an attempt before this one stored the answer.
async fn still_asks(tx: &mut Tx, contact: &str, client_id: &str) -> Result<Option<Contact>, ContactError> {
    let contact = match contact::lock(tx, contact).await {
        Ok(contact) => contact,
        Err(ContactError::Store(store::StoreError::NotFound)) => return Ok(None),
        Err(other) => return Err(other),
    };
    typing::clear(tx, &contact.id, BOT).await?;
    let waits = contact.state == State::Bot && rows::sent_before(tx, &contact.id, client_id).await?.is_none();
    Ok(waits.then_some(contact))
}

/// What is told.
enum Outcome {
    /// The article, with the model's words if it was asked.
    Answer(Option<Answered>),
    /// Nobody but people answers on the topic by now.
    Closed,
}

struct Stored<'a> {
    library: &'a Library,
    article: &'a Arc<Article>,
    question: &'a str,
    focus: Option<FactKind>,
    client_id: &'a str,
}

async fn tell(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    reply: Outcome,
    stored: Stored<'_>,
) -> Result<(), ContactError> {
    let article = stored.article;
    let cited = (article.code.as_str(), article.version);
    let told = Told { article: Some(cited), ..Told::default() };
    let Outcome::Answer(answered) = reply else {
        event::log(tx, clock, entropy, contact, EventKind::TopicClosed, BOT, told).await?;
        let mut content = Content::told("topic-closed");
        content.choices = bot::ways_on();
        let new = NewMessage {
            author: Author::Bot,
            account: None,
            kind: MessageKind::Offer,
            body: "",
            content,
            client_id: Some(stored.client_id),
        };
        message::add(tx, clock, entropy, contact, new).await?;
        return Ok(());
    };
    let own = article.text(contact.lang()).0.summary.clone();
    let by_model = answered.as_ref().is_some_and(|a| a.fell_back.is_none());
    let body = answered.as_ref().filter(|_| by_model).map_or(own, |a| a.text.clone());
    let mut answer = bot::told(article, contact.lang(), stored.focus);
    answer.by_model = by_model;
    event::log(tx, clock, entropy, contact, EventKind::AnsweredByBot, BOT, told).await?;
    contact.article = Some(article.code.clone());
    let new = NewMessage {
        author: Author::Bot,
        account: None,
        kind: MessageKind::Answer,
        body: &body,
        content: Content { answer: Some(answer), ..Content::default() },
        client_id: Some(stored.client_id),
    };
    let seq = message::add(tx, clock, entropy, contact, new).await?;
    let message = records::message_at(tx, &contact.id, seq).await?.ok_or(ContactError::NotFound)?;
    let record = Recorded { library: stored.library, question: stored.question, articles: &[cited] };
    write_record(tx, clock, entropy, (&contact.id, &message), answered.as_ref(), record).await
}

/// What an answer stands on.
struct Recorded<'a> {
    library: &'a Library,
    question: &'a str,
    articles: &'a [(&'a str, i64)],
}

/// Keeps how the words of a message (contact and message) came about.
async fn write_record(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    (contact, message): (&str, &str),
    answered: Option<&Answered>,
    recorded: Recorded<'_>,
) -> Result<(), ContactError> {
    let json = |value: serde_json::Result<String>| value.map_err(|e| ContactError::Rule(e.to_string()));
    // The check and, where there was one, the second model's verdict.
    let checked = match answered {
        Some(a) => json(serde_json::to_string(&serde_json::json!({ "checked": a.checked, "judged": a.judged })))?,
        None => "{}".into(),
    };
    let why = match answered.and_then(|a| a.fell_back.as_ref()) {
        Some(why) => Some(json(serde_json::to_string(why))?),
        None => None,
    };
    let record = NewRecord {
        contact,
        message,
        by_model: answered.is_some_and(|a| a.fell_back.is_none()),
        model: answered.map_or(crate::golden_run::NO_MODEL, |a| a.model.as_str()),
        prompt_version: answered.map_or("", |a| a.prompt_version.as_str()),
        index_version: recorded.library.snapshot().version,
        ranking_model: recorded.library.ranking_model(),
        question: recorded.question,
        articles: recorded.articles,
        raw: answered.and_then(|a| a.raw.as_deref()).unwrap_or(""),
        checked: &checked,
        fell_back: why.as_deref(),
    };
    answer_record::write(tx, clock, entropy, record).await?;
    Ok(())
}

/// Says in a few sentences what a conversation is about, for the section that is asked to take it. What names a person
/// is masked before anything is sent. `None` if the model gave nothing that passed the check; then the person writes.
pub async fn condense(
    db: &Db,
    library: &Library,
    writing: &Writing,
    contact: &Contact,
) -> Result<Option<String>, ContactError> {
    let mut tx = db.read().await?;
    let messages = message::until(&mut tx, &contact.id, i64::MAX, CONDENSED).await?;
    drop(tx);
    let thread: Vec<Turn> = messages
        .iter()
        .filter(|m| m.kind != MessageKind::Note)
        .filter_map(|m| {
            let body = m.body.as_deref().filter(|b| !b.is_empty())?;
            let writer = if m.author == Author::Citizen { Writer::Citizen } else { Writer::City };
            Some(Turn { writer, text: text::private::mask(body).text })
        })
        .collect();
    if thread.is_empty() {
        return Ok(None);
    }
    let task = Task::Condense { thread };
    let judge = writing.judge.as_deref();
    let source = Source::default();
    let answered = model::answer(writing.chat.as_ref(), judge, library.analyzer(), &task, &source, "").await;
    Ok(answered.fell_back.is_none().then_some(answered.text))
}
