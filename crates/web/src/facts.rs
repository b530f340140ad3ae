//! Names of the facts of an article.

use knowledge::FactKind;

/// The message that names a kind of fact.
pub fn key(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Who => "fact-who",
        FactKind::Deadline => "fact-deadline",
        FactKind::Bring => "fact-bring",
        FactKind::Fee => "fact-fee",
        FactKind::Place => "fact-place",
        FactKind::Hours => "fact-hours",
        FactKind::Online => "fact-online",
    }
}
