//! Vectors of a model outside the city's own words: which documents are near, and how near.
//!
//! Models differ in how alike they find any two texts; many find everything alike. So the mean vector of the documents
//! is taken away from all (Mu and Viswanath, "All-but-the-Top", 2018, its first step), and likeness is the cosine of
//! what is left: about 0 for texts that have nothing to do with each other, whatever the model.

use std::sync::Arc;

use crate::feature::{Feature, Features};
use crate::latent::dot;
use crate::{Index, Query};

/// Candidates by nearness.
const BY_VECTOR: usize = 40;
/// Documents from which on their mean says something about the model and not about these.
const ENOUGH: usize = 8;
/// Least share of the largest likeness: 0 is kept for a city without vectors.
const LEAST_SHARE: f32 = 1e-3;

/// The vectors of one document, as a model gives them, all of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// Of its question.
    pub title: Arc<[f32]>,
    /// Of question, summary and the beginning of the answer.
    pub whole: Arc<[f32]>,
}

/// Vectors of all documents of an index: centred, of length 1.
#[derive(Default)]
pub(crate) struct Dense {
    size: usize,
    mean: Vec<f32>,
    titles: Vec<f32>,
    wholes: Vec<f32>,
    /// Whether a document has vectors.
    there: Vec<bool>,
}

/// Takes the mean away and makes the length 1; all zero where nothing is left.
fn centred(vector: &[f32], mean: &[f32]) -> Vec<f32> {
    let mut left: Vec<f32> = vector.iter().zip(mean).map(|(v, m)| v - m).collect();
    let length = dot(&left, &left).sqrt();
    if length > 1e-9 {
        left.iter_mut().for_each(|v| *v /= length);
    } else {
        left.fill(0.0);
    }
    left
}

impl Dense {
    /// Of the documents in the order of the index; those without vectors, or of another size, are left out.
    fn of(embedded: &[Option<Embedded>]) -> Self {
        let size = embedded.iter().flatten().next().map_or(0, |e| e.title.len());
        let fits = |e: &&Embedded| size > 0 && e.title.len() == size && e.whole.len() == size;
        let usable: Vec<Option<&Embedded>> = embedded.iter().map(|e| e.as_ref().filter(fits)).collect();
        let zero = vec![0.0f32; size];
        let unit = |vector: &[f32]| centred(vector, &zero);
        let mut mean = zero.clone();
        let n = usable.iter().flatten().count();
        if n >= ENOUGH {
            for vector in usable.iter().flatten().flat_map(|e| [unit(&e.title), unit(&e.whole)]) {
                for (m, v) in mean.iter_mut().zip(vector) {
                    *m += v / (2 * n) as f32;
                }
            }
        }
        let all = |of: fn(&Embedded) -> &[f32]| {
            usable.iter().flat_map(|e| e.map_or_else(|| zero.clone(), |e| centred(&unit(of(e)), &mean))).collect()
        };
        let (titles, wholes) = (all(|e| &e.title), all(|e| &e.whole));
        Dense { size, titles, wholes, there: usable.iter().map(Option::is_some).collect(), mean }
    }

    /// The direction of a question; `None` without a vector that can be compared.
    fn asked(&self, query: &Query) -> Option<Vec<f32>> {
        let vector = query.vector.as_deref().filter(|v| self.size > 0 && v.len() == self.size)?;
        let unit = centred(vector, &vec![0.0; self.size]);
        let asked = centred(&unit, &self.mean);
        // A text without a known token has a vector that is all zero.
        (unit.iter().any(|v| *v != 0.0) && asked.iter().any(|v| *v != 0.0)).then_some(asked)
    }

    /// Likeness to a document and to its question.
    fn likeness(&self, asked: &[f32], number: usize) -> Option<(f32, f32)> {
        let part = |values: &[f32]| values.get(number * self.size..(number + 1) * self.size).map(|v| dot(asked, v));
        let there = *self.there.get(number)?;
        there.then_some((part(&self.wholes)?, part(&self.titles)?))
    }

