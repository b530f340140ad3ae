//! The staff's face. Accounts come with the knowledge desk; until then it shows how the process and
//! its cities are, without any record of a person, and listens on loopback only unless told otherwise.

pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod status;
