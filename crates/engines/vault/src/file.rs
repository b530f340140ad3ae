//! x
pub(crate) const CHUNK: usize = 65536;
pub(crate) const HEADER: usize = 20;
