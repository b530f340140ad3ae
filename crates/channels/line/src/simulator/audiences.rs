//! Audiences made from user ids. Members who are not there are kept out, as LINE counts only friends.

use std::collections::BTreeMap;

use calendar::Instant;
use serde_json::{Value, json};

use super::reply::Reply;
use super::state::{Asked, State};
use super::users::id_number;
use crate::Endpoint;

struct Audience {
    description: String,
    created: Instant,
    members: Vec<u32>,
}

#[derive(Default)]
pub(crate) struct Audiences {
    by_id: BTreeMap<i64, Audience>,
    made: i64,
}

/// The first number; LINE's have 13 digits.
const FIRST: i64 = 1_000_000_000_000;

impl Audiences {
    pub(crate) fn members(&self, id: i64) -> Option<&[u32]> {
        self.by_id.get(&id).map(|a| a.members.as_slice())
    }
}

impl State {
    pub(crate) fn audience(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let now = self.now();
        match asked.endpoint {
            Endpoint::CreateAudience => {
                let body = asked.json()?;
                let description = body["description"].as_str().unwrap_or_default();
                if !(1..=120).contains(&description.encode_utf16().count()) {
                    return Err(Reply::wrong("description", "AUDIENCE_GROUP_NAME_WRONG"));
                }
                let members = self.known(&body)?;
                self.audiences.made += 1;
                let id = FIRST + self.audiences.made;
                let answer = json!({
                    "audienceGroupId": id, "createRoute": "MESSAGING_API", "type": "UPLOAD", "description": description,
                    "created": now.millis() / 1_000, "permission": "READ_WRITE", "isIfaAudience": false,
                    // LINE keeps an audience for 180 days.
                    "expireTimestamp": now.millis() / 1_000 + 180 * 86_400,
                });
                let audience = Audience { description: description.to_owned(), created: now, members };
                self.audiences.by_id.insert(id, audience);
                Ok(Reply::json(202, &answer))
            }
            Endpoint::AddToAudience => {
                let body = asked.json()?;
                let more = self.known(&body)?;
                let id = body["audienceGroupId"].as_i64().unwrap_or_default();
                let audience = self.audiences.by_id.get_mut(&id).ok_or_else(missing)?;
                audience.members.extend(more);
                audience.members.sort_unstable();
                audience.members.dedup();
                Ok(Reply::done(202))
            }
            endpoint => {
                let id: i64 = asked.part(0).parse().map_err(|_| Reply::wrong_parameter("audienceGroupId"))?;
                if endpoint == Endpoint::DeleteAudience {
                    self.audiences.by_id.remove(&id).ok_or_else(missing)?;
                    return Ok(Reply::done(200));
                }
                let found = self.audiences.by_id.get(&id).ok_or_else(missing)?;
                let group = json!({
                    "audienceGroupId": id, "type": "UPLOAD", "description": found.description, "status": "READY",
                    "audienceCount": found.members.len(), "created": found.created.millis() / 1_000,
                    "isIfaAudience": false, "permission": "READ_WRITE", "createRoute": "MESSAGING_API",
                });
                Ok(Reply::json(200, &json!({"audienceGroup": group, "jobs": []})))
            }
        }
    }

    fn known(&self, body: &Value) -> Result<Vec<u32>, Reply> {
        let list = body["audiences"].as_array().map(Vec::as_slice).unwrap_or_default();
        let wrong = |why: &str| Reply::wrong("audiences", why);
        if list.len() > 10_000 {
            return Err(wrong("UPLOAD_AUDIENCE_GROUP_TOO_MANY_IDS"));
        }
        let mut members = Vec::with_capacity(list.len());
        for one in list {
            let id = one["id"].as_str().unwrap_or_default();
            id_number(id).ok_or_else(|| wrong("UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT"))?;
            members.extend(self.users.find(id).filter(|user| self.users.at(*user).friend));
        }
        members.sort_unstable();
        members.dedup();
        Ok(members)
    }
}

fn missing() -> Reply {
    Reply::wrong("audienceGroupId", "AUDIENCE_GROUP_NOT_FOUND")
}
