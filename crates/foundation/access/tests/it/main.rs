//! Access on both engines.

mod inquiry;
