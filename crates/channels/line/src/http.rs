//! An HTTP client that says whether a request can have arrived. TLS by the system's certificates, no redirections.

use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A pool of connections.
pub(crate) struct Transport {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// There was no connection.
    NotSent(String),
    /// There was one, and what became of the request is not known.
    Unsure(String),
    /// The beginning of an answer came with this status, and its body is not there.
    Cut(u16, String),
}

impl Transport {
    pub(crate) fn new(connect: Duration) -> Result<Self, String> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect));
        let builder = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|e| format!("the system's certificates cannot be read: {e}"))?;
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Transport { pool: Pool::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends a request and reads an answer of at most `most` bytes within the time.
    pub(crate) async fn call(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
        most: usize,
    ) -> Result<Answer, Lost> {
        let slow = |_| Lost::Unsure(format!("no answer within {} ms", within.as_millis()));
        tokio::time::timeout(within, self.exchange(request, most)).await.map_err(slow)?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>, most: usize) -> Result<Answer, Lost> {
        let lost = |e: hyper_util::client::legacy::Error| match e.is_connect() {
            true => Lost::NotSent(root(&e)),
            false => Lost::Unsure(root(&e)),
        };
        let answer: Response<_> = self.pool.request(request).await.map_err(lost)?;
        let (head, body) = answer.into_parts();
        let status = head.status.as_u16();
        let whole =
            Limited::new(body, most).collect().await.map_err(|e| match e.downcast_ref::<LengthLimitError>() {
                Some(_) => Lost::Cut(status, format!("the answer has more than {most} bytes")),
                None => Lost::Cut(status, root(e.as_ref())),
            })?;
        Ok(Answer { status, headers: head.headers, body: whole.to_bytes() })
    }
}

/// An address without path, query or password.
pub(crate) fn base(address: &str) -> Result<String, String> {
    let bare = address.trim_end_matches('/');
    let uri: Option<Uri> = bare.parse().ok();
    let good = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|h| !h.is_empty())
            && uri.path() == "/"
            && uri.query().is_none()
    };
    if uri.as_ref().is_some_and(good) && !bare.contains(['@', '#']) {
        return Ok(bare.to_owned());
    }
    Err(format!("{address:?} is no address of a host: it should be like https://api.line.me"))
}

/// The innermost reason: what lies around it only says that a connection failed.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_hosts() {
        assert_eq!(base("https://api.line.me/"), Ok("https://api.line.me".into()));
        assert_eq!(base("http://127.0.0.1:8080"), Ok("http://127.0.0.1:8080".into()));
        for wrong in ["", "api.line.me", "https://a/b", "https://u:p@a", "https://a?b", "ftp://a", "https://"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }
}
