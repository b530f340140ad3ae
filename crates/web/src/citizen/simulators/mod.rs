//! `/simulators/…`: services outside as citizens see them, where a city is tried out.

mod flex;
pub(crate) mod line;
