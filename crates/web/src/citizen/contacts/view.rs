//! Messages as the citizen's page shows them.

use askama::Template;
use city::Lang;
use contact::attachment::Attachment;
use contact::message::{Choice, Content, ToldAnswer};
use contact::{Author, Message, MessageKind};
use knowledge::FactKind;

use crate::facts;
use crate::files::{self, FileView};
use crate::page::Page;
use words::i18n;

/// A fact of an answer.
pub(crate) struct Fact {
    pub(crate) key: &'static str,
    pub(crate) items: Vec<String>,
    pub(crate) url: Option<String>,
    pub(crate) focus: bool,
}

/// An answer with its source.
pub(crate) struct Answer {
    pub(crate) code: String,
    pub(crate) question: String,
    pub(crate) html_lang: &'static str,
    pub(crate) untranslated: bool,
    pub(crate) facts: Vec<Fact>,
    pub(crate) section: String,
    pub(crate) checked_on: String,
    pub(crate) version: i64,
    pub(crate) by_model: bool,
}

impl Answer {
    /// Whether one fact was asked for.
    pub(crate) fn has_focus(&self) -> bool {
        self.facts.iter().any(|f| f.focus)
    }

    /// Whether there are facts beside the one that was asked for.
    pub(crate) fn has_rest(&self) -> bool {
        self.facts.iter().any(|f| !f.focus)
    }
}

/// Something to choose, with where it is sent.
pub(crate) struct Button {
    pub(crate) label: String,
    /// Sent as the citizen's choice; empty for a link.
    pub(crate) value: String,
    /// Where a link leads, or where a form of its own is sent.
    pub(crate) to: String,
    pub(crate) is_link: bool,
}

/// A message.
pub(crate) struct MessageView {
    pub(crate) seq: i64,
    pub(crate) client_id: String,
    /// `me`, `bot` or `staff`.
    pub(crate) who: &'static str,
    pub(crate) words: String,
    /// What the citizen or staff wrote is shown as it is; sentences of the system have readings.
    pub(crate) as_written: bool,
    pub(crate) erased: bool,
    pub(crate) sentence: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) files: Vec<FileView>,
    pub(crate) buttons: Vec<Button>,
    pub(crate) time: String,
}

/// One message as HTML, for the stream.
#[derive(Template)]
#[template(path = "citizen/contact_message.html")]
pub(crate) struct Fragment<'a> {
    pub(crate) page: &'a Page,
    pub(crate) m: &'a MessageView,
}

/// A sentence of the system in the citizen's language.
pub(crate) fn sentence(page: &Page, content: &Content) -> Option<String> {
    let told = content.told.as_deref()?;
    let args: Vec<(String, String)> =
        content.args.iter().map(|(n, v)| (n.clone(), words::argument(page.lang, &page.city, n, v))).collect();
    let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    Some(i18n::message(page.lang, &format!("told-{told}"), &args))
}

fn answer(page: &Page, told: &ToldAnswer) -> Answer {
    let lang = Lang::from_code(&told.lang).unwrap_or(Lang::Ja);
    let facts = told.facts.iter().filter_map(|f| {
        let kind = FactKind::from_code(&f.kind)?;
        Some(Fact {
            key: facts::key(kind),
            items: f.items.clone(),
            url: f.url.clone(),
            focus: told.focus.as_deref() == Some(f.kind.as_str()),
        })
    });
    Answer {
        code: told.article.clone(),
        question: told.question.clone(),
        html_lang: lang.html(),
        untranslated: lang != page.lang,
        facts: facts.collect(),
        section: words::argument(page.lang, &page.city, "section", &told.section),
        checked_on: told.checked_on().map_or_else(String::new, |d| page.day(d)),
        version: told.version,
        by_model: told.by_model,
    }
}

fn button(page: &Page, base: &str, choice: &Choice) -> Button {
    let label = match choice.label.strip_prefix("told:") {
        Some(name) => i18n::message(page.lang, name, &[]),
        None => choice.label.clone(),
    };
    let (value, to, is_link) = match choice.value.as_str() {
        "person" => (String::new(), format!("{base}/hand-over"), false),
        "close" => (String::new(), format!("{base}/closing"), false),
        "call-back" => (String::new(), format!("{base}/call-back"), true),
        "leave" => (String::new(), page.url("/questions/new"), true),
        other => (other.to_owned(), format!("{base}/choice"), false),
    };
    Button { label, value, to, is_link }
}

/// A message as the citizen sees it; none for what only the staff sees. Buttons are there where `is_last`.
pub(crate) fn view(page: &Page, base: &str, m: &Message, files: &[Attachment], is_last: bool) -> Option<MessageView> {
    if m.kind == MessageKind::Note {
        return None;
    }
    let told = sentence(page, &m.content);
    let body = m.body.clone().unwrap_or_default();
    let as_written = told.is_none() && m.author != Author::Bot;
    Some(MessageView {
        seq: m.seq,
        client_id: m.client_id.clone().unwrap_or_default(),
        who: match m.author {
            Author::Citizen => "me",
            Author::Bot => "bot",
            Author::Staff => "staff",
        },
        sentence: m.kind == MessageKind::Told,
        words: match told {
            // What is told may have words of its own, such as a correction.
            Some(told) if m.kind == MessageKind::Told && !body.is_empty() => format!("{told}\n{body}"),
            Some(told) => told,
            None => body,
        },
        as_written,
        erased: m.body.is_none(),
        answer: m.content.answer.as_ref().map(|a| answer(page, a)),
        files: files::views(page.lang, base, files, m.seq),
        buttons: m.content.choices.iter().filter(|_| is_last).map(|c| button(page, base, c)).collect(),
        time: words::time_of(page.lang, m.at),
    })
}

/// A conversation: buttons stand at its last message that the citizen sees, and nowhere else.
pub(crate) fn conversation(page: &Page, base: &str, messages: &[Message], files: &[Attachment]) -> Vec<MessageView> {
    let last = messages.iter().rev().find(|m| m.kind != MessageKind::Note).map(|m| m.seq);
    messages.iter().filter_map(|m| view(page, base, m, files, Some(m.seq) == last)).collect()
}
