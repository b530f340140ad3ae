use std::time::Duration;

use super::*;
use crate::CaseFile;
use crate::Kind;
use crate::case::Clear;
use crate::entry::{By, Channel, Entry, Party, Role, Speaker, Suspicion};
use crate::recommendation::{RecommendationKind, Recommended};
use crate::ring::RingKind;
use crate::seal::Placed;

fn morning() -> Instant {
    Instant::from_jst(Date::constant(2026, 6, 10).at(9, 0, 0, 0))
}

/// A case that came in on 10 June 2026 with entries, each so many days after it.
fn case(number: &str, entries: Vec<(u64, What)>) -> View {
    let opened = What::Opened {
        number: number.into(),
        channel: Channel::Web,
        speaker: Speaker::Child,
        school: "東小学校".into(),
    };
    let child = What::Party(Party {
        id: "v".into(),
        role: Role::Victim,
        name: "児童の名前".into(),
        school: "東小学校".into(),
        account: None,
        section: None,
    });
    let is_open = !entries.iter().any(|(_, what)| matches!(what, What::Closed { .. }));
    let all = [(0, opened), (0, child)].into_iter().chain(entries).zip(1..);
    let placed = all.map(|((days, what), seq)| Placed {
        id: seq.to_string(),
        seq,
        ring: RingKind::Case,
        whose: None,
        entry: Entry { at: after(days), by: By::Account("c1".into()), what },
    });
    let file = CaseFile::of(placed.collect(), &Kind::bullying(), &BusinessCalendar::default())
        .expect("folded")
        .expect("a case");
    let clear = Clear {
        id: format!("id-{number}"),
        desk: "bullying".into(),
        accountable: Some("c1".into()),
        version: 1,
        records: 1,
        has_news: false,
        is_open,
        retain_until: None,
        has_hold: false,
        shredded_at: None,
    };
    View { clear, file }
}

fn after(days: u64) -> Instant {
    morning().plus(Duration::from_secs(days * 86_400))
}

fn on(views: &[View], now: Instant) -> Agenda {
    of(views, now, &BusinessCalendar::default()).expect("made")
}

fn headings(agenda: &Agenda) -> Vec<(&str, &str)> {
    agenda.lines.iter().map(|line| (line.point.heading(), line.number.as_str())).collect()
}

fn acted() -> What {
    What::FirstAction { done: "電話".into() }
}

fn judged() -> What {
    What::Judged { is_bullying: true, why: "理由".into() }
}

fn stopped() -> What {
    What::Stopped { on: Date::constant(2026, 6, 11), confirmed: "本人".into() }
}

#[test]
fn a_quiet_case_is_on_no_agenda_and_a_new_one_is() {
    let quiet = case("1", vec![(0, acted()), (0, judged()), (1, stopped())]);
    assert_eq!(headings(&on(std::slice::from_ref(&quiet), after(1))), [("この1か月に受け付けたもの", "1")]);
    // A month and a day later it is not new, and its watch ends in more than a month.
    assert!(on(std::slice::from_ref(&quiet), after(31)).lines.is_empty());
    assert_eq!(headings(&on(std::slice::from_ref(&quiet), after(70))), [("見守り3か月の確認", "1")]);
    assert_eq!(headings(&on(&[quiet], after(120))), [("見守り3か月の確認", "1")], "also when they are over");
}

#[test]
fn clocks_stand_as_late_or_as_near() {
    let open = case("1", vec![]);
    let agenda = on(&[open], after(2));
    let points: Vec<_> = agenda.lines.iter().map(|line| &line.point).collect();
    assert!(matches!(points[0], Point::Overdue(code, _) if code == "first_action"), "{points:?}");
    let due: Vec<_> =
        points.iter().filter_map(|p| if let Point::Due(code, _) = p { Some(code.as_str()) } else { None }).collect();
    assert_eq!(due, ["judgement", "stopped"]);
}

