//! SQL of this crate, a file per noun.

pub(crate) mod address;
pub(crate) mod attempt;
pub(crate) mod consent;
pub(crate) mod erasure;
pub(crate) mod household;
pub(crate) mod mailbox;
pub(crate) mod merge;
pub(crate) mod message;
pub(crate) mod person;
pub(crate) mod place;
