//! A draft: an article as a file describes it, before it is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::Date;
use city::Lang;

use super::shown;
use crate::ArticleText;

/// Where a draft stands, for messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// Row or line, if it is known.
    pub row: Option<usize>,
}

/// An article to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Where it was read.
    pub place: Place,
    /// Stable code.
    pub code: String,
    /// Code of the section.
    pub section: String,
    /// Codes of topics.
    pub topics: Vec<String>,
    /// Codes of related articles.
    pub related: Vec<String>,
    /// When a person last checked it.
    pub checked_on: Date,
    /// When it must be checked again.
    pub review_due: Option<Date>,
    /// Not shown before.
    pub valid_from: Option<Date>,
    /// Not shown after.
    pub valid_to: Option<Date>,
    /// Texts.
    pub texts: BTreeMap<Lang, ArticleText>,
}

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

impl Draft {
    /// SHA-256 over everything that a reader would see change.
    pub fn content_hash(&self) -> String {
        let texts: Vec<_> = self.texts.iter().map(|(lang, text)| (lang.code(), text)).collect();
        let dates =
            [Some(self.checked_on), self.review_due, self.valid_from, self.valid_to].map(|d| d.map(|d| d.to_string()));
        let content = serde_json::json!([self.section, self.topics, self.related, dates, texts]);
        store::ids::digest(&content.to_string())
    }

    /// Checks what can be checked without the city; tells each problem with its column.
    pub(crate) fn check(&self, mut wrong: impl FnMut(&str, String)) {
        if !is_code(&self.code) {
            wrong(
                "code",
                format!("{}: a code is 1 to 60 characters of a–z, 0–9 and single hyphens", shown(&self.code)),
            );
        }
        if self.section.is_empty() {
            wrong("section", "is empty; give the code of the responsible section".into());
        }
        if self.topics.is_empty() {
            wrong("topics", "is empty; give at least one topic".into());
        }
        for topic in &self.topics {
            if city::topic(topic).is_none() {
                wrong("topics", format!("{} is not a topic of the service catalogue", shown(topic)));
            }
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            wrong("valid_to", format!("{to} is before valid_from {from}"));
        }
        if self.review_due.is_some_and(|due| due < self.checked_on) {
            wrong("review_due", format!("is before checked_on {}", self.checked_on));
        }
        if !self.texts.contains_key(&Lang::Ja) {
            wrong("lang", format!("{} has no Japanese text", shown(&self.code)));
        }
        for (lang, text) in &self.texts {
            check_text(*lang, text, &mut wrong);
        }
    }
}

fn check_text(lang: Lang, text: &ArticleText, wrong: &mut impl FnMut(&str, String)) {
    let l = lang.code();
    for (column, value, limit) in [
        ("question", &text.question, LIMITS.question),
        ("summary", &text.summary, LIMITS.summary[lang as usize]),
        ("answer", &text.answer, LIMITS.answer),
    ] {
        let length = value.chars().count();
        if value.trim().is_empty() {
            wrong(column, format!("({l}) is empty"));
        } else if length > limit {
            wrong(column, format!("({l}) has {length} characters, at most {limit}"));
        }
        if let Some(c) = value.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t') {
            wrong(column, format!("({l}) holds the control character U+{:04X}", c as u32));
        }
    }
    for (column, list) in [("keywords", &text.keywords), ("bring", &text.facts.bring)] {
        if list.len() > LIMITS.items {
            wrong(column, format!("({l}) has {} items, at most {}", list.len(), LIMITS.items));
        }
    }
    let facts = &text.facts;
    let items = [("keywords", &text.keywords), ("bring", &facts.bring)];
    let singles = [
        ("who", &facts.who),
        ("deadline", &facts.deadline),
        ("fee", &facts.fee),
        ("place", &facts.place),
        ("hours", &facts.hours),
        ("online_label", &facts.online_label),
    ];
    let items = items.into_iter().flat_map(|(column, list)| list.iter().map(move |item| (column, item)));
    for (column, item) in items.chain(singles.into_iter().filter_map(|(column, fact)| Some((column, fact.as_ref()?)))) {
        if item.chars().count() > LIMITS.item {
            wrong(column, format!("({l}) an item is longer than {} characters", LIMITS.item));
        }
        if item.chars().any(char::is_control) {
            wrong(column, format!("({l}) {} holds a line break or control character", shown(item)));
        }
    }
    if let Some(url) = &facts.online_url {
        if !(url.starts_with("https://") || url.starts_with("http://"))
            || url.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            wrong("online_url", format!("({l}) {} is not an address that begins with https://", shown(url)));
        }
        if facts.online_label.is_none() {
            wrong("online_label", format!("({l}) is empty although there is an online_url"));
        }
    }
}

fn is_code(code: &str) -> bool {
    (1..=60).contains(&code.len())
        && code
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn codes_are_fit_for_addresses() {
        assert!(is_code("tennyu-14"));
        for wrong in ["", "-a", "a--b", "A", "転入", "a b", "../x"] {
            assert!(!is_code(wrong), "{wrong}");
        }
    }
}
