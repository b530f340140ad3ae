use std::time::Duration;

use calendar::{BusinessCalendar, Date, DeadlineState};

use super::*;
use crate::Kind;
use crate::entry::{MayorReport, ReferralState, Role};
use crate::error::CaseError;

fn calendar() -> BusinessCalendar {
    BusinessCalendar::default()
}

/// Thursday, 19 November 2026, four in the afternoon; Monday the 23rd is a holiday.
fn thursday() -> Instant {
    Instant::from_jst(Date::constant(2026, 11, 19).at(16, 0, 0, 0))
}

fn opened() -> What {
    What::Opened {
        number: "いじめ-2026-0001".into(),
        channel: Channel::Web,
        speaker: Speaker::Child,
        school: "東小学校".into(),
    }
}

fn said(words: &str) -> What {
    What::Said { words: words.into() }
}

fn acted() -> What {
    What::FirstAction { done: "電話をした".into() }
}

fn stopped() -> What {
    What::Stopped { on: Date::constant(2026, 11, 30), confirmed: "本人から聞いた".into() }
}

fn recurred() -> What {
    What::Recurred { on: Date::constant(2026, 12, 20), happened: "また".into() }
}

fn closed(outcome: Outcome) -> What {
    What::Closed { outcome, why: "本人に伝えた".into() }
}

/// A case with entries, each at a time after Thursday.
fn file(entries: Vec<(u64, What)>) -> CaseFile {
    let placed = entries.into_iter().zip(1..).map(|((minutes, what), seq)| Placed {
        id: seq.to_string(),
        seq,
        ring: crate::ring::RingKind::Case,
        whose: None,
        entry: entry(thursday().plus(Duration::from_secs(minutes * 60)), By::Account("a".into()), what),
    });
    CaseFile::of(placed.collect(), &Kind::bullying(), &calendar()).expect("folded").expect("a case")
}

fn allows(file: &CaseFile, what: What) -> bool {
    match file.allows(&By::Account("a".into()), &what) {
        Ok(()) => true,
        Err(CaseError::Rule(sentence)) => {
            assert!(sentence.ends_with('。'), "{sentence}");
            false
        }
        Err(CaseError::Field { reason, .. }) => {
            assert!(reason.ends_with('。'), "{reason}");
            false
        }
        Err(other) => panic!("{other}"),
    }
}

fn clock<'a>(file: &'a CaseFile, code: &str) -> &'a Clock {
    file.clocks.iter().rfind(|clock| clock.code == code).expect("it runs")
}

#[test]
fn the_first_action_is_due_to_the_minute_over_nights_and_holidays() {
    let case = file(vec![(0, opened())]);
    let due = thursday().plus(Duration::from_secs(24 * 3_600));
    let minute = Duration::from_secs(60);
    assert_eq!(clock(&case, "first_action").state_at(due.minus(minute)), DeadlineState::Running { left_ms: 60_000 });
    assert_eq!(clock(&case, "first_action").state_at(due), DeadlineState::Overdue { by_ms: 0 });
    assert_eq!(clock(&case, "first_action").state_at(due.plus(minute)), DeadlineState::Overdue { by_ms: 60_000 });
    let kept = |minutes| clock(&file(vec![(0, opened()), (minutes, acted())]), "first_action").was_kept();
    assert_eq!((kept(1_439), kept(1_440), kept(1_441)), (Some(true), Some(false), Some(false)));
}

#[test]
fn the_meeting_has_five_business_days() {
    let case = file(vec![(0, opened())]);
    // Friday, (weekend, holiday), Tuesday to Friday: to the end of Friday the 27th in Japan.
    let end = Instant::from_jst(Date::constant(2026, 11, 28).at(0, 0, 0, 0));
    assert_eq!(clock(&case, "judgement").deadline.due, end);
    let last = end.minus(Duration::from_millis(1));
    assert_eq!(clock(&case, "judgement").state_at(last), DeadlineState::Running { left_ms: 1 });
    assert_eq!(clock(&case, "judgement").state_at(end), DeadlineState::Overdue { by_ms: 0 });
}

