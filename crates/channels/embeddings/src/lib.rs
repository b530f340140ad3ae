//! Vectors from a service that speaks like OpenAI's embeddings: `POST {base}/embeddings`.
//!
//! Whatever is sent leaves the house. Nothing of it is logged here, and a redirection is not followed: texts go where
//! the configuration says and nowhere else.
//!
//! Form of request and answer: <https://platform.openai.com/docs/api-reference/embeddings/create>.

mod client;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::Secret;
use vectors::{EmbedError, Pending, Remote};

use client::Client;

/// Longest answer that is read, in bytes: 64 vectors of 8,192 numbers take half of it.
pub const MOST_BYTES: usize = 16 << 20;

/// Where and how.
#[derive(Debug)]
pub struct Settings {
    /// Address before `/embeddings`, http or https.
    pub base: String,
    /// Name of the model, as the service knows it.
    pub model: String,
    /// Sent as bearer token.
    pub key: Option<Secret<String>>,
    /// Longest wait for vectors of articles.
    pub timeout: Duration,
    /// Longest wait for the vector of a question, for which somebody waits.
    pub question_timeout: Duration,
    /// Most texts of a request.
    pub batch: usize,
}

/// A service.
pub struct Endpoint {
    settings: Settings,
    client: Client,
}

/// Why an address cannot be one.
pub fn check_base(base: &str) -> Result<(), String> {
    client::address(base).map(drop)
}

/// The host of an address, if texts go to it without encryption through a network.
pub fn in_the_clear(base: &str) -> Option<String> {
    let uri = client::address(base).ok()?;
    let host = uri.host()?;
    let bare = host.trim_matches(['[', ']']);
    let loopback = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    (uri.scheme_str() == Some("http") && !loopback).then(|| host.to_owned())
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Endpoint {
    /// Ready to ask; nothing is sent yet.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let uri = client::address(&settings.base)?;
        let client = Client::new(&uri, settings.key.as_ref())?;
        Ok(Endpoint { settings, client })
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.settings.base
    }

    async fn ask(&self, texts: &[&str], within: Duration) -> Result<Vec<Vec<f32>>, EmbedError> {
        let request = Request { model: &self.settings.model, input: texts, encoding_format: "float" };
        let body = serde_json::to_vec(&request).map_err(|e| EmbedError::Form(e.to_string()))?;
        let millis = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let answer = tokio::time::timeout(within, self.client.post(body, MOST_BYTES));
        let bytes = answer.await.map_err(|_| EmbedError::Slow(millis))??;
        in_order(&bytes, texts.len())
    }
}

/// The vectors of an answer in the order of the texts. Of what is no number only its place is told: an answer may
/// repeat what was asked.
fn in_order(bytes: &[u8], sent: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
    let answer: Answer = serde_json::from_slice(bytes)
        .map_err(|e| EmbedError::Form(format!("line {}, column {}", e.line(), e.column())))?;
    if answer.data.len() != sent {
        return Err(EmbedError::Count { sent, got: answer.data.len() });
    }
    let mut found: Vec<Option<Vec<f32>>> = vec![None; sent];
    for item in answer.data {
        match found.get_mut(item.index) {
            Some(place) if place.is_none() => *place = Some(item.embedding),
            _ => return Err(EmbedError::Form(format!("index {} is there twice or too large", item.index))),
        }
    }
    // As many as there are places, no place twice: none is empty.
    Ok(found.into_iter().flatten().collect())
}

impl Remote for Endpoint {
    fn identity(&self) -> String {
        format!("endpoint {} {}", self.settings.base.trim_end_matches('/'), self.settings.model)
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> Pending<'a> {
        Box::pin(async move {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            self.ask(&texts, self.settings.timeout).await
        })
    }

    fn embed_question<'a>(&'a self, question: &'a str) -> Pending<'a> {
        Box::pin(async move { self.ask(&[question], self.settings.question_timeout).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        for base in ["https://api.example/v1", "http://127.0.0.1:8000/v1/", "http://[::1]:1"] {
            check_base(base).expect(base);
        }
        for base in ["ftp://a/v1", "api.example/v1", "", "http://", "https://a b/"] {
            assert!(check_base(base).is_err(), "{base:?}");
        }
        assert_eq!(in_the_clear("http://gpu.city.example/v1"), Some("gpu.city.example".into()));
        for base in ["https://gpu.city.example/v1", "http://localhost:1/v1", "http://127.0.0.9/", "http://[::1]:1/"] {
            assert_eq!(in_the_clear(base), None, "{base}");
        }
    }

    #[test]
    fn answers_are_put_in_order() {
        let answer = br#"{"object":"list","data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]}"#;
        assert_eq!(in_order(answer, 2), Ok(vec![vec![1.0], vec![2.0]]));
        assert_eq!(in_order(answer, 3), Err(EmbedError::Count { sent: 3, got: 2 }));
        let twice = br#"{"data":[{"index":0,"embedding":[2]},{"index":0,"embedding":[1]}]}"#;
        assert!(matches!(in_order(twice, 2), Err(EmbedError::Form(_))));
        let words = br#"{"data":[{"index":0,"embedding":["secret"]}]}"#;
        let error = in_order(words, 1).expect_err("refused").to_string();
        assert!(!error.contains("secret") && error.contains("column"), "{error}");
    }
}
