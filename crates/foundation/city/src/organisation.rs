//! The city as it stands on any day, in memory: what every page needs.

use std::collections::{BTreeMap, HashMap};

use calendar::{BusinessCalendar, Closures, Date, Instant, OfficeHours, Status};

use crate::{CityClosure, CityError, Profile, Section, store};

/// Profile, sections and closures, read together.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Who the city is.
    pub profile: Profile,
    sections: HashMap<String, Vec<Section>>,
    closures: Vec<CityClosure>,
    splits: Vec<Choice>,
}

/// A section whose tasks went to several: until a person has chosen, its records are with the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Code of the section that ended.
    pub code: String,
    /// Its last day.
    pub ended_on: Date,
    /// Codes of those that took over, the first being the one that answers meanwhile.
    pub successors: Vec<String>,
}

/// A department (部) with its sections.
#[derive(Clone, Debug)]
pub struct Department<S> {
    /// Name.
    pub name: String,
    /// Sections by code.
    pub sections: Vec<S>,
}

/// Successors of successors; a circle in the data must not hang a page.
const LONGEST_CHAIN: usize = 32;

fn holds(section: &Section, on: Date) -> bool {
    section.valid_from <= on && section.valid_to.is_none_or(|to| on <= to)
}

/// Sections as a tree, departments by name.
pub(crate) fn departments<S>(sections: Vec<S>, department: impl Fn(&S) -> &str) -> Vec<Department<S>> {
    let mut by_name: BTreeMap<String, Vec<S>> = BTreeMap::new();
    for section in sections {
        by_name.entry(department(&section).to_owned()).or_default().push(section);
    }
    by_name.into_iter().map(|(name, sections)| Department { name, sections }).collect()
}

impl Organisation {
    /// Puts the parts together.
    pub fn new(profile: Profile, sections: Vec<Section>, closures: Vec<CityClosure>) -> Self {
        let mut by_code: HashMap<String, Vec<Section>> = HashMap::new();
        for section in sections {
            by_code.entry(section.code.clone()).or_default().push(section);
        }
        for spans in by_code.values_mut() {
            spans.sort_by_key(|s| s.valid_from);
        }
        Organisation { profile, sections: by_code, closures, splits: Vec::new() }
    }

    /// The same with the sections that were split.
    pub fn with_splits(self, splits: Vec<Choice>) -> Self {
        Organisation { splits, ..self }
    }

    /// Reads the city from its database.
    pub async fn load(db: &::store::Db) -> Result<Self, CityError> {
        let mut tx = db.read().await?;
        Organisation::read(&mut tx).await
    }

    /// Reads the city in the caller's transaction.
    pub async fn read(tx: &mut ::store::Tx) -> Result<Self, CityError> {
        let profile = store::profile(tx).await?.ok_or(CityError::NoCity)?;
        let sections = store::sections(tx).await?;
        let closures = store::closures(tx).await?;
        let splits = store::reorganisation::splits(tx).await?;
        Ok(Organisation::new(profile, sections, closures).with_splits(splits))
    }

    /// The section that answers for a code on a day: itself, or the successor of an ended one. A section
    /// that has not begun on that day has nobody who answers for it.
    pub fn section(&self, code: &str, on: Date) -> Option<&Section> {
        let mut code = code;
        for _ in 0..LONGEST_CHAIN {
            if let Some(section) = self.own(code, on) {
                return Some(section);
            }
            let ended = self.spans(code).iter().rfind(|s| s.valid_to.is_some_and(|to| to < on))?;
            code = ended.successor.as_deref()?;
        }
        None
    }

    /// The section with a code on a day, if it exists then in its own right.
    pub fn own(&self, code: &str, on: Date) -> Option<&Section> {
        self.spans(code).iter().find(|s| holds(s, on))
    }

    /// All spans of a code, the earliest first.
    pub fn spans(&self, code: &str) -> &[Section] {
        self.sections.get(code).map_or(&[], Vec::as_slice)
    }

    /// All codes for which a section answers on a day: its own, and those of sections that came before it.
    pub fn codes_of(&self, section: &str, on: Date) -> Vec<&str> {
        let mut codes: Vec<&str> = self
            .sections
            .keys()
            .filter(|code| self.section(code, on).is_some_and(|s| s.code == section))
            .map(String::as_str)
            .collect();
        codes.sort_unstable();
        codes
    }

    /// Every code that a section ever had.
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.sections.keys().map(String::as_str).collect();
        codes.sort_unstable();
        codes
    }

    /// Departments with their sections on a day.
    pub fn tree(&self, on: Date) -> Vec<Department<&Section>> {
        departments(self.sections_on(on), |s| &s.department)
    }

    /// Sections that had ended by a day and whose records a person must hand out, the earliest first.
    pub fn needs_choice(&self, on: Date) -> Vec<&Choice> {
        self.splits.iter().filter(|c| c.ended_on < on).collect()
    }

    /// All sections on a day, by code.
    pub fn sections_on(&self, on: Date) -> Vec<&Section> {
        let mut found: Vec<&Section> = self.sections.values().flatten().filter(|s| holds(s, on)).collect();
        found.sort_by(|a, b| a.code.cmp(&b.code));
        found
    }

    /// Whether a code was ever that of a section.
    pub fn knows(&self, code: &str) -> bool {
        self.sections.contains_key(code)
    }

    /// A section's hours with the closures that hold for it.
    pub fn hours(&self, section: &Section) -> OfficeHours {
        let mut hours = section.hours.clone();
        hours.closures = self
            .closures
            .iter()
            .filter(|c| match &c.section {
                Some(code) => *code == section.code,
                None => !section.open_in_closures,
            })
            .map(|c| c.days)
            .collect();
        hours
    }

    /// Whether a section is open at an instant.
    pub fn status(&self, section: &Section, at: Instant) -> Status {
        self.hours(section).status_at(at)
    }

    /// Why a section is closed on a day although its hours say otherwise.
    pub fn closure(&self, section: &Section, on: Date) -> Option<&CityClosure> {
        self.closures.iter().find(|c| {
            c.days.contains(on)
                && match &c.section {
                    Some(code) => *code == section.code,
                    None => !section.open_in_closures,
                }
        })
    }

    /// Business days of the city.
    pub fn business_calendar(&self) -> BusinessCalendar {
        let days = self.closures.iter().filter(|c| c.section.is_none()).map(|c| c.days).collect::<Vec<_>>();
        BusinessCalendar { closures: Closures(days) }
    }
}
