//! Persons and the ledger of messages on both engines.

mod erasing;
mod ledger;
mod mailbox;
mod merging;
mod persons;
mod sealed;
mod support;
mod trying;
