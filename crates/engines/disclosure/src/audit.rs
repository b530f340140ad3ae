//! What can be computed from what is published.

use crate::network::Network;
use crate::published::{Cell, Published};

/// What a reader can compute of a hidden figure: every value from `low` to
/// `high` fits everything that is published, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Row of the figure; 0 is the grand total.
    pub row: usize,
    /// Column of the figure; the one after the last is the total of the row.
    pub column: usize,
    /// The lowest count that is possible.
    pub low: u64,
    /// The highest count that is possible; `None` where there is no end.
    pub high: Option<u64>,
}

impl Interval {
    /// Whether the figure is protected: at least two counts are possible, and
    /// one of them is at least `least`.
    pub fn is_protected(&self, least: u64) -> bool {
        self.high.is_none_or(|high| high > self.low && high >= least)
    }
}

/// The exact interval of every hidden figure, row after row, for a reader who
/// knows all that is published and the rule, and that counts are whole and not
/// negative. Why a figure is hidden is not used.
///
/// The ends are exact for lists, groups, and tables with groups in one
/// dimension, because these are networks with whole bounds.
pub fn audit(published: &Published) -> Vec<Interval> {
    let bounds = published.bounds();
    let network = Network::of(&published.shape);
    let width = published.shape.width();
    let mut flow = network.feasible(&bounds);
    let hidden = published.cells.iter().enumerate().filter(|(_, cell)| matches!(cell, Cell::Hidden { .. }));
    hidden
        .map(|(index, _)| {
            // What is published of a table fits at least that table. If not,
            // nothing is known to be protected.
            let (low, high) = flow.as_mut().map_or((0, Some(0)), |flow| network.range(&bounds, flow, index));
            Interval { row: index / width, column: index % width, low, high }
        })
        .collect()
}
