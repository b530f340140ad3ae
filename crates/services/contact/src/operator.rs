//! Operators as whoever supervises them sees them (担当者の受け持ち): who they are, what they do now, how many contacts
//! they have, how many they take at once, and what they are good at.

use std::collections::BTreeSet;

use access::{AccessError, Action, Principal, Role, account};
use calendar::Instant;
use store::{Tx, audit};

use crate::ContactError;
use crate::presence::{MOST, Operator, Presence};
use crate::staff::Desk;
use crate::store::{operator as rows, staff};

/// Most contacts that somebody may take at once.
pub const MOST_AT_ONCE: i64 = 20;

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Id of the account.
    pub account: String,
    /// Name, as colleagues see it.
    pub name: String,
    /// Codes of today's sections in which they answer as operators and the principal supervises.
    pub sections: Vec<String>,
    /// What they do.
    pub state: Presence,
    /// Since when; none if they never said.
    pub since: Option<Instant>,
    /// How many contacts they have.
    pub held: i64,
    /// How many they take at once.
    pub most: i64,
    /// What they are good at: `topic:CODE`, `lang:CODE`.
    pub skills: Vec<String>,
}

/// Sections of an operator that the desk supervises.
fn supervised(desk: Desk<'_>, who: &Principal) -> Vec<String> {
    let sections = who.roles.iter().filter(|(role, _)| *role == Role::Operator).filter_map(|(_, s)| s.as_deref());
    let own: BTreeSet<&str> = sections.filter(|s| desk.may(Action::ContactSupervise, s)).collect();
    own.into_iter().map(str::to_owned).collect()
}

async fn seen(tx: &mut Tx, desk: Desk<'_>, account: &str) -> Result<Option<Seen>, ContactError> {
    let today = desk.clock.now().jst_date();
    let who = match account::principal(tx, desk.organisation, account, today).await {
        Ok(who) => who,
        // Nobody, or somebody who may not log in any more.
        Err(AccessError::NotFound) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let sections = supervised(desk, &who);
    if sections.is_empty() {
        return Ok(None);
    }
    let stands = rows::get(tx, account).await?;
    Ok(Some(Seen {
        account: who.account,
        name: who.name,
        sections,
        state: stands.as_ref().map_or(Presence::Away, |o| o.state),
        since: stands.as_ref().map(|o| o.since),
        held: staff::held_by(tx, account).await?,
        most: stands.map_or(MOST, |o| o.most),
        skills: rows::skills(tx, account).await?,
    }))
}

/// The operators of the sections that the principal supervises, by name.
pub async fn all(tx: &mut Tx, desk: Desk<'_>) -> Result<Vec<Seen>, ContactError> {
    let grants = access::store::account::grants(tx, None).await?;
    let accounts: BTreeSet<String> =
        grants.into_iter().filter(|g| g.role == Role::Operator.code()).map(|g| g.account).collect();
    let mut found = Vec::new();
    for account in accounts {
        found.extend(seen(tx, desk, &account).await?);
    }
    found.sort_by(|a, b| (&a.name, &a.account).cmp(&(&b.name, &b.account)));
    Ok(found)
}

/// One of them. Somebody whom the principal does not supervise is [`ContactError::Forbidden`], and so is whoever does
/// not exist: the answer tells nothing about accounts.
pub async fn get(tx: &mut Tx, desk: Desk<'_>, account: &str) -> Result<Seen, ContactError> {
    seen(tx, desk, account).await?.ok_or(ContactError::Forbidden)
}

/// Whether a skill names a topic or a language that there is.
fn is_skill(skill: &str) -> bool {
    match skill.split_once(':') {
        Some(("topic", code)) => city::topic(code).is_some(),
        Some(("lang", code)) => city::Lang::from_code(code).is_some(),
        _ => false,
    }
}

/// Sets how many contacts an operator takes at once, 1 to [`MOST_AT_ONCE`], and what they are good at: `topic:CODE`,
/// `lang:CODE`. It counts from the next contact that they take.
pub async fn change(desk: Desk<'_>, account: &str, most: i64, skills: &[String]) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    get(&mut tx, desk, account).await?;
    if !(1..=MOST_AT_ONCE).contains(&most) {
        let reason = format!("一度に応対する件数を、1から{MOST_AT_ONCE}までの数字で入れてください。");
        return Err(crate::field("most", reason));
    }
    if let Some(unknown) = skills.iter().find(|s| !is_skill(s)) {
        return Err(crate::field("skill", format!("「{unknown}」という得意分野はありません。")));
    }
    let now = desk.clock.now();
    let operator = match rows::get(&mut tx, account).await? {
        Some(stands) => Operator { most, ..stands },
        None => Operator { account: account.into(), state: Presence::Away, since: now, seen_at: now, most },
    };
    rows::put(&mut tx, &operator).await?;
    rows::set_skills(&mut tx, account, skills).await?;
    let actor = desk.who.actor();
    let fields = &["most", "skills"];
    let event =
        audit::Event { actor: &actor, action: "operator.skills", object_kind: "account", object: account, fields };
    audit::record(&mut tx, desk.clock, event).await?;
    tx.commit().await?;
    Ok(())
}
