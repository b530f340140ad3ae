//! The account and its friends: profile, quota, webhook, account link.

use serde::Deserialize;

use super::{Answer, Call, Client, invalid};
use crate::Endpoint;
use crate::failure::Failure;
use crate::message::web_address;

/// What a friend shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Id for this account's provider.
    pub user_id: String,
    /// As the friend calls themselves; it can change at any time and proves nothing.
    pub display_name: String,
    /// BCP 47, where LINE's policy is accepted.
    pub language: Option<String>,
    /// Image.
    pub picture_url: Option<String>,
    /// A sentence.
    pub status_message: Option<String>,
}

/// Ids of friends, in pages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Followers {
    /// At most 1,000.
    pub user_ids: Vec<String>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// The account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BotInfo {
    /// Its own user id; webhooks name it as `destination`.
    pub user_id: String,
    /// `@…` by which it is found.
    pub basic_id: String,
    /// Name.
    pub display_name: String,
}

/// How many messages the month allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Any number, as in the plan for municipalities.
    Unlimited,
    /// So many.
    Limited(u64),
}

#[derive(Deserialize)]
struct RawQuota {
    r#type: String,
    value: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consumption {
    total_usage: u64,
}

/// Where webhooks go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WebhookEndpoint {
    /// Address.
    pub endpoint: String,
    /// Whether they are sent; switched in the console only.
    pub active: bool,
}

/// What came of a test call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTest {
    /// Whether our side answered 200.
    #[serde(default)]
    pub success: bool,
    /// ISO 8601.
    pub timestamp: String,
    /// Our side's status, 0 without one.
    pub status_code: i64,
    /// `OK`, `COULD_NOT_CONNECT`, `REQUEST_TIMEOUT`, `ERROR_STATUS_CODE`, `UNCLASSIFIED`.
    pub reason: String,
    /// In words.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkToken {
    link_token: String,
}

impl Client {
    /// A friend's profile. 404 where the user is no friend, blocks the account, or is not there.
    pub async fn profile(&self, user: &str) -> Result<Answer<Profile>, Failure> {
        self.get(Call::new(Endpoint::Profile).part(user)).await
    }

    /// Ids of the friends, at most `limit` (1,000) from `start` on. Verified accounts only.
    pub async fn followers(&self, start: Option<&str>, limit: u32) -> Result<Answer<Followers>, Failure> {
        let call = Call::new(Endpoint::Followers).query("limit", limit.clamp(1, 1_000).to_string());
        self.get(start.into_iter().fold(call, |call, start| call.query("start", start))).await
    }

    /// The account itself.
    pub async fn bot_info(&self) -> Result<Answer<BotInfo>, Failure> {
        self.get(Call::new(Endpoint::BotInfo)).await
    }

    /// How many messages the month allows.
    pub async fn quota(&self) -> Result<Answer<Quota>, Failure> {
        let Answer { value, request_id } = self.get::<RawQuota>(Call::new(Endpoint::Quota)).await?;
        let value = match (value.r#type.as_str(), value.value) {
            ("none", _) => Quota::Unlimited,
            ("limited", Some(value)) => Quota::Limited(value),
            _ => return Err(Failure::Form("a quota that is neither limited nor not".into())),
        };
        Ok(Answer { value, request_id })
    }

    /// How many messages the month has used; LINE's figure may lag behind.
    pub async fn consumption(&self) -> Result<Answer<u64>, Failure> {
        let Answer { value, request_id } = self.get::<Consumption>(Call::new(Endpoint::Consumption)).await?;
        Ok(Answer { value: value.total_usage, request_id })
    }

    /// Where webhooks go. 404 where none is set.
    pub async fn webhook_endpoint(&self) -> Result<Answer<WebhookEndpoint>, Failure> {
        self.get(Call::new(Endpoint::GetWebhook)).await
    }

    /// Sets where webhooks go: an address by https of at most 500 characters. It may take a minute to hold.
    pub async fn set_webhook_endpoint(&self, address: &str) -> Result<Answer<()>, Failure> {
        // http is for a simulator on the same machine; LINE itself refuses it.
        if !web_address(address, &["https://", "http://127.0.0.1", "http://localhost", "http://[::1]"], 500) {
            return Err(invalid("endpoint", "it must begin with https:// and have at most 500 characters"));
        }
        self.act(Call::new(Endpoint::SetWebhook).json(&serde_json::json!({"endpoint": address}))?).await
    }

    /// Lets LINE call our webhook with no events, at another address if one is given.
    pub async fn test_webhook(&self, address: Option<&str>) -> Result<Answer<WebhookTest>, Failure> {
        let body = address.map_or(serde_json::json!({}), |a| serde_json::json!({"endpoint": a}));
        self.get(Call::new(Endpoint::TestWebhook).json(&body)?).await
    }

    /// A token that begins an account link; it holds for ten minutes and works once.
    pub async fn link_token(&self, user: &str) -> Result<Answer<String>, Failure> {
        let Answer { value, request_id } = self.get::<LinkToken>(Call::new(Endpoint::LinkToken).part(user)).await?;
        Ok(Answer { value: value.link_token, request_id })
    }
}
