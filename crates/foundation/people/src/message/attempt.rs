//! Attempts: written before the network is touched, ended afterwards.

use std::time::Duration;

use calendar::{Clock, Instant};
use city::Lang;
use serde_json::Value;
use store::jobs::{self, NewJob};
use store::{Db, Entropy, Tx};

use super::queue::{self, Wanted};
use super::{Basis, MAIL_LANE, Reason, SEND, SendPayload, State};
use crate::address::Channel;
use crate::guarded::{self, ChannelAddress, PersonName};
use crate::seal::{self, Column};
use crate::store::{attempt as tries, message as rows};
use crate::{PeopleError, Result, person};

/// First wait after a server said "later"; it doubles up to [`LONGEST_WAIT`]. Greylisting asks for minutes.
pub const FIRST_WAIT: Duration = Duration::from_secs(5 * 60);
/// Longest wait between attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);
/// How long a message is tried before it counts as refused (RFC 5321 §4.5.4.1 asks for four to five
/// days of a server that relays; for a notice of the city three are enough).
pub const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);
/// Longest detail kept, in characters.
const MAX_DETAIL: usize = 300;

/// One attempt under way. It is ended once, by [`finish`]; dropped, it stays open and the message
/// becomes in doubt.
#[derive(Debug, PartialEq, Eq)]
pub struct Attempt {
    message: String,
    n: i64,
}

impl Attempt {
    /// Id of the message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Its number, from 1.
    pub fn number(&self) -> i64 {
        self.n
    }
}

/// A message that is to be sent now.
#[derive(Debug)]
pub struct Sending {
    /// The attempt, for [`finish`].
    pub attempt: Attempt,
    /// The `Message-ID`, with its angle brackets: the same at every attempt.
    pub message_id: String,
    /// To whom.
    pub person: String,
    /// Where to; `to.reveal(Viewing::deliver())` is the envelope's address.
    pub to: ChannelAddress,
    /// How the person is called; `Viewing::letter()` for the text. Hidden under secrecy.
    pub name: Option<PersonName>,
    /// What for.
    pub purpose: String,
    /// Name of the template.
    pub template: String,
    /// In which language.
    pub lang: Lang,
    /// What the template needs.
    pub fields: Value,
    /// Kind and id of the record it is about.
    pub about: (String, String),
}

/// What is to be done about a message.
#[derive(Debug)]
pub enum Begin {
    /// Send it.
    Ready(Box<Sending>),
    /// An earlier attempt never ended; the message is in doubt and is not sent again by itself.
    InDoubt,
    /// The policy holds it back since it was queued.
    Withheld(Reason),
    /// Nothing: it is settled, or waits for a later instant for which there is a job.
    Nothing(State),
}

/// How an attempt ended. Details may hold what the server said; addresses in them are blotted out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Accepted {
        /// Reply code.
        code: Option<u16>,
    },
    /// The server refused it for good.
    Refused {
        /// Reply code.
        code: Option<u16>,
        /// What it said.
        detail: String,
    },
    /// Not now: greylisted, busy, or no connection. Surely not sent.
    Deferred {
        /// Reply code, if there was a reply.
        code: Option<u16>,
        /// What happened.
        detail: String,
        /// Not before this time has passed, if the server or the channel knows better than the back-off.
        retry: Option<Duration>,
    },
    /// Cut off where the message may have been taken.
    Unknown {
        /// Where: `data`, `quit`.
        stage: &'static str,
        /// What happened.
        detail: String,
    },
}

/// What follows from the end of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The message's new state.
    pub state: State,
    /// When it is tried again; the job is written.
    pub next_at: Option<Instant>,
}

