//! Messages that are sent: who gets them, what they cost, what is answered.

use std::collections::{HashMap, HashSet};

use calendar::{DateTime, Instant};
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::messages;
use super::keys::Used;
use super::ledger::Note;
use super::reply::Reply;
use super::state::{Asked, Chat, State};
use super::users::id_number;
use crate::Endpoint;

/// A narrowcast that was accepted.
struct Narrowcast {
    accepted: Instant,
    done: Instant,
    reached: usize,
    /// LINE's number of what went wrong.
    error: Option<i64>,
}

/// Narrowcasts by request id.
#[derive(Default)]
pub(crate) struct Narrowcasts(HashMap<u128, Narrowcast>);

/// What is common to all ways of sending.
struct Sending<'a> {
    asked: &'a Asked,
    messages: &'a [Value],
    unit: Option<&'a str>,
    key: Option<u128>,
    /// Whether it counts against the month's messages.
    counts: bool,
}

/// `2026-11-28T01:02:03.004Z`
pub(crate) fn iso(at: Instant) -> String {
    let utc: DateTime = Instant::from_millis(at.millis() - 9 * 3_600_000).jst();
    let millis = at.millis().rem_euclid(1_000);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{millis:03}Z",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    )
}

fn unit(body: &Value) -> Result<Option<&str>, Reply> {
    let units = match &body["customAggregationUnits"] {
        Value::Null => return Ok(None),
        Value::Array(units) => units,
        _ => return Err(Reply::wrong_property("customAggregationUnits")),
    };
    match units.as_slice() {
        [] => Ok(None),
        [Value::String(name)] if crate::message::check_unit(name).is_ok() => Ok(Some(name)),
        [_] => Err(Reply::wrong_property("customAggregationUnits[0]")),
        _ => Err(Reply::wrong("customAggregationUnits", "Size must be between 0 and 1")),
    }
}

fn wanted_text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Reply> {
    body[name].as_str().filter(|t| !t.is_empty()).ok_or_else(|| Reply::wrong(name, "May not be empty"))
}

impl State {
    fn month(&self) -> i32 {
        let date = self.now().jst_date();
        i32::from(date.year()) * 12 + i32::from(date.month())
    }

    /// Messages of the present month that counted.
    pub(crate) fn consumption(&self) -> u64 {
        self.used.get(&self.month()).copied().unwrap_or(0)
    }

    /// Carries a sending out: all of it, or nothing where the month has not enough left. Who is no friend or blocks
    /// the account gets nothing and costs nothing.
    fn dispatch(&mut self, sending: &Sending<'_>, to: Vec<u32>) -> Result<u32, Reply> {
        let to: Vec<u32> = to.into_iter().filter(|user| self.users.at(*user).reachable()).collect();
        let now = self.now();
        if sending.counts {
            let used = self.consumption() + to.len() as u64;
            if self.quota.is_some_and(|quota| used > quota) {
                return Err(Reply::quota_used_up());
            }
            self.used.insert(self.month(), used);
        }
        if let Some(unit) = sending.unit {
            self.units.used(unit, now);
        }
        let note = Note {
            request_id: sending.asked.request_id,
            endpoint: sending.asked.endpoint,
            at: now,
            messages: sending.messages,
            key: sending.key,
            unit: sending.unit,
        };
        let place = self.ledger.deliver(&note, &mut self.users, to.into_iter());
        if let Some(key) = sending.key {
            self.keys.accept(key, sending.asked.request_id, Some(place), &sending.asked.body, now);
        }
        Ok(place)
    }

    fn sent(&self, place: u32) -> Value {
        let received = self.ledger.received(place);
        let one = |id: &String| json!({"id": id, "quoteToken": format!("q{id}")});
        received.message_ids.iter().map(one).collect()
    }

    /// 409: an earlier request with the key was accepted.
    pub(crate) fn already_accepted(&self, endpoint: Endpoint, used: Used) -> Reply {
        let mut body = json!({"message": "The retry key is already accepted"});
        if let (Endpoint::Push, Some(place)) = (endpoint, used.dispatch) {
            body["sentMessages"] = self.sent(place);
        }
        Reply { accepted: Some(used.request_id), ..Reply::json(409, &body) }
    }

    pub(crate) fn reply(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let token = wanted_text(&body, "replyToken")?;
        let messages = messages(&body)?;
        let now = self.now();
        let (chat, until) = self.reply_tokens.remove(token).ok_or_else(|| Reply::error(400, "Invalid reply token"))?;
        if now >= until {
            return Err(Reply::error(400, "Invalid reply token"));
        }
        let to = match chat {
            Chat::User(user) => vec![user],
            Chat::Group(group) => self.groups.get(&group).cloned().unwrap_or_default(),
        };
        let sending = Sending { asked, messages, unit: None, key: None, counts: false };
        let place = self.dispatch(&sending, to)?;
        Ok(Reply::json(200, &json!({"sentMessages": self.sent(place)})))
    }

