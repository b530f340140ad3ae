//! Why a document was found.

use crate::document::{FIELDS, Space};
use crate::{FEATURE_NAMES, Hit, Index, Query, Ranker};

/// The part of one word of the question.
#[derive(Clone, Debug)]
pub struct TermExplanation {
    /// As it was written.
    pub surface: String,
    /// Base form and reading by which it was looked up.
    pub base: String,
    /// Reading.
    pub reading: String,
    /// How much the word says in a question.
    pub weight: f32,
    /// What it added through its base form.
    pub by_word: f32,
    /// What it added through its reading.
    pub by_reading: f32,
    /// How often it stands in question, keywords, facts and answer.
    pub counts: [u8; FIELDS],
}

/// Why a document has its place.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Words of the question.
    pub terms: Vec<TermExplanation>,
    /// Features: name, value, weight times value.
    pub features: Vec<(&'static str, f32, f32)>,
    /// Sum of the weighted features.
    pub score: f32,
}

impl Index {
    /// Explains a hit.
    pub fn explain(&self, query: &Query, ranker: &Ranker, hit: &Hit) -> Explanation {
        let terms = query
            .terms
            .iter()
            .map(|term| {
                let word = self.term_parts(Space::Words, term.word, hit.doc);
                let reading = self.term_parts(Space::Readings, term.read, hit.doc);
                TermExplanation {
                    surface: term.surface.clone(),
                    base: term.base.clone(),
                    reading: term.reading.clone(),
                    weight: term.weight,
                    by_word: word.map_or(0.0, |(score, _)| score * term.weight),
                    by_reading: reading.map_or(0.0, |(score, _)| score * term.weight),
                    counts: word.or(reading).map_or([0; FIELDS], |(_, counts)| counts),
                }
            })
            .collect();
        let features = (FEATURE_NAMES.iter().zip(hit.features).zip(ranker.weights))
            .map(|((name, value), weight)| (*name, value, weight * value))
            .collect();
        Explanation { terms, features, score: hit.score }
    }
}
