//! The mail address that a citizen may leave with a question.
//!
//! The address has not been shown to be the citizen's own, so the mail that goes there says no more than that the
//! question with a number has an answer; the page still wants the key. Each question has a person of its own:
//! that two questions name the same address proves nothing.

use calendar::Clock;
use city::Lang;
use people::address::{self, Channel, State};
use people::consent;
use people::message::{self, Basis, NewMessage};
use people::person::{self, NewPerson};
use serde_json::json;
use store::{Entropy, Tx};

use super::short_number;
use crate::KnowledgeError;
use crate::store::question_answer as rows;

/// What the consent is for: the answer to this question, and nothing else.
pub const CONSENT: &str = "question.answer";
/// Template of the message; its fields are `number` and `path`.
pub const TEMPLATE: &str = "question.answered";
/// The text under the field of the form (`mail-hint` of the message files), with the month of its wording.
const TEXT: &str = "question-form/2026-11";
/// Who leaves and takes back an address.
const CITIZEN: &str = "citizen";

/// Keeps the address, if there is one, as a person with consent for the answer; returns the person's id.
pub(super) async fn take(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    lang: Lang,
    typed: &str,
) -> Result<Option<String>, KnowledgeError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let person = person::create(tx, clock, entropy, CITIZEN, NewPerson { name: None, lang }).await?;
    address::add(tx, clock, entropy, CITIZEN, &person, Channel::Mail, typed).await?;
    consent::give(tx, clock, entropy, CITIZEN, &person, CONSENT, TEXT).await?;
    Ok(Some(person))
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
    let Some(person) = &question.contact else { return Ok(()) };
    let lang = Lang::from_code(&question.lang).unwrap_or(Lang::Ja);
    let found = address::of_person(tx, person).await?;
    let Some(address) = found.into_iter().find(|a| a.channel == Channel::Mail && a.state == State::Active) else {
        return Ok(());
    };
    let path = format!("{}/questions?number={}", lang.prefix(), short_number(&question.number));
    let new = NewMessage {
        person,
        purpose: CONSENT,
        basis: Basis::Consent,
        // The address of the form, verified or not: that is what the citizen agreed to.
        address: Some(&address.id),
        template: TEMPLATE,
        lang: Some(lang),
        fields: &json!({ "number": question.number, "path": path }),
        about: ("question", &question.id),
        dedupe: Some(&format!("{TEMPLATE} {answer}")),
    };
    message::queue(tx, clock, entropy, actor, new).await?;
    Ok(())
}

/// Takes the consent back and removes the address.
pub(super) async fn forget(tx: &mut Tx, clock: &dyn Clock, question: &str) -> Result<(), KnowledgeError> {
    let Some(person) = rows::contact(tx, question).await? else { return Ok(()) };
    consent::withdraw(tx, clock, CITIZEN, &person, CONSENT).await?;
    for found in address::of_person(tx, &person).await? {
        address::withdraw(tx, clock, CITIZEN, &found.id).await?;
    }
    Ok(())
}
