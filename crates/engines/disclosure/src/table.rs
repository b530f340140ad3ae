//! Tables of counts before anything is hidden.

use std::collections::HashSet;

use thiserror::Error;

/// The greatest grand total that is accepted, in persons or cases.
pub const MAX_COUNT: u64 = 1_000_000_000_000;
/// The greatest number of figures of one table, totals included.
pub const MAX_CELLS: usize = 2_000;

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    /// No row or no column.
    #[error("the table has no rows or no columns")]
    Empty,
    /// A group of a [`Tree`] without parts; the number is what [`Tree::group`] gave.
    #[error("group {0} has no parts")]
    EmptyGroup(usize),
    /// The parent of this row of a [`Tree`] is no group that was there before it.
    #[error("row {0} belongs to no group")]
    NoSuchGroup(usize),
    /// A row has not as many counts as there are columns; counted from the
    /// grand total as 0.
    #[error("row {0} has not as many counts as there are columns")]
    Ragged(usize),
    /// Two columns, or two rows of one group, have the same label.
    #[error("two rows or columns are called {0}")]
    TwiceNamed(String),
    /// More than [`MAX_CELLS`] figures.
    #[error("the table has more than {MAX_CELLS} figures")]
    TooManyCells,
    /// The grand total is above [`MAX_COUNT`].
    #[error("the grand total is above {MAX_COUNT}")]
    TooLarge,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is counted in it.
    pub label: String,
    /// The row whose counts hold these; `None` for the grand total, row 0.
    /// A parent stands before its parts.
    pub parent: Option<usize>,
}

/// Rows in groups: sections within departments, months within years.
///
/// The counts of a group are the sums of its parts and are published as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    rows: Vec<Row>,
    /// Empty for groups.
    counts: Vec<Option<Vec<u64>>>,
}

impl Tree {
    /// The group 0 of everything, which is the row of totals.
    pub fn new(total: &str) -> Self {
        Tree { rows: vec![Row { label: total.to_owned(), parent: None }], counts: vec![None] }
    }

    /// Adds a group to a group and gives its number. A parent that is no group
    /// is told by [`Table::tree`].
    pub fn group(&mut self, parent: usize, label: &str) -> usize {
        self.add(parent, label, None)
    }

    /// Adds a row of counts, one for each column, to a group and gives its
    /// number.
    pub fn part(&mut self, parent: usize, label: &str, counts: &[u64]) -> usize {
        self.add(parent, label, Some(counts.to_vec()))
    }

    fn add(&mut self, parent: usize, label: &str, counts: Option<Vec<u64>>) -> usize {
        self.rows.push(Row { label: label.to_owned(), parent: Some(parent) });
        self.counts.push(counts);
        self.rows.len() - 1
    }
}

/// Counts of persons or cases in rows and columns with all their totals.
///
/// Row 0 holds the totals of the columns. Where there are several columns, one
/// more at the end holds the totals of the rows; a table with one column is a
/// list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub(crate) shape: Shape,
    /// Row after row, [`Shape::width`] of them in each.
    pub(crate) counts: Vec<u64>,
}

/// Rows and columns without counts; a table and what is published of it share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) rows: Vec<Row>,
    pub(crate) columns: Vec<String>,
    /// Which rows are sums of others.
    pub(crate) is_group: Vec<bool>,
}

impl Shape {
    /// Figures in a row, its total included.
    pub(crate) fn width(&self) -> usize {
        match self.columns.len() {
            1 => 1,
            several => several + 1,
        }
    }

    /// Number of figures.
    pub(crate) fn len(&self) -> usize {
        self.rows.len().saturating_mul(self.width())
    }

    /// Place of a figure among all.
    pub(crate) fn index(&self, row: usize, column: usize) -> Option<usize> {
        (row < self.rows.len() && column < self.width()).then(|| row * self.width() + column)
    }

    /// Whether the figure is a sum of others in this table.
    pub(crate) fn is_total(&self, index: usize) -> bool {
        self.is_group[index / self.width()] || index % self.width() == self.columns.len()
    }
}

impl Table {
    /// A list of labels and counts, and its total.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn list(total: &str, counts: &[(&str, u64)]) -> Result<Table, TableError> {
        let mut tree = Tree::new(total);
        for (label, count) in counts {
            tree.part(0, label, &[*count]);
        }
        Table::tree(&[""], &tree)
    }

    /// Rows with one count for each column, and all totals.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn cross(total: &str, columns: &[&str], rows: &[(&str, Vec<u64>)]) -> Result<Table, TableError> {
        let mut tree = Tree::new(total);
        for (label, counts) in rows {
            tree.part(0, label, counts);
        }
        Table::tree(columns, &tree)
    }

    /// Rows in groups with one count for each column, and all totals. For a
    /// list in groups give one column.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn tree(columns: &[&str], tree: &Tree) -> Result<Table, TableError> {
        if columns.is_empty() || tree.rows.len() < 2 {
            return Err(TableError::Empty);
        }
        let shape = Shape {
            rows: tree.rows.clone(),
            columns: columns.iter().map(|&label| label.to_owned()).collect(),
            is_group: tree.counts.iter().map(Option::is_none).collect(),
        };
        if shape.len() > MAX_CELLS {
            return Err(TableError::TooManyCells);
        }
        check_groups(&shape)?;
        check_labels(&shape)?;
        let counts = sums(&shape, &tree.counts)?;
        Ok(Table { shape, counts })
    }

    /// All rows; the first is the grand total.
    pub fn rows(&self) -> &[Row] {
        &self.shape.rows
    }

    /// Labels of the columns, without the column of totals.
    pub fn columns(&self) -> &[String] {
        &self.shape.columns
    }

    /// A count. The column after the last holds the total of the row where
    /// there are several columns. `None` where there is no such figure.
    pub fn count(&self, row: usize, column: usize) -> Option<u64> {
        self.shape.index(row, column).map(|index| self.counts[index])
    }
}