/// Begins an attempt in a transaction of its own, which is committed before this returns: whatever
/// happens afterwards, the ledger knows of it. `host` is the right-hand side of the `Message-ID`;
/// the one of the first attempt stays.
///
/// Secrecy, consent, erasure and address are looked at again here.
pub async fn begin(db: &Db, clock: &dyn Clock, id: &str, host: &str) -> Result<Begin> {
    let mut tx = db.write().await?;
    let begun = begin_in(&mut tx, clock, id, host).await?;
    tx.commit().await?;
    Ok(begun)
}

async fn begin_in(tx: &mut Tx, clock: &dyn Clock, id: &str, host: &str) -> Result<Begin> {
    // The person first and then the message, as an erasure does; so two processes with the same message,
    // and a change to the person, come one after the other.
    let owner = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?.person;
    let person = person::held_or_erased(tx, &owner).await?;
    let row = rows::lock(tx, id).await?.ok_or(PeopleError::NotFound)?;
    let state = State::from_code(&row.state).ok_or(PeopleError::State)?;
    let now = clock.now();
    match state {
        State::Sending => {
            let lost = "the sender stopped before the end of the attempt was known";
            tries::end(tx, id, row.attempts, now, Some("lost"), "unknown", None, Some(lost)).await?;
            rows::settle(tx, id, State::InDoubt.code(), None, Some(lost), None).await?;
            queue::record(tx, clock, "job:message.send", "message.in_doubt", id).await?;
            return Ok(Begin::InDoubt);
        }
        State::Waiting if row.next_at.is_none_or(|at| at <= now) => {}
        other => return Ok(Begin::Nothing(other)),
    }
    let wanted = Wanted {
        channel: Channel::from_code(&row.channel).ok_or(PeopleError::State)?,
        purpose: &row.purpose,
        basis: Basis::from_code(&row.basis).ok_or(PeopleError::State)?,
        pinned: row.address.as_deref().filter(|_| row.pinned),
    };
    let address = match queue::choose(tx, &person, &wanted).await? {
        Ok(address) => address,
        Err(reason) => {
            rows::withhold(tx, id, reason.code()).await?;
            queue::record(tx, clock, "job:message.send", "message.withhold", id).await?;
            return Ok(Begin::Withheld(reason));
        }
    };
    let sealed = row.fields_sealed.as_deref().ok_or(PeopleError::State)?;
    let fields = serde_json::from_str(&seal::open(tx, Column::Fields, id, sealed)?).map_err(|_| PeopleError::Sealed)?;
    let message_id = row.message_id.unwrap_or_else(|| format!("<{id}@{host}>"));
    let n = row.attempts + 1;
    rows::sending(tx, id, &address.id, &message_id, n, now).await?;
    tries::insert(tx, id, n, now).await?;
    Ok(Begin::Ready(Box::new(Sending {
        attempt: Attempt { message: id.to_owned(), n },
        message_id,
        person: person.id,
        to: address.value,
        name: person.name,
        purpose: row.purpose,
        template: row.template,
        lang: Lang::from_code(&row.lang).unwrap_or(Lang::Ja),
        fields,
        about: (row.about_kind, row.about_id),
    })))
}

/// Ends an attempt in the caller's transaction: that of the job, so that both are stored or neither.
/// A message that is to be tried again gets its next job here. Fails with [`PeopleError::State`] if
/// the attempt was ended already, as by another worker that found it open.
pub async fn finish(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    attempt: Attempt,
    outcome: Outcome,
) -> Result<Finished> {
    let id = attempt.message.as_str();
    let row = rows::lock(tx, id).await?.ok_or(PeopleError::NotFound)?;
    let now = clock.now();
    let (word, stage, code, said) = match &outcome {
        Outcome::Accepted { code } => ("accepted", None, *code, None),
        Outcome::Refused { code, detail } => ("refused", None, *code, Some(detail)),
        Outcome::Deferred { code, detail, .. } => ("deferred", None, *code, Some(detail)),
        Outcome::Unknown { stage, detail } => ("unknown", Some(*stage), None, Some(detail)),
    };
    let detail = match said {
        Some(said) => Some(without_addresses(tx, row.address.as_deref(), said).await?),
        None => None,
    };
    let code = code.map(|c| c.to_string());
    let (code, detail) = (code.as_deref(), detail.as_deref());
    if !tries::end(tx, id, attempt.n, now, stage, word, code, detail).await? {
        return Err(PeopleError::State);
    }
    let (state, next_at) = follow(&outcome, row.trying_since.unwrap_or(now), row.attempts, now);
    match state {
        State::Sent => rows::sent(tx, id, code, now).await?,
        state => rows::settle(tx, id, state.code(), code, detail, next_at).await?,
    }
    if let Some(at) = next_at {
        enqueue(tx, clock, entropy, id, at).await?;
    }
    Ok(Finished { state, next_at })
}

