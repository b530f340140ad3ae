//! The contact centre with the real dictionary, on both engines.

mod conversation;
mod desk;
mod keeping;
mod rephrase;
mod figures;
mod golden;
mod recall;
mod town;
