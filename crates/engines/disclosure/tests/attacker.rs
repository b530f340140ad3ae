//! An attacker who tries every table that fits what is published, against the
//! audit and the suppression.

use disclosure::{Cell, MAX_LEAST, Published, Rule, Table, Tree, audit, share, suppress};
use proptest::prelude::*;

/// How many partial tables are tried before the attacker gives up.
const TRIES: usize = 30_000;

/// Every table that fits, by nothing but trying.
struct Attacker<'a> {
    published: &'a Published,
    /// Counts of the rows that are no sums, row after row.
    parts: Vec<usize>,
    /// Counts above this are not tried where nothing is known.
    cap: u64,
    /// All figures of the table that is tried, totals included.
    trial: Vec<u64>,
    /// Lowest and highest count of each figure in the tables that fit.
    found: Vec<Option<(u64, u64)>>,
    tries: usize,
}

impl<'a> Attacker<'a> {
    fn attack(published: &'a Published, cap: u64) -> Option<Vec<(u64, u64)>> {
        let rows = published.rows();
        let has_parts = |row: usize| rows.iter().any(|other| other.parent == Some(row));
        let parts = (0..rows.len()).filter(|&row| !has_parts(row)).collect();
        let size = rows.len() * width(published);
        let mut attacker = Attacker { published, parts, cap, trial: vec![0; size], found: vec![None; size], tries: 0 };
        attacker.fill(0);
        (attacker.tries < TRIES)
            .then(|| attacker.found.into_iter().map(|found| found.expect("some table fits")).collect())
    }

    fn fill(&mut self, place: usize) {
        self.tries += 1;
        if self.tries >= TRIES {
            return;
        }
        let columns = self.published.columns().len();
        if place == self.parts.len() * columns {
            if (0..self.trial.len()).all(|figure| self.fits(figure, self.trial[figure])) {
                for (found, &count) in self.found.iter_mut().zip(&self.trial) {
                    let (low, high) = found.unwrap_or((count, count));
                    *found = Some((low.min(count), high.max(count)));
                }
            }
            return;
        }
        let (row, column) = (self.parts[place / columns], place % columns);
        let figures = self.figures(row, column);
        for count in 0..=self.cap {
            if !self.fits(figures[0], count) {
                continue;
            }
            for &figure in &figures {
                self.trial[figure] += count;
            }
            if figures.iter().all(|&figure| self.trial[figure] <= self.most(figure)) {
                self.fill(place + 1);
            }
            for &figure in &figures {
                self.trial[figure] -= count;
            }
        }
    }

    /// The figure and all totals that hold it.
    fn figures(&self, row: usize, column: usize) -> Vec<usize> {
        let width = width(self.published);
        let mut figures = Vec::new();
        let mut next = Some(row);
        while let Some(row) = next {
            figures.push(row * width + column);
            if width > 1 {
                figures.push(row * width + width - 1);
            }
            next = self.published.rows()[row].parent;
        }
        figures
    }

    fn cell(&self, figure: usize) -> Cell {
        let width = width(self.published);
        self.published.cell(figure / width, figure % width).expect("a figure of the table")
    }

    /// Whether a reader would see this of that count.
    fn fits(&self, figure: usize, count: u64) -> bool {
        let rule = self.published.rule();
        match self.cell(figure) {
            Cell::Hidden { .. } => true,
            Cell::Shown(shown) => count == shown,
            Cell::Rounded(shown) => count >= rule.least && nearest(count, rule.rounding.expect("a base")) == shown,
        }
    }

    fn most(&self, figure: usize) -> u64 {
        match self.cell(figure) {
            Cell::Hidden { .. } => u64::MAX,
            Cell::Shown(shown) => shown,
            Cell::Rounded(shown) => shown + self.published.rule().rounding.unwrap_or(0),
        }
    }
}

fn width(published: &Published) -> usize {
    published.columns().len() + usize::from(published.columns().len() > 1)
}

/// The nearest multiple, halves up, by trying.
fn nearest(count: u64, base: u64) -> u64 {
    (0..=count / base + 1)
        .map(|n| n * base)
        .min_by_key(|&multiple| (multiple.abs_diff(count), u64::MAX - multiple))
        .unwrap_or(0)
}

/// Compares the audit with the attacker and the result with the rule. Gives
/// whether the attacker came to an end.
fn check(table: &Table, rule: &Rule) -> bool {
    let published = suppress(table, rule).expect("a rule");
    assert_eq!(published, suppress(table, rule).expect("a rule"), "the same input gives the same output");
    let width = width(&published);
    let figures: Vec<_> = (0..table.rows().len() * width).map(|figure| (figure / width, figure % width)).collect();
    let mut greatest = 0;
    let mut small = false;
    for &(row, column) in &figures {
        let count = table.count(row, column).expect("a figure");
        greatest = greatest.max(count);
        small |= rule.hides(count);
        match published.cell(row, column).expect("a figure") {
            Cell::Shown(shown) => assert!(shown == count && !rule.hides(count)),
            Cell::Rounded(shown) => {
                assert!(shown == nearest(count, rule.rounding.expect("a base")) && !rule.hides(count))
            }
            Cell::Hidden { primary } => assert_eq!(primary, rule.hides(count)),
        }
    }
    let intervals = audit(&published);
    assert!(small || intervals.is_empty(), "nothing is hidden where nothing is small");
    for interval in &intervals {
        let count = table.count(interval.row, interval.column).expect("a figure");
        assert!(interval.low <= count && interval.high.is_none_or(|high| count <= high), "{interval:?} {count}");
        assert!(interval.is_protected(rule.least), "{interval:?} {published:?}");
    }
    let cap = greatest + rule.least + rule.rounding.unwrap_or(0);
    let Some(found) = Attacker::attack(&published, cap) else { return false };
    for interval in &intervals {
        let (low, high) = found[interval.row * width + interval.column];
        assert_eq!(interval.low, low, "{interval:?} {published:?}");
        match interval.high {
            Some(end) => assert_eq!(end, high, "{interval:?} {published:?}"),
            None => assert!(high >= cap, "{interval:?} {high} {published:?}"),
        }
        assert!(high > low && high >= rule.least, "{interval:?} {published:?}");
    }
    true
}

