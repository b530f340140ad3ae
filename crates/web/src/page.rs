//! What every citizen's page needs: language, words, the city, and addresses.

use std::sync::Arc;

use askama::filters::Safe;
use calendar::{Date, Instant, Status, Time};
use city::{Lang, Organisation, Section};

use crate::{assets, i18n, ruby};

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) city: Arc<Organisation>,
    /// Which part of the menu is marked.
    pub(crate) section: &'static str,
    /// Address of this page without the language's prefix, with its query.
    pub(crate) path: String,
    pub(crate) theme: String,
}

/// A language in the menu.
pub(crate) struct OtherLanguage {
    pub(crate) lang: Lang,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) html: &'static str,
    pub(crate) hreflang: &'static str,
}

/// Whether an office is open, in words.
pub(crate) struct OpenStatus {
    pub(crate) open: bool,
    pub(crate) label: String,
    pub(crate) detail: String,
    pub(crate) today: String,
}

impl Page {
    /// Plain text as HTML; in plain Japanese with ruby.
    pub(crate) fn h(&self, text: &str) -> Safe<String> {
        let escaped = ruby::escape(text);
        Safe(if self.lang == Lang::Easy { ruby::in_html(&escaped) } else { escaped })
    }

    /// A message as HTML.
    pub(crate) fn t(&self, key: &str) -> Safe<String> {
        self.h(&i18n::message(self.lang, key, &[]))
    }

    /// A message with one argument as HTML.
    pub(crate) fn ta(&self, key: &str, name: &str, value: impl AsRef<str>) -> Safe<String> {
        self.h(&i18n::message(self.lang, key, &[(name, value.as_ref())]))
    }

    /// A message for attributes and titles, without readings.
    pub(crate) fn plain(&self, key: &str) -> String {
        ruby::strip(&i18n::message(self.lang, key, &[]))
    }

    /// A text without readings.
    pub(crate) fn unread(&self, text: &str) -> String {
        if self.lang == Lang::Easy { ruby::strip(text) } else { text.to_owned() }
    }

    pub(crate) fn window(&self) -> String {
        self.unread(self.city.profile.window(self.lang))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        match (self.lang.prefix(), path) {
            ("", path) => path.to_owned(),
            (prefix, "/") => format!("{prefix}/"),
            (prefix, path) => format!("{prefix}{path}"),
        }
    }

    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    pub(crate) fn theme_url(&self) -> &str {
        &self.theme
    }

    pub(crate) fn icon(&self, name: &str) -> Safe<String> {
        Safe(format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>", assets::url("icons.svg")))
    }

    pub(crate) fn is_easy(&self) -> bool {
        self.lang == Lang::Easy
    }

    pub(crate) fn is_english(&self) -> bool {
        self.lang == Lang::En
    }

    pub(crate) fn languages(&self) -> Vec<OtherLanguage> {
        Lang::ALL
            .into_iter()
            .map(|lang| OtherLanguage {
                lang,
                name: i18n::message(lang, "language-name", &[]),
                url: if self.path == "/" { format!("{}/", lang.prefix()) } else { format!("{}{}", lang.prefix(), self.path) },
                html: lang.html(),
                hreflang: match lang {
                    Lang::Ja => "ja",
                    Lang::Easy => "ja-Hira",
                    Lang::En => "en",
                },
            })
            .collect()
    }

    /// A day as this language writes it.
    pub(crate) fn day(&self, date: Date) -> String {
        match self.lang {
            Lang::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Lang::Easy => format!("{}年(ねん)　{}月(がつ)　{}日(にち)", date.year(), date.month(), date.day()),
            Lang::En => format!("{} {} {}", date.day(), MONTHS[date.month() as usize - 1], date.year()),
        }
    }

    /// A day of this year with its weekday.
    fn short_day(&self, date: Date) -> String {
        let weekday = date.weekday().to_monday_zero_offset() as usize;
        match self.lang {
            Lang::Ja => format!("{}月{}日（{}）", date.month(), date.day(), WEEKDAYS[weekday]),
            Lang::Easy => format!("{}月(がつ){}日(にち)（{}）", date.month(), date.day(), WEEKDAYS[weekday]),
            Lang::En => format!("{} {} {}", WEEKDAYS_EN[weekday], date.day(), MONTHS[date.month() as usize - 1]),
        }
    }

    /// A time of day as this language writes it.
    fn clock_time(&self, time: Time) -> String {
        let (hour, minute) = (time.hour(), time.minute());
        match (self.lang, minute) {
            (Lang::En, _) => format!("{hour}:{minute:02}"),
            (Lang::Ja, 0) => format!("{hour}時"),
            (Lang::Ja, _) => format!("{hour}時{minute:02}分"),
            (Lang::Easy, 0) => format!("{hour}時(じ)"),
            (Lang::Easy, _) => format!("{hour}時(じ){minute:02}分(ふん)"),
        }
    }

    /// Day and time of an instant.
    pub(crate) fn moment(&self, at: Instant) -> String {
        let civil = at.jst();
        format!("{} {}", self.day(civil.date()), self.clock_of(at))
    }

    fn clock_of(&self, at: Instant) -> String {
        let civil = at.jst();
        let (hour, minute) = (civil.hour().unsigned_abs(), civil.minute().unsigned_abs());
        Time::new(hour, minute).map_or_else(String::new, |t| self.clock_time(t))
    }

    /// Whether a section is open, until when or from when, and its hours of the day.
    pub(crate) fn status(&self, section: &Section, now: Instant) -> OpenStatus {
        let text = |key: &str, args: &[(&str, &str)]| i18n::message(self.lang, key, args);
        let hours = self.city.hours(section);
        let today = now.jst_date();
        let blocks = hours.today(today);
        let reason = self.city.closure(section, today).map(|c| match self.lang {
            Lang::Ja => &c.reason,
            Lang::Easy => &c.reason_easy,
            Lang::En => &c.reason_en,
        });
        let mut times: Vec<String> =
            blocks.iter().map(|b| format!("{}–{}", self.clock_time(b.open), self.clock_time(b.close))).collect();
        if times.is_empty() {
            times.push(reason.map_or_else(|| text("closed-today", &[]), |r| text("closed-reason", &[("reason", r)])));
        }
        let today_words = times.join(if self.lang == Lang::En { ", " } else { "、" });
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
                detail: text("open-until", &[("time", &self.clock_of(until))]),
                today: today_words,
            },
            Status::Closed { opens } => OpenStatus {
                open: false,
                label: text("closed-now", &[]),
                detail: opens.map_or_else(String::new, |at| {
                    let day = at.jst_date();
                    let time = self.clock_of(at);
                    let words = if day == today { time } else { format!("{} {time}", self.short_day(day)) };
                    text("opens-at", &[("time", &words)])
                }),
                today: today_words,
            },
        }
    }
}


const WEEKDAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
