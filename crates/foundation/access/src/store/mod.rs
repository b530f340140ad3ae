//! Accounts and shared patterns in the database: all SQL of this crate.

pub(crate) mod inquiry;
