//! Channel access tokens: asked for, kept, renewed before they run out.
//!
//! <https://developers.line.biz/en/reference/messaging-api/#channel-access-token>. A short-lived token holds for 30
//! days, and a channel has at most 30 of them: a further one makes the oldest invalid. A stateless one holds for 15
//! minutes, in any number.

use std::time::Duration;

use calendar::Instant;
use hyper::header::HeaderValue;
use serde::Deserialize;
use store::Secret;

use super::{Call, Client, MOST_JSON, read, success};
use crate::Endpoint;
use crate::endpoint::encoded;
use crate::failure::Failure;

/// How tokens are had.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A long-lived token from the console; it is used as it is.
    Fixed(Secret<String>),
    /// Asks for tokens of 30 days.
    ShortLived {
        /// Id of the channel.
        channel_id: String,
        /// Its secret.
        secret: Secret<String>,
    },
    /// Asks for tokens of 15 minutes.
    Stateless {
        /// Id of the channel.
        channel_id: String,
        /// Its secret.
        secret: Secret<String>,
    },
}

/// A token, and the how manyeth it is: who found one invalid says which.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) header: HeaderValue,
    pub(crate) number: u64,
    renew_at: Option<Instant>,
}

pub(crate) struct Tokens {
    fixed: bool,
    held: tokio::sync::Mutex<Option<Held>>,
}

#[derive(Deserialize)]
struct Issued {
    access_token: Secret<String>,
    expires_in: u64,
}

fn bearer(token: &Secret<String>) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
        .map_err(|_| "the token holds characters that no HTTP header may hold".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// A tenth of a token's life, at most a day, is left over when the next one is asked for.
fn renew_at(now: Instant, expires_in: u64) -> Instant {
    let life = Duration::from_secs(expires_in);
    now.plus(life - (life / 10).min(Duration::from_secs(86_400)))
}

impl Tokens {
    pub(crate) fn new(credentials: &Credentials) -> Result<Self, String> {
        let held = match credentials {
            Credentials::Fixed(token) => Some(Held { header: bearer(token)?, number: 0, renew_at: None }),
            Credentials::ShortLived { .. } | Credentials::Stateless { .. } => None,
        };
        Ok(Tokens { fixed: held.is_some(), held: tokio::sync::Mutex::new(held) })
    }

    pub(crate) fn can_renew(&self) -> bool {
        !self.fixed
    }
}

impl Client {
    /// The present token. `bad`: the number of one that was refused; another is asked for unless somebody did so
    /// meanwhile. Whoever comes while one is asked for waits for it instead of asking for a second.
    pub(crate) async fn token(&self, bad: Option<u64>) -> Result<Held, Failure> {
        let mut held = self.tokens.held.lock().await;
        let now = self.clock.now();
        let usable = |h: &Held| bad != Some(h.number) && h.renew_at.is_none_or(|at| now < at);
        let number = match held.as_ref() {
            Some(h) if usable(h) => return Ok(h.clone()),
            Some(h) => h.number + 1,
            None => 1,
        };
        let issued = self.issue().await?;
        let header = bearer(&issued.access_token).map_err(Failure::Form)?;
        let fresh = Held { header, number, renew_at: Some(renew_at(now, issued.expires_in)) };
        *held = Some(fresh.clone());
        Ok(fresh)
    }

    async fn issue(&self) -> Result<Issued, Failure> {
        let (endpoint, channel_id, secret) = match &self.settings.credentials {
            Credentials::ShortLived { channel_id, secret } => (Endpoint::ShortLivedToken, channel_id, secret),
            Credentials::Stateless { channel_id, secret } => (Endpoint::StatelessToken, channel_id, secret),
            Credentials::Fixed(_) => return Err(Failure::Form("a fixed token is not renewed".into())),
        };
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            encoded(channel_id),
            encoded(secret.reveal())
        );
        let call = Call::new(endpoint).bytes("application/x-www-form-urlencoded", form.into());
        let answer = self.once(&call, None, self.settings.timeout, MOST_JSON).await?;
        read(&success(endpoint, answer)?.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewed_before_the_end() {
        let now = Instant::from_millis(0);
        assert_eq!(renew_at(now, 900), Instant::from_millis(810_000));
        assert_eq!(renew_at(now, 30 * 86_400), Instant::from_millis(29 * 86_400_000));
        assert_eq!(renew_at(now, 0), now);
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = || Secret::new("hush".to_owned());
        for credentials in [
            Credentials::Fixed(secret()),
            Credentials::ShortLived { channel_id: "1".into(), secret: secret() },
            Credentials::Stateless { channel_id: "1".into(), secret: secret() },
        ] {
            assert!(!format!("{credentials:?}").contains("hush"));
        }
        let held = Held { header: bearer(&secret()).expect("header"), number: 1, renew_at: None };
        assert!(!format!("{held:?}").contains("hush"));
        assert!(bearer(&Secret::new("a\nb".into())).is_err());
    }
}
