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
    page: Page,
}

pub(crate) async fn get(visit: Visit) -> Result<Response, Failure> {
    let page = visit.page("search");
    let (life, daily) = TOPICS.iter().partition(|t| t.group == TopicGroup::Life);
    show(&Home { phone_status: visit.phone_status(&page), life, daily, asked: "", page })
}
