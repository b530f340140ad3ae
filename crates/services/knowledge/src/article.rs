//! An article: one question of citizens and the city's answer to it.

use calendar::{Date, Instant};
use city::Lang;
use serde::{Deserialize, Serialize};
use text::normal;

use crate::Content;

/// Structured facts (構造化された事実), always shown in this order and never put into other words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// What to bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bring: Vec<String>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// During which hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Name of the online form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online_label: Option<String>,
    /// Address of the online form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online_url: Option<String>,
}

/// Kinds of facts, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// 対象.
    Who,
    /// いつまで.
    Deadline,
    /// 持ってくるもの.
    Bring,
    /// お金.
    Fee,
    /// どこで.
    Place,
    /// 受付時間.
    Hours,
    /// オンライン.
    Online,
}

impl FactKind {
    /// All kinds in order.
    pub const ALL: [FactKind; 7] = [
        FactKind::Who,
        FactKind::Deadline,
        FactKind::Bring,
        FactKind::Fee,
        FactKind::Place,
        FactKind::Hours,
        FactKind::Online,
    ];

    /// The name in files and records.
    pub const fn code(self) -> &'static str {
        match self {
            FactKind::Who => "who",
            FactKind::Deadline => "deadline",
            FactKind::Bring => "bring",
            FactKind::Fee => "fee",
            FactKind::Place => "place",
            FactKind::Hours => "hours",
            FactKind::Online => "online",
        }
    }

    /// The kind with a name.
    pub fn from_code(code: &str) -> Option<FactKind> {
        FactKind::ALL.into_iter().find(|k| k.code() == code)
    }
}

impl Facts {
    /// The facts that are there, in order, each as one or more items.
    pub fn present(&self) -> Vec<(FactKind, Vec<&str>)> {
        fn one(value: &Option<String>) -> Vec<&str> {
            value.as_deref().into_iter().collect()
        }
        [
            (FactKind::Who, one(&self.who)),
            (FactKind::Deadline, one(&self.deadline)),
            (FactKind::Bring, self.bring.iter().map(String::as_str).collect()),
            (FactKind::Fee, one(&self.fee)),
            (FactKind::Place, one(&self.place)),
            (FactKind::Hours, one(&self.hours)),
            (FactKind::Online, one(&self.online_label)),
        ]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .collect()
    }

    /// All texts, for the index.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.present().into_iter().flat_map(|(_, items)| items)
    }
}

/// An article in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleText {
    /// The question as citizens would ask it.
    pub question: String,
    /// The answer in one or two sentences.
    pub summary: String,
    /// The answer, Markdown.
    pub answer: String,
    /// Words that people use and the text does not contain.
    pub keywords: Vec<String>,
    /// Facts.
    pub facts: Facts,
}

/// An article.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// Id.
    pub id: String,
    /// Stable code, part of its address.
    pub code: String,
    /// Goes up with every change of its content, from 1.
    pub version: i64,
    /// When its content changed last.
    pub updated_at: Instant,
    /// What it says.
    pub content: Content,
}

impl Article {
    /// Whether the public sees it on a day.
    pub fn is_public(&self, on: Date) -> bool {
        self.content.is_public(on)
    }

    /// All texts in one, normalised and in one kana.
    pub fn all_words(&self) -> String {
        let mut all = String::new();
        for text in self.content.texts.values() {
            for part in [&text.question, &text.summary, &text.answer, &text.keywords.join(" ")] {
                all.push_str(part);
                all.push('\n');
            }
            for fact in text.facts.texts() {
                all.push_str(fact);
                all.push('\n');
            }
        }
        normal::fold_kana(&normal::normalise(&all))
    }

    /// The text in a language, or in Japanese; with the language it really has.
    pub fn text(&self, lang: Lang) -> (&ArticleText, Lang) {
        self.content.text(lang)
    }
}
