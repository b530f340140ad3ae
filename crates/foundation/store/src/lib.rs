//! The ground of the house: one small interface over SQLite and PostgreSQL.
//!
//! Invariants:
//! - the two `sqlx` pools live in this crate and nowhere else;
//! - the same SQL text runs on both engines ([`portable`] refuses what would not);
//! - everything to be done later is a job written in the same transaction as its cause ([`jobs`]);
//! - every write to a record of a person leaves an event in the same transaction ([`audit`]);
//! - every change that other processes must see bumps a topic in the same transaction ([`changes`]).

// The derive names this crate from outside and from inside alike.
extern crate self as store;

pub mod audit;
pub mod backup;
pub mod changes;
mod db;
mod error;
pub mod ids;
pub mod jobs;
pub mod migrate;
pub mod number;
pub mod portable;
pub mod schema;
pub mod secret;
mod value;
pub mod worker;

pub use db::{Db, Engine, OpenMode, Sql, Tx};
pub use error::{Result, StoreError};
pub use secret::{HouseKey, Secret};
pub use store_derive::FromRow;
pub use value::{Cell, FromCell, FromRow, Row, Value};

/// A source of randomness that is passed in, never taken from the air.
pub type Entropy<'a> = &'a mut (dyn rand::Rng + Send);
