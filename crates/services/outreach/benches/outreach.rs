//! Planning and dispatch of many recipients.
fn main() {}
