//! Sealed cases on both engines.

mod attachments;
mod desk;
mod glass;
mod leaflets;
mod participants;
mod readers;
mod recovery;
mod reporter;
mod session;
mod shredding;
mod stolen;
mod table;
mod town;
mod triage;
mod welfare;
