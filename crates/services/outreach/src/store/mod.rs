//! All SQL of outreach.

pub(crate) mod batch;
pub(crate) mod event;
pub(crate) mod ledger;
pub(crate) mod recipient;
pub(crate) mod retention;
pub(crate) mod sending;
pub(crate) mod subscription;
