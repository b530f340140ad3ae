//! The bot: what it says to a citizen's words. Pure decisions over the city's knowledge; [`crate::citizen`] stores
//! them.
//!
//! It answers with an article and its facts, asks back where the question is open, and says so where it is not sure;
//! a person, a call back and leaving the question are always among what it offers then.

mod follow_up;
mod wish;

use std::sync::Arc;

use calendar::Date;
use city::Lang;
use knowledge::{Article, FactKind, Library, Outcome};

use crate::channel::MessageKind;
use crate::clarification::Clarification;
use crate::event::EventKind;
use crate::message::{Choice, Content, ToldAnswer, ToldFact};

pub use wish::{Wish, wish};

/// Choices of a question back.
const CHOICES: usize = 4;
/// Articles that are looked at.
const LOOKED_AT: usize = 6;

/// The sentence that asks which of some articles is meant.
pub(crate) const WHICH: &str = "which";

/// What the bot remembers of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Code of the article that was answered last.
    pub article: Option<String>,
    /// What the citizen could choose last.
    pub choices: Vec<Choice>,
}

/// What the bot says.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What it is.
    pub kind: MessageKind,
    /// Its words; empty where the content names a sentence.
    pub body: String,
    /// What stands beside them.
    pub content: Content,
    /// What happened.
    pub event: EventKind,
    /// The article that answers.
    pub article: Option<Arc<Article>>,
    /// Whether the citizen wants a person, and is to be given one.
    pub wants_person: bool,
}

/// What the bot may use.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The city's knowledge.
    pub library: &'a Library,
    /// Questions back of the citizen's language.
    pub clarifications: &'a [Clarification],
    /// Whether the bot may answer on a topic now.
    pub is_live: &'a (dyn Fn(&str) -> bool + Sync),
    /// The day.
    pub today: Date,
    /// The citizen's language.
    pub lang: Lang,
}

impl Reply {
    /// Whether it asks which of some articles is meant, in words that a language model may put.
    pub(crate) fn is_question_back(&self) -> bool {
        self.kind == MessageKind::Choices && self.content.told.as_deref() == Some(WHICH)
    }

    fn sentence(name: &str, kind: MessageKind, event: EventKind) -> Self {
        Reply { kind, body: String::new(), content: Content::told(name), event, article: None, wants_person: false }
    }
}

/// What else can be done where the bot cannot answer.
pub fn ways_on() -> Vec<Choice> {
    [("choice-person", "person"), ("choice-call-back", "call-back"), ("choice-leave", "leave")]
        .map(|(name, value)| Choice::told(name, value))
        .into()
}

/// Answers words of a citizen. What could name a person must be masked before.
pub fn reply(means: Means<'_>, thread: &Thread, words: &str) -> Reply {
    if let Some(chosen) = typed_choice(thread, words) {
        return choose(means, thread, &chosen);
    }
    match wish(words) {
        Some(Wish::Person) => {
            let mut reply = Reply::sentence("person-wanted", MessageKind::Told, EventKind::HandOverRequested);
            reply.wants_person = true;
            return reply;
        }
        Some(Wish::Danger) => {
            let mut reply = Reply::sentence("danger", MessageKind::Offer, EventKind::Refused);
            reply.content.choices = ways_on();
            return reply;
        }
        Some(Wish::Thanks) => {
            let mut reply = Reply::sentence("thanks", MessageKind::Offer, EventKind::AskedBack);
            reply.content.choices = vec![Choice::told("choice-close", "close")];
            return reply;
        }
        Some(Wish::Greeting) => return Reply::sentence("greeting", MessageKind::Told, EventKind::AskedBack),
        None => {}
    }
    let current = thread.article.as_deref().and_then(|code| public(means, code));
    if let (Some(article), Some(fact)) = (&current, follow_up::fact_asked(words)) {
        return answer(means, article, Some(fact));
    }
    if let Some(open) = means.clarifications.iter().find(|c| follow_up::is_only(words, &c.words)) {
        return Reply {
            kind: MessageKind::Choices,
            body: open.question.clone(),
            content: Content { choices: with_other(open.to_choices()), ..Content::default() },
            event: EventKind::AskedBack,
            article: None,
            wants_person: false,
        };
    }
    let found = means.library.ask(words, means.today, LOOKED_AT);
    match found.outcome {
        Outcome::Answer => match found.found.first() {
            Some(first) => answer(means, &first.article, asked_fact(&first.article, means.lang, words)),
            None => unsure(Vec::new()),
        },
        Outcome::Choose => ask_back(means, found.found.iter().map(|f| &f.article)),
        Outcome::Unsure => match current {
            // Words that say little alone may go on with what was spoken of.
            Some(article) => {
                let together = format!("{} {words}", article.text(means.lang).0.question);
                let again = means.library.ask(&together, means.today, LOOKED_AT);
                match again.outcome {
                    Outcome::Unsure => unsure(Vec::new()),
                    _ => ask_back(means, again.found.iter().map(|f| &f.article)),
                }
            }
            None => unsure(Vec::new()),
        },
    }
}

