//! The store on SQLite and on PostgreSQL: the same tests, the same answers.

mod audit;
mod backup;
mod changes;
mod crash;
mod jobs;
mod migrate;
mod numbers;
mod open;
mod portability;
mod support;
mod transactions;
mod values;
mod worker;
