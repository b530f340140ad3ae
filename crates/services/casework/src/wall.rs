//! The conflict wall (利害関係の壁): persons and sections that have a part in a case are never among its readers.
//!
//! The wall must hold while the case is locked, so it cannot lie inside it. It is kept as digests under the case's outer
//! key: whoever has the database alone cannot tell who is on it.

use std::collections::BTreeSet;

use ::store::{Tx, ids};
use vault::OuterKey;

use crate::Result;
use crate::entry::Party;
use crate::store::case as rows;

/// Who stands on a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walled<'a> {
    /// A member of the staff.
    Account(&'a str),
    /// Whoever is assigned to a section.
    Section(&'a str),
}

fn digest(outer: &OuterKey, walled: Walled<'_>) -> String {
    let (kind, id) = match walled {
        Walled::Account(id) => ("account", id),
        Walled::Section(id) => ("section", id),
    };
    let key = outer.to_bytes();
    let mac = ::store::secret::mac(&key, &[b"madoguchi case wall", kind.as_bytes(), id.as_bytes()]);
    ids::digest(&::store::secret::hex(&mac))
}

/// Puts whoever a party is onto the wall of a case.
pub(crate) async fn build(tx: &mut Tx, case: &str, outer: &OuterKey, party: &Party) -> Result<()> {
    let account = party.account.as_deref().map(Walled::Account);
    let section = party.section.as_deref().map(Walled::Section);
    for walled in [account, section].into_iter().flatten() {
        rows::build_wall(tx, case, &digest(outer, walled)).await?;
    }
    Ok(())
}

/// Whether a member of the staff, with the sections to which they are assigned, stands on the wall of a case.
pub(crate) async fn stands_on(
    tx: &mut Tx,
    case: &str,
    outer: &OuterKey,
    account: &str,
    sections: &[String],
) -> Result<bool> {
    if rows::is_walled(tx, case, &digest(outer, Walled::Account(account))).await? {
        return Ok(true);
    }
    for section in sections {
        if rows::is_walled(tx, case, &digest(outer, Walled::Section(section))).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same for the digests of one case's wall, which were read before.
pub(crate) fn is_among(digests: &BTreeSet<String>, outer: &OuterKey, account: &str, sections: &[String]) -> bool {
    // Most cases have no wall at all.
    if digests.is_empty() {
        return false;
    }
    let sections = sections.iter().map(|section| Walled::Section(section));
    std::iter::once(Walled::Account(account)).chain(sections).any(|walled| digests.contains(&digest(outer, walled)))
}
