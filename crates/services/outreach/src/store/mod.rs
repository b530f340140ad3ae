//! All SQL of outreach.

pub(crate) mod batch;
pub(crate) mod event;
pub(crate) mod recipient;
pub(crate) mod sending;
pub(crate) mod subscription;
