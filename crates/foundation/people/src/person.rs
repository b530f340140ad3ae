//! A person: an id, and little more.

use calendar::{Clock, Instant};
use city::Lang;
use store::audit::{self, Event};
use store::{Entropy, Tx, ids};

use crate::guarded::{Guard, PersonName};
use crate::seal::{self, Column};
use crate::store::person as rows;
use crate::{PeopleError, Result};

/// Longest name, in characters.
pub const MAX_NAME: usize = 100;
/// Merges may follow each other; a longer chain than this is a fault.
const MAX_MERGES: usize = 64;

/// A person to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// How the person wants to be called, if known.
    pub name: Option<&'a str>,
    /// Language in which the person is addressed.
    pub lang: Lang,
}

/// A person as stored.
#[derive(Clone, Debug)]
pub struct Person {
    /// Id.
    pub id: String,
    /// How the person is called; comes out through the policy.
    pub name: Option<PersonName>,
    /// Language in which the person is addressed.
    pub lang: Lang,
    /// Since when and why the person is under secrecy.
    pub secrecy: Option<Secrecy>,
    /// The person with whom this one turned out to be the same.
    pub merged_into: Option<String>,
    /// When everything about the person was removed.
    pub erased_at: Option<Instant>,
    /// When the person was first known.
    pub created_at: Instant,
    /// When the record last changed.
    pub updated_at: Instant,
}

/// The secrecy of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrecy {
    /// Since when.
    pub since: Instant,
    /// Code of the reason, see [`crate::secrecy::Reason`].
    pub reason: String,
}

impl Person {
    /// How values of this person are guarded that nobody called safe.
    pub fn guard(&self) -> Guard {
        if self.secrecy.is_some() { Guard::Secret } else { Guard::Open }
    }
}

/// Keeps one line of text: no control characters, no blanks at the ends. Too long or empty is an error.
pub(crate) fn one_line(field: &'static str, typed: &str, longest: usize) -> Result<String> {
    let text: String = typed.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    if text.is_empty() {
        return Err(PeopleError::Invalid { field, reason: "空欄です。入力してください。".into() });
    }
    if text.chars().count() > longest {
        let reason = format!("長すぎます。{longest}文字までで入力してください。");
        return Err(PeopleError::Invalid { field, reason });
    }
    Ok(text.to_owned())
}

/// Makes a person; returns the id.
pub async fn create(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    new: NewPerson<'_>,
) -> Result<String> {
    let id = ids::new_id(clock, entropy);
    let name = new.name.map(|n| one_line("name", n, MAX_NAME)).transpose()?;
    let sealed = name.map(|n| seal::seal(tx, entropy, Column::Name, &id, &n)).transpose()?;
    rows::insert(tx, &id, sealed.as_deref(), new.lang.code(), clock.now()).await?;
    record(tx, clock, actor, "person.create", &id, &["name", "lang"]).await?;
    Ok(id)
}

/// The person with an id, erased or merged or not.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Person> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    read(tx, row)
}

/// The person that an id means today: pointers of merges are followed. Erased persons are an error.
pub async fn current(tx: &mut Tx, id: &str) -> Result<Person> {
    let person = followed(tx, id).await?;
    if person.erased_at.is_some() { Err(PeopleError::Erased) } else { Ok(person) }
}

/// Like [`current`], and nobody else changes the person until the end of the transaction: what is
/// written about them cannot slip past an erasure, a merge or the secrecy flag.
pub(crate) async fn held(tx: &mut Tx, id: &str) -> Result<Person> {
    let person = held_or_erased(tx, id).await?;
    if person.erased_at.is_some() { Err(PeopleError::Erased) } else { Ok(person) }
}

/// Like [`held`], with erased persons.
pub(crate) async fn held_or_erased(tx: &mut Tx, id: &str) -> Result<Person> {
    let mut person = followed(tx, id).await?;
    for _ in 0..MAX_MERGES {
        let row = rows::lock(tx, &person.id).await?.ok_or(PeopleError::NotFound)?;
        match &row.merged_into {
            None => return read(tx, row),
            // Merged between the two statements.
            Some(next) => person = followed(tx, next).await?,
        }
    }
    Err(PeopleError::State)
}

/// Like [`current`], with erased persons.
pub(crate) async fn followed(tx: &mut Tx, id: &str) -> Result<Person> {
    let mut person = get(tx, id).await?;
    for _ in 0..MAX_MERGES {
        match &person.merged_into {
            None => return Ok(person),
            Some(next) => person = get(tx, next).await?,
        }
    }
    Err(PeopleError::State)
}

fn read(tx: &Tx, row: rows::Row) -> Result<Person> {
    let mut person = Person {
        name: None,
        lang: Lang::from_code(&row.lang).unwrap_or(Lang::Ja),
        secrecy: row.secrecy.then(|| Secrecy {
            since: row.secrecy_since.unwrap_or(row.updated_at),
            reason: row.secrecy_reason.unwrap_or_default(),
        }),
        merged_into: row.merged_into,
        erased_at: row.erased_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        id: row.id,
    };
    if let Some(sealed) = row.name_sealed {
        let name = seal::open(tx, Column::Name, &person.id, &sealed)?;
        person.name = Some(PersonName::new(name, person.guard()));
    }
    Ok(person)
}

/// Changes the name, or removes it.
pub async fn rename(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    id: &str,
    name: Option<&str>,
) -> Result<()> {
    let person = held(tx, id).await?;
    let name = name.map(|n| one_line("name", n, MAX_NAME)).transpose()?;
    let sealed = name.map(|n| seal::seal(tx, entropy, Column::Name, &person.id, &n)).transpose()?;
    rows::set_name(tx, &person.id, sealed.as_deref(), clock.now()).await?;
    record(tx, clock, actor, "person.rename", &person.id, &["name"]).await
}

/// Changes the language in which the person is addressed.
pub async fn set_lang(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, lang: Lang) -> Result<()> {
    let person = held(tx, id).await?;
    rows::set_lang(tx, &person.id, lang.code(), clock.now()).await?;
    record(tx, clock, actor, "person.lang", &person.id, &["lang"]).await
}

/// Writes the audit event of a change to a person.
pub(crate) async fn record(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    action: &str,
    id: &str,
    fields: &[&str],
) -> Result<()> {
    audit::record(tx, clock, Event { actor, action, object_kind: "person", object: id, fields }).await?;
    Ok(())
}

/// The persons under secrecy, those who came under it last first.
pub async fn under_secrecy(tx: &mut Tx, limit: i64) -> Result<Vec<Person>> {
    let found = rows::under_secrecy(tx, limit).await?;
    found.into_iter().map(|row| read(tx, row)).collect()
}
