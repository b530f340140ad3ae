//! All SQL of this crate.
pub(crate) mod menu;
