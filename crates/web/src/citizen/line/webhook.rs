//! `/line/webhook`: what LINE tells. It is answered as soon as it is stored; nothing is done here.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use line::webhook::WebhookError;
use line_account::inbox;

use crate::citizen::Visit;

/// Takes a call. 200: its events are stored. 403: not signed by LINE. 503: LINE is to tell it again.
pub(crate) async fn post(visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let Some(line) = &visit.city.line else { return StatusCode::NOT_FOUND.into_response() };
    let signature = headers.get("x-line-signature").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let events = match inbox::read(&line.account.secret, signature, &body) {
        Ok(events) => events,
        Err(error) => {
            // Nothing of the body is logged: it may be anybody's.
            tracing::warn!(%error, bytes = body.len(), "a call to the webhook of LINE was refused");
            let status = match error {
                WebhookError::Signature => StatusCode::FORBIDDEN,
                WebhookError::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                WebhookError::Json { .. } | WebhookError::Form(_) => StatusCode::BAD_REQUEST,
            };
            return (status, error.to_string()).into_response();
        }
    };
    match line.inbox.take(events, visit.now).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(inbox::Busy) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
