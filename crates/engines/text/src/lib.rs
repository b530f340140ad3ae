//! Japanese text: normal forms, words with base form and reading, and what of a sentence carries meaning.
//!
//! Pure computation. The dictionary is one file, compiled at set-up ([`dictionary::build`]) and read
//! at start ([`Analyzer::load`]).

mod analyse;
mod boilerplate;
pub mod dictionary;
pub mod normal;
pub mod numbers;
pub mod private;
pub mod variants;

pub use analyse::{Analyzer, Class, Token};
pub use boilerplate::strip as strip_boilerplate;

/// What can be wrong with a dictionary. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The file cannot be read.
    #[error("the dictionary {path} cannot be read: {source}")]
    Unreadable {
        /// Where it was looked for.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is something else, cut off or damaged.
    #[error("{path} is not a dictionary of this version: {reason}; make it again with `scripts/dictionary`")]
    Wrong {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A source file for compiling is not as expected.
    #[error("{file}: {reason}")]
    Source {
        /// The file and line.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Input or output while compiling.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