    /// The documents nearest to a question, unless they are far.
    pub(crate) fn nearest(&self, query: &Query) -> Vec<u32> {
        let Some(asked) = self.asked(query) else { return Vec::new() };
        let near = (0u32..).zip(&self.there).filter_map(|(number, _)| {
            let (whole, title) = self.likeness(&asked, number as usize)?;
            Some((whole.max(title), number))
        });
        let mut near: Vec<(f32, u32)> = near.filter(|(like, _)| *like > 0.0).collect();
        if near.len() > BY_VECTOR {
            near.select_nth_unstable_by(BY_VECTOR, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(BY_VECTOR);
        }
        near.into_iter().map(|(_, number)| number).collect()
    }

    /// Fills the features of vectors. A document that has none yet gets the mean of the others, so that it is neither
    /// better nor worse for it. All stay 0 where there is nothing to compare.
    pub(crate) fn measure(&self, query: &Query, candidates: &[u32], features: &mut [Features]) {
        let Some(asked) = self.asked(query) else { return };
        let found: Vec<_> = candidates.iter().map(|doc| self.likeness(&asked, *doc as usize)).collect();
        let n = found.iter().flatten().count();
        if n == 0 {
            return;
        }
        let sum = found.iter().flatten().fold((0.0, 0.0), |sum, like| (sum.0 + like.0, sum.1 + like.1));
        let mean = (sum.0 / n as f32, sum.1 / n as f32);
        let share = |like: f32| 1.0 + like;
        let best = found.iter().flatten().map(|(whole, title)| share(whole.max(*title))).fold(LEAST_SHARE, f32::max);
        for (f, like) in features.iter_mut().zip(found) {
            let (whole, title) = like.unwrap_or(mean);
            f[Feature::Vector as usize] = whole;
            f[Feature::VectorTitle as usize] = title;
            f[Feature::OfBestVector as usize] = (share(whole.max(title)) / best).max(LEAST_SHARE);
        }
    }
}

impl Query {
    /// The same question with its vector.
    pub fn with_vector(mut self, vector: Option<Arc<[f32]>>) -> Self {
        self.vector = vector;
        self
    }
}

impl Index {
    /// The same index with vectors of its documents, in their order.
    pub fn with_vectors(mut self, embedded: &[Option<Embedded>]) -> Self {
        self.dense = Dense::of(embedded);
        self
    }

    /// How many documents have vectors.
    pub fn embedded(&self) -> usize {
        self.dense.there.iter().filter(|there| **there).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FEATURES;

    fn embedded(title: &[f32], whole: &[f32]) -> Option<Embedded> {
        Some(Embedded { title: title.into(), whole: whole.into() })
    }

    fn asking(vector: &[f32]) -> Query {
        Query { vector: Some(vector.into()), ..Query::default() }
    }

    fn measured(dense: &Dense, query: &Query, candidates: &[u32]) -> Vec<[f32; 3]> {
        let mut features = vec![[0.0; FEATURES]; candidates.len()];
        dense.measure(query, candidates, &mut features);
        let of = |f: &Features| [Feature::Vector, Feature::VectorTitle, Feature::OfBestVector].map(|v| f[v as usize]);
        features.iter().map(of).collect()
    }

    #[test]
    fn likeness_is_the_cosine_and_what_has_no_vector_is_neither_better_nor_worse() {
        let dense = Dense::of(&[
            embedded(&[2.0, 0.0], &[0.0, 3.0]),
            None,
            embedded(&[0.0, 1.0], &[-1.0, 0.0]),
            embedded(&[1.0], &[1.0]),
        ]);
        let found = measured(&dense, &asking(&[5.0, 0.0]), &[0, 1, 2, 3]);
        assert_eq!(found[0], [0.0, 1.0, 1.0]);
        assert_eq!(found[2], [-1.0, 0.0, 0.5]);
        assert_eq!(found[1], [-0.5, 0.5, 0.75], "the mean of the two");
        assert_eq!(found[3], found[1], "one of another size is as one without");
        assert_eq!(dense.nearest(&asking(&[5.0, 0.0])), [0]);
    }

    #[test]
    fn without_a_vector_that_can_be_compared_all_stays_zero() {
        let dense = Dense::of(&[embedded(&[2.0, 0.0], &[0.0, 3.0])]);
        for query in [Query::default(), asking(&[0.0, 0.0]), asking(&[1.0, 1.0, 1.0])] {
            assert_eq!(measured(&dense, &query, &[0]), [[0.0; 3]]);
            assert_eq!(dense.nearest(&query), [0u32; 0]);
        }
        assert_eq!(measured(&Dense::default(), &asking(&[1.0]), &[0]), [[0.0; 3]]);
    }

    #[test]
    fn a_model_that_finds_everything_alike_is_told_apart_all_the_same() {
        // All share a large part; each differs in a direction of its own.
        let vector = |i: usize| -> Vec<f32> {
            let mut vector = vec![0.0; 13];
            (vector[0], vector[i + 1]) = (10.0, 1.0);
            vector
        };
        let all: Vec<_> = (0..12).map(|i| embedded(&vector(i), &vector(i))).collect();
        let dense = Dense::of(&all);
        let found = measured(&dense, &asking(&vector(4)), &[3, 4, 5]);
        assert!(found[1][0] > 0.99 && found[0][0] < 0.1 && found[2][0] < 0.1, "{found:?}");
        assert_eq!(dense.nearest(&asking(&vector(4))), [4]);
    }
}
