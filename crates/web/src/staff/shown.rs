//! What several pages of the knowledge desk show: an article as citizens see it, names, differences.

use std::collections::HashMap;
use std::sync::Arc;

use access::store::account;
use askama::Template;
use city::Lang;
use knowledge::compare::{Change, FieldChange};
use knowledge::{Article, Content, Field, Snapshot};

use super::articles::lang_name;
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::Visit;
use crate::citizen::view::{ArticleView, whole};
use crate::errors::Failure;
use crate::page::Page;

/// An article in one language, as the public page shows it.
pub(crate) struct Card {
    pub(crate) lang: &'static str,
    pub(crate) name: &'static str,
    pub(crate) html: String,
}

#[derive(Template)]
#[template(path = "staff/articles/card.html")]
struct CardPart {
    page: Page,
    view: ArticleView,
}

/// The cards of all languages in which something is written.
pub(crate) fn cards(staff: &Staff, article: Article) -> Result<Vec<Card>, Failure> {
    let article = Arc::new(article);
    let mut cards = Vec::new();
    for lang in Lang::ALL.into_iter().filter(|l| article.content.texts.contains_key(l)) {
        let mut visit = Visit::of(staff.app.clone(), staff.city.clone());
        visit.lang = lang;
        let page = visit.page("");
        let view = whole(&visit, &page, &article, 0);
        cards.push(Card { lang: lang.code(), name: lang_name(lang), html: CardPart { page, view }.render()? });
    }
    Ok(cards)
}

/// Names of accounts by id.
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    pub(crate) async fn load(tx: &mut store::Tx) -> Result<Names, Failure> {
        Ok(Names(account::all(tx).await?.into_iter().map(|a| (a.id, a.name)).collect()))
    }

    pub(crate) fn of(&self, account: &str) -> String {
        match account {
            "import" => "ファイルからの取り込み".into(),
            account => self.0.get(account).cloned().unwrap_or_else(|| "（いまはいない人）".into()),
        }
    }
}

/// What articles are called on pages that know only their codes.
pub(crate) struct Titles(Arc<Snapshot>);

impl Titles {
    pub(crate) fn of_city(staff: &Staff) -> Titles {
        Titles(staff.city.library.snapshot())
    }

    /// The question that an article answers; its code if it is not there any more.
    pub(crate) fn of(&self, code: &str) -> String {
        self.0.by_code(code).map_or_else(|| code.to_owned(), |a| a.text(Lang::Ja).0.question.clone())
    }
}

/// A piece of a text with what became of it: empty, `ins` or `del`.
pub(crate) struct Piece {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// A field that changed.
pub(crate) struct Difference {
    pub(crate) label: String,
    pub(crate) lang: &'static str,
    pub(crate) pieces: Vec<Piece>,
}

/// `質問（English）`
pub(crate) fn label(field: Field, lang: Option<Lang>) -> String {
    match lang {
        Some(lang) if lang != Lang::Ja => format!("{}（{}）", field.name(), lang_name(lang)),
        _ => field.name().to_owned(),
    }
}

/// Codes and days in words: what a person would say for what stands in a field.
pub(crate) fn in_words(frame: &Frame, field: Field, value: &str) -> String {
    let day = |v: &str| v.parse().map_or_else(|_| v.to_owned(), |d| frame.day(&d));
    match field {
        Field::Section => frame.section(value),
        Field::Topics => {
            let name = |code: &str| city::topic(code).map_or(code, |t| t.name(Lang::Ja)).to_owned();
            value.lines().map(name).collect::<Vec<_>>().join("、")
        }
        Field::CheckedOn | Field::ReviewDue | Field::ValidFrom | Field::ValidTo => day(value),
        _ => value.to_owned(),
    }
}

/// The changes from one content to another, for a page.
pub(crate) fn differences(frame: &Frame, before: &Content, after: &Content) -> Vec<Difference> {
    knowledge::compare::compare(before, after).into_iter().map(|change| difference(frame, change)).collect()
}

fn difference(frame: &Frame, change: FieldChange) -> Difference {
    let pieces = change.segments.into_iter().map(|s| Piece {
        kind: match s.change {
            Change::Equal => "",
            Change::Insert => "ins",
            Change::Delete => "del",
        },
        text: if change.lang.is_some() { s.text } else { in_words(frame, change.field, &s.text) },
    });
    Difference {
        label: label(change.field, change.lang),
        lang: change.lang.map_or("ja", Lang::html),
        pieces: pieces.collect(),
    }
}
