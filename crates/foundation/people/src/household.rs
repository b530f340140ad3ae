//! Households: who lives together, from when to when.
//!
//! Whoever is under secrecy stands in no listing, and none tells that somebody is missing; nor is
//! their household told.

use calendar::{Clock, Date};
use store::audit::{self, Event};
use store::{Entropy, Tx, ids};

use crate::guarded::{Guard, PersonName};
use crate::seal::{self, Column};
use crate::store::household as rows;
use crate::{PeopleError, Result, person};

/// A household on a day.
#[derive(Clone, Debug)]
pub struct Household {
    /// Id.
    pub id: String,
    /// What it is called; comes out through the policy. It says nothing of a member under secrecy,
    /// so whoever writes it keeps it to those who are listed.
    pub label: Option<PersonName>,
    /// Its members on that day who are not under secrecy.
    pub members: Vec<Member>,
}

/// A member of a household.
#[derive(Clone, Debug)]
pub struct Member {
    /// Id of the person.
    pub person: String,
    /// How the person is called.
    pub name: Option<PersonName>,
    /// First day.
    pub from: Date,
    /// Last day, if known.
    pub to: Option<Date>,
}

/// Makes a household; returns its id.
pub async fn create(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    label: Option<&str>,
) -> Result<String> {
    let id = ids::new_id(clock, entropy);
    let label = label.map(|l| person::one_line("label", l, person::MAX_NAME)).transpose()?;
    let sealed = label.map(|l| seal::seal(tx, entropy, Column::Label, &id, &l)).transpose()?;
    rows::insert(tx, &id, sealed.as_deref(), clock.now()).await?;
    record(tx, clock, actor, "household.create", &id).await?;
    Ok(id)
}

/// A person belongs to a household from a day on.
pub async fn join(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    household: &str,
    person: &str,
    from: Date,
) -> Result<()> {
    rows::get(tx, household).await?.ok_or(PeopleError::NotFound)?;
    let person = person::held(tx, person).await?;
    if rows::of_person(tx, &person.id, from).await?.iter().any(|h| h == household) {
        return Ok(());
    }
    let id = ids::new_id(clock, entropy);
    rows::insert_member(tx, &id, household, &person.id, from).await?;
    record(tx, clock, actor, "household.join", household).await?;
    person::record(tx, clock, actor, "person.household.join", &person.id, &["household"]).await
}

/// A person no longer belongs to it; `last` is the last day. Fails with [`PeopleError::State`] if the
/// person does not belong to it on that day.
pub async fn leave(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    household: &str,
    person: &str,
    last: Date,
) -> Result<()> {
    let person = person::held(tx, person).await?;
    if rows::end_member(tx, household, &person.id, last).await? == 0 {
        return Err(PeopleError::State);
    }
    record(tx, clock, actor, "household.leave", household).await?;
    person::record(tx, clock, actor, "person.household.leave", &person.id, &["household"]).await
}

/// A household on a day.
pub async fn get(tx: &mut Tx, id: &str, on: Date) -> Result<Household> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    let label = row.label_sealed.map(|sealed| seal::open(tx, Column::Label, &row.id, &sealed)).transpose()?;
    let mut members = Vec::new();
    for member in rows::members(tx, id, on).await? {
        let person = person::get(tx, &member.person).await?;
        if person.secrecy.is_none() {
            members.push(Member { person: person.id, name: person.name, from: member.valid_from, to: member.valid_to });
        }
    }
    Ok(Household { id: row.id, label: label.map(|l| PersonName::new(l, Guard::Open)), members })
}

/// The households of a person on a day; none for whoever is under secrecy.
pub async fn of_person(tx: &mut Tx, person: &str, on: Date) -> Result<Vec<String>> {
    let person = person::followed(tx, person).await?;
    if person.secrecy.is_some() {
        return Ok(Vec::new());
    }
    Ok(rows::of_person(tx, &person.id, on).await?)
}

async fn record(tx: &mut Tx, clock: &dyn Clock, actor: &str, action: &str, id: &str) -> Result<()> {
    let event = Event { actor, action, object_kind: "household", object: id, fields: &["member"] };
    audit::record(tx, clock, event).await?;
    Ok(())
}
