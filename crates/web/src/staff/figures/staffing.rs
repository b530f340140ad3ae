//! `/figures/staffing`: how many people must answer in each half hour, by Erlang C.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use calendar::{Date, Instant};
use contact::Channel;
use contact::figures::figure::{duration, figure};
use contact::figures::report::{By, Wanted, channel_name, half_hours, report};
use contact::staffing::{self, Load, StaffingError, Target};

use super::super::fields::Fields;
use super::super::frame::Frame;
use super::super::gate::Staff;
use super::super::lists::Asked;
use super::{own_sections, refresh, stored_codes, whose};
use crate::citizen::show;
use crate::errors::Failure;

/// Weeks of the past from which a load can be taken.
const WEEKS: [i64; 4] = [1, 4, 8, 13];
const WEEKDAYS: [&str; 7] = ["月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"];
const DAY_MS: i64 = 86_400_000;

/// The fields of the form as typed.
struct Typed {
    aht: String,
    share: String,
    within: String,
    shrinkage: String,
    loads: String,
}

/// A half hour of the table.
struct Row {
    time: String,
    calls: String,
    erlangs: String,
    agents: u32,
    rostered: u32,
    service_level: String,
    asa: String,
    occupancy: String,
    /// How long its bar is: 0 to 100.
    bar: u32,
}

#[derive(Template)]
#[template(path = "staff/figures/staffing.html")]
struct StaffingPage {
    frame: Frame,
    tab: &'static str,
    page: &'static str,
    whose: String,
    typed: Typed,
    weekdays: Vec<(usize, &'static str, bool)>,
    weeks: Vec<(i64, bool)>,
    channels: Vec<(&'static str, &'static str, bool)>,
    /// What was taken from the past, in words.
    taken: Option<String>,
    error: Option<(&'static str, String)>,
    rows: Vec<Row>,
    most: u32,
    most_rostered: u32,
    hours: String,
}

impl StaffingPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

/// `9:00` of a half hour from 0 to 47.
fn time(half_hour: usize) -> String {
    format!("{}:{}", half_hour / 2, if half_hour.is_multiple_of(2) { "00" } else { "30" })
}

/// The half hour of `9:00` or `９：３０`.
fn half_hour(text: &str) -> Option<usize> {
    let (hour, minute) = text.split_once(':')?;
    let hour: usize = hour.parse().ok().filter(|h| *h < 24)?;
    match minute {
        "00" => Some(hour * 2),
        "30" => Some(hour * 2 + 1),
        _ => None,
    }
}

/// Calls by half hour, one a line: `9:00 12`.
fn loads(text: &str) -> Result<Vec<(usize, f64)>, String> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let plain = text::normal::normalise(line).replace([',', '、', '\t'], " ");
        let parts: Vec<&str> = plain.split_whitespace().collect();
        let (start, calls) = match parts.as_slice() {
            [] => continue,
            [start, calls] => (half_hour(start), calls.trim_end_matches('件').parse::<f64>().ok()),
            _ => (None, None),
        };
        let Some((start, calls)) = start.zip(calls) else {
            return Err(format!(
                "{number}行目「{}」を読めません。「9:00 12」のように、30分ごとの時刻と件数を書いてください。",
                line.trim()
            ));
        };
        if found.iter().any(|(other, _)| *other == start) {
            return Err(format!("{number}行目: {}が2回あります。1行にまとめてください。", time(start)));
        }
        found.push((start, calls));
    }
    found.sort_by_key(|(start, _)| *start);
    if found.is_empty() { Err("30分ごとの件数を書いてください。".into()) } else { Ok(found) }
}

fn number(name: &'static str, text: &str, what: &str) -> Result<f64, (&'static str, String)> {
    let plain = text::normal::normalise(text);
    plain.trim().parse::<f64>().map_err(|_| (name, format!("{what}を数で入れてください。")))
}

/// The field that is wrong, with the sentence.
fn beside(error: &StaffingError) -> (&'static str, String) {
    let field = match error {
        StaffingError::HandlingTime => "aht",
        StaffingError::Share => "share",
        StaffingError::Within => "within",
        StaffingError::Shrinkage => "shrinkage",
        _ => "loads",
    };
    (field, error.to_string())
}

fn planned(typed: &Typed) -> Result<Vec<(usize, staffing::Planned)>, (&'static str, String)> {
    let aht = number("aht", &typed.aht, "平均処理時間（秒）")?;
    let share = number("share", &typed.share, "目標の割合（%）")?;
    let within = number("within", &typed.within, "目標の秒数")?;
    let shrinkage = number("shrinkage", &typed.shrinkage, "不在率（%）")?;
    let lines = loads(&typed.loads).map_err(|reason| ("loads", reason))?;
    // Told beside its own field before any line is calculated.
    Load::half_hour(0.0, aht).erlangs().map_err(|e| beside(&e))?;
    let all: Vec<Load> = lines.iter().map(|(_, calls)| Load::half_hour(*calls, aht)).collect();
    let target = Target { share: share / 100.0, within_seconds: within };
    let table = staffing::table(&all, target, shrinkage / 100.0).map_err(|e| beside(&e))?;
    Ok(lines.into_iter().map(|(start, _)| start).zip(table).collect())
}

fn row(start: usize, p: &staffing::Planned, most: u32) -> Row {
    Row {
        time: format!("{}〜{}", time(start), time(start + 1)),
        calls: format!("{:.1}件", p.load.calls),
        erlangs: p.load.erlangs().map(|e| format!("{e:.2}")).unwrap_or_default(),
        agents: p.needed.agents,
        rostered: p.rostered,
        service_level: format!("{:.1}%", p.needed.service_level * 100.0),
        asa: duration(p.needed.asa_seconds),
        occupancy: format!("{:.0}%", p.needed.occupancy * 100.0),
        bar: p.needed.agents * 100 / most.max(1),
    }
}

