//! An article as a page shows it.

use std::sync::Arc;

use city::{Lang, Section};
use knowledge::{Article, ArticleText, FactKind};

use super::Visit;
use crate::page::Page;
use crate::{facts, markdown};
use words::OpenStatus;
use words::ruby;

/// A row of the facts block.
pub(crate) struct FactView {
    pub(crate) key: &'static str,
    pub(crate) items: Vec<String>,
    pub(crate) url: Option<String>,
}

/// A whole article.
pub(crate) struct ArticleView {
    pub(crate) article: Arc<Article>,
    pub(crate) text: ArticleText,
    pub(crate) html_lang: &'static str,
    pub(crate) untranslated: bool,
    pub(crate) facts: Vec<FactView>,
    pub(crate) answer_html: String,
    pub(crate) section: Option<Section>,
    pub(crate) status: Option<OpenStatus>,
    pub(crate) checked_on: String,
    pub(crate) overdue: bool,
    pub(crate) rank: usize,
}

/// An article in a list.
pub(crate) struct ListView {
    pub(crate) article: Arc<Article>,
    pub(crate) text: ArticleText,
    pub(crate) html_lang: &'static str,
    pub(crate) rank: usize,
}

pub(crate) fn list(article: &Arc<Article>, lang: Lang, rank: usize) -> ListView {
    let (text, found) = article.text(lang);
    ListView { article: article.clone(), text: text.clone(), html_lang: found.html(), rank }
}

pub(crate) fn whole(visit: &Visit, page: &Page, article: &Arc<Article>, rank: usize) -> ArticleView {
    let (text, found) = article.text(visit.lang);
    let facts = text
        .facts
        .present()
        .into_iter()
        .map(|(kind, items)| FactView {
            key: facts::key(kind),
            items: items.into_iter().map(str::to_owned).collect(),
            url: if kind == FactKind::Online { text.facts.online_url.clone() } else { None },
        })
        .collect();
    let html = markdown::render(&text.answer);
    let section = page.city.section(&article.content.section, visit.today()).cloned();
    ArticleView {
        text: text.clone(),
        html_lang: found.html(),
        untranslated: found != visit.lang,
        facts,
        answer_html: if found == Lang::Easy { ruby::in_html(&html) } else { html },
        status: section.as_ref().map(|s| page.status(s, visit.now)),
        section,
        checked_on: page.day(article.content.checked_on),
        overdue: article.content.review_due.is_some_and(|due| due < visit.today()),
        rank,
        article: article.clone(),
    }
}
