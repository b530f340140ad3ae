//! Statistics: what was sent on a day, what was seen and tapped of a unit, or of a broadcast or narrowcast.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use calendar::{Date, Instant};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::Dispatch;
use super::reply::Reply;
use super::state::{Asked, State};
use crate::Endpoint;

/// What people saw and tapped.
#[derive(Default)]
struct Reach {
    seen: HashSet<u32>,
    /// By place of the message, from 1: times, people.
    shown: BTreeMap<u32, (u64, HashSet<u32>)>,
    tapped: HashSet<u32>,
    /// By place and address: times, people.
    links: BTreeMap<(u32, String), (u64, HashSet<u32>)>,
}

#[derive(Default)]
pub(crate) struct Units {
    by_name: BTreeMap<String, Reach>,
    /// Of broadcasts and narrowcasts, by their place in the ledger.
    by_request: BTreeMap<u32, Reach>,
    /// Year, month, name.
    used: BTreeSet<(i16, i8, String)>,
}

impl Units {
    /// Notes that something was sent under a unit.
    pub(crate) fn used(&mut self, name: &str, now: Instant) {
        let date = now.jst_date();
        if !self.used.contains(&(date.year(), date.month(), name.to_owned())) {
            self.used.insert((date.year(), date.month(), name.to_owned()));
        }
        if !self.by_name.contains_key(name) {
            self.by_name.insert(name.to_owned(), Reach::default());
        }
    }
}

impl Units {
    /// Where what becomes of a request is counted, if it is: LINE counts broadcasts and narrowcasts for themselves,
    /// pushes and multicasts only in a unit.
    fn of(&mut self, dispatch: &Dispatch, place: u32) -> Option<&mut Reach> {
        match (&dispatch.unit, dispatch.endpoint) {
            (Some(unit), _) => self.by_name.get_mut(unit.as_ref()),
            (None, Endpoint::Broadcast | Endpoint::Narrowcast) => Some(self.by_request.entry(place).or_default()),
            (None, _) => None,
        }
    }
}

fn day(asked: &Asked, name: &str) -> Result<Date, Reply> {
    let text = asked.parameter(name).unwrap_or_default();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<i16>().ok());
    let date = (text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())).then(|| {
        let (month, day) = (i8::try_from(part(4, 6)?).ok()?, i8::try_from(part(6, 8)?).ok()?);
        Date::new(part(0, 4)?, month, day).ok()
    });
    date.flatten().ok_or_else(|| Reply::wrong_parameter(name))
}

impl State {
    pub(crate) fn insight(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let today = self.now().jst_date();
        let body = match asked.endpoint {
            Endpoint::UnitUsage => {
                let now = (today.year(), today.month());
                let count = self.units.used.iter().filter(|(year, month, _)| (*year, *month) == now).count();
                json!({"numOfCustomAggregationUnits": count})
            }
            Endpoint::DeliveryStatistics => {
                let date = day(asked, "date")?;
                if date >= today { json!({"status": "unready"}) } else { self.day_statistics(date) }
            }
            Endpoint::RequestStatistics => return self.request_statistics(asked),
            _ => {
                let (from, to) = (day(asked, "from")?, day(asked, "to")?);
                let apart = from.until(to).map(|span| span.get_days()).unwrap_or(i32::MAX);
                if !(0..=30).contains(&apart) {
                    return Err(Reply::wrong_parameter("to"));
                }
                let name = asked.parameter("customAggregationUnit").unwrap_or_default();
                self.unit_statistics(name)
            }
        };
        Ok(Reply::json(200, &body))
    }

    fn day_statistics(&self, date: Date) -> Value {
        let mut body = json!({"status": "ready", "broadcast": 0, "targeting": 0});
        let kinds = [
            (Endpoint::Broadcast, "apiBroadcast"),
            (Endpoint::Push, "apiPush"),
            (Endpoint::Multicast, "apiMulticast"),
            (Endpoint::Narrowcast, "apiNarrowcast"),
            (Endpoint::Reply, "apiReply"),
        ];
        for (endpoint, name) in kinds {
            let of_day = self.ledger.dispatches.iter().filter(|d| d.endpoint == endpoint && d.at.jst_date() == date);
            body[name] = of_day.map(|d| u64::from(d.recipients)).sum::<u64>().into();
        }
        body
    }

