//! The pages through the real router, on SQLite and PostgreSQL.

mod articles;
mod ask;
mod desk;
mod desk_drafts;
mod faces;
mod feedback;
mod questions;
mod routes;
mod sign_in;
mod support;
