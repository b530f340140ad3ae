//! Which further figures are hidden so that the small ones cannot be computed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::network::{Bound, Network, Step, UNKNOWN, push};
use crate::rule::Rule;
use crate::table::Table;

/// About how many steps along arcs may be spent on showing again what is not
/// needed. Beyond it more stays hidden than must be, never less.
const WORK: u64 = 20_000_000;

/// What is lost by hiding figures: first totals, then zeros, then counts.
///
/// A zero is a poor guard because readers often know it from elsewhere.
type Loss = (u64, u64, u64);

/// Figures to be hidden and what that loses.
type Plan = (Loss, Vec<usize>);

/// The figures of a table while it is decided which are hidden.
pub(crate) struct Cells<'a> {
    counts: &'a [u64],
    rule: Rule,
    network: Network,
    /// What a reader sees of each figure.
    bounds: Vec<Bound>,
    loss: Vec<Loss>,
}

const HIDDEN: Bound = Bound { low: 0, high: UNKNOWN };

impl<'a> Cells<'a> {
    /// With all figures hidden that are small themselves.
    pub(crate) fn new(table: &'a Table, rule: &Rule) -> Self {
        let loss =
            |(index, &count): (usize, &u64)| (u64::from(table.shape.is_total(index)), u64::from(count == 0), count);
        let mut cells = Cells {
            counts: &table.counts,
            rule: *rule,
            network: Network::of(&table.shape),
            bounds: vec![HIDDEN; table.counts.len()],
            loss: table.counts.iter().enumerate().map(loss).collect(),
        };
        for (index, &count) in table.counts.iter().enumerate() {
            if !rule.hides(count) {
                cells.bounds[index] = cells.seen(index);
            }
        }
        cells
    }

    pub(crate) fn is_hidden(&self, index: usize) -> bool {
        self.bounds[index] == HIDDEN
    }

    /// What a reader sees of a figure that is not hidden.
    fn seen(&self, index: usize) -> Bound {
        match self.counts[index] {
            0 => Bound { low: 0, high: 0 },
            count => self.rule.behind(self.rule.rounded(count)),
        }
    }

    /// Hides figures until every hidden one is protected.
    pub(crate) fn protect_all(&mut self) {
        let mut waiting: Vec<_> = (0..self.counts.len()).filter(|&index| self.is_hidden(index)).collect();
        // The smallest counts need most, and what guards them often guards
        // others too.
        waiting.sort_by_key(|&index| Reverse((self.counts[index], index)));
        while let Some(index) = waiting.pop() {
            if self.is_protected(index) {
                continue;
            }
            for hidden in self.guards(index) {
                self.bounds[hidden] = HIDDEN;
                // Hiding protects the others no less, but this one must be
                // protected as well.
                waiting.push(hidden);
            }
        }
    }

    /// Shows again those secondary figures, the greatest loss first, without
    /// which all that are hidden are still protected.
    pub(crate) fn show_what_is_not_needed(&mut self) {
        let hidden = (0..self.counts.len()).filter(|&index| self.is_hidden(index));
        let (mut primary, mut secondary): (Vec<_>, Vec<_>) =
            hidden.partition(|&index| self.rule.hides(self.counts[index]));
        secondary.sort_by_key(|&index| Reverse((self.loss[index], index)));
        let mut work = WORK;
        for &index in &secondary {
            if !self.is_hidden(index) {
                continue;
            }
            let before = self.bounds.clone();
            self.bounds[index] = self.seen(index);
            if !self.stays_protected(&mut primary, &secondary, &mut work) {
                self.bounds = before;
            }
        }
    }

    /// Whether the primary figures are protected. Secondary ones that are not
    /// guard nothing any more and are shown.
    fn stays_protected(&mut self, primary: &mut [usize], secondary: &[usize], work: &mut u64) -> bool {
        loop {
            let fails = primary.iter().position(|&index| !self.is_protected_within(index, work));
            if let Some(place) = fails {
                // The next trial often fails for the same one: it is asked first.
                primary[..=place].rotate_right(1);
                return false;
            }
            let exposed = |&index: &usize| self.is_hidden(index) && !self.is_protected_within(index, work);
            let Some(index) = secondary.iter().copied().find(exposed) else { return true };
            if *work == 0 {
                return false;
            }
            self.bounds[index] = self.seen(index);
        }
    }

    /// As `is_protected` until the work is used up, and never after it.
    fn is_protected_within(&self, index: usize, work: &mut u64) -> bool {
        *work = work.saturating_sub(self.counts.len() as u64);
        *work > 0 && self.is_protected(index)
    }

