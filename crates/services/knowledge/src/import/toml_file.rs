//! Articles from TOML.

use std::collections::BTreeMap;

use calendar::Date;
use city::Lang;
use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::table::line_of;
use super::{Incoming, Place, Problems};
use crate::{ArticleText, Content, Facts};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleFile {
    code: String,
    question: String,
    summary: String,
    answer: String,
    #[serde(default)]
    topics: Vec<String>,
    section: String,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    checked_on: toml::value::Datetime,
    review_due: Option<toml::value::Datetime>,
    valid_from: Option<toml::value::Datetime>,
    valid_to: Option<toml::value::Datetime>,
    #[serde(default)]
    facts: Facts,
    easy: Option<TextFile>,
    en: Option<TextFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextFile {
    question: String,
    summary: String,
    answer: String,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    facts: Facts,
}

impl TextFile {
    /// The text as a table would have it: without space around, empty facts are none.
    fn into_text(self) -> ArticleText {
        let f = self.facts;
        let fact = |value: Option<String>| value.map(|v| tidy(&v)).filter(|v| !v.is_empty());
        ArticleText {
            question: tidy(&self.question),
            summary: tidy(&self.summary),
            answer: tidy(&self.answer),
            keywords: list(self.keywords),
            facts: Facts {
                who: fact(f.who),
                deadline: fact(f.deadline),
                bring: list(f.bring),
                fee: fact(f.fee),
                place: fact(f.place),
                hours: fact(f.hours),
                online_label: fact(f.online_label),
                online_url: fact(f.online_url),
            },
        }
    }
}

/// Without space around, and with the line ends of the house.
fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn list(items: Vec<String>) -> Vec<String> {
    items.iter().map(|item| tidy(item)).filter(|item| !item.is_empty()).collect()
}

pub(super) fn read(name: &str, text: &str, incoming: &mut Vec<Incoming>, problems: &mut Problems) {
    let row = |at: usize| Some(line_of(text.as_bytes(), at));
    let told = |error: &toml::de::Error| (error.span().and_then(|s| row(s.start)), error.message().to_owned());
    let file = match DeTable::parse(text) {
        Ok(file) => file.into_inner(),
        Err(error) => {
            let (row, reason) = told(&error);
            problems.add(name, row, None, reason);
            return;
        }
    };
    let place: std::sync::Arc<str> = name.into();
    for (key, value) in file {
        let articles = match (key.get_ref().as_ref(), value.into_inner()) {
            ("article", DeValue::Array(articles)) => articles,
            (other, _) => {
                problems.add(
                    name,
                    row(key.span().start),
                    Some(other),
                    "is not known here; a file holds tables [[article]]",
                );
                continue;
            }
        };
        for item in articles {
            let first = row(item.span().start);
            match ArticleFile::deserialize(ValueDeserializer::from(item)) {
                Ok(article) => match into_incoming(article, Place { file: place.clone(), row: first }) {
                    Ok(article) => incoming.push(article),
                    Err((column, reason)) => problems.add(name, first, Some(column), reason),
                },
                Err(error) => {
                    let (row, reason) = told(&error);
                    problems.add(name, row.or(first), None, reason);
                }
            }
        }
    }
}

fn into_incoming(a: ArticleFile, place: Place) -> Result<Incoming, (&'static str, String)> {
    let date = |column, value: &toml::value::Datetime| -> Result<Date, (&'static str, String)> {
        value.to_string().parse().map_err(|_| (column, format!("{value} is not a day like 2026-10-03")))
    };
    let optional = |column, value: &Option<toml::value::Datetime>| value.as_ref().map(|v| date(column, v)).transpose();
    let dates = (
        date("checked_on", &a.checked_on)?,
        optional("review_due", &a.review_due)?,
        optional("valid_from", &a.valid_from)?,
        optional("valid_to", &a.valid_to)?,
    );
    let main =
        TextFile { question: a.question, summary: a.summary, answer: a.answer, keywords: a.keywords, facts: a.facts };
    let texts: BTreeMap<Lang, ArticleText> = [(Lang::Ja, Some(main)), (Lang::Easy, a.easy), (Lang::En, a.en)]
        .into_iter()
        .filter_map(|(lang, text)| Some((lang, text?.into_text())))
        .collect();
    Ok(Incoming {
        place,
        code: tidy(&a.code),
        content: Content {
            section: tidy(&a.section),
            topics: list(a.topics),
            related: list(a.related),
            checked_on: dates.0,
            review_due: dates.1,
            valid_from: dates.2,
            valid_to: dates.3,
            texts,
        },
    })
}
