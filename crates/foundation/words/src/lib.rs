//! What pages, messages and the terminal say: sentences, days, times and opening hours in each language.
//!
//! Plain Japanese carries its readings in brackets, 引(ひ)っ越(こ)し; [`ruby`] shows them or takes them away.

pub mod i18n;
pub mod ruby;

use calendar::{Date, Instant, Status, Time};
use city::{Lang, Organisation, Section};

/// The message that says what to do when the terminal found nothing.
pub const TRY_AGAIN: &str = "try-again";

/// Whether an office is open, in words.
#[derive(Clone, Debug)]
pub struct OpenStatus {
    /// Whether it is open.
    pub open: bool,
    /// Open or closed now.
    pub label: String,
    /// Until when, or from when; may be empty.
    pub detail: String,
    /// Its hours on this day.
    pub today: String,
}

/// A message of the citizens' pages as plain text, without readings.
pub fn message(lang: Lang, key: &str, args: &[(&str, &str)]) -> String {
    ruby::strip(&i18n::message(lang, key, args))
}

/// A day.
pub fn day(lang: Lang, date: Date) -> String {
    match lang {
        Lang::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::Easy => {
            format!("{}年(ねん)　{}月(がつ)　{}日({})", date.year(), date.month(), date.day(), day_reading(date.day()))
        }
        Lang::En => format!("{} {} {}", date.day(), MONTHS[date.month() as usize - 1], date.year()),
    }
}

/// How the day of a month is read; the number and 日 are one word up to the tenth.
fn day_reading(day: i8) -> &'static str {
    match day {
        1 => "ついたち",
        2 => "ふつか",
        3 => "みっか",
        4 => "よっか",
        5 => "いつか",
        6 => "むいか",
        7 => "なのか",
        8 => "ようか",
        9 => "ここのか",
        10 => "とおか",
        14 => "じゅうよっか",
        20 => "はつか",
        24 => "にじゅうよっか",
        _ => "にち",
    }
}

/// How 分 is read behind a number.
fn minute_reading(minute: u8) -> &'static str {
    match minute % 10 {
        2 | 5 | 7 | 9 => "ふん",
        _ => "ぷん",
    }
}

/// A day of this year with its weekday.
pub fn short_day(lang: Lang, date: Date) -> String {
    let weekday = date.weekday().to_monday_zero_offset() as usize;
    match lang {
        Lang::Ja => format!("{}月{}日（{}）", date.month(), date.day(), WEEKDAYS[weekday]),
        Lang::Easy => {
            let (day, name, reading) = (date.day(), WEEKDAYS[weekday], WEEKDAY_READINGS[weekday]);
            format!("{}月(がつ){day}日({})　{name}曜日({reading}ようび)", date.month(), day_reading(day))
        }
        Lang::En => format!("{} {} {}", WEEKDAYS_EN[weekday], date.day(), MONTHS[date.month() as usize - 1]),
    }
}

/// A time of day.
pub fn time(lang: Lang, time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match (lang, minute) {
        (Lang::En, _) => format!("{hour}:{minute:02}"),
        (Lang::Ja, 0) => format!("{hour}時"),
        (Lang::Ja, _) => format!("{hour}時{minute:02}分"),
        (Lang::Easy, 0) => format!("{hour}時(じ)"),
        (Lang::Easy, _) => format!("{hour}時(じ){minute}分({})", minute_reading(minute)),
    }
}

/// The time of day of an instant.
pub fn time_of(lang: Lang, at: Instant) -> String {
    let civil = at.jst();
    let (hour, minute) = (civil.hour().unsigned_abs(), civil.minute().unsigned_abs());
    Time::new(hour, minute).map_or_else(String::new, |t| time(lang, t))
}

/// Whether a section is open, until when or from when, and its hours of the day.
pub fn open_status(lang: Lang, city: &Organisation, section: &Section, now: Instant) -> OpenStatus {
    let text = |key: &str, args: &[(&str, &str)]| i18n::message(lang, key, args);
    let hours = city.hours(section);
    let today = now.jst_date();
    let blocks = hours.today(today);
    let mut spans: Vec<String> =
        blocks.iter().map(|b| format!("{}–{}", time(lang, b.open), time(lang, b.close))).collect();
    if spans.is_empty() {
        let reason = city.closure(section, today).map(|c| c.reason(lang));
        spans.push(reason.map_or_else(|| text("closed-today", &[]), |r| text("closed-reason", &[("reason", r)])));
    }
    let spans = spans.join(if lang == Lang::En { ", " } else { "、" });
    match hours.status_at(now) {
        Status::OpenAllDay => OpenStatus {
            open: true,
            label: text("open-all-day", &[]),
            detail: String::new(),
            today: text("open-all-day", &[]),
        },
        Status::Open { until } => OpenStatus {
            open: true,
            label: text("open-now", &[]),
            detail: text("open-until", &[("time", &time_of(lang, until))]),
            today: spans,
        },
        Status::Closed { opens } => OpenStatus {
            open: false,
            label: text("closed-now", &[]),
            detail: opens.map_or_else(String::new, |at| {
                let time = time_of(lang, at);
                let day = at.jst_date();
                let words = if day == today { time } else { format!("{} {time}", short_day(lang, day)) };
                text("opens-at", &[("time", &words)])
            }),
            today: spans,
        },
    }
}

/// The value of a sentence's argument as it is said, by the argument's name: `day` (ISO), `time` (`9:00`), `section`
/// (a code), `from` and `to` (instants in milliseconds). Any other is said as it stands.
pub fn argument(lang: Lang, city: &Organisation, name: &str, value: &str) -> String {
    let moment = |text: &str| text.parse::<i64>().map(Instant::from_millis);
    match name {
        "day" => value.parse::<Date>().map_or_else(|_| value.to_owned(), |d| short_day(lang, d)),
        "time" => value.parse::<Time>().map_or_else(|_| value.to_owned(), |t| time(lang, t)),
        "section" => city.spans(value).last().map_or_else(|| value.to_owned(), |s| s.name(lang).to_owned()),
        "from" => moment(value).map_or_else(
            |_| value.to_owned(),
            |at| format!("{} {}", short_day(lang, at.jst_date()), time_of(lang, at)),
        ),
        "to" => moment(value).map_or_else(|_| value.to_owned(), |at| time_of(lang, at)),
        _ => value.to_owned(),
    }
}

const WEEKDAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const WEEKDAY_READINGS: [&str; 7] = ["げつ", "か", "すい", "もく", "きん", "ど", "にち"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_minutes_are_read_as_people_read_them() {
        let date = |text: &str| text.parse::<Date>().expect("date");
        assert_eq!(day(Lang::Easy, date("2026-11-20")), "2026年(ねん)　11月(がつ)　20日(はつか)");
        assert_eq!(short_day(Lang::Easy, date("2026-11-24")), "11月(がつ)24日(にじゅうよっか)　火曜日(かようび)");
        let at = |hour, minute| Time::new(hour, minute).expect("time");
        assert_eq!(time(Lang::Easy, at(17, 30)), "17時(じ)30分(ぷん)");
        assert_eq!(time(Lang::Easy, at(9, 5)), "9時(じ)5分(ふん)");
        assert_eq!(time(Lang::Ja, at(9, 5)), "9時05分");
        assert_eq!(time(Lang::En, at(9, 0)), "9:00");
    }
}
