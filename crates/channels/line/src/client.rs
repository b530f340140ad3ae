//! The client: one method for each call. A call is made once; who repeats it, and when, is the caller's
//! ([`crate::retry`]).

mod account;
mod audience;
mod content;
mod insight;
mod rich_menus;
mod send;
mod token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use calendar::Clock;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use account::{BotInfo, Followers, Profile, Quota, WebhookEndpoint, WebhookTest};
pub use audience::{Audience, AudienceStatus};
pub use content::{Content, Transcoding};
pub use insight::{DayStatistics, Link, Overview, RequestOverview, RequestStatistics, Shown, UnitStatistics};
pub use rich_menus::{Alias, KnownMenu};
pub use send::{Acceptance, Limit, Narrowcast, Phase, Progress, Recipients, SentMessage};
pub use token::Credentials;

use crate::Endpoint;
use crate::endpoint::{Host, encoded};
use crate::failure::Failure;
use crate::http::{Answer as Raw, Lost, Transport, base};
use crate::limits::Limiter;
use crate::message::Invalid;
use token::Tokens;

/// Largest JSON answer that is read: a list of 1,000 rich menus of 20 areas stays below.
const MOST_JSON: usize = 16 << 20;

/// Where LINE is, who we are and how long to wait.
#[derive(Debug)]
pub struct Settings {
    /// `https://api.line.me`, or a simulator.
    pub api: String,
    /// `https://api-data.line.me`, or a simulator.
    pub data: String,
    /// How tokens are had.
    pub credentials: Credentials,
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for an answer, from the first byte sent.
    pub timeout: Duration,
    /// Longest wait for an image, video or sound.
    pub content_timeout: Duration,
}

impl Settings {
    /// LINE's own hosts and times that suit them.
    pub fn new(credentials: Credentials) -> Self {
        Settings {
            api: "https://api.line.me".into(),
            data: "https://api-data.line.me".into(),
            credentials,
            connect: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            content_timeout: Duration::from_secs(120),
        }
    }

    /// The same at one address for both hosts, as the simulator is.
    pub fn at(address: &str, credentials: Credentials) -> Self {
        Settings { api: address.into(), data: address.into(), ..Settings::new(credentials) }
    }
}

/// What a successful call gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// `x-line-request-id`, by which LINE finds the call.
    pub request_id: Option<String>,
}

/// A client for one channel.
pub struct Client {
    settings: Settings,
    transport: Transport,
    tokens: Tokens,
    limiter: Mutex<Limiter>,
    clock: Arc<dyn Clock>,
}

