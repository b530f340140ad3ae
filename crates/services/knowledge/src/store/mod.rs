//! The knowledge in the database: all SQL of this crate.

pub mod article;
pub(crate) mod board;
pub mod feedback;
pub mod miss;
pub mod question;
pub(crate) mod question_answer;
