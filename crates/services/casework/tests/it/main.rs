//! Sealed cases on both engines.

mod attachments;
mod desk;
mod readers;
mod reporter;
mod shredding;
mod stolen;
mod town;
mod triage;
