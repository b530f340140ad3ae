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
    /// Whether what is asked goes to a service outside the city.
    sent: bool,
    /// Whether a language model may put answers into other words.
    writes: bool,
    /// Whether there is a bullying desk.
    has_desk: bool,
}

pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let snapshot = visit.city.library.snapshot();
    let articles = snapshot.articles.iter().filter(|a| a.is_public(visit.today())).count();
    let sent = visit.city.library.reading().vectors.as_ref().is_some_and(|vectors| vectors.is_remote());
    show(&About {
        page: visit.page("about"),
        articles,
        sent,
        writes: visit.city.writing.is_some(),
        has_desk: visit.city.sealed.is_some(),
    })
}
