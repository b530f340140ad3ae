//! Sections (課・室) and closures (閉庁日).

use calendar::{Block, Closure, Date, Monthly, OfficeHours, Time, Weekday};
use serde::Deserialize;

use crate::{CityError, Lang, profile::pick};

/// A section during a span of days. A reorganisation ends one row and begins another.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Code, stable over its life.
    pub code: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, if it is known.
    pub valid_to: Option<Date>,
    /// Code of the section that takes over its tasks afterwards.
    pub successor: Option<String>,
    /// Department (部).
    pub department: String,
    /// Name in Japanese.
    pub name: String,
    /// Name in plain Japanese.
    pub name_easy: String,
    /// Name in English.
    pub name_en: String,
    /// Telephone number.
    pub phone: String,
    /// Extension for callers inside.
    pub extension: Option<String>,
    /// Where it is, in Japanese.
    pub place: String,
    /// Where it is, in plain Japanese.
    pub place_easy: String,
    /// Where it is, in English.
    pub place_en: String,
    /// What people come for.
    pub duties: String,
    /// Opening hours without closures.
    pub hours: OfficeHours,
    /// Whether it stays open when the whole city is closed (fire department).
    pub open_in_closures: bool,
}

impl Section {
    /// Name in a language.
    pub fn name(&self, lang: Lang) -> &str {
        pick(lang, &self.name, &self.name_easy, &self.name_en)
    }

    /// Place in a language.
    pub fn place(&self, lang: Lang) -> &str {
        pick(lang, &self.place, &self.place_easy, &self.place_en)
    }
}

/// Days on which the city or one section is closed.
#[derive(Clone, Debug, PartialEq)]
pub struct CityClosure {
    /// Code of the section; `None` for the whole city.
    pub section: Option<String>,
    /// First and last day.
    pub days: Closure,
    /// Why, in Japanese.
    pub reason: String,
    /// Why, in plain Japanese.
    pub reason_easy: String,
    /// Why, in English.
    pub reason_en: String,
}

impl CityClosure {
    /// Why, in a language.
    pub fn reason(&self, lang: Lang) -> &str {
        pick(lang, &self.reason, &self.reason_easy, &self.reason_en)
    }
}

/// All sections of a file.
pub type Sections = Vec<Section>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    #[serde(default = "Vec::new", alias = "section", alias = "closure")]
    items: Vec<T>,
}

