//! How near a question is to those that a document has answered.

use super::{Asked, F};
use crate::document::Space;
use crate::feature::Features;
use crate::latent::dot;
use crate::{Index, QueryTerm};

/// How near the question is to one that this document has answered.
pub(super) fn measure(index: &Index, asked: &Asked<'_>, number: u32, f: &mut Features) {
    let idf = |word: &u32| index.idf(Space::Words, Some(*word));
    for (i, other) in index.document(number).answered.iter().enumerate() {
        let has = |word: Option<u32>| word.is_some_and(|w| other.words.binary_search(&w).is_ok());
        let term = |(i, term): (usize, &QueryTerm)| {
            let direct = if has(term.word) { 1.0 } else { 0.0 };
            let stands = asked.query.substitutes.iter().filter(|s| s.covers & (1 << i) != 0);
            let whole = stands.filter(|s| s.words.iter().all(|(word, _)| has(*word)));
            asked.mass[i] * whole.map(|s| s.weight).fold(direct, f32::max)
        };
        let covered = asked.query.terms.iter().enumerate().map(term).sum::<f32>() / asked.total;
        let mass: f32 = other.words.iter().map(idf).sum();
        let back: f32 = other.words.iter().map(|w| idf(w) * asked.words.get(w).copied().unwrap_or(0.0)).sum();
        let both = 0.5 * (covered + back / mass.max(1e-6));
        let common = in_common(&asked.pairs, &other.pairs) as f32;
        let pairs = 2.0 * common / (asked.query.pair_count + other.pairs.len()).max(1) as f32;
        for (feature, value) in [(F::NearestAnswered, covered), (F::LikeAnswered, both), (F::PairsAnswered, pairs)] {
            f[feature as usize] = f[feature as usize].max(value);
        }
        if !asked.latent.is_empty() {
            let like = dot(&asked.latent, index.latent_of_answered(number, i));
            f[F::LatentAnswered as usize] = f[F::LatentAnswered as usize].max(like);
        }
    }
}

/// How many numbers two ordered lists have in common.
fn in_common(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    common
}
