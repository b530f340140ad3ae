//! Values that go in (`params![]`) and rows that come out, the same for both engines.

use std::sync::Arc;

use calendar::Instant;

use crate::{Result, StoreError};

/// A parameter. NULL keeps its type, since PostgreSQL will not guess it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// TEXT: ids, enums, ISO dates, words.
    Text(Option<String>),
    /// BIGINT: counts, and instants in UTC milliseconds.
    Int(Option<i64>),
    /// BOOLEAN.
    Bool(Option<bool>),
    /// BYTEA.
    Blob(Option<Vec<u8>>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident ($x:ident) $to:expr;)*) => {$(
        impl From<$from> for Value { fn from($x: $from) -> Self { Value::$variant(Some($to)) } }
        impl From<Option<$from>> for Value { fn from(x: Option<$from>) -> Self { Value::$variant(x.map(|$x| $to)) } }
    )*};
}
value_from! {
    &str => Text(x) x.to_owned();
    String => Text(x) x;
    &String => Text(x) x.clone();
    i64 => Int(x) x;
    i32 => Int(x) i64::from(x);
    u32 => Int(x) i64::from(x);
    Instant => Int(x) x.millis();
    calendar::Date => Text(x) x.to_string();
    bool => Bool(x) x;
    Vec<u8> => Blob(x) x;
    &[u8] => Blob(x) x.to_vec();
    f64 => Real(x) x;
}

/// Builds the parameter list of a statement: `params![id, now, None::<String>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

/// One column of one row as it came.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// NULL.
    Null,
    /// TEXT.
    Text(String),
    /// Any integer.
    Int(i64),
    /// BOOLEAN (PostgreSQL; SQLite gives integers).
    Bool(bool),
    /// BYTEA or BLOB.
    Blob(Vec<u8>),
    /// DOUBLE PRECISION or REAL.
    Real(f64),
}

/// A row: column names shared over the whole answer, and the values.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<Vec<String>>,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// The value of a column, converted. Fails with the column's name if it is missing or of another type.
    pub fn get<T: FromCell>(&self, column: &str) -> Result<T> {
        let index = self
            .columns
            .iter()
            .position(|c| c == column)
            .ok_or_else(|| StoreError::Column { column: column.into(), reason: "is not in the answer".into() })?;
        T::from_cell(&self.cells[index]).map_err(|reason| StoreError::Column { column: column.into(), reason })
    }

    /// All cells in order.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }
}

/// Types that a column can become.
pub trait FromCell: Sized {
    /// Converts, or says in words why not.
    fn from_cell(cell: &Cell) -> Result<Self, String>;
}

fn mismatch<T>(wanted: &str, cell: &Cell) -> Result<T, String> {
    Err(format!("expected {wanted}, found {cell:?}"))
}

impl FromCell for String {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Text(t) => Ok(t.clone()),
            other => mismatch("text", other),
        }
    }
}
impl FromCell for i64 {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Int(i) => Ok(*i),
            other => mismatch("an integer", other),
        }
    }
}
impl FromCell for u32 {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        i64::from_cell(cell)?.try_into().map_err(|_| "out of range".to_owned())
    }
}
impl FromCell for Instant {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        i64::from_cell(cell).map(Instant::from_millis)
    }
}
impl FromCell for calendar::Date {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        let text = String::from_cell(cell)?;
        text.parse().map_err(|e| format!("{text:?} is not a date: {e}"))
    }
}
impl FromCell for bool {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Bool(b) => Ok(*b),
            Cell::Int(0) => Ok(false),
            Cell::Int(1) => Ok(true),
            other => mismatch("true or false", other),
        }
    }
}
impl FromCell for Vec<u8> {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Blob(b) => Ok(b.clone()),
            other => mismatch("bytes", other),
        }
    }
}
impl FromCell for f64 {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Real(r) => Ok(*r),
            other => mismatch("a number", other),
        }
    }
}
impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Null => Ok(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

/// A struct that is read from a row; derive it: each field is the column of the same name.
pub trait FromRow: Sized {
    /// Reads the struct.
    fn from_row(row: &Row) -> Result<Self>;
}
