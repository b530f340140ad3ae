//! A desk's list: kept in versions, each with who changed it and when.

use ::store::Tx;
use ::store::audit::{self, Event};
use calendar::Instant;

use super::{SignRule, checked, standard};
use crate::store::{member as members, triage as rows};
use crate::{CaseError, House, Result, error};

/// A version of a desk's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignList {
    /// Its version; 0 is the list that nobody has changed.
    pub version: i64,
    /// The rules, in their order.
    pub rules: Vec<SignRule>,
    /// Account of who made this version; none for the list that nobody has changed.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Instant>,
}

impl SignList {
    fn untouched() -> Self {
        SignList { version: 0, rules: standard(), changed_by: None, changed_at: None }
    }

    fn of(stored: rows::Stored) -> Result<Self> {
        let rules = serde_json::from_str(&stored.rules).map_err(|_| CaseError::Unreadable)?;
        Ok(SignList {
            version: stored.version,
            rules,
            changed_by: Some(stored.changed_by),
            changed_at: Some(stored.changed_at),
        })
    }
}

/// The list that holds at a desk.
pub async fn current(house: House<'_>, desk: &str) -> Result<SignList> {
    current_in(&mut house.db.read().await?, desk).await
}

pub(super) async fn current_in(tx: &mut Tx, desk: &str) -> Result<SignList> {
    match rows::newest(tx, desk).await? {
        Some(stored) => SignList::of(stored),
        None => Ok(SignList::untouched()),
    }
}

/// All lists that a desk had, the newest first; the one with which it began is the last.
pub async fn history(house: House<'_>, desk: &str) -> Result<Vec<SignList>> {
    let mut tx = house.db.read().await?;
    let mut lists = Vec::new();
    for stored in rows::all(&mut tx, desk).await? {
        lists.push(SignList::of(stored)?);
    }
    lists.push(SignList::untouched());
    Ok(lists)
}

/// Puts a new version in place of the list; returns its number. `version` is the one that whoever changes it saw.
///
/// Whoever works at the desk may, be it as a consultant or a supervisor; others are told that there is no such desk. The chain of
/// the desk says who, and which version; old versions stay.
pub async fn change(house: House<'_>, account: &str, desk: &str, version: i64, rules: &[SignRule]) -> Result<i64> {
    checked(rules)?;
    let mut tx = house.db.write().await?;
    let mut may = false;
    for role in ["consultant", "supervisor"] {
        may |= members::has_role(&mut tx, desk, account, role).await?;
    }
    if !may {
        return Err(CaseError::NotFound);
    }
    let before = rows::newest(&mut tx, desk).await?.map(SignList::of).transpose()?;
    let before = before.unwrap_or_else(SignList::untouched);
    if before.version != version {
        return Err(CaseError::Changed);
    }
    if before.rules == rules {
        return Err(error::rule("一覧は変わっていません。"));
    }
    let next = rows::Stored {
        version: version + 1,
        rules: serde_json::to_string(rules).map_err(|_| CaseError::Unreadable)?,
        changed_by: account.into(),
        changed_at: house.clock.now(),
    };
    if !rows::insert(&mut tx, desk, &next).await? {
        return Err(CaseError::Changed);
    }
    let actor = format!("account:{account}");
    let number = next.version.to_string();
    let event =
        Event { actor: &actor, action: "desk.signs", object_kind: "desk", object: desk, fields: &["rules", &number] };
    audit::record(&mut tx, house.clock, event).await?;
    tx.commit().await?;
    Ok(next.version)
}
