//! What every citizen's page needs: language, words, the city, and addresses.

use std::sync::Arc;

use askama::filters::Safe;
use calendar::{Date, Instant};
use city::{Lang, Organisation, Section};

use words::OpenStatus;
use words::{i18n, ruby};

use crate::assets;

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) city: Arc<Organisation>,
    /// Which part of the menu is marked.
    pub(crate) section: &'static str,
    /// Address of this page without the language's prefix, with its query.
    pub(crate) path: String,
    pub(crate) theme: String,
    /// What the city says to everybody while it responds to a disaster.
    pub(crate) banner: Option<String>,
}

/// A language in the menu.
pub(crate) struct OtherLanguage {
    pub(crate) lang: Lang,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) html: &'static str,
    pub(crate) hreflang: &'static str,
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

    /// A message with one argument for attributes, without readings.
    pub(crate) fn plain_with(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        ruby::strip(&i18n::message(self.lang, key, &[(name, value.as_ref())]))
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
        Safe(format!(
            "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>",
            assets::url("icons.svg")
        ))
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
                url: if self.path == "/" {
                    format!("{}/", lang.prefix())
                } else {
                    format!("{}{}", lang.prefix(), self.path)
                },
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
        words::day(self.lang, date)
    }

    /// Day and time of an instant.
    pub(crate) fn moment(&self, at: Instant) -> String {
        format!("{} {}", words::day(self.lang, at.jst_date()), words::time_of(self.lang, at))
    }

    /// Whether a section is open, until when or from when, and its hours of the day.
    pub(crate) fn status(&self, section: &Section, now: Instant) -> OpenStatus {
        words::open_status(self.lang, &self.city, section, now)
    }
}