/// The state after an attempt, and when to try again.
fn follow(outcome: &Outcome, since: Instant, attempts: i64, now: Instant) -> (State, Option<Instant>) {
    match outcome {
        Outcome::Accepted { .. } => (State::Sent, None),
        Outcome::Refused { .. } => (State::Refused, None),
        Outcome::Unknown { .. } => (State::InDoubt, None),
        Outcome::Deferred { retry, .. } => {
            let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
            let own = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
            let next = now.plus(own.max(retry.unwrap_or_default()));
            if next > since.plus(GIVE_UP) { (State::Refused, None) } else { (State::Waiting, Some(next)) }
        }
    }
}

/// One line of what a server said, without the address to which the message went or any other.
pub(super) async fn without_addresses(tx: &mut Tx, address: Option<&str>, said: &str) -> Result<String> {
    let found = match address {
        Some(id) => crate::address::get(tx, id).await,
        None => Err(PeopleError::NotFound),
    };
    let line = match found {
        Ok(address) => address.value.blot(said),
        // Erased meanwhile: what looks like an address is taken out all the same.
        Err(PeopleError::NotFound) => guarded::blotted(said, ""),
        Err(error) => return Err(error),
    };
    Ok(line.chars().take(MAX_DETAIL).collect())
}

/// Puts a waiting message off until an instant, with its job, without an attempt: a channel that is
/// not set up, a pause. Returns whether it was waiting.
pub async fn send_at(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, id: &str, at: Instant) -> Result<bool> {
    let waiting = rows::put_off(tx, id, at).await?;
    if waiting {
        enqueue(tx, clock, entropy, id, at).await?;
    }
    Ok(waiting)
}

/// Writes the job of a message. It has no dedupe key: the job that ends just now has the same one.
pub(super) async fn enqueue(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, id: &str, at: Instant) -> Result<()> {
    let payload = serde_json::json!(SendPayload { message: id.to_owned() }).to_string();
    jobs::enqueue(tx, clock, entropy, NewJob { run_at: at, ..NewJob::new(MAIL_LANE, SEND, payload, at) }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_after_three_days() {
        let start = Instant::from_millis(0);
        let later = |retry| Outcome::Deferred { code: Some(450), detail: String::new(), retry };
        let minutes = |m: u64| Duration::from_secs(m * 60);
        assert_eq!(follow(&later(None), start, 1, start), (State::Waiting, Some(start.plus(minutes(5)))));
        assert_eq!(follow(&later(None), start, 3, start), (State::Waiting, Some(start.plus(minutes(20)))));
        assert_eq!(follow(&later(None), start, 99, start), (State::Waiting, Some(start.plus(LONGEST_WAIT))));
        let longer = Some(minutes(60));
        assert_eq!(follow(&later(longer), start, 1, start), (State::Waiting, Some(start.plus(minutes(60)))));
        let last = start.plus(GIVE_UP).minus(minutes(5));
        assert_eq!(follow(&later(None), start, 1, last), (State::Waiting, Some(start.plus(GIVE_UP))));
        let beyond = last.plus(Duration::from_millis(1));
        assert_eq!(follow(&later(None), start, 1, beyond), (State::Refused, None));
    }
}