/// A call to be made.
pub(crate) struct Call<'a> {
    endpoint: Endpoint,
    parts: Vec<&'a str>,
    query: Vec<(&'a str, String)>,
    body: Option<(&'static str, Bytes)>,
    key: Option<String>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Call { endpoint, parts: Vec::new(), query: Vec::new(), body: None, key: None }
    }

    /// Fills the next place of the path.
    pub(crate) fn part(mut self, part: &'a str) -> Self {
        self.parts.push(part);
        self
    }

    pub(crate) fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Failure> {
        let bytes = serde_json::to_vec(body).map_err(|e| invalid("body", &e.to_string()))?;
        if bytes.len() > crate::message::MOST_REQUEST_BYTES {
            return Err(invalid("body", "the request has more than 2 MB"));
        }
        self.body = Some(("application/json", bytes.into()));
        Ok(self)
    }

    pub(crate) fn bytes(mut self, media_type: &'static str, bytes: Bytes) -> Self {
        self.body = Some((media_type, bytes));
        self
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
}

pub(crate) fn invalid(place: &str, sentence: &str) -> Failure {
    Failure::Invalid(Invalid { place: place.into(), sentence: sentence.into() })
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    header(headers, "x-line-request-id")
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

impl Client {
    /// Ready to call; nothing is sent yet. The error says what is wrong with the settings.
    pub fn new(settings: Settings, limiter: Limiter, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let settings = Settings { api: base(&settings.api)?, data: base(&settings.data)?, ..settings };
        let transport = Transport::new(settings.connect)?;
        let tokens = Tokens::new(&settings.credentials)?;
        Ok(Client { settings, transport, tokens, limiter: Mutex::new(limiter), clock })
    }

    /// Asks the limiter. A thread that panicked while it held it left a count behind, which is no worse than any.
    fn permit(&self, endpoint: Endpoint) -> Result<(), Failure> {
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.permit(endpoint, self.clock.now()).map_err(Failure::Paced)
    }

    fn request(&self, call: &Call<'_>, token: Option<&HeaderValue>) -> Result<Request<Full<Bytes>>, Failure> {
        let host = match call.endpoint.host() {
            Host::Api => &self.settings.api,
            Host::Data => &self.settings.data,
        };
        let mut address = format!("{host}{}", call.endpoint.path(&call.parts));
        for (i, (name, value)) in call.query.iter().enumerate() {
            address.push(if i == 0 { '?' } else { '&' });
            address.push_str(&format!("{name}={}", encoded(value)));
        }
        let mut request = Request::builder().method(call.endpoint.route().0).uri(address);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        if let Some(key) = &call.key {
            request = request.header("x-line-retry-key", key);
        }
        if let Some((media_type, _)) = &call.body {
            request = request.header(CONTENT_TYPE, *media_type);
        }
        let body = call.body.as_ref().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        request.body(Full::new(body)).map_err(|e| invalid("request", &e.to_string()))
    }

    /// Makes a call with a token. A 401 means that the token ran out or was revoked: nothing was carried out, so the
    /// call is made once more with a new one.
    pub(crate) async fn call(&self, call: &Call<'_>, within: Duration, most: usize) -> Result<Raw, Failure> {
        let no_token = |e| Failure::NoToken(Box::new(e));
        let mut token = self.token(None).await.map_err(no_token)?;
        let mut answer = self.once(call, Some(&token.header), within, most).await?;
        if answer.status == 401 && self.tokens.can_renew() {
            token = self.token(Some(token.number)).await.map_err(no_token)?;
            answer = self.once(call, Some(&token.header), within, most).await?;
        }
        Ok(answer)
    }

    async fn once(
        &self,
        call: &Call<'_>,
        token: Option<&HeaderValue>,
        within: Duration,
        most: usize,
    ) -> Result<Raw, Failure> {
        let request = self.request(call, token)?;
        self.permit(call.endpoint)?;
        self.transport.call(request, within, most).await.map_err(|lost| match lost {
            Lost::NotSent(why) => Failure::NotSent(why),
            Lost::Unsure(why) => Failure::Unsure(why),
            // A success whose body was cut is one; what it said is unknown. Where there is a key, asking again tells.
            Lost::Cut(status, why) if (200..300).contains(&status) && !call.endpoint.takes_retry_key() => {
                Failure::Form(why)
            }
            Lost::Cut(_, why) => Failure::Unsure(why),
        })
    }

    /// The answer to a call if it is a success.
    pub(crate) async fn raw(&self, call: Call<'_>) -> Result<Raw, Failure> {
        let answer = self.call(&call, self.settings.timeout, MOST_JSON).await?;
        success(call.endpoint, answer)
    }

    /// A call that gives JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<Answer<T>, Failure> {
        let answer = self.raw(call).await?;
        Ok(Answer { value: read(&answer.body)?, request_id: request_id(&answer.headers) })
    }

    /// A call that gives nothing.
    pub(crate) async fn act(&self, call: Call<'_>) -> Result<Answer<()>, Failure> {
        let answer = self.raw(call).await?;
        Ok(Answer { value: (), request_id: request_id(&answer.headers) })
    }
}

fn success(endpoint: Endpoint, answer: Raw) -> Result<Raw, Failure> {
    match answer.status {
        200..300 => Ok(answer),
        status => Err(Failure::of_answer(endpoint, status, request_id(&answer.headers), &answer.body)),
    }
}

/// Of what is wrong only its place is told: an answer may hold what people wrote.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|e| Failure::Form(format!("line {}, column {}", e.line(), e.column())))
}
