//! Articles from TOML.

use std::collections::BTreeMap;

use calendar::Date;
use city::Lang;
use serde::Deserialize;
use toml::Spanned;

use super::{Draft, Located, Problems};
use crate::{ArticleText, Facts};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    article: Vec<Spanned<toml::Value>>,
}

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
    fn into_text(self) -> ArticleText {
        ArticleText {
            question: self.question,
            summary: self.summary,
            answer: self.answer.trim().to_owned(),
            keywords: self.keywords,
            facts: self.facts,
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

pub(super) fn read(name: &str, text: &str, located: &mut Vec<Located>, problems: &mut Problems) {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let row = error.span().map(|s| line_of(text, s.start));
            problems.add(name, row, None, error.message().to_owned());
            return;
        }
    };
    for item in file.article {
        let row = Some(line_of(text, item.span().start));
        match item.into_inner().try_into::<ArticleFile>() {
            Ok(article) => match into_draft(article) {
                Ok(draft) => located.push(Located { draft, file: name.into(), row }),
                Err((column, reason)) => problems.add(name, row, Some(column), reason),
            },
            Err(error) => problems.add(name, row, None, error.message().to_owned()),
        }
    }
}

fn into_draft(a: ArticleFile) -> Result<Draft, (&'static str, String)> {
    let date = |column, value: &toml::value::Datetime| -> Result<Date, (&'static str, String)> {
        value.to_string().parse().map_err(|_| (column, format!("{value} is not a day like 2026-10-03")))
    };
    let optional = |column, value: &Option<toml::value::Datetime>| value.as_ref().map(|v| date(column, v)).transpose();
    let draft_dates = (
        date("checked_on", &a.checked_on)?,
        optional("review_due", &a.review_due)?,
        optional("valid_from", &a.valid_from)?,
        optional("valid_to", &a.valid_to)?,
    );
    let main = TextFile { question: a.question, summary: a.summary, answer: a.answer, keywords: a.keywords, facts: a.facts };
    let texts: BTreeMap<Lang, ArticleText> = [(Lang::Ja, Some(main)), (Lang::Easy, a.easy), (Lang::En, a.en)]
        .into_iter()
        .filter_map(|(lang, text)| Some((lang, text?.into_text())))
        .collect();
    Ok(Draft {
        code: a.code,
        section: a.section,
        topics: a.topics,
        related: a.related,
        checked_on: draft_dates.0,
        review_due: draft_dates.1,
        valid_from: draft_dates.2,
        valid_to: draft_dates.3,
        texts,
    })
}
