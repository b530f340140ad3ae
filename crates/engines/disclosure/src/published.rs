//! What is published of a table.

use crate::network::{Bound, UNKNOWN};
use crate::rule::Rule;
use crate::table::{Row, Shape};

/// One figure, as the house keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The exact count.
    Shown(u64),
    /// The nearest multiple of [`Rule::rounding`].
    Rounded(u64),
    /// Not to be seen.
    Hidden {
        /// Whether the count itself is too small (primary suppression), or
        /// only guards one that is (secondary). Not for readers: it would tell
        /// them which are small.
        primary: bool,
    },
}

/// One figure, as a page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicCell {
    /// The exact count.
    Shown(u64),
    /// The nearest multiple of [`Rule::rounding`].
    Rounded(u64),
    /// Not to be seen, for one reason or another.
    Hidden,
}

/// What may be published of a [`crate::Table`], with the same rows and columns.
/// Made by [`crate::suppress`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub(crate) shape: Shape,
    pub(crate) rule: Rule,
    pub(crate) cells: Vec<Cell>,
}

/// What a page may show; nothing in it tells why a figure is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTable {
    /// All rows; the first is the grand total.
    pub rows: Vec<Row>,
    /// Labels of the columns, without the column of totals.
    pub columns: Vec<String>,
    /// For each row its figures; where there are several columns, the last is
    /// the total of the row.
    pub cells: Vec<Vec<PublicCell>>,
    /// Base of rounding, to be told beside the table.
    pub rounding: Option<u64>,
    /// Whether shown totals are the sums of their parts. Not so where counts
    /// are rounded; a page should say it.
    pub adds_up: bool,
    /// Nothing of the table is shown.
    pub is_withheld: bool,
}

impl PublicTable {
    /// The release that readers saw, for [`crate::differs`] where only the table was kept. Which counts are small is not
    /// known any more: every hidden figure stands as secondary. `None` for what is no table.
    pub fn released(&self, rule: Rule) -> Option<Published> {
        rule.check().ok()?;
        let mut is_group = vec![false; self.rows.len()];
        for (number, row) in self.rows.iter().enumerate() {
            match row.parent {
                None if number == 0 => *is_group.first_mut()? = true,
                Some(parent) if parent < number => is_group[parent] = true,
                _ => return None,
            }
        }
        let shape = Shape { rows: self.rows.clone(), columns: self.columns.clone(), is_group };
        let is_whole = !self.columns.is_empty() && self.cells.len() == self.rows.len();
        if !is_whole || self.cells.iter().any(|row| row.len() != shape.width()) {
            return None;
        }
        let cell = |cell: &PublicCell| match *cell {
            PublicCell::Shown(count) => Cell::Shown(count),
            PublicCell::Rounded(multiple) => Cell::Rounded(multiple),
            PublicCell::Hidden => Cell::Hidden { primary: false },
        };
        let cells = self.cells.iter().flatten().map(cell).collect();
        Some(Published { shape, rule, cells })
    }
}

impl Published {
    /// All rows; the first is the grand total.
    pub fn rows(&self) -> &[Row] {
        &self.shape.rows
    }

    /// Labels of the columns, without the column of totals.
    pub fn columns(&self) -> &[String] {
        &self.shape.columns
    }

    /// A figure. The column after the last holds the total of the row where
    /// there are several columns. `None` where there is no such figure.
    pub fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        self.shape.index(row, column).map(|index| self.cells[index])
    }

    /// The rule that was followed.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Whether shown totals are the sums of their parts; not so where counts
    /// are rounded.
    pub fn adds_up(&self) -> bool {
        self.rule.rounding.is_none_or(|base| base == 1)
    }

    /// Whether nothing of the table is shown.
    pub fn is_withheld(&self) -> bool {
        self.cells.iter().all(|cell| matches!(cell, Cell::Hidden { .. }))
    }

    /// The table for readers, which does not tell which counts are small.
    pub fn to_public(&self) -> PublicTable {
        let public = |cell: &Cell| match *cell {
            Cell::Shown(count) => PublicCell::Shown(count),
            Cell::Rounded(multiple) => PublicCell::Rounded(multiple),
            Cell::Hidden { .. } => PublicCell::Hidden,
        };
        PublicTable {
            rows: self.shape.rows.clone(),
            columns: self.shape.columns.clone(),
            cells: self.cells.chunks(self.shape.width()).map(|row| row.iter().map(public).collect()).collect(),
            rounding: self.rule.rounding,
            adds_up: self.adds_up(),
            is_withheld: self.is_withheld(),
        }
    }

    /// What a reader who knows the rule sees of each figure by itself.
    pub(crate) fn bounds(&self) -> Vec<Bound> {
        let bound = |cell: &Cell| match *cell {
            Cell::Shown(count) => Bound { low: count, high: count },
            Cell::Rounded(multiple) => self.rule.behind(multiple),
            Cell::Hidden { .. } => Bound { low: 0, high: UNKNOWN },
        };
        self.cells.iter().map(bound).collect()
    }
}
