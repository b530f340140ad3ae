//! The index: postings per space, and the first two steps of an answer (candidates, features).

use std::cell::RefCell;
use std::sync::Arc;

use crate::Query;
use crate::dense::Dense;
use crate::document::{Counts, Document, FIELDS, Field, SPACES, Space, Vocabulary};
use crate::feature::Features;
use crate::features::{self, Asked, Vectors};
use crate::latent::{Latent, dot};
use crate::model::Model;
use crate::rank::Hit;

/// Saturation of repeated words.
const K1: f32 = 1.2;
/// How much a word counts by field: question, keywords, facts, summary, answer, what people asked.
const WEIGHTS: [f32; FIELDS] = [3.0, 2.0, 1.0, 1.5, 1.0, 1.0];
/// How much a long field is held back.
const B: [f32; FIELDS] = [0.3, 0.3, 0.5, 0.5, 0.5, 0.5];
/// Candidates by each way of looking: words and readings, pairs of characters, substitutes, sounds, direction
/// among the city's words.
const BY_WORDS: usize = 60;
const BY_PAIRS: usize = 30;
const BY_SUBSTITUTES: usize = 40;
const BY_SOUNDS: usize = 20;
const BY_LATENT: usize = 40;
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
    /// Rarity of each term per space, and of a term that no document has: asked for too often to be computed each time.
    rarities: [Vec<f32>; SPACES],
    rarity_of_none: f32,
    /// Per document and field: 1 / (1 − b + b · length / average).
    norms: Vec<[f32; FIELDS]>,
    /// Mean length of a document in which the question stands three times.
    average_length: f32,
    /// Per document: sum of the idf of the pairs of its question.
    pair_mass: Vec<f32>,
    /// Per document: sum of the idf of the words of its question.
    title_mass: Vec<f32>,
    pub(crate) latent: Arc<Latent>,
    vectors: Vectors,
    pub(crate) dense: Dense,
}

/// Sums of one document for one question.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    words: f32,
    substituted: f32,
    pairs: f32,
    sounds: f32,
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

impl Index {
    /// Builds an index and learns the directions of words from its documents and from words that are kin. The
    /// vocabulary is the one with which the documents were analysed.
    pub fn new(vocabulary: Arc<Vocabulary>, docs: Vec<Arc<Document>>, kin: &[Vec<u32>]) -> Self {
        let postings = postings(&vocabulary, &docs);
        let words = vocabulary.len(Space::Words) as u32;
        let n = docs.len() as f32;
        let idf = (0..words).map(|w| rarity(n, postings[Space::Words as usize].of(Some(w)).len())).collect();
        let latent = Arc::new(Latent::learn(&docs, idf, kin));
        Index::assemble(vocabulary, docs, postings, latent)
    }

    /// Builds an index with directions that were learnt before: of documents that changed little.
    pub fn with_latent(vocabulary: Arc<Vocabulary>, docs: Vec<Arc<Document>>, latent: Arc<Latent>) -> Self {
        let postings = postings(&vocabulary, &docs);
        Index::assemble(vocabulary, docs, postings, latent)
    }

    fn assemble(
        vocabulary: Arc<Vocabulary>,
        docs: Vec<Arc<Document>>,
        postings: [Postings; SPACES],
        latent: Arc<Latent>,
    ) -> Self {
        let mut averages = [0.0f32; FIELDS];
        for doc in &docs {
            for (sum, length) in averages.iter_mut().zip(doc.lengths) {
                *sum += f32::from(length);
            }
        }
        let [question, keywords, facts, summary, answer, _] = averages;
        let average_length = (3.0 * question + 2.0 * keywords + facts + summary + answer) / docs.len().max(1) as f32;
        for sum in &mut averages {
            *sum = (*sum / docs.len().max(1) as f32).max(1.0);
        }
        let norms = docs
            .iter()
            .map(|doc| std::array::from_fn(|f| 1.0 / (1.0 - B[f] + B[f] * f32::from(doc.lengths[f]) / averages[f])))
            .collect();
        let vectors = Vectors::of(&latent, &docs, vocabulary.len(Space::Words));
        let n = docs.len() as f32;
        let rarities = std::array::from_fn(|space| {
            let postings: &Postings = &postings[space];
            (0..postings.offsets.len().saturating_sub(1))
                .map(|t| rarity(n, postings.of(Some(t as u32)).len()))
                .collect()
        });
        let mut index = Index {
            vocabulary,
            docs,
            postings,
            rarities,
            rarity_of_none: rarity(n, 0),
            norms,
            average_length,
            pair_mass: Vec::new(),
            title_mass: Vec::new(),
            latent,
            vectors,
            dense: Dense::default(),
        };
        (index.pair_mass, index.title_mass) = (index.question_mass(Space::Pairs), index.question_mass(Space::Words));
        index
    }

