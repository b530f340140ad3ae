//! The ledger of deliveries: figures counted from rows, what a channel says about single recipients, and the
//! comparison with the channel's own list.

use std::collections::BTreeSet;

use calendar::Clock;
use store::{Db, Entropy, Tx};

use crate::batch::BatchState;
use crate::code::coded;
use crate::event::{self, EventKind, Told};
use crate::sending::{self, account};
use crate::store::ledger as rows;
use crate::{Address, OutreachError, Result};

coded! {
    /// What is known of one recipient's delivery beyond that of its batch.
    DeliveryResult {
        /// It was not handed over: they chose otherwise since it was planned, or were erased.
        Withdrawn = "withdrawn",
        /// It was not handed over, or not delivered: they blocked the account.
        Blocked = "blocked",
        /// The channel says that it did not arrive.
        Failed = "failed",
        /// The channel says that it arrived.
        Delivered = "delivered",
    }
}

/// How many recipients of a send stand where. Each is counted once, so that all figures together are [`Figures::all`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Not handed over yet.
    pub waiting: i64,
    /// Being tried; may have been accepted.
    pub unsure: i64,
    /// The channel has it. That it was read, or even shown, is not known.
    pub accepted: i64,
    /// The channel says that it arrived.
    pub delivered: i64,
    /// The channel says that it did not arrive.
    pub failed: i64,
    /// They blocked the account.
    pub blocked: i64,
    /// They chose otherwise since it was planned.
    pub withdrawn: i64,
    /// The channel did not take it.
    pub refused: i64,
    /// It may have been accepted; a person decides.
    pub in_doubt: i64,
    /// It is not sent any more.
    pub stopped: i64,
}

impl Figures {
    /// All recipients of the plan.
    pub const fn all(&self) -> i64 {
        self.waiting
            + self.unsure
            + self.accepted
            + self.delivered
            + self.failed
            + self.blocked
            + self.withdrawn
            + self.refused
            + self.in_doubt
            + self.stopped
    }

    /// How many the channel took.
    pub const fn handed_over(&self) -> i64 {
        self.accepted + self.delivered + self.failed
    }
}

/// Counts the deliveries of a send.
pub async fn figures(tx: &mut Tx, send: &str) -> Result<Figures> {
    let mut figures = Figures::default();
    for count in rows::counts(tx, send).await? {
        let place = match (count.result, count.state, count.has_ended) {
            (Some(DeliveryResult::Withdrawn), ..) => &mut figures.withdrawn,
            (Some(DeliveryResult::Blocked), ..) => &mut figures.blocked,
            (Some(DeliveryResult::Failed), ..) => &mut figures.failed,
            (Some(DeliveryResult::Delivered), ..) => &mut figures.delivered,
            (None, BatchState::Waiting, _) => &mut figures.waiting,
            (None, BatchState::Unsure, false) => &mut figures.unsure,
            (None, BatchState::Unsure, true) => &mut figures.in_doubt,
            (None, BatchState::Accepted, _) => &mut figures.accepted,
            (None, BatchState::Refused, _) => &mut figures.refused,
            (None, BatchState::Stopped, _) => &mut figures.stopped,
        };
        *place += count.n;
    }
    Ok(figures)
}

/// Notes what a channel says about one recipient of a send. Returns whether they are one.
pub async fn note(tx: &mut Tx, send: &str, recipient: &str, result: DeliveryResult) -> Result<bool> {
    Ok(rows::note(tx, send, recipient, result).await?)
}

/// What somebody received or is to receive: number of the send, and where it stands.
pub async fn of_recipient(tx: &mut Tx, recipient: &str, limit: i64) -> Result<Vec<(String, BatchState)>> {
    Ok(rows::of_recipient(tx, recipient, limit).await?)
}

/// A batch as the channel has it.
#[derive(Clone, Debug)]
pub struct PeerBatch {
    /// The key under which it was handed over.
    pub retry_key: String,
    /// To whom the channel delivered it; `None` if it does not say.
    pub to: Option<Vec<Address>>,
}

/// Where the ledger and the channel differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The channel has a batch that is not accepted here: a person can decide that it was.
    NotAcceptedHere {
        /// Its number.
        batch: i64,
    },
    /// A batch that is accepted here, and the channel does not have it.
    MissingThere {
        /// Its number.
        batch: i64,
    },
    /// The channel has a batch of which nothing is known here.
    UnknownHere {
        /// Its key.
        retry_key: String,
    },
    /// The channel lists the same batch twice.
    Twice {
        /// Its number.
        batch: i64,
    },
    /// The channel delivered to others than the ledger says.
    OtherRecipients {
        /// Number of the batch.
        batch: i64,
        /// How many it has who are not in the ledger (or were erased since), or who are listed twice.
        more: usize,
        /// How many of the ledger it lacks.
        fewer: usize,
    },
}

/// A comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// Batches on which both agree.
    pub agreed: usize,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Compares a send with a channel's own list, batch after batch, so that `peer` may be a long stream. It changes
/// nothing but the log: whoever reads the differences decides ([`crate::control::decide`]).
pub async fn reconcile(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &str,
    send: &str,
    peer: impl IntoIterator<Item = PeerBatch>,
) -> Result<Reconciliation> {
    let mut tx = db.read().await?;
    sending::get(&mut tx, send).await?.ok_or(OutreachError::NotFound)?;
    let (mut outcome, mut seen) = (Reconciliation::default(), BTreeSet::new());
    for theirs in peer {
        let Some(ours) = rows::with_key(&mut tx, send, &theirs.retry_key).await? else {
            outcome.differences.push(Difference::UnknownHere { retry_key: theirs.retry_key });
            continue;
        };
        let batch = ours.n;
        if !seen.insert(batch) {
            outcome.differences.push(Difference::Twice { batch });
            continue;
        }
        let mut agrees = true;
        if ours.state != BatchState::Accepted {
            agrees = false;
            outcome.differences.push(Difference::NotAcceptedHere { batch });
        }
        if let Some(to) = theirs.to {
            let known = rows::handed_over(&mut tx, send, batch).await?;
            let listed = to.len();
            let told: BTreeSet<Address> = to.into_iter().collect();
            let both = told.intersection(&known).count();
            let (more, fewer) = (listed - both, known.len() - both);
            if (more, fewer) != (0, 0) {
                agrees = false;
                outcome.differences.push(Difference::OtherRecipients { batch, more, fewer });
            }
        }
        outcome.agreed += usize::from(agrees);
    }
    let accepted = rows::accepted(&mut tx, send).await?;
    let missing = accepted.into_iter().filter(|n| !seen.contains(n));
    outcome.differences.extend(missing.map(|batch| Difference::MissingThere { batch }));
    tx.rollback().await?;
    let mut tx = db.write().await?;
    sending::lock(&mut tx, send).await?;
    let told = Told { value: i64::try_from(outcome.differences.len()).ok(), ..Told::default() };
    event::log(&mut tx, clock, entropy, send, EventKind::Reconciled, &account(who), told).await?;
    tx.commit().await?;
    Ok(outcome)
}
