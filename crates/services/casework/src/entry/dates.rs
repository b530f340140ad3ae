//! A day that may be missing, as text.

use calendar::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct Day(#[serde(with = "calendar::date_text")] Date);

/// Writes it, or nothing.
pub(crate) fn serialize<S: Serializer>(date: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
    date.map(Day).serialize(to)
}

/// Reads it; what is there and no date is an error.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    Ok(Option::<Day>::deserialize(from)?.map(|day| day.0))
}
