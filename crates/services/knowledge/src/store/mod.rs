//! The knowledge in the database: all SQL of this crate.

pub mod article;
pub(crate) mod draft;
pub mod feedback;
pub(crate) mod notice;
pub mod question;
pub(crate) mod revision;
