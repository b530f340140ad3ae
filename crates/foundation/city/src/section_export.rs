//! Sections as a file that [`crate::sections_from_toml`] reads back.

use calendar::{Block, Date, OfficeHours};
use toml::{Table, Value};

use crate::{CityError, Section};

fn day(date: Date) -> Result<Value, CityError> {
    let wrong = |_| CityError::File { file: "sections.toml".into(), reason: format!("{date} cannot be written") };
    date.to_string().parse().map(Value::Datetime).map_err(wrong)
}

fn block(table: &mut Table, block: Block) {
    table.insert("open".into(), block.open.to_string().into());
    table.insert("close".into(), block.close.to_string().into());
}

/// Weekdays with the same block stand together, in the order in which each day has its blocks.
fn hours(hours: &OfficeHours) -> (Value, Value) {
    let mut blocks: Vec<(Block, Vec<Value>)> = Vec::new();
    for (number, blocks_of_day) in (1i64..).zip(&hours.weekly) {
        for own in blocks_of_day {
            match blocks.iter_mut().find(|(block, _)| block == own) {
                Some((_, days)) => days.push(number.into()),
                None => blocks.push((*own, vec![number.into()])),
            }
        }
    }
    let weekly = blocks.into_iter().map(|(own, days)| {
        let mut table = Table::from_iter([("days".to_owned(), Value::Array(days))]);
        block(&mut table, own);
        Value::Table(table)
    });
    let monthly = hours.monthly.iter().map(|own| {
        let mut table = Table::new();
        table.insert("week".into(), i64::from(own.week).into());
        table.insert("day".into(), i64::from(own.weekday.to_monday_one_offset()).into());
        block(&mut table, own.block);
        Value::Table(table)
    });
    (Value::Array(weekly.collect()), Value::Array(monthly.collect()))
}

/// Writes sections with all of their days.
pub fn sections_to_toml(sections: &[Section]) -> Result<String, CityError> {
    let mut all = Vec::with_capacity(sections.len());
    for s in sections {
        let mut table = Table::new();
        table.insert("code".into(), s.code.clone().into());
        table.insert("valid_from".into(), day(s.valid_from)?);
        if let Some(to) = s.valid_to {
            table.insert("valid_to".into(), day(to)?);
        }
        for (key, text) in [("successor", &s.successor), ("extension", &s.extension)] {
            if let Some(text) = text {
                table.insert(key.into(), text.clone().into());
            }
        }
        for (key, text) in [
            ("name", &s.name),
            ("name_easy", &s.name_easy),
            ("name_en", &s.name_en),
            ("department", &s.department),
            ("phone", &s.phone),
            ("place", &s.place),
            ("place_easy", &s.place_easy),
            ("place_en", &s.place_en),
            ("duties", &s.duties),
        ] {
            table.insert(key.into(), text.clone().into());
        }
        let (weekly, monthly) = hours(&s.hours);
        table.insert("hours".into(), weekly);
        table.insert("extra_days".into(), monthly);
        table.insert("holidays".into(), if s.hours.open_on_holidays { "open" } else { "closed" }.into());
        table.insert("open_in_closures".into(), s.open_in_closures.into());
        all.push(Value::Table(table));
    }
    toml::to_string(&Table::from_iter([("section".to_owned(), Value::Array(all))]))
        .map_err(|e| CityError::File { file: "sections.toml".into(), reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections_from_toml;

    #[test]
    fn the_demo_city_goes_out_and_comes_back() {
        let text = include_str!("../../../../demo/minamo/sections.toml");
        let from: Date = "2026-04-01".parse().expect("date");
        let mut sections = sections_from_toml(text, "sections.toml", from).expect("sections");
        sections[0].valid_to = Some("2027-03-31".parse().expect("date"));
        sections[0].successor = Some("koho".into());
        let written = sections_to_toml(&sections).expect("written");
        let other_day: Date = "2000-01-01".parse().expect("date");
        assert_eq!(sections_from_toml(&written, "again", other_day).expect("read back"), sections);
    }
}
