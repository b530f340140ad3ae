//! Sealed cases in the database.

pub(crate) mod blob;
pub(crate) mod case;
pub(crate) mod clock;
pub(crate) mod glass;
pub(crate) mod leaflet;
pub(crate) mod member;
pub(crate) mod overview;
pub(crate) mod receipt;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod ring;
pub(crate) mod session;
pub(crate) mod triage;
