//! The staff's face: the knowledge desk, and the administration of the city's window.
//!
//! Every route but the log-in and what machines ask (`/health`, `/metrics`) stands behind [`gate`].

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod gate;
pub(crate) mod health;
pub(crate) mod me;
pub(crate) mod metrics;
pub(crate) mod organisation;
pub(crate) mod reorganisation_step;
pub(crate) mod reorganisations;
pub(crate) mod section_form;
pub(crate) mod sign_in;
pub(crate) mod status;
pub(crate) mod today;
pub(crate) mod two_person;
