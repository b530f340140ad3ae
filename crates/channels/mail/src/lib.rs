//! Mail: SMTP, its ledger of attempts, bounces, templates, and the mailbox that stands in for a server.