/// A section as it stands in `sections.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionFile {
    code: String,
    #[serde(default)]
    valid_from: Option<toml::value::Datetime>,
    #[serde(default)]
    valid_to: Option<toml::value::Datetime>,
    #[serde(default)]
    successor: Option<String>,
    department: String,
    name: String,
    name_easy: String,
    name_en: String,
    phone: String,
    #[serde(default)]
    extension: Option<String>,
    place: String,
    place_easy: String,
    place_en: String,
    duties: String,
    hours: Vec<HoursFile>,
    #[serde(default)]
    extra_days: Vec<ExtraFile>,
    #[serde(default)]
    holidays: Option<String>,
    #[serde(default)]
    open_in_closures: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursFile {
    days: Vec<u8>,
    open: Time,
    close: Time,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtraFile {
    week: u8,
    day: u8,
    open: Time,
    close: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosureFile {
    #[serde(default)]
    section: Option<String>,
    from: toml::value::Datetime,
    to: toml::value::Datetime,
    reason: String,
    reason_easy: String,
    reason_en: String,
}

fn date(value: &toml::value::Datetime) -> Result<Date, String> {
    value.to_string().parse().map_err(|e| format!("{value} is not a day: {e}"))
}

fn weekday(number: u8) -> Result<Weekday, String> {
    i8::try_from(number)
        .ok()
        .and_then(|n| Weekday::from_monday_one_offset(n).ok())
        .ok_or_else(|| format!("day {number}: days are 1 (Monday) to 7 (Sunday)"))
}

impl SectionFile {
    fn into_section(self, from: Date) -> Result<Section, String> {
        let mut hours = OfficeHours::default();
        for block in &self.hours {
            let span = Block::new(block.open, block.close).map_err(|e| e.to_string())?;
            for day in &block.days {
                hours.weekly[weekday(*day)?.to_monday_zero_offset() as usize].push(span);
            }
        }
        for extra in &self.extra_days {
            if !(1..=5).contains(&extra.week) {
                return Err(format!("week {}: weeks of a month are 1 to 5", extra.week));
            }
            let block = Block::new(extra.open, extra.close).map_err(|e| e.to_string())?;
            hours.monthly.push(Monthly { week: extra.week, weekday: weekday(extra.day)?, block });
        }
        hours.open_on_holidays = match self.holidays.as_deref() {
            None | Some("closed") => false,
            Some("open") => true,
            Some(other) => return Err(format!("holidays = {other:?}: say \"open\" or \"closed\"")),
        };
        Ok(Section {
            valid_from: self.valid_from.as_ref().map(date).transpose()?.unwrap_or(from),
            valid_to: self.valid_to.as_ref().map(date).transpose()?,
            code: self.code,
            successor: self.successor,
            department: self.department,
            name: self.name,
            name_easy: self.name_easy,
            name_en: self.name_en,
            phone: self.phone,
            extension: self.extension,
            place: self.place,
            place_easy: self.place_easy,
            place_en: self.place_en,
            duties: self.duties,
            hours,
            open_in_closures: self.open_in_closures,
        })
    }
}

/// Reads `sections.toml`; sections without `valid_from` begin on `from`.
pub fn sections_from_toml(text: &str, file: &str, from: Date) -> Result<Sections, CityError> {
    let wrong = |reason: String| CityError::File { file: file.into(), reason };
    let parsed: File<SectionFile> = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let mut sections = Vec::new();
    for item in parsed.items {
        let code = item.code.clone();
        let section = item.into_section(from).map_err(|reason| wrong(format!("section {code}: {reason}")))?;
        if sections.iter().any(|s: &Section| s.code == section.code && s.valid_from == section.valid_from) {
            return Err(wrong(format!("section {code} stands twice")));
        }
        sections.push(section);
    }
    Ok(sections)
}

/// Reads `closures.toml`.
pub fn closures_from_toml(text: &str, file: &str) -> Result<Vec<CityClosure>, CityError> {
    let wrong = |reason: String| CityError::File { file: file.into(), reason };
    let parsed: File<ClosureFile> = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    parsed
        .items
        .into_iter()
        .map(|c| {
            let days = Closure { from: date(&c.from).map_err(wrong)?, to: date(&c.to).map_err(wrong)? };
            if days.to < days.from {
                return Err(wrong(format!("a closure ends on {} before it begins on {}", days.to, days.from)));
            }
            Ok(CityClosure {
                section: c.section,
                days,
                reason: c.reason,
                reason_easy: c.reason_easy,
                reason_en: c.reason_en,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: &str = include_str!("../../../../demo/minamo/sections.toml");
    const CLOSURES: &str = include_str!("../../../../demo/minamo/closures.toml");

    #[test]
    fn the_demo_city_is_well_formed() {
        let from: Date = "2026-04-01".parse().expect("date");
        let sections = sections_from_toml(SECTIONS, "sections.toml", from).expect("sections");
        assert!(sections.len() >= 40);
        assert_eq!(closures_from_toml(CLOSURES, "closures.toml").expect("closures").len(), 7);
    }

    #[test]
    fn wrong_hours_are_told() {
        let text = SECTIONS.replacen("close = \"17:30\"", "close = \"08:00\"", 1);
        let from: Date = "2026-04-01".parse().expect("date");
        let error = sections_from_toml(&text, "sections.toml", from).expect_err("refused").to_string();
        assert!(error.starts_with("sections.toml: section hisho"), "{error}");
    }
}