    /// Below the least number of people nothing is told, neither people nor times.
    fn told(&self, people: usize, value: u64) -> Value {
        if people as u64 >= self.least_statistics { value.into() } else { Value::Null }
    }

    fn unit_statistics(&self, name: &str) -> Value {
        let nothing = Reach::default();
        self.figures(self.units.by_name.get(name).unwrap_or(&nothing))
    }

    fn request_statistics(&self, asked: &Asked) -> Result<Reply, Reply> {
        let id = asked.parameter("requestId").and_then(|id| Uuid::try_parse(id).ok()).map(|id| id.as_u128());
        let counted = |d: &Dispatch| matches!(d.endpoint, Endpoint::Broadcast | Endpoint::Narrowcast);
        let find = |id| self.ledger.dispatches.iter().position(|d| d.request_id == id && counted(d));
        let at = id.and_then(find).ok_or_else(|| Reply::wrong_parameter("requestId"))?;
        let dispatch = &self.ledger.dispatches[at];
        let nothing = Reach::default();
        let reach = u32::try_from(at).ok().and_then(|place| self.units.by_request.get(&place)).unwrap_or(&nothing);
        let mut body = self.figures(reach);
        body["overview"]["requestId"] = Uuid::from_u128(dispatch.request_id).to_string().into();
        body["overview"]["timestamp"] = (dispatch.at.millis() / 1_000).into();
        body["overview"]["delivered"] = dispatch.recipients.into();
        // Unlike in a unit, the people of each message are not told.
        for message in body["messages"].as_array_mut().into_iter().flatten() {
            message.as_object_mut().map(|m| m.remove("uniqueImpression"));
        }
        Ok(Reply::json(200, &body))
    }

    fn figures(&self, reach: &Reach) -> Value {
        let people = |set: &HashSet<u32>| self.told(set.len(), set.len() as u64);
        let media = |mut value: Value| {
            for name in ["", "25Percent", "50Percent", "75Percent", "100Percent"] {
                value[format!("mediaPlayed{name}")] = Value::Null;
                value[format!("uniqueMediaPlayed{name}")] = Value::Null;
            }
            value
        };
        let message = |(seq, (times, by)): (&u32, &(u64, HashSet<u32>))| {
            media(json!({"seq": seq, "impression": self.told(by.len(), *times), "uniqueImpression": people(by)}))
        };
        let link = |((seq, url), (times, by)): (&(u32, String), &(u64, HashSet<u32>))| {
            let unique = people(by);
            let click = self.told(by.len(), *times);
            json!({"seq": seq, "url": url, "click": click, "uniqueClick": unique, "uniqueClickOfRequest": unique})
        };
        let overview = json!({
            "uniqueImpression": people(&reach.seen), "uniqueClick": people(&reach.tapped),
            "uniqueMediaPlayed": null, "uniqueMediaPlayed100Percent": null,
        });
        json!({
            "overview": overview,
            "messages": reach.shown.iter().map(message).collect::<Vec<_>>(),
            "clicks": reach.links.iter().map(link).collect::<Vec<_>>(),
        })
    }

    /// Notes that a user looks at all they received.
    pub(crate) fn note_seen(&mut self, user: u32) {
        for place in self.ledger.of_user(&self.users, user) {
            let dispatch = &self.ledger.dispatches[place as usize];
            let Some(reach) = self.units.of(dispatch, place) else { continue };
            reach.seen.insert(user);
            for seq in 1..=u32::from(dispatch.count) {
                let shown = reach.shown.entry(seq).or_default();
                shown.0 += 1;
                shown.1.insert(user);
            }
        }
    }

    /// Notes that a user taps a link in the latest request that holds it. Gives whether there is one that
    /// is counted.
    pub(crate) fn note_tap(&mut self, user: u32, url: &str) -> bool {
        for place in self.ledger.of_user(&self.users, user).into_iter().rev() {
            let messages = self.ledger.received(place).messages;
            let Some(at) = messages.iter().position(|m| m.to_string().contains(url)) else { continue };
            let dispatch = &self.ledger.dispatches[place as usize];
            let Some(reach) = self.units.of(dispatch, place) else { return false };
            reach.tapped.insert(user);
            let seq = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let link = reach.links.entry((seq, url.to_owned())).or_default();
            link.0 += 1;
            link.1.insert(user);
            return true;
        }
        false
    }
}
