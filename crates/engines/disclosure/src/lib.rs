//! Statistical disclosure control: which counts of persons or cases a city may
//! publish so that nobody small can be found in them.
//!
//! Everything here is plain computation. The terms (primary and secondary
//! suppression, audit, feasible interval, conventional rounding) are those of
//! Hundepool et al., "Statistical Disclosure Control", Wiley 2012. What is
//! guaranteed and what is not: `docs/engines/disclosure.md`.
//!
//! | Question | Item |
//! |---|---|
//! | What are the counts? | [`Table`], [`Tree`] |
//! | What is too small to be seen? | [`Rule`] |
//! | What may be published? | [`suppress`], [`Published`], [`Published::to_public`] |
//! | What can be computed from what is published? | [`audit`], [`Interval`] |
//! | May this share, median or quantile be told? | [`share`], [`quantile`] |
//! | Does this release tell too much beside an earlier one? | [`differs`] |
//!
//! ```
//! use disclosure::{Cell, Rule, Table, suppress};
//!
//! let table = Table::list("all", &[("1 day", 3), ("2 days", 9), ("3 days", 20)])?;
//! let rule = Rule { least: 5, shows_zero: true, rounding: None };
//! let published = suppress(&table, &rule)?;
//! assert_eq!(published.cell(0, 0), Some(Cell::Shown(32)));
//! assert_eq!(published.cell(1, 0), Some(Cell::Hidden { primary: true }));
//! // Otherwise 32 - 9 - 20 would give the 3.
//! assert_eq!(published.cell(2, 0), Some(Cell::Hidden { primary: false }));
//! assert_eq!(published.cell(3, 0), Some(Cell::Shown(20)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod complement;
mod differs;
mod network;
mod published;
mod rule;
mod share;
mod suppress;
mod table;

pub use audit::{Interval, audit};
pub use differs::{Difference, Differences, differs};
pub use published::{Cell, PublicCell, PublicTable, Published};
pub use rule::{MAX_LEAST, Rule, RuleError};
pub use share::{Share, Withheld, quantile, share};
pub use suppress::suppress;
pub use table::{MAX_CELLS, MAX_COUNT, Row, Table, TableError, Tree};
