//! What a reply may rest on: articles of the city in one language, and the places in a reply that they fill.
//!
//! A fact is best not written by the model at all: it writes `{{a1.fee}}`, and the article's own words are put there.

use serde::{Deserialize, Serialize};

use crate::check::{Fault, Kind};

/// Articles, the best first. In a reply the first is `a1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// At most nine.
    pub articles: Vec<SourceArticle>,
}

/// One article, in the language that the reply shall have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceArticle {
    /// Its code in the city's list.
    pub code: String,
    /// Which state of it; is kept with the answer.
    pub version: i64,
    /// The question that it answers.
    pub question: String,
    /// One or two sentences.
    pub summary: String,
    /// The whole, in Markdown.
    pub answer: String,
    /// What has a place of its own.
    pub facts: Vec<Fact>,
    /// Responsible section; empty where none is shown.
    pub section: String,
    /// Its telephone; empty where none is shown.
    pub phone: String,
    /// The article's page.
    pub url: String,
    /// The same article in other languages. The model does not see them; what stands in them is true as well.
    pub also: Vec<String>,
}

/// A fact of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// One of [`KEYS`].
    pub key: String,
    /// What it is called on the page: 手数料.
    pub label: String,
    /// What is filled in.
    pub value: String,
}

/// Keys of facts; `section`, `phone` and `link` are fields of the article.
pub const KEYS: [&str; 10] =
    ["who", "deadline", "bring", "fee", "place", "hours", "online", "phone", "section", "link"];

impl SourceArticle {
    /// What stands for a key, if the article has it.
    pub fn value(&self, key: &str) -> Option<&str> {
        let value = match key {
            "phone" => &self.phone,
            "section" => &self.section,
            "link" => &self.url,
            _ => &self.facts.iter().find(|f| f.key == key)?.value,
        };
        Some(value.as_str()).filter(|v| !v.trim().is_empty())
    }

    /// Keys that have a value.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> + '_ {
        KEYS.into_iter().filter(|key| self.value(key).is_some())
    }
}

/// A stretch of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    /// `{{a2.fee}}`: article counted from 0, key.
    Place(usize, &'a str),
    /// Braces that are no placeholder.
    Broken(&'a str),
}

/// Cuts a reply at its placeholders. A lone pair of braces is broken.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        if start > 0 {
            out.push(Part::Text(&rest[..start]));
        }
        let from = &rest[start..];
        let inner = from.strip_prefix("{{").and_then(|after| after.split_once("}}")).map(|(inner, _)| inner);
        match inner.and_then(|inner| Some((place(inner)?, inner.len()))) {
            Some(((article, key), length)) => {
                out.push(Part::Place(article, key));
                rest = &from[length + 4..];
            }
            None => {
                let length = from.find(|c| c != '{' && c != '}').unwrap_or(from.len());
                out.push(Part::Broken(&from[..length]));
                rest = &from[length..];
            }
        }
    }
    if !rest.is_empty() {
        out.push(Part::Text(rest));
    }
    out
}

fn place(inner: &str) -> Option<(usize, &str)> {
    let (article, key) = inner.strip_prefix('a')?.split_once('.')?;
    let digit = article.parse::<usize>().ok().filter(|n| article.len() == 1 && *n >= 1)?;
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase());
    plain.then_some((digit - 1, key))
}

/// Fills the placeholders. What is filled in is not looked at again.
///
/// # Errors
/// A placeholder of no article or without a value, and braces that are none.
pub fn render(text: &str, source: &Source) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Place(article, key) => {
                let value = source.articles.get(article).and_then(|a| a.value(key));
                out.push_str(value.ok_or_else(|| unknown(&format!("a{}.{key}", article + 1)))?);
            }
            Part::Broken(braces) => return Err(unknown(braces)),
        }
    }
    Ok(out)
}

fn unknown(what: &str) -> Fault {
    Fault { kind: Kind::Placeholder, sentence: 0, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        let fee = Fact { key: "fee".into(), label: "手数料".into(), value: "1通300円 {{a1.phone}}".into() };
        let article = SourceArticle { facts: vec![fee], phone: "0123-45-6789".into(), ..SourceArticle::default() };
        Source { articles: vec![article] }
    }

    #[test]
    fn placeholders_are_filled_once() {
        let done = render("手数料は{{a1.fee}}です。", &source());
        assert_eq!(done, Ok("手数料は1通300円 {{a1.phone}}です。".into()));
        assert_eq!(render("電話 {{a1.phone}}", &source()), Ok("電話 0123-45-6789".into()));
    }

    #[test]
    fn what_is_not_there_is_a_fault() {
        for text in [
            "{{a1.deadline}}",
            "{{a2.fee}}",
            "{{a0.fee}}",
            "{{a1.section}}",
            "{{fee}}",
            "{{ a1.fee }}",
            "{{a1.fee",
            "a1.fee}}",
            "{x}",
            "{{{a1.fee}}}",
            "{{a1.FEE}}",
            "{{a01.fee}}",
        ] {
            assert_eq!(render(text, &source()).map_err(|f| f.kind), Err(Kind::Placeholder), "{text}");
        }
    }
}
