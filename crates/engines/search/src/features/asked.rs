//! What is the same for all documents of one question: its words as *slots*, so that a document is gone through once
//! and not once for every word.

use std::cell::RefCell;
use std::collections::HashMap;

use super::NEAREST;
use super::run::Runs;
use crate::document::{Counts, Document, FIELDS, OWN, Space};
use crate::{Index, Query};

/// Numbers of a question's terms in one space, in their order. The place of a number is its slot.
#[derive(Default)]
pub(super) struct Slots(Vec<u32>);

impl Slots {
    fn of(terms: impl Iterator<Item = u32>) -> Self {
        let mut terms: Vec<u32> = terms.collect();
        terms.sort_unstable();
        terms.dedup();
        Slots(terms)
    }

    pub(super) fn slot(&self, term: Option<u32>) -> Option<usize> {
        self.0.binary_search(&term?).ok()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Goes through both lists once and tells each slot whose term stands in the other, with its place there.
    pub(super) fn meet(&self, others: impl Iterator<Item = u32>, mut tell: impl FnMut(usize, usize)) {
        let mut slot = 0;
        for (place, other) in others.enumerate() {
            while self.0.get(slot).is_some_and(|term| *term < other) {
                slot += 1;
            }
            match self.0.get(slot) {
                None => return,
                Some(term) if *term == other => tell(slot, place),
                Some(_) => {}
            }
        }
    }
}

/// A term of the question by its slots.
#[derive(Clone, Copy)]
pub(super) struct Term {
    pub(super) word: Option<usize>,
    pub(super) read: Option<usize>,
    /// Rarity times weight, by form and by sound.
    pub(super) by_word: f32,
    pub(super) by_sound: f32,
}

/// One word of a substitute.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) word: Option<usize>,
    pub(super) read: Option<usize>,
    pub(super) idf: f32,
}

/// A substitute by its slots.
pub(super) struct Substituted {
    pub(super) weight: f32,
    pub(super) covers: u64,
    pub(super) parts: Vec<Part>,
    /// Rarity of all parts.
    pub(super) mass: f32,
}

impl Substituted {
    /// The terms that it stands for.
    pub(super) fn terms(&self) -> impl Iterator<Item = usize> + use<> {
        let covers = self.covers;
        (0..64).filter(move |i| covers & (1 << i) != 0)
    }
}

/// Terms in one space with their rarity, in the order of their numbers.
pub(super) struct Weighed {
    pub(super) slots: Slots,
    pub(super) idf: Vec<f32>,
    /// Rarity of all, known or not.
    pub(super) mass: f32,
}

impl Weighed {
    fn of(index: &Index, space: Space, terms: &[u32], count: usize) -> Self {
        let slots = Slots::of(terms.iter().copied());
        let idf: Vec<f32> = slots.0.iter().map(|term| index.idf(space, Some(*term))).collect();
        let unknown = (count - terms.len()) as f32 * index.idf(space, None);
        let mass = (idf.iter().sum::<f32>() + unknown).max(1e-6);
        Weighed { slots, idf, mass }
    }
}

