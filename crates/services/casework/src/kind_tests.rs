use calendar::{BusinessCalendar, Date, Instant};

use super::*;
use crate::CaseFile;
use crate::clock;
use crate::entry::{By, Channel, Consent, Speaker, Suspicion, Wishes};
use crate::file::entry;
use crate::ring::RingKind;
use crate::seal::Placed;

/// Monday, 2 November 2026, nine in the morning.
fn start() -> Instant {
    Instant::from_jst(Date::constant(2026, 11, 2).at(9, 0, 0, 0))
}

fn placed(seq: i64, at: Instant, what: What) -> Placed {
    let entry = entry(at, By::Account("c1".into()), what);
    Placed { id: seq.to_string(), seq, ring: RingKind::Case, whose: None, entry }
}

fn opened() -> What {
    What::Opened {
        number: "相談2026-1".into(),
        channel: Channel::Phone,
        speaker: Speaker::Person,
        school: String::new(),
    }
}

fn consultation() -> Kind {
    Kind {
        desk: "soudan".into(),
        name: "くらしの相談".into(),
        number: "相談".into(),
        keeper: Keeper::House,
        course: Course::Consultation,
        rules: Kind::consultation_rules(),
    }
}

fn folded(kind: &Kind, whats: Vec<(Instant, What)>) -> CaseFile {
    let placed = (1..).zip(whats).map(|(seq, (at, what))| placed(seq, at, what));
    CaseFile::of(placed.collect(), kind, &BusinessCalendar::default()).expect("folded").expect("a case")
}

fn after(start: Instant, days: u64) -> Instant {
    start.plus(Duration::from_secs(days * DAY))
}

#[test]
fn a_consultation_knows_no_step_of_bullying() {
    let file = folded(&consultation(), vec![(start(), opened())]);
    let by = By::Account("c1".into());
    let text = || String::from("ことば");
    for what in [
        What::Suspected { number: Suspicion::First, why: text() },
        What::Judged { is_bullying: true, why: text() },
        What::Stopped { on: start().jst_date(), confirmed: text() },
        What::Recurred { on: start().jst_date(), happened: text() },
        What::Resolved { confirmed: text() },
        What::Closed { outcome: Outcome::NotBullying, why: text() },
    ] {
        let refused = file.allows(&by, &what).expect_err("refused").to_string();
        assert!(refused.contains("この窓口の事案には、この記録はありません"), "{what:?}: {refused}");
    }
    for what in [What::FirstAction { done: text() }, What::Action { done: text() }, What::Note { words: text() }] {
        file.allows(&by, &what).expect("allowed");
    }
    assert_eq!(consultation().course.steps(), [Step::Received, Step::Acting, Step::Closed]);
}

#[test]
fn a_consultation_ends_as_resolved_after_something_was_done() {
    let end = What::Closed { outcome: Outcome::Resolved, why: "答えた".into() };
    let by = By::Account("c1".into());
    let mut whats = vec![(start(), opened())];
    let refused = folded(&consultation(), whats.clone()).allows(&by, &end).expect_err("nothing was done").to_string();
    assert!(refused.contains("対応の記録が要ります"), "{refused}");
    whats.push((start(), What::FirstAction { done: "電話で話した".into() }));
    folded(&consultation(), whats.clone()).allows(&by, &end).expect("allowed");
    // The bullying desk watches for three months before.
    assert!(folded(&Kind::bullying(), whats).allows(&by, &end).is_err());
}

#[test]
fn what_gates_a_referral_is_the_same_for_both() {
    let referral = |consent: &str| What::Referred {
        id: "r".into(),
        to: "福祉".into(),
        reaches_school: true,
        purpose: "支援".into(),
        consent: consent.into(),
        participant: None,
    };
    let by = By::Account("c1".into());
    let yes = Wishes { school_may_know: Consent::Yes, ..Wishes::default() };
    for kind in [Kind::bullying(), consultation()] {
        let file = folded(&kind, vec![(start(), opened())]);
        assert!(file.allows(&by, &referral("")).is_err(), "no consent");
        assert!(file.allows(&by, &referral("本人、電話で")).is_err(), "the school may not know");
        let file = folded(&kind, vec![(start(), opened()), (start(), What::Wished(yes.clone()))]);
        file.allows(&by, &referral("本人、電話で")).expect("allowed");
    }
}

