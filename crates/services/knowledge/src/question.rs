//! A question that found no answer: left with the city under a number and a key, and followed from there.
//!
//! Invariants:
//! - only a digest of the key is stored;
//! - a mail address belongs to a person of [`people`], never to the question, and no page shows it;
//! - what a section does to a question is one transaction: state, step, audit, message.

mod answer;
mod contact;
mod desk;

use std::sync::Arc;

use calendar::{Clock, Instant};
use city::{Lang, Organisation};
use serde::{Deserialize, Serialize};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Db, Entropy, FromRow, Tx, changes, ids, number};

use crate::store::question as rows;
pub use crate::store::question::{events, waiting, waiting_by_section};
use crate::{Invalid, KnowledgeError, Library};
pub use answer::{
    Answer, MAX_ANSWER, MAX_REMARK, NewAnswer, Reopening, answer, answered_by_article, answers, hand_over, helped,
    reopen, reopening,
};
pub use contact::{TEMPLATE, consent_purpose, person_of, retire};
pub use desk::{Filter, Handover, Listed, Listing, handovers, list, one};

/// Kind of the numbers that citizens see.
const NUMBER_KIND: &str = "質問";
/// The job that finds the section for a question.
pub const ASSIGN: &str = "question.assign";
/// Its lane.
pub const LANE: &str = "knowledge";
/// Longest question, in characters.
pub const MAX_BODY: usize = 2000;

/// A form as it came.
#[derive(Clone, Debug)]
pub struct NewQuestion<'a> {
    /// Random token of the form, 32 hexadecimal digits: the same form sent twice is one question.
    pub submission: &'a str,
    /// Language of the page.
    pub lang: Lang,
    /// What was asked in the question box.
    pub asked: &'a str,
    /// What the citizen wrote.
    pub body: &'a str,
    /// Mail address for the answer, as typed; empty for none.
    pub mail: &'a str,
}

/// What the citizen takes home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number, such as `質問-2026-0012`.
    pub number: String,
    /// Key that opens the question's page.
    pub key: String,
}

/// A question as its page shows it.
#[derive(Clone, Debug, FromRow)]
pub struct Question {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// What the citizen wrote; empty once withdrawn.
    pub body: String,
    /// `received`, `assigned`, `answered` or `withdrawn`.
    pub state: String,
    /// Code of the section that has it.
    pub section: Option<String>,
    /// When it came.
    pub created_at: Instant,
    /// Whether the answer goes out by mail as well.
    pub by_mail: bool,
}

/// What became of it, step by step.
#[derive(Clone, Debug, FromRow)]
pub struct Event {
    /// `received`, `assigned`, `answered` or `withdrawn`.
    pub kind: String,
    /// Code of the section concerned.
    pub section: Option<String>,
    /// When.
    pub at: Instant,
}

#[derive(Serialize, Deserialize)]
struct AssignPayload {
    question: String,
}

/// A new token for a form.
pub fn new_submission(entropy: Entropy<'_>) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill_bytes(&mut bytes);
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The key of a question is made from its form's random token, so that the same form sent twice
/// gets the same receipt. Only digests of both are stored.
fn key_of(submission: &str) -> String {
    use rand::SeedableRng;
    let mut seed = [0u8; 32];
    let digest = ids::digest(&format!("madoguchi question key {submission}"));
    for (byte, pair) in seed.iter_mut().zip(digest.as_bytes().chunks(2)) {
        let nibble = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    ids::new_key(&mut rand::rngs::ChaCha20Rng::from_seed(seed))
}

/// What is kept of what a citizen wrote: one kind of line end, no control characters.
fn clean(text: &str) -> String {
    let kept: String = text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || *c == '\n').collect();
    kept.trim().to_owned()
}

/// The length of a text as the limit counts it, in characters.
pub fn length(text: &str) -> usize {
    clean(text).chars().count()
}

/// Leaves a question. The job that finds its section is written with it.
pub async fn leave(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    new: NewQuestion<'_>,
) -> Result<Receipt, KnowledgeError> {
    if new.submission.len() != 32 || !new.submission.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(KnowledgeError::Invalid(Invalid::Form));
    }
    let body = clean(new.body);
    if body.is_empty() {
        return Err(KnowledgeError::Invalid(Invalid::Empty));
    }
    if body.chars().count() > MAX_BODY {
        return Err(KnowledgeError::Invalid(Invalid::TooLong(MAX_BODY)));
    }
    if !new.mail.trim().is_empty() {
        people::mail_address::parse(new.mail).map_err(|wrong| KnowledgeError::Invalid(Invalid::Mail(wrong)))?;
    }
    let asked: String = clean(new.asked).chars().take(MAX_BODY).collect();
    let key = key_of(new.submission);
    let submission = ids::digest(new.submission);
    let now = clock.now();
    let mut tx = db.write().await?;
    if let Some(number) = rows::number_of(&mut tx, &submission).await? {
        return Ok(Receipt { number, key });
    }
    let id = ids::new_id(clock, entropy);
    let number = number::next(&mut tx, NUMBER_KIND, now).await?;
    let contact = contact::take(&mut tx, clock, entropy, &id, new.lang, new.mail).await?;
    let row = rows::Row {
        id: &id,
        number: &number,
        key_hash: &ids::digest(&key),
        submission: &submission,
        lang: new.lang.code(),
        asked: &asked,
        body: &body,
        contact: contact.as_ref().map(|c| c.person.as_str()),
        contact_address: contact.as_ref().map(|c| c.address.as_str()),
        at: now,
    };
    if !rows::insert(&mut tx, row).await? {
        // The same form came at the same moment through another process; its number counts.
        tx.rollback().await?;
        let mut tx = db.read().await?;
        let number = rows::number_of(&mut tx, &submission).await?.ok_or(KnowledgeError::NotFound)?;
        return Ok(Receipt { number, key });
    }
    rows::insert_event(&mut tx, &ids::new_id(clock, entropy), &id, "received", None, now).await?;
    let payload = serde_json::json!({ "question": id }).to_string();
    jobs::enqueue(&mut tx, clock, entropy, NewJob::new(LANE, ASSIGN, payload, now)).await?;
    tx.commit().await?;
    Ok(Receipt { number, key })
}

