//! The fields of a section in a form: what stands, and what was changed.

use calendar::{Block, OfficeHours, Time};
use city::{Section, SectionChange};

use super::fields::Fields;
use super::form::Form;

/// Names of the fields with the hours of a day, Monday first.
const DAYS: [(&str, &str); 7] = [
    ("hours_1", "月曜日"),
    ("hours_2", "火曜日"),
    ("hours_3", "水曜日"),
    ("hours_4", "木曜日"),
    ("hours_5", "金曜日"),
    ("hours_6", "土曜日"),
    ("hours_7", "日曜日"),
];

/// A day's hours as a form shows them: `08:45-12:00、13:00-17:15`.
pub(crate) fn blocks(blocks: &[Block]) -> String {
    let all: Vec<String> = blocks.iter().map(|b| format!("{}-{}", b.open, b.close)).collect();
    all.join("、")
}

/// A form filled with a section as it stands.
pub(crate) fn filled(form: Form, section: &Section) -> Form {
    let mut form = form
        .with("department", &section.department)
        .with("name", &section.name)
        .with("name_easy", &section.name_easy)
        .with("name_en", &section.name_en)
        .with("phone", &section.phone)
        .with("extension", section.extension.as_deref().unwrap_or(""))
        .with("place", &section.place)
        .with("place_easy", &section.place_easy)
        .with("place_en", &section.place_en)
        .with("duties", &section.duties)
        .with("open_on_holidays", if section.hours.open_on_holidays { "on" } else { "" })
        .with("open_in_closures", if section.open_in_closures { "on" } else { "" });
    for ((name, _), own) in DAYS.iter().zip(&section.hours.weekly) {
        form = form.with(name, blocks(own));
    }
    form
}

/// The form of a new section: weekdays from nine to five to begin with.
pub(crate) fn blank(form: Form) -> Form {
    DAYS[..5].iter().fold(form, |form, (name, _)| form.with(name, "08:45-17:30"))
}

fn hours_of_day(label: &str, typed: &str) -> Result<Vec<Block>, String> {
    let plain: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '：' => ':',
            '–' | '—' | '〜' | '～' | '－' | 'ー' => '-',
            '、' | '，' | ',' | '\u{3000}' => ' ',
            other => other,
        })
        .collect();
    let mut found = Vec::new();
    for part in plain.split_whitespace() {
        let (open, close) = part
            .split_once('-')
            .ok_or_else(|| format!("{label}の「{part}」が読み取れません。「08:45-17:30」のように入れてください。"))?;
        let time = |text: &str| text.parse::<Time>().map_err(|e| format!("{label}: {e}"));
        found.push(Block::new(time(open)?, time(close)?).map_err(|e| format!("{label}: {e}"))?);
    }
    found.sort();
    Ok(found)
}

/// The hours of a form; days of the month are not in it and stay as they are.
fn hours(fields: &Fields, before: Option<&OfficeHours>) -> Result<OfficeHours, (&'static str, String)> {
    let mut hours = before.cloned().unwrap_or_default();
    for ((name, label), day) in DAYS.iter().zip(&mut hours.weekly) {
        *day = hours_of_day(label, fields.get(name)).map_err(|reason| (*name, reason))?;
    }
    hours.open_on_holidays = fields.get("open_on_holidays") == "on";
    Ok(hours)
}

/// What a form changes of a section; everything, if there is none yet. With `all` also department and names.
pub(crate) fn change(
    fields: &Fields,
    before: Option<&Section>,
    all: bool,
) -> Result<SectionChange, (&'static str, String)> {
    let text = |name: &str, own: fn(&Section) -> &str| {
        let new = fields.get(name);
        before.is_none_or(|s| own(s) != new).then(|| new.to_owned())
    };
    let named = |name: &str, own: fn(&Section) -> &str| if all { text(name, own) } else { None };
    let hours = hours(fields, before.map(|s| &s.hours))?;
    let open_in_closures = fields.get("open_in_closures") == "on";
    Ok(SectionChange {
        department: named("department", |s| &s.department),
        name: named("name", |s| &s.name),
        name_easy: named("name_easy", |s| &s.name_easy),
        name_en: named("name_en", |s| &s.name_en),
        phone: text("phone", |s| &s.phone),
        extension: text("extension", |s| s.extension.as_deref().unwrap_or("")),
        place: text("place", |s| &s.place),
        place_easy: text("place_easy", |s| &s.place_easy),
        place_en: text("place_en", |s| &s.place_en),
        duties: text("duties", |s| &s.duties),
        open_in_closures: before.is_none_or(|s| s.open_in_closures != open_in_closures).then_some(open_in_closures),
        hours: before.is_none_or(|s| s.hours != hours).then_some(hours),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        let read = |typed: &str| hours_of_day("月曜日", typed).map(|b| blocks(&b));
        assert_eq!(read("08:45-17:30").as_deref(), Ok("08:45-17:30"));
        assert_eq!(read("１３：００～１７：１５、 8:45〜12:00").as_deref(), Ok("08:45-12:00、13:00-17:15"));
        assert_eq!(read("").as_deref(), Ok(""));
        assert!(read("8時から").is_err_and(|e| e.contains("月曜日")));
        assert!(read("17:00-09:00").is_err());
    }
}