/// What a choice leads to. One that nobody offered is answered as words would be.
pub fn choose(means: Means<'_>, thread: &Thread, value: &str) -> Reply {
    match value.split_once(':') {
        Some(("article", code)) => match public(means, code) {
            Some(article) => answer(means, &article, None),
            // It was taken off meanwhile.
            None => unsure(Vec::new()),
        },
        Some(("say", words)) => reply(means, &Thread { choices: Vec::new(), ..thread.clone() }, words),
        _ if value == "person" => {
            let mut reply = Reply::sentence("person-wanted", MessageKind::Told, EventKind::HandOverRequested);
            reply.wants_person = true;
            reply
        }
        _ => unsure(Vec::new()),
    }
}

fn public(means: Means<'_>, code: &str) -> Option<Arc<Article>> {
    means.library.snapshot().by_code(code).filter(|a| a.is_public(means.today)).cloned()
}

/// A choice that was typed instead of taken.
fn typed_choice(thread: &Thread, words: &str) -> Option<String> {
    let plain = |text: &str| text::normal::fold_kana(&text::normal::normalise(text)).trim().to_owned();
    let typed = plain(words);
    let number = typed.trim_end_matches(['.', '番']).parse::<usize>().ok();
    let by_number = number.and_then(|n| thread.choices.get(n.checked_sub(1)?));
    let found = by_number.or_else(|| thread.choices.iter().find(|c| plain(&c.label) == typed));
    found.map(|c| c.value.clone()).filter(|value| value.starts_with("article:"))
}

fn topic(article: &Article) -> &str {
    article.content.topics.first().map_or("", String::as_str)
}

/// An article's answer, or why it is not given.
fn answer(means: Means<'_>, article: &Arc<Article>, focus: Option<FactKind>) -> Reply {
    if !(means.is_live)(topic(article)) {
        return closed(article);
    }
    Reply {
        kind: MessageKind::Answer,
        body: article.text(means.lang).0.summary.clone(),
        content: Content { answer: Some(told(article, means.lang, focus)), ..Content::default() },
        event: EventKind::AnsweredByBot,
        article: Some(article.clone()),
        wants_person: false,
    }
}

/// On the topic of an article only people answer now.
fn closed(article: &Arc<Article>) -> Reply {
    let mut reply = Reply::sentence("topic-closed", MessageKind::Offer, EventKind::TopicClosed);
    reply.content.choices = ways_on();
    reply.article = Some(article.clone());
    reply
}

/// What is told of an article, as it stands now.
pub fn told(article: &Article, lang: Lang, focus: Option<FactKind>) -> ToldAnswer {
    let (text, real) = article.text(lang);
    let facts = text.facts.present().into_iter().map(|(kind, items)| ToldFact {
        kind: kind.code().into(),
        items: items.into_iter().map(str::to_owned).collect(),
        url: text.facts.online_url.clone().filter(|_| kind == FactKind::Online),
    });
    ToldAnswer {
        article: article.code.clone(),
        version: article.version,
        question: text.question.clone(),
        section: article.content.section.clone(),
        checked_on: article.content.checked_on.to_string(),
        lang: real.code().into(),
        facts: facts.collect(),
        focus: focus.map(|f| f.code().into()),
        by_model: false,
    }
}

/// The fact that a question asks for, if the article has it.
fn asked_fact(article: &Article, lang: Lang, words: &str) -> Option<FactKind> {
    let wanted = follow_up::fact_wanted(words)?;
    article.text(lang).0.facts.present().iter().any(|(kind, _)| *kind == wanted).then_some(wanted)
}

fn with_other(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.push(Choice::told("choice-person", "person"));
    choices
}

/// Asks which of some articles is meant; those of topics that are closed are not offered.
fn ask_back<'a>(means: Means<'_>, articles: impl Iterator<Item = &'a Arc<Article>>) -> Reply {
    let choice = |a: &Arc<Article>| Choice {
        label: a.text(means.lang).0.question.clone(),
        value: format!("article:{}", a.code),
    };
    let articles: Vec<_> = articles.collect();
    let choices: Vec<Choice> =
        articles.iter().filter(|a| (means.is_live)(topic(a))).take(CHOICES).map(|a| choice(a)).collect();
    if choices.is_empty() {
        return articles.first().map_or_else(|| unsure(Vec::new()), |first| closed(first));
    }
    let mut reply = Reply::sentence(WHICH, MessageKind::Choices, EventKind::AskedBack);
    reply.content.choices = with_other(choices);
    reply
}

/// What is said to files without words. The bot sees no files: a person does.
pub fn to_files() -> Reply {
    let mut reply = Reply::sentence("files", MessageKind::Offer, EventKind::Refused);
    reply.content.choices = ways_on();
    reply
}

fn unsure(mut choices: Vec<Choice>) -> Reply {
    choices.extend(ways_on());
    let mut reply = Reply::sentence("unsure", MessageKind::Offer, EventKind::Refused);
    reply.content.choices = choices;
    reply
}