#[test]
fn a_rule_that_comes_into_force_later_holds_for_what_begins_then() {
    let mut kind = consultation();
    let day = after(start(), 30).jst_date();
    let mut stricter = kind.rule("closing").expect("a rule").clone();
    stricter.length = Length::Counted(Period::Days(7));
    stricter.from = Some(day);
    kind.rules.push(stricter);
    assert_eq!(kind.fault(), None);
    let due = |at: Instant| {
        let file = folded(&kind, vec![(at, opened())]);
        let clocks: Vec<_> = file.clocks.iter().filter(|clock| clock.code == "closing").collect();
        assert_eq!(clocks.len(), 1, "one rule at a time");
        clocks[0].deadline.due_as_of(at).millis_since(Instant::from_jst(at.jst_date().at(0, 0, 0, 0))) / 86_400_000
    };
    // To the end of the last day, which is the beginning of the one after.
    assert_eq!(due(after(start(), 29)), 15);
    assert_eq!(due(after(start(), 30)), 8);
    assert_eq!(due(after(start(), 31)), 8);
    // What began before goes on as it began, and what ends it still does.
    let whats = vec![
        (after(start(), 29), opened()),
        (after(start(), 31), What::FirstAction { done: "話した".into() }),
        (after(start(), 35), What::Closed { outcome: Outcome::Resolved, why: "済んだ".into() }),
    ];
    let file = folded(&kind, whats);
    let closing = file.clocks.iter().find(|clock| clock.code == "closing").expect("a clock");
    assert_eq!(closing.met_at, Some(after(start(), 35)));
}

#[test]
fn a_clock_of_the_city_runs_from_its_moments() {
    let mut kind = consultation();
    kind.rules = vec![Rule {
        code: "second".into(),
        name: "二度目の対応".into(),
        short: "二度目".into(),
        starts: vec![Moment::FirstAction],
        ends: vec![Moment::Action],
        voids: vec![Moment::Closed],
        length: Length::Hours(48),
        remind: Duration::from_secs(HOUR),
        from: None,
    }];
    let act = |done: &str| What::Action { done: done.into() };
    let mut whats = vec![(start(), opened()), (start(), act("先に"))];
    assert!(folded(&kind, whats.clone()).clocks.is_empty());
    whats.push((start(), What::FirstAction { done: "はじめに".into() }));
    let file = folded(&kind, whats.clone());
    assert_eq!(file.clocks[0].deadline.due_as_of(start()).millis_since(start()), 48 * 3_600_000);
    assert_eq!(clock::name(&kind, "second"), "二度目の対応");
    assert_eq!(clock::short(&kind, "second"), "二度目");
    whats.push((after(start(), 1), act("つぎに")));
    assert_eq!(folded(&kind, whats).clocks[0].met_at, Some(after(start(), 1)));
}

#[test]
fn what_is_wrong_with_a_kind_is_said() {
    let wrong = |change: &dyn Fn(&mut Kind)| {
        let mut kind = consultation();
        change(&mut kind);
        Kinds::new(vec![kind]).expect_err("refused")
    };
    for (change, said) in [
        (&(|kind: &mut Kind| kind.desk = "くらし".into()) as &dyn Fn(&mut Kind), "a code has lower case letters"),
        (&|kind| kind.name = " ".into(), "name and number"),
        (&|kind| kind.course = Course::Bullying, "always sealed"),
        (&|kind| kind.rules[0].code = "recommendation".into(), "belongs to a clock of the program"),
        (&|kind| kind.rules[0].short.clear(), "name and short"),
        (&|kind| kind.rules[0].ends.clear(), "at least one moment"),
        (&|kind| kind.rules[0].ends = vec![Moment::Opened], "both start and end"),
        (&|kind| kind.rules[0].length = Length::Hours(0), "from 1 to 10000"),
        (&|kind| kind.rules[1].code = kind.rules[0].code.clone(), "twice"),
    ] {
        let fault = wrong(change);
        assert!(fault.contains(said), "{fault}");
        assert!(fault.contains("desk"), "it says where: {fault}");
    }
    assert!(Kinds::new(vec![consultation(), consultation()]).expect_err("twice").contains("twice"));
}

#[test]
fn the_bullying_desk_is_always_there() {
    let kinds = Kinds::new(vec![consultation()]).expect("kinds");
    let desks: Vec<&str> = kinds.all().iter().map(|kind| kind.desk.as_str()).collect();
    assert_eq!(desks, [BULLYING, "soudan"]);
    assert!(kinds.of("elsewhere").is_err());
    let mut own = Kind::bullying();
    own.name = "いじめ・友だちの相談".into();
    let kinds = Kinds::new(vec![own]).expect("kinds");
    assert_eq!(kinds.all().len(), 1);
    assert_eq!(kinds.of(BULLYING).expect("there").name, "いじめ・友だちの相談");
}
