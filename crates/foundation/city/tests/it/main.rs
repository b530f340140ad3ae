//! The dated organisation on both engines: what stands before, on and after the day of a reorganisation.

mod edit;
mod reorganisation;
mod support;
