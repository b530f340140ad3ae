//! Times of day (時刻) and the blocks of hours between two of them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::clock::Instant;

/// A time of day to the minute, from 00:00 to 24:00, the end of the day.
///
/// Written and serialised as 「08:45」; read also without the leading zero.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(u16);

/// A time of day, or a block of hours, that makes no sense.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TimeError {
    /// The text is no time from 00:00 to 24:00.
    #[error("時刻「{0}」が読み取れません。「08:45」のように00:00から24:00までで書いてください。")]
    Unreadable(String),
    /// A block that does not open before it closes.
    #[error("開始時刻{open}が終了時刻{close}より前になっていません。日をまたぐ場合は24:00で二つに分けてください。")]
    NotBefore {
        /// When the block opens.
        open: Time,
        /// When the block closes.
        close: Time,
    },
}

impl Time {
    /// 00:00, the start of the day.
    pub const START_OF_DAY: Time = Time(0);
    /// 24:00, the end of the day.
    pub const END_OF_DAY: Time = Time(24 * 60);

    /// The time `hour`:`minute`; `None` if there is none such up to 24:00.
    pub const fn new(hour: u8, minute: u8) -> Option<Time> {
        let minutes = hour as u16 * 60 + minute as u16;
        if minute < 60 && minutes <= Self::END_OF_DAY.0 { Some(Time(minutes)) } else { None }
    }

    /// The hour, 0 to 24.
    pub const fn hour(self) -> u8 {
        (self.0 / 60) as u8
    }

    /// The minute of the hour, 0 to 59.
    pub const fn minute(self) -> u8 {
        (self.0 % 60) as u8
    }

    /// Minutes since the start of the day, 0 to 1440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The instant at which it is this time in Japan on `date`.
    pub fn on(self, date: Date) -> Instant {
        Instant::start_of(date).plus(Duration::from_secs(u64::from(self.0) * 60))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `parse` alone would also take a sign.
        let number = |digits: &str| {
            let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<u8>().ok()).flatten()
        };
        text.split_once(':')
            .filter(|(_, minute)| minute.len() == 2)
            .and_then(|(hour, minute)| Time::new(number(hour)?, number(minute)?))
            .ok_or_else(|| TimeError::Unreadable(text.to_owned()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Hours without a break on one day: open from `open`, closed from `close` on.
///
/// Serialised as `{ "open": "08:45", "close": "17:15" }`; reading refuses a
/// block that does not open before it closes. Hours over midnight take two
/// blocks, one to 24:00 and one from 00:00.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Block {
    /// When it opens.
    pub open: Time,
    /// When it closes; this minute is closed already. 24:00 for midnight.
    pub close: Time,
}

/// A block as read, before the check.
#[derive(Deserialize)]
struct Unchecked {
    open: Time,
    close: Time,
}

impl Block {
    /// The block from `open` to `close`.
    ///
    /// # Errors
    ///
    /// [`TimeError::NotBefore`] unless `open` comes before `close`.
    pub fn new(open: Time, close: Time) -> Result<Block, TimeError> {
        if open < close { Ok(Block { open, close }) } else { Err(TimeError::NotBefore { open, close }) }
    }
}

impl TryFrom<Unchecked> for Block {
    type Error = TimeError;

    fn try_from(block: Unchecked) -> Result<Self, Self::Error> {
        Block::new(block.open, block.close)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.open, self.close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde::de::value::{Error, MapDeserializer};

    #[test]
    fn reads_and_writes() {
        for text in ["00:00", "08:45", "17:15", "23:59", "24:00"] {
            let time: Time = text.parse().expect("a time");
            assert_eq!(time.to_string(), text);
            assert_eq!(Time::new(time.hour(), time.minute()), Some(time));
        }
        assert_eq!("8:45".parse(), Ok(Time(525)));
        assert_eq!("24:00".parse(), Ok(Time::END_OF_DAY));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "8", "8:5", "24:01", "25:00", "12:60", "+8:00", "008:00", "08:45:00", ":00"] {
            let error = text.parse::<Time>().expect_err(text).to_string();
            assert!(error.starts_with(&format!("時刻「{text}」")), "{error}");
        }
    }

    #[test]
    fn the_end_of_a_day_starts_the_next() {
        assert_eq!(Time::END_OF_DAY.on(date(2026, 3, 31)), Time::START_OF_DAY.on(date(2026, 4, 1)));
    }

    #[test]
    fn reads_blocks() {
        let read = |open: &'static str, close: &'static str| {
            let map = [("open", open), ("close", close)].into_iter();
            let map: MapDeserializer<'_, _, Error> = MapDeserializer::new(map);
            Block::deserialize(map).map(|block| block.to_string())
        };
        assert_eq!(read("08:45", "17:15"), Ok("08:45–17:15".to_owned()));
        assert_eq!(read("00:00", "24:00"), Ok("00:00–24:00".to_owned()));
        assert!(read("17:15", "08:45").is_err());
        assert!(read("08:45", "08:45").is_err());
        assert!(read("8時", "17:15").is_err());
    }
}
