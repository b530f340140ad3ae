//! A contact (応対): one citizen's matter, from the first words to the end.

use calendar::{Clock, Instant};
use city::{Lang, Organisation};
use store::{Entropy, FromRow, Tx, ids, number};

use crate::channel::{Channel, State};
use crate::event::{self, EventKind, Told};
use crate::store::contact as rows;
use crate::{ContactError, Invalid};

pub use crate::store::contact::{get, numbered};

/// Kind of the numbers that people see.
const NUMBER_KIND: &str = "応対";

/// A contact as it stands.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Contact {
    /// Id.
    pub id: String,
    /// Number, such as `応対-2026-0012`.
    pub number: String,
    /// Channel of the conversation that goes on.
    pub channel: Channel,
    /// Code of the citizen's language.
    pub lang: String,
    /// Where it stands.
    pub state: State,
    /// Code of the accountable section.
    pub section: String,
    /// Account of the staff that has it.
    pub holder: Option<String>,
    /// Its topic.
    pub topic: Option<String>,
    /// Code of the article that it is about.
    pub article: Option<String>,
    /// The citizen, where known.
    pub person: Option<String>,
    /// The contact of which it became a part.
    pub merged_into: Option<String>,
    /// How it ended.
    pub wrap_up: Option<String>,
    /// When somebody has to look again.
    pub follow_up_on: Option<calendar::Date>,
    /// Place of the last message.
    pub last_seq: i64,
    /// Since when the citizen waits for a person.
    pub waiting_since: Option<Instant>,
    /// By when the citizen is to hear from a person.
    pub reply_due_at: Option<Instant>,
    /// When the citizen's page was last open.
    pub citizen_seen_at: Option<Instant>,
    /// Up to which message the citizen has read.
    pub citizen_seen_seq: i64,
    /// Up to which message somebody of the staff has read.
    pub staff_seen_seq: i64,
    /// When it began.
    pub created_at: Instant,
    /// When something happened last.
    pub updated_at: Instant,
    /// When its words were erased.
    pub erased_at: Option<Instant>,
    /// The conversation that goes on.
    pub conversation: String,
}

/// What the citizen takes home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Key that opens the conversation's page.
    pub key: String,
}

impl Contact {
    /// The citizen's language.
    pub fn lang(&self) -> Lang {
        Lang::from_code(&self.lang).unwrap_or(Lang::Ja)
    }
}

/// The part of a number that stands in an address: `2026-0012`.
pub fn short_number(number: &str) -> &str {
    number.strip_prefix(NUMBER_KIND).map_or(number, |n| n.trim_start_matches('-'))
}

/// Accepts `応対-2026-0012`, `2026-0012` and full-width forms of them.
pub fn full_number(typed: &str) -> String {
    let normal = text::normal::normalise(typed).replace(['-', 'ー', ' '], "-");
    let short = normal.strip_prefix(NUMBER_KIND).unwrap_or(&normal).trim_matches('-');
    format!("{NUMBER_KIND}-{short}")
}

/// How a contact begins.
#[derive(Clone, Copy, Debug)]
pub struct NewContact<'a> {
    /// Random token of the form, 32 hexadecimal digits: the same form sent twice is one contact.
    pub submission: &'a str,
    /// Channel.
    pub channel: Channel,
    /// The citizen's language.
    pub lang: Lang,
    /// Section that is accountable at first.
    pub section: &'a str,
    /// Who opens it.
    pub actor: &'a str,
}

/// The key is made from the form's token, so that the same form sent twice gets the same receipt.
fn key_of(submission: &str) -> String {
    let digest = ids::digest(&format!("madoguchi contact key {submission}"));
    let mut key = String::new();
    // Five bits a character, from the digest's first ten bytes.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes: Vec<u8> = (0..16).filter_map(|i| u8::from_str_radix(digest.get(2 * i..2 * i + 2)?, 16).ok()).collect();
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            key.push('-');
        }
        key.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    key
}

/// The section that is accountable when nobody else is: the one of the main telephone.
pub fn first_section(organisation: &Organisation) -> &str {
    &organisation.profile.phone_section
}

/// Opens a contact; the same form sent again finds the one that it made. Whether it is new is told as well.
pub async fn open(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    new: NewContact<'_>,
) -> Result<(Receipt, bool), ContactError> {
    if new.submission.len() != 32 || !new.submission.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ContactError::Invalid(Invalid::Form));
    }
    let (key, submission) = (key_of(new.submission), ids::digest(new.submission));
    if let Some((id, number)) = rows::by_submission(tx, &submission).await? {
        return Ok((Receipt { id, number, key }, false));
    }
    let now = clock.now();
    let id = ids::new_id(clock, entropy);
    let number = number::next(tx, NUMBER_KIND, now).await?;
    let row = rows::Row {
        id: &id,
        number: &number,
        key_hash: &ids::digest(&key),
        submission: &submission,
        conversation: &ids::new_id(clock, entropy),
        new: &new,
        at: now,
    };
    rows::insert(tx, row).await?;
    let contact = rows::get(tx, &id).await?.ok_or(ContactError::NotFound)?;
    let account = new.actor.strip_prefix("account:");
    event::log(tx, clock, entropy, &contact, EventKind::Opened, new.actor, Told { account, ..Told::default() }).await?;
    Ok((Receipt { id, number, key }, true))
}

/// The contact with a number and key, or to which a link leads that lives still. A wrong number and a wrong key are
/// alike.
pub async fn by_key(tx: &mut Tx, clock: &dyn Clock, number: &str, key: &str) -> Result<Contact, ContactError> {
    let (number, key_hash) = (full_number(number), ids::digest(&ids::tidy_key(key)));
    let found = match rows::by_key(tx, &number, &key_hash).await? {
        Some(found) => found,
        None => match crate::store::link::find(tx, &number, &key_hash).await? {
            Some((_, until)) if until <= clock.now() => return Err(ContactError::Expired),
            Some((found, _)) => found,
            None => return Err(ContactError::NotFound),
        },
    };
    match &found.merged_into {
        // Whoever holds the key of a part reads the whole: it is the same person's matter.
        Some(whole) => rows::get(tx, whole).await?.ok_or(ContactError::NotFound),
        None => Ok(found),
    }
}

/// The contact, with its row locked until the transaction ends, so that messages get one order.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Contact, ContactError> {
    rows::lock(tx, id).await?;
    rows::get(tx, id).await?.ok_or(ContactError::NotFound)
}

/// Writes what changed of a contact that was locked.
pub async fn save(tx: &mut Tx, clock: &dyn Clock, contact: &mut Contact) -> Result<(), ContactError> {
    // Watchers in other processes find what changed by this instant: it never stands still.
    contact.updated_at = clock.now().max(Instant::from_millis(contact.updated_at.millis() + 1));
    rows::update(tx, contact).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_typed() {
        for typed in ["応対-2026-0012", "2026-0012", "２０２６－００１２", " 2026-0012 "] {
            assert_eq!(full_number(typed), "応対-2026-0012", "{typed}");
        }
        assert_eq!(short_number("応対-2026-0012"), "2026-0012");
    }

    #[test]
    fn a_key_is_as_people_type_it() {
        let key = key_of("00112233445566778899aabbccddeeff");
        assert_eq!(ids::tidy_key(&key.to_lowercase()), key);
        assert_eq!(key.len(), 19);
        assert_ne!(key, key_of("00112233445566778899aabbccddeefe"));
    }
}
