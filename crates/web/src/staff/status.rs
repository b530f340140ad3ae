//! `/status`: how the process and its cities are.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::frame::Frame;
use super::gate::Staff;
use super::vectors::{self, VectorRow};
use crate::App;
use crate::citizen::show;
use crate::errors::Failure;

struct CityRow {
    name: String,
    title: String,
    engine: String,
    schema: i64,
    articles: usize,
    public: usize,
    review_due: usize,
    questions: i64,
    jobs: Vec<(String, i64)>,
    dead: Vec<store::jobs::Job>,
    vectors: Option<VectorRow>,
}

#[derive(Template)]
#[template(path = "staff/status.html")]
struct StatusPage {
    frame: Frame,
    version: &'static str,
    cities: Vec<CityRow>,
}

pub(crate) async fn get(State(app): State<Arc<App>>, staff: Staff) -> Result<Response, Failure> {
    let today = staff.visit.today();
    let mut cities = Vec::new();
    let frame = staff.frame("admin");
    for city in app.each_city() {
        let snapshot = city.library.snapshot();
        let mut tx = city.db.read().await?;
        cities.push(CityRow {
            name: city.name.clone(),
            title: city.organisation().profile.window.clone(),
            engine: city.db.engine().to_string(),
            schema: store::migrate::plan(&mut tx).await?.current,
            articles: snapshot.articles.len(),
            public: snapshot.articles.iter().filter(|a| a.is_public(today)).count(),
            review_due: snapshot.articles.iter().filter(|a| a.content.review_due.is_some_and(|d| d < today)).count(),
            questions: knowledge::question::waiting(&mut tx).await?,
            jobs: store::jobs::counts(&mut tx).await?.into_iter().map(|(state, n)| (state_name(&state), n)).collect(),
            dead: store::jobs::dead(&mut tx, 20).await?,
            vectors: vectors::row(&frame, &city.library),
        });
    }
    show(&StatusPage { frame, version: store::migrate::BINARY, cities })
}

/// What a state of jobs is called on the page.
fn state_name(state: &str) -> String {
    match state {
        "ready" => "待ち",
        "running" => "実行中",
        "waiting" => "ほかの仕事を待っている",
        "done" => "完了",
        "dead" => "止まった",
        "cancelled" => "取り消し",
        other => other,
    }
    .to_owned()
}
