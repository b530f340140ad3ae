//! Tests with a database.
mod menu;
