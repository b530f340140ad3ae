//! What one event changes: a small log in which each event is moved, added or taken out, and the figures that must
//! change then. All others must stand.

use contact::figures::rebuild;
use contact::figures::report::By;
use contact::{Channel, EventKind};
use testkit::{TestDb, on_both_engines};

use super::city::{self, Person, Presence, Raw, Records};
use super::{Figures, figures, same};

/// The log of one contact, from ten o'clock on: seconds, kind.
fn contact(records: &mut Records, id: &str, channel: Channel, person: Option<&str>, log: &[(i64, EventKind)]) {
    records.contacts.push(Person { contact: id.into(), lang: "ja", person: person.map(str::to_owned) });
    for (seq, (seconds, kind)) in (1..).zip(log) {
        records.events.push(Raw {
            contact: id.into(),
            seq,
            at: city::second(36_000 + seconds).millis(),
            kind: *kind,
            channel,
            section: "kocho".into(),
            account: Some(format!("operator-{id}")),
            topic: Some("moving".into()),
            reason: None,
            value: match kind {
                EventKind::CallBackKept => Some(1),
                EventKind::Rated => Some(5),
                _ => None,
            },
        });
    }
}

/// Six contacts, each of another kind.
fn base() -> Records {
    use EventKind::{
        Abandoned, AnsweredByBot, CallBackAsked, CallBackKept, CitizenWrote, ExplainedAgain, HandOverRequested,
        Incident, IncidentEnded, Noted, OnHold, Opened, PickedUp, Queued, Rated, Resolved, Resumed, StaffReplied,
        TransferAccepted, TransferOffered, WrongAnswer,
    };
    let mut r = Records::default();
    contact(&mut r, "bot", Channel::Web, None, &[(0, Opened), (0, CitizenWrote), (1, AnsweredByBot)]);
    let chat = [
        (0, Opened),
        (0, HandOverRequested),
        (0, Queued),
        (30, PickedUp),
        (90, StaffReplied),
        (200, Noted),
        (300, Resolved),
        (400, Rated),
    ];
    contact(&mut r, "chat", Channel::Web, Some("taro"), &chat);
    let left = [(0, Opened), (0, HandOverRequested), (0, Queued), (180, Abandoned)];
    contact(&mut r, "left", Channel::Web, None, &left);
    let call = [
        (0, Opened),
        (0, HandOverRequested),
        (0, Queued),
        (0, PickedUp),
        (60, OnHold),
        (120, Resumed),
        (150, ExplainedAgain),
        (160, TransferOffered),
        (170, TransferAccepted),
        (180, TransferOffered),
        (190, TransferAccepted),
        (600, Resolved),
    ];
    contact(&mut r, "call", Channel::Phone, None, &call);
    let promise = [
        (0, Opened),
        (1, CallBackAsked),
        (1, HandOverRequested),
        (1, Queued),
        (3_600, CallBackKept),
        (3_600, StaffReplied),
        (3_600, PickedUp),
        (3_700, Resolved),
    ];
    contact(&mut r, "promise", Channel::Web, None, &promise);
    let abuse = [
        (0, Opened),
        (0, HandOverRequested),
        (0, Queued),
        (10, PickedUp),
        (60, Incident),
        (100, WrongAnswer),
        (660, IncidentEnded),
        (700, Resolved),
    ];
    contact(&mut r, "abuse", Channel::Phone, None, &abuse);
    for (state, seconds) in [("wrap_up", 620), ("available", 680)] {
        let at = city::second(36_000 + seconds).millis();
        r.presences.push(Presence { account: "operator-call".into(), state, at });
    }
    r
}

/// The nth event of a kind in a contact's log.
fn event<'a>(r: &'a mut Records, id: &str, kind: EventKind, nth: usize) -> &'a mut Raw {
    r.events.iter_mut().filter(|e| e.contact == id && e.kind == kind).nth(nth).expect("the event")
}

