//! How calendar values stand in JSON and TOML: as short texts.
//!
//! Written here because jiff's own serde support is not compiled in, and has
//! none for weekdays.

/// A date as 「2026-11-23」; for `#[serde(with = "calendar::date_text")]`.
pub mod date {
    use jiff::civil::Date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(date: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(date)
    }

    /// Reads it; what is no date is an error in Japanese.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| {
            D::Error::custom(format!("日付「{text}」が読み取れません。「2026-11-23」のように書いてください。"))
        })
    }
}

/// A weekday as 「monday」; read also as 「月」 and 「月曜日」.
pub(crate) mod weekday {
    use jiff::civil::Weekday;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    const NAMES: [(Weekday, &str, &str); 7] = [
        (Weekday::Monday, "monday", "月"),
        (Weekday::Tuesday, "tuesday", "火"),
        (Weekday::Wednesday, "wednesday", "水"),
        (Weekday::Thursday, "thursday", "木"),
        (Weekday::Friday, "friday", "金"),
        (Weekday::Saturday, "saturday", "土"),
        (Weekday::Sunday, "sunday", "日"),
    ];

    pub(crate) fn serialize<S: Serializer>(weekday: &Weekday, to: S) -> Result<S::Ok, S::Error> {
        let (_, english, _) = NAMES[usize::from(weekday.to_monday_zero_offset().unsigned_abs())];
        to.serialize_str(english)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Weekday, D::Error> {
        let text = String::deserialize(from)?;
        let short = text.strip_suffix("曜日").unwrap_or(&text);
        NAMES
            .iter()
            .find(|(_, english, japanese)| text == *english || short == *japanese)
            .map(|(weekday, ..)| *weekday)
            .ok_or_else(|| {
                D::Error::custom(format!(
                    "曜日「{text}」が読み取れません。「monday」または「月」のように書いてください。"
                ))
            })
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StrDeserializer};

        fn read(text: &'static str) -> Result<Weekday, Error> {
            let text: StrDeserializer<'_, Error> = text.into_deserializer();
            deserialize(text)
        }

        #[test]
        fn reads_english_and_japanese() {
            for (weekday, english, japanese) in NAMES {
                assert_eq!(read(english), Ok(weekday));
                assert_eq!(read(japanese), Ok(weekday));
            }
            assert_eq!(read("日曜日"), Ok(Weekday::Sunday));
            assert!(read("祝").is_err());
            assert!(read("曜日").is_err());
        }

        #[test]
        fn writes_english() {
            struct Shown(Weekday);
            impl std::fmt::Display for Shown {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    serialize(&self.0, f)
                }
            }
            for (weekday, english, _) in NAMES {
                assert_eq!(Shown(weekday).to_string(), english);
            }
        }
    }
}
