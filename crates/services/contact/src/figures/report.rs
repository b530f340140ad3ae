//! Reports: sums of the facts over a period, by day, week, month, section, topic or channel, and the figures that are
//! computed from them. A contact counts on the day on which it began, for the section that was accountable last; one
//! that became part of another counts nowhere.

use std::collections::BTreeMap;

use calendar::Date;
use city::{Lang, Organisation};
use store::Tx;

use crate::channel::{Channel, coded};
use crate::store::figure_report as rows;
use crate::{ContactError, clock};

pub use crate::store::figure_report::{Limits, Numbers, Wanted};

/// The setting for [`Limits::service_ms`], in seconds.
pub const SERVICE: &str = "contact.service_seconds";
/// The setting for [`Limits::repeat_ms`], in days.
pub const REPEAT: &str = "contact.repeat_days";
/// Longest period, in days: three years and some.
pub const MOST_DAYS: i64 = 1_100;

coded! {
    /// By what a report is broken down.
    By {
        /// Days.
        Day = "day",
        /// Weeks, from Monday; the code is that day.
        Week = "week",
        /// Months; the code is `2026-11`.
        Month = "month",
        /// The section that was accountable last, as it is called today.
        Section = "section",
        /// Topics; an empty code for contacts without.
        Topic = "topic",
        /// Channels.
        Channel = "channel",
    }
}

impl By {
    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            By::Day => "日ごと",
            By::Week => "週ごと",
            By::Month => "月ごと",
            By::Section => "課ごと",
            By::Topic => "分類ごと",
            By::Channel => "受けた方法ごと",
        }
    }

    /// What stands above the first column.
    pub const fn head(self) -> &'static str {
        match self {
            By::Day => "日",
            By::Week => "週（月曜日から）",
            By::Month => "月",
            By::Section => "担当課（最後の）",
            By::Topic => "分類",
            By::Channel => "受けた方法",
        }
    }

    const fn column(self) -> &'static str {
        match self {
            By::Day | By::Week | By::Month => "day",
            By::Section => "section",
            By::Topic => "coalesce(topic, '')",
            By::Channel => "channel",
        }
    }

    /// The code of the line in which a stored value counts.
    fn line_of(self, stored: &str, organisation: &Organisation, today: Date) -> String {
        match self {
            By::Day | By::Topic | By::Channel => stored.to_owned(),
            By::Week => stored.parse().map_or_else(|_| stored.to_owned(), |day| monday(day).to_string()),
            By::Month => stored.get(..7).unwrap_or(stored).to_owned(),
            By::Section => organisation.section(stored, today).map_or_else(|| stored.to_owned(), |s| s.code.clone()),
        }
    }

    /// What people read for a code.
    pub fn label(self, code: &str, organisation: &Organisation, today: Date) -> String {
        match self {
            By::Day | By::Week => code.parse().map_or_else(|_| code.to_owned(), day_label),
            By::Month => match code.split_once('-') {
                Some((year, month)) => format!("{year}年{}月", month.trim_start_matches('0')),
                None => code.to_owned(),
            },
            By::Section => {
                organisation.section(code, today).map_or_else(|| code.to_owned(), |s| s.name(Lang::Ja).to_owned())
            }
            By::Topic if code.is_empty() => "分類なし".to_owned(),
            By::Topic => city::topic(code).map_or_else(|| code.to_owned(), |t| t.name(Lang::Ja).to_owned()),
            By::Channel => Channel::from_code(code).map_or_else(|| code.to_owned(), |c| channel_name(c).to_owned()),
        }
    }
}

/// The Monday of a day's week.
fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    calendar::Instant::from_millis(calendar::Instant::start_of(day).millis() - back * 86_400_000).jst_date()
}

/// `2026年11月24日（火）`
fn day_label(day: Date) -> String {
    const DAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let at = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
    format!("{}年{}月{}日（{}）", day.year(), day.month(), day.day(), DAYS.get(at).copied().unwrap_or_default())
}

/// What the interface calls a channel.
pub const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "チャット",
        Channel::Line => "LINE",
        Channel::Phone => "電話",
        Channel::Mail => "メール",
        Channel::Counter => "窓口",
        Channel::Fax => "ファックス",
        Channel::Letter => "手紙",
    }
}

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Code of the day, week, month, section, topic or channel.
    pub code: String,
    /// Its numbers.
    pub numbers: Numbers,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By what it is broken down.
    pub by: By,
    /// The limits that decided what is in time.
    pub limits: Limits,
    /// Its lines: days in order, everything else by the number of contacts.
    pub lines: Vec<Line>,
    /// All together.
    pub total: Numbers,
}

/// The limits that the city set.
pub async fn limits(tx: &mut Tx) -> Result<Limits, ContactError> {
    Ok(Limits {
        service_ms: clock::number(tx, SERVICE).await?.saturating_mul(1_000),
        first_reply_ms: clock::number(tx, clock::FIRST_REPLY).await?.saturating_mul(60_000),
        repeat_ms: clock::number(tx, REPEAT).await?.saturating_mul(86_400_000),
        resolution_ms: clock::number(tx, clock::RESOLUTION).await?.saturating_mul(3_600_000),
    })
}

/// Adds the facts up. `tx` reads (`db.read()`), so that nobody who writes waits for it.
pub async fn report(
    tx: &mut Tx,
    organisation: &Organisation,
    today: Date,
    by: By,
    wanted: &Wanted,
) -> Result<Report, ContactError> {
    let limits = limits(tx).await?;
    let mut lines: BTreeMap<String, Numbers> = BTreeMap::new();
    for (stored, numbers) in rows::sums(tx, by.column(), wanted, limits).await? {
        lines.entry(by.line_of(&stored, organisation, today)).or_default().add(&numbers);
    }
    for (stored, seconds, count) in rows::waits(tx, by.column(), wanted).await? {
        let line = lines.entry(by.line_of(&stored, organisation, today)).or_default();
        *line.waits.entry(seconds).or_default() += count;
    }
    let mut total = Numbers::default();
    for numbers in lines.values() {
        total.add(numbers);
    }
    let mut lines: Vec<Line> = lines.into_iter().map(|(code, numbers)| Line { code, numbers }).collect();
    if matches!(by, By::Section | By::Topic | By::Channel) {
        lines.sort_by(|a, b| b.numbers.contacts.cmp(&a.numbers.contacts).then_with(|| a.code.cmp(&b.code)));
    }
    Ok(Report { by, limits, lines, total })
}

/// How many contacts came into the queue in each half hour (0 to 47), on average of some days.
pub async fn half_hours(tx: &mut Tx, days: &[Date], wanted: &Wanted) -> Result<[f64; 48], ContactError> {
    let mut mean = [0.0; 48];
    for (half_hour, count) in rows::half_hours(tx, days, wanted).await? {
        if let Some(slot) = usize::try_from(half_hour).ok().and_then(|n| mean.get_mut(n)) {
            // Counts of contacts are far below what a float holds exactly.
            *slot = count as f64 / days.len() as f64;
        }
    }
    Ok(mean)
}
