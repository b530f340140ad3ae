//! People who call, write or chat, and those who answer them.

pub mod staffing;
