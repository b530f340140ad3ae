//! The figures once more, straight from the raw rows, as somebody with paper and patience would: no state machine, no
//! database, no helper of the house. Slow, and easy to check.

use std::collections::{BTreeMap, HashMap};

use contact::{Channel, EventKind};

use super::city::{Presence, Raw, Records, second};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What the city set, as its settings stand by default.
const SERVICE: i64 = MINUTE;
const FIRST_REPLY: i64 = 10 * MINUTE;
const REPEAT: i64 = 7 * DAY;
const RESOLUTION: i64 = 16 * HOUR;

/// Milliseconds between two instants on weekdays from 8:45 to 17:30; there is no holiday in the recorded weeks, and all
/// sections that occur have these hours.
fn open(from: i64, to: i64) -> i64 {
    let midnight = second(0).millis();
    let mut sum = 0;
    for day in 0..40 {
        // The first day is a Tuesday.
        if [4, 5].contains(&(day % 7)) {
            continue;
        }
        let opens = midnight + day * DAY + 8 * HOUR + 45 * MINUTE;
        let closes = midnight + day * DAY + 17 * HOUR + 30 * MINUTE;
        let (a, b) = (from.max(opens), to.min(closes));
        if b > a {
            sum += b - a;
        }
    }
    sum
}

fn clock(channel: Channel, from: i64, to: i64) -> i64 {
    if channel == Channel::Phone || channel == Channel::Counter { to - from } else { open(from, to) }
}

fn takes(kind: EventKind) -> bool {
    [EventKind::PickedUp, EventKind::TakenOver, EventKind::TransferAccepted].contains(&kind)
}

/// What is told of one contact.
#[derive(Default)]
struct Told {
    day: String,
    section: String,
    topic: String,
    channel: String,
    /// Numbers by name.
    n: HashMap<&'static str, i64>,
    wait_seconds: Option<i64>,
}

fn last<'a>(log: &'a [Raw], wanted: &[EventKind]) -> Option<&'a Raw> {
    log.iter().rev().find(|e| wanted.contains(&e.kind))
}

fn count(log: &[Raw], kind: EventKind) -> i64 {
    log.iter().filter(|e| e.kind == kind).count() as i64
}

fn first(log: &[Raw], kind: EventKind) -> Option<&Raw> {
    log.iter().find(|e| e.kind == kind)
}

/// The event that began the wait which ends at place `end`: none, if what came before was no wait in the queue.
fn began_waiting(log: &[Raw], end: usize) -> Option<&Raw> {
    use EventKind::{Abandoned, Merged, PickedUp, PutBack, Queued, Resolved, TakenOver, TransferAccepted};
    let before = &log[..end];
    let found = last(before, &[Queued, PutBack, PickedUp, TakenOver, TransferAccepted, Resolved, Abandoned, Merged])?;
    (found.kind == Queued).then_some(found)
}

fn queue(log: &[Raw], told: &mut Told) {
    use EventKind::{Abandoned, CallBackAsked, Queued, StaffReplied};
    let taken = log.iter().position(|e| takes(e.kind));
    let call_back = log.iter().position(|e| e.kind == CallBackAsked);
    let call_back_first = call_back.is_some_and(|c| taken.is_none_or(|t| c < t));
    let Some(queued) = first(log, Queued) else { return };
    if call_back_first {
        return;
    }
    told.n.insert("queued", 1);
    if let Some(reply) = log.iter().find(|e| e.kind == StaffReplied && e.seq > queued.seq) {
        let took = clock(queued.channel, queued.at, reply.at);
        told.n.insert("replied", 1);
        told.n.insert("reply_ms", took);
        told.n.insert("replied_in_time", i64::from(took <= FIRST_REPLY));
    }
    for (i, e) in log.iter().enumerate() {
        if !takes(e.kind) {
            continue;
        }
        if let Some(since) = began_waiting(log, i) {
            let open = clock(since.channel, since.at, e.at);
            told.n.insert("answered", 1);
            told.n.insert("in_time", i64::from(open <= SERVICE));
            told.n.insert("wait_open", open);
            told.n.insert("wait_clock", e.at - since.at);
            told.wait_seconds = Some((open as f64 / 1_000.0).ceil() as i64);
            return;
        }
    }
    for (i, e) in log.iter().enumerate() {
        if let (Abandoned, Some(since)) = (e.kind, began_waiting(log, i)) {
            told.n.insert("abandoned", 1);
            // A later leaving takes the place of an earlier one.
            told.n.insert("abandoned_early", i64::from(clock(since.channel, since.at, e.at) <= SERVICE));
        }
    }
}

