//! `/health`: 200 while the database answers, 503 otherwise.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::App;

pub(crate) async fn get(State(app): State<Arc<App>>) -> (StatusCode, String) {
    for city in app.each_city() {
        if let Err(error) = store::changes::versions(&city.db).await {
            tracing::error!(city = city.name, %error, "health");
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{}: the database does not answer\n", city.name));
        }
    }
    (StatusCode::OK, "ok\n".into())
}
