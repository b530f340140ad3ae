//! `/articles/{code}`

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use city::Topic;
use serde::Deserialize;

use super::ask::tidy;
use super::view::{ArticleView, ListView, list, whole};
use super::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

#[derive(Deserialize)]
pub(crate) struct CameFrom {
    #[serde(default)]
    q: String,
    #[serde(default)]
    rank: String,
}

#[derive(Template)]
#[template(path = "citizen/article.html")]
struct ArticlePage {
    page: Page,
    view: ArticleView,
    topic: Option<&'static Topic>,
    related: Vec<ListView>,
    asked: String,
}

pub(crate) async fn get(
    visit: Visit,
    Path(code): Path<String>,
    Query(from): Query<CameFrom>,
) -> Result<Response, Failure> {
    let snapshot = visit.city.library.snapshot();
    let article = snapshot.by_code(&code).filter(|a| a.is_public(visit.today())).ok_or_else(Failure::not_found)?;
    let page = visit.page("search");
    let view = whole(&visit, &page, article, from.rank.parse().unwrap_or(0));
    let topic = article.content.topics.first().and_then(|t| city::topic(t));
    let related = article
        .content
        .related
        .iter()
        .filter_map(|code| snapshot.by_code(code))
        .filter(|a| a.is_public(visit.today()))
        .map(|a| list(a, visit.lang, 0))
        .collect();
    show(&ArticlePage { page, view, topic, related, asked: tidy(&from.q, 400) })
}