/// The question with a number and key, and what became of it. A wrong number and a wrong key are alike.
pub async fn open(tx: &mut Tx, number: &str, key: &str) -> Result<(Question, Vec<Event>), KnowledgeError> {
    let key_hash = ids::digest(&ids::tidy_key(key));
    let question = rows::by_key(tx, &full_number(number), &key_hash).await?.ok_or(KnowledgeError::NotFound)?;
    let events = rows::events(tx, &question.id).await?;
    Ok((question, events))
}

/// Accepts `質問-2026-0012`, `2026-0012` and full-width forms of them.
fn full_number(typed: &str) -> String {
    let normal = text::normal::normalise(typed).replace(['-', 'ー', ' '], "-");
    let short = normal.strip_prefix(NUMBER_KIND).unwrap_or(&normal).trim_matches('-');
    format!("{NUMBER_KIND}-{short}")
}

/// The part of a number that stands in an address: `2026-0012`.
pub fn short_number(number: &str) -> &str {
    number.strip_prefix(NUMBER_KIND).map_or(number, |n| n.trim_start_matches('-'))
}

/// Takes a question back: all words around it are removed and so is the mail address; its number and steps stay.
pub async fn withdraw(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    number: &str,
    key: &str,
) -> Result<(), KnowledgeError> {
    let mut tx = db.write().await?;
    let (question, _) = open(&mut tx, number, key).await?;
    let now = clock.now();
    contact::forget(&mut tx, clock, &question.id).await?;
    if rows::withdraw(&mut tx, &question.id, now).await? {
        rows::insert_event(&mut tx, &ids::new_id(clock, entropy), &question.id, "withdrawn", None, now).await?;
        changes::bump(&mut tx, crate::board::CHANGE_TOPIC).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The handler of [`ASSIGN`]: the section of the nearest article gets the question; where nothing is
/// near, the section that answers the main telephone.
pub async fn assign(context: JobContext, library: Arc<Library>) -> Result<Tx, JobFailure> {
    let payload: AssignPayload = serde_json::from_str(&context.job.payload)?;
    let organisation = Organisation::load(&context.db).await?;
    let clock = context.clock.as_ref();
    let today = clock.now().jst_date();
    let mut tx = context.db.write().await?;
    let Some(words) = rows::unassigned_words(&mut tx, &payload.question).await? else {
        // Withdrawn meanwhile: nothing to do.
        return Ok(tx);
    };
    let answer = library.ask(&format!("{} {}", words.asked, words.body), today, 1);
    let nearest = answer.found.first().map(|f| f.article.content.section.as_str());
    let section = nearest
        .and_then(|code| organisation.section(code, today))
        .map_or(organisation.profile.phone_section.as_str(), |s| s.code.as_str());
    let now = clock.now();
    if rows::assign(&mut tx, &payload.question, section, now).await? {
        let id = ids::new_id(clock, (context.entropy)().as_mut());
        rows::insert_event(&mut tx, &id, &payload.question, "assigned", Some(section), now).await?;
    }
    Ok(tx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for typed in ["質問-2026-0012", "2026-0012", "２０２６－００１２", " 質問-2026-0012 ", "2026ー0012"]
        {
            assert_eq!(full_number(typed), "質問-2026-0012", "{typed}");
        }
        assert_eq!(short_number("質問-2026-0012"), "2026-0012");
    }

    #[test]
    fn the_same_form_gives_the_same_key() {
        let token = "00112233445566778899aabbccddeeff";
        assert_eq!(key_of(token), key_of(token));
        assert_ne!(key_of(token), key_of("00112233445566778899aabbccddeefe"));
    }
}
