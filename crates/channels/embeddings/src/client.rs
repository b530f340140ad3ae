//! An HTTP client for one address: TLS by the system's certificates, an answer of bounded length.

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use store::Secret;
use vectors::EmbedError;

pub(crate) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    uri: Uri,
    authorisation: Option<HeaderValue>,
}

/// `{base}/embeddings` as an address.
pub(crate) fn address(base: &str) -> Result<Uri, String> {
    let whole = format!("{}/embeddings", base.trim_end_matches('/'));
    let usable =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty());
    // A name with a password would be shown wherever the model is named; the key has a file of its own.
    if base.contains('@') || base.contains('?') || base.contains('#') {
        return Err("it holds @, ? or #: give the plain address, and the key in key_file".into());
    }
    let uri = whole.parse().ok().filter(usable);
    uri.ok_or_else(|| format!("{base:?} is no address: it should begin with https:// or http:// and name a host"))
}

impl Client {
    pub(crate) fn new(uri: &Uri, key: Option<&Secret<String>>) -> Result<Self, String> {
        let builder = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|e| format!("the system's certificates cannot be read: {e}"))?;
        let pool = Pool::builder(TokioExecutor::new()).build(builder.https_or_http().enable_http1().build());
        let bearer = |key: &Secret<String>| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
                .map_err(|_| "the key holds characters that no HTTP header may hold".to_owned())?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        };
        Ok(Client { pool, uri: uri.clone(), authorisation: key.map(bearer).transpose()? })
    }

    /// Sends JSON and gives what came back, if it is a success of at most `most` bytes.
    pub(crate) async fn post(&self, body: Vec<u8>, most: usize) -> Result<Bytes, EmbedError> {
        let down = |e: &dyn std::error::Error| EmbedError::Down(root(e));
        let mut request = Request::post(self.uri.clone()).header(CONTENT_TYPE, "application/json");
        if let Some(value) = &self.authorisation {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|e| down(&e))?;
        let answer = self.pool.request(request).await.map_err(|e| down(&e))?;
        if !answer.status().is_success() {
            return Err(EmbedError::Status(answer.status().as_u16()));
        }
        let whole = Limited::new(answer.into_body(), most).collect().await;
        let whole = whole.map_err(|e| match e.downcast_ref::<LengthLimitError>() {
            Some(_) => EmbedError::TooLong(most),
            None => down(e.as_ref()),
        })?;
        Ok(whole.to_bytes())
    }
}

/// The innermost reason: what lies around it only says that a connection failed.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