#[test]
fn a_month_and_three_months_are_counted_as_the_law_counts() {
    let case = file(vec![(0, opened()), (60, acted()), (120, stopped())]);
    let midnight = |y, m, d| Instant::from_jst(Date::constant(y, m, d).at(0, 0, 0, 0));
    assert_eq!(clock(&case, "stopped").deadline.due, midnight(2026, 12, 20));
    assert_eq!(clock(&case, "watch").deadline.due, midnight(2027, 2, 20));
    assert_eq!(clock(&case, "stopped").was_kept(), Some(true));
}

#[test]
fn a_pause_puts_a_clock_off_by_its_length() {
    let pause = What::ClockPaused { clock: "first_action".into(), reason: "連絡がつくのを待つ".into() };
    let resume = What::ClockResumed { clock: "first_action".into() };
    let case = file(vec![(0, opened()), (60, pause.clone()), (180, resume.clone())]);
    let due = thursday().plus(Duration::from_secs(26 * 3_600));
    let first = clock(&case, "first_action");
    assert_eq!(first.state_at(due.minus(Duration::from_secs(60))), DeadlineState::Running { left_ms: 60_000 });
    assert_eq!(first.state_at(due), DeadlineState::Overdue { by_ms: 0 });
    assert!(!allows(&case, resume.clone()) && allows(&case, pause.clone()));
    let standing = file(vec![(0, opened()), (60, pause.clone())]);
    let later = thursday().plus(Duration::from_secs(90 * 24 * 3_600));
    assert_eq!(clock(&standing, "first_action").state_at(later), DeadlineState::Paused);
    assert!(!allows(&standing, pause.clone()) && allows(&standing, resume));
    assert!(standing.summary(later).clocks.contains(&("first_action".into(), None)));
    // No reason, no such clock, one that was met.
    assert!(!allows(&case, What::ClockPaused { clock: "first_action".into(), reason: " ".into() }));
    assert!(!allows(&case, What::ClockPaused { clock: "none".into(), reason: "理由".into() }));
    assert!(!allows(&file(vec![(0, opened()), (1, acted())]), pause));
}

#[test]
fn steps_come_in_their_order() {
    let resolved = What::Resolved { confirmed: "本人と面談した".into() };
    let new = file(vec![(0, opened())]);
    assert_eq!(new.step, Step::Received);
    for what in [stopped(), resolved.clone(), recurred(), closed(Outcome::Resolved), opened()] {
        assert!(!allows(&new, what.clone()), "{what:?}");
    }
    assert!(allows(&new, closed(Outcome::Withdrawn)));
    let acting = file(vec![(0, opened()), (1, acted())]);
    assert!(acting.step == Step::Acting && allows(&acting, stopped()) && !allows(&acting, resolved.clone()));
    let watching = file(vec![(0, opened()), (1, acted()), (2, stopped())]);
    assert!(watching.step == Step::Watching && !allows(&watching, stopped()) && allows(&watching, recurred()));
    let again = file(vec![(0, opened()), (1, acted()), (2, stopped()), (3, recurred())]);
    assert_eq!((again.step, again.recurrences), (Step::Acting, 1));
    // It begins anew: a first action, a month; the watch is void.
    assert!(clock(&again, "watch").is_void && clock(&again, "first_action").is_open());
    assert!(clock(&again, "stopped").is_open());
    let well = file(vec![(0, opened()), (1, acted()), (2, stopped()), (3, resolved)]);
    assert!(well.step == Step::Resolved && allows(&well, closed(Outcome::Resolved)));
}

#[test]
fn a_closed_case_takes_words_and_is_opened_again() {
    let case = file(vec![(0, opened()), (1, closed(Outcome::NotBullying))]);
    assert_eq!((case.step, case.outcome), (Step::Closed, Some(Outcome::NotBullying)));
    assert!(case.clocks.iter().all(|clock| !clock.is_open()));
    assert!(allows(&case, said("まだ続いています")) && !allows(&case, acted()));
    let again =
        file(vec![(0, opened()), (1, closed(Outcome::NotBullying)), (2, What::Reopened { why: "続く".into() })]);
    assert_eq!((again.step, again.outcome), (Step::Acting, None));
    assert!(allows(&again, acted()) && !allows(&again, What::Reopened { why: "続く".into() }));
}

