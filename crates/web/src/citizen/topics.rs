//! `/topics/{code}`

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use city::Topic;

use super::view::{ListView, list};
use super::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

#[derive(Template)]
#[template(path = "citizen/topic.html")]
struct TopicPage {
    page: Page,
    topic: &'static Topic,
    articles: Vec<ListView>,
    asked: &'static str,
}

pub(crate) async fn get(visit: Visit, Path(code): Path<String>) -> Result<Response, Failure> {
    let topic = city::topic(&code).ok_or_else(Failure::not_found)?;
    let snapshot = visit.city.library.snapshot();
    let mut articles: Vec<_> = snapshot
        .articles
        .iter()
        .filter(|a| a.is_public(visit.today()))
        .filter_map(|a| Some((a.content.topics.iter().position(|t| *t == code)?, a)))
        .collect();
    // Articles of which this is the main topic first; translated ones are the most asked.
    articles.sort_by_key(|(place, a)| (*place, std::cmp::Reverse(a.content.texts.len()), a.code.clone()));
    let articles = articles.into_iter().map(|(_, a)| list(a, visit.lang, 0)).collect();
    show(&TopicPage { page: visit.page("search"), topic, articles, asked: "" })
}
