//! The city as it stands today, in memory: what every page needs.

use std::collections::HashMap;

use calendar::{BusinessCalendar, Closures, Date, Instant, OfficeHours, Status};

use crate::{CityClosure, CityError, Profile, Section, store};

/// Profile, sections and closures, read together.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Who the city is.
    pub profile: Profile,
    sections: HashMap<String, Vec<Section>>,
    closures: Vec<CityClosure>,
}

impl Organisation {
    /// Puts the parts together.
    pub fn new(profile: Profile, sections: Vec<Section>, closures: Vec<CityClosure>) -> Self {
        let mut by_code: HashMap<String, Vec<Section>> = HashMap::new();
        for section in sections {
            by_code.entry(section.code.clone()).or_default().push(section);
        }
        Organisation { profile, sections: by_code, closures }
    }

    /// Reads the city from its database.
    pub async fn load(db: &::store::Db) -> Result<Self, CityError> {
        let mut tx = db.read().await?;
        let profile = store::profile(&mut tx).await?.ok_or(CityError::NoCity)?;
        let sections = store::sections(&mut tx).await?;
        let closures = store::closures(&mut tx).await?;
        Ok(Organisation::new(profile, sections, closures))
    }

    /// The section that answers for a code on a day: itself, or the successor of an ended one.
    pub fn section(&self, code: &str, on: Date) -> Option<&Section> {
        let mut code = code;
        // A chain of successors is short; a circle in the data must not hang a page.
        for _ in 0..8 {
            let spans = self.sections.get(code)?;
            if let Some(section) = spans.iter().find(|s| s.valid_from <= on && s.valid_to.is_none_or(|to| on <= to)) {
                return Some(section);
            }
            let last = spans.iter().max_by_key(|s| s.valid_from)?;
            code = last.successor.as_deref()?;
        }
        None
    }

    /// All sections on a day, by code.
    pub fn sections_on(&self, on: Date) -> Vec<&Section> {
        let mut found: Vec<&Section> = self
            .sections
            .values()
            .flatten()
            .filter(|s| s.valid_from <= on && s.valid_to.is_none_or(|to| on <= to))
            .collect();
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
