//! Sealed cases on both engines.

mod attachments;
mod desk;
mod glass;
mod readers;
mod recovery;
mod reporter;
mod shredding;
mod stolen;
mod town;
mod triage;
