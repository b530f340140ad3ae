//! What of a section can be changed, field by field.

use calendar::OfficeHours;
use serde::{Deserialize, Serialize};

use crate::{CityError, Section};

/// Longest text of a field, in characters.
const LONGEST: usize = 200;

/// New values of some fields of a section; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SectionChange {
    /// Department (部).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Name in Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name in plain Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_easy: Option<String>,
    /// Name in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Extension for callers inside; an empty one takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Where it is, in Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where it is, in plain Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_easy: Option<String>,
    /// Where it is, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_en: Option<String>,
    /// What people come for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duties: Option<String>,
    /// Opening hours without closures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<OfficeHours>,
    /// Whether it stays open when the whole city is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_in_closures: Option<bool>,
}

/// A text field: its name, what the interface calls it, its new value, and where it stands in a section.
type TextField<'a> = (&'static str, &'static str, Option<&'a str>, fn(&mut Section) -> &mut String);

impl SectionChange {
    fn texts(&self) -> [TextField<'_>; 9] {
        [
            ("department", "部", self.department.as_deref(), |s| &mut s.department),
            ("name", "名前", self.name.as_deref(), |s| &mut s.name),
            ("name_easy", "名前（やさしい日本語）", self.name_easy.as_deref(), |s| &mut s.name_easy),
            ("name_en", "名前（英語）", self.name_en.as_deref(), |s| &mut s.name_en),
            ("phone", "電話番号", self.phone.as_deref(), |s| &mut s.phone),
            ("place", "場所", self.place.as_deref(), |s| &mut s.place),
            ("place_easy", "場所（やさしい日本語）", self.place_easy.as_deref(), |s| &mut s.place_easy),
            ("place_en", "場所（英語）", self.place_en.as_deref(), |s| &mut s.place_en),
            ("duties", "担当する仕事", self.duties.as_deref(), |s| &mut s.duties),
        ]
    }

    /// Names of the fields that are changed.
    pub fn fields(&self) -> Vec<&'static str> {
        let mut fields: Vec<_> = self.texts().iter().filter(|(_, _, new, _)| new.is_some()).map(|f| f.0).collect();
        let others = [
            ("extension", self.extension.is_some()),
            ("hours", self.hours.is_some()),
            ("open_in_closures", self.open_in_closures.is_some()),
        ];
        fields.extend(others.iter().filter(|(_, there)| *there).map(|(name, _)| *name));
        fields
    }

    /// Checks the values; with `complete` a new section must have all of them.
    pub(crate) fn check(&self, complete: bool) -> Result<(), (&'static str, String)> {
        for (field, label, new, _) in self.texts() {
            match new.map(str::trim) {
                Some("") => return Err((field, format!("{label}が空です。入力してください。"))),
                Some(text) if text.chars().count() > LONGEST => {
                    return Err((field, format!("{label}は{LONGEST}字までで入力してください。")));
                }
                None if complete => return Err((field, format!("{label}を入力してください。"))),
                _ => {}
            }
        }
        if complete && self.hours.is_none() {
            return Err(("hours", "開庁時間を入力してください。".into()));
        }
        if !complete && self.fields().is_empty() {
            return Err(("change", "変えるところがありません。変える項目を入力してください。".into()));
        }
        Ok(())
    }

    /// The same as an error of a form.
    pub(crate) fn checked(&self, complete: bool) -> Result<(), CityError> {
        self.check(complete).map_err(|(field, reason)| CityError::Invalid { field, reason })
    }

    /// Puts the new values into a section.
    pub(crate) fn apply(&self, section: &mut Section) {
        for (_, _, new, place) in self.texts() {
            if let Some(text) = new {
                text.trim().clone_into(place(section));
            }
        }
        if let Some(extension) = &self.extension {
            section.extension = Some(extension.trim().to_owned()).filter(|e| !e.is_empty());
        }
        if let Some(hours) = &self.hours {
            section.hours.clone_from(hours);
        }
        if let Some(open) = self.open_in_closures {
            section.open_in_closures = open;
        }
    }

    /// Puts the new values into a later span of the same section, where that only went on with the old ones.
    pub(crate) fn carry(&self, old: &Section, later: &mut Section) {
        let (mut before, mut now) = (old.clone(), later.clone());
        self.apply(&mut now);
        for (_, _, _, place) in self.texts() {
            if place(&mut before) == place(later) {
                place(later).clone_from(place(&mut now));
            }
        }
        if before.extension == later.extension {
            later.extension = now.extension;
        }
        if before.hours == later.hours {
            later.hours = now.hours;
        }
        if before.open_in_closures == later.open_in_closures {
            later.open_in_closures = now.open_in_closures;
        }
    }
}