/// What is the same for all documents of one question.
pub(crate) struct Asked<'a> {
    pub(super) query: &'a Query,
    /// Weight times rarity of each term.
    pub(super) mass: Vec<f32>,
    pub(super) total: f32,
    pub(super) latent: Vec<f32>,
    pub(super) direct: Vec<f32>,
    /// Terms with their vectors for likeness, the heaviest first.
    pub(super) vectors: Vec<(f32, Vec<f32>)>,
    /// Their likeness to words of titles, as far as it was computed.
    pub(super) likeness: RefCell<HashMap<u32, Vec<f32>>>,
    pub(super) words: Slots,
    pub(super) readings: Slots,
    pub(super) terms: Vec<Term>,
    pub(super) substitutes: Vec<Substituted>,
    /// Words that are looked for because of the substitutes: slot, and rarity times weight.
    pub(super) expanded: Vec<(usize, f32)>,
    /// By slot: how much a word counts that is asked for or stands for one that is.
    pub(super) counts: Vec<f32>,
    /// By slot: rarity of a word.
    pub(super) idf: Vec<f32>,
    pub(super) pairs: Weighed,
    pub(super) sounds: Weighed,
    pub(super) runs: Runs,
    /// Share of the question that no document knows.
    pub(super) unknown: f32,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(index: &Index, query: &'a Query) -> Self {
        let idf = |space, term| index.idf(space, term);
        let mass_of = |t: &crate::QueryTerm| t.weight * idf(Space::Words, t.word).max(idf(Space::Readings, t.read));
        let mass: Vec<f32> = query.terms.iter().map(mass_of).collect();
        let total = mass.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let direct_words = || query.terms.iter().filter_map(|t| Some((t.word?, t.weight)));
        let expanded = query.expanded.iter().map(|(word, w)| (*word, 0.5 * w));
        let latent = index.latent.of_words(direct_words().chain(expanded));
        let direct = index.latent.of_words(direct_words());
        let mut heaviest: Vec<usize> = (0..mass.len()).filter(|i| query.terms[*i].word.is_some()).collect();
        heaviest.sort_by(|a, b| mass[*b].total_cmp(&mass[*a]));
        heaviest.truncate(NEAREST);
        let vector = |i: usize| Some((mass[i], index.latent.of_word(query.terms[i].word?)));
        let vectors = heaviest.into_iter().filter_map(vector).collect();

        let parts = || query.substitutes.iter().flat_map(|s| &s.words);
        let words = Slots::of(query.terms.iter().filter_map(|t| t.word).chain(parts().filter_map(|(word, _)| *word)));
        let readings =
            Slots::of(query.terms.iter().filter_map(|t| t.read).chain(parts().filter_map(|(_, read)| *read)));
        let term = |t: &crate::QueryTerm| Term {
            word: words.slot(t.word),
            read: readings.slot(t.read),
            by_word: idf(Space::Words, t.word) * t.weight,
            by_sound: idf(Space::Readings, t.read) * t.weight,
        };
        let part = |(word, read): &(Option<u32>, Option<u32>)| Part {
            word: words.slot(*word),
            read: readings.slot(*read),
            idf: idf(Space::Words, *word).min(idf(Space::Readings, *read)),
        };
        let substituted = |s: &crate::QuerySubstitute| {
            let parts: Vec<Part> = s.words.iter().map(part).collect();
            let mass = parts.iter().map(|p| p.idf).sum();
            Substituted { weight: s.weight, covers: s.covers, parts, mass }
        };
        let (terms, substitutes) = (query.terms.iter().map(term).collect(), query.substitutes.iter().map(substituted));
        let substitutes = substitutes.collect();
        let mut counts = vec![0.0f32; words.len()];
        let mut expanded = Vec::with_capacity(query.expanded.len());
        for (word, weight) in &query.expanded {
            if let Some(slot) = words.slot(Some(*word)) {
                expanded.push((slot, idf(Space::Words, Some(*word)) * weight));
                counts[slot] = *weight;
            }
        }
        for slot in query.terms.iter().filter_map(|t| words.slot(t.word)) {
            counts[slot] = 1.0;
        }
        let unknown = query.terms.iter().zip(&mass).filter(|(t, _)| {
            index.documents_with(Space::Words, t.word) == 0 && index.documents_with(Space::Readings, t.read) == 0
        });
        let unknown = unknown.map(|(_, mass)| mass).sum::<f32>() / total;
        Asked {
            unknown,
            latent,
            direct,
            vectors,
            likeness: RefCell::default(),
            terms,
            substitutes,
            expanded,
            counts,
            idf: words.0.iter().map(|word| idf(Space::Words, Some(*word))).collect(),
            words,
            readings,
            pairs: Weighed::of(index, Space::Pairs, &query.pairs, query.pair_count),
            sounds: Weighed::of(index, Space::Sounds, &query.sounds, query.sound_count),
            runs: Runs::of(&query.chars),
            query,
            mass,
            total,
        }
    }

    /// The question's direction among the city's words.
    pub(crate) fn latent(&self) -> &[f32] {
        &self.latent
    }
}

/// Where a question's words stand in one document: counts by slot, all 0 where a word does not stand.
#[derive(Default)]
pub(super) struct Here {
    words: Vec<Counts>,
    readings: Vec<Counts>,
}

impl Here {
    /// Looks at another document; the memory is used again.
    pub(super) fn look(&mut self, asked: &Asked<'_>, doc: &Document) {
        for (counts, slots, space) in
            [(&mut self.words, &asked.words, Space::Words), (&mut self.readings, &asked.readings, Space::Readings)]
        {
            counts.clear();
            counts.resize(slots.len(), [0; FIELDS]);
            let terms = &doc.terms[space as usize];
            slots.meet(terms.iter().map(|(term, _)| *term), |slot, place| counts[slot] = terms[place].1);
        }
    }

    /// Counts of a word that stands anywhere.
    pub(super) fn word(&self, slot: Option<usize>) -> Option<Counts> {
        Some(self.words[slot?]).filter(|counts| counts.iter().any(|n| *n > 0))
    }

    /// … by its sound.
    pub(super) fn reading(&self, slot: Option<usize>) -> Option<Counts> {
        Some(self.readings[slot?]).filter(|counts| counts.iter().any(|n| *n > 0))
    }

    /// Counts of a word that the document itself says.
    pub(super) fn own_word(&self, slot: Option<usize>) -> Option<Counts> {
        Some(self.words[slot?]).filter(|counts| counts[OWN].iter().any(|n| *n > 0))
    }

    /// … by its sound.
    pub(super) fn own_reading(&self, slot: Option<usize>) -> Option<Counts> {
        Some(self.readings[slot?]).filter(|counts| counts[OWN].iter().any(|n| *n > 0))
    }

    /// By slot: counts of all words.
    pub(super) fn words(&self) -> &[Counts] {
        &self.words
    }
}
