//! Tests with a database.
