//! Trees whose values are added up, and the same trees in the form in which many documents pass them quickly.
//!
//! A walk through a tree jumps where the processor cannot foresee. Here each document takes as many steps as its tree
//! is deep, a leaf leads to itself, and several documents walk side by side: no step depends on a guess.

use crate::{FEATURES, Features};

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

/// A node of all trees in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    feature: u16,
    /// Of the left child; the right one follows it. A leaf leads to itself.
    left: u32,
    /// Up to this value to the left.
    bound: f32,
    /// What a leaf says.
    value: f32,
}

/// Documents that pass the trees side by side.
const ABREAST: usize = 8;

/// Trees whose values are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Forest {
    trees: Vec<Vec<Node>>,
    steps: Vec<Step>,
    /// Of each tree: its root among the steps, and how deep it is.
    roots: Vec<(u32, u32)>,
}

impl Forest {
    /// Adds a tree. Children stand behind their parents.
    pub(crate) fn push(&mut self, tree: Vec<Node>) {
        let root = self.steps.len() as u32;
        let mut depths = vec![0u32; tree.len()];
        for (at, node) in tree.iter().enumerate() {
            let left = usize::from(node.left);
            if node.feature != LEAF {
                for child in [left, left + 1] {
                    if let Some(depth) = depths.get(at).map(|depth| depth + 1)
                        && let Some(child) = depths.get_mut(child)
                    {
                        *child = depth;
                    }
                }
            }
            self.steps.push(match node.feature {
                LEAF => Step { feature: 0, left: root + at as u32, bound: f32::INFINITY, value: node.value },
                feature => Step { feature, left: root + u32::from(node.left), bound: node.value, value: 0.0 },
            });
        }
        self.roots.push((root, depths.into_iter().max().unwrap_or(0)));
        self.trees.push(tree);
    }

    /// The trees.
    pub(crate) fn trees(&self) -> &[Vec<Node>] {
        &self.trees
    }

    /// What the trees say of one document.
    pub(crate) fn sum(&self, features: &Features) -> f32 {
        self.trees.iter().map(|tree| leaf(tree, features)).sum()
    }

    /// What the trees say of each document: the same as [`Forest::sum`] to the last bit.
    pub(crate) fn sums(&self, documents: &[&Features]) -> Vec<f32> {
        let mut sums = vec![0.0f32; documents.len()];
        for (sums, documents) in sums.chunks_mut(ABREAST).zip(documents.chunks(ABREAST)) {
            // The last ones walk with company: the walks of the places that are left over count for nothing.
            let walkers: [&Features; ABREAST] = std::array::from_fn(|i| documents[i.min(documents.len() - 1)]);
            for (root, depth) in &self.roots {
                let mut at = [*root as usize; ABREAST];
                for _ in 0..*depth {
                    for (at, features) in at.iter_mut().zip(walkers) {
                        let step = &self.steps[*at];
                        let value = features[usize::from(step.feature).min(FEATURES - 1)];
                        *at = step.left as usize + usize::from(value > step.bound);
                    }
                }
                for (sum, at) in sums.iter_mut().zip(at) {
                    *sum += self.steps[at].value;
                }
            }
        }
        sums
    }
}

/// What one tree says of a document.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_says_the_same_as_alone() {
        let leaf = |value| Node { feature: LEAF, value, left: 0 };
        let ask = |feature, value, left| Node { feature, value, left };
        let mut forest = Forest::default();
        // One side of the first is two steps deep, the other one step; the second is a leaf alone.
        forest.push(vec![ask(1, 0.5, 1), leaf(-1.25), ask(2, 0.3, 3), leaf(0.1), leaf(7.0)]);
        forest.push(vec![leaf(0.01)]);
        let document = |i: u32| -> Features { std::array::from_fn(|f| (i as f32 * 0.37 + f as f32 * 0.11).fract()) };
        for count in [0u32, 1, 7, 8, 9, 40] {
            let documents: Vec<Features> = (0..count).map(document).collect();
            let sums = forest.sums(&documents.iter().collect::<Vec<_>>());
            let alone: Vec<f32> = documents.iter().map(|d| forest.sum(d)).collect();
            assert_eq!(sums, alone);
        }
        let different: Vec<f32> = (0..40).map(|i| forest.sum(&document(i))).collect();
        assert!(different.contains(&(-1.25 + 0.01)) && different.contains(&(0.1 + 0.01)) && different.contains(&7.01));
    }
}
