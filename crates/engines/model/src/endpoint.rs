//! A language model behind an OpenAI-compatible address: `POST {base}/chat/completions`.
//!
//! Whatever is sent leaves the house. Nothing of it is logged here, and a redirection is not followed: texts go where
//! the configuration says and nowhere else.
//!
//! Form of request, answer and stream: <https://platform.openai.com/docs/api-reference/chat>.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chat::{Chat, Finish, Message, ModelError, Pending, Reply, Request};
use crate::client::{self, Client};

/// Longest answer that is read, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// What opens the service. It has no `Display`, and its `Debug` tells nothing.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// Takes it in.
    pub fn new(key: String) -> Self {
        Key(key)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Where and how.
#[derive(Debug)]
pub struct Settings {
    /// Address before `/chat/completions`, http or https.
    pub base: String,
    /// Name of the model, as the service knows it.
    pub model: String,
    /// Sent as bearer token.
    pub key: Option<Key>,
    /// Longest wait for a whole reply, streamed or not.
    pub timeout: Duration,
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
struct Sent<'a> {
    model: &'a str,
    messages: &'a [Message],
    temperature: f32,
    max_tokens: u32,
    stream: bool,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    /// A whole reply.
    message: Option<Said>,
    /// A piece of a stream.
    delta: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

/// Of what cannot be read only its place is told: an answer may repeat what was asked.
fn read(bytes: &[u8]) -> Result<Answer, ModelError> {
    serde_json::from_slice(bytes).map_err(|e| ModelError::Form(format!("line {}, column {}", e.line(), e.column())))
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        _ => Finish::Other,
    }
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

    fn body(&self, request: &Request, stream: bool) -> Result<Vec<u8>, ModelError> {
        let sent = Sent {
            model: &self.settings.model,
            messages: &request.messages,
            temperature: request.temperature,
            max_tokens: request.max_tokens,
            stream,
        };
        serde_json::to_vec(&sent).map_err(|_| ModelError::Form("the request cannot be written".into()))
    }

    async fn whole(&self, request: &Request) -> Result<Reply, ModelError> {
        let body = self.client.post(self.body(request, false)?, MOST_BYTES).await?;
        let answer = read(&body.whole().await?)?;
        let choice = answer.choices.into_iter().next().ok_or_else(|| ModelError::Form("no choice".into()))?;
        let text = choice.message.and_then(|m| m.content).ok_or_else(|| ModelError::Form("no content".into()))?;
        Ok(reply(text, answer.usage, finish(choice.finish_reason.as_deref())))
    }

    async fn pieces(&self, request: &Request, piece: &mut (dyn FnMut(&str) + Send)) -> Result<Reply, ModelError> {
        let mut body = self.client.post(self.body(request, true)?, MOST_BYTES).await?;
        let mut lines = Lines::default();
        let (mut text, mut usage, mut end) = (String::new(), None, None);
        while let Some(bytes) = body.next().await? {
            for line in lines.push(&bytes) {
                let Some(data) = line.strip_prefix(b"data:") else { continue };
                let data = data.trim_ascii();
                if data == b"[DONE]" {
                    return Ok(reply(text, usage, end.unwrap_or(Finish::Other)));
                }
                let part = read(data)?;
                usage = part.usage.or(usage);
                // The last piece of some services has no choice and only counts tokens.
                let Some(choice) = part.choices.into_iter().next() else { continue };
                if let Some(said) = choice.delta.and_then(|d| d.content).filter(|said| !said.is_empty()) {
                    piece(&said);
                    text.push_str(&said);
                }
                if let Some(reason) = &choice.finish_reason {
                    end = Some(finish(Some(reason)));
                }
            }
        }
        // A stream says that it is done; one that just ends was cut.
        Err(ModelError::Cut)
    }

    async fn in_time(
        &self,
        reply: impl Future<Output = Result<Reply, ModelError>> + Send,
    ) -> Result<Reply, ModelError> {
        let within = self.settings.timeout;
        let millis = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        tokio::time::timeout(within, reply).await.map_err(|_| ModelError::Slow(millis))?
    }
}

fn reply(text: String, usage: Option<Usage>, finish: Finish) -> Reply {
    let tokens_in = usage.and_then(|u| u.prompt_tokens);
    let tokens_out = usage.and_then(|u| u.completion_tokens);
    Reply { text, tokens_in, tokens_out, finish }
}

/// Lines of a stream of bytes. A line is read as text only when it is whole, so a character may be parted anywhere.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The lines that these bytes complete, without their ends.
    fn push(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.rest.extend_from_slice(bytes);
        let mut lines = Vec::new();
        while let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
            let mut line: Vec<u8> = self.rest.drain(..=end).collect();
            line.truncate(line.trim_ascii_end().len());
            lines.push(line);
        }
        lines
    }
}

impl Chat for Endpoint {
    fn identity(&self) -> String {
        format!("endpoint {} {}", self.settings.base.trim_end_matches('/'), self.settings.model)
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Pending<'a> {
        Box::pin(self.in_time(self.whole(request)))
    }

    fn stream<'a>(&'a self, request: &'a Request, piece: &'a mut (dyn FnMut(&str) + Send)) -> Pending<'a> {
        Box::pin(self.in_time(self.pieces(request, piece)))
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
        for base in ["ftp://a/v1", "api.example/v1", "", "http://", "https://a b/", "https://me:key@api.example/"] {
            assert!(check_base(base).is_err(), "{base:?}");
        }
        assert_eq!(in_the_clear("http://gpu.city.example/v1"), Some("gpu.city.example".into()));
        assert_eq!(in_the_clear("http://127.0.0.9/"), None);
    }

    #[test]
    fn a_key_is_not_shown() {
        let settings = Settings {
            base: "https://api.example/v1".into(),
            model: "m".into(),
            key: Some(Key::new("sk-secret".into())),
            timeout: Duration::from_secs(1),
        };
        assert!(!format!("{settings:?}").contains("secret"));
    }

    #[test]
    fn lines_may_be_parted_anywhere() {
        let text = "data: {\"a\":\"手続き\"}\r\n\r\ndata: [DONE]\n".as_bytes();
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let got: Vec<Vec<u8>> = text.chunks(size).flat_map(|chunk| lines.push(chunk)).collect();
            assert_eq!(got, ["data: {\"a\":\"手続き\"}".as_bytes(), b"", b"data: [DONE]"]);
        }
    }
}
