//! The desk face: key and lock, the list, cases, what is written into them.

mod actions;
mod files;
mod given_files;
mod handover;
mod kinds;
mod lock;

pub(crate) mod office;
mod outside;
mod pages;
