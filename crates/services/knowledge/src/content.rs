//! The content of an article: what a reader would see change, on the public face, in a file, in a 原稿
//! and in a version of the past.

use std::collections::BTreeMap;

use calendar::Date;
use city::Lang;
use serde::{Deserialize, Serialize};

use crate::ArticleText;

/// What an article says, for whom it is filed, and on which days it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Code of the section that answers for it.
    pub section: String,
    /// Codes of its topics, the main one first.
    pub topics: Vec<String>,
    /// Codes of related articles.
    pub related: Vec<String>,
    /// When a person last checked it.
    #[serde(with = "day")]
    pub checked_on: Date,
    /// When it must be checked again.
    #[serde(with = "optional_day", default)]
    pub review_due: Option<Date>,
    /// Not shown before.
    #[serde(with = "optional_day", default)]
    pub valid_from: Option<Date>,
    /// Not shown after.
    #[serde(with = "optional_day", default)]
    pub valid_to: Option<Date>,
    /// Its texts; a published article always has Japanese.
    pub texts: BTreeMap<Lang, ArticleText>,
}

impl Content {
    /// Nothing yet, for a section.
    pub fn empty(section: impl Into<String>, checked_on: Date) -> Self {
        Content {
            section: section.into(),
            topics: Vec::new(),
            related: Vec::new(),
            checked_on,
            review_due: None,
            valid_from: None,
            valid_to: None,
            texts: BTreeMap::from([(Lang::Ja, ArticleText::default())]),
        }
    }

    /// SHA-256 over everything that a reader would see change. Databases hold these values: neither the
    /// order nor the form of what goes in may change.
    pub fn hash(&self) -> String {
        let texts: Vec<_> = self.texts.iter().map(|(lang, text)| (lang.code(), text)).collect();
        let dates =
            [Some(self.checked_on), self.review_due, self.valid_from, self.valid_to].map(|d| d.map(|d| d.to_string()));
        let content = serde_json::json!([self.section, self.topics, self.related, dates, texts]);
        store::ids::digest(&content.to_string())
    }

    /// Whether the public sees it on a day.
    pub fn is_public(&self, on: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= on) && self.valid_to.is_none_or(|to| on <= to)
    }

    /// The text in a language, or in Japanese; with the language it really has.
    pub fn text(&self, lang: Lang) -> (&ArticleText, Lang) {
        // An article without Japanese cannot be stored; an empty one stands in rather than a panic.
        static EMPTY: std::sync::LazyLock<ArticleText> = std::sync::LazyLock::new(ArticleText::default);
        match self.texts.get(&lang) {
            Some(text) => (text, lang),
            None => (self.texts.get(&Lang::Ja).unwrap_or(&EMPTY), Lang::Ja),
        }
    }

    /// As an import would have it: one kind of line end, no space around, no empty items, and no translation
    /// of which nothing was written.
    pub fn tidied(mut self) -> Self {
        self.section = tidy(&self.section);
        self.topics = tidy_list(&self.topics);
        self.related = tidy_list(&self.related);
        for text in self.texts.values_mut() {
            text.question = tidy(&text.question);
            text.summary = tidy(&text.summary);
            text.answer = tidy(&text.answer);
            text.keywords = tidy_list(&text.keywords);
            let f = &mut text.facts;
            f.bring = tidy_list(&f.bring);
            for fact in [
                &mut f.who,
                &mut f.deadline,
                &mut f.fee,
                &mut f.place,
                &mut f.hours,
                &mut f.online_label,
                &mut f.online_url,
            ] {
                *fact = fact.take().map(|v| tidy(&v)).filter(|v| !v.is_empty());
            }
        }
        self.texts.retain(|lang, text| *lang == Lang::Ja || *text != ArticleText::default());
        self
    }
}

/// U+0000 cannot be stored; everything else that is odd is told to the writer by the checks.
fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\0', "").trim().to_owned()
}

fn tidy_list(items: &[String]) -> Vec<String> {
    items.iter().map(|item| tidy(item)).filter(|item| !item.is_empty()).collect()
}

/// A day as `2026-10-03`.
mod day {
    use super::*;
    use serde::{Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a day like 2026-10-03")))
    }
}

/// A day or none.
mod optional_day {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|d| d.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        #[derive(Deserialize)]
        struct Day(#[serde(with = "day")] Date);
        Ok(Option::<Day>::deserialize(from)?.map(|d| d.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;

    fn full() -> Content {
        let text = ArticleText {
            question: "転入届はいつまでですか".into(),
            summary: "14日以内です。".into(),
            answer: "引っ越した日から。\n\n窓口へ。".into(),
            keywords: vec!["引越し".into()],
            facts: Facts { fee: Some("無料".into()), bring: vec!["本人確認書類".into()], ..Facts::default() },
        };
        Content {
            topics: vec!["moving".into()],
            related: vec!["tenshutsu".into()],
            review_due: Some(Date::constant(2027, 4, 1)),
            valid_to: Some(Date::constant(2027, 3, 31)),
            texts: BTreeMap::from([(Lang::Ja, text.clone()), (Lang::Easy, text)]),
            ..Content::empty("shimin", Date::constant(2026, 11, 1))
        }
    }

    #[test]
    fn the_hash_is_that_of_existing_databases() {
        assert_eq!(full().hash(), "e734294e3c0caf3ae4bf22819bec41d623a26ac04010a2bcd21b6a615be91768");
        assert_eq!(
            Content::empty("shimin", Date::constant(2026, 11, 1)).hash(),
            "d3b6bd2dbc09ed1d5ae793b467e9733736c7c976884ada9592ffb03a4caf8cf9"
        );
    }

    #[test]
    fn content_goes_to_json_and_back() {
        let json = serde_json::to_string(&full()).expect("json");
        assert!(json.starts_with(r#"{"section":"shimin","topics":["moving"],"related":["tenshutsu"],"checked_on":"2026-11-01","review_due":"2027-04-01","valid_from":null,"#), "{json}");
        assert_eq!(serde_json::from_str::<Content>(&json).expect("content"), full());
        assert!(serde_json::from_str::<Content>(&json.replace("2027-04-01", "2027-04-31")).is_err());
    }

    #[test]
    fn tidying_leaves_what_an_import_would_have() {
        assert_eq!(full().tidied(), full());
        let mut untidy = full();
        untidy.texts.insert(Lang::En, ArticleText { question: " \r\n".into(), ..ArticleText::default() });
        let ja = untidy.texts.get_mut(&Lang::Ja).expect("ja");
        ja.answer = " 引っ越した日から。\r\n\r\n窓口へ。\0\n".into();
        ja.keywords.push(" ".into());
        ja.facts.who = Some("  ".into());
        assert_eq!(untidy.tidied(), full());
    }
}
