//! All SQL of this crate.
