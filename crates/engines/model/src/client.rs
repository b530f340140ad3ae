//! An HTTP client for one address: TLS by the system's certificates, no redirections, an answer of bounded length.

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::chat::ModelError;
use crate::endpoint::Key;

pub(crate) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    uri: Uri,
    authorisation: Option<HeaderValue>,
}

/// `{base}/chat/completions` as an address.
pub(crate) fn address(base: &str) -> Result<Uri, String> {
    // A name with a password would be shown wherever the model is named; the key has a place of its own.
    if base.contains(['@', '?', '#']) {
        return Err("it holds @, ? or #: give the plain address, and the key in key_file".into());
    }
    let whole = format!("{}/chat/completions", base.trim_end_matches('/'));
    let usable =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty());
    let uri = whole.parse().ok().filter(usable);
    uri.ok_or_else(|| format!("{base:?} is no address: it should begin with https:// or http:// and name a host"))
}

impl Client {
    pub(crate) fn new(uri: &Uri, key: Option<&Key>) -> Result<Self, String> {
        let builder = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|e| format!("the system's certificates cannot be read: {e}"))?;
        let pool = Pool::builder(TokioExecutor::new()).build(builder.https_or_http().enable_http1().build());
        let bearer = |key: &Key| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
                .map_err(|_| "the key holds characters that no HTTP header may hold".to_owned())?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        };
        Ok(Client { pool, uri: uri.clone(), authorisation: key.map(bearer).transpose()? })
    }

    /// Sends JSON and gives the body of a success, to be read piece by piece, of at most `most` bytes.
    pub(crate) async fn post(&self, body: Vec<u8>, most: usize) -> Result<Body, ModelError> {
        let mut request = Request::post(self.uri.clone()).header(CONTENT_TYPE, "application/json");
        if let Some(value) = &self.authorisation {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|e| ModelError::Network(root(&e)))?;
        let answer = self.pool.request(request).await.map_err(|e| ModelError::Network(root(&e)))?;
        if !answer.status().is_success() {
            return Err(ModelError::Status(answer.status().as_u16()));
        }
        Ok(Body { body: Limited::new(answer.into_body(), most), most })
    }
}

/// The body of an answer.
pub(crate) struct Body {
    body: Limited<Incoming>,
    most: usize,
}

impl Body {
    /// The next bytes, as they come; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ModelError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|e| match e.downcast_ref::<LengthLimitError>() {
                Some(_) => ModelError::TooLong(self.most),
                None => ModelError::Cut,
            })?;
            if let Ok(bytes) = frame.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// All of it.
    pub(crate) async fn whole(mut self) -> Result<Vec<u8>, ModelError> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.next().await? {
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
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
