//! The rules that an article keeps, however it comes in: from a file, which is answered in English, or
//! from the desk, which is answered in Japanese beside the field.

use std::collections::HashSet;

use calendar::Date;
use city::{Lang, Organisation};

use crate::{ArticleText, Content, Field};

/// Longest texts, in characters.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A question.
    pub question: usize,
    /// A summary in Japanese (GIF asks for at most 100), plain Japanese with its readings, and English.
    pub summary: [usize; 3],
    /// An answer.
    pub answer: usize,
    /// A fact or keyword.
    pub item: usize,
    /// Items of a list.
    pub items: usize,
}

/// The limits.
pub const LIMITS: Limits = Limits { question: 200, summary: [100, 160, 260], answer: 10_000, item: 500, items: 50 };

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    BadCode(String),
    NoSection,
    NoTopic,
    UnknownTopic(String),
    EndsBeforeStart { from: Date, to: Date },
    DueBeforeCheck(Date),
    NoJapanese(String),
    Empty,
    TooLong { length: usize, limit: usize },
    Control(char),
    TooMany(usize),
    LongItem,
    ControlInItem(String),
    NoAddress(String),
    NoLabel,
    NoSuchSection { code: String, on: Date },
    NoSuchArticle(String),
    CodeTaken(String),
}

/// A fault with its field, and its language if the field has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) field: Field,
    pub(crate) lang: Option<Lang>,
    pub(crate) fault: Fault,
}

/// A value for a message: quoted, and not longer than a line.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// A value for a Japanese sentence.
fn quoted(value: &str) -> String {
    let short: String = value.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("「{short}」")
}

impl Found {
    pub(crate) fn of(field: Field, fault: Fault) -> Self {
        Found { field, lang: None, fault }
    }

    /// The message of the import.
    pub(crate) fn english(&self) -> String {
        let text = match &self.fault {
            Fault::BadCode(code) => {
                format!("{}: a code is 1 to 60 characters of a–z, 0–9 and single hyphens", shown(code))
            }
            Fault::NoSection => "is empty; give the code of the responsible section".into(),
            Fault::NoTopic => "is empty; give at least one topic".into(),
            Fault::UnknownTopic(topic) => format!("{} is not a topic of the service catalogue", shown(topic)),
            Fault::EndsBeforeStart { from, to } => format!("{to} is before valid_from {from}"),
            Fault::DueBeforeCheck(checked) => format!("is before checked_on {checked}"),
            Fault::NoJapanese(code) => format!("{} has no Japanese text", shown(code)),
            Fault::Empty => "is empty".into(),
            Fault::TooLong { length, limit } => format!("has {length} characters, at most {limit}"),
            Fault::Control(c) => format!("holds the control character U+{:04X}", *c as u32),
            Fault::TooMany(n) => format!("has {n} items, at most {}", LIMITS.items),
            Fault::LongItem => format!("an item is longer than {} characters", LIMITS.item),
            Fault::ControlInItem(item) => format!("{} holds a line break or control character", shown(item)),
            Fault::NoAddress(url) => format!("{} is not an address that begins with https://", shown(url)),
            Fault::NoLabel => "is empty although there is an online_url".into(),
            Fault::NoSuchSection { code, on } => format!("{} is no section of this city on {on}", shown(code)),
            Fault::NoSuchArticle(code) => format!("there is no article {}, here or in the database", shown(code)),
            Fault::CodeTaken(code) => format!("{} is the code of another article", shown(code)),
        };
        self.lang.map_or(text.clone(), |lang| format!("({}) {text}", lang.code()))
    }

