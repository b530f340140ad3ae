//! Which menu is shown: a pure rule over the plans.

use calendar::Instant;

use super::Plan;

/// What kind of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Shown on every day on which nothing else is.
    Default,
    /// For a time.
    Scheduled,
    /// Takes over whatever else is planned.
    Emergency,
}

impl Kind {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Default => "default",
            Kind::Scheduled => "scheduled",
            Kind::Emergency => "emergency",
        }
    }

    /// The kind with a code.
    pub fn from_code(code: &str) -> Option<Kind> {
        [Kind::Default, Kind::Scheduled, Kind::Emergency].into_iter().find(|k| k.code() == code)
    }
}

/// What is shown and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'p> {
    /// The plan that says so: its menu, and why.
    pub plan: &'p Plan,
    /// When another plan takes its place, or none; `None` while nothing of that is planned.
    pub until: Option<Instant>,
}

impl Plan {
    /// When it is over: its own end, or when somebody ended it.
    pub fn end(&self) -> Option<Instant> {
        [self.ends_at, self.ended_at].into_iter().flatten().min()
    }

    /// Whether it holds at an instant; its end is not part of it.
    pub fn holds(&self, at: Instant) -> bool {
        self.begins_at <= at && self.end().is_none_or(|end| at < end)
    }

    /// Whether it has yet to begin.
    pub fn is_coming(&self, at: Instant) -> bool {
        at < self.begins_at && self.end().is_none_or(|end| self.begins_at < end)
    }
}

/// The plan that counts at an instant: an emergency before a schedule before the default; of one kind the one that
/// begins latest, of these the one that was made last.
fn counts(plans: &[Plan], at: Instant) -> Option<&Plan> {
    plans.iter().filter(|p| p.holds(at)).max_by_key(|p| (p.kind, p.begins_at, p.made_at, &p.id))
}

/// What is shown at an instant.
pub fn shown(plans: &[Plan], now: Instant) -> Option<Shown<'_>> {
    let plan = counts(plans, now)?;
    let mut edges: Vec<Instant> =
        plans.iter().flat_map(|p| [Some(p.begins_at), p.end()]).flatten().filter(|at| *at > now).collect();
    edges.sort_unstable();
    let changes = |at: &Instant| counts(plans, *at).is_none_or(|other| other.id != plan.id);
    Some(Shown { plan, until: edges.into_iter().find(changes) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(id: usize, kind: Kind, from: i64, until: Option<i64>, ended: Option<i64>) -> Plan {
        Plan {
            id: format!("p{id:03}"),
            menu: format!("m{id}"),
            kind,
            begins_at: Instant::from_millis(from),
            ends_at: until.map(Instant::from_millis),
            is_drill: false,
            reason: String::new(),
            made_by: "account:a".into(),
            made_at: Instant::from_millis(0),
            ended_at: ended.map(Instant::from_millis),
        }
    }

    fn menu(plans: &[Plan], at: i64) -> Option<(&str, Option<i64>)> {
        shown(plans, Instant::from_millis(at)).map(|s| (s.plan.menu.as_str(), s.until.map(Instant::millis)))
    }

    #[test]
    fn an_emergency_takes_over_and_the_schedule_of_that_moment_returns() {
        let mut plans = vec![
            plan(0, Kind::Default, 0, None, None),
            plan(1, Kind::Scheduled, 10, Some(50), None),
            plan(2, Kind::Scheduled, 20, Some(30), None),
            plan(3, Kind::Emergency, 15, None, None),
        ];
        assert_eq!(menu(&plans, 5), Some(("m0", Some(10))));
        assert_eq!(menu(&plans, 12), Some(("m1", Some(15))));
        assert_eq!(menu(&plans, 25), Some(("m3", None)), "exclusively, though a schedule began later");
        plans[3].ended_at = Some(Instant::from_millis(26));
        assert_eq!(menu(&plans, 26), Some(("m2", Some(30))), "what the schedule says now, not what it said before");
        assert_eq!(menu(&plans, 30), Some(("m1", Some(50))));
        assert_eq!(menu(&plans, 50), Some(("m0", None)));
        assert_eq!(menu(&plans, -1), None);
    }

    fn any_plan() -> impl Strategy<Value = Plan> {
        let kind = prop_oneof![Just(Kind::Default), Just(Kind::Scheduled), Just(Kind::Emergency)];
        (0..1_000usize, kind, 0..40i64, proptest::option::of(0..60i64), proptest::option::of(0..60i64))
            .prop_map(|(id, kind, from, until, ended)| plan(id, kind, from, until, ended))
    }

    fn any_plans() -> impl Strategy<Value = Vec<Plan>> {
        proptest::collection::vec(any_plan(), 0..8).prop_map(|mut plans| {
            plans.sort_by(|a, b| a.id.cmp(&b.id));
            plans.dedup_by(|a, b| a.id == b.id);
            plans
        })
    }

    proptest! {
        #[test]
        fn the_order_in_which_plans_are_read_does_not_matter(mut plans in any_plans(), at in -5..70i64) {
            let before = menu(&plans, at).map(|(m, u)| (m.to_owned(), u));
            plans.reverse();
            prop_assert_eq!(before, menu(&plans, at).map(|(m, u)| (m.to_owned(), u)));
        }

        #[test]
        fn while_an_emergency_holds_nothing_else_is_shown(plans in any_plans(), at in -5..70i64) {
            let now = Instant::from_millis(at);
            let is_on = plans.iter().any(|p| p.kind == Kind::Emergency && p.holds(now));
            let seen = shown(&plans, now);
            prop_assert_eq!(seen.is_some(), plans.iter().any(|p| p.holds(now)));
            if let Some(seen) = seen {
                prop_assert!(seen.plan.holds(now));
                prop_assert_eq!(seen.plan.kind == Kind::Emergency, is_on);
                if !is_on && seen.plan.kind == Kind::Default {
                    prop_assert!(!plans.iter().any(|p| p.kind == Kind::Scheduled && p.holds(now)));
                }
            }
        }

        #[test]
        fn the_same_is_shown_until_then_and_something_else_from_then(plans in any_plans(), at in 0..70i64) {
            let Some((first, until)) = menu(&plans, at) else { return Ok(()) };
            for later in at..until.unwrap_or(100) {
                prop_assert_eq!(menu(&plans, later), Some((first, until)));
            }
            if let Some(until) = until {
                prop_assert_ne!(menu(&plans, until).map(|(m, _)| m), Some(first));
            }
        }

        #[test]
        fn an_emergency_that_ended_leaves_no_trace(plans in any_plans(), at in 0..70i64) {
            let now = Instant::from_millis(at);
            let calm: Vec<Plan> = plans.iter().filter(|p| p.kind != Kind::Emergency).cloned().collect();
            let ended: Vec<Plan> = plans
                .into_iter()
                .map(|p| if p.kind == Kind::Emergency { Plan { ended_at: Some(now), ..p } } else { p })
                .collect();
            let wanted = shown(&calm, now).map(|s| s.plan.id.clone());
            prop_assert_eq!(shown(&ended, now).map(|s| s.plan.id.clone()), wanted);
        }
    }
}
