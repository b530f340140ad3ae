//! What a person asked, as terms with weights.

use text::{Analyzer, normal};

use crate::document::{Space, Vocabulary, pairs, weight};

/// Longest question that is analysed, in characters; what comes after says little more.
const MAX_CHARS: usize = 400;

/// A word of the question.
#[derive(Clone, Debug)]
pub struct QueryTerm {
    /// As it was written.
    pub surface: String,
    /// Base form.
    pub base: String,
    /// Reading.
    pub reading: String,
    /// How much it says, 0 to 1.
    pub weight: f32,
    pub(crate) word: Option<u32>,
    pub(crate) read: Option<u32>,
}

/// An analysed question.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words, each base form once.
    pub terms: Vec<QueryTerm>,
    pub(crate) pairs: Vec<u32>,
    /// Pairs of characters in the question, known or not.
    pub(crate) pair_count: usize,
}

impl Query {
    /// Analyses a question of any length and form.
    pub fn new(analyzer: &Analyzer, vocabulary: &Vocabulary, asked: &str) -> Self {
        let asked: String = asked.chars().take(MAX_CHARS).collect();
        let core = text::strip_boilerplate(&normal::normalise(&asked));
        let mut query = Query::default();
        for token in analyzer.tokens_of_normal(&core) {
            let weight = weight(&token);
            if weight <= 0.0 || query.terms.iter().any(|t| t.base == token.base) {
                continue;
            }
            query.terms.push(QueryTerm {
                word: vocabulary.get(Space::Words, &token.base),
                read: vocabulary.get(Space::Readings, &token.reading),
                surface: token.surface,
                base: token.base,
                reading: token.reading,
                weight,
            });
        }
        let mut seen = pairs(&core);
        seen.sort_unstable();
        seen.dedup();
        query.pair_count = seen.len();
        query.pairs = seen.iter().filter_map(|p| vocabulary.get(Space::Pairs, p)).collect();
        query
    }

    /// Whether nothing in the question says anything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.pair_count == 0
    }
}
