//! The figures of one contact (応対の事実), folded from its log by a pure function.
//!
//! Times of a telephone call and of a talk at a counter are by the clock: nobody is away meanwhile. Times of all other
//! channels run in the hours of the accountable section only, so that a mail of Friday evening does not wait for 63
//! hours. How each figure is meant stands in `docs/services/contact-figures.md`.

use calendar::{Date, Instant};
use city::Organisation;
use store::FromRow;

use crate::channel::Channel;
use crate::clock;
use crate::event::{Event, EventKind};

/// The figures of a contact as its log tells them.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Fact {
    /// Id of the contact.
    pub contact: String,
    /// Place of the last event that is in it.
    pub seq: i64,
    /// When the contact began.
    pub opened_at: Instant,
    /// The day of that in Japan.
    pub day: Date,
    /// The half hour of that day, 0 (from midnight) to 47.
    pub half_hour: i64,
    /// Channel of its beginning.
    pub channel: Channel,
    /// Code of the citizen's language.
    pub lang: String,
    /// Section that was accountable first.
    pub first_section: String,
    /// Section that was accountable last.
    pub section: String,
    /// Topic as it was set last.
    pub topic: Option<String>,
    /// It became part of another contact, and counts nowhere.
    pub merged: bool,
    /// The bot said something to the matter.
    pub bot_spoke: bool,
    /// The bot gave an answer.
    pub bot_answered: bool,
    /// The bot's last word was an answer, and nobody asked for a person or took it.
    pub bot_alone: bool,
    /// The bot asked back.
    pub asked_back: bool,
    /// The bot said that it is not sure.
    pub refused: bool,
    /// A person was asked for.
    pub handed_over: bool,
    /// It waited for a person in the queue: not for a call at a time of the citizen's choice.
    pub queued: bool,
    /// Of these: a person took it.
    pub answered: bool,
    /// Of these: the citizen left, and no person had taken it.
    pub abandoned: bool,
    /// When it came into the queue first.
    pub queued_at: Option<Instant>,
    /// When a person took it first.
    pub picked_up_at: Option<Instant>,
    /// How long it waited, up to the pick-up or until the citizen left, in milliseconds of the clock.
    pub wait_ms: Option<i64>,
    /// The same in milliseconds in which the section was open (by the clock on synchronous channels).
    pub wait_open_ms: Option<i64>,
    /// From the queue to the first answer of a person, in open milliseconds.
    pub first_reply_ms: Option<i64>,
    /// A person took it at any time.
    pub handled: bool,
    /// Of these: no person has it now, so that its handling time is whole.
    pub finished: bool,
    /// Time in which a person had it and the citizen was not asked to wait.
    pub talk_ms: i64,
    /// Time in which the citizen was asked to wait.
    pub hold_ms: i64,
    /// Work after it: presence `wrap_up` that began soon after it was resolved.
    pub wrap_up_ms: i64,
    /// It was resolved at some time.
    pub ended: bool,
    /// When it was resolved last; none if it is open again.
    pub resolved_at: Option<Instant>,
    /// The day of that.
    pub resolved_day: Option<Date>,
    /// From the queue (or else the beginning) to the last resolution, in open milliseconds.
    pub resolution_ms: Option<i64>,
    /// How it ended: code of the wrap-up, `citizen`, `incident`.
    pub wrap_up: Option<String>,
    /// Shortest time from a resolution until it was open again, or until the same person began another contact on the
    /// same topic, in milliseconds of the clock.
    pub returned_ms: Option<i64>,
    /// Sections that were asked to take it.
    pub transfers_offered: i64,
    /// Sections that took it (hops).
    pub transfers: i64,
    /// Sections that did not.
    pub transfers_declined: i64,
    /// Questions to sections that did not get it.
    pub side_questions: i64,
    /// How often the citizen had to tell the matter once more.
    pub explained_again: i64,
    /// Call backs that were promised.
    pub call_backs_asked: i64,
    /// Of these made.
    pub call_backs_kept: i64,
    /// Of these within the promised window.
    pub call_backs_in_time: i64,
    /// Of the promised ones given up.
    pub call_backs_given_up: i64,
    /// The last rating, 1 to 5.
    pub rating: Option<i64>,
    /// Incidents against the staff, without those that a supervisor found to be none.
    pub incidents: i64,
    /// How long these lasted, from the flag to the decision or the end of the contact, by the clock.
    pub incident_ms: i64,
    /// Answers that were found to be wrong.
    pub wrong_answers: i64,
}

