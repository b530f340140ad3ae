//! What can go wrong with vectors.

use std::path::PathBuf;

/// Why there is no vector for a text. Sentences for an administrator; the staff's pages have Japanese ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// Nothing came within so many milliseconds.
    #[error("nothing came within {0} ms")]
    Slow(u64),
    /// No connection, or one that broke.
    #[error("it cannot be reached: {0}")]
    Down(String),
    /// It answered with a status that is none of success.
    #[error("it answers with HTTP status {0}")]
    Status(u16),
    /// Its answer is longer than this many bytes.
    #[error("its answer is longer than {0} bytes")]
    TooLong(usize),
    /// Its answer is no JSON, or not of the form that was agreed.
    #[error("its answer is not what an OpenAI-compatible endpoint gives: {0}")]
    Form(String),
    /// As many vectors as texts were sent were expected.
    #[error("for {sent} text(s) it gives {got} vector(s)")]
    Count {
        /// Texts.
        sent: usize,
        /// Vectors.
        got: usize,
    },
    /// Vectors of another size than those before.
    #[error(
        "it gives vectors of {got} numbers where those before had {expected}; another model needs another name in \
         `model`, and then all articles are embedded anew"
    )]
    Size {
        /// Numbers of those before.
        expected: usize,
        /// Numbers of this one.
        got: usize,
    },
    /// A vector holds what is no finite number.
    #[error("a vector holds something that is no number")]
    NoNumber,
    /// The tokenizer of a static model refuses a text.
    #[error("the tokenizer refuses a text: {0}")]
    Tokenizer(String),
}

/// Why a folder is no model that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct ModelFolderError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}
