//! Logs as they are written, and what is folded from them.

use std::path::Path;

use city::Profile;

use super::*;

fn organisation() -> Organisation {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../demo/minamo");
    let file = |name: &str| std::fs::read_to_string(demo.join(name)).expect("demo file");
    let from = "2026-04-01".parse().expect("date");
    let sections = city::sections_from_toml(&file("sections.toml"), "sections.toml", from).expect("sections");
    Organisation::new(Profile::from_toml(&file("city.toml"), "city.toml").expect("profile"), sections, Vec::new())
}

/// An instant of Tuesday, 24 November 2026, by hours and minutes.
fn at(hour: i64, minute: i64) -> Instant {
    let day: Date = "2026-11-24".parse().expect("date");
    Instant::from_millis(Instant::start_of(day).millis() + (hour * 60 + minute) * 60_000)
}

struct Log(Vec<Event>);

impl Log {
    fn of(channel: Channel) -> Log {
        Log(Vec::new()).on(channel, at(10, 0), EventKind::Opened)
    }

    fn on(mut self, channel: Channel, at: Instant, kind: EventKind) -> Log {
        let seq = i64::try_from(self.0.len()).expect("short") + 1;
        self.0.push(Event {
            id: seq.to_string(),
            contact: "c".into(),
            seq,
            at,
            kind,
            actor: "citizen".into(),
            channel,
            section: "kocho".into(),
            other_section: None,
            account: None,
            topic: None,
            article: None,
            article_version: None,
            reason: None,
            value: None,
        });
        self
    }

    fn then(self, at: Instant, kind: EventKind) -> Log {
        let channel = self.0[0].channel;
        self.on(channel, at, kind)
    }

    fn with(mut self, change: impl FnOnce(&mut Event)) -> Log {
        change(self.0.last_mut().expect("an event"));
        self
    }

    fn fold(&self) -> Fact {
        fold(&self.0, &Around::default(), &organisation()).expect("a fact")
    }
}

#[test]
fn an_empty_log_is_no_contact() {
    assert_eq!(fold(&[], &Around::default(), &organisation()), None);
}

#[test]
fn a_wait_over_night_counts_open_hours_on_a_chat_and_the_clock_on_the_telephone() {
    let next_day = Instant::from_millis(at(9, 0).millis() + 86_400_000);
    let log = |channel| Log::of(channel).then(at(17, 0), EventKind::Queued).then(next_day, EventKind::PickedUp);
    let (chat, phone) = (log(Channel::Web).fold(), log(Channel::Phone).fold());
    assert_eq!(chat.wait_ms, Some(16 * 3_600_000));
    assert_eq!(chat.wait_open_ms, Some(45 * 60_000), "17:00 to 17:30 and 8:45 to 9:00");
    assert_eq!(phone.wait_open_ms, phone.wait_ms);
    assert!(chat.queued && chat.answered && !chat.abandoned && !chat.finished);
}

#[test]
fn who_left_and_came_back_is_answered_and_did_not_wait_meanwhile() {
    let left = Log::of(Channel::Web).then(at(10, 0), EventKind::Queued).then(at(10, 5), EventKind::Abandoned);
    let fact = left.fold();
    assert!(fact.abandoned && !fact.answered);
    assert_eq!(fact.wait_open_ms, Some(5 * 60_000));
    let back = left
        .then(at(11, 0), EventKind::Reopened)
        .then(at(11, 0), EventKind::Queued)
        .then(at(11, 2), EventKind::PickedUp);
    let fact = back.fold();
    assert!(fact.answered && !fact.abandoned);
    assert_eq!(fact.wait_open_ms, Some(2 * 60_000));
    assert_eq!(fact.returned_ms, None, "nothing was resolved");
}

#[test]
fn talk_and_hold_end_with_whoever_has_it() {
    let fact = Log::of(Channel::Phone)
        .then(at(10, 0), EventKind::Queued)
        .then(at(10, 0), EventKind::PickedUp)
        .then(at(10, 3), EventKind::OnHold)
        .then(at(10, 5), EventKind::Resumed)
        .then(at(10, 6), EventKind::TransferAccepted)
        .then(at(10, 10), EventKind::OnHold)
        .then(at(10, 11), EventKind::Resolved)
        .fold();
    assert_eq!((fact.talk_ms, fact.hold_ms), (8 * 60_000, 3 * 60_000));
    assert_eq!((fact.transfers, fact.finished, fact.ended), (1, true, true));
    assert_eq!(fact.resolution_ms, Some(11 * 60_000));
}

#[test]
fn a_promised_call_is_not_in_the_queue() {
    let fact = Log::of(Channel::Web)
        .then(at(10, 0), EventKind::CallBackAsked)
        .then(at(10, 0), EventKind::HandOverRequested)
        .then(at(10, 0), EventKind::Queued)
        .then(at(15, 0), EventKind::CallBackKept)
        .with(|e| e.value = Some(1))
        .then(at(15, 0), EventKind::StaffReplied)
        .then(at(15, 0), EventKind::PickedUp)
        .fold();
    assert!(!fact.queued && !fact.answered && fact.handled);
    assert_eq!((fact.wait_open_ms, fact.first_reply_ms), (None, None));
    assert_eq!((fact.call_backs_asked, fact.call_backs_kept, fact.call_backs_in_time), (1, 1, 1));
}

#[test]
fn the_bot_was_alone_if_its_last_word_was_an_answer() {
    let bot = |kinds: &[EventKind]| {
        kinds.iter().fold(Log::of(Channel::Web), |log, kind| log.then(at(10, 1), *kind)).fold().bot_alone
    };
    use EventKind::{AnsweredByBot, AskedBack, HandOverRequested, Refused};
    assert!(bot(&[AnsweredByBot]) && bot(&[Refused, AnsweredByBot, AskedBack]));
    assert!(!bot(&[AnsweredByBot, Refused]) && !bot(&[AskedBack]) && !bot(&[]));
    assert!(!bot(&[AnsweredByBot, HandOverRequested]));
}

#[test]
fn an_incident_lasts_until_the_end_and_none_is_none() {
    let flagged = Log::of(Channel::Phone).then(at(10, 0), EventKind::Incident).then(at(10, 20), EventKind::Resolved);
    assert_eq!((flagged.fold().incidents, flagged.fold().incident_ms), (1, 20 * 60_000));
    let decided = flagged.then(at(12, 0), EventKind::IncidentEnded).with(|e| e.reason = Some("ended".into()));
    assert_eq!(decided.fold().incident_ms, 20 * 60_000);
    let none = decided.with(|e| e.reason = Some("no_incident".into())).fold();
    assert_eq!((none.incidents, none.incident_ms), (0, 0));
}

#[test]
fn the_shortest_return_counts_whoever_opened() {
    let log = Log::of(Channel::Web)
        .then(at(10, 10), EventKind::Resolved)
        .then(at(12, 10), EventKind::Reopened)
        .then(at(12, 30), EventKind::Resolved);
    assert_eq!(log.fold().returned_ms, Some(2 * 3_600_000));
    let around = Around { other_openings: vec![at(9, 0), at(13, 0)], ..Around::default() };
    let fact = fold(&log.0, &around, &organisation()).expect("a fact");
    assert_eq!(fact.returned_ms, Some(30 * 60_000), "an opening before the end is no return");
}
