//! A contact's messages in LINE's words: answers with their facts as a bubble, choices as buttons, and of what is
//! personal only that it is there.

use city::{Lang, Organisation};
use contact::message::{Choice, Content, ToldAnswer};
use contact::{Author, Contact, Message, MessageKind};
use line::message::flex::Style;
use line::message::{self, Action, Block, Bubble};
use words::i18n;

use crate::postback::Postback;

/// Longest label of a button over the keyboard; of one in a bubble.
const QUICK: usize = 20;
const WIDE: usize = 40;
/// What the buttons say by which people tell how it was, from 1 to 5.
const RATES: [&str; 5] = ["line-rate-1", "line-rate-2", "line-rate-3", "line-rate-4", "line-rate-5"];
/// Longest text of one message, in UTF-16 code units.
const MOST_UNITS: usize = message::MOST_TEXT;

/// In which language and for which city.
#[derive(Clone, Copy)]
pub struct Tone<'a> {
    /// The citizen's language.
    pub lang: Lang,
    /// The city.
    pub organisation: &'a Organisation,
    /// Where its pages are; no slash at the end.
    pub pages: &'a str,
}

impl Tone<'_> {
    /// A sentence.
    pub fn t(&self, key: &str) -> String {
        i18n::message(self.lang, key, &[])
    }

    /// A sentence with something in it.
    pub fn ta(&self, key: &str, name: &str, value: &str) -> String {
        i18n::message(self.lang, key, &[(name, value)])
    }

    /// The address of a page in the citizen's language.
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.pages, self.lang.prefix())
    }

    /// A sentence of the system: LINE's own wording where the pages' one speaks of pages.
    fn told(&self, content: &Content) -> Option<String> {
        let name = content.told.as_deref()?;
        let own = format!("line-told-{name}");
        let key = if i18n::exists(self.lang, &own) { own } else { format!("told-{name}") };
        let args: Vec<(&str, String)> = content
            .args
            .iter()
            .map(|(n, v)| (n.as_str(), words::argument(self.lang, self.organisation, n, v)))
            .collect();
        let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
        Some(i18n::message(self.lang, &key, &args))
    }

    fn section(&self, code: &str) -> String {
        words::argument(self.lang, self.organisation, "section", code)
    }
}

/// Cuts a text into pieces that LINE takes.
pub fn pieces(text: &str, most: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut piece = String::new();
    let mut units = 0;
    for c in text.chars() {
        if units + c.len_utf16() > most {
            all.push(std::mem::take(&mut piece));
            units = 0;
        }
        units += c.len_utf16();
        piece.push(c);
    }
    if !piece.is_empty() {
        all.push(piece);
    }
    all
}

