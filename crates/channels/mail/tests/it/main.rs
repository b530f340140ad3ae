//! Mail against a real SMTP server (`server.py`), read back by Python's mail parser; texts as snapshots.

mod ledger;
mod mail_server;
mod sending;
mod support;
mod texts;
mod writing;
