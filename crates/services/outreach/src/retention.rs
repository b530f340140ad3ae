//! What is erased: recipients with their address and all they chose. Deliveries keep the id, which leads nowhere then,
//! so that every figure stays.

use calendar::{Clock, Instant};
use store::{Db, Tx};

use crate::recipient::record;
use crate::store::retention as rows;
use crate::{OutreachError, Result};

/// Recipients that are erased at a time.
const PART: i64 = 500;

/// Erases a recipient: a wish of theirs, or a rule. What is still to be sent to them is not sent.
pub async fn erase(tx: &mut Tx, clock: &dyn Clock, actor: &str, recipient: &str) -> Result<()> {
    if !rows::delete(tx, recipient).await? {
        return Err(OutreachError::NotFound);
    }
    record(tx, clock, actor, "outreach.erase", recipient, &["address", "lang", "person", "topics", "district"]).await
}

/// Erases all recipients that are a person, in the transaction that erases the person. Returns how many.
pub async fn erase_person(tx: &mut Tx, clock: &dyn Clock, actor: &str, person: &str) -> Result<usize> {
    let mut erased = 0;
    for one in people::erasure::with_merged(tx, person).await? {
        for recipient in rows::of_person(tx, &one).await? {
            erase(tx, clock, actor, &recipient).await?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// Erases the recipients of all who were erased: after a restore, whose backup may be older than an erasure. Returns
/// how many were erased now.
pub async fn replay(db: &Db, clock: &dyn Clock, actor: &str) -> Result<usize> {
    let mut tx = db.write().await?;
    let mut erased = 0;
    for person in people::erasure::list(&mut tx).await? {
        for recipient in rows::of_person(&mut tx, &person.person).await? {
            erase(&mut tx, clock, actor, &recipient).await?;
            erased += 1;
        }
    }
    tx.commit().await?;
    Ok(erased)
}

/// Erases recipients who blocked the account, or whose address was no more, before an instant and have not come back.
/// Works in parts; returns how many were erased.
pub async fn retire(db: &Db, clock: &dyn Clock, actor: &str, before: Instant) -> Result<usize> {
    let mut retired = 0;
    loop {
        let mut tx = db.write().await?;
        let found = rows::left_before(&mut tx, before, PART).await?;
        if found.is_empty() {
            return Ok(retired);
        }
        for recipient in &found {
            erase(&mut tx, clock, actor, recipient).await?;
        }
        retired += found.len();
        tx.commit().await?;
    }
}