/// A label that fits: cut, with a mark that it was.
fn label(text: &str, most: usize) -> String {
    match text.chars().count() <= most {
        true => text.to_owned(),
        false => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// Whether a message must be read on the city's page: it is personal, has files of the staff, or tells a key.
pub fn is_on_page(m: &Message, has_files: bool) -> bool {
    m.content.on_page || m.content.args.contains_key("key") || (m.author == Author::Staff && has_files)
}

/// A message as LINE's. `link`: the key of a link that lives shortly, for what is on the page; there must be one where
/// [`needs_link`] says so. None for what is erased.
pub fn said(
    tone: Tone<'_>,
    contact: &Contact,
    m: &Message,
    has_files: bool,
    link: Option<&str>,
) -> Vec<message::Message> {
    let Some(body) = &m.body else { return Vec::new() };
    let page = link.map(|key| {
        let number = contact::contact::short_number(&contact.number);
        tone.url(&format!("/contacts/{number}/{key}"))
    });
    if is_on_page(m, has_files) {
        return vec![notice(tone, contact, page.as_deref().unwrap_or(tone.pages))];
    }
    if let Some(answer) = &m.content.answer {
        return vec![told_answer(tone, contact, m, answer, body)];
    }
    let words = match tone.told(&m.content) {
        Some(told) if !body.is_empty() => format!("{told}\n{body}"),
        Some(told) => told,
        None => body.clone(),
    };
    let words = match m.author {
        Author::Staff => {
            format!("{}\n{words}", tone.ta("line-from-section", "section", &tone.section(&contact.section)))
        }
        Author::Bot | Author::Citizen => words,
    };
    let mut all: Vec<message::Message> = pieces(&words, MOST_UNITS).into_iter().map(message::Message::text).collect();
    let choices: Vec<(String, Action)> =
        m.content.choices.iter().enumerate().map(|(i, c)| choice(tone, contact, m, i, c, page.as_deref())).collect();
    if let Some(last) = all.pop() {
        all.push(with_choices(tone, contact, m, last, &words, choices));
    }
    all
}

/// Whether a message needs a link to the page.
pub fn needs_link(m: &Message, has_files: bool) -> bool {
    is_on_page(m, has_files) || m.content.choices.iter().any(|c| c.value == "call-back")
}

/// That there is something to read, and where; nothing of what it is.
fn notice(tone: Tone<'_>, contact: &Contact, page: &str) -> message::Message {
    let title = tone.t("line-notice-title");
    let section = tone.section(&contact.section);
    let body = [
        Block::heading(title.clone()),
        Block::text(tone.ta("line-notice-text", "section", &section)),
        Block::text(tone.t("line-notice-life")),
    ];
    let again = Postback::Link { contact: contact.id.clone() };
    let buttons = [
        Block::button(Action::uri(tone.t("line-notice-open"), page), Style::Primary),
        Block::button(Action::postback(tone.t("line-notice-again"), again.data()), Style::Link),
    ];
    message::Message::flex(title, line::message::Container::Bubble(Bubble::new(body, buttons)))
}

fn told_answer(tone: Tone<'_>, contact: &Contact, m: &Message, answer: &ToldAnswer, body: &str) -> message::Message {
    let address = tone.url(&format!("/articles/{}", answer.article));
    let mut blocks = vec![Block::heading(answer.question.clone())];
    if !body.is_empty() {
        blocks.push(Block::text(body));
    }
    if !answer.facts.is_empty() {
        blocks.push(Block::separator());
    }
    // What was asked for stands first.
    let is_focus = |kind: &str| answer.focus.as_deref() == Some(kind);
    let (first, rest): (Vec<_>, Vec<_>) = answer.facts.iter().partition(|f| is_focus(&f.kind));
    for fact in first.into_iter().chain(rest) {
        let value = fact.items.join("\n");
        if !value.is_empty() {
            blocks.push(Block::fact(tone.t(&format!("fact-{}", fact.kind)), value));
        }
    }
    blocks.push(Block::separator());
    let day = answer.checked_on().map_or_else(String::new, |d| words::day(tone.lang, d));
    blocks.push(Block::fact(tone.section(&answer.section), tone.ta("checked-on", "date", &day)));
    let mut buttons = Vec::new();
    let online =
        answer.facts.iter().find_map(|f| f.url.as_deref()).filter(|u| u.starts_with("https://") && u.len() < 1_000);
    if let Some(url) = online {
        buttons.push(Block::button(Action::uri(tone.t("line-online"), url), Style::Primary));
    }
    buttons.push(Block::button(Action::uri(tone.t("line-more"), address.clone()), Style::Secondary));
    let alt: String = format!("{} {body}", answer.question).chars().take(300).collect();
    let quick = [(tone.t("choice-person"), Postback::Person), (tone.t("choice-close"), close(contact))];
    let quick = quick.map(|(label, data)| Action::postback(label, data.data()));
    let bubble = message::Message::flex(alt, line::message::Container::Bubble(Bubble::new(blocks, buttons)))
        .with_quick_reply(quick.clone());
    // An article longer than a bubble may be is told in its first words and where the rest is.
    match message::check(std::slice::from_ref(&bubble)) {
        Ok(()) => bubble,
        Err(_) => {
            let short: String = body.chars().take(2_000).collect();
            tracing::debug!(seq = m.seq, "an answer does not fit into a bubble");
            message::Message::text(format!("{}\n\n{short}\n\n{address}", answer.question)).with_quick_reply(quick)
        }
    }
}

fn close(contact: &Contact) -> Postback {
    Postback::Close { contact: contact.id.clone() }
}

/// What stands on the button of a choice, and what it does.
fn choice(
    tone: Tone<'_>,
    contact: &Contact,
    m: &Message,
    index: usize,
    choice: &Choice,
    page: Option<&str>,
) -> (String, Action) {
    let words = match choice.label.strip_prefix("told:") {
        Some(name) => tone.t(name),
        None => choice.label.clone(),
    };
    let postback = |data: Postback| Action::Postback {
        label: Some(label(&words, WIDE)),
        data: data.data(),
        display_text: Some(label(&words, 300)),
    };
    let action = match (choice.value.as_str(), page) {
        ("person", _) => postback(Postback::Person),
        ("close", _) => postback(close(contact)),
        ("leave", _) => Action::uri(label(&words, WIDE), tone.url("/questions/new")),
        ("call-back", Some(page)) => Action::uri(label(&words, WIDE), format!("{page}/call-back")),
        _ => postback(Postback::Choice { contact: contact.id.clone(), seq: m.seq, index }),
    };
    (words, action)
}

fn with_choices(
    tone: Tone<'_>,
    contact: &Contact,
    m: &Message,
    text: message::Message,
    words: &str,
    choices: Vec<(String, Action)>,
) -> message::Message {
    let ended = m.kind == MessageKind::Told && matches!(m.content.told.as_deref(), Some("resolved" | "closed"));
    if ended {
        // How it was, best first: five buttons over the keyboard.
        let rate = |score: i64| {
            let data = Postback::Rate { contact: contact.id.clone(), score };
            Action::postback(tone.t(RATES[score.clamp(1, 5).unsigned_abs() as usize - 1]), data.data())
        };
        return text.with_quick_reply((1..=5).rev().map(rate));
    }
    if choices.is_empty() {
        return text;
    }
    if choices.iter().all(|(words, _)| words.chars().count() <= QUICK) {
        return text.with_quick_reply(choices.into_iter().map(|(_, action)| action));
    }
    // Long ones do not fit over the keyboard; in a bubble they also stay after the next message.
    let buttons = choices.into_iter().map(|(_, action)| Block::button(action, Style::Secondary));
    let bubble = Bubble::new([Block::text(words)], buttons);
    let alt: String = words.chars().take(300).collect();
    let bubble = message::Message::flex(alt, line::message::Container::Bubble(bubble));
    if message::check(std::slice::from_ref(&bubble)).is_ok() { bubble } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(pieces("", 10), Vec::<String>::new());
        assert_eq!(pieces("あいうえお", 2), ["あい", "うえ", "お"]);
        // A character of two units is never cut.
        assert_eq!(pieces("a🍎🍎", 3), ["a🍎", "🍎"]);
        assert_eq!(label("あいうえお", 5), "あいうえお");
        assert_eq!(label("あいうえおか", 5), "あいうえ…");
    }

    #[test]
    fn what_is_personal_is_read_on_the_page() {
        let message = |author, content| Message {
            id: "m".into(),
            seq: 1,
            author,
            account: None,
            kind: contact::MessageKind::Told,
            body: Some(String::new()),
            content,
            client_id: None,
            at: calendar::Instant::from_millis(0),
        };
        let told = Content::told("split");
        assert!(!is_on_page(&message(Author::Bot, told.clone()), false));
        // The key of another contact opens it to whoever reads it.
        assert!(is_on_page(&message(Author::Bot, told.clone().with("key", "k")), false));
        assert!(is_on_page(&message(Author::Staff, Content { on_page: true, ..told.clone() }), false));
        assert!(is_on_page(&message(Author::Staff, told.clone()), true), "files of the staff");
        assert!(!is_on_page(&message(Author::Citizen, told), true), "their own files");
    }
}
