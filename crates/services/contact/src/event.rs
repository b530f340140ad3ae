//! The log from which every figure is computed: what happened to a contact, when, and by whom. Rows are added and
//! never changed; they hold ids and codes, never words of anybody.

use calendar::{Clock, Instant};
use store::audit;
use store::{Entropy, FromRow, Tx, changes, ids};

use crate::channel::{Channel, coded};
use crate::contact::Contact;
use crate::{CHANGE_TOPIC, ContactError};

pub use crate::store::event::of;

coded! {
    /// What happened.
    EventKind {
        /// The contact began.
        Opened = "opened",
        /// The citizen wrote.
        CitizenWrote = "citizen_wrote",
        /// The bot gave an article's answer (`article`, `article_version`).
        AnsweredByBot = "answered_by_bot",
        /// The bot asked back.
        AskedBack = "asked_back",
        /// The citizen took a message back.
        TakenBack = "taken_back",
        /// The citizen took one of the choices.
        Chosen = "chosen",
        /// The bot said that it is not sure.
        Refused = "refused",
        /// The bot may not answer on this topic now.
        TopicClosed = "topic_closed",
        /// The citizen wants a person (`reason`: `citizen`, `bot`, `staff`).
        HandOverRequested = "hand_over_requested",
        /// It waits for a person.
        Queued = "queued",
        /// A person of the staff took it.
        PickedUp = "picked_up",
        /// Another one took it from whoever had it (`reason`).
        TakenOver = "taken_over",
        /// It went back to the queue.
        PutBack = "put_back",
        /// The citizen was asked to wait.
        OnHold = "on_hold",
        /// The talk went on.
        Resumed = "resumed",
        /// A section was asked to take it (`other_section`).
        TransferOffered = "transfer_offered",
        /// It took it: from now on `section` is the new one.
        TransferAccepted = "transfer_accepted",
        /// It did not (`reason`; `other_section` is who would be better).
        TransferDeclined = "transfer_declined",
        /// The offer was taken back.
        TransferWithdrawn = "transfer_withdrawn",
        /// A person of the staff answered the citizen.
        StaffReplied = "staff_replied",
        /// A section was asked something without getting the contact (`other_section`).
        SideAsked = "side_asked",
        /// It answered.
        SideAnswered = "side_answered",
        /// An internal note.
        Noted = "noted",
        /// The citizen had to tell the matter once more.
        ExplainedAgain = "explained_again",
        /// Finished (`reason`: the wrap-up code, or `citizen`).
        Resolved = "resolved",
        /// Not finished after all.
        Reopened = "reopened",
        /// The citizen left while waiting.
        Abandoned = "abandoned",
        /// A call back was promised.
        CallBackAsked = "call_back_asked",
        /// Nobody answered, or it was engaged (`reason`).
        CallBackAttempted = "call_back_attempted",
        /// It was made (`value`: 1 within its window, else 0).
        CallBackKept = "call_back_kept",
        /// It was given up (`reason`).
        CallBackGivenUp = "call_back_given_up",
        /// The citizen rated it (`value`: 1 to 5).
        Rated = "rated",
        /// It became part of another one.
        Merged = "merged",
        /// A part of it became a contact of its own.
        Split = "split",
        /// Its topic was set (`topic`).
        Tagged = "tagged",
        /// Somebody of the staff was harassed (`reason`: the kind).
        Incident = "incident",
        /// The citizen was warned.
        IncidentWarned = "incident_warned",
        /// The talk was ended for it.
        IncidentEnded = "incident_ended",
        /// An answer was found to be wrong (`article`, `article_version`).
        WrongAnswer = "wrong_answer",
        /// The citizen was told the corrected answer.
        Corrected = "corrected",
        /// A clock ran out (`reason`: which).
        Escalated = "escalated",
        /// Words and person were erased.
        Erased = "erased",
    }
}

/// What an event tells beside its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// Another section concerned.
    pub other_section: Option<&'a str>,
    /// Account of the staff.
    pub account: Option<&'a str>,
    /// Code of an article with its version.
    pub article: Option<(&'a str, i64)>,
    /// A code, never words of a person.
    pub reason: Option<&'a str>,
    /// A number, as the kind says.
    pub value: Option<i64>,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Event {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Its place in the contact's log, from 1; given when it is written.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: EventKind,
    /// Who: `citizen`, `bot`, `account:ID` or `job:KIND`.
    pub actor: String,
    /// Channel of the conversation in which it happened.
    pub channel: Channel,
    /// The accountable section after it.
    pub section: String,
    /// Another section concerned.
    pub other_section: Option<String>,
    /// Account of the staff concerned.
    pub account: Option<String>,
    /// Topic of the contact after it.
    pub topic: Option<String>,
    /// Code of an article.
    pub article: Option<String>,
    /// Its version.
    pub article_version: Option<i64>,
    /// A code.
    pub reason: Option<String>,
    /// A number.
    pub value: Option<i64>,
}

/// How much a contact's last change may lie before the clock: each change is later than the one before, if only by a
/// millisecond.
const AHEAD_MS: i64 = 1_000;

/// When something happens. A clock that was set back does not make a log run backwards: until it has caught up, what
/// happens has the time of the contact's last change.
fn instant(now: Instant, changed: Instant) -> Instant {
    if changed.millis() - now.millis() > AHEAD_MS { changed } else { now }
}

/// Whether the citizen was asked to wait and the talk did not go on since: by [`EventKind::Resumed`], or by whatever
/// ends a span of talk. `events` are those of one contact, oldest first.
pub fn is_on_hold(events: &[Event]) -> bool {
    use EventKind::{Merged, OnHold, PickedUp, PutBack, Resolved, Resumed, TakenOver, TransferAccepted};
    let ends = [Resumed, PutBack, TakenOver, TransferAccepted, Resolved, Merged, PickedUp];
    events.iter().rev().find(|e| e.kind == OnHold || ends.contains(&e.kind)).is_some_and(|e| e.kind == OnHold)
}

/// Writes an event of a contact as it stands after it. What the staff does is in the audit stream as well.
pub async fn log(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &Contact,
    kind: EventKind,
    actor: &str,
    told: Told<'_>,
) -> Result<(), ContactError> {
    let event = Event {
        id: ids::new_id(clock, entropy),
        contact: contact.id.clone(),
        seq: 0,
        at: instant(clock.now(), contact.updated_at),
        kind,
        actor: actor.to_owned(),
        channel: contact.channel,
        section: contact.section.clone(),
        other_section: told.other_section.map(str::to_owned),
        account: told.account.map(str::to_owned),
        topic: contact.topic.clone(),
        article: told.article.map(|(code, _)| code.to_owned()),
        article_version: told.article.map(|(_, version)| version),
        reason: told.reason.map(str::to_owned),
        value: told.value,
    };
    crate::store::event::insert(tx, &event).await?;
    if actor.starts_with("account:") {
        let action = format!("contact.{}", kind.code());
        let event = audit::Event {
            actor,
            action: &action,
            object_kind: "contact",
            object: &contact.id,
            fields: &[kind.code()],
        };
        audit::record(tx, clock, event).await?;
    }
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(())
}
