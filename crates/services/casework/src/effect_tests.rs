use std::time::Duration;

use calendar::{BusinessCalendar, Date};

use super::*;
use crate::Kind;
use crate::entry::{By, Entry, Outcome, ReferralState};
use crate::seal::Placed;

fn morning() -> Instant {
    Instant::from_jst(Date::constant(2026, 6, 10).at(9, 0, 0, 0))
}

fn later(hours: u64) -> Instant {
    morning().plus(Duration::from_secs(hours * 3_600))
}

/// A case with entries, each so many hours after it came in.
fn case(number: &str, school: &str, channel: Channel, entries: Vec<(u64, What)>) -> CaseFile {
    let opened = What::Opened { number: number.into(), channel, speaker: Speaker::Child, school: school.into() };
    let all = std::iter::once((0, opened)).chain(entries).zip(1..);
    let placed = all.map(|((hours, what), seq)| Placed {
        id: seq.to_string(),
        seq,
        ring: crate::ring::RingKind::Case,
        whose: None,
        entry: Entry { at: later(hours), by: By::Account("a".into()), what },
    });
    CaseFile::of(placed.collect(), &Kind::bullying(), &BusinessCalendar::default()).expect("folded").expect("a case")
}

fn acted(what: &str) -> What {
    What::FirstAction { done: what.into() }
}

fn stopped(month: i8, day: i8) -> What {
    What::Stopped { on: Date::constant(2026, month, day), confirmed: "本人から".into() }
}

fn recurred() -> What {
    What::Recurred { on: Date::constant(2026, 7, 20), happened: "また".into() }
}

fn closed() -> What {
    What::Closed { outcome: Outcome::Withdrawn, why: "希望".into() }
}

fn sign(rule: &str) -> What {
    What::Sign { rule: rule.into(), why: "理由".into() }
}

#[test]
fn times_lie_in_classes_by_hand() {
    let action = |hours| case("a", "", Channel::Web, vec![(hours, acted("電話"))]);
    let files = [action(0), action(24), action(25), action(168), action(169), case("b", "", Channel::Web, vec![])];
    let effect = of(&files, later(200));
    let counts: Vec<usize> = effect.first_action.classes.iter().map(|(_, n)| *n).collect();
    assert_eq!((counts, effect.first_action.median, effect.first_action.not_yet), (vec![2, 1, 0, 1, 1], Some(25), 1));
    assert_eq!(of(&[], later(0)).first_action.median, None);
}

#[test]
fn a_month_ends_with_its_last_day() {
    let stop = |month, day| case("a", "", Channel::Web, vec![(1, acted("電話")), (2_000, stopped(month, day))]);
    for (file, wanted) in [(stop(7, 10), 1), (stop(7, 11), 0), (stop(6, 1), 1)] {
        let effect = of(&[file], later(2_000));
        assert_eq!(effect.stopped_in_a_month, Share { part: wanted, of: 1 });
    }
    let days: Vec<Option<i64>> =
        [stop(6, 1), stop(6, 17), stop(7, 10)].iter().map(|f| of([f], later(2_000)).stop.median).collect();
    assert_eq!(days, [Some(0), Some(7), Some(30)]);
}

#[test]
fn what_may_still_stop_in_time_is_not_counted() {
    let running = case("a", "", Channel::Web, vec![]);
    let last = Instant::start_of(Date::constant(2026, 7, 11));
    assert_eq!(of([&running], last.minus(Duration::from_millis(1))).stopped_in_a_month, Share { part: 0, of: 0 });
    assert_eq!(of([&running], last).stopped_in_a_month, Share { part: 0, of: 1 });
    let ended = case("b", "", Channel::Web, vec![(5, closed())]);
    assert_eq!(of([&ended], later(9_000)).stopped_in_a_month.of, 0, "nobody waits for it any more");
    let no = What::Judged { is_bullying: false, why: "ちがう".into() };
    let effect = of(&[case("c", "", Channel::Web, vec![(5, no)])], later(9_000));
    assert_eq!((effect.not_bullying, effect.stopped_in_a_month.of, effect.stop.not_yet), (1, 0, 0));
}

