//! Retrieval of FAQ: candidates, features and ranking, three separate steps.
//!
//! Everything is in memory and immutable once built: a change makes a new [`Index`] from the analysed
//! documents, which are kept, so that only what changed is analysed again.
//!
//! Sources: BM25F as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
//! Beyond" (2009), §3.6.

mod cluster;
mod document;
mod explain;
mod index;
mod query;
mod rank;

pub use cluster::{Cluster, LIKE, Short, cluster};
pub use document::{Document, FIELDS, Field, Texts, Vocabulary, analyse_all};
pub use explain::{Explanation, TermExplanation};
pub use index::{Candidates, Index};
pub use query::{Query, QueryTerm};
pub use rank::{FEATURE_NAMES, FEATURES, Features, Hit, Ranker};
