//! `/ask`: a question and its answer.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use knowledge::Outcome;
use serde::Deserialize;

use super::questions::QuestionForm;
use super::view::{ArticleView, ListView, list, whole};
use super::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;
use words::OpenStatus;

/// Answers on a page.
const ANSWERS: usize = 7;
/// Longest question that is searched and shown, in characters.
const MAX_ASKED: usize = 400;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "citizen/ask.html")]
struct AskPage {
    page: Page,
    asked: String,
    /// The question as its own heading: shorter still.
    shown: String,
    shortened: bool,
    best: Option<ArticleView>,
    /// Whether others are offered to choose from; else a person helps.
    choose: bool,
    others: Vec<ListView>,
    form: QuestionForm,
    phone_status: Option<OpenStatus>,
}

/// One line of text without control characters and without characters that turn the line around.
pub(crate) fn tidy(asked: &str, limit: usize) -> String {
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    let spaced: String = asked.chars().map(|c| if hidden(c) { ' ' } else { c }).take(limit).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) async fn get(
    visit: Visit,
    client: ClientAddress,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, Failure> {
    let page = visit.page("search");
    let asked = tidy(&q, MAX_ASKED);
    let shortened = q.chars().nth(MAX_ASKED).is_some();
    let mut page = page;
    if shortened {
        // Links to the other languages carry what was searched, not the whole flood.
        page.path = "/".into();
    }
    if visit.app.limits.outside(client) {
        visit.city.library.prepare(&asked).await;
    }
    let answer = visit.city.library.ask(&asked, visit.today(), ANSWERS);
    if answer.outcome == Outcome::Unsure && !asked.is_empty() && visit.app.limits.miss(client) {
        visit.city.misses.note(visit.today(), visit.lang, &asked);
    }
    let mut found = answer.found.iter().zip(1..);
    let best =
        if answer.is_sure() { found.next().map(|(f, rank)| whole(&visit, &page, &f.article, rank)) } else { None };
    let others: Vec<ListView> = found.map(|(f, rank)| list(&f.article, visit.lang, rank)).collect();
    let choose = answer.outcome == Outcome::Choose;
    let form = QuestionForm::new(&visit, &asked);
    let mut shown: String = asked.chars().take(120).collect();
    if shown.len() < asked.len() {
        shown.push('…');
    }
    let phone_status = visit.phone_status(&page);
    show(&AskPage { page, asked, shown, shortened, best, choose, others, form, phone_status })
}
