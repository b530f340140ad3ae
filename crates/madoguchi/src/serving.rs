//! Connections: HTTP/1.1 with or without TLS, and how long anybody may keep one busy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::tls::Tls;

/// How long somebody may keep a connection busy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The greeting of TLS.
    pub(crate) handshake: Duration,
    /// The head of a request, and an idle connection: whoever sends a byte a minute holds a connection no
    /// longer than that.
    pub(crate) head: Duration,
    /// A request until its answer begins: the slowest upload that is waited for.
    pub(crate) request: Duration,
}

/// What the house allows.
pub(crate) const LIMITS: Limits =
    Limits { handshake: Duration::from_secs(10), head: Duration::from_secs(30), request: Duration::from_secs(300) };

/// Connections of one listener at a time; more wait in the system's queue.
const CONNECTIONS: usize = 10_000;
/// How long to wait when the system has no more files to open.
const BREATH: Duration = Duration::from_millis(500);
/// Browsers that came once by TLS come by nothing else for a year (RFC 6797).
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Serves a face on a listener until the house stops; requests that are being answered are finished.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Tls>,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = stopped.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // An error means that the sender is gone, which is a stop as well.
            _stop_either_way = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "accept");
                if !is_of_one_connection(&error) {
                    tokio::time::sleep(BREATH).await;
                }
                continue;
            }
        };
        let Ok(place) = places.clone().acquire_owned().await else { break };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "nodelay");
        }
        let visit = Visit { router: router.clone(), peer, limits, secure: tls.is_some() };
        let (tls, watcher) = (tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, visit, watcher).await,
                Some(tls) => greet(stream, visit, tls, watcher).await,
            }
            drop(place);
        });
    }
    graceful.shutdown().await;
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What is known of a connection.
#[derive(Clone)]
struct Visit {
    router: Router,
    peer: SocketAddr,
    limits: Limits,
    /// Whether it speaks TLS.
    secure: bool,
}

async fn greet(stream: TcpStream, visit: Visit, tls: Tls, watcher: Watcher) {
    match tokio::time::timeout(visit.limits.handshake, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, visit, watcher).await,
        // Scanners and browsers that do not trust a certificate: of interest to whoever looks for it.
        Ok(Err(error)) => tracing::debug!(%error, "TLS"),
        Err(_) => tracing::debug!("TLS: no greeting"),
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, visit: Visit, watcher: Watcher) {
    let head = visit.limits.head;
    let service = service_fn(move |request| answer(visit.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection");
    }
}

async fn answer(visit: Visit, request: hyper::Request<Incoming>) -> Result<Response, std::convert::Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(visit.peer));
    if visit.secure {
        // The pages ask this of a proxy; here the house itself is what the browser sees.
        request.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static("https"));
    }
    // Whoever tries TLS on their own machine has other programs there that speak plain HTTP.
    let tell_to_return_by_tls = visit.secure && !is_this_machine(&request);
    let mut response = match tokio::time::timeout(visit.limits.request, visit.router.oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    if tell_to_return_by_tls {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    Ok(response)
}

fn is_this_machine(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    host.split(':').next() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SHORT: Duration = Duration::from_millis(80);

    /// Serves a small router with short limits, sends some bytes and returns all that comes until the end.
    async fn ask(bytes: &[u8]) -> String {
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/upload", post(|body: axum::body::Bytes| async move { body.len().to_string() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        let limits = Limits { handshake: SHORT, head: SHORT, request: SHORT };
        let server = tokio::spawn(serve(listener, router, None, limits, stopped));
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        let mut said = String::new();
        stream.read_to_string(&mut said).await.expect("read to the end");
        stop.send_replace(true);
        server.await.expect("it stops by itself");
        said
    }

    #[tokio::test]
    async fn a_connection_is_closed_when_its_time_is_over() {
        let whole = ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("here"), "answered, then closed: {whole}");
        for unfinished in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "] {
            let said = ask(unfinished).await;
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
        }
        let slow = ask(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc").await;
        assert!(slow.starts_with("HTTP/1.1 408"), "{slow}");
    }
}
