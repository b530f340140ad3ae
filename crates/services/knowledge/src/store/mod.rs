//! The knowledge in the database: all SQL of this crate.

pub mod article;
pub(crate) mod board;
pub(crate) mod draft;
pub mod feedback;
pub mod miss;
pub(crate) mod notice;
pub mod question;
pub(crate) mod question_answer;
pub(crate) mod revision;
pub(crate) mod thesaurus;
pub(crate) mod vector;
pub(crate) mod wording;
