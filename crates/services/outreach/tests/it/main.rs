//! Outreach on both engines, with a channel in memory that has every fault.

mod choosing;
mod dispatch;
mod ledger;
mod peer;
mod planning;
mod town;
