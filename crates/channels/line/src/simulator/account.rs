//! Tokens, profile, quota, webhook setting, account link, what users sent.

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::reply::Reply;
use super::state::{Asked, LINK_TOKEN, SHORT_LIVED, STATELESS, State};
use super::users::id_text;
use crate::Endpoint;
use crate::endpoint::form;

impl State {
    pub(crate) fn issue_token(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let fields = form(&String::from_utf8_lossy(&asked.body));
        let field = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
        let refuse = |error: &str, why: &str| Reply::json(400, &json!({"error": error, "error_description": why}));
        if field("grant_type") != "client_credentials" {
            return Err(refuse("unsupported_grant_type", "grant_type must be client_credentials"));
        }
        if !field("client_assertion").is_empty() {
            return Err(refuse("invalid_request", "the simulator takes client_secret only"));
        }
        if field("client_id") != self.channel_id || field("client_secret") != self.secret.reveal() {
            return Err(refuse("invalid_client", "invalid client_id or client_secret"));
        }
        let life = if asked.endpoint == Endpoint::StatelessToken { STATELESS } else { SHORT_LIVED };
        let (token, until) = (self.token(), self.now().plus(life));
        self.tokens.insert(token.clone(), Some(until));
        let body = json!({"access_token": token, "expires_in": life.as_secs(), "token_type": "Bearer"});
        Ok(Reply::json(200, &body))
    }

    pub(crate) fn account(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let body = match asked.endpoint {
            Endpoint::Quota => match self.quota {
                Some(value) => json!({"type": "limited", "value": value}),
                None => json!({"type": "none"}),
            },
            Endpoint::Consumption => json!({"totalUsage": self.consumption()}),
            Endpoint::BotInfo => json!({
                "userId": id_text(self.bot), "basicId": "@simulated", "displayName": "Simulator",
                "chatMode": "bot", "markAsReadMode": "auto",
            }),
            Endpoint::Followers => return self.followers(asked),
            Endpoint::LinkToken => {
                let user = self.users.find(asked.part(0)).ok_or_else(Reply::not_found)?;
                let (token, until) = (self.token(), self.now().plus(LINK_TOKEN));
                self.link_tokens.insert(token.clone(), (user, until));
                json!({"linkToken": token})
            }
            _ => {
                let user = self.users.find(asked.part(0)).ok_or_else(Reply::not_found)?;
                if !self.users.at(user).reachable() {
                    return Err(Reply::not_found());
                }
                let shown = self.users.profiles.get(&user);
                let mut body = json!({"userId": asked.part(0), "displayName": shown.map_or("", |p| &p.name)});
                if let Some(language) = shown.and_then(|p| p.language.as_ref()) {
                    body["language"] = language.clone().into();
                }
                body
            }
        };
        Ok(Reply::json(200, &body))
    }

    fn followers(&self, asked: &Asked) -> Result<Reply, Reply> {
        let limit = asked.parameter("limit").map_or(Ok(300), str::parse::<usize>);
        let limit = limit.ok().filter(|n| (1..=1_000).contains(n)).ok_or_else(|| Reply::wrong_parameter("limit"))?;
        let start = asked.parameter("start").map_or(Ok(0), str::parse::<u32>);
        let start = start.map_err(|_| Reply::wrong_parameter("start"))?;
        let mut rest = self.users.reachable().filter(|place| *place >= start);
        let page: Vec<Value> = rest.by_ref().take(limit).map(|u| id_text(self.users.at(u).id).into()).collect();
        let mut body = json!({"userIds": page});
        if let Some(next) = rest.next() {
            body["next"] = next.to_string().into();
        }
        Ok(Reply::json(200, &body))
    }

    pub(crate) fn webhook_setting(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        if asked.endpoint == Endpoint::GetWebhook {
            let endpoint = self.webhook.as_ref().ok_or_else(Reply::not_found)?;
            return Ok(Reply::json(200, &json!({"endpoint": endpoint, "active": true})));
        }
        let body = asked.json()?;
        let address = body["endpoint"].as_str().unwrap_or_default();
        // LINE takes https only; a simulator calls a server on the same machine.
        let good = (address.starts_with("https://") || address.starts_with("http://")) && address.len() <= 500;
        if !good || address.parse::<hyper::Uri>().is_err() {
            return Err(Reply::error(400, "Invalid webhook endpoint URL"));
        }
        self.webhook = Some(address.to_owned());
        Ok(Reply::done(200))
    }

    pub(crate) fn content(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let id: u64 = asked.part(0).parse().map_err(|_| Reply::not_found())?;
        let now = self.now();
        let stored = self.content.get_mut(&id).ok_or_else(Reply::not_found)?;
        if now >= stored.until {
            // Gone is gone; only that it was there is still known.
            stored.bytes = Bytes::new();
            return Err(Reply::error(410, "Gone"));
        }
        let ready = now >= stored.ready;
        Ok(match asked.endpoint {
            Endpoint::Transcoding if ready => Reply::json(200, &json!({"status": "succeeded"})),
            Endpoint::Transcoding => Reply::json(200, &json!({"status": "processing"})),
            _ if ready => Reply::bytes(&stored.media_type, stored.bytes.clone()),
            _ => Reply::done(202),
        })
    }
}
