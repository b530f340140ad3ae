//! Two records that turned out to be one person.
//!
//! Everything moves to the one that is kept; the other stays as an empty record that points to it.
//! Secrecy of either is secrecy of both. The ledger knows which rows moved, so a merge can be undone
//! as long as neither was merged again or erased; what was added to the kept one in between stays there.

use calendar::{Clock, Instant};
use store::{Entropy, Tx, ids};

use crate::secrecy::TwoPersons;
use crate::store::{address as addresses, merge as rows, person as persons};
use crate::{PeopleError, Result, person, secrecy};

/// A merge in its ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Id.
    pub id: String,
    /// Who stayed.
    pub kept: String,
    /// Who points to them.
    pub gone: String,
    /// When.
    pub merged_at: Instant,
    /// When it was undone.
    pub undone_at: Option<Instant>,
}

/// Merges `gone` into `kept`; returns the id of the merge. Name and language of `kept` stay; a missing
/// name is not taken over, since it is sealed to its own record. Fails with [`PeopleError::State`] for
/// a person and themself.
pub async fn merge(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    kept: &str,
    gone: &str,
) -> Result<String> {
    let (kept, gone) = (person::current(tx, kept).await?.id, person::current(tx, gone).await?.id);
    if kept == gone {
        return Err(PeopleError::State);
    }
    // Always in the same order, so that two merges of the same pair do not wait for each other.
    person::held(tx, kept.as_str().min(&gone)).await?;
    person::held(tx, kept.as_str().max(&gone)).await?;
    let (kept, gone) = (person::current(tx, &kept).await?, person::current(tx, &gone).await?);
    if kept.id == gone.id {
        return Err(PeopleError::State);
    }
    let now = clock.now();
    let id = ids::new_id(clock, entropy);
    let secrecy_added = gone.secrecy.is_some() && kept.secrecy.is_none();
    if secrecy_added {
        let reason = gone.secrecy.as_ref().and_then(|s| secrecy::Reason::from_code(&s.reason));
        secrecy::set(tx, clock, actor, &kept.id, reason.unwrap_or(secrecy::Reason::Precaution)).await?;
    }
    rows::insert(tx, &id, &kept.id, &gone.id, secrecy_added, now).await?;
    settle_doubles(tx, clock, &gone.id, &kept.id).await?;
    for table in rows::MOVING {
        rows::move_all(tx, &id, table, &gone.id, &kept.id).await?;
    }
    persons::point(tx, &gone.id, Some(&kept.id), now).await?;
    person::record(tx, clock, actor, "person.merge", &kept.id, &["merged"]).await?;
    person::record(tx, clock, actor, "person.merge", &gone.id, &["merged_into"]).await?;
    Ok(id)
}

/// An address that both have: what the person said about either holds for the one that stays, where
/// it is the more careful word.
async fn settle_doubles(tx: &mut Tx, clock: &dyn Clock, gone: &str, kept: &str) -> Result<()> {
    let now = clock.now();
    for (from, to) in rows::doubles(tx, gone, kept).await? {
        let (Some(from), Some(to)) = (addresses::get(tx, &from).await?, addresses::get(tx, &to).await?) else {
            continue;
        };
        rows::readdress(tx, &from.id, &to.id).await?;
        addresses::set_safe(tx, &to.id, from.safe && to.safe, now).await?;
        if to.state == "active" && from.state != "active" {
            addresses::set_state(tx, &to.id, &from.state, now).await?;
        } else if to.state == "active" && to.verified_at.is_none() && from.verified_at.is_some() {
            addresses::set_verified(tx, &to.id, now).await?;
        }
    }
    Ok(())
}

/// One merge.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Merge> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    Ok(Merge { id: id.to_owned(), kept: row.kept, gone: row.gone, merged_at: row.merged_at, undone_at: row.undone_at })
}

/// The newest merge into a person that can still be undone, if there is one. Those before it come when it
/// is undone.
pub async fn latest(tx: &mut Tx, kept: &str) -> Result<Option<Merge>> {
    let Some(id) = rows::latest(tx, kept).await? else { return Ok(None) };
    Ok(Some(get(tx, &id).await?))
}

/// Undoes a merge: what moved goes back. Secrecy that came with it stays on both; it is lifted like
/// any other. Needs two persons, since it may show one person's records to another. Fails with
/// [`PeopleError::State`] if it was undone, or either was merged again or erased since.
pub async fn undo(tx: &mut Tx, clock: &dyn Clock, id: &str, by: TwoPersons<'_>) -> Result<()> {
    if by.asked_by == by.decided_by || by.asked_by.is_empty() || by.decided_by.is_empty() {
        return Err(PeopleError::SamePerson);
    }
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    for one in [row.kept.as_str().min(&row.gone), row.kept.as_str().max(&row.gone)] {
        persons::lock(tx, one).await?;
    }
    let kept = person::get(tx, &row.kept).await?;
    let gone = person::get(tx, &row.gone).await?;
    let untouched = kept.merged_into.is_none() && kept.erased_at.is_none() && gone.erased_at.is_none();
    if row.undone_at.is_some() || !untouched || rows::later(tx, id, &kept.id).await? {
        return Err(PeopleError::State);
    }
    let now = clock.now();
    for table in rows::MOVING {
        rows::move_back(tx, id, table, &kept.id, &gone.id).await?;
    }
    persons::point(tx, &gone.id, None, now).await?;
    if kept.secrecy.is_some() && !row.secrecy_added {
        // Set on the kept one before or since: nobody knows for which of the two.
        secrecy::set(tx, clock, by.decided_by, &gone.id, secrecy::Reason::Precaution).await?;
    }
    rows::undone(tx, id, now).await?;
    for actor in [by.asked_by, by.decided_by] {
        person::record(tx, clock, actor, "person.merge.undo", &kept.id, &["merged"]).await?;
        person::record(tx, clock, actor, "person.merge.undo", &gone.id, &["merged_into"]).await?;
    }
    Ok(())
}
