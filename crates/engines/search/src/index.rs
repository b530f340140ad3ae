//! The index: postings per space, and the first two steps of an answer (candidates, features).

use std::sync::Arc;

use crate::document::{Counts, Document, FIELDS, Field, SPACES, Space, Vocabulary};
use crate::rank::{FEATURES, Features};
use crate::{Hit, Query, Ranker};

/// Saturation of repeated words.
const K1: f32 = 1.2;
/// How much a word counts by field: question, keywords, facts, answer.
const WEIGHTS: [f32; FIELDS] = [3.0, 2.0, 1.0, 1.0];
/// How much a long field is held back.
const B: [f32; FIELDS] = [0.3, 0.3, 0.5, 0.5];
/// Candidates from words and readings, and from pairs of characters.
const BY_WORDS: usize = 80;
const BY_PAIRS: usize = 40;

#[derive(Clone, Copy)]
struct Posting {
    doc: u32,
    counts: Counts,
}

/// Postings of one space: those of term `t` are `entries[offsets[t]..offsets[t + 1]]`.
#[derive(Default)]
struct Postings {
    offsets: Vec<u32>,
    entries: Vec<Posting>,
}

impl Postings {
    fn build(terms: usize, space: Space, docs: &[Arc<Document>]) -> Self {
        let mut offsets = vec![0u32; terms + 1];
        for doc in docs {
            for (term, _) in &doc.terms[space as usize] {
                offsets[*term as usize + 1] += 1;
            }
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let total = offsets.last().copied().unwrap_or(0) as usize;
        let mut entries = vec![Posting { doc: 0, counts: [0; FIELDS] }; total];
        let mut next = offsets.clone();
        for (number, doc) in docs.iter().enumerate() {
            for (term, counts) in &doc.terms[space as usize] {
                let place = &mut next[*term as usize];
                entries[*place as usize] = Posting { doc: number as u32, counts: *counts };
                *place += 1;
            }
        }
        Postings { offsets, entries }
    }

    fn of(&self, term: Option<u32>) -> &[Posting] {
        match term {
            Some(t) if (t as usize) + 1 < self.offsets.len() => {
                &self.entries[self.offsets[t as usize] as usize..self.offsets[t as usize + 1] as usize]
            }
            _ => &[],
        }
    }
}

/// An index over documents numbered from 0 in the order in which they were given.
pub struct Index {
    vocabulary: Arc<Vocabulary>,
    docs: Vec<Arc<Document>>,
    postings: [Postings; SPACES],
    /// Per document and field: 1 / (1 − b + b · length / average).
    norms: Vec<[f32; FIELDS]>,
    /// Per document: sum of the idf of the words of its question.
    question_mass: Vec<f32>,
}

/// What the first step found: per-document sums, and the documents worth a closer look.
pub struct Candidates {
    words: Vec<f32>,
    readings: Vec<f32>,
    question: Vec<f32>,
    matched: Vec<f32>,
    question_matched: Vec<f32>,
    pairs: Vec<f32>,
    /// Documents, in order of number.
    pub docs: Vec<u32>,
}

impl Index {
    /// Builds an index. The vocabulary is the one with which the documents were analysed.
    pub fn new(vocabulary: Arc<Vocabulary>, docs: Vec<Arc<Document>>) -> Self {
        let mut averages = [0.0f32; FIELDS];
        for doc in &docs {
            for (sum, length) in averages.iter_mut().zip(doc.lengths) {
                *sum += f32::from(length);
            }
        }
        for sum in &mut averages {
            *sum = (*sum / docs.len().max(1) as f32).max(1.0);
        }
        let norms = docs
            .iter()
            .map(|doc| std::array::from_fn(|f| 1.0 / (1.0 - B[f] + B[f] * f32::from(doc.lengths[f]) / averages[f])))
            .collect();
        let postings = [Space::Words, Space::Readings, Space::Pairs].map(|s| Postings::build(vocabulary.len(s), s, &docs));
        let mut index = Index { vocabulary, docs, postings, norms, question_mass: Vec::new() };
        index.question_mass = index
            .docs
            .iter()
            .map(|doc| {
                let words = doc.terms[Space::Words as usize].iter();
                words.filter(|(_, c)| c[Field::Question as usize] > 0).map(|(t, _)| index.idf(Space::Words, Some(*t))).sum()
            })
            .collect();
        index
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.docs.len()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }

