//! The knowledge in the database: all SQL of this crate.

pub mod article;
pub mod feedback;
pub mod question;
pub(crate) mod revision;
