//! The contact centre with the real dictionary, on both engines.

mod attachments;
mod conversation;
mod desk;
mod figures;
mod golden;
mod keeping;
mod recall;
mod rephrase;
mod town;