#[test]
fn watching_goes_four_ways() {
    let begin = || vec![(1, acted("電話")), (200, stopped(6, 18))];
    let with = |more: Vec<(u64, What)>| case("a", "", Channel::Web, begin().into_iter().chain(more).collect());
    let resolved = || What::Resolved { confirmed: "面談".into() };
    let files = [
        with(vec![(3_000, resolved()), (3_001, closed())]),
        with(vec![(500, recurred()), (600, stopped(7, 25)), (4_000, resolved())]),
        with(vec![(300, closed())]),
        with(vec![]),
        with(vec![(500, recurred())]),
    ];
    let effect = of(&files, later(5_000));
    assert_eq!(effect.watch, Watch { resolved: 2, recurred: 2, ended: 1, running: 1 });
    assert_eq!(effect.recurred, Share { part: 2, of: 5 });
}

#[test]
fn groups_add_up_to_all() {
    let mut files = vec![
        case("a", "東小学校", Channel::Web, vec![(1, acted("電話"))]),
        case("b", "西小学校 ", Channel::Phone, vec![]),
        case("c", "西小学校", Channel::Web, vec![]),
    ];
    files[2].opened_at = later(24 * 30);
    for cut in [Cut::Month, Cut::Channel, Cut::Speaker, Cut::School] {
        let groups = by(&files, cut, later(2_000));
        assert_eq!(groups.iter().map(|(_, effect)| effect.cases).sum::<usize>(), files.len());
        assert_eq!(groups.len(), if cut == Cut::Speaker { 1 } else { 2 }, "{cut:?}");
    }
    let months: Vec<Group> = by(&files, Cut::Month, later(0)).into_iter().map(|(group, _)| group).collect();
    assert_eq!(months, [Group::Month(2026, 6), Group::Month(2026, 7)]);
}

#[test]
fn what_was_done_in_cases_like_it() {
    let referred = || What::Referred {
        id: "r".into(),
        to: "スクールソーシャルワーカー".into(),
        reaches_school: false,
        purpose: "面談".into(),
        consent: "本人".into(),
        participant: None,
    };
    let moved = What::ReferralMoved { id: "r".into(), state: ReferralState::Accepted, reason: String::new() };
    let money = || (0, sign("お金"));
    let files = [
        case(
            "a",
            "",
            Channel::Web,
            vec![
                money(),
                (1, acted("本人に電話。話を聞いた")),
                (2, referred()),
                (3, moved),
                (9, stopped(6, 20)),
                (12, acted("あと")),
            ],
        ),
        case("b", "", Channel::Web, vec![money(), (1, acted("本人に電話")), (9, stopped(6, 20)), (99, recurred())]),
        case("c", "", Channel::Web, vec![money(), (1, acted("本人に電話、来週会う")), (2, acted("本人に電話"))]),
        case("d", "", Channel::Web, vec![(0, sign("けが")), (1, acted("学校に行く"))]),
        case("e", "", Channel::Web, vec![(1, acted("手紙"))]),
    ];
    let this = case("x", "", Channel::Web, vec![money()]);
    let phone = Tried { measure: Measure::Action("本人に電話".into()), cases: 3, stopped: 2, recurred: 1 };
    let worker =
        Tried {
            measure: Measure::Referral("スクールソーシャルワーカー".into()), cases: 1, stopped: 1, recurred: 0
        };
    assert_eq!(tried(&files, &this), [phone, worker]);
    let plain = case("y", "", Channel::Web, vec![]);
    assert_eq!(
        tried(&files, &plain).into_iter().map(|t| t.measure).collect::<Vec<_>>(),
        [Measure::Action("手紙".into())]
    );
    assert_eq!(tried(&files[..1], &files[0]), [], "not itself");
}
