//! The HTTP side: reads calls, lets them go wrong on purpose, writes answers.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::faults::Fault;
use super::reply::Reply;
use super::send::iso;
use super::state::Asked;
use super::{Exchange, Shared};
use crate::Endpoint;
use crate::endpoint::{decoded, form};
use crate::message::MOST_REQUEST_BYTES;

/// Takes connections until it is aborted; the connections go with it.
pub(crate) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    let uploads = Arc::new(AtomicUsize::new(0));
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // One connection that could not be taken (too many files, a peer that left) ends nothing.
                let Ok((stream, _)) = accepted else { continue };
                // Answers are small: waiting to fill a packet would only make them late.
                let _ = stream.set_nodelay(true);
                let (shared, uploads) = (shared.clone(), uploads.clone());
                open.spawn(async move {
                    let answer = service_fn(|request| answer(&shared, &uploads, request));
                    // A peer that goes away is its own matter.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
            Some(_) = open.join_next(), if !open.is_empty() => {}
        }
    }
}

/// Ends a connection without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Counts an upload as long as it lives.
struct Upload<'a>(&'a AtomicUsize);

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn answer(
    shared: &Shared,
    uploads: &AtomicUsize,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let request_id = shared.state().request_id();
    let whole = Limited::new(body, MOST_REQUEST_BYTES).collect().await;
    let body = match whole {
        Ok(whole) => whole.to_bytes(),
        Err(e) if e.is::<LengthLimitError>() => {
            return Ok(response(&Reply::error(413, "Request exceeds the max size of 2MB"), request_id));
        }
        Err(_) => return Err(Cut),
    };
    let Some((endpoint, parts)) = Endpoint::find(&head.method, head.uri.path()) else {
        return Ok(response(&Reply::not_found(), request_id));
    };
    let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let asked = Asked {
        endpoint,
        parts: parts.into_iter().map(decoded).collect(),
        query: form(head.uri.query().unwrap_or_default()),
        bearer: header(AUTHORIZATION.as_str()).and_then(|v| v.strip_prefix("Bearer ").map(str::to_owned)),
        key: header("x-line-retry-key"),
        media_type: header(CONTENT_TYPE.as_str()).unwrap_or_default(),
        body,
        request_id,
    };
    let reply = with_fault(shared, uploads, &asked).await?;
    if let Some(exchanges) = &mut shared.state().exchanges {
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
        exchanges.push(Exchange {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            request_type: asked.media_type.clone(),
            request: read(&asked.body),
            status: reply.status,
            response: read(&reply.body),
        });
    }
    Ok(response(&reply, request_id))
}

async fn with_fault(shared: &Shared, uploads: &AtomicUsize, asked: &Asked) -> Result<Reply, Cut> {
    let _upload = if matches!(asked.endpoint, Endpoint::CreateAudience | Endpoint::AddToAudience) {
        let upload = Upload(uploads);
        if uploads.fetch_add(1, Ordering::SeqCst) >= shared.most_concurrent {
            return Ok(Reply::too_many_concurrent());
        }
        Some(upload)
    } else {
        None
    };
    let fault = {
        let mut state = shared.state();
        let state = &mut *state;
        state.faults.take(asked.endpoint, state.rng.as_mut())
    };
    match fault {
        None => Ok(carry_out(shared, asked).await),
        Some(Fault::Slow(time)) => {
            tokio::time::sleep(time).await;
            Ok(carry_out(shared, asked).await)
        }
        Some(Fault::ErrorBefore) => Ok(Reply::server_error()),
        Some(Fault::ErrorAfter) => {
            let reply = carry_out(shared, asked).await;
            // What would have been refused is refused: the fault hides acceptance only.
            Ok(if reply.status < 300 { Reply::server_error() } else { reply })
        }
        Some(Fault::HangBefore) => hang().await,
        Some(Fault::HangAfter) => {
            carry_out(shared, asked).await;
            hang().await
        }
        Some(Fault::CloseBefore) => Err(Cut),
        Some(Fault::CloseAfter) => {
            carry_out(shared, asked).await;
            Err(Cut)
        }
        Some(Fault::RateLimited) => Ok(Reply::rate_limited()),
        Some(Fault::QuotaUsedUp) => Ok(Reply::quota_used_up()),
        Some(Fault::TooManyConcurrent) => Ok(Reply::too_many_concurrent()),
        Some(Fault::Unauthorised) => Ok(Reply::unauthorised()),
    }
}

/// Until the peer goes away.
async fn hang<T>() -> Result<T, Cut> {
    let never: Infallible = pending().await;
    match never {}
}

async fn carry_out(shared: &Shared, asked: &Asked) -> Reply {
    let reply = shared.state().carry_out(asked);
    // 500 is what the state says of the one call that goes out through the network itself.
    if asked.endpoint == Endpoint::TestWebhook && reply.status == 500 {
        return test_webhook(shared, asked).await;
    }
    reply
}

async fn test_webhook(shared: &Shared, asked: &Asked) -> Reply {
    let given = serde_json::from_slice::<Value>(&asked.body).unwrap_or_default();
    let (address, now) = {
        let state = shared.state();
        (given["endpoint"].as_str().map(str::to_owned).or_else(|| state.webhook.clone()), state.now())
    };
    let Some(address) = address else { return Reply::not_found() };
    let outcome = super::webhooks::post(shared, &address, &[]).await;
    let (status, reason, detail) = match &outcome {
        Ok(200) => (200, "OK", "200".to_owned()),
        Ok(status) => (*status, "ERROR_STATUS_CODE", status.to_string()),
        Err(why) if why.contains("within") => (0, "REQUEST_TIMEOUT", why.clone()),
        Err(why) => (0, "COULD_NOT_CONNECT", why.clone()),
    };
    let success = outcome == Ok(200);
    let body = json!({
        "success": success, "timestamp": iso(now), "statusCode": status, "reason": reason, "detail": detail,
    });
    Reply::json(200, &body)
}

fn response(reply: &Reply, request_id: u128) -> Response<Full<Bytes>> {
    let mut response =
        Response::builder().status(reply.status).header("x-line-request-id", Uuid::from_u128(request_id).to_string());
    if let Some(media_type) = &reply.media_type {
        response = response.header(CONTENT_TYPE, media_type);
    }
    if let Some(accepted) = reply.accepted {
        response = response.header("x-line-accepted-request-id", Uuid::from_u128(accepted).to_string());
    }
    // A kind of content that no header may hold came from a test, and is left out by the next line.
    response.body(Full::new(reply.body.clone())).unwrap_or_else(|_| Response::new(Full::new(reply.body.clone())))
}
