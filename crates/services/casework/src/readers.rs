//! Who reads a case now, for those who read it.

use crate::ring::RingKind;
use crate::store::{glass as glass_rows, ring as ring_rows};
use crate::{CaseFile, House, Result, Unlocked, bulk, case, member, pen};

/// Somebody of the staff who reads a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseReader {
    /// Their account.
    pub account: String,
    /// Whether they read it because two officers broke its glass.
    pub is_guest: bool,
}

/// The readers of a case, by account. For a reader; to all others the case is not there.
pub async fn of_case(house: House<'_>, who: &Unlocked, case: &str) -> Result<Vec<CaseReader>> {
    let mut tx = house.db.write().await?;
    let (clear, keys, _) = case::unlock(&mut tx, house, who, case).await?;
    let ring = case::of_kind(&keys, RingKind::Case)?;
    if !house.kinds.of(&clear.desk)?.is_sealed() {
        let all = pen::reading(&mut tx, house, &clear, ring).await?;
        return Ok(all.into_iter().map(|account| CaseReader { account, is_guest: false }).collect());
    }
    let mut readers = Vec::new();
    for grant in ring_rows::holders(&mut tx, &ring.id, i64::from(ring.epoch)).await? {
        let Some(account) = grant.reader.strip_prefix("account:") else { continue };
        let is_guest = glass_rows::is_guest(&mut tx, case, account).await?;
        readers.push(CaseReader { account: account.to_owned(), is_guest });
    }
    Ok(readers)
}

/// Every case of a desk that somebody reads, folded, for figures over all of them. That they were read together stands
/// in the audit stream of the desk before; what is shown of them must be counts.
pub async fn files(house: House<'_>, who: &Unlocked, desk: &str) -> Result<Vec<CaseFile>> {
    let mut tx = house.db.write().await?;
    member::note(&mut tx, house.clock, &who.actor(), "desk.compare", &who.account, &[desk]).await?;
    tx.commit().await?;
    Ok(bulk::open(house, who, desk).await?.into_iter().map(|(_, file)| file).collect())
}
