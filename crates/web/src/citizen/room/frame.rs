//! The frame of the room's pages: one title, one address, nothing of the city's menus. In Japanese every Chinese
//! character has its reading, in plain Japanese and in the other.

use std::sync::Arc;

use askama::filters::Safe;
use calendar::Instant;
use casework::entry::Speaker;
use city::{Lang, Organisation};
use words::{i18n, ruby};

use super::form::Wrong;
use crate::assets;

/// Where the room is, without a language's prefix.
pub(super) const ADDRESS: &str = "/room";

/// Whether an address is the room's. What begins like it counts as well: its errors are as quiet as its pages.
pub(crate) fn is_room(path: &str) -> bool {
    let local = path.strip_prefix(crate::errors::lang_of(path).prefix()).unwrap_or(path);
    local.strip_prefix(ADDRESS).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What every page of the room needs.
pub(super) struct Frame {
    pub(super) lang: Lang,
    pub(super) city: Arc<Organisation>,
    /// Danger signs were seen in what was written.
    pub(super) danger: bool,
    /// What is wrong with fields.
    pub(super) wrong: Wrong,
    /// Said at the top: what happened, or what did not.
    pub(super) notice: Option<String>,
    /// Whether that is bad news.
    pub(super) is_trouble: bool,
}

/// Another language of the first page.
pub(super) struct Other {
    pub(super) name: Safe<String>,
    pub(super) html: &'static str,
    pub(super) url: String,
}

impl Frame {
    pub(super) fn new(lang: Lang, city: Arc<Organisation>) -> Self {
        Frame { lang, city, danger: false, wrong: Wrong::new(), notice: None, is_trouble: false }
    }

    pub(super) fn with(self, wrong: Wrong) -> Self {
        Frame { wrong, ..self }
    }

    /// With a sentence at the top.
    pub(super) fn saying(self, key: Option<&str>, is_trouble: bool) -> Self {
        let notice = key.map(|key| i18n::message(self.lang, key, &[]));
        Frame { notice, is_trouble, ..self }
    }

    /// Text with readings in brackets as HTML.
    pub(super) fn h(&self, text: &str) -> Safe<String> {
        let escaped = ruby::escape(text);
        Safe(if self.lang == Lang::En { escaped } else { ruby::in_html(&escaped) })
    }

    pub(super) fn t(&self, key: &str) -> Safe<String> {
        self.h(&i18n::message(self.lang, key, &[]))
    }

    pub(super) fn ta(&self, key: &str, name: &str, value: impl AsRef<str>) -> Safe<String> {
        self.h(&i18n::message(self.lang, key, &[(name, value.as_ref())]))
    }

    /// For attributes, without readings.
    pub(super) fn plain(&self, key: &str) -> String {
        ruby::strip(&i18n::message(self.lang, key, &[]))
    }

    /// The language in which names of the city, days and times are said: the plain one has their readings.
    fn spoken(&self) -> Lang {
        if self.lang == Lang::Ja { Lang::Easy } else { self.lang }
    }

    pub(super) fn name(&self) -> Safe<String> {
        self.h(self.city.profile.name(self.spoken()))
    }

    /// The title of every page: it says nothing.
    pub(super) fn title(&self) -> String {
        ruby::strip(self.city.profile.name(self.spoken()))
    }

    pub(super) fn moment(&self, at: Instant) -> Safe<String> {
        let lang = self.spoken();
        self.h(&format!("{} {}", words::short_day(lang, at.jst_date()), words::time_of(lang, at)))
    }

    /// Where forms go.
    pub(super) fn action(&self) -> String {
        format!("{}{ADDRESS}", self.lang.prefix())
    }

    /// The harmless page that takes the place of this one.
    pub(super) fn away(&self) -> String {
        format!("{}/", self.lang.prefix())
    }

    pub(super) fn html(&self) -> &'static str {
        self.lang.html()
    }

    pub(super) fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    pub(super) fn picture(&self, name: &str) -> Safe<String> {
        Safe(format!("<svg class=\"pic\" viewBox=\"0 0 64 64\" aria-hidden=\"true\"><use href=\"#p-{name}\"/></svg>"))
    }

    pub(super) fn error(&self, field: &str) -> Option<Safe<String>> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, said)| self.h(said))
    }

    pub(super) fn others(&self) -> Vec<Other> {
        let others = Lang::ALL.into_iter().filter(|lang| *lang != self.lang);
        let other = |lang: Lang| {
            let name = i18n::message(lang, "language-name", &[]);
            // 日本語 is read by whoever looks for it; the rule of the room holds for it too.
            let name = if lang == Lang::Ja {
                "日本語(にほんご)".to_owned()
            } else {
                name.replace("日本語", "日本語(にほんご)")
            };
            let html = ruby::in_html(&ruby::escape(&name));
            Other { name: Safe(html), html: lang.html(), url: format!("{}{ADDRESS}", lang.prefix()) }
        };
        others.map(other).collect()
    }
}

/// What is asked on the second page.
pub(super) const fn what_key(speaker: Option<Speaker>) -> &'static str {
    match speaker {
        Some(Speaker::Parent) => "room-what-parent",
        Some(Speaker::Friend) => "room-what-friend",
        Some(Speaker::Teacher) => "room-what-teacher",
        Some(Speaker::Other) => "room-what-other",
        Some(Speaker::Child | Speaker::Person | Speaker::Family) | None => "room-what-child",
    }
}

/// What is asked about wishes: the heading, the field of what is wanted, and an example of what is not.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    pub(super) title: &'static str,
    pub(super) wanted: &'static str,
    pub(super) hint: &'static str,
}

/// What is asked in a talk, where nobody knows any more who speaks.
pub(super) const ASKING_AGAIN: Asking =
    Asking { title: "room-talk-wishes", wanted: "room-wanted-label", hint: "room-unwanted-hint" };

/// What is asked on the third page: a grown-up or a friend speaks of a child, who is not whoever reads the page.
pub(super) const fn asking(speaker: Option<Speaker>) -> Asking {
    match speaker {
        // The room does not offer these two.
        Some(Speaker::Child | Speaker::Person | Speaker::Family) | None => {
            Asking { title: "room-wishes-child", ..ASKING_AGAIN }
        }
        Some(Speaker::Parent) => {
            Asking { title: "room-wishes-parent", wanted: "room-wanted-parent", hint: "room-unwanted-hint-others" }
        }
        Some(Speaker::Friend | Speaker::Teacher | Speaker::Other) => {
            Asking { title: "room-wishes-others", wanted: "room-wanted-others", hint: "room-unwanted-hint-others" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_known_in_every_language() {
        for path in ["/room", "/easy/room", "/en/room", "/room/", "/room/x"] {
            assert!(is_room(path), "{path}");
        }
        for path in ["/", "/rooms", "/easy/", "/en/ask", "/articles/room"] {
            assert!(!is_room(path), "{path}");
        }
    }
}
