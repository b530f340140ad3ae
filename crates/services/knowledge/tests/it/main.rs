//! The knowledge with the real dictionary: the demo city's own questions, round trips of files, and
//! files of any content at all.

mod board;
mod files;
mod library;
mod miss;
mod questions;
