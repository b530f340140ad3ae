//! A question back in words that fit the citizen's own. What can be chosen is the city's and never the model's; where
//! anything fails, the city's own sentence asks.

use knowledge::Library;
use model::{Source, Task};
use store::Tx;
use store::worker::{JobContext, JobFailure};

use super::{Payload, Recorded, Writing, client_id, still_asks, style, write_record};
use crate::channel::{Author, MessageKind};
use crate::citizen::BOT;
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::message::{self, Content, NewMessage};
use crate::store::{answer_record as records, message as rows};
use crate::{ContactError, bot, gate};

pub(super) async fn handle(
    context: JobContext,
    payload: Payload,
    library: &Library,
    writing: Option<&Writing>,
) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.read().await?;
    let found = contact::get(&mut tx, &payload.contact).await?;
    let said = rows::at(&mut tx, &payload.contact, payload.seq).await?;
    let is_disaster = gate::is_disaster(&mut tx).await?;
    drop(tx);
    // Erased in between: nothing is told.
    let Some(contact) = found else { return Ok(context.db.write().await?) };
    let question = text::private::mask(said.and_then(|m| m.body).unwrap_or_default().as_str()).text;
    let answered = match writing.filter(|_| !is_disaster) {
        None => None,
        Some(writing) => {
            // The way to a person stands below in any case; it is not what the citizen asked about.
            let articles = payload.choices.iter().filter(|c| c.value.starts_with("article:"));
            let choices = articles.map(|c| c.label.clone()).collect();
            let task = Task::AskBack { style: style(contact.lang()), choices };
            let judge = writing.judge.as_deref();
            let source = Source::default();
            Some(model::answer(writing.chat.as_ref(), judge, library.analyzer(), &task, &source, &question).await)
        }
    };
    let mut entropy = (context.entropy)();
    let mut tx = context.db.write().await?;
    let client_id = client_id(&payload);
    let Some(mut contact) = still_asks(&mut tx, &contact.id, &client_id).await? else { return Ok(tx) };
    event::log(&mut tx, clock, entropy.as_mut(), &contact, EventKind::AskedBack, BOT, Told::default()).await?;
    let words = answered.as_ref().filter(|a| a.fell_back.is_none()).map_or("", |a| a.text.as_str());
    let mut content = if words.is_empty() { Content::told(bot::WHICH) } else { Content::default() };
    content.choices = payload.choices;
    let new = NewMessage {
        author: Author::Bot,
        account: None,
        kind: MessageKind::Choices,
        body: words,
        content,
        client_id: Some(&client_id),
    };
    let seq = message::add(&mut tx, clock, entropy.as_mut(), &mut contact, new).await?;
    let message = records::message_at(&mut tx, &contact.id, seq).await?.ok_or(ContactError::NotFound)?;
    // No article was told yet: a correction of one does not concern whoever was only asked.
    let recorded = Recorded { library, question: &question, articles: &[] };
    let place = (contact.id.as_str(), message.as_str());
    write_record(&mut tx, clock, entropy.as_mut(), place, answered.as_ref(), recorded).await?;
    contact::save(&mut tx, clock, &mut contact).await?;
    Ok(tx)
}
