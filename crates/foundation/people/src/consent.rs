//! What a person agreed to, by which text, and when they took it back.

use calendar::{Clock, Instant};
use store::{Entropy, FromRow, Tx, ids};

use crate::store::consent as rows;
use crate::{Result, person};

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Consent {
    /// Id.
    pub id: String,
    /// What for, such as `question.answer`.
    pub purpose: String,
    /// Which text the person saw, with its version: `question-form/2026-11`.
    pub how: String,
    /// When it was given.
    pub given_at: Instant,
    /// When it was taken back.
    pub withdrawn_at: Option<Instant>,
}

/// The person agrees; returns the id. The same text agreed to twice is one consent.
pub async fn give(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    person: &str,
    purpose: &str,
    how: &str,
) -> Result<String> {
    let person = person::held(tx, person).await?;
    if let Some(standing) = rows::standing(tx, &person.id, purpose).await?.filter(|c| c.how == how) {
        return Ok(standing.id);
    }
    let id = ids::new_id(clock, entropy);
    rows::insert(tx, &id, &person.id, purpose, how, clock.now()).await?;
    person::record(tx, clock, actor, "person.consent.give", &person.id, &[purpose]).await?;
    Ok(id)
}

/// The person takes it back. Returns whether there was one.
pub async fn withdraw(tx: &mut Tx, clock: &dyn Clock, actor: &str, person: &str, purpose: &str) -> Result<bool> {
    let person = person::held(tx, person).await?;
    let withdrawn = rows::withdraw(tx, &person.id, purpose, clock.now()).await? > 0;
    if withdrawn {
        person::record(tx, clock, actor, "person.consent.withdraw", &person.id, &[purpose]).await?;
    }
    Ok(withdrawn)
}

/// Whether a consent stands.
pub async fn stands(tx: &mut Tx, person: &str, purpose: &str) -> Result<bool> {
    let person = person::followed(tx, person).await?;
    Ok(rows::standing(tx, &person.id, purpose).await?.is_some())
}

/// All consents of a person, oldest first.
pub async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Consent>> {
    let person = person::followed(tx, person).await?;
    Ok(rows::of_person(tx, &person.id).await?)
}
