//! Statistics: messages of a day, what was seen and tapped of a unit, a broadcast or a narrowcast.
//!
//! LINE gives nothing for fewer than 20 people
//! (<https://developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation/>), so an absent figure is
//! not zero.

use calendar::Date;
use serde::Deserialize;

use super::{Answer, Call, Client, invalid};
use crate::Endpoint;
use crate::failure::Failure;
use crate::message::check_unit;

/// Messages of a day. Figures are there when `status` is `ready`, the next day at the earliest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DayStatistics {
    /// `ready`, `unready` or `out_of_service`.
    pub status: String,
    /// By broadcast.
    pub api_broadcast: Option<u64>,
    /// By push.
    pub api_push: Option<u64>,
    /// By multicast.
    pub api_multicast: Option<u64>,
    /// By narrowcast.
    pub api_narrowcast: Option<u64>,
    /// By reply.
    pub api_reply: Option<u64>,
}

/// What was seen and tapped of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UnitStatistics {
    /// People.
    pub overview: Overview,
    /// By message of the requests.
    pub messages: Vec<Shown>,
    /// By link.
    pub clicks: Vec<Link>,
}

/// People of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Who saw at least one message.
    pub unique_impression: Option<u64>,
    /// Who tapped at least one link.
    pub unique_click: Option<u64>,
}

/// What was seen and tapped of a broadcast or narrowcast.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RequestStatistics {
    /// People.
    pub overview: RequestOverview,
    /// By message of the request; people are not told.
    #[serde(default)]
    pub messages: Vec<Shown>,
    /// By link.
    #[serde(default)]
    pub clicks: Vec<Link>,
}

/// People of a broadcast or narrowcast.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOverview {
    /// To whom it went; absent until LINE has counted.
    pub delivered: Option<u64>,
    /// Who saw at least one message.
    pub unique_impression: Option<u64>,
    /// Who tapped at least one link.
    pub unique_click: Option<u64>,
}

/// A message of a unit or request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// Its place in the request, from 1.
    pub seq: u32,
    /// How often it was seen.
    pub impression: Option<u64>,
    /// By how many people.
    pub unique_impression: Option<u64>,
}

/// A link of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The message it stands in, from 1.
    pub seq: u32,
    /// Address.
    pub url: String,
    /// How often it was tapped.
    pub click: Option<u64>,
    /// By how many people.
    pub unique_click: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Units {
    num_of_custom_aggregation_units: u64,
}

/// `yyyyMMdd`; LINE's days are Japan's.
fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

impl Client {
    /// Messages of a day.
    pub async fn delivery_statistics(&self, date: Date) -> Result<Answer<DayStatistics>, Failure> {
        self.get(Call::new(Endpoint::DeliveryStatistics).query("date", day(date))).await
    }

    /// What was seen and tapped of a broadcast or narrowcast within 14 days, by the request id of its acceptance.
    pub async fn request_statistics(&self, request_id: &str) -> Result<Answer<RequestStatistics>, Failure> {
        self.get(Call::new(Endpoint::RequestStatistics).query("requestId", request_id)).await
    }

    /// What was seen and tapped of a unit between two days, at most 30 apart.
    pub async fn unit_statistics(&self, unit: &str, from: Date, to: Date) -> Result<Answer<UnitStatistics>, Failure> {
        check_unit(unit)?;
        let apart = from.until(to).map(|span| span.get_days());
        if !apart.is_ok_and(|days| (0..=30).contains(&days)) {
            return Err(invalid("to", "the days must be in order and at most 30 apart"));
        }
        let call = Call::new(Endpoint::UnitStatistics).query("customAggregationUnit", unit);
        self.get(call.query("from", day(from)).query("to", day(to))).await
    }

    /// How many units the month has used; LINE allows 1,000.
    pub async fn unit_usage(&self) -> Result<Answer<u64>, Failure> {
        let Answer { value, request_id } = self.get::<Units>(Call::new(Endpoint::UnitUsage)).await?;
        Ok(Answer { value: value.num_of_custom_aggregation_units, request_id })
    }
}
