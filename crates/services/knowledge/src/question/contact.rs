//! The mail address that a citizen may leave with a question.
//!
//! The address has not been shown to be the citizen's own, so the mail that goes there says no more than that the
//! question with a number has an answer; the page still wants the key. Each question has a person of its own:
//! that two questions name the same address proves nothing.

use calendar::{Clock, Instant};
use city::Lang;
use people::address::{self, Channel, State};
use people::message::{self, Basis, NewMessage};
use people::person::{self, NewPerson};
use people::{PeopleError, consent, erasure, place};
use serde_json::json;
use store::audit::{self, Event};
use store::{Entropy, Tx};

use super::short_number;
use crate::KnowledgeError;
use crate::store::{question as questions, question_answer as rows};

/// Template of the message; its fields are `number` and `path`.
pub const TEMPLATE: &str = "question.answered";
/// The text under the field of the form (`mail-hint` of the message files), with the month of its wording.
const TEXT: &str = "question-form/2026-11";
/// Who leaves and takes back an address.
const CITIZEN: &str = "citizen";

/// What the consent is for: the answer to this question, and nothing else.
pub fn consent_purpose(question: &str) -> String {
    format!("question.answer:{question}")
}

/// Where the answer is sent.
pub(super) struct Contact {
    pub(super) person: String,
    pub(super) address: String,
}

/// Keeps the address, if there is one, as a person with consent for the answer.
pub(super) async fn take(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    question: &str,
    lang: Lang,
    typed: &str,
) -> Result<Option<Contact>, KnowledgeError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let person = person::create(tx, clock, entropy, CITIZEN, NewPerson { name: None, lang }).await?;
    let address = address::add(tx, clock, entropy, CITIZEN, &person, Channel::Mail, typed).await?;
    consent::give(tx, clock, entropy, CITIZEN, &person, &consent_purpose(question), TEXT).await?;
    Ok(Some(Contact { person, address }))
}

/// Queues the message that the question has an answer, if an address was left.
pub(super) async fn tell(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    question: &rows::Open,
    answer: &str,
) -> Result<(), KnowledgeError> {
    let (Some(person), Some(address)) = (&question.contact, &question.contact_address) else { return Ok(()) };
    let lang = Lang::from_code(&question.lang).unwrap_or(Lang::Ja);
    let path = format!("{}/questions?number={}", lang.prefix(), short_number(&question.number));
    let new = NewMessage {
        person,
        purpose: &consent_purpose(&question.id),
        basis: Basis::Consent,
        // The address of the form, verified or not: that is what the citizen agreed to.
        address: Some(address),
        template: TEMPLATE,
        lang: Some(lang),
        fields: &json!({ "number": question.number, "path": path }),
        about: ("question", &question.id),
        dedupe: Some(&format!("{TEMPLATE} {answer}")),
    };
    message::queue(tx, clock, entropy, actor, new).await?;
    Ok(())
}

/// Takes the consent back and removes the address. The person was made for this question and is erased with it,
/// unless the city has come to know them otherwise.
pub(super) async fn forget(tx: &mut Tx, clock: &dyn Clock, question: &str) -> Result<(), KnowledgeError> {
    let Some(rows::Open { contact: Some(id), contact_address: Some(address), .. }) = rows::open(tx, question).await?
    else {
        return Ok(());
    };
    match person::current(tx, &id).await {
        Ok(_) => {}
        Err(PeopleError::Erased) => return Ok(()),
        Err(other) => return Err(other.into()),
    }
    consent::withdraw(tx, clock, CITIZEN, &id, &consent_purpose(question)).await?;
    match address::withdraw(tx, clock, CITIZEN, &address).await {
        // A merge found the same address twice and kept the other one.
        Ok(()) | Err(PeopleError::NotFound) => {}
        Err(other) => return Err(other.into()),
    }
    if !is_held(tx, &id).await? {
        erasure::erase(tx, clock, CITIZEN, &id).await?;
    }
    Ok(())
}

/// Whether anything else than the question holds a person.
async fn is_held(tx: &mut Tx, id: &str) -> Result<bool, KnowledgeError> {
    let person = person::get(tx, id).await?;
    if person.merged_into.is_some() || person.name.is_some() || person.secrecy.is_some() {
        return Ok(true);
    }
    let consents = consent::of_person(tx, id).await?;
    let addresses = address::of_person(tx, id).await?;
    Ok(consents.iter().any(|c| c.withdrawn_at.is_none())
        || addresses.iter().any(|a| a.state != State::Withdrawn)
        || !place::of_person(tx, id).await?.is_empty())
}

/// The person who is told by mail of the answer to a question, by the question's id.
pub async fn person_of(tx: &mut Tx, question: &str) -> Result<Option<String>, KnowledgeError> {
    Ok(rows::open(tx, question).await?.and_then(|q| q.contact))
}

/// Closed questions whose words are removed in one go.
const AT_ONCE: i64 = 100;

/// Removes the words of answered and withdrawn questions to which nothing happened since an instant, and who
/// asked; numbers and steps stay. At most a hundred in the caller's transaction; returns how many.
pub async fn retire(tx: &mut Tx, clock: &dyn Clock, actor: &str, before: Instant) -> Result<usize, KnowledgeError> {
    let found = questions::wordy(tx, before, AT_ONCE).await?;
    for id in &found {
        forget(tx, clock, id).await?;
        questions::blank(tx, id).await?;
        let fields = &["asked", "body", "answer", "remark", "contact"][..];
        let event = Event { actor, action: "question.retire", object_kind: "question", object: id, fields };
        audit::record(tx, clock, event).await?;
    }
    Ok(found.len())
}
