//! Accounts, sessions and the shared patterns in the database: all SQL of this crate.

pub mod account;
pub(crate) mod inquiry;
pub mod saved_view;
pub mod session;
pub mod two_person;
