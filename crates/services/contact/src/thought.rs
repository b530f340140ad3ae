//! What the bot would say, thought out before the transaction begins that stores it.
//!
//! A search takes longer than all that is written with its answer, and SQLite has one writer: whoever thinks inside of
//! the transaction keeps everybody waiting. A reply depends on what was said before it; where the conversation went on
//! meanwhile, it is thought out again inside.

use city::Lang;
use store::Tx;

use crate::bot::{self, Means, Reply, Thread};
use crate::channel::State;
use crate::citizen::Window;
use crate::store::message as rows;
use crate::{Contact, ContactError, clarification, contact};

/// What the citizen said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked<'a> {
    /// Words, as they were written.
    Words(&'a str),
    /// The value of a choice.
    Choice(&'a str),
}

/// A reply, and the conversation to which it is one.
#[derive(Clone, Debug)]
pub struct Thought {
    thread: Thread,
    lang: Lang,
    reply: Reply,
}

/// Thinks about what is said in a contact. None where the bot does not talk.
pub(crate) async fn about(
    window: Window<'_>,
    contact: &str,
    asked: Asked<'_>,
) -> Result<Option<Thought>, ContactError> {
    let mut tx = window.db.read().await?;
    let Some(contact) = contact::get(&mut tx, contact).await? else { return Ok(None) };
    // One that ended is opened again by words, and then the bot talks.
    if !matches!(contact.state, State::Bot | State::Resolved) {
        return Ok(None);
    }
    let thread = thread(&mut tx, &contact).await?;
    Ok(Some(think(tx, window, contact.lang(), thread, asked).await?))
}

/// Thinks about the first words of a contact that is not there yet.
pub(crate) async fn about_first(window: Window<'_>, lang: Lang, words: &str) -> Result<Option<Thought>, ContactError> {
    let tx = window.db.read().await?;
    Ok(Some(think(tx, window, lang, Thread::default(), Asked::Words(words)).await?))
}

async fn think(
    mut tx: Tx,
    window: Window<'_>,
    lang: Lang,
    thread: Thread,
    asked: Asked<'_>,
) -> Result<Thought, ContactError> {
    let clarifications = clarification::of_language(&mut tx, lang.code()).await?;
    drop(tx);
    let reply = reply(window, lang, &clarifications, &thread, asked);
    Ok(Thought { thread, lang, reply })
}

/// The reply to what is said in a contact that the transaction has locked: the one that was thought out, if the
/// conversation is still as it was.
pub(crate) async fn settle(
    tx: &mut Tx,
    window: Window<'_>,
    contact: &Contact,
    thread: &Thread,
    asked: Asked<'_>,
    thought: Option<Thought>,
) -> Result<Reply, ContactError> {
    match thought {
        Some(thought) if thought.thread == *thread && thought.lang == contact.lang() => Ok(thought.reply),
        _ => {
            let clarifications = clarification::of_language(tx, &contact.lang).await?;
            Ok(reply(window, contact.lang(), &clarifications, thread, asked))
        }
    }
}

fn reply(
    window: Window<'_>,
    lang: Lang,
    clarifications: &[clarification::Clarification],
    thread: &Thread,
    asked: Asked<'_>,
) -> Reply {
    let today = window.clock.now().jst_date();
    let means = Means { library: window.library, clarifications, is_live: window.is_live, today, lang };
    match asked {
        Asked::Words(words) => bot::reply(means, thread, &text::private::mask(words).text),
        Asked::Choice(value) => bot::choose(means, thread, value),
    }
}

/// What the bot remembers: the article of the contact, and the choices of its last message.
pub(crate) async fn thread(tx: &mut Tx, contact: &Contact) -> Result<Thread, ContactError> {
    let last = rows::last_of_bot(tx, &contact.id).await?;
    Ok(Thread { article: contact.article.clone(), choices: last.map(|m| m.content.choices).unwrap_or_default() })
}
