//! Directions of all documents and words, computed once for an index.

use crate::document::Document;
use crate::latent::Latent;

/// Vectors of all documents, and of those words that stand in titles.
pub(crate) struct Vectors {
    pub(crate) documents: Vec<f32>,
    pub(crate) titles: Vec<f32>,
    pub(crate) words: Vec<f32>,
    /// Of each document: vectors of the questions that it has answered.
    pub(crate) answered: Vec<Box<[f32]>>,
}

impl Vectors {
    pub(crate) fn of(latent: &Latent, docs: &[std::sync::Arc<Document>], words: usize) -> Self {
        let join = |of: &dyn Fn(&Document) -> Vec<f32>| docs.iter().flat_map(|d| of(d)).collect();
        let zero = vec![0.0; latent.dimensions()];
        let word = |w: usize| {
            let vector = latent.of_word(w as u32);
            if vector.is_empty() { zero.clone() } else { vector }
        };
        Vectors {
            documents: join(&|d| latent.of_document(d)),
            titles: join(&|d| latent.of_title(d)),
            words: (0..words).flat_map(word).collect(),
            answered: docs.iter().map(|d| d.answered.iter().flat_map(|a| latent.of_answered(a)).collect()).collect(),
        }
    }
}