fn check_groups(shape: &Shape) -> Result<(), TableError> {
    let mut has_parts = vec![false; shape.rows.len()];
    for (number, row) in shape.rows.iter().enumerate() {
        if let Some(parent) = row.parent {
            if parent >= number || !shape.is_group[parent] {
                return Err(TableError::NoSuchGroup(number));
            }
            has_parts[parent] = true;
        }
    }
    match (0..shape.rows.len()).find(|&row| shape.is_group[row] && !has_parts[row]) {
        Some(group) => Err(TableError::EmptyGroup(group)),
        None => Ok(()),
    }
}

fn check_labels(shape: &Shape) -> Result<(), TableError> {
    let mut seen = HashSet::new();
    if let Some(row) = shape.rows.iter().find(|row| !seen.insert((row.parent, &row.label))) {
        return Err(TableError::TwiceNamed(row.label.clone()));
    }
    let mut seen = HashSet::new();
    match shape.columns.iter().find(|label| !seen.insert(*label)) {
        Some(label) => Err(TableError::TwiceNamed(label.clone())),
        None => Ok(()),
    }
}

fn sums(shape: &Shape, parts: &[Option<Vec<u64>>]) -> Result<Vec<u64>, TableError> {
    let width = shape.width();
    let mut counts = vec![0_u64; shape.len()];
    // Parts stand after their group, so from the end every row is complete
    // when it is added to its parent.
    for row in (0..shape.rows.len()).rev() {
        if let Some(own) = &parts[row] {
            if own.len() != shape.columns.len() {
                return Err(TableError::Ragged(row));
            }
            for (column, &count) in own.iter().enumerate() {
                counts[row * width + column] = count;
                if width > 1 {
                    add(&mut counts[row * width + width - 1], count)?;
                }
            }
        }
        if let Some(parent) = shape.rows[row].parent {
            for column in 0..width {
                let count = counts[row * width + column];
                add(&mut counts[parent * width + column], count)?;
            }
        }
    }
    Ok(counts)
}

fn add(sum: &mut u64, count: u64) -> Result<(), TableError> {
    *sum = sum.checked_add(count).filter(|&sum| sum <= MAX_COUNT).ok_or(TableError::TooLarge)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_added_up() {
        let table = Table::cross("all", &["a", "b"], &[("x", vec![1, 2]), ("y", vec![3, 4])]).expect("a table");
        assert_eq!(table.counts, [4, 6, 10, 1, 2, 3, 3, 4, 7]);
        assert_eq!(table.count(0, 2), Some(10));
        assert_eq!(table.count(0, 3), None);
        assert_eq!(table.count(3, 0), None);
    }

    #[test]
    fn groups_are_the_sums_of_their_parts() {
        let mut tree = Tree::new("city");
        let north = tree.group(0, "north");
        tree.part(north, "one", &[2]);
        let south = tree.group(0, "south");
        tree.part(south, "one", &[8]);
        tree.part(north, "two", &[5]);
        let table = Table::tree(&[""], &tree).expect("a table");
        assert_eq!(table.counts, [15, 7, 2, 8, 8, 5]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(Table::list("all", &[]), Err(TableError::Empty));
        assert_eq!(Table::cross("all", &[], &[("x", vec![])]), Err(TableError::Empty));
        assert_eq!(Table::cross("all", &["a", "b"], &[("x", vec![1, 2]), ("y", vec![3])]), Err(TableError::Ragged(2)));
        assert_eq!(Table::list("all", &[("x", 1), ("x", 2)]), Err(TableError::TwiceNamed("x".into())));
        assert_eq!(Table::cross("all", &["a", "a"], &[("x", vec![1, 2])]), Err(TableError::TwiceNamed("a".into())));
        assert_eq!(Table::list("all", &[("x", u64::MAX), ("y", u64::MAX)]), Err(TableError::TooLarge));
        assert_eq!(Table::list("all", &[("x", MAX_COUNT), ("y", 1)]), Err(TableError::TooLarge));
        let many: Vec<_> = (0..MAX_CELLS).map(|n| n.to_string()).collect();
        let many: Vec<_> = many.iter().map(|label| (label.as_str(), 1)).collect();
        assert_eq!(Table::list("all", &many), Err(TableError::TooManyCells));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let mut tree = Tree::new("city");
        tree.group(0, "north");
        assert_eq!(Table::tree(&[""], &tree), Err(TableError::EmptyGroup(1)));
        let mut tree = Tree::new("city");
        let part = tree.part(0, "one", &[2]);
        tree.part(part, "two", &[2]);
        assert_eq!(Table::tree(&[""], &tree), Err(TableError::NoSuchGroup(2)));
        let mut tree = Tree::new("city");
        tree.part(7, "one", &[2]);
        assert_eq!(Table::tree(&[""], &tree), Err(TableError::NoSuchGroup(1)));
    }
}