/// Time of the staff: between each event and the next, what the person does who has it.
fn staff(log: &[Raw], told: &mut Told) {
    use EventKind::{Merged, OnHold, PickedUp, PutBack, Resolved, Resumed, TakenOver, TransferAccepted};
    const DECIDES: [EventKind; 8] = [PickedUp, TakenOver, TransferAccepted, PutBack, OnHold, Resumed, Resolved, Merged];
    if !log.iter().any(|e| takes(e.kind)) {
        return;
    }
    told.n.insert("handled", 1);
    let (mut talk, mut hold) = (0, 0);
    for i in 0..log.len() - 1 {
        let Some(state) = last(&log[..=i], &DECIDES) else { continue };
        let span = clock(log[i].channel, log[i].at, log[i + 1].at);
        match state.kind {
            PickedUp | TakenOver | TransferAccepted | Resumed => talk += span,
            OnHold => hold += span,
            _ => {}
        }
    }
    let ends = last(log, &DECIDES).is_some_and(|e| [PutBack, Resolved, Merged].contains(&e.kind));
    if ends {
        told.n.insert("finished", 1);
        told.n.insert("talk", talk);
        told.n.insert("hold", hold);
    }
}

fn end(log: &[Raw], others: &[i64], told: &mut Told) {
    use EventKind::{Queued, Reopened, Resolved};
    let ends: Vec<i64> = log.iter().filter(|e| e.kind == Resolved).map(|e| e.at).collect();
    if ends.is_empty() {
        return;
    }
    told.n.insert("ended", 1);
    let mut returned = false;
    for e in log.iter().filter(|e| e.kind == Reopened) {
        // What it was before: resolved, or left by the citizen.
        let before = &log[..usize::try_from(e.seq - 1).expect("a place")];
        let ended = last(before, &[Resolved, Reopened, EventKind::Abandoned]);
        returned |= ended.is_some_and(|r| r.kind == Resolved && e.at - r.at <= REPEAT);
    }
    for opened in others {
        returned |= ends.iter().filter(|r| *r <= opened).any(|r| opened - r <= REPEAT);
    }
    told.n.insert("returned", i64::from(returned));
    let resolved = last(log, &[Resolved, Reopened]).filter(|e| e.kind == Resolved);
    if let Some(resolved) = resolved {
        let from = first(log, Queued).unwrap_or(&log[0]);
        let took = clock(from.channel, from.at, resolved.at);
        told.n.insert("resolved", 1);
        told.n.insert("resolution_ms", took);
        told.n.insert("resolved_in_time", i64::from(took <= RESOLUTION));
    }
}

fn bot(log: &[Raw], told: &mut Told) {
    use EventKind::{AnsweredByBot, AskedBack, HandOverRequested, Refused, TopicClosed};
    let spoke = log.iter().any(|e| [AnsweredByBot, AskedBack, Refused, TopicClosed].contains(&e.kind));
    if !spoke {
        return;
    }
    told.n.insert("bot_spoke", 1);
    told.n.insert("refused", i64::from(count(log, Refused) > 0));
    let sure = last(log, &[AnsweredByBot, Refused, TopicClosed]).is_some_and(|e| e.kind == AnsweredByBot);
    let person = log.iter().any(|e| e.kind == HandOverRequested || takes(e.kind));
    told.n.insert("bot_alone", i64::from(sure && !person));
}