/// What is known of a contact beside its own log.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Code of the citizen's language.
    pub lang: String,
    /// When the same person began other contacts on the same topic.
    pub other_openings: Vec<Instant>,
    /// Work after the contact, in milliseconds, as the operators' presence tells it.
    pub wrap_up_ms: i64,
}

/// A span that has begun: since when, and by which section's clock.
#[derive(Clone, Debug)]
struct Since {
    at: Instant,
    section: String,
    channel: Channel,
}

impl Since {
    fn of(event: &Event) -> Self {
        Since { at: event.at, section: event.section.clone(), channel: event.channel }
    }

    /// Milliseconds until an instant: by the clock where both talk at once, else in open hours.
    fn until(&self, organisation: &Organisation, to: Instant) -> i64 {
        match self.channel {
            Channel::Phone | Channel::Counter => to.millis_since(self.at).max(0),
            _ => clock::open_millis(organisation, &self.section, self.at, to).max(0),
        }
    }
}

/// What the person of the staff does who has the contact.
#[derive(Clone, Debug)]
enum Hand {
    Nobody,
    Talks(Since),
    Holds(Since),
}

/// The state of the fold.
struct Walk<'a> {
    organisation: &'a Organisation,
    fact: Fact,
    hand: Hand,
    /// The wait that goes on; whether it came from the queue (and not from being put back).
    waits: Option<(Since, bool)>,
    /// From where the first answer is measured.
    reply_from: Option<Since>,
    /// From where the resolution is measured.
    matter_from: Since,
    /// A call at a chosen time was asked for before a person had taken it.
    call_back_first: bool,
    /// The bot's last word was an answer.
    bot_sure: bool,
    ends: Vec<Instant>,
    /// An incident that goes on: since when, and until when at most.
    incident: Option<(Instant, Option<Instant>)>,
}

/// Folds the log of a contact, in order, into its figures. `None` for an empty log.
pub fn fold(events: &[Event], around: &Around, organisation: &Organisation) -> Option<Fact> {
    let (first, last) = (events.first()?, events.last()?);
    let mut walk = Walk {
        organisation,
        fact: beginning(first, around),
        hand: Hand::Nobody,
        waits: None,
        reply_from: None,
        matter_from: Since::of(first),
        call_back_first: false,
        bot_sure: false,
        ends: Vec::new(),
        incident: None,
    };
    for event in events {
        walk.step(event);
    }
    walk.fact.seq = last.seq;
    Some(walk.end(around))
}

fn beginning(first: &Event, around: &Around) -> Fact {
    let civil = first.at.jst();
    Fact {
        contact: first.contact.clone(),
        seq: first.seq,
        opened_at: first.at,
        day: first.at.jst_date(),
        half_hour: i64::from(civil.hour()) * 2 + i64::from(civil.minute() >= 30),
        channel: first.channel,
        lang: around.lang.clone(),
        first_section: first.section.clone(),
        section: first.section.clone(),
        topic: None,
        merged: false,
        bot_spoke: false,
        bot_answered: false,
        bot_alone: false,
        asked_back: false,
        refused: false,
        handed_over: false,
        queued: false,
        answered: false,
        abandoned: false,
        queued_at: None,
        picked_up_at: None,
        wait_ms: None,
        wait_open_ms: None,
        first_reply_ms: None,
        handled: false,
        finished: false,
        talk_ms: 0,
        hold_ms: 0,
        wrap_up_ms: around.wrap_up_ms,
        ended: false,
        resolved_at: None,
        resolved_day: None,
        resolution_ms: None,
        wrap_up: None,
        returned_ms: None,
        transfers_offered: 0,
        transfers: 0,
        transfers_declined: 0,
        side_questions: 0,
        explained_again: 0,
        call_backs_asked: 0,
        call_backs_kept: 0,
        call_backs_in_time: 0,
        call_backs_given_up: 0,
        rating: None,
        incidents: 0,
        incident_ms: 0,
        wrong_answers: 0,
    }
}

