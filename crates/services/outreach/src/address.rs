//! Where somebody is reached: personal data that no page, log or error can show by accident.
//!
//! ```
//! fn to_the_channel(address: &outreach::Address) -> &str {
//!     address.reveal_to_channel()
//! }
//! ```
//! ```compile_fail,E0277
//! fn leak(address: &outreach::Address) -> String { format!("{address}") }
//! ```
//! ```compile_fail,E0277
//! fn leak(address: &outreach::Address) -> serde_json::Value { serde_json::json!(address) }
//! ```
//! ```compile_fail,E0614
//! fn leak(address: outreach::Address) -> String { *address }
//! ```

use std::fmt;

use store::{Cell, FromCell};

/// An address of a channel, such as a user id of LINE. It has no `Display`, no `Serialize` and no `Deref`; its `Debug`
/// shows nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl Address {
    /// Wraps what a channel told.
    pub fn new(value: impl Into<String>) -> Self {
        Address(value.into())
    }

    /// The value, for the channel that sends to it and for nobody else.
    pub fn reveal_to_channel(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl FromCell for Address {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        // An error would show the cell.
        match cell {
            Cell::Text(value) => Ok(Address(value.clone())),
            _ => Err("is no address".to_owned()),
        }
    }
}
