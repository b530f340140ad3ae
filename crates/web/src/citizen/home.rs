//! `/`

use askama::Template;
use axum::response::Response;
use city::{TOPICS, Topic, TopicGroup};

use super::{Visit, show};
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
    /// Whether the city has a bullying desk.
    has_room: bool,
    page: Page,
}

pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let page = visit.page("search");
    let (life, daily) = TOPICS.iter().partition(|t| t.group == TopicGroup::Life);
    let has_room = visit.city.sealed.is_some();
    show(&Home { phone_status: visit.phone_status(&page), life, daily, asked: "", has_room, page })
}