    /// By how much a hidden figure must be able to grow; `None` where any
    /// change is enough.
    fn need(&self, index: usize) -> Option<u64> {
        self.rule.least.checked_sub(self.counts[index]).filter(|&need| need > 0)
    }

    fn is_protected(&self, index: usize) -> bool {
        let can = |up: bool, amount: u64| {
            let mut flow = self.counts.to_vec();
            self.network.change(&self.bounds, &mut flow, Step { arc: index, up }, amount) == amount
        };
        match self.need(index) {
            Some(need) => can(true, need),
            None => can(true, 1) || can(false, 1),
        }
    }

    /// The figures to be hidden so that this one is protected.
    fn guards(&self, index: usize) -> Vec<usize> {
        let (up, down) = (Step { arc: index, up: true }, Step { arc: index, up: false });
        let plans = match self.need(index) {
            Some(need) => [self.plan(up, need, true), self.plan(up, need, false)],
            None => [self.plan(up, 1, true), self.plan(down, 1, true)],
        };
        let best = plans.into_iter().flatten().min_by_key(|(loss, hidden)| (*loss, hidden.len()));
        best.map(|(_, hidden)| hidden).unwrap_or_default()
    }

    /// Changes a figure by the cheapest paths through the others, on one path
    /// or on several, and gives those that had to leave what is seen of them.
    /// The new counts are then another table that fits what is published.
    fn plan(&self, step: Step, need: u64, at_once: bool) -> Option<Plan> {
        let mut flow = self.counts.to_vec();
        let mut bounds = self.bounds.clone();
        let mut hidden = Vec::new();
        let mut loss = (0, 0, 0);
        let mut missing = need;
        while missing > 0 {
            let smallest = if at_once { missing } else { 1 };
            let path = self.cheapest(&bounds, &flow, step, smallest)?;
            let mut amount = missing;
            for &step in &path {
                let (_, room) = self.cost(&bounds, &flow, step, smallest)?;
                amount = amount.min(room);
            }
            push(&mut flow, &path, amount);
            push(&mut flow, &[step], amount);
            for step in path {
                let (bound, value) = (bounds[step.arc], flow[step.arc]);
                if value < bound.low || value > bound.high {
                    bounds[step.arc] = HIDDEN;
                    loss = sum(loss, self.loss[step.arc]);
                    hidden.push(step.arc);
                }
            }
            missing -= amount;
        }
        Some((loss, hidden))
    }

    /// What a step loses and how far it may go; `None` where it cannot go
    /// `smallest` far.
    fn cost(&self, bounds: &[Bound], flow: &[u64], step: Step, smallest: u64) -> Option<(Loss, u64)> {
        let (bound, value) = (bounds[step.arc], flow[step.arc]);
        let (free, all) = match step.up {
            true => (bound.high.saturating_sub(value), UNKNOWN.saturating_sub(value)),
            false => (value.saturating_sub(bound.low), value),
        };
        if free >= smallest { Some(((0, 0, 0), free)) } else { (all >= smallest).then_some((self.loss[step.arc], all)) }
    }

    /// The way from the end of a step back to its start that loses least
    /// (Dijkstra 1959); among equal ones that with the fewest arcs, then the
    /// one that was found first.
    fn cheapest(&self, bounds: &[Bound], flow: &[u64], step: Step, smallest: u64) -> Option<Vec<Step>> {
        let (source, sink) = (self.network.end(step), self.network.start(step));
        let mut came_by: Vec<Option<Step>> = vec![None; self.network.steps.len()];
        let mut known: Vec<Option<(Loss, u64)>> = vec![None; self.network.steps.len()];
        known[source] = Some(((0, 0, 0), 0));
        let mut waiting = BinaryHeap::from([Reverse((((0, 0, 0), 0), source))]);
        while let Some(Reverse((so_far, node))) = waiting.pop() {
            if node == sink {
                return Some(self.network.walk_back(&came_by, source, sink));
            }
            if known[node].is_some_and(|better| better < so_far) {
                continue;
            }
            for &next in self.network.steps[node].iter().filter(|next| next.arc != step.arc) {
                let Some((loss, _)) = self.cost(bounds, flow, next, smallest) else { continue };
                let (end, there) = (self.network.end(next), (sum(so_far.0, loss), so_far.1 + 1));
                if known[end].is_none_or(|known| there < known) {
                    known[end] = Some(there);
                    came_by[end] = Some(next);
                    waiting.push(Reverse((there, end)));
                }
            }
        }
        None
    }
}

fn sum(a: Loss, b: Loss) -> Loss {
    (a.0 + b.0, a.1 + b.1, a.2 + b.2)
}