fn cross(counts: &[Vec<u64>]) -> Table {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let rows: Vec<_> = names.into_iter().zip(counts.iter().cloned()).collect();
    Table::cross("all", &names[..counts[0].len()], &rows).expect("a table")
}

#[test]
fn every_table_of_two_by_two() {
    let mut compared = 0;
    let mut all = 0;
    for number in 0..5_u64.pow(4) {
        let digit = |place: u32| number / 5_u64.pow(place) % 5;
        let table = cross(&[vec![digit(0), digit(1)], vec![digit(2), digit(3)]]);
        for (shows_zero, rounding) in [(true, None), (false, None), (true, Some(2)), (false, Some(5))] {
            all += 1;
            compared += usize::from(check(&table, &Rule { least: 3, shows_zero, rounding }));
        }
    }
    assert_eq!(compared, all);
}

fn rules() -> impl Strategy<Value = Rule> {
    (1..=5_u64, any::<bool>(), prop::option::of(1..=10_u64)).prop_map(|(least, shows_zero, base)| Rule {
        least,
        shows_zero,
        rounding: base.map(|base| base.min(2 * least)),
    })
}

fn counts(rows: usize, columns: usize, most: u64) -> impl Strategy<Value = Vec<Vec<u64>>> {
    (1..=rows, 1..=columns)
        .prop_flat_map(move |(rows, columns)| prop::collection::vec(prop::collection::vec(0..=most, columns), rows))
}

/// Rows of groups and parts in any order; groups that stay empty are left out.
fn trees(most: u64, size: usize, columns: usize) -> impl Strategy<Value = (Tree, usize)> {
    let rows = prop::collection::vec(
        (any::<prop::sample::Index>(), any::<bool>(), prop::collection::vec(0..=most, columns)),
        1..=size,
    );
    rows.prop_map(move |rows| {
        let mut tree = Tree::new("all");
        let mut groups = vec![0];
        let mut filled = vec![false];
        for (number, (place, is_group, counts)) in rows.iter().enumerate() {
            let place = place.index(groups.len());
            filled[place] = true;
            if *is_group && groups.len() < 4 {
                groups.push(tree.group(groups[place], &format!("g{}", groups.len())));
                filled.push(false);
            } else {
                tree.part(groups[place], &format!("p{number}"), counts);
            }
        }
        for (place, _) in filled.iter().enumerate().filter(|(_, filled)| !**filled) {
            tree.part(groups[place], "rest", &vec![most; columns]);
        }
        (tree, columns)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_attacker_learns_more_than_the_audit_tells(counts in counts(3, 3, 7), rule in rules()) {
        check(&cross(&counts), &rule);
    }

    #[test]
    fn nor_in_lists_and_groups((tree, columns) in (1..=2_usize).prop_flat_map(|columns| trees(7, 4, columns)), rule in rules()) {
        check(&Table::tree(&["a", "b"][..columns], &tree).expect("a table"), &rule);
    }

    #[test]
    fn larger_tables_are_protected(counts in counts(8, 8, 40), rule in rules()) {
        let table = cross(&counts);
        let published = suppress(&table, &rule).expect("a rule");
        for interval in audit(&published) {
            let count = table.count(interval.row, interval.column).expect("a figure");
            prop_assert!(interval.low <= count && interval.high.is_none_or(|high| count <= high));
            prop_assert!(interval.is_protected(rule.least), "{interval:?}");
        }
    }

    #[test]
    fn no_input_makes_it_panic(
        rows in prop::collection::vec((0..9_usize, any::<bool>(), prop::collection::vec(any::<u64>(), 0..4)), 0..8),
        smaller in 0..64_u32,
        columns in 0..4_usize,
        least in prop_oneof![0..20_u64, any::<u64>(), Just(MAX_LEAST)],
        rounding in prop::option::of(prop_oneof![0..20_u64, any::<u64>(), Just(2 * MAX_LEAST)]),
        shows_zero in any::<bool>(),
    ) {
        let mut tree = Tree::new("all");
        for (number, (parent, is_group, counts)) in rows.iter().enumerate() {
            let counts: Vec<_> = counts.iter().map(|count| count >> smaller).collect();
            match is_group {
                true => tree.group(*parent, &number.to_string()),
                false => tree.part(*parent, &number.to_string(), &counts),
            };
        }
        let rule = Rule { least, shows_zero, rounding };
        let _ = share(least, rounding.unwrap_or(7), &rule);
        if let Ok(table) = Table::tree(&["a", "b", "c"][..columns.min(3)], &tree)
            && let Ok(published) = suppress(&table, &rule)
        {
            prop_assert!(audit(&published).iter().all(|interval| interval.is_protected(least)));
        }
    }
}
