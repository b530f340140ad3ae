//! The knowledge with the real dictionary: the demo city's own questions, round trips of files, and
//! files of any content at all.

mod board;
mod daily;
mod drafts;
mod files;
mod library;
mod list;
mod miss;
mod outside;
mod questions;
mod retention;
mod revisions;
mod round;
mod thesaurus;
mod town;
mod upkeep;
mod vectors;
mod wordings;