fn incident(log: &[Raw], told: &mut Told) {
    use EventKind::{Incident, IncidentEnded, Resolved};
    let Some(flagged) = first(log, Incident) else { return };
    let decided = first(log, IncidentEnded);
    if decided.is_some_and(|d| d.reason.as_deref() == Some("no_incident")) {
        return;
    }
    told.n.insert("incidents", 1);
    let resolved = log.iter().find(|e| e.kind == Resolved && e.at >= flagged.at && e.seq > flagged.seq);
    let ends = [decided, resolved].into_iter().flatten().map(|e| e.at).min();
    told.n.insert("incident_ms", ends.map_or(0, |at| at - flagged.at));
}

/// Work after contacts, by contact.
fn wrap_ups(records: &Records) -> HashMap<String, i64> {
    let mut found: HashMap<String, i64> = HashMap::new();
    let mut of_account: BTreeMap<&str, Vec<&Presence>> = BTreeMap::new();
    for p in &records.presences {
        of_account.entry(&p.account).or_default().push(p);
    }
    let mut resolved_by: HashMap<&str, Vec<&Raw>> = HashMap::new();
    for e in records.events.iter().filter(|e| e.kind == EventKind::Resolved) {
        if let Some(account) = &e.account {
            resolved_by.entry(account).or_default().push(e);
        }
    }
    for (account, mut states) in of_account {
        states.sort_by_key(|p| p.at);
        for (i, pair) in states.windows(2).enumerate() {
            if pair[0].state != "wrap_up" {
                continue;
            }
            // The last thing that this person finished before, unless they were in another state since.
            let all = resolved_by.get(account).map_or(&[][..], Vec::as_slice);
            let Some(done) = all.iter().filter(|e| e.at <= pair[0].at).max_by_key(|e| e.at) else { continue };
            let other_state = i > 0 && states[i - 1].at >= done.at;
            if !other_state && pair[0].at - done.at <= 5 * MINUTE {
                *found.entry(done.contact.clone()).or_default() += (pair[1].at - pair[0].at).min(HOUR);
            }
        }
    }
    found
}

fn tell(records: &Records) -> Vec<Told> {
    let mut logs: BTreeMap<&str, Vec<Raw>> = BTreeMap::new();
    for e in &records.events {
        logs.entry(&e.contact).or_default().push(e.clone());
    }
    for log in logs.values_mut() {
        log.sort_by_key(|e| e.seq);
    }
    let topic = |log: &[Raw]| log.iter().rev().find_map(|e| e.topic.clone());
    let merged = |log: &[Raw]| count(log, EventKind::Merged) > 0;
    let mut of_person: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut persons: HashMap<&str, &str> = HashMap::new();
    for c in &records.contacts {
        if let Some(person) = &c.person {
            of_person.entry(person).or_default().push(&c.contact);
            persons.insert(&c.contact, person);
        }
    }
    let wrap_ups = wrap_ups(records);
    let mut all = Vec::new();
    for (id, log) in &logs {
        if merged(log) {
            continue;
        }
        let own_topic = topic(log);
        let mut others = Vec::new();
        for other in persons.get(id).and_then(|p| of_person.get(p)).into_iter().flatten() {
            let Some(theirs) = logs.get(other) else { continue };
            if other != id && own_topic.is_some() && topic(theirs) == own_topic && !merged(theirs) {
                others.push(theirs[0].at);
            }
        }
        let days = (log[0].at - second(0).millis()).div_euclid(DAY);
        let mut told = Told {
            day: if days < 7 { format!("2026-11-{:02}", 24 + days) } else { format!("2026-12-{:02}", days - 6) },
            section: log[log.len() - 1].section.clone(),
            topic: own_topic.unwrap_or_default(),
            channel: log[0].channel.code().to_owned(),
            ..Told::default()
        };
        told.n.insert("contacts", 1);
        queue(log, &mut told);
        staff(log, &mut told);
        end(log, &others, &mut told);
        bot(log, &mut told);
        incident(log, &mut told);
        if told.n.contains_key("finished") {
            told.n.insert("wrap_up", wrap_ups.get(*id).copied().unwrap_or_default());
        }
        let hops = count(log, EventKind::TransferAccepted);
        told.n.insert("hops", hops);
        told.n.insert("passed_around", i64::from(hops > 1));
        told.n.insert("again", count(log, EventKind::ExplainedAgain));
        told.n.insert("wrong", count(log, EventKind::WrongAnswer));
        told.n.insert("asked", count(log, EventKind::CallBackAsked));
        told.n.insert("decided", count(log, EventKind::CallBackKept) + count(log, EventKind::CallBackGivenUp));
        let in_time = log.iter().filter(|e| e.kind == EventKind::CallBackKept && e.value == Some(1)).count();
        told.n.insert("kept_in_time", in_time as i64);
        if let Some(points) = last(log, &[EventKind::Rated]).and_then(|e| e.value) {
            told.n.insert("rated", 1);
            told.n.insert("points", points);
            told.n.insert("satisfied", i64::from(points > 3));
        }
        all.push(told);
    }
    all
}

