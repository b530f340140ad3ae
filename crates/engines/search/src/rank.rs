//! What was found.

use crate::Features;

/// A document that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Number of the document.
    pub doc: u32,
    /// What it was ranked by; comparable within one question only.
    pub score: f32,
    /// Its features.
    pub features: Features,
}