    pub(crate) fn push(&mut self, asked: &Asked, key: Option<u128>) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let to = wanted_text(&body, "to")?;
        let group = to.strip_prefix('C').and_then(|rest| id_number(&format!("U{rest}")));
        let sending = Sending { asked, messages: messages(&body)?, unit: unit(&body)?, key, counts: true };
        let failed = || Reply::error(400, "Failed to send messages");
        let to = match group {
            Some(group) => self.groups.get(&group).cloned().ok_or_else(failed)?,
            None if id_number(to).is_none() => return Err(Reply::wrong_property("to")),
            None => vec![self.users.find(to).ok_or_else(failed)?],
        };
        let place = self.dispatch(&sending, to)?;
        Ok(Reply::json(200, &json!({"sentMessages": self.sent(place)})))
    }

    pub(crate) fn multicast(&mut self, asked: &Asked, key: Option<u128>) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let list = body["to"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !(1..=500).contains(&list.len()) {
            return Err(Reply::wrong("to", "Size must be between 1 and 500"));
        }
        let sending = Sending { asked, messages: messages(&body)?, unit: unit(&body)?, key, counts: true };
        let mut seen = HashSet::with_capacity(list.len());
        let mut to = Vec::with_capacity(list.len());
        for (i, id) in list.iter().enumerate() {
            let number = id.as_str().and_then(id_number).ok_or_else(|| Reply::wrong_property(&format!("to[{i}]")))?;
            // Who is not there is passed over in silence; who is there twice gets it once.
            if let (true, Some(user)) = (seen.insert(number), id.as_str().and_then(|id| self.users.find(id))) {
                to.push(user);
            }
        }
        self.dispatch(&sending, to)?;
        Ok(Reply::done(200))
    }

    pub(crate) fn broadcast(&mut self, asked: &Asked, key: Option<u128>) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let sending = Sending { asked, messages: messages(&body)?, unit: None, key, counts: true };
        let to = self.users.reachable().collect();
        self.dispatch(&sending, to)?;
        Ok(Reply::done(200))
    }

    pub(crate) fn narrowcast(&mut self, asked: &Asked, key: Option<u128>) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let sending = Sending { asked, messages: messages(&body)?, unit: None, key, counts: true };
        if !body["filter"].is_null() {
            return Err(Reply::error(400, "The simulator knows nobody's attributes: leave filter out"));
        }
        let (mut to, too_small) = match &body["recipient"] {
            Value::Null => (self.users.reachable().collect(), false),
            recipient => self.members(recipient, 0)?,
        };
        to.retain(|user| self.users.at(*user).reachable());
        if let Some(max) = body["limit"]["max"].as_u64() {
            to.truncate(usize::try_from(max).unwrap_or(usize::MAX));
        }
        if body["limit"]["upToRemainingQuota"] == true {
            let left = self.quota.map_or(u64::MAX, |quota| quota.saturating_sub(self.consumption()));
            to.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let error = match (too_small, to.is_empty()) {
            (true, _) => Some(4),
            (false, true) => Some(2),
            (false, false) => None,
        };
        let (now, reached) = (self.now(), if error.is_none() { to.len() } else { 0 });
        if error.is_none() {
            self.dispatch(&sending, to)?;
        } else if let Some(key) = key {
            self.keys.accept(key, asked.request_id, None, &asked.body, now);
        }
        let done = now.plus(self.narrowcast_time);
        self.narrowcasts.0.insert(asked.request_id, Narrowcast { accepted: now, done, reached, error });
        Ok(Reply::done(202))
    }

    /// Whom a description of recipients means, and whether it names an audience that is too small.
    fn members(&self, recipient: &Value, depth: usize) -> Result<(Vec<u32>, bool), Reply> {
        let wrong = || Reply::wrong_property("recipient");
        if depth > 10 {
            return Err(wrong());
        }
        if recipient["type"] == "audience" {
            let id = recipient["audienceGroupId"].as_i64().ok_or_else(wrong)?;
            let members = self.audiences.members(id).ok_or_else(wrong)?;
            return Ok((members.to_vec(), members.len() < self.least_audience));
        }
        if recipient["type"] != "operator" {
            return Err(wrong());
        }
        let mut small = false;
        let mut each = |list: &Value| -> Result<Vec<HashSet<u32>>, Reply> {
            let mut sets = Vec::new();
            for part in list.as_array().filter(|l| !l.is_empty()).ok_or_else(wrong)? {
                let (members, too_small) = self.members(part, depth + 1)?;
                small |= too_small;
                sets.push(members.into_iter().collect());
            }
            Ok(sets)
        };
        let mut members: Vec<u32> = if !recipient["and"].is_null() {
            let mut sets = each(&recipient["and"])?.into_iter();
            let first = sets.next().unwrap_or_default();
            sets.fold(first, |all, set| all.intersection(&set).copied().collect()).into_iter().collect()
        } else if !recipient["or"].is_null() {
            let all: HashSet<u32> = each(&recipient["or"])?.into_iter().flatten().collect();
            all.into_iter().collect()
        } else {
            let (out, too_small) = self.members(&recipient["not"], depth + 1)?;
            small |= too_small;
            let out: HashSet<u32> = out.into_iter().collect();
            self.users.reachable().filter(|user| !out.contains(user)).collect()
        };
        // The order of a set differs from run to run.
        members.sort_unstable();
        Ok((members, small))
    }

    pub(crate) fn narrowcast_progress(&self, asked: &Asked) -> Result<Reply, Reply> {
        let id = asked.parameter("requestId").ok_or_else(|| Reply::wrong_parameter("requestId"))?;
        let id = Uuid::try_parse(id).map_err(|_| Reply::not_found())?;
        let found = self.narrowcasts.0.get(&id.as_u128()).ok_or_else(Reply::not_found)?;
        let mut body = json!({"phase": "sending", "acceptedTime": iso(found.accepted)});
        if self.now() >= found.done {
            body["completedTime"] = iso(found.done).into();
            match found.error {
                Some(code) => {
                    body["phase"] = "failed".into();
                    body["errorCode"] = code.into();
                    body["failedDescription"] = "There are too few recipients".into();
                }
                None => {
                    body["phase"] = "succeeded".into();
                    body["successCount"] = found.reached.into();
                    body["failureCount"] = 0.into();
                    body["targetCount"] = found.reached.into();
                }
            }
        }
        Ok(Reply::json(200, &body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        assert_eq!(iso(Instant::from_millis(1_606_990_530_121)), "2020-12-03T10:15:30.121Z");
    }
}
