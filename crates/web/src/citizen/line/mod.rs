//! `/line/…`: what LINE tells, and the pages that people reach from LINE.

pub(crate) mod choices;
pub(crate) mod invitation;
pub(crate) mod link;
pub(crate) mod webhook;
