//! Where words of the question stand together in a document.

use super::asked::{Asked, Here};
use super::met::Met;
use crate::Index;
use crate::document::{Document, Passage, Space};

/// How often two words that follow each other in the question do so in passages, weighted by rarity: in question and
/// keywords, in facts and answer.
pub(super) fn neighbours(index: &Index, asked: &Asked<'_>, here: &Here, doc: &Document) -> (f32, f32) {
    let (mut title, mut body) = (0.0, 0.0);
    let stands = |word: u32| here.own_word(asked.words.slot(Some(word))).is_some();
    for pair in asked.query.order.windows(2) {
        let [Some(a), Some(b)] = pair else { continue };
        // Most documents lack one of them, and their sentences need not be read.
        if !stands(*a) || !stands(*b) {
            continue;
        }
        let rarity = (index.idf(Space::Words, Some(*a)) * index.idf(Space::Words, Some(*b))).sqrt();
        let together =
            |p: &&Passage| p.words.windows(2).any(|w| (w[0] == *a && w[1] == *b) || (w[0] == *b && w[1] == *a));
        if doc.passages.iter().filter(|p| p.field <= 1).any(|p| together(&p)) {
            title += rarity;
        }
        if doc.passages.iter().filter(|p| p.field > 1).any(|p| together(&p)) {
            body += rarity;
        }
    }
    (title / asked.total, body / asked.total)
}

/// Words of the question and of substitutes that stand in one document. Each is a bit; of more than 64 words, which
/// only the longest questions have, the question's own come first and the others are not looked at.
struct Bits {
    words: Vec<u32>,
    /// Whether a word may be one of them, by its last six bits: most words of a sentence are none.
    likely: u64,
}

impl Bits {
    fn of(own: impl Iterator<Item = u32>, others: impl Iterator<Item = u32>) -> Self {
        let mut words: Vec<u32> = Vec::new();
        for word in own.chain(others) {
            if words.len() < 64 && !words.contains(&word) {
                words.push(word);
            }
        }
        words.sort_unstable();
        let likely = words.iter().fold(0, |bits, word| bits | 1 << (word & 63));
        Bits { words, likely }
    }

    fn bit(&self, word: u32) -> u64 {
        if self.likely & (1 << (word & 63)) == 0 {
            return 0;
        }
        self.words.binary_search(&word).map_or(0, |place| 1 << place)
    }

    fn of_passage(&self, passage: &Passage) -> u64 {
        passage.words.iter().fold(0, |bits, word| bits | self.bit(*word))
    }
}

/// The share of the question that the best single sentence covers: directly, and with substitutes.
pub(super) fn best_sentence(asked: &Asked<'_>, here: &Here, doc: &Document, met: &Met) -> (f32, f32) {
    let query = asked.query;
    let direct: Vec<(usize, u32)> = (0..asked.terms.len())
        .filter(|i| here.own_word(asked.terms[*i].word).is_some())
        .filter_map(|i| Some((i, query.terms[i].word?)))
        .collect();
    // What the document lacks, none of its sentences has.
    let whole: Vec<usize> = (0..asked.substitutes.len())
        .filter(|s| asked.substitutes[*s].parts.iter().all(|part| here.own_word(part.word).is_some()))
        .collect();
    if direct.is_empty() && whole.is_empty() {
        return (0.0, 0.0);
    }
    let parts = |s: &usize| query.substitutes[*s].words.iter().filter_map(|(word, _)| *word);
    let bits = Bits::of(direct.iter().map(|(_, word)| *word), whole.iter().flat_map(parts));
    // Term, what it says, its bit; and substitute, the bits of all its words.
    let direct: Vec<(usize, u64)> = direct.into_iter().map(|(i, word)| (i, bits.bit(word))).collect();
    let whole: Vec<(usize, u64)> = whole
        .into_iter()
        .filter(|s| parts(s).all(|word| bits.bit(word) != 0))
        .map(|s| (s, parts(&s).fold(0, |all, word| all | bits.bit(word))))
        .filter(|(_, needed)| *needed != 0)
        .collect();
    let (mut best, mut best_or) = (0.0f32, 0.0f32);
    let mut covered = vec![0.0f32; asked.terms.len()];
    for passage in &doc.passages {
        let there = bits.of_passage(passage);
        if there == 0 {
            continue;
        }
        covered.fill(0.0);
        for (s, _) in whole.iter().filter(|(_, needed)| there & needed == *needed) {
            let substitute = &asked.substitutes[*s];
            for i in substitute.terms().filter(|i| met.anywhere_or[*i] > 0.0) {
                covered[i] = covered[i].max(substitute.weight);
            }
        }
        let mut sum = 0.0;
        for (i, _) in direct.iter().filter(|(_, bit)| there & bit != 0) {
            sum += asked.mass[*i];
            covered[*i] = 1.0;
        }
        best = best.max(sum);
        best_or = best_or.max(covered.iter().zip(&asked.mass).map(|(share, mass)| share * mass).sum());
    }
    (best / asked.total, best_or / asked.total)
}
