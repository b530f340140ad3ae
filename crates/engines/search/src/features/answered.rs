//! How near a question is to those that a document has answered.

use super::F;
use super::asked::Asked;
use crate::Index;
use crate::document::Space;
use crate::feature::Features;
use crate::latent::dot;

/// How near the question is to one that this document has answered.
pub(super) fn measure(index: &Index, asked: &Asked<'_>, number: u32, f: &mut Features) {
    let mut there = vec![false; asked.words.len()];
    let mut covered = vec![0.0f32; asked.terms.len()];
    for (i, other) in index.document(number).answered.iter().enumerate() {
        there.fill(false);
        let mut back = 0.0;
        asked.words.meet(other.words.iter().copied(), |slot, place| {
            there[slot] = true;
            back += index.idf(Space::Words, Some(other.words[place])) * asked.counts[slot];
        });
        let has = |slot: Option<usize>| slot.is_some_and(|slot| there[slot]);
        for (covered, term) in covered.iter_mut().zip(&asked.terms) {
            *covered = if has(term.word) { 1.0 } else { 0.0 };
        }
        for s in asked.substitutes.iter().filter(|s| s.parts.iter().all(|part| has(part.word))) {
            for term in s.terms() {
                covered[term] = covered[term].max(s.weight);
            }
        }
        let share = covered.iter().zip(&asked.mass).map(|(share, mass)| share * mass).sum::<f32>() / asked.total;
        let mass: f32 = other.words.iter().map(|word| index.idf(Space::Words, Some(*word))).sum();
        let both = 0.5 * (share + back / mass.max(1e-6));
        let mut common = 0;
        asked.pairs.slots.meet(other.pairs.iter().copied(), |_, _| common += 1);
        let pairs = 2.0 * common as f32 / (asked.query.pair_count + other.pairs.len()).max(1) as f32;
        for (feature, value) in [(F::NearestAnswered, share), (F::LikeAnswered, both), (F::PairsAnswered, pairs)] {
            f[feature as usize] = f[feature as usize].max(value);
        }
        if !asked.latent.is_empty() {
            let like = dot(&asked.latent, index.latent_of_answered(number, i));
            f[F::LatentAnswered as usize] = f[F::LatentAnswered as usize].max(like);
        }
    }
}