impl Walk<'_> {
    fn step(&mut self, e: &Event) {
        use EventKind::{
            Abandoned, AnsweredByBot, AskedBack, CallBackAsked, CallBackGivenUp, CallBackKept, ExplainedAgain,
            HandOverRequested, Incident, IncidentEnded, Merged, OnHold, PickedUp, PutBack, Queued, Rated, Refused,
            Reopened, Resolved, Resumed, SideAsked, StaffReplied, TakenOver, TopicClosed, TransferAccepted,
            TransferDeclined, TransferOffered, WrongAnswer,
        };
        self.fact.section.clone_from(&e.section);
        if e.topic.is_some() {
            self.fact.topic.clone_from(&e.topic);
        }
        match e.kind {
            AnsweredByBot | AskedBack | Refused | TopicClosed => self.bot(e.kind),
            HandOverRequested => self.fact.handed_over = true,
            Queued => self.queue(e),
            PickedUp | TakenOver | TransferAccepted => self.take(e),
            PutBack => {
                self.let_go(e.at);
                self.waits = Some((Since::of(e), false));
            }
            OnHold if matches!(self.hand, Hand::Talks(_)) => {
                self.let_go(e.at);
                self.hand = Hand::Holds(Since::of(e));
            }
            Resumed if matches!(self.hand, Hand::Holds(_)) => {
                self.let_go(e.at);
                self.hand = Hand::Talks(Since::of(e));
            }
            StaffReplied => self.reply(e),
            Resolved => self.resolve(e),
            Abandoned => self.abandon(e),
            Reopened => self.reopen(e),
            Merged => {
                self.let_go(e.at);
                self.waits = None;
                self.fact.merged = true;
            }
            TransferOffered => self.fact.transfers_offered += 1,
            TransferDeclined => self.fact.transfers_declined += 1,
            SideAsked => self.fact.side_questions += 1,
            ExplainedAgain => self.fact.explained_again += 1,
            CallBackAsked => {
                self.fact.call_backs_asked += 1;
                self.call_back_first |= self.fact.picked_up_at.is_none();
            }
            CallBackKept => {
                self.fact.call_backs_kept += 1;
                self.fact.call_backs_in_time += i64::from(e.value == Some(1));
            }
            CallBackGivenUp => self.fact.call_backs_given_up += 1,
            Rated => self.fact.rating = e.value,
            Incident => {
                self.fact.incidents += 1;
                self.incident.get_or_insert((e.at, None));
            }
            IncidentEnded => self.decide(e),
            WrongAnswer => self.fact.wrong_answers += 1,
            _ => {}
        }
    }

    fn bot(&mut self, kind: EventKind) {
        self.fact.bot_spoke = true;
        match kind {
            EventKind::AnsweredByBot => {
                self.fact.bot_answered = true;
                self.bot_sure = true;
            }
            EventKind::AskedBack => self.fact.asked_back = true,
            EventKind::Refused => {
                self.fact.refused = true;
                self.bot_sure = false;
            }
            _ => self.bot_sure = false,
        }
    }

    fn queue(&mut self, e: &Event) {
        if self.fact.queued_at.is_none() {
            self.fact.queued_at = Some(e.at);
            self.reply_from = Some(Since::of(e));
            self.matter_from = Since::of(e);
        }
        self.waits.get_or_insert_with(|| (Since::of(e), true));
    }

    fn take(&mut self, e: &Event) {
        self.let_go(e.at);
        if let Some((since, true)) = self.waits.take()
            && !self.fact.answered
        {
            self.fact.answered = true;
            self.measure_wait(&since, e.at);
        }
        self.fact.picked_up_at.get_or_insert(e.at);
        self.fact.handled = true;
        self.fact.transfers += i64::from(e.kind == EventKind::TransferAccepted);
        self.hand = Hand::Talks(Since::of(e));
    }

    fn measure_wait(&mut self, since: &Since, to: Instant) {
        self.fact.wait_ms = Some(to.millis_since(since.at).max(0));
        self.fact.wait_open_ms = Some(since.until(self.organisation, to));
    }

    /// Ends the time of whoever has it.
    fn let_go(&mut self, at: Instant) {
        match std::mem::replace(&mut self.hand, Hand::Nobody) {
            Hand::Nobody => {}
            Hand::Talks(since) => self.fact.talk_ms += since.until(self.organisation, at),
            Hand::Holds(since) => self.fact.hold_ms += since.until(self.organisation, at),
        }
    }

    fn reply(&mut self, e: &Event) {
        if let Some(since) = self.reply_from.take() {
            self.fact.first_reply_ms = Some(since.until(self.organisation, e.at));
        }
    }

    fn resolve(&mut self, e: &Event) {
        self.let_go(e.at);
        self.waits = None;
        self.ends.push(e.at);
        self.fact.ended = true;
        self.fact.resolved_at = Some(e.at);
        self.fact.wrap_up.clone_from(&e.reason);
        if let Some((_, until)) = &mut self.incident {
            until.get_or_insert(e.at);
        }
    }

    fn abandon(&mut self, e: &Event) {
        if let Some((since, true)) = self.waits.take()
            && !self.fact.answered
        {
            self.fact.abandoned = true;
            self.measure_wait(&since, e.at);
        }
    }

    fn reopen(&mut self, e: &Event) {
        if let Some(resolved) = self.fact.resolved_at.take() {
            self.returned(e.at.millis_since(resolved));
        }
        self.fact.wrap_up = None;
    }

    fn returned(&mut self, after: i64) {
        self.fact.returned_ms = Some(self.fact.returned_ms.map_or(after, |other| other.min(after)));
    }

    fn decide(&mut self, e: &Event) {
        let incident = self.incident.take();
        if e.reason.as_deref() == Some("no_incident") {
            self.fact.incidents = (self.fact.incidents - 1).max(0);
        } else if let Some((since, until)) = incident {
            self.fact.incident_ms += until.unwrap_or(e.at).min(e.at).millis_since(since).max(0);
        }
    }

    fn end(mut self, around: &Around) -> Fact {
        for opened in &around.other_openings {
            if let Some(end) = self.ends.iter().filter(|end| *end <= opened).max() {
                self.returned(opened.millis_since(*end));
            }
        }
        if let Some((since, Some(until))) = self.incident {
            self.fact.incident_ms += until.millis_since(since).max(0);
        }
        let mut fact = self.fact;
        fact.queued = fact.queued_at.is_some() && !self.call_back_first;
        fact.answered &= fact.queued;
        fact.abandoned &= fact.queued && !fact.answered;
        if !fact.answered && !fact.abandoned {
            (fact.wait_ms, fact.wait_open_ms) = (None, None);
        }
        if !fact.queued {
            fact.first_reply_ms = None;
        }
        fact.finished = fact.handled && matches!(self.hand, Hand::Nobody);
        fact.bot_alone = fact.bot_spoke && self.bot_sure && !fact.handed_over && !fact.handled;
        fact.resolved_day = fact.resolved_at.map(Instant::jst_date);
        fact.resolution_ms = fact.resolved_at.map(|at| self.matter_from.until(self.organisation, at));
        fact
    }
}

#[cfg(test)]
#[path = "fact_tests.rs"]
mod tests;
