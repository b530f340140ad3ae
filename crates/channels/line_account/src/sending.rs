//! Sends to many, by LINE: what `outreach` hands over becomes a multicast, and what LINE answers what is known of it.

use std::sync::Arc;

use city::Lang;
use line::Failure;
use line::client::{self, Client};
use line::message::flex::Style;
use line::message::{self, Action, Block, Bubble, Container, Message};
use outreach::recipient::Channel;
use outreach::{Outcome, Outgoing, Pace, Pending, Quota, Transport};
use uuid::Uuid;
use words::i18n;

use crate::AccountError;
use crate::postback::Postback;

/// Recipients of a multicast, and how many of them LINE takes in a second
/// (<https://developers.line.biz/en/reference/messaging-api/#rate-limits>).
pub const PACE: Pace = Pace { per_batch: message::MOST_RECIPIENTS, per_second: 200 };

/// LINE as a channel that sends.
#[derive(Clone)]
pub struct Multicast {
    /// LINE's API.
    pub client: Arc<Client>,
}

/// What a recipient sees: title, text, and the button by which they choose what they are told.
pub fn notice(lang: Lang, title: &str, body: &str) -> Message {
    let buttons = [Block::button(
        Action::postback(i18n::message(lang, "line-choices", &[]), Postback::Choices.data()),
        Style::Link,
    )];
    let mut blocks = vec![Block::heading(title)];
    // Addresses in the text of a bubble cannot be tapped, so each gets a button.
    blocks.push(Block::text(body));
    let links = addresses(body)
        .into_iter()
        .take(MOST_LINKS)
        .map(|url| Block::button(Action::uri(i18n::message(lang, "line-open-page", &[]), url), Style::Primary));
    let buttons = links.chain(buttons);
    let alt: String = format!("{title} {body}").chars().take(300).collect();
    Message::flex(alt, Container::Bubble(Bubble::new(blocks, buttons)))
}

/// Most addresses of a text that get a button.
const MOST_LINKS: usize = 3;

/// The addresses of a text, each once, in its order.
fn addresses(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (start, _) in text.match_indices("https://") {
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_graphic()).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', ',', ')']);
        if url.len() > "https://".len() && url.len() <= 1_000 && !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

/// What is known after a call.
fn outcome(failure: Failure) -> Outcome {
    let reason = failure.to_string();
    match failure {
        Failure::Paced(wait) => Outcome::RateLimited { after: Some(wait) },
        Failure::NotSent(_) => Outcome::NotSent,
        Failure::NoToken(inner) => match *inner {
            Failure::Refused(_) | Failure::Invalid(_) => Outcome::Refused { reason },
            _ => Outcome::NotSent,
        },
        Failure::RateLimited(_) => Outcome::RateLimited { after: None },
        Failure::QuotaUsedUp(_) => Outcome::QuotaUsedUp,
        Failure::TooManyConcurrent(_) => Outcome::TooManyConcurrent,
        Failure::Unsure(_) => Outcome::Unsure,
        Failure::Server(_) => Outcome::Server,
        Failure::Invalid(_) | Failure::Refused(_) => Outcome::Refused { reason },
        // LINE took it; only its answer cannot be read.
        Failure::Form(_) => Outcome::Accepted { request_id: None },
    }
}

impl Transport for Multicast {
    fn channel(&self) -> Channel {
        Channel::Line
    }

    fn send<'a>(&'a self, batch: &'a Outgoing) -> Pending<'a, Outcome> {
        Box::pin(async move {
            let Ok(key) = Uuid::parse_str(&batch.retry_key) else {
                return Outcome::Refused { reason: "the retry key is no UUID".into() };
            };
            let to: Vec<String> = batch.to.iter().map(|a| a.reveal_to_channel().to_owned()).collect();
            let messages = [notice(batch.lang, &batch.title, &batch.body)];
            match self.client.multicast(&to, &messages, None, key).await {
                Ok(accepted) if accepted.before => Outcome::AlreadyAccepted { request_id: accepted.accepted_id },
                Ok(accepted) => Outcome::Accepted { request_id: accepted.request_id },
                Err(failure) => outcome(failure),
            }
        })
    }
}

/// What LINE lets the city send in this month, and how much of it is used. `reserve`: kept for what is urgent.
pub async fn quota(client: &Client, reserve: i64) -> Result<Quota, AccountError> {
    let limit = match client.quota().await?.value {
        client::Quota::Unlimited => None,
        client::Quota::Limited(most) => Some(i64::try_from(most).unwrap_or(i64::MAX)),
    };
    let used = i64::try_from(client.consumption().await?.value).unwrap_or(i64::MAX);
    Ok(Quota { limit, used, reserve, bound: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_text_get_buttons() {
        let body = "くわしくは https://city.example/a?b=1、または（https://city.example/c）。https://city.example/a?b=1 https://";
        assert_eq!(addresses(body), ["https://city.example/a?b=1", "https://city.example/c"]);
        let message = notice(Lang::Ja, "断水", body);
        message::check(std::slice::from_ref(&message)).expect("LINE takes it");
        let longest = notice(Lang::Ja, &"題".repeat(100), &"文".repeat(2_000));
        message::check(&[longest]).expect("LINE takes the longest");
    }
}
