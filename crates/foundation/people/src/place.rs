//! Where a person is: postal addresses and whereabouts.

use calendar::{Clock, Instant};
use store::{Entropy, Tx, ids};

use crate::guarded::Whereabouts;
use crate::seal::{self, Column};
use crate::store::place as rows;
use crate::{PeopleError, Result, person};

/// Longest text, in characters.
pub const MAX_TEXT: usize = 300;

/// What kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Where letters go.
    Postal,
    /// Where the person is to be found: a school, a workplace, a shelter.
    Whereabouts,
}

impl Kind {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Postal => "postal",
            Kind::Whereabouts => "whereabouts",
        }
    }
}

/// A place of a person.
#[derive(Clone, Debug)]
pub struct Place {
    /// Id.
    pub id: String,
    /// What kind.
    pub kind: Kind,
    /// The text; comes out through the policy.
    pub text: Whereabouts,
    /// When it was added.
    pub created_at: Instant,
}

/// Adds a place; returns its id.
pub async fn add(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    person: &str,
    kind: Kind,
    text: &str,
) -> Result<String> {
    let text = person::one_line("place", text, MAX_TEXT)?;
    let person = person::held(tx, person).await?;
    let id = ids::new_id(clock, entropy);
    let sealed = seal::seal(tx, entropy, Column::Place, &id, &text)?;
    rows::insert(tx, &id, &person.id, kind.code(), &sealed, clock.now()).await?;
    person::record(tx, clock, actor, "person.place.add", &person.id, &["place"]).await?;
    Ok(id)
}

/// Removes a place.
pub async fn remove(tx: &mut Tx, clock: &dyn Clock, actor: &str, person: &str, id: &str) -> Result<()> {
    let person = person::held(tx, person).await?;
    if !rows::delete(tx, &person.id, id).await? {
        return Err(PeopleError::NotFound);
    }
    person::record(tx, clock, actor, "person.place.remove", &person.id, &["place"]).await
}

/// The places of a person, newest first.
pub async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Place>> {
    let owner = person::followed(tx, person).await?;
    let mut places = Vec::new();
    for row in rows::of_person(tx, &owner.id).await? {
        let text = seal::open(tx, Column::Place, &row.id, &row.text_sealed)?;
        let kind = if row.kind == Kind::Postal.code() { Kind::Postal } else { Kind::Whereabouts };
        places.push(Place {
            text: Whereabouts::new(text, owner.guard()),
            kind,
            created_at: row.created_at,
            id: row.id,
        });
    }
    Ok(places)
}
