//! `/metrics`: figures of the process in Prometheus text form.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::errors::Failure;

pub(crate) async fn get(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    app.limits.sweep();
    let mut out = String::new();
    app.metrics.write(&mut out);
    // Cities of a process share what gives vectors.
    if let Some(state) = app.each_city().iter().find_map(|city| city.library.reading().vectors.clone()) {
        let (asked, failed) = state.counts();
        let _infallible =
            writeln!(out, "madoguchi_vector_requests_total {asked}\nmadoguchi_vector_failures_total {failed}");
    }
    for city in app.each_city() {
        let snapshot = city.library.snapshot();
        let name = &city.name;
        let _infallible = writeln!(out, "madoguchi_articles{{city=\"{name}\"}} {}", snapshot.articles.len());
        let _infallible = writeln!(out, "madoguchi_index_version{{city=\"{name}\"}} {}", snapshot.version);
        if let Some(state) = &city.library.reading().vectors {
            let up = u8::from(state.fault().is_none());
            let embedded = snapshot.index.embedded();
            let _infallible = writeln!(
                out,
                "madoguchi_vectors_up{{city=\"{name}\"}} {up}\n\
                 madoguchi_vector_articles{{city=\"{name}\"}} {embedded}"
            );
        }
        let mut tx = city.db.read().await?;
        for (state, n) in store::jobs::counts(&mut tx).await? {
            let _infallible = writeln!(out, "madoguchi_jobs{{city=\"{name}\",state=\"{state}\"}} {n}");
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response())
}
