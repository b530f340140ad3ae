//! Audiences: lists of user ids that a narrowcast goes to.
//!
//! <https://developers.line.biz/en/reference/messaging-api/#manage-audience-group>. LINE forbids to find out by them
//! what a single user is like.

use serde::Deserialize;

use super::{Answer, Call, Client, invalid};
use crate::Endpoint;
use crate::failure::Failure;
use crate::message::{is_user_id, units};

/// Most ids of a call.
pub(crate) const MOST_IDS: usize = 10_000;

/// Whether an audience can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudienceStatus {
    /// Being made.
    InProgress,
    /// Yes.
    Ready,
    /// It could not be made.
    Failed,
    /// Too old.
    Expired,
    /// Switched off.
    Inactive,
    /// Being switched on.
    Activating,
}

/// An audience.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audience {
    /// LINE's number of it.
    pub audience_group_id: i64,
    /// Name for the staff.
    pub description: String,
    /// Whether it can be used.
    pub status: AudienceStatus,
    /// How many are in it.
    #[serde(default)]
    pub audience_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    audience_group_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    audience_group: Audience,
}

fn ids(users: &[String]) -> Result<serde_json::Value, Failure> {
    if users.len() > MOST_IDS {
        return Err(invalid("audiences", "a call has at most 10,000 ids"));
    }
    if let Some(at) = users.iter().position(|id| !is_user_id(id)) {
        return Err(invalid(&format!("audiences[{at}].id"), "it is no id of a user"));
    }
    Ok(users.iter().map(|id| serde_json::json!({"id": id})).collect())
}

impl Client {
    /// Makes an audience of up to 10,000 users and gives its number. Not to be repeated in doubt.
    pub async fn create_audience(&self, description: &str, users: &[String]) -> Result<Answer<i64>, Failure> {
        if !(1..=120).contains(&units(description)) || description.contains(|c: char| c.is_control()) {
            return Err(invalid("description", "it has 1 to 120 characters, none of them a control character"));
        }
        let body = serde_json::json!({"description": description, "isIfaAudience": false, "audiences": ids(users)?});
        let Answer { value, request_id } = self.get::<Made>(Call::new(Endpoint::CreateAudience).json(&body)?).await?;
        Ok(Answer { value: value.audience_group_id, request_id })
    }

    /// Adds up to 10,000 users.
    pub async fn add_to_audience(&self, audience: i64, users: &[String]) -> Result<Answer<()>, Failure> {
        let body = serde_json::json!({"audienceGroupId": audience, "audiences": ids(users)?});
        self.act(Call::new(Endpoint::AddToAudience).json(&body)?).await
    }

    /// An audience.
    pub async fn audience(&self, audience: i64) -> Result<Answer<Audience>, Failure> {
        let number = audience.to_string();
        let Answer { value, request_id } = self.get::<Found>(Call::new(Endpoint::GetAudience).part(&number)).await?;
        Ok(Answer { value: value.audience_group, request_id })
    }

    /// Takes an audience away.
    pub async fn delete_audience(&self, audience: i64) -> Result<Answer<()>, Failure> {
        let number = audience.to_string();
        self.act(Call::new(Endpoint::DeleteAudience).part(&number)).await
    }
}
