//! The pages through the real router, on SQLite and PostgreSQL.

mod articles;
mod ask;
mod faces;
mod feedback;
mod operation;
mod persons;
mod questions;
mod routes;
mod sign_in;
mod support;
