//! The knowledge with the real dictionary: the demo city's own questions, round trips of files, and
//! files of any content at all.

mod daily;
mod drafts;
mod files;
mod library;
mod round;
mod list;
mod revisions;
mod town;
mod upkeep;