    /// The sentence beside the field.
    pub(crate) fn japanese(&self) -> String {
        match &self.fault {
            Fault::BadCode(_) => {
                "記事コードは、半角の英小文字・数字と単独のハイフンで、60文字までにしてください。".into()
            }
            Fault::NoSection => "担当課を選んでください。".into(),
            Fault::NoTopic => "分野を1つ以上選んでください。".into(),
            Fault::UnknownTopic(topic) => {
                format!("分野{}は一覧にありません。一覧から選び直してください。", quoted(topic))
            }
            Fault::EndsBeforeStart { .. } => {
                "掲載終了日が掲載開始日より前です。どちらかの日付を直してください。".into()
            }
            Fault::DueBeforeCheck(checked) => {
                format!("見直し期限が確認日（{checked}）より前です。確認日以降の日付にしてください。")
            }
            Fault::NoJapanese(_) => "日本語の本文がありません。日本語の質問・要約・回答を書いてください。".into(),
            Fault::Empty => format!("{}が空です。書いてください。", self.field.name()),
            Fault::TooLong { length, limit } => {
                format!("{}は{limit}文字までです。いまは{length}文字あるので、短くしてください。", self.field.name())
            }
            Fault::Control(c) => {
                format!("{}に使えない制御文字（U+{:04X}）があります。消してください。", self.field.name(), *c as u32)
            }
            Fault::TooMany(n) => {
                format!("{}は{}件までです。いまは{n}件あるので、減らしてください。", self.field.name(), LIMITS.items)
            }
            Fault::LongItem => {
                format!("{}は1件{}文字までです。短くしてください。", self.field.name(), LIMITS.item)
            }
            Fault::ControlInItem(item) => {
                format!("{}の{}に改行か制御文字があります。消してください。", self.field.name(), quoted(item))
            }
            Fault::NoAddress(_) => "https:// から始まるアドレスを、空白を入れずに書いてください。".into(),
            Fault::NoLabel => "アドレスがあるときは、オンライン手続きの名前も書いてください。".into(),
            Fault::NoSuchSection { code, on } => {
                format!("担当課{}は{on}の時点でありません。いまある課を選び直してください。", quoted(code))
            }
            Fault::NoSuchArticle(code) => {
                format!("関連する記事{}が見つかりません。コードを直すか、外してください。", quoted(code))
            }
            Fault::CodeTaken(code) => {
                format!("記事コード{}は別の記事か原稿が使っています。別のコードにしてください。", quoted(code))
            }
        }
    }
}

/// Checks what can be checked without the city; tells each fault.
pub(crate) fn check(code: &str, content: &Content, wrong: &mut dyn FnMut(Found)) {
    if !is_code(code) {
        wrong(Found::of(Field::Code, Fault::BadCode(code.to_owned())));
    }
    if content.section.is_empty() {
        wrong(Found::of(Field::Section, Fault::NoSection));
    }
    if content.topics.is_empty() {
        wrong(Found::of(Field::Topics, Fault::NoTopic));
    }
    for topic in content.topics.iter().filter(|t| city::topic(t).is_none()) {
        wrong(Found::of(Field::Topics, Fault::UnknownTopic(topic.clone())));
    }
    if let (Some(from), Some(to)) = (content.valid_from, content.valid_to)
        && to < from
    {
        wrong(Found::of(Field::ValidTo, Fault::EndsBeforeStart { from, to }));
    }
    if content.review_due.is_some_and(|due| due < content.checked_on) {
        wrong(Found::of(Field::ReviewDue, Fault::DueBeforeCheck(content.checked_on)));
    }
    if !content.texts.contains_key(&Lang::Ja) {
        wrong(Found::of(Field::Lang, Fault::NoJapanese(code.to_owned())));
    }
    for (lang, text) in &content.texts {
        check_text(*lang, text, &mut |field, fault| wrong(Found { field, lang: Some(*lang), fault }));
    }
}

/// Checks what needs the city: its sections on a day, and the codes of all articles.
pub(crate) fn check_city(
    content: &Content,
    organisation: &Organisation,
    on: Date,
    codes: &HashSet<String>,
    wrong: &mut dyn FnMut(Found),
) {
    if !content.section.is_empty() && organisation.section(&content.section, on).is_none() {
        wrong(Found::of(Field::Section, Fault::NoSuchSection { code: content.section.clone(), on }));
    }
    for related in content.related.iter().filter(|r| !codes.contains(*r)) {
        wrong(Found::of(Field::Related, Fault::NoSuchArticle(related.clone())));
    }
}

