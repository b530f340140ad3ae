//! Whoever reads cases of a desk without being one of its consultants any more, and taking that away.
//!
//! Leaving a desk ends a role, not the keys that somebody holds: only a reader of a case can take them away, since what
//! was written is sealed anew.

use std::collections::BTreeMap;

use ::store::{Entropy, Tx};

use crate::member::{self, DeskRole};
use crate::store::{glass, overview as rows};
use crate::{CaseError, House, Result, Unlocked, case, ring};

/// Somebody who reads cases of a desk and is no consultant there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Their account.
    pub account: String,
    /// How many cases they read.
    pub cases: usize,
    /// Of these, so many because the glass was broken for them.
    pub by_glass: usize,
}

/// What became of taking somebody's keys away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// From so many cases they were taken away.
    pub removed: usize,
    /// Ids of the cases in which it could not be done, with a sentence that says why and what to do.
    pub left: Vec<(String, String)>,
}

/// Everybody who reads cases of a desk and is no consultant there now.
pub async fn readers(tx: &mut Tx, desk: &str) -> Result<Vec<Leftover>> {
    let members = member::of_desk(tx, desk).await?;
    let stays = |account: &str| members.iter().any(|held| held.account == account && held.role == DeskRole::Consultant);
    let mut found: BTreeMap<String, Leftover> = BTreeMap::new();
    for holding in rows::holdings(tx, desk).await? {
        let Some(account) = holding.reader.strip_prefix("account:").filter(|account| !stays(account)) else {
            continue;
        };
        let by_glass = glass::is_guest(tx, &holding.sealed_case, account).await?;
        let empty = Leftover { account: account.into(), cases: 0, by_glass: 0 };
        let one = found.entry(account.to_owned()).or_insert(empty);
        one.cases += 1;
        one.by_glass += usize::from(by_glass);
    }
    Ok(found.into_values().collect())
}

/// Takes somebody's keys away in every case of a desk, each for itself: where it cannot be done, the others go on.
/// Nobody who is a consultant of the desk.
pub async fn remove(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    desk: &str,
    account: &str,
) -> Result<Removal> {
    let mut tx = house.db.read().await?;
    if member::has_role(&mut tx, desk, account, DeskRole::Consultant).await?
        || !member::has_role(&mut tx, desk, &who.account, DeskRole::Consultant).await?
    {
        return Err(CaseError::NotFound);
    }
    let reader = ring::account(account);
    let cases: Vec<String> = rows::holdings(&mut tx, desk)
        .await?
        .into_iter()
        .filter(|holding| holding.reader == reader)
        .map(|holding| holding.sealed_case)
        .collect();
    drop(tx);
    let mut done = Removal::default();
    for id in cases {
        let why = match case::remove_reader(house, &mut *entropy, who, &id, account).await {
            Ok(()) => {
                done.removed += 1;
                continue;
            }
            Err(CaseError::NotFound) => "あなたはこの事案を読む人ではありません。読める相談員に頼んでください。".into(),
            Err(CaseError::Rule(why) | CaseError::Field { reason: why, .. }) => why,
            Err(CaseError::Changed) => "ほかの人が同時に変えました。もう一度してください。".into(),
            Err(other) => return Err(other),
        };
        done.left.push((id, why));
    }
    Ok(done)
}