/// By what the figures are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    All,
    Day,
    Section,
    Topic,
    Channel,
}

fn figures(told: &[&Told]) -> BTreeMap<&'static str, Option<f64>> {
    let sum = |name: &str| told.iter().filter_map(|t| t.n.get(name)).sum::<i64>() as f64;
    let per = |of: f64, all: f64| if all > 0.0 { Some(of / all) } else { None };
    let seconds = |name: &str, all: &str| per(sum(name) / 1_000.0, sum(all));
    let mut waits: Vec<i64> = told.iter().filter_map(|t| t.wait_seconds).collect();
    waits.sort_unstable();
    let ninetieth = match waits.len() {
        0 => None,
        n => Some(waits[(n * 9).div_ceil(10) - 1] as f64),
    };
    BTreeMap::from([
        ("contacts", Some(sum("contacts"))),
        ("queued", Some(sum("queued"))),
        ("answer_rate", per(sum("answered"), sum("queued"))),
        ("service_level", per(sum("in_time"), sum("queued") - sum("abandoned_early"))),
        ("abandonment", per(sum("abandoned"), sum("queued"))),
        ("wait_mean", seconds("wait_open", "answered")),
        ("wait_90", ninetieth),
        ("wait_clock", seconds("wait_clock", "answered")),
        ("first_reply", seconds("reply_ms", "replied")),
        ("first_reply_in_time", per(sum("replied_in_time"), sum("replied"))),
        ("resolution", seconds("resolution_ms", "resolved")),
        ("resolution_in_time", per(sum("resolved_in_time"), sum("resolved"))),
        ("first_contact_resolution", per(sum("ended") - sum("returned"), sum("ended"))),
        ("handling", per((sum("talk") + sum("hold") + sum("wrap_up")) / 1_000.0, sum("finished"))),
        ("talk", seconds("talk", "finished")),
        ("hold", seconds("hold", "finished")),
        ("wrap_up", seconds("wrap_up", "finished")),
        ("transfers", per(sum("hops"), sum("handled"))),
        ("passed_around", per(sum("passed_around"), sum("handled"))),
        ("explained_again", per(sum("again"), sum("handled"))),
        ("bot_share", per(sum("bot_alone"), sum("bot_spoke"))),
        ("refusal", per(sum("refused"), sum("bot_spoke"))),
        ("wrong_answers", Some(sum("wrong"))),
        ("rating", per(sum("points"), sum("rated"))),
        ("satisfied", per(sum("satisfied"), sum("rated"))),
        ("rated", Some(sum("rated"))),
        ("call_backs_asked", Some(sum("asked"))),
        ("call_backs_in_time", per(sum("kept_in_time"), sum("decided"))),
        ("incidents", Some(sum("incidents"))),
        ("incident_hours", Some(sum("incident_ms") / 3_600_000.0)),
    ])
}

/// Every figure by code, for each line.
pub(super) fn compute(records: &Records, key: Key) -> BTreeMap<String, BTreeMap<&'static str, Option<f64>>> {
    let told = tell(records);
    let mut lines: BTreeMap<String, Vec<&Told>> = BTreeMap::new();
    for t in &told {
        let line = match key {
            Key::All => String::new(),
            Key::Day => t.day.clone(),
            Key::Section => t.section.clone(),
            Key::Topic => t.topic.clone(),
            Key::Channel => t.channel.clone(),
        };
        lines.entry(line).or_default().push(t);
    }
    lines.into_iter().map(|(line, told)| (line, figures(&told))).collect()
}
