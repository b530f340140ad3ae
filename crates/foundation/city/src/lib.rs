//! The city: its name and colour, its sections with hours and closures, and the topics of the shared
//! service catalogue. Sections are dated: a reorganisation is written months ahead and takes effect by itself.

mod change;
mod edit;
mod organisation;
mod profile;
pub mod reorganisation;
mod section;
mod section_export;
pub mod store;
mod topic;

pub use change::SectionChange;
pub use edit::{Editor, add_closure, change_section, remove_closure};
pub use organisation::{Choice, Department, Organisation};
pub use profile::{Lang, Profile};
pub use section::{CityClosure, Section, SectionFile, Sections, closures_from_toml, sections_from_toml};
pub use section_export::sections_to_toml;
pub use topic::{TOPICS, Topic, TopicGroup, topic};

/// The topic of `store::changes` that goes up when anything of the city changes.
pub const CHANGE_TOPIC: &str = "city";

/// What can be wrong with a city's description.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// A file of the city is not as expected.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What is wrong, with the line where known.
        reason: String,
    },
    /// The database holds no city.
    #[error("the database holds no city yet: run `madoguchi init` or `madoguchi demo`")]
    NoCity,
    /// A form that cannot be taken; the field and a sentence in Japanese for the person who sent it.
    #[error("{field}: {reason}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// There is no such record.
    #[error("not found")]
    NotFound,
    /// Somebody else changed the record since it was read.
    #[error("changed meanwhile")]
    Changed,
}

/// A day as the interface writes it: `2027年4月1日（木）`.
pub fn day_in_words(day: calendar::Date) -> String {
    const DAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let weekday = DAYS[day.weekday().to_monday_zero_offset() as usize];
    format!("{}年{}月{}日（{weekday}）", day.year(), day.month(), day.day())
}
