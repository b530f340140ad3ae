//! The pages through the real router, on SQLite and PostgreSQL.

mod administration;
mod articles;
mod ask;
mod faces;
mod feedback;
mod questions;
mod routes;
mod sign_in;
mod support;
