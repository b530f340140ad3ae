//! The staff's face: the knowledge desk, and the administration of the city's window.
//!
//! Every route but the log-in and what machines ask (`/health`, `/metrics`) stands behind [`gate`].

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod answers;
pub(crate) mod articles;
pub(crate) mod audit;
mod audit_words;
pub(crate) mod board;
pub(crate) mod contacts;
pub(crate) mod drafts;
pub(crate) mod fields;
pub(crate) mod figures;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod gate;
pub(crate) mod health;
pub(crate) mod incidents;
pub(crate) mod inquiries;
pub(crate) mod jobs;
pub(crate) mod line;
pub(crate) mod lists;
pub(crate) mod macros;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod metrics;
pub(crate) mod operators;
pub(crate) mod organisation;
pub(crate) mod people;
pub(crate) mod questions;
pub(crate) mod recalls;
pub(crate) mod reorganisation_step;
pub(crate) mod reorganisations;
pub(crate) mod rounds;
pub(crate) mod section_form;
pub(crate) mod sends;
pub(crate) mod settings;
pub(crate) mod shown;
pub(crate) mod sign_in;
pub(crate) mod simulators;
pub(crate) mod status;
pub(crate) mod thesaurus;
pub(crate) mod today;
pub(crate) mod trial;
pub(crate) mod two_person;
mod vectors;
