//! What two releases tell together that neither tells alone.

use std::collections::HashMap;

use crate::audit::audit;
use crate::published::Published;

/// A figure whose difference between two releases is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Row in the later release; 0 is the grand total.
    pub row: usize,
    /// Column in the later release; the one after the last is the total of the row.
    pub column: usize,
    /// The lowest difference that is possible, later less earlier.
    pub low: i64,
    /// The highest difference that is possible.
    pub high: i64,
}

/// What [`differs`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// Figures whose difference tells of a small count.
    pub small: Vec<Difference>,
    /// Rows of the later release that the earlier one does not have; they were
    /// not compared.
    pub rows_without_match: Vec<usize>,
    /// Columns of the later release that the earlier one does not have; they
    /// were not compared.
    pub columns_without_match: Vec<usize>,
}

/// Compares two releases figure by figure: the same table of an earlier and a
/// later day, or of a part and the whole with the same labels. Rows match by
/// their labels and those of the groups above them (the label of the grand
/// total does not matter), columns by their labels.
///
/// A figure is reported where every difference that is possible is smaller, up
/// or down, than the greater [`crate::Rule::least`] of both, except a
/// difference that is zero for certain where both rules show zero. Hidden
/// figures are taken with their interval as [`audit`] gives it.
///
/// Not covered: sums of several figures across both releases (a cell here less
/// two cells there), more than two releases, and that counts which are added up
/// over time never fall.
pub fn differs(before: &Published, after: &Published) -> Differences {
    let (earlier, later) = (known(before), known(after));
    let least = i64::try_from(before.rule.least.max(after.rule.least)).unwrap_or(i64::MAX);
    let shows_zero = before.rule.shows_zero && after.rule.shows_zero;
    let rows = same_rows(before, after);
    let columns = same_columns(before, after);
    let without = |matches: &[Option<usize>]| (0..matches.len()).filter(|&n| matches[n].is_none()).collect();
    let mut found =
        Differences { small: Vec::new(), rows_without_match: without(&rows), columns_without_match: without(&columns) };
    for (row, &row_before) in rows.iter().enumerate() {
        for (column, &column_before) in columns.iter().enumerate() {
            let (Some(row_before), Some(column_before)) = (row_before, column_before) else { continue };
            let (Some(old), Some(new)) =
                (before.shape.index(row_before, column_before), after.shape.index(row, column))
            else {
                continue;
            };
            let ((old_low, Some(old_high)), (new_low, Some(new_high))) = (earlier[old], later[new]) else { continue };
            let (low, high) = (minus(new_low, old_high), minus(new_high, old_low));
            let is_small = low > -least && high < least;
            if is_small && !(shows_zero && low == 0 && high == 0) {
                found.small.push(Difference { row, column, low, high });
            }
        }
    }
    found
}

/// Lowest and highest count of every figure.
fn known(published: &Published) -> Vec<(u64, Option<u64>)> {
    let mut known: Vec<_> = published.bounds().iter().map(|bound| (bound.low, Some(bound.high))).collect();
    for interval in audit(published) {
        if let Some(index) = published.shape.index(interval.row, interval.column) {
            known[index] = (interval.low, interval.high);
        }
    }
    known
}

fn same_rows(before: &Published, after: &Published) -> Vec<Option<usize>> {
    let places: HashMap<_, _> =
        before.shape.rows.iter().enumerate().map(|(number, row)| ((row.parent, row.label.as_str()), number)).collect();
    let mut matches: Vec<Option<usize>> = Vec::with_capacity(after.shape.rows.len());
    for row in &after.shape.rows {
        // Parents stand before their parts.
        let found = match row.parent {
            None => Some(0),
            Some(parent) => matches[parent].and_then(|above| places.get(&(Some(above), row.label.as_str())).copied()),
        };
        matches.push(found);
    }
    matches
}

/// The column of totals matches too; in a list the one column is its own total.
fn same_columns(before: &Published, after: &Published) -> Vec<Option<usize>> {
    let place = |label: &String| before.shape.columns.iter().position(|other| other == label);
    let mut matches: Vec<_> = after.shape.columns.iter().map(place).collect();
    if after.shape.width() > 1 {
        matches.push((before.shape.width() > 1).then(|| before.shape.width() - 1));
    }
    matches
}

fn minus(a: u64, b: u64) -> i64 {
    let small = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    small(a).saturating_sub(small(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rule, Table, suppress};

    const RULE: Rule = Rule { least: 5, shows_zero: true, rounding: None };

    fn release(counts: &[(&str, u64)], rule: Rule) -> Published {
        suppress(&Table::list("all", counts).expect("a table"), &rule).expect("a rule")
    }

    #[test]
    fn a_small_increase_is_found_in_the_cell_and_in_the_total() {
        let before = release(&[("east", 20), ("west", 30)], RULE);
        let after = release(&[("east", 23), ("west", 30)], RULE);
        let found = differs(&before, &after);
        let expected = [(0, 3, 3), (1, 3, 3)].map(|(row, low, high)| Difference { row, column: 0, low, high });
        assert_eq!(found.small, expected);
        assert_eq!(differs(&after, &before).small[0].low, -3);
    }

    #[test]
    fn a_large_increase_or_none_is_fine() {
        let before = release(&[("east", 20), ("west", 30)], RULE);
        let after = release(&[("east", 25), ("west", 30)], RULE);
        assert_eq!(differs(&before, &after), Differences::default());
        let strict = Rule { shows_zero: false, ..RULE };
        let before = release(&[("east", 20), ("west", 30)], strict);
        let after = release(&[("east", 25), ("west", 30)], strict);
        assert_eq!(differs(&before, &after).small, [Difference { row: 2, column: 0, low: 0, high: 0 }]);
    }

    #[test]
    fn a_hidden_figure_is_taken_with_its_interval() {
        // East is 0 to 12 before and at least 13 after, so it can have grown by
        // 1 to 13: not small for certain.
        let before = release(&[("east", 3), ("west", 9), ("south", 40)], RULE);
        let after = release(&[("east", 13), ("west", 9), ("south", 40)], RULE);
        let rows: Vec<_> = differs(&before, &after).small.iter().map(|found| found.row).collect();
        assert_eq!(rows, Vec::<usize>::new());
        // West is shown after and hidden before: 9 less 0 to 12.
        let again = differs(&before, &release(&[("east", 13), ("west", 15), ("south", 42)], RULE));
        assert_eq!(again.small, [Difference { row: 3, column: 0, low: 2, high: 2 }]);
    }

    #[test]
    fn rounding_blurs_differences() {
        let rule = Rule { rounding: Some(10), ..RULE };
        let before = release(&[("east", 20), ("west", 30)], rule);
        let after = release(&[("east", 23), ("west", 30)], rule);
        assert_eq!(differs(&before, &after).small, []);
    }

    #[test]
    fn what_has_no_match_is_told() {
        let before = release(&[("east", 20), ("west", 30)], RULE);
        let after = release(&[("west", 30), ("north", 20)], RULE);
        let found = differs(&before, &after);
        assert_eq!((found.small.len(), found.rows_without_match), (0, vec![2]));
        let rows = [("x", vec![7, 8]), ("y", vec![9, 10])];
        let cross =
            |columns: &[&str]| suppress(&Table::cross("all", columns, &rows).expect("a table"), &RULE).expect("a rule");
        let found = differs(&cross(&["a", "b"]), &cross(&["b", "c"]));
        assert_eq!(found.columns_without_match, [1]);
        // Column b was 17 in all and is 16 under this label now.
        assert!(found.small.contains(&Difference { row: 0, column: 0, low: -2, high: -2 }));
    }
}
