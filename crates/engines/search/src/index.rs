//! The index: postings per space, and the first two steps of an answer (candidates, features).

use std::cell::RefCell;
use std::sync::Arc;

use crate::document::{Counts, Document, FIELDS, Field, SPACES, Space, Vocabulary};
use crate::rank::Features;
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
/// How much a word counts as matched that only sounds the same.
const BY_SOUND: f32 = 0.9;
/// How much a pair of characters counts that stands among the keywords only.
const PAIR_IN_KEYWORDS: f32 = 0.6;

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

/// Sums of one document for one question.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    words: f32,
    readings: f32,
    question: f32,
    matched: f32,
    question_matched: f32,
    pairs: f32,
    /// The last word of the question that matched here, counted from 1.
    last_term: u32,
}

/// A place to add up per document, kept per thread: taking and clearing memory for every
/// document of a large city would cost more than the search itself.
#[derive(Default)]
struct Scratch {
    sums: Vec<Sums>,
    seen: Vec<bool>,
    touched: Vec<u32>,
}

impl Scratch {
    fn at(&mut self, doc: u32) -> &mut Sums {
        let d = doc as usize;
        if !self.seen[d] {
            self.seen[d] = true;
            self.touched.push(doc);
        }
        &mut self.sums[d]
    }

    fn clear(&mut self) {
        for doc in self.touched.drain(..) {
            self.sums[doc as usize] = Sums::default();
            self.seen[doc as usize] = false;
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What the first step found: the documents worth a closer look with their sums, by number.
pub struct Candidates {
    docs: Vec<(u32, Sums)>,
}

impl Candidates {
    /// Numbers of the documents.
    pub fn docs(&self) -> impl Iterator<Item = u32> {
        self.docs.iter().map(|(doc, _)| *doc)
    }
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
        let postings =
            [Space::Words, Space::Readings, Space::Pairs].map(|s| Postings::build(vocabulary.len(s), s, &docs));
        let mut index = Index { vocabulary, docs, postings, norms, question_mass: Vec::new() };
        index.question_mass = index
            .docs
            .iter()
            .map(|doc| {
                let words = doc.terms[Space::Words as usize].iter();
                words
                    .filter(|(_, c)| c[Field::Question as usize] > 0)
                    .map(|(t, _)| index.idf(Space::Words, Some(*t)))
                    .sum()
            })
            .collect();
        index
    }

    /// Whether all words of a question stand in a document; one that is alone may also only sound the same.
    pub fn holds(&self, doc: u32, query: &Query) -> bool {
        let Some(doc) = self.docs.get(doc as usize) else { return false };
        let stands = |space: Space, term: Option<u32>| {
            term.is_some_and(|t| doc.terms[space as usize].binary_search_by_key(&t, |(id, _)| *id).is_ok())
        };
        match query.terms.as_slice() {
            [] => false,
            [one] => stands(Space::Words, one.word) || stands(Space::Readings, one.read),
            all => all.iter().all(|term| stands(Space::Words, term.word)),
        }
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

    /// In how many documents a term stands.
    pub(crate) fn frequency(&self, space: Space, term: &str) -> usize {
        self.postings[space as usize].of(self.vocabulary.get(space, term)).len()
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
        SCRATCH.with_borrow_mut(|scratch| {
            // Another index on this thread may have been larger or smaller.
            scratch.sums.resize(self.docs.len().max(scratch.sums.len()), Sums::default());
            scratch.seen.resize(scratch.sums.len(), false);
            self.add_words(query, scratch);
            self.add_pairs(query, scratch);
            let mut docs = best(scratch, BY_WORDS, |s| s.words + 0.5 * s.readings);
            docs.extend(best(scratch, BY_PAIRS, |s| s.pairs));
            docs.sort_unstable();
            docs.dedup();
            let docs = docs.into_iter().map(|doc| (doc, scratch.sums[doc as usize])).collect();
            scratch.clear();
            Candidates { docs }
        })
    }

    fn add_words(&self, query: &Query, scratch: &mut Scratch) {
        for (number, term) in (1u32..).zip(&query.terms) {
            let idf = self.idf(Space::Words, term.word) * term.weight;
            for posting in self.postings[Space::Words as usize].of(term.word) {
                let (all, in_question) = (self.saturated(posting, 0..FIELDS), self.saturated(posting, 0..1));
                let sums = scratch.at(posting.doc);
                sums.words += idf * all;
                sums.matched += idf;
                sums.last_term = number;
                if posting.counts[Field::Question as usize] > 0 {
                    sums.question += idf * in_question;
                    sums.question_matched += idf;
                }
            }
            let idf = self.idf(Space::Readings, term.read) * term.weight;
            for posting in self.postings[Space::Readings as usize].of(term.read) {
                let all = self.saturated(posting, 0..FIELDS);
                let sums = scratch.at(posting.doc);
                sums.readings += idf * all;
                // A word that matched as written is not counted again by its sound.
                if sums.last_term != number {
                    sums.matched += BY_SOUND * idf;
                    if posting.counts[Field::Question as usize] > 0 {
                        sums.question_matched += BY_SOUND * idf;
                    }
                }
            }
        }
    }

    fn add_pairs(&self, query: &Query, scratch: &mut Scratch) {
        for pair in &query.pairs {
            let idf = self.idf(Space::Pairs, Some(*pair));
            for posting in self.postings[Space::Pairs as usize].of(Some(*pair)) {
                let in_question = posting.counts[Field::Question as usize] > 0;
                scratch.at(posting.doc).pairs += idf * if in_question { 1.0 } else { PAIR_IN_KEYWORDS };
            }
        }
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
            .map(|&(doc, sums)| {
                let question = self.question_mass[doc as usize].max(f32::MIN_POSITIVE);
                let features: Features = [
                    sums.words,
                    sums.readings,
                    sums.question,
                    (sums.matched / mass).min(1.0),
                    (sums.question_matched / question).min(1.0),
                    sums.pairs / pair_mass,
                    (sums.question_matched / mass).min(1.0),
                ];
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

/// Numbers of the touched documents with the `limit` largest positive values.
fn best(scratch: &Scratch, limit: usize, value: impl Fn(&Sums) -> f32) -> Vec<u32> {
    let of = |doc: &u32| value(&scratch.sums[*doc as usize]);
    let mut order: Vec<u32> = scratch.touched.iter().filter(|d| of(d) > 0.0).copied().collect();
    if order.len() > limit {
        // Equal values keep the lower number, so that an answer is the same on every machine.
        order.select_nth_unstable_by(limit, |a, b| of(b).total_cmp(&of(a)).then(a.cmp(b)));
        order.truncate(limit);
    }
    order
}
