//! Retrieval of FAQ: candidates, features and ranking, three separate steps.
//!
//! Everything is in memory and immutable once built: a change makes a new [`Index`] from the analysed
//! documents, which are kept, so that only what changed is analysed again.
//!
//! Sources: BM25F as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
//! Beyond" (2009), §3.6.

pub mod calibrate;
mod cluster;
mod dense;
mod document;
mod explain;
mod feature;
mod features;
mod forest;
mod index;
pub mod intent;
mod kept;
mod latent;
pub mod learn;
mod model;
mod negation;
mod query;
mod rank;
mod slips;
pub mod thesaurus;

pub use cluster::{Cluster, LIKE, Short, cluster};
pub use dense::Embedded;
pub use document::{Document, FIELDS, Field, MOST_ASKED, Texts, Vocabulary, analyse_all};
pub use explain::{Explanation, TermExplanation};
pub use feature::{FEATURE_NAMES, FEATURES, Feature, Features, Kind, kind_of, kind_of_name};
pub use index::Index;
pub use kept::{Kept, KeptError};
pub use latent::Latent;
pub use model::{Model, ModelError};
pub use query::{Query, QuerySubstitute, QueryTerm};
pub use rank::Hit;