/// The days of a weekday (0: Monday) in the last weeks, before today.
fn past(today: Date, weekday: usize, weeks: i64) -> Vec<Date> {
    let start = Instant::start_of(today).millis();
    let day = |back: i64| Instant::from_millis(start - back * DAY_MS).jst_date();
    (1..=weeks * 7).map(day).filter(|d| usize::try_from(d.weekday().to_monday_zero_offset()) == Ok(weekday)).collect()
}

/// What is taken from the past: lines of the form, the handling time in seconds if there is one, and how it is told.
async fn from_past(
    staff: &Staff,
    weekday: usize,
    weeks: i64,
    channel: Option<&str>,
) -> Result<(String, Option<f64>, String), Failure> {
    refresh(staff).await?;
    let (organisation, today) = (staff.city.organisation(), staff.visit.today());
    let days = past(today, weekday, weeks);
    let from = days.iter().min().copied().unwrap_or(today);
    let sections = own_sections(staff).map(|own| stored_codes(&organisation, &own, today));
    let wanted = Wanted { from, to: today, sections, topic: None, channel: channel.map(str::to_owned) };
    let mut tx = staff.city.db.read().await?;
    let mean = half_hours(&mut tx, &days, &wanted).await?;
    let made = report(&mut tx, &organisation, today, By::Day, &wanted).await?;
    drop(tx);
    let lines = mean.iter().enumerate().filter(|(_, calls)| **calls > 0.0);
    let lines: Vec<String> = lines.map(|(start, calls)| format!("{} {calls:.1}", time(start))).collect();
    let aht = figure("handling").and_then(|f| f.value(&made.total));
    let name = WEEKDAYS.get(weekday).copied().unwrap_or_default();
    let told = if lines.is_empty() {
        format!("この{weeks}週間の{name}に、職員を待った応対はありませんでした。件数を自分で書いてください。")
    } else {
        format!("この{weeks}週間の{name}（{}日）の平均です。直してから、もう一度計算できます。", days.len())
    };
    Ok((lines.join("\n"), aht, told))
}

/// The page: the form, and the table where something was typed or taken from the past.
pub(crate) async fn get(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let frame = staff.frame("contacts");
    let or = |name: &str, default: &str| asked.optional(name).unwrap_or(default).to_owned();
    let mut typed = Typed {
        aht: or("aht", "300"),
        share: or("share", "80"),
        within: or("within", "20"),
        shrinkage: or("shrinkage", "30"),
        loads: asked.raw("loads").to_owned(),
    };
    let today = usize::try_from(frame.today.weekday().to_monday_zero_offset()).unwrap_or(0);
    let weekday = asked.get("weekday").parse().ok().filter(|d| *d < 7).unwrap_or(today);
    let weeks = asked.get("weeks").parse().ok().filter(|w| WEEKS.contains(w)).unwrap_or(4);
    let channel = Channel::from_code(asked.get("channel"));
    let mut taken = None;
    if asked.get("take") == "past" {
        let (lines, aht, told) = from_past(&staff, weekday, weeks, channel.map(Channel::code)).await?;
        typed.loads = lines;
        if let Some(aht) = aht.filter(|aht| *aht >= 1.0) {
            typed.aht = format!("{aht:.0}");
        }
        taken = Some(told);
    }
    let wanted = !typed.loads.trim().is_empty() || asked.get("take") == "typed";
    let (table, error) = match planned(&typed) {
        _ if !wanted => (Vec::new(), None),
        Ok(table) => (table, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let most = table.iter().map(|(_, p)| p.needed.agents).max().unwrap_or(0);
    let wrong = error.is_some();
    let page = StaffingPage {
        tab: "figures",
        page: "staffing",
        whose: whose(&frame, own_sections(&staff).as_deref()),
        typed,
        weekdays: WEEKDAYS.iter().enumerate().map(|(at, name)| (at, *name, at == weekday)).collect(),
        weeks: WEEKS.iter().map(|w| (*w, *w == weeks)).collect(),
        channels: Channel::ALL.iter().map(|c| (c.code(), channel_name(*c), channel == Some(*c))).collect(),
        taken,
        error,
        rows: table.iter().map(|(start, p)| row(*start, p, most)).collect(),
        most,
        most_rostered: table.iter().map(|(_, p)| p.rostered).max().unwrap_or(0),
        hours: format!("{:.1}", table.iter().map(|(_, p)| f64::from(p.rostered) / 2.0).sum::<f64>()),
        frame,
    };
    let mut response = show(&page)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_read_as_people_type_them() {
        assert_eq!(loads("9:30,12\n９：００　8件\n\n"), Ok(vec![(18, 8.0), (19, 12.0)]));
        for (typed, words) in [
            ("", "件数を書いて"),
            ("9:15 3", "1行目"),
            ("9:00 1\n9:00 2", "2行目"),
            ("9:00", "1行目"),
            ("24:00 1", "1行目"),
        ] {
            assert!(loads(typed).expect_err("refused").contains(words), "{typed}");
        }
    }

    #[test]
    fn the_past_is_before_today() {
        let today: Date = "2026-11-24".parse().expect("date");
        let found: Vec<String> = past(today, 1, 4).iter().map(Date::to_string).collect();
        assert_eq!(found, ["2026-11-17", "2026-11-10", "2026-11-03", "2026-10-27"]);
    }
}