    /// The terms of this index.
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    pub(crate) fn idf(&self, space: Space, term: Option<u32>) -> f32 {
        let n = self.docs.len() as f32;
        let df = self.postings[space as usize].of(term).len() as f32;
        (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
    }

    /// BM25F part of one posting, without idf.
    fn saturated(&self, posting: &Posting, fields: std::ops::Range<usize>) -> f32 {
        let norms = &self.norms[posting.doc as usize];
        let tf: f32 = fields.map(|f| WEIGHTS[f] * f32::from(posting.counts[f]) * norms[f]).sum();
        tf / (K1 + tf)
    }

    /// First step: every document that shares a word, a reading or a pair of characters gets its sums;
    /// the best by each way of looking become candidates.
    pub fn candidates(&self, query: &Query) -> Candidates {
        let n = self.docs.len();
        let zero = || vec![0.0f32; n];
        let mut found = Candidates {
            words: zero(),
            readings: zero(),
            question: zero(),
            matched: zero(),
            question_matched: zero(),
            pairs: zero(),
            docs: Vec::new(),
        };
        let mut term_seen = vec![0u32; n];
        for (number, term) in query.terms.iter().enumerate() {
            let idf = self.idf(Space::Words, term.word) * term.weight;
            let stamp = number as u32 + 1;
            for posting in self.postings[Space::Words as usize].of(term.word) {
                let doc = posting.doc as usize;
                found.words[doc] += idf * self.saturated(posting, 0..FIELDS);
                found.matched[doc] += idf;
                term_seen[doc] = stamp;
                if posting.counts[Field::Question as usize] > 0 {
                    found.question[doc] += idf * self.saturated(posting, 0..1);
                    found.question_matched[doc] += idf;
                }
            }
            let idf = self.idf(Space::Readings, term.read) * term.weight;
            for posting in self.postings[Space::Readings as usize].of(term.read) {
                let doc = posting.doc as usize;
                found.readings[doc] += idf * self.saturated(posting, 0..FIELDS);
                if term_seen[doc] != stamp {
                    found.matched[doc] += 0.9 * idf;
                    if posting.counts[Field::Question as usize] > 0 {
                        found.question_matched[doc] += 0.9 * idf;
                    }
                }
            }
        }
        for pair in &query.pairs {
            let idf = self.idf(Space::Pairs, Some(*pair));
            for posting in self.postings[Space::Pairs as usize].of(Some(*pair)) {
                found.pairs[posting.doc as usize] += idf * if posting.counts[0] > 0 { 1.0 } else { 0.6 };
            }
        }
        let by_words: Vec<f32> = (0..n).map(|d| found.words[d] + 0.5 * found.readings[d]).collect();
        found.docs = best(&by_words, BY_WORDS);
        found.docs.extend(best(&found.pairs, BY_PAIRS));
        found.docs.sort_unstable();
        found.docs.dedup();
        found
    }

    /// Second step: the features of each candidate.
    pub fn features(&self, query: &Query, candidates: &Candidates) -> Vec<(u32, Features)> {
        // Words the index has never seen count too: a question of which half is unknown is half understood.
        let mass: f32 = query
            .terms
            .iter()
            .map(|t| t.weight * self.idf(Space::Words, t.word).max(self.idf(Space::Readings, t.read)))
            .sum::<f32>()
            .max(f32::MIN_POSITIVE);
        let pair_mass: f32 = query.pairs.iter().map(|p| self.idf(Space::Pairs, Some(*p))).sum::<f32>()
            + (query.pair_count - query.pairs.len()) as f32 * self.idf(Space::Pairs, None);
        let pair_mass = pair_mass.max(f32::MIN_POSITIVE);
        candidates
            .docs
            .iter()
            .map(|&doc| {
                let d = doc as usize;
                let question = self.question_mass[d].max(f32::MIN_POSITIVE);
                let features: Features = [
                    candidates.words[d],
                    candidates.readings[d],
                    candidates.question[d],
                    (candidates.matched[d] / mass).min(1.0),
                    (candidates.question_matched[d] / question).min(1.0),
                    candidates.pairs[d] / pair_mass,
                    (candidates.question_matched[d] / mass).min(1.0),
                ];
                debug_assert_eq!(features.len(), FEATURES);
                (doc, features)
            })
            .collect()
    }

    /// All three steps: the best `limit` documents, best first.
    pub fn search(&self, query: &Query, ranker: &Ranker, limit: usize) -> Vec<Hit> {
        if query.is_empty() {
            return Vec::new();
        }
        let candidates = self.candidates(query);
        ranker.rank(self.features(query, &candidates), limit)
    }

    pub(crate) fn term_parts(&self, space: Space, term: Option<u32>, doc: u32) -> Option<(f32, Counts)> {
        let found = self.postings[space as usize].of(term);
        let at = found.binary_search_by_key(&doc, |p| p.doc).ok()?;
        Some((self.idf(space, term) * self.saturated(&found[at], 0..FIELDS), found[at].counts))
    }
}

/// Numbers of the `limit` largest positive values.
fn best(values: &[f32], limit: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).filter(|&d| values[d as usize] > 0.0).collect();
    // Equal values keep the lower number, so that an answer is the same on every machine.
    let by_value = |a: &u32, b: &u32| values[*b as usize].total_cmp(&values[*a as usize]).then(a.cmp(b));
    if order.len() > limit {
        order.select_nth_unstable_by(limit, by_value);
        order.truncate(limit);
    }
    order
}