    /// Per document: sum of the idf of what stands in its question.
    fn question_mass(&self, space: Space) -> Vec<f32> {
        let of = |doc: &Arc<Document>| {
            let asked = doc.terms[space as usize].iter().filter(|(_, counts)| counts[Field::Question as usize] > 0);
            asked.map(|(term, _)| self.idf(space, Some(*term))).sum()
        };
        self.docs.iter().map(of).collect()
    }

    /// Whether all words of a question stand in a document; one that is alone may also only sound the same.
    pub fn holds(&self, doc: u32, query: &Query) -> bool {
        let Some(doc) = self.docs.get(doc as usize) else { return false };
        let stands = |space: Space, term: Option<u32>| doc.own_counts(space, term).is_some();
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

    /// The directions of words, for the next index.
    pub fn latent(&self) -> &Arc<Latent> {
        &self.latent
    }

    pub(crate) fn document(&self, number: u32) -> &Document {
        &self.docs[number as usize]
    }

    pub(crate) fn average_length(&self) -> f32 {
        self.average_length.max(1.0)
    }

    pub(crate) fn pair_mass(&self, number: u32) -> f32 {
        self.pair_mass[number as usize]
    }

    pub(crate) fn title_mass(&self, number: u32) -> f32 {
        self.title_mass[number as usize]
    }

    pub(crate) fn latent_of(&self, number: u32) -> &[f32] {
        part(&self.vectors.documents, number, self.latent.dimensions())
    }

    pub(crate) fn latent_of_title(&self, number: u32) -> &[f32] {
        part(&self.vectors.titles, number, self.latent.dimensions())
    }

    /// The direction of a question that a document has answered, by its place.
    pub(crate) fn latent_of_answered(&self, number: u32, place: usize) -> &[f32] {
        part(&self.vectors.answered[number as usize], place as u32, self.latent.dimensions())
    }

    pub(crate) fn word_vector(&self, word: u32) -> &[f32] {
        part(&self.vectors.words, word, self.latent.dimensions())
    }

    pub(crate) fn documents_with(&self, space: Space, term: Option<u32>) -> usize {
        self.postings[space as usize].of(term).len()
    }

    /// In how many documents a term stands.
    pub(crate) fn frequency(&self, space: Space, term: &str) -> usize {
        self.postings[space as usize].of(self.vocabulary.get(space, term)).len()
    }

    pub(crate) fn idf(&self, space: Space, term: Option<u32>) -> f32 {
        let known = term.and_then(|t| self.rarities[space as usize].get(t as usize));
        known.copied().unwrap_or(self.rarity_of_none)
    }

    /// BM25F part of one word in some fields of a document, without idf.
    pub(crate) fn saturated(&self, number: u32, counts: &Counts, fields: std::ops::Range<usize>) -> f32 {
        let norms = &self.norms[number as usize];
        let tf: f32 = fields.map(|f| WEIGHTS[f] * f32::from(counts[f]) * norms[f]).sum();
        tf / (K1 + tf)
    }

    /// First step: every document that shares a word, a substitute, a pair of characters or some sounds gets its
    /// sums; the best by each way of looking become candidates, in the order of their numbers.
    fn candidates(&self, asked: &Asked<'_>, query: &Query) -> Vec<u32> {
        SCRATCH.with_borrow_mut(|scratch| {
            // Another index on this thread may have been larger or smaller.
            scratch.sums.resize(self.docs.len().max(scratch.sums.len()), Sums::default());
            scratch.seen.resize(scratch.sums.len(), false);
            self.add_words(query, scratch);
            for pair in &query.pairs {
                let idf = self.idf(Space::Pairs, Some(*pair));
                for posting in self.postings[Space::Pairs as usize].of(Some(*pair)) {
                    let in_question = posting.counts[Field::Question as usize] > 0;
                    scratch.at(posting.doc).pairs += idf * if in_question { 1.0 } else { PAIR_IN_KEYWORDS };
                }
            }
            for sound in &query.sounds {
                let idf = self.idf(Space::Sounds, Some(*sound));
                for posting in self.postings[Space::Sounds as usize].of(Some(*sound)) {
                    scratch.at(posting.doc).sounds += idf;
                }
            }
            let mut docs = best(scratch, BY_WORDS, |s| s.words);
            docs.extend(best(scratch, BY_PAIRS, |s| s.pairs));
            docs.extend(best(scratch, BY_SUBSTITUTES, |s| s.words + s.substituted));
            docs.extend(best(scratch, BY_SOUNDS, |s| s.sounds));
            scratch.clear();
            docs.extend(self.nearest(asked.latent()));
            docs.extend(self.dense.nearest(query));
            docs.sort_unstable();
            docs.dedup();
            docs
        })
    }

    fn add_words(&self, query: &Query, scratch: &mut Scratch) {
        for term in &query.terms {
            let idf = self.idf(Space::Words, term.word) * term.weight;
            for posting in self.postings[Space::Words as usize].of(term.word) {
                scratch.at(posting.doc).words += idf * self.saturated(posting.doc, &posting.counts, 0..FIELDS);
            }
            let idf = self.idf(Space::Readings, term.read) * term.weight * 0.5;
            for posting in self.postings[Space::Readings as usize].of(term.read) {
                scratch.at(posting.doc).words += idf * self.saturated(posting.doc, &posting.counts, 0..FIELDS);
            }
        }
        for (word, weight) in &query.expanded {
            let idf = self.idf(Space::Words, Some(*word)) * weight;
            for posting in self.postings[Space::Words as usize].of(Some(*word)) {
                scratch.at(posting.doc).substituted += idf * self.saturated(posting.doc, &posting.counts, 0..FIELDS);
            }
        }
    }

    /// The documents nearest to a direction.
    fn nearest(&self, direction: &[f32]) -> Vec<u32> {
        if direction.is_empty() || direction.iter().all(|v| *v == 0.0) {
            return Vec::new();
        }
        let near = self.vectors.documents.chunks_exact(direction.len()).zip(0u32..);
        let mut near: Vec<(f32, u32)> = near.map(|(doc, number)| (dot(direction, doc), number)).collect();
        if near.len() > BY_LATENT {
            near.select_nth_unstable_by(BY_LATENT, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(BY_LATENT);
        }
        near.into_iter().filter(|(like, _)| *like > 0.0).map(|(_, number)| number).collect()
    }

    /// First and second step: the candidates with their features.
    pub fn features(&self, query: &Query) -> Vec<(u32, Features)> {
        self.features_without(query, &[])
    }

    /// The same as if some documents were not there: what a question finds that nothing answers.
    pub fn features_without(&self, query: &Query, gone: &[u32]) -> Vec<(u32, Features)> {
        if query.is_empty() || self.docs.is_empty() {
            return Vec::new();
        }
        let asked = Asked::new(self, query);
        let mut candidates = self.candidates(&asked, query);
        candidates.retain(|doc| !gone.contains(doc));
        let features = features::all(self, &asked, &candidates);
        candidates.into_iter().zip(features).collect()
    }

    /// All three steps: the best `limit` documents, best first.
    pub fn search(&self, query: &Query, model: &Model, limit: usize) -> Vec<Hit> {
        model.rank(self.features(query), limit)
    }

    pub(crate) fn term_parts(&self, space: Space, term: Option<u32>, doc: u32) -> Option<(f32, Counts)> {
        let counts = self.document(doc).counts(space, term)?;
        Some((self.idf(space, term) * self.saturated(doc, &counts, 0..FIELDS), counts))
    }
}

fn rarity(documents: f32, with: usize) -> f32 {
    let df = with as f32;
    (1.0 + (documents - df + 0.5) / (df + 0.5)).ln()
}

fn part(values: &[f32], number: u32, dimensions: usize) -> &[f32] {
    let from = number as usize * dimensions;
    values.get(from..from + dimensions).unwrap_or_default()
}

fn postings(vocabulary: &Vocabulary, docs: &[Arc<Document>]) -> [Postings; SPACES] {
    [Space::Words, Space::Readings, Space::Pairs, Space::Sounds].map(|s| Postings::build(vocabulary.len(s), s, docs))
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