#[test]
fn nothing_reaches_the_school_without_a_yes() {
    let wish = |school_may_know| What::Wished(Wishes { school_may_know, ..Wishes::default() });
    let refer = |reaches_school, consent: &str| What::Referred {
        id: "r".into(),
        to: "東小学校".into(),
        reaches_school,
        purpose: "見守り".into(),
        consent: consent.into(),
        participant: None,
    };
    for (said, may) in [(Consent::Unsaid, false), (Consent::No, false), (Consent::Yes, true)] {
        let case = file(vec![(0, opened()), (1, wish(said))]);
        assert_eq!(allows(&case, refer(true, "本人、電話で")), may, "{said:?}");
        assert!(allows(&case, refer(false, "本人、電話で")), "{said:?}");
        assert!(!allows(&case, refer(false, " ")), "without a consent nothing");
    }
    // The newest wish holds.
    let taken_back = file(vec![(0, opened()), (1, wish(Consent::Yes)), (2, wish(Consent::No))]);
    assert!(!allows(&taken_back, refer(true, "本人、電話で")));
}

#[test]
fn a_referral_moves_only_as_it_may() {
    use ReferralState::{Accepted, Done, InProgress, Rejected, Revoked};
    let refer = What::Referred {
        id: "r".into(),
        to: "こども家庭課".into(),
        reaches_school: false,
        purpose: "家庭の支援".into(),
        consent: "保護者、面談で".into(),
        participant: None,
    };
    let moved = |state, reason: &str| What::ReferralMoved { id: "r".into(), state, reason: reason.into() };
    let paths: [(&[ReferralState], &[ReferralState]); 5] = [
        (&[], &[Accepted, Rejected, Revoked]),
        (&[Accepted], &[Done, Revoked]),
        (&[Accepted, Done], &[]),
        (&[Rejected], &[]),
        (&[Revoked], &[]),
    ];
    for (before, may) in paths {
        let mut entries = vec![(0, opened()), (1, refer.clone())];
        entries.extend(before.iter().map(|state| (2, moved(*state, "理由"))));
        let case = file(entries);
        for state in [InProgress, Accepted, Rejected, Done, Revoked] {
            assert_eq!(allows(&case, moved(state, "理由")), may.contains(&state), "{before:?} → {state:?}");
        }
    }
    let case = file(vec![(0, opened()), (1, refer)]);
    assert!(!allows(&case, moved(Rejected, " ")), "a refusal says why");
    assert!(!allows(&case, What::ReferralMoved { id: "other".into(), state: Accepted, reason: String::new() }));
}

#[test]
fn a_serious_case_is_suspected_before_the_mayor_is_told() {
    let report = MayorReport {
        school: "東小学校".into(), child: "5年の児童".into(), situation: "けがをした".into()
    };
    let new = file(vec![(0, opened())]);
    assert!(!allows(&new, What::MayorTold(report.clone())));
    let suspected = What::Suspected { number: Suspicion::First, why: "けが".into() };
    let case = file(vec![(0, opened()), (5, suspected)]);
    assert!(allows(&case, What::MayorTold(report.clone())) && clock(&case, "mayor").is_open());
    assert!(case.summary(thursday()).is_serious);
    for empty in [
        MayorReport { school: " ".into(), ..report.clone() },
        MayorReport { child: String::new(), ..report.clone() },
        MayorReport { situation: String::new(), ..report },
    ] {
        assert!(!allows(&case, What::MayorTold(empty)));
    }
}

#[test]
fn a_danger_sign_that_nobody_saw_keeps_a_case_open() {
    let sign = What::Sign { rule: "life".into(), why: "「死にたい」".into() };
    let case = file(vec![(0, opened()), (0, sign.clone())]);
    assert_eq!(case.open_signs, 1);
    assert!(!allows(&case, closed(Outcome::Withdrawn)));
    let seen = file(vec![(0, opened()), (0, sign), (9, What::SignsSeen { note: "電話で確かめた".into() })]);
    assert!(seen.open_signs == 0 && allows(&seen, closed(Outcome::Withdrawn)));
}

