//! Statistics: what was sent on a day, what was seen and tapped of a unit.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use calendar::{Date, Instant};
use serde_json::{Value, json};

use super::reply::Reply;
use super::state::{Asked, State};
use crate::Endpoint;

#[derive(Default)]
struct Unit {
    seen: HashSet<u32>,
    /// By place of the message, from 1: times, people.
    shown: BTreeMap<u32, (u64, HashSet<u32>)>,
    tapped: HashSet<u32>,
    /// By place and address: times, people.
    links: BTreeMap<(u32, String), (u64, HashSet<u32>)>,
}

#[derive(Default)]
pub(crate) struct Units {
    by_name: BTreeMap<String, Unit>,
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
            self.by_name.insert(name.to_owned(), Unit::default());
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

    fn unit_statistics(&self, name: &str) -> Value {
        let nothing = Unit::default();
        let unit = self.units.by_name.get(name).unwrap_or(&nothing);
        // Below the least number of people nothing is told, neither people nor times.
        let told =
            |people: usize, value: u64| if people as u64 >= self.least_statistics { value.into() } else { Value::Null };
        let people = |set: &HashSet<u32>| told(set.len(), set.len() as u64);
        let media = |mut value: Value| {
            for name in ["", "25Percent", "50Percent", "75Percent", "100Percent"] {
                value[format!("mediaPlayed{name}")] = Value::Null;
                value[format!("uniqueMediaPlayed{name}")] = Value::Null;
            }
            value
        };
        let messages: Vec<Value> = unit
            .shown
            .iter()
            .map(|(seq, (times, by))| {
                media(json!({"seq": seq, "impression": told(by.len(), *times), "uniqueImpression": people(by)}))
            })
            .collect();
        let clicks: Vec<Value> = unit
            .links
            .iter()
            .map(|((seq, url), (times, by))| {
                let unique = people(by);
                json!({"seq": seq, "url": url, "click": told(by.len(), *times), "uniqueClick": unique, "uniqueClickOfRequest": unique})
            })
            .collect();
        let overview = json!({
            "uniqueImpression": people(&unit.seen), "uniqueClick": people(&unit.tapped),
            "uniqueMediaPlayed": null, "uniqueMediaPlayed100Percent": null,
        });
        json!({"overview": overview, "messages": messages, "clicks": clicks})
    }

    /// Notes that a user looks at all they received.
    pub(crate) fn note_seen(&mut self, user: u32) {
        for place in self.ledger.of_user(&self.users, user) {
            let dispatch = &self.ledger.dispatches[place as usize];
            let Some(unit) = dispatch.unit.as_deref().and_then(|name| self.units.by_name.get_mut(name)) else {
                continue;
            };
            unit.seen.insert(user);
            for seq in 1..=u32::from(dispatch.count) {
                let shown = unit.shown.entry(seq).or_default();
                shown.0 += 1;
                shown.1.insert(user);
            }
        }
    }

    /// Notes that a user taps a link in the latest request that holds it. Gives whether there is one with a unit.
    pub(crate) fn note_tap(&mut self, user: u32, url: &str) -> bool {
        for place in self.ledger.of_user(&self.users, user).into_iter().rev() {
            let messages = self.ledger.received(place).messages;
            let Some(at) = messages.iter().position(|m| m.to_string().contains(url)) else { continue };
            let dispatch = &self.ledger.dispatches[place as usize];
            let Some(unit) = dispatch.unit.as_deref().and_then(|n| self.units.by_name.get_mut(n)) else { return false };
            unit.tapped.insert(user);
            let seq = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let link = unit.links.entry((seq, url.to_owned())).or_default();
            link.0 += 1;
            link.1.insert(user);
            return true;
        }
        false
    }
}
