//! `/about`

use askama::Template;
use axum::response::Response;

use super::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

#[derive(Template)]
#[template(path = "citizen/about.html")]
struct About {
    page: Page,
    articles: usize,
}

pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let snapshot = visit.city.library.snapshot();
    let articles = snapshot.articles.iter().filter(|a| a.is_public(visit.today())).count();
    show(&About { page: visit.page("about"), articles })
}
