//! Batches, quota and the end of a plan.

use std::collections::BTreeSet;

use calendar::Date;
use proptest::prelude::*;

use super::*;

const PACE: Pace = Pace { per_batch: 500, per_second: 10 };

fn at(hour: i8, minute: i8) -> Instant {
    Instant::from_jst(Date::constant(2026, 11, 24).at(hour, minute, 0, 0))
}

fn size(lang: Lang, quiet: Quiet, recipients: i64) -> GroupSize {
    GroupSize { group: Group { lang, quiet }, recipients, batches: (recipients + 499) / 500 }
}

#[test]
fn a_plan_says_how_many_in_which_language_and_when() {
    let sizes = [size(Lang::Ja, Quiet::default(), 10_000), size(Lang::En, Quiet::NONE, 501)];
    let noon = Plan::new(&sizes, at(12, 0), PACE, Quota::default());
    assert_eq!((noon.recipients, noon.batches, noon.later, noon.cost), (10_501, 22, 0, 10_501));
    assert_eq!(noon.by_lang, [(Lang::Ja, 10_000), (Lang::En, 501)]);
    assert_eq!(noon.finish_at, at(12, 0).plus(Duration::from_millis(2_200)));
    let night = Plan::new(&sizes, at(23, 0), PACE, Quota::default());
    assert_eq!(night.later, 10_000);
    let morning = at(7, 0).plus(Duration::from_secs(86_400));
    assert_eq!(night.finish_at, morning.plus(Duration::from_secs(2)));
}

#[test]
fn what_does_not_fit_before_the_night_goes_on_in_the_morning() {
    // One batch a second, 90 batches, and a minute until nine in the evening.
    let sizes = [size(Lang::Ja, Quiet::default(), 45_000)];
    let plan = Plan::new(&sizes, at(20, 59), Pace { per_batch: 500, per_second: 1 }, Quota::default());
    assert_eq!(plan.later, 0);
    assert_eq!(plan.finish_at, at(7, 0).plus(Duration::from_secs(86_400 + 30)));
}

#[test]
fn over_the_quota_is_refused_with_all_figures() {
    let quota = Quota { limit: Some(30_000), used: 20_000, reserve: 3_000, bound: 1_000 };
    assert_eq!(quota.free(false), Some(6_000));
    assert!(quota.check(6_000, false).is_ok());
    let said = quota.check(6_001, false).expect_err("refused").to_string();
    for part in ["6001通", "残り6000通", "上限30000通", "使用済み20000通", "分1000通", "予備3000通"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(quota.check(9_000, true).is_ok(), "the reserve is for what is urgent");
    assert!(quota.check(9_001, true).is_err());
    assert!(Quota::default().check(i64::MAX, false).is_ok(), "no limit");
}

fn candidate() -> impl Strategy<Value = (Lang, Quiet)> {
    let quiet = prop::sample::select(vec![Quiet::default(), Quiet::NONE, Quiet { from: 0, until: 480 }]);
    (prop::sample::select(Lang::ALL.to_vec()), quiet)
}

proptest! {
    #[test]
    fn everybody_is_in_one_batch_of_their_own_kind(
        people in prop::collection::vec(candidate(), 0..400), most in 1usize..40,
    ) {
        let pace = Pace { per_batch: most, per_second: 1 };
        let mut splitter = Splitter::new(pace);
        let mut batches = Vec::new();
        for (n, (lang, quiet)) in people.iter().enumerate() {
            batches.extend(splitter.add(Candidate { id: n.to_string(), lang: *lang, quiet: *quiet }));
        }
        let (rest, sizes) = splitter.finish();
        prop_assert!(batches.iter().all(|b| b.members.len() == most));
        batches.extend(rest);
        let mut seen = BTreeSet::new();
        for batch in &batches {
            prop_assert!((1..=most).contains(&batch.members.len()));
            for id in &batch.members {
                prop_assert!(seen.insert(id.clone()), "twice");
                let (lang, quiet) = people[id.parse::<usize>().expect("number")];
                prop_assert_eq!(batch.group, Group { lang, quiet });
            }
        }
        prop_assert_eq!(seen.len(), people.len());
        let plan = Plan::new(&sizes, at(12, 0), pace, Quota::default());
        prop_assert_eq!(plan.recipients, people.len() as i64);
        prop_assert_eq!(plan.batches, batches.len() as i64);
        // No more batches than needed: at most one that is not full for each kind.
        let short = batches.iter().filter(|b| b.members.len() < most).count();
        prop_assert!(short <= sizes.len());
    }

    #[test]
    fn a_plan_does_not_end_before_the_pace_allows(
        counts in prop::collection::vec((candidate(), 1i64..5_000), 1..6), hour in 0i8..24, per_second in 1u32..50,
    ) {
        let sizes: Vec<GroupSize> = counts.iter().map(|((lang, quiet), n)| size(*lang, *quiet, *n)).collect();
        let start = at(hour, 0);
        let plan = Plan::new(&sizes, start, Pace { per_batch: 500, per_second }, Quota::default());
        prop_assert!(plan.finish_at.millis_since(start) >= plan.batches * 1_000 / i64::from(per_second));
        let opens = sizes.iter().map(|s| s.group.quiet.opens(start)).max().expect("a group");
        prop_assert!(plan.finish_at > opens);
    }
}
