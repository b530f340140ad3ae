//! Accounts, sessions and what belongs to them in the database.

pub mod account;
pub mod saved_view;
pub mod session;
pub mod two_person;
