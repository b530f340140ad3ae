//! The city's account on LINE: what people send becomes contacts, what the city says becomes LINE's messages.
//!
//! Between two floors: `line` speaks the wire, `contact` and `outreach` know the rules. Here one is said in the words
//! of the other.
//!
//! Invariants:
//! - LINE is answered only after its events are stored; each event is carried out once, in the order in which the
//!   user did things, however often and in whatever order LINE tells it;
//! - what is to be said is written before it is said, with its retry key;
//! - what is personal is never said on LINE: a notice and a link that lives shortly are.

pub mod menu;
mod store;
