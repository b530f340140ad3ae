//! Erasure: everything about a person is removed; an id and an instant remain.
//!
//! A backup made before still holds the person, so erasures are replayed after a restore. The ledger
//! in the restored database is as old as the backup: its newer rows come from [`list`], which an
//! administrator keeps outside.

use std::collections::BTreeSet;

use calendar::{Clock, Instant};
use store::{Db, FromRow, Tx};

use crate::store::{erasure as rows, mailbox, message, person as persons};
use crate::{PeopleError, Result, person};

/// An erasure in its ledger.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize, serde::Deserialize)]
pub struct Erased {
    /// Id of the person.
    pub person: String,
    /// When.
    pub erased_at: Instant,
}

/// Erases a person and every record that was merged into them: names, addresses, places, consents,
/// memberships, and what messages said. The ledger of messages keeps that something was sent, and how
/// it ended. Secrecy stays set. Returns whether there was something to erase.
pub async fn erase(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<bool> {
    let person = person::held_or_erased(tx, id).await?;
    erase_at(tx, clock, actor, &person.id, clock.now()).await
}

async fn erase_at(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, at: Instant) -> Result<bool> {
    let mut any = false;
    for one in with_merged(tx, id).await? {
        let row = persons::lock(tx, &one).await?.ok_or(PeopleError::NotFound)?;
        rows::insert(tx, &one, at).await?;
        if row.erased_at.is_some() {
            continue;
        }
        rows::clear_labels(tx, &one).await?;
        for table in rows::TABLES {
            rows::delete_all(tx, table, &one).await?;
        }
        message::erase(tx, &one).await?;
        mailbox::erase(tx, &one).await?;
        persons::erase(tx, &one, at, clock.now()).await?;
        person::record(tx, clock, actor, "person.erase", &one, &["name", "address", "place", "consent", "message"])
            .await?;
        any = true;
    }
    Ok(any)
}

/// The ids of a person and of all that were merged into them, directly or by way of others.
pub async fn with_merged(tx: &mut Tx, id: &str) -> Result<Vec<String>> {
    let mut found = vec![id.to_owned()];
    let mut seen = BTreeSet::from([id.to_owned()]);
    let mut next = 0;
    while next < found.len() {
        for one in persons::merged_into(tx, &found[next]).await? {
            if seen.insert(one.clone()) {
                found.push(one);
            }
        }
        next += 1;
    }
    Ok(found)
}

/// All erasures, to be kept outside the database.
pub async fn list(tx: &mut Tx) -> Result<Vec<Erased>> {
    Ok(rows::all(tx).await?)
}

/// Replays the erasures of the ledger after a restore, and those of `further`, a list from outside.
/// Persons that the database does not hold are noted all the same. Returns how many were erased now.
pub async fn replay(db: &Db, clock: &dyn Clock, actor: &str, further: &[Erased]) -> Result<usize> {
    let mut tx = db.write().await?;
    for erased in further {
        rows::insert(&mut tx, &erased.person, erased.erased_at).await?;
    }
    let mut replayed = 0;
    for erased in rows::all(&mut tx).await? {
        if persons::get(&mut tx, &erased.person).await?.is_some()
            && erase_at(&mut tx, clock, actor, &erased.person, erased.erased_at).await?
        {
            replayed += 1;
        }
    }
    tx.commit().await?;
    Ok(replayed)
}
