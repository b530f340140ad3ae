//! All SQL of this crate.

pub(crate) mod call;
pub(crate) mod event;
pub(crate) mod invitation;
pub(crate) mod menu;
pub(crate) mod talk;
