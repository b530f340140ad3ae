use super::*;
use crate::entry::{By, Entry};
use crate::ring::RingKind;

fn placed(what: What) -> Placed {
    let at = Instant::from_jst(calendar::Date::constant(2026, 6, 10).at(9, 0, 0, 0));
    let entry = Entry { at, by: By::Account("c1".into()), what };
    Placed { id: "1".into(), seq: 1, ring: RingKind::Case, whose: None, entry }
}

fn moved(state: SupportState, reason: &str, amount_yen: Option<u32>) -> SupportMove {
    SupportMove { id: "s".into(), state, reason: reason.into(), amount_yen }
}

fn after(kind: SupportKind, moves: &[SupportMove]) -> Vec<Support> {
    let mut all = Vec::new();
    take(
        &mut all,
        &placed(What::SupportAsked(SupportAsk { id: "s".into(), kind, words: "相談料".into(), amount_yen: None })),
    );
    for one in moves {
        take(&mut all, &placed(What::SupportMoved(one.clone())));
    }
    all
}

#[test]
fn it_moves_only_as_it_may() {
    use SupportState::{Asked, Examining, Granted, Paid, Refused, Withdrawn};
    let paths: [(&[SupportState], &[SupportState]); 6] = [
        (&[], &[Examining, Withdrawn]),
        (&[Examining], &[Granted, Refused, Withdrawn]),
        (&[Examining, Granted], &[Paid, Withdrawn]),
        (&[Examining, Granted, Paid], &[]),
        (&[Examining, Refused], &[]),
        (&[Withdrawn], &[]),
    ];
    for (before, may) in paths {
        let all =
            after(SupportKind::LawyerFee, &before.iter().map(|s| moved(*s, "理由", Some(50_000))).collect::<Vec<_>>());
        for state in [Asked, Examining, Granted, Refused, Paid, Withdrawn] {
            let allowed = may_move(&all, &moved(state, "理由", Some(50_000))).is_ok();
            assert_eq!(allowed, may.contains(&state), "{before:?} → {state:?}");
        }
    }
    assert!(
        may_move(&after(SupportKind::Other, &[]), &SupportMove { id: "t".into(), ..moved(Examining, "", None) })
            .is_err()
    );
}

#[test]
fn money_is_granted_with_an_amount_and_no_more_is_paid() {
    let examining = [moved(SupportState::Examining, "", None)];
    for kind in [SupportKind::LawyerFee, SupportKind::SchoolChange] {
        for none in [None, Some(0)] {
            assert!(may_move(&after(kind, &examining), &moved(SupportState::Granted, "", none)).is_err());
        }
    }
    assert!(may_move(&after(SupportKind::Other, &examining), &moved(SupportState::Granted, "", None)).is_ok());
    assert!(may_move(&after(SupportKind::Other, &examining), &moved(SupportState::Refused, " ", None)).is_err());
    let granted = [moved(SupportState::Examining, "", None), moved(SupportState::Granted, "", Some(80_000))];
    let all = after(SupportKind::LawyerFee, &granted);
    assert!(may_move(&all, &moved(SupportState::Paid, "", Some(80_001))).is_err());
    assert!(may_move(&all, &moved(SupportState::Paid, "", Some(80_000))).is_ok());
    let paid = after(SupportKind::LawyerFee, &[granted.to_vec(), vec![moved(SupportState::Paid, "", None)]].concat());
    assert_eq!(
        (paid[0].granted_yen, paid[0].paid_yen, paid[0].state),
        (Some(80_000), Some(80_000), SupportState::Paid)
    );
    assert!(may_ask(&paid, &paid[0].ask).is_err() && may_ask(&[], &paid[0].ask).is_ok());
}
