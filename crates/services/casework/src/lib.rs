//! Cases of desks: bullying, and whatever else people come to a desk with. What a kind of case has is data ([`kind`]);
//! who opens it follows from who keeps its keys: each reader, or the house for a whole desk ([`desk_key`]).
//!
//! A case is a file of entries ([`entry`]) in one order. Nothing of them is clear in the database; who reads a case
//! holds the keys of its rings ([`ring`]), and what a case is now is folded from its entries ([`file`]).
//!
//! Invariants:
//! - the database holds of a case only opaque ids, readers, due instants and sizes after padding;
//! - a key of a case that its readers keep is opened only with a reader's own secret key, which no process keeps: it lies
//!   wrapped under a passphrase, and during a session under a secret that only the desk's cookie holds ([`member`]);
//! - whoever is named on the wall of a case is never one of its readers ([`wall`]);
//! - taking a reader away begins a new epoch, and what was written before is sealed anew;
//! - every view and every change of a case is in the audit chain, which names ids and kinds and nothing else.

pub mod agenda;
pub mod attachment;
mod bulk;
pub mod case;
pub mod clock;
pub mod conference;
pub mod desk_key;
pub mod effect;
pub mod entry;
mod error;
pub mod file;
pub mod glass;
pub mod handover;
pub mod kind;
pub mod leaflet;
pub mod leaver;
mod listing;
pub mod mask;
pub mod member;
pub mod minute;
pub mod outer;
pub mod overview;
pub mod participant;
pub mod partner;
mod pen;
pub mod premises;
pub mod publication;
pub mod readers;
pub mod recommendation;
pub mod recovery;
pub mod referral;
pub mod report;
pub mod ring;
mod seal;
pub mod session;
mod store;
pub mod support;
pub mod triage;
pub mod wall;
pub mod welfare;
mod whole;

use std::time::Duration;

use ::store::Db;
use calendar::{BusinessCalendar, Clock};

pub use entry::Entry;
pub use error::{CaseError, Result};
pub use file::CaseFile;
pub use kind::{Kind, Kinds};
pub use outer::OuterKeys;
pub use premises::{Keeping, Premises};
pub use seal::Placed;

/// What everything about sealed cases stands on.
#[derive(Clone, Copy)]
pub struct House<'a> {
    /// The database.
    pub db: &'a Db,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The keys that lie outside the database and its backups.
    pub outer: &'a dyn OuterKeys,
    /// How dear a derivation from a passphrase or a receipt is.
    pub cost: vault::Cost,
    /// The city's business days, for clocks.
    pub calendar: &'a BusinessCalendar,
    /// The sections to which an account is assigned today, for the wall.
    pub sections: &'a (dyn Fn(&str) -> Vec<String> + Sync),
    /// How long a case is kept after its end.
    pub kept: Duration,
    /// The kinds of case that the city has.
    pub kinds: &'a Kinds,
}

/// Somebody whose desk is unlocked.
#[derive(Clone, Debug)]
pub struct Unlocked {
    /// Id of the account.
    pub account: String,
    /// Their secret key, for the time of a request.
    pub secret: vault::SecretKey,
    /// Code of the desk whose key it is, where the house keeps its cases; none for the member's own key.
    pub desk: Option<String>,
}

impl Unlocked {
    /// As a reader of rings.
    pub fn reader(&self) -> String {
        match &self.desk {
            Some(desk) => desk_key::name(desk),
            None => ring::account(&self.account),
        }
    }

    /// As an actor in the audit chain.
    pub fn actor(&self) -> String {
        format!("account:{}", self.account)
    }
}
