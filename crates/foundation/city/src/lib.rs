//! The city: its name and colour, its sections with hours and closures, and the topics of the shared
//! service catalogue.

mod organisation;
mod profile;
mod section;
pub mod store;
mod topic;

pub use organisation::Organisation;
pub use profile::{Lang, Profile};
pub use section::{CityClosure, Section, SectionFile, Sections, closures_from_toml, sections_from_toml};
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
}
