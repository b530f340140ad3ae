//! Dangerous changes: one person asks, another one decides, and both stand in the audit stream.

use ::store::audit::{self, Event};
use ::store::{Entropy, Tx, ids};
use calendar::{Clock, Instant};

use crate::policy::Action;
use crate::store::two_person as rows;
pub use crate::store::two_person::TwoPersonChange;
use crate::{AccessError, Principal, Result};

/// A change that nobody decided on is void after this time, in milliseconds: three days.
const OPEN: i64 = 3 * 24 * 60 * 60 * 1000;

/// Password and second factor of an account are taken away, for a lost device.
pub const RESET: &str = "account.reset";
/// A dangerous role is given; the payload is its code.
pub const GIVE_ROLE: &str = "account.give-role";
/// A person's data are erased.
pub const ERASE: &str = "person.erase";
/// A person's secrecy flag is taken off.
pub const UNSET_SECRECY: &str = "person.unset-secrecy";
/// Two records that were taken for one person are parted again; the payload is the id of the merge.
pub const UNDO_MERGE: &str = "person.unmerge";
/// A retention rule gets shorter; the payload is its name and days.
pub const RETENTION: &str = "retention.change";
/// A reorganisation is scheduled.
pub const REORGANISE: &str = "reorganisation.schedule";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// One of this module's kinds.
    pub kind: &'a str,
    /// Kind of the record.
    pub object_kind: &'a str,
    /// Its id.
    pub object: &'a str,
    /// What the doing needs; empty if nothing.
    pub payload: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Asks for a change. Whoever may do the thing itself may ask; the caller has checked that.
pub async fn ask(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &Principal,
    asked: Asked<'_>,
) -> Result<String> {
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > 400 {
        return Err(AccessError::Invalid {
            field: "reason",
            reason: "理由を書いてください。もう一人が、これを読んで決めます（400文字まで）。".into(),
        });
    }
    let now = clock.now();
    if rows::is_asked(tx, asked.kind, asked.object, asked.payload, Instant::from_millis(now.millis() - OPEN)).await? {
        return Err(AccessError::Invalid {
            field: "reason",
            reason: "同じ変更が、もう一人の承認を待っています。".into(),
        });
    }
    let change = TwoPersonChange {
        id: ids::new_id(clock, entropy),
        kind: asked.kind.into(),
        object_kind: asked.object_kind.into(),
        object: asked.object.into(),
        payload: asked.payload.into(),
        reason: reason.into(),
        state: "asked".into(),
        asked_by: who.account.clone(),
        asked_at: now,
        decided_by: None,
        decided_at: None,
        remark: String::new(),
    };
    rows::insert(tx, &change).await?;
    note(tx, clock, who, "two-person.ask", &change).await?;
    Ok(change.id)
}

async fn note(tx: &mut Tx, clock: &dyn Clock, who: &Principal, action: &str, change: &TwoPersonChange) -> Result<()> {
    let event = Event {
        actor: &who.actor(),
        action,
        object_kind: &change.object_kind,
        object: &change.object,
        fields: &[&change.kind],
    };
    Ok(audit::record(tx, clock, event).await?)
}

/// Approves or refuses. Nobody decides on what they asked for. On approval the change is returned, and the
/// caller does it in the same transaction.
pub async fn decide(
    tx: &mut Tx,
    clock: &dyn Clock,
    who: &Principal,
    id: &str,
    approve: bool,
    remark: &str,
) -> Result<TwoPersonChange> {
    let change = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if !who.may(Action::TwoPersonDecide) || change.asked_by == who.account {
        return Err(AccessError::Forbidden);
    }
    let now = clock.now();
    if change.state != "asked" || now.millis() - change.asked_at.millis() > OPEN {
        return Err(AccessError::Changed);
    }
    let state = if approve { "approved" } else { "refused" };
    if !rows::decide(tx, id, state, &who.account, now, remark.trim()).await? {
        return Err(AccessError::Changed);
    }
    note(tx, clock, who, if approve { "two-person.approve" } else { "two-person.refuse" }, &change).await?;
    Ok(change)
}

/// Takes back what one asked for.
pub async fn withdraw(tx: &mut Tx, clock: &dyn Clock, who: &Principal, id: &str) -> Result<()> {
    let change = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if change.asked_by != who.account {
        return Err(AccessError::Forbidden);
    }
    if !rows::decide(tx, id, "withdrawn", &who.account, clock.now(), "").await? {
        return Err(AccessError::Changed);
    }
    note(tx, clock, who, "two-person.withdraw", &change).await
}

/// The latest changes, open ones first; those that nobody decided on in time are shown as expired.
pub async fn latest(tx: &mut Tx, clock: &dyn Clock, limit: i64) -> Result<Vec<TwoPersonChange>> {
    let mut changes = rows::latest(tx, limit).await?;
    for change in &mut changes {
        if change.state == "asked" && clock.now().millis() - change.asked_at.millis() > OPEN {
            change.state = "expired".into();
        }
    }
    Ok(changes)
}

/// One change as [`latest`] shows it.
pub async fn get(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<TwoPersonChange> {
    let mut change = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if change.state == "asked" && clock.now().millis() - change.asked_at.millis() > OPEN {
        change.state = "expired".into();
    }
    Ok(change)
}
