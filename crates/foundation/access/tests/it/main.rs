//! Accounts, roles by dates, log-in and changes that need two persons, on both engines.

mod accounts;
mod sign_in;
mod support;
mod two_person;
