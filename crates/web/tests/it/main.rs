//! The pages through the real router, on SQLite and PostgreSQL.

mod administration;
mod answers;
mod articles;
mod ask;
mod board;
mod contact_desk;
mod contacts;
mod control_records;
mod desk;
mod desk_drafts;
mod faces;
mod feedback;
mod figures;
mod inquiries;
mod mails;
mod operation;
mod persons;
mod questions;
mod records;
mod rounds;
mod routes;
mod secrecy;
mod sign_in;
mod support;
mod thesaurus;
mod vectors;
