//! A table with its totals as a network: every figure is an arc, every sum a
//! node, and counts that add up are a circulation.
//!
//! A total flows from the apex down to the rows, from each row through its
//! cells to the columns, up to the columns' totals and back to the apex. With
//! groups in one dimension this holds on every level. The lowest and highest
//! value of a figure within given bounds of all others then comes from maximum
//! flows, which are whole numbers where the bounds are (Ford and Fulkerson
//! 1956; Hoffman 1960 for lower bounds).

use std::collections::VecDeque;

use crate::table::Shape;

/// The upper bound of what a reader knows nothing of. Far above every finite
/// bound: these are sums of at most `MAX_CELLS` figures of at most `MAX_COUNT`
/// and a base of rounding each.
pub(crate) const UNKNOWN: u64 = 1 << 60;
/// What reaches this has no upper bound.
const NO_BOUND: u64 = 1 << 58;

/// What is known of one figure, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// One figure between two sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// A way along an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) arc: usize,
    /// With the arc, so that its figure grows.
    pub(crate) up: bool,
}

/// The sums of a table.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// By the place of the figure in the table.
    pub(crate) arcs: Vec<Arc>,
    /// For each node the ways out of it.
    pub(crate) steps: Vec<Vec<Step>>,
}

impl Network {
    pub(crate) fn of(shape: &Shape) -> Network {
        let width = shape.width();
        let total = width - 1;
        let apex = 0;
        // A group has a node for each column; a part has one for its row, or
        // none where its row is one figure.
        let mut first = Vec::with_capacity(shape.rows.len());
        let mut nodes = 1;
        for &group in &shape.is_group {
            first.push(if !group && width == 1 { apex } else { nodes });
            nodes += match (group, width) {
                (true, _) => width,
                (false, 1) => 0,
                (false, _) => 1,
            };
        }
        let node = |row: usize, column: usize| first[row] + if shape.is_group[row] { column } else { 0 };
        let mut arcs = Vec::with_capacity(shape.len());
        for (number, row) in shape.rows.iter().enumerate() {
            for column in 0..width {
                let below = node(number, column);
                let above = row.parent.map_or(apex, |parent| node(parent, column));
                arcs.push(match column == total {
                    true => Arc { from: above, to: below },
                    false => Arc { from: below, to: above },
                });
            }
        }
        let mut steps = vec![Vec::new(); nodes];
        for (number, arc) in arcs.iter().enumerate() {
            steps[arc.from].push(Step { arc: number, up: true });
            steps[arc.to].push(Step { arc: number, up: false });
        }
        Network { arcs, steps }
    }

    /// Where a step leads.
    pub(crate) fn end(&self, step: Step) -> usize {
        if step.up { self.arcs[step.arc].to } else { self.arcs[step.arc].from }
    }

    /// Where a step begins.
    pub(crate) fn start(&self, step: Step) -> usize {
        if step.up { self.arcs[step.arc].from } else { self.arcs[step.arc].to }
    }

    /// Some counts that add up and lie within the bounds; `None` where there
    /// are none.
    pub(crate) fn feasible(&self, bounds: &[Bound]) -> Option<Vec<u64>> {
        let mut flow = vec![0; self.arcs.len()];
        for (arc, bound) in bounds.iter().enumerate() {
            let missing = bound.low.saturating_sub(flow[arc]);
            if bound.high < bound.low || self.change(bounds, &mut flow, Step { arc, up: true }, missing) < missing {
                return None;
            }
        }
        Some(flow)
    }

    /// Changes one figure by as much as the others allow and at most by
    /// `limit`; the counts add up afterwards as before. Gives by how much.
    pub(crate) fn change(&self, bounds: &[Bound], flow: &mut [u64], step: Step, limit: u64) -> u64 {
        let limit = limit.min(room(bounds, flow, step));
        let mut changed = 0;
        while changed < limit {
            let Some(path) = self.path(bounds, flow, step) else { break };
            let most = path.iter().map(|&step| room(bounds, flow, step)).min().unwrap_or(UNKNOWN);
            let amount = most.min(limit - changed);
            push(flow, &path, amount);
            push(flow, &[step], amount);
            changed += amount;
        }
        changed
    }

    /// The shortest way from the end of a step back to its start that does not
    /// use its arc.
    fn path(&self, bounds: &[Bound], flow: &[u64], step: Step) -> Option<Vec<Step>> {
        let (source, sink) = (self.end(step), self.start(step));
        if source == sink {
            return Some(Vec::new());
        }
        let mut came_by: Vec<Option<Step>> = vec![None; self.steps.len()];
        let mut waiting = VecDeque::from([source]);
        while let Some(node) = waiting.pop_front() {
            for &next in &self.steps[node] {
                let end = self.end(next);
                if next.arc == step.arc || end == source || came_by[end].is_some() || room(bounds, flow, next) == 0 {
                    continue;
                }
                came_by[end] = Some(next);
                if end == sink {
                    return Some(self.walk_back(&came_by, source, sink));
                }
                waiting.push_back(end);
            }
        }
        None
    }

    /// The steps that led from `source` to `sink`, in no promised order.
    pub(crate) fn walk_back(&self, came_by: &[Option<Step>], source: usize, sink: usize) -> Vec<Step> {
        let mut path = Vec::new();
        let mut node = sink;
        while node != source {
            let Some(step) = came_by[node] else { break };
            path.push(step);
            node = self.start(step);
        }
        path
    }

    /// The lowest and highest value of a figure; no highest where it has no
    /// bound. `flow` must be feasible and stays so.
    pub(crate) fn range(&self, bounds: &[Bound], flow: &mut [u64], arc: usize) -> (u64, Option<u64>) {
        self.change(bounds, flow, Step { arc, up: false }, UNKNOWN);
        let low = flow[arc];
        self.change(bounds, flow, Step { arc, up: true }, UNKNOWN);
        let high = flow[arc];
        (low, (high < NO_BOUND).then_some(high))
    }
}

/// By how much a figure may change within its own bound.
fn room(bounds: &[Bound], flow: &[u64], step: Step) -> u64 {
    let (bound, value) = (bounds[step.arc], flow[step.arc]);
    if step.up { bound.high.saturating_sub(value) } else { value.saturating_sub(bound.low) }
}

/// Changes all figures along a path.
pub(crate) fn push(flow: &mut [u64], path: &[Step], amount: u64) {
    for step in path {
        let value = flow[step.arc];
        flow[step.arc] = if step.up { value.saturating_add(amount) } else { value.saturating_sub(amount) };
    }
}
