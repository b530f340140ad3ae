//! Sealed cases on both engines.

mod attachments;
mod bulk;
mod conferences;
mod desk;
mod disclosed_files;
mod glass;
mod handover;
mod kinds;
mod leaflets;
mod participants;
mod publication;
mod readers;
mod recovery;
mod reporter;
mod session;
mod shredding;
mod stolen;
mod table;
mod taken_back;
mod town;
mod triage;
mod welfare;
