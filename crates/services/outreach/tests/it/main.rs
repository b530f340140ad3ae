//! Outreach on both engines, with a channel in memory.

mod choosing;
mod planning;
mod town;
