//! `/`

use askama::Template;
use axum::response::Response;
use city::{TOPICS, Topic, TopicGroup};

use super::{Visit, room, show};
use crate::errors::Failure;
use crate::page::Page;
use words::OpenStatus;

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct Home {
    phone_status: Option<OpenStatus>,
    life: Vec<&'static Topic>,
    daily: Vec<&'static Topic>,
    asked: &'static str,
    /// Whether the city has a bullying desk at which somebody is.
    has_room: bool,
    page: Page,
}

pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let page = visit.page("search");
    let (life, daily) = TOPICS.iter().partition(|t| t.group == TopicGroup::Life);
    // Without the database, the page is shown all the same.
    let has_room = room::is_open(&visit).await.unwrap_or(false);
    show(&Home { phone_status: visit.phone_status(&page), life, daily, asked: "", has_room, page })
}
