//! Accounts, roles by dates, log-in, changes that need two persons, and inquiries, on both engines.

mod accounts;
mod inquiry;
mod sign_in;
mod support;
mod telling;
mod two_person;
