//! An article as a file describes it, before it is stored.

use std::sync::Arc;

use crate::Content;

/// Where an article stands in a file, for messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// Row or line, if it is known.
    pub row: Option<usize>,
}

/// An article to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Where it was read.
    pub place: Place,
    /// Stable code.
    pub code: String,
    /// What it says.
    pub content: Content,
}