fn check_text(lang: Lang, text: &ArticleText, wrong: &mut dyn FnMut(Field, Fault)) {
    for (field, value, limit) in [
        (Field::Question, &text.question, LIMITS.question),
        (Field::Summary, &text.summary, LIMITS.summary[lang as usize]),
        (Field::Answer, &text.answer, LIMITS.answer),
    ] {
        let length = value.chars().count();
        if value.trim().is_empty() {
            wrong(field, Fault::Empty);
        } else if length > limit {
            wrong(field, Fault::TooLong { length, limit });
        }
        if let Some(c) = value.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t') {
            wrong(field, Fault::Control(c));
        }
    }
    let facts = &text.facts;
    let lists = [(Field::Keywords, &text.keywords), (Field::Bring, &facts.bring)];
    for (field, list) in lists {
        if list.len() > LIMITS.items {
            wrong(field, Fault::TooMany(list.len()));
        }
    }
    let singles = [
        (Field::Who, &facts.who),
        (Field::Deadline, &facts.deadline),
        (Field::Fee, &facts.fee),
        (Field::Place, &facts.place),
        (Field::Hours, &facts.hours),
        (Field::OnlineLabel, &facts.online_label),
    ];
    let items = lists.into_iter().flat_map(|(field, list)| list.iter().map(move |item| (field, item)));
    for (field, item) in items.chain(singles.into_iter().filter_map(|(field, fact)| Some((field, fact.as_ref()?)))) {
        if item.chars().count() > LIMITS.item {
            wrong(field, Fault::LongItem);
        }
        if item.chars().any(char::is_control) {
            wrong(field, Fault::ControlInItem(item.clone()));
        }
    }
    if let Some(url) = &facts.online_url {
        if !(url.starts_with("https://") || url.starts_with("http://"))
            || url.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            wrong(Field::OnlineUrl, Fault::NoAddress(url.clone()));
        }
        if facts.online_label.is_none() {
            wrong(Field::OnlineLabel, Fault::NoLabel);
        }
    }
}

pub(crate) fn is_code(code: &str) -> bool {
    (1..=60).contains(&code.len())
        && code
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_fit_for_addresses() {
        assert!(is_code("tennyu-14"));
        for wrong in ["", "-a", "a--b", "A", "転入", "a b", "../x"] {
            assert!(!is_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn each_fault_is_told_in_both_languages() {
        let mut content = Content::empty("", Date::constant(2026, 11, 23));
        content.topics = vec!["no-such".into()];
        content.review_due = Some(Date::constant(2026, 11, 22));
        let ja = content.texts.get_mut(&Lang::Ja).expect("ja");
        ja.question = "長".repeat(201);
        ja.facts.online_url = Some("javascript:x".into());
        let mut found = Vec::new();
        check("転入", &content, &mut |f| found.push(f));
        let told: Vec<(&str, Option<Lang>)> = found.iter().map(|f| (f.field.code(), f.lang)).collect();
        let ja = Some(Lang::Ja);
        assert_eq!(
            told,
            [
                ("code", None),
                ("section", None),
                ("topics", None),
                ("review_due", None),
                ("question", ja),
                ("summary", ja),
                ("answer", ja),
                ("online_url", ja),
                ("online_label", ja)
            ]
        );
        for f in &found {
            assert!(f.japanese().ends_with('。'), "{}", f.japanese());
            assert!(f.english().is_ascii() || f.english().contains("a–z"), "{}", f.english());
        }
        assert!(found[4].japanese().contains("200文字まで"), "{}", found[4].japanese());
        assert_eq!(found[5].english(), "(ja) is empty");
    }
}
