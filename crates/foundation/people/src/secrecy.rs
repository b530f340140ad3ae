//! Secrecy (支援措置): whoever is under it is found by nobody through this house.
//!
//! Setting it is one person's act and works at once, also on messages that wait. Lifting it needs two.

use calendar::Clock;
use store::Tx;

use crate::store::person as rows;
use crate::{PeopleError, Result, person};

/// Why; a code, never a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// DV等支援措置 (住民基本台帳事務処理要領 第5-10).
    Support,
    /// The person asked for it.
    Request,
    /// A section ordered it for the time being.
    Precaution,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 3] = [Reason::Support, Reason::Request, Reason::Precaution];

    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::Support => "support",
            Reason::Request => "request",
            Reason::Precaution => "precaution",
        }
    }

    /// The reason with a code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|r| r.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Support => "支援措置",
            Reason::Request => "本人の申出",
            Reason::Precaution => "当面の保護",
        }
    }
}

/// Proof that two persons of the staff agreed: who asked and who decided, as audit actors.
#[derive(Clone, Copy, Debug)]
pub struct TwoPersons<'a> {
    /// Who asked for the change.
    pub asked_by: &'a str,
    /// Who decided on it; never the same.
    pub decided_by: &'a str,
}

/// Puts a person under secrecy. Returns whether that was a change; a reason that stands is kept.
pub async fn set(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, reason: Reason) -> Result<bool> {
    let person = person::held(tx, id).await?;
    let changed = rows::set_secrecy(tx, &person.id, Some(reason.code()), clock.now()).await?;
    if changed {
        person::record(tx, clock, actor, "person.secrecy.set", &person.id, &["secrecy"]).await?;
    }
    Ok(changed)
}

/// Lifts the secrecy of a person. Returns whether that was a change. Fails with
/// [`PeopleError::SamePerson`] unless two persons agreed; both leave an audit event.
pub async fn lift(tx: &mut Tx, clock: &dyn Clock, id: &str, by: TwoPersons<'_>) -> Result<bool> {
    if by.asked_by == by.decided_by || by.asked_by.is_empty() || by.decided_by.is_empty() {
        return Err(PeopleError::SamePerson);
    }
    let person = person::held(tx, id).await?;
    let changed = rows::set_secrecy(tx, &person.id, None, clock.now()).await?;
    if changed {
        person::record(tx, clock, by.asked_by, "person.secrecy.lift.ask", &person.id, &["secrecy"]).await?;
        person::record(tx, clock, by.decided_by, "person.secrecy.lift", &person.id, &["secrecy"]).await?;
    }
    Ok(changed)
}
