//! LINE: the Messaging API from both ends. A client, the reader of what LINE sends, and a simulator of LINE's side.
//!
//! Wire protocol only: no business rules, no database. What is sent, to whom and when is decided elsewhere; here it
//! is checked against LINE's limits, sent, and told what is known afterwards.
//!
//! Invariants:
//! - after every call it is known whether it was accepted, refused, not sent, or may have been accepted
//!   ([`failure::Failure`]); nothing is repeated by itself but one call whose token had run out;
//! - what takes a retry key is never sent without one, and the caller makes it, so that it can be stored before;
//! - no secret, token or text of a person stands in a `Debug` form of an error.
//!
//! Reference: <https://developers.line.biz/en/reference/messaging-api/>.

pub mod client;
pub mod endpoint;
pub mod failure;
mod http;
pub mod image;
pub mod limits;
pub mod message;
pub mod retry;
pub mod rich_menu;
pub mod signature;
pub mod simulator;
pub mod webhook;

pub use endpoint::Endpoint;
pub use failure::Failure;
