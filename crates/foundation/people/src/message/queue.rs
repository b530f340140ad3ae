//! Queueing: the row of the ledger and the job, in the transaction of their cause.

use calendar::Clock;
use city::Lang;
use store::audit::{self, Event};
use store::{Entropy, Tx, ids};

use super::{Basis, Reason, State, attempt};
use crate::address::{self, Address, Channel};
use crate::guarded::{Guard, Viewing};
use crate::person::{self, Person};
use crate::seal::{self, Column};
use crate::store::message as rows;
use crate::{Result, consent};

/// A message to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// To whom.
    pub person: &'a str,
    /// What for, such as `question.answer`; the purpose of the consent.
    pub purpose: &'a str,
    /// Why the city may write.
    pub basis: Basis,
    /// To this address and no other, verified or not: for the confirmation of an address.
    /// `None` takes the newest verified address that the policy lets out.
    pub address: Option<&'a str>,
    /// Name of the template.
    pub template: &'a str,
    /// In which language; `None` for that of the person.
    pub lang: Option<Lang>,
    /// What the template needs: numbers, titles, links. Never an address.
    pub fields: &'a serde_json::Value,
    /// Kind and id of the record it is about.
    pub about: (&'a str, &'a str),
    /// The same word twice is one message.
    pub dedupe: Option<&'a str>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits; the job is written.
    Queued {
        /// Id of the message.
        id: String,
    },
    /// It is in the ledger and will not be sent.
    Withheld {
        /// Id of the message.
        id: String,
        /// Why.
        reason: Reason,
    },
    /// The same was queued before; nothing was written.
    Already {
        /// Id of the earlier message.
        id: String,
    },
}

impl Queued {
    /// Id of the message.
    pub fn id(&self) -> &str {
        match self {
            Queued::Queued { id } | Queued::Withheld { id, .. } | Queued::Already { id } => id,
        }
    }
}

/// Queues a message by mail and the job that sends it. Held back by the policy, it stands in the
/// ledger with the reason and has no job.
pub async fn queue(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    new: NewMessage<'_>,
) -> Result<Queued> {
    let id = ids::new_id(clock, entropy);
    let now = clock.now();
    let person = person::held_or_erased(tx, new.person).await?;
    let wanted = Wanted { channel: Channel::Mail, purpose: new.purpose, basis: new.basis, pinned: new.address };
    let choice = choose(tx, &person, &wanted).await?;
    // What was to be said to somebody who was erased is not kept.
    let fields_sealed = match person.erased_at {
        Some(_) => None,
        None => Some(seal::seal(tx, entropy, Column::Fields, &id, &new.fields.to_string())?),
    };
    let dedupe_hash = new.dedupe.map(|word| seal::hash(tx, "people-message-dedupe", &[word])).transpose()?;
    let (state, reason, address) = match &choice {
        Ok(address) => (State::Waiting, None, Some(address.id.as_str())),
        Err(reason) => (State::Withheld, Some(*reason), new.address),
    };
    let row = rows::New {
        id: &id,
        person: &person.id,
        channel: wanted.channel.code(),
        address,
        pinned: new.address.is_some(),
        purpose: new.purpose,
        basis: new.basis.code(),
        template: new.template,
        lang: new.lang.unwrap_or(person.lang).code(),
        fields_sealed,
        about: new.about,
        dedupe_hash: dedupe_hash.as_deref(),
        state: state.code(),
        reason: reason.map(Reason::code),
        now,
    };
    if !rows::insert(tx, row).await? {
        let id = rows::with_dedupe(tx, dedupe_hash.as_deref().unwrap_or_default()).await?;
        return Ok(Queued::Already { id });
    }
    let action = if reason.is_none() { "message.queue" } else { "message.withhold" };
    record(tx, clock, actor, action, &id).await?;
    match reason {
        Some(reason) => Ok(Queued::Withheld { id, reason }),
        None => {
            attempt::enqueue(tx, clock, entropy, &id, now).await?;
            Ok(Queued::Queued { id })
        }
    }
}

/// By what an address is chosen.
pub(super) struct Wanted<'a> {
    pub(super) channel: Channel,
    pub(super) purpose: &'a str,
    pub(super) basis: Basis,
    pub(super) pinned: Option<&'a str>,
}

/// The address for a message at this moment, or why there is none. The same rules hold at queueing
/// and before every attempt.
pub(super) async fn choose(tx: &mut Tx, person: &Person, wanted: &Wanted<'_>) -> Result<Result<Address, Reason>> {
    if person.erased_at.is_some() {
        return Ok(Err(Reason::Erased));
    }
    if wanted.basis == Basis::Consent && !consent::stands(tx, &person.id, wanted.purpose).await? {
        return Ok(Err(Reason::NoConsent));
    }
    let mut found = address::of_person(tx, &person.id).await?;
    found.retain(|a| a.channel == wanted.channel && a.state != address::State::Withdrawn);
    if let Some(pinned) = wanted.pinned {
        found.retain(|a| a.id == pinned);
    }
    Ok(best(found, person, wanted.pinned.is_some()))
}

/// The first of the addresses that may be used, or the reason that stands nearest to success.
fn best(found: Vec<Address>, person: &Person, pinned: bool) -> Result<Address, Reason> {
    let (mut bounced, mut unverified) = (false, false);
    let mut hidden = false;
    for address in found {
        if address.value.reveal(Viewing::deliver()).text().is_none() {
            hidden = true;
        } else if address.state == address::State::Bounced {
            bounced = true;
        } else if address.verified_at.is_none() && !pinned {
            unverified = true;
        } else {
            return Ok(address);
        }
    }
    Err(match (unverified, bounced) {
        (true, _) => Reason::Unverified,
        (_, true) => Reason::Bounced,
        _ if hidden || person.guard() != Guard::Open => Reason::Secrecy,
        _ => Reason::NoAddress,
    })
}

/// Writes the audit event of a message.
pub(super) async fn record(tx: &mut Tx, clock: &dyn Clock, actor: &str, action: &str, id: &str) -> Result<()> {
    audit::record(tx, clock, Event { actor, action, object_kind: "message", object: id, fields: &["state"] }).await?;
    Ok(())
}
