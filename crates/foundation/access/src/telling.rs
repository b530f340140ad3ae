//! Telling the people of a section: a message to everybody who holds a role there today and has an address.

use ::store::{Entropy, Tx};
use std::collections::BTreeSet;

use calendar::Clock;
use city::Organisation;
use people::message::{self, Basis, NewMessage};

use crate::Result;
use crate::account::principal;
use crate::policy::Action;
use crate::store::account as rows;

/// What is told.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// Code of the section.
    pub section: &'a str,
    /// Whoever may do this there is told.
    pub action: Action,
    /// Name of the template.
    pub template: &'a str,
    /// What the template needs; `path` becomes a link to the staff's face.
    pub fields: &'a serde_json::Value,
    /// Kind and id of the record it is about.
    pub about: (&'a str, &'a str),
    /// The same word twice is one message to each.
    pub dedupe: &'a str,
}

/// Queues the messages in the caller's transaction; returns how many. Only people who belong to the section
/// are told: whoever may act in the whole city would drown in messages.
pub async fn tell_section(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    actor: &str,
    telling: Telling<'_>,
) -> Result<usize> {
    let today = clock.now().jst_date();
    let in_section = |a: &rows::Assignment| {
        let holds = a.valid_from <= today && a.valid_to.is_none_or(|to| today <= to);
        holds && organisation.section(&a.section, today).is_some_and(|s| s.code == telling.section)
    };
    // The section first, the roles of its few people then: a city has thousands of accounts.
    let members: BTreeSet<String> =
        rows::assignments(tx, None).await?.into_iter().filter(in_section).map(|a| a.account).collect();
    let mut told = 0;
    for id in members {
        let Some(account) = rows::get(tx, &id).await?.filter(|a| a.state == "active") else { continue };
        let Some(person) = &account.person else { continue };
        if !principal(tx, organisation, &id, today).await?.may_in(telling.action, telling.section) {
            continue;
        }
        tell(tx, clock, entropy, actor, person, telling).await?;
        told += 1;
    }
    Ok(told)
}

/// Queues a message to the person behind an account; `false` where there is none.
pub async fn tell_account(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    account: &str,
    telling: Telling<'_>,
) -> Result<bool> {
    match rows::get(tx, account).await?.and_then(|a| a.person) {
        Some(person) => {
            tell(tx, clock, entropy, actor, &person, telling).await?;
            Ok(true)
        }
        None => Ok(false),
    }
}

async fn tell(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    person: &str,
    telling: Telling<'_>,
) -> Result<()> {
    let dedupe = format!("{} {person}", telling.dedupe);
    let new = NewMessage {
        person,
        purpose: "staff.task",
        basis: Basis::Duty,
        address: None,
        template: telling.template,
        lang: None,
        fields: telling.fields,
        about: telling.about,
        dedupe: Some(&dedupe),
    };
    message::queue(tx, clock, entropy, actor, new).await?;
    Ok(())
}
