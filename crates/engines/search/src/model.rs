//! Third step: from features to an order, by trees that were learnt from judged questions.

use crate::{FEATURES, Features, Hit};

/// A node of a tree: a question about a feature, or a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// Number of the feature; [`LEAF`] for a leaf.
    pub(crate) feature: u16,
    /// Up to this value to the left; the value of a leaf.
    pub(crate) value: f32,
    /// Number of the left child in the tree; the right one follows it.
    pub(crate) left: u16,
}

pub(crate) const LEAF: u16 = u16::MAX;

/// Trees whose values are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub(crate) trees: Vec<Vec<Node>>,
}

impl Model {
    /// The value of a document.
    pub fn score(&self, features: &Features) -> f32 {
        self.trees.iter().map(|tree| leaf(tree, features)).sum()
    }

    /// Orders candidates, best first; equal values keep the lower number.
    pub fn rank(&self, candidates: Vec<(u32, Features)>, limit: usize) -> Vec<Hit> {
        let hit = |(doc, features)| Hit { doc, score: self.score(&features), features };
        let mut hits: Vec<Hit> = candidates.into_iter().map(hit).collect();
        hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.doc.cmp(&b.doc)));
        hits.truncate(limit);
        hits
    }
}

pub(crate) fn leaf(tree: &[Node], features: &Features) -> f32 {
    let mut at = 0usize;
    loop {
        let Some(node) = tree.get(at) else { return 0.0 };
        if node.feature == LEAF {
            return node.value;
        }
        let feature = features[usize::from(node.feature).min(FEATURES - 1)];
        at = usize::from(node.left) + usize::from(feature > node.value);
    }
}