#[test]
fn what_has_no_answer_is_spoken_about() {
    let referred = |id: &str| What::Referred {
        id: id.into(),
        to: "こども家庭課".into(),
        reaches_school: false,
        purpose: "訪問".into(),
        consent: "保護者".into(),
        participant: None,
    };
    let rejected = What::ReferralMoved { id: "b".into(), state: ReferralState::Rejected, reason: "管轄".into() };
    let asked = |answer_by| {
        What::Recommended(Recommended {
            id: "r".into(),
            kind: RecommendationKind::Request,
            to: "校長".into(),
            participant: None,
            words: "席を替える".into(),
            answer_by,
        })
    };
    let begun = || vec![(0, acted()), (0, judged()), (1, stopped())];
    let with = |more: Vec<(u64, What)>| case("1", begun().into_iter().chain(more).collect());
    let waiting = with(vec![(20, referred("a"))]);
    assert!(on(std::slice::from_ref(&waiting), after(34)).lines.is_empty(), "fourteen days are no more than fourteen");
    assert_eq!(headings(&on(&[waiting], after(35))), [("返事のないつなぎ", "1")]);
    let no = with(vec![(20, referred("b")), (21, rejected)]);
    assert_eq!(headings(&on(std::slice::from_ref(&no), after(40))), [("引き受けてもらえなかったつなぎ", "1")]);
    assert!(on(&[no], after(55)).lines.iter().all(|line| !matches!(line.point, Point::ReferralRejected(_))));
    let recommended = with(vec![(20, asked(Some(Date::constant(2026, 7, 20))))]);
    let late =
        |days| match on(std::slice::from_ref(&recommended), after(days)).lines.first().map(|line| line.point.clone()) {
            Some(Point::RecommendationUnanswered(_, late)) => Some(late),
            other => panic!("{other:?}"),
        };
    assert_eq!((late(35), late(41)), (Some(false), Some(true)));
    let answered =
        with(vec![(20, asked(None)), (22, What::RecommendationAnswered { id: "r".into(), words: "替えた".into() })]);
    assert!(on(&[answered], after(35)).lines.is_empty());
}

#[test]
fn a_serious_case_comes_first_until_the_mayor_is_told() {
    let suspected = What::Suspected { number: Suspicion::First, why: "けが".into() };
    let report =
        crate::entry::MayorReport { school: "東小学校".into(), child: "児童".into(), situation: "けが".into() };
    let serious = case("2", vec![(0, acted()), (0, judged()), (1, stopped()), (1, suspected.clone())]);
    let told =
        case("3", vec![(0, acted()), (0, judged()), (1, stopped()), (1, suspected), (1, What::MayorTold(report))]);
    let late = case("1", vec![]);
    let agenda = on(&[late, told, serious], after(40));
    assert_eq!(headings(&agenda)[0], ("重大事態の疑い：市長に未報告", "2"));
    assert_eq!(headings(&agenda).iter().filter(|(heading, _)| heading.starts_with("重大事態")).count(), 1);
}

#[test]
fn a_closed_case_is_told_once_and_nobody_is_named() {
    let closed = What::Closed { outcome: Outcome::Withdrawn, why: "希望".into() };
    let case = case("1", vec![(0, acted()), (40, closed)]);
    let agenda = on(std::slice::from_ref(&case), after(45));
    assert_eq!(headings(&agenda), [("この1か月に終結したもの", "1")]);
    assert_eq!((agenda.open, agenda.lines[0].accountable.as_deref()), (0, Some("c1")));
    let shown = format!("{agenda:?}");
    assert!(!shown.contains("児童の名前") && !shown.contains("東小学校"), "{shown}");
    assert!(on(&[case], after(80)).lines.is_empty());
}

#[test]
fn the_month_before_has_its_own_length() {
    for ((y, m, d), expected) in
        [((2026, 3, 31), (2026, 2, 28)), ((2026, 1, 15), (2025, 12, 15)), ((2026, 7, 30), (2026, 6, 30))]
    {
        let (ey, em, ed) = expected;
        assert_eq!(month_before(Date::constant(y, m, d)), Date::constant(ey, em, ed));
    }
}