#[test]
fn the_reporter_writes_words_and_wishes_alone() {
    let case = file(vec![(0, opened())]);
    let by = By::Reporter;
    assert!(case.allows(&by, &said("きょうもありました")).is_ok());
    assert!(case.allows(&by, &What::Wished(Wishes::default())).is_ok());
    for what in [acted(), stopped(), closed(Outcome::Withdrawn), What::Note { words: "x".into() }] {
        assert!(case.allows(&by, &what).is_err(), "{what:?}");
    }
}

#[test]
fn tasks_are_done_once_and_a_party_said_again_is_changed() {
    let task = What::Task { id: "t".into(), todo: "面談".into(), owner: None };
    let done = What::TaskDone { id: "t".into() };
    let case = file(vec![(0, opened()), (1, task.clone())]);
    assert!(allows(&case, done.clone()));
    assert!(!allows(&file(vec![(0, opened()), (1, task), (2, done.clone())]), done));
    let party = |name: &str| {
        let (id, name) = ("p".into(), name.into());
        What::Party(Party { id, role: Role::Victim, name, school: String::new(), account: None, section: None })
    };
    let case = file(vec![(0, opened()), (1, party("5年の児童")), (2, party("5年2組の児童"))]);
    assert_eq!(case.parties.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["5年2組の児童"]);
    assert!(!allows(&case, party(" ")));
}

#[test]
fn an_entry_survives_its_json() {
    for what in [
        opened(),
        said("「かぎ括弧」\n改行"),
        stopped(),
        What::Wished(Wishes {
            wanted: "話を聞いてほしい".into(), school_may_know: Consent::No, ..Wishes::default()
        }),
        What::Suspected { number: Suspicion::Second, why: "30日".into() },
    ] {
        let one = entry(thursday(), By::Reporter, what);
        let text = serde_json::to_string(&one).expect("written");
        assert_eq!(serde_json::from_str::<Entry>(&text).expect("read"), one, "{text}");
    }
}

#[test]
fn entries_of_before_and_of_today_are_read() {
    use crate::conference::{Attendee, Conference, ConferenceKind, Whom};
    use crate::participant::{Disclosed, Withdrawn};
    use crate::recommendation::{RecommendationKind, Recommended};
    let over = |until| What::HandedOver { to: "c2".into(), note: "n".into(), until };
    let recommended = |answer_by| {
        What::Recommended(Recommended {
            id: "r".into(),
            kind: RecommendationKind::Request,
            to: "校長".into(),
            participant: None,
            words: "席".into(),
            answer_by,
        })
    };
    let disclosed = Disclosed {
        id: "d".into(),
        participant: "p".into(),
        from_entry: None,
        title: "題".into(),
        words: "ことば".into(),
        file: None,
    };
    let day = Some(Date::constant(2026, 12, 28));
    for what in [
        over(None),
        over(day),
        recommended(None),
        recommended(day),
        What::DisclosureWithdrawn(Withdrawn { disclosed, disclosed_at: thursday(), reason: "理由".into() }),
        What::ConferencePlanned(Conference {
            id: "m".into(),
            kind: ConferenceKind::Judgement,
            starts_at: thursday(),
            place: "会議室".into(),
            agenda: vec!["議題".into()],
            attendees: vec![Attendee { whom: Whom::Named("校長".into()), reaches_school: true, may_see: vec![] }],
        }),
    ] {
        let one = entry(thursday(), By::Account("c1".into()), what);
        let text = serde_json::to_string(&one).expect("written");
        assert_eq!(serde_json::from_str::<Entry>(&text).expect("read"), one, "{text}");
    }
    // As they were sealed before there were deputies and participants.
    let head = r#"{"at":1,"by":{"account":"c1"},"#;
    let old = format!(r#"{head}"what":"handed_over","to":"c2","note":"n"}}"#);
    assert_eq!(serde_json::from_str::<Entry>(&old).expect("read").what, over(None));
    let old =
        format!(r#"{head}"what":"referred","id":"r","to":"t","reaches_school":false,"purpose":"p","consent":"c"}}"#);
    let read = serde_json::from_str::<Entry>(&old).expect("read").what;
    assert!(matches!(read, What::Referred { participant: None, .. }), "{read:?}");
}