fn take_out(r: &mut Records, id: &str, kind: EventKind) {
    let seq = event(r, id, kind, 0).seq;
    r.events.retain(|e| e.contact != id || e.seq != seq);
}

/// Adds an event behind all others of a contact.
fn append(r: &mut Records, id: &str, kind: EventKind, seconds: i64) {
    let last = r.events.iter().filter(|e| e.contact == id).max_by_key(|e| e.seq).expect("a log").clone();
    r.events.push(Raw { seq: last.seq + 1, kind, at: city::second(36_000 + seconds).millis(), value: None, ..last });
}

struct Mutation {
    name: &'static str,
    change: fn(&mut Records),
    figures: &'static [&'static str],
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "the citizen who left is not marked",
        change: |r| take_out(r, "left", EventKind::Abandoned),
        figures: &["abandonment"],
    },
    Mutation {
        name: "the citizen left within the minute",
        change: |r| event(r, "left", EventKind::Abandoned, 0).at -= 150_000,
        figures: &["service_level"],
    },
    Mutation {
        name: "a minute later picked up",
        change: |r| event(r, "chat", EventKind::PickedUp, 0).at += 50_000,
        figures: &["service_level", "wait_mean", "wait_90", "wait_clock", "handling", "talk"],
    },
    Mutation {
        name: "nobody took the chat",
        change: |r| take_out(r, "chat", EventKind::PickedUp),
        figures: &[
            "answer_rate",
            "service_level",
            "wait_mean",
            "wait_90",
            "wait_clock",
            "handling",
            "talk",
            "hold",
            "wrap_up",
            "transfers",
            "passed_around",
            "explained_again",
        ],
    },
    Mutation {
        name: "the chat never waited",
        change: |r| take_out(r, "chat", EventKind::Queued),
        figures: &[
            "queued",
            "answer_rate",
            "service_level",
            "abandonment",
            "wait_mean",
            "wait_90",
            "wait_clock",
            "first_reply",
            "first_reply_in_time",
        ],
    },
    Mutation {
        name: "the first answer came too late",
        change: |r| event(r, "chat", EventKind::StaffReplied, 0).at += 3_600_000,
        figures: &["first_reply", "first_reply_in_time"],
    },
    Mutation {
        name: "the first answer is missing",
        change: |r| take_out(r, "chat", EventKind::StaffReplied),
        figures: &["first_reply", "first_reply_in_time"],
    },
    Mutation { name: "a note is missing", change: |r| take_out(r, "chat", EventKind::Noted), figures: &[] },
    Mutation {
        name: "resolved ten seconds later",
        change: |r| event(r, "chat", EventKind::Resolved, 0).at += 10_000,
        figures: &["resolution", "handling", "talk"],
    },
    Mutation {
        name: "not resolved",
        change: |r| take_out(r, "chat", EventKind::Resolved),
        figures: &["resolution", "handling", "talk", "hold", "wrap_up"],
    },
    Mutation {
        name: "open again the next day",
        change: |r| append(r, "chat", EventKind::Reopened, 86_400),
        figures: &["resolution", "first_contact_resolution"],
    },
    Mutation {
        name: "open again after eight days",
        change: |r| append(r, "chat", EventKind::Reopened, 8 * 86_400 + 400),
        figures: &["resolution"],
    },
    Mutation {
        name: "the same person on the same topic",
        change: |r| contact(r, "again", Channel::Web, Some("taro"), &[(86_400, EventKind::Opened)]),
        figures: &["contacts", "first_contact_resolution"],
    },
    Mutation {
        name: "another person on the same topic",
        change: |r| contact(r, "again", Channel::Web, Some("jiro"), &[(86_400, EventKind::Opened)]),
        figures: &["contacts"],
    },
    Mutation {
        name: "three points instead of five",
        change: |r| event(r, "chat", EventKind::Rated, 0).value = Some(3),
        figures: &["rating", "satisfied"],
    },
    Mutation {
        name: "no rating",
        change: |r| take_out(r, "chat", EventKind::Rated),
        figures: &["rating", "satisfied", "rated"],
    },
    Mutation {
        name: "twenty seconds longer on hold",
        change: |r| event(r, "call", EventKind::Resumed, 0).at += 20_000,
        figures: &["talk", "hold"],
    },
    Mutation {
        name: "one transfer less",
        change: |r| take_out(r, "call", EventKind::TransferAccepted),
        figures: &["transfers", "passed_around"],
    },
    Mutation {
        name: "nothing told twice",
        change: |r| take_out(r, "call", EventKind::ExplainedAgain),
        figures: &["explained_again"],
    },
    Mutation {
        name: "work afterwards a minute longer",
        change: |r| r.presences[1].at += 60_000,
        figures: &["handling", "wrap_up"],
    },
    Mutation {
        name: "a break instead of work afterwards",
        change: |r| r.presences[0].state = "break",
        figures: &["handling", "wrap_up"],
    },
    Mutation {
        name: "called after the window",
        change: |r| event(r, "promise", EventKind::CallBackKept, 0).value = Some(0),
        figures: &["call_backs_in_time"],
    },
    Mutation {
        name: "the promise is missing, so it waited in the queue",
        change: |r| take_out(r, "promise", EventKind::CallBackAsked),
        figures: &[
            "queued",
            "answer_rate",
            "service_level",
            "abandonment",
            "wait_mean",
            "wait_90",
            "wait_clock",
            "first_reply",
            "first_reply_in_time",
            "call_backs_asked",
        ],
    },
    Mutation {
        name: "no incident",
        change: |r| event(r, "abuse", EventKind::IncidentEnded, 0).reason = Some("no_incident".into()),
        figures: &["incidents", "incident_hours"],
    },
    Mutation {
        name: "the incident began later",
        change: |r| event(r, "abuse", EventKind::Incident, 0).at += 30_000,
        figures: &["incident_hours"],
    },
    Mutation {
        name: "no wrong answer",
        change: |r| take_out(r, "abuse", EventKind::WrongAnswer),
        figures: &["wrong_answers"],
    },
    Mutation {
        name: "the bot was not sure at the end",
        change: |r| append(r, "bot", EventKind::Refused, 20),
        figures: &["bot_share", "refusal"],
    },
    Mutation {
        name: "the bot was not sure at first",
        change: |r| event(r, "bot", EventKind::CitizenWrote, 0).kind = EventKind::Refused,
        figures: &["refusal"],
    },
    Mutation {
        name: "the bot said nothing",
        change: |r| take_out(r, "bot", EventKind::AnsweredByBot),
        figures: &["bot_share", "refusal"],
    },
    Mutation {
        name: "a part of another contact",
        change: |r| append(r, "bot", EventKind::Merged, 20),
        figures: &["contacts", "bot_share", "refusal"],
    },
];

async fn measured(t: &TestDb, organisation: &::city::Organisation, records: &Records) -> Figures {
    city::clear(t).await;
    city::add(t, records).await;
    rebuild(&t.db, organisation).await.expect("facts");
    figures(&city::report(t, organisation, By::Day, &city::wanted()).await.total)
}

on_both_engines! {
    async fn each_event_changes_the_figures_that_it_should(t: TestDb) {
        let organisation = city::found(&t).await;
        let before = measured(&t, &organisation, &base()).await;
        for mutation in MUTATIONS {
            let mut records = base();
            (mutation.change)(&mut records);
            assert_ne!(records, base(), "{} changes something", mutation.name);
            let after = measured(&t, &organisation, &records).await;
            let changed: Vec<&str> =
                before.iter().filter(|(code, value)| !same(after[*code], **value)).map(|(code, _)| *code).collect();
            let mut expected = mutation.figures.to_vec();
            expected.sort_unstable();
            assert_eq!(changed, expected, "{}", mutation.name);
        }
    }
}
