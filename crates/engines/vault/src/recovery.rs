//! x
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("x")]
pub enum ShareFault {}
