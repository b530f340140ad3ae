//! Why a document has its place.

use crate::document::{FIELDS, Space};
use crate::{FEATURE_NAMES, FEATURES, Hit, Index, Model, Query};

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
    /// What stands in the document in its place, as the thesaurus writes it.
    pub substitutes: Vec<String>,
}

/// Why a document has its place.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Words of the question.
    pub terms: Vec<TermExplanation>,
    /// Features that part it from the others: name, value, what the score would lose if it were as with the
    /// others; the largest first.
    pub features: Vec<(&'static str, f32, f32)>,
    /// What it was ranked by.
    pub score: f32,
}

/// Substitutes that are shown for a word.
const SHOWN: usize = 4;

impl Index {
    /// Explains a hit among the hits of its question.
    pub fn explain(&self, query: &Query, model: &Model, hit: &Hit, among: &[Hit]) -> Explanation {
        let doc = self.document(hit.doc);
        let term = |(i, term): (usize, &crate::QueryTerm)| {
            let word = self.term_parts(Space::Words, term.word, hit.doc);
            let reading = self.term_parts(Space::Readings, term.read, hit.doc);
            let here = |s: &&crate::QuerySubstitute| {
                let stands = |(word, read): &(Option<u32>, Option<u32>)| {
                    doc.counts(Space::Words, *word).or_else(|| doc.counts(Space::Readings, *read)).is_some()
                };
                s.covers & (1 << i) != 0 && s.words.iter().all(stands)
            };
            let mut substitutes: Vec<&crate::QuerySubstitute> = query.substitutes.iter().filter(here).collect();
            substitutes.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            TermExplanation {
                surface: term.surface.clone(),
                base: term.base.clone(),
                reading: term.reading.clone(),
                weight: term.weight,
                by_word: word.map_or(0.0, |(score, _)| score * term.weight),
                by_reading: reading.map_or(0.0, |(score, _)| score * term.weight),
                counts: word.or(reading).map_or([0; FIELDS], |(_, counts)| counts),
                substitutes: substitutes.into_iter().take(SHOWN).map(|s| s.shown.clone()).collect(),
            }
        };
        let terms = query.terms.iter().enumerate().map(term).collect();
        let others: Vec<&Hit> = among.iter().filter(|h| h.doc != hit.doc).collect();
        let mean = |i: usize| others.iter().map(|h| h.features[i]).sum::<f32>() / others.len().max(1) as f32;
        let mut features: Vec<(&'static str, f32, f32)> = (0..FEATURES)
            .map(|i| {
                let mut as_others = hit.features;
                as_others[i] = mean(i);
                (FEATURE_NAMES[i], hit.features[i], hit.score - model.score(&as_others))
            })
            .filter(|(_, _, part)| part.abs() > 1e-4)
            .collect();
        features.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
        Explanation { terms, features, score: hit.score }
    }
}
