//! Known figures, laws, and a simulation that knows no formula.

use proptest::prelude::*;

use super::*;

const USUAL: Target = Target { share: 0.8, within_seconds: 20.0 };

fn hourly(calls: f64, aht_seconds: f64) -> Load {
    Load { calls, interval_seconds: 3_600.0, aht_seconds }
}

#[track_caller]
fn check_near(what: &str, got: f64, wanted: f64, tolerance: f64) {
    assert!((got - wanted).abs() <= tolerance, "{what}: {got} is not within {tolerance} of {wanted}");
}

#[test]
fn known_figures() {
    for (load, agents, level, asa) in [(hourly(100.0, 180.0), 8, 0.880, 10.0), (hourly(200.0, 240.0), 17, 0.810, 16.8)]
    {
        let got = needed(&load, USUAL).expect("possible");
        assert_eq!(got.agents, agents);
        check_near("service level", got.service_level, level, 0.000_5);
        check_near("ASA", got.asa_seconds, asa, 0.05);
    }
}

#[test]
fn one_server_is_the_textbook_queue() {
    // M/M/1: the chance to wait is the load, the mean wait is load ÷ (1 − load) × AHT.
    let got = with_agents(&hourly(30.0, 60.0), 1, 0.0).expect("possible");
    check_near("wait", got.wait_probability, 0.5, 1e-12);
    check_near("level", got.service_level, 0.5, 1e-12);
    check_near("ASA", got.asa_seconds, 60.0, 1e-9);
    check_near("occupancy", got.occupancy, 0.5, 1e-12);
}

#[test]
fn two_servers_by_hand() {
    // a = 1, n = 2: B(1) = 1/2, B(2) = (1/2) ÷ (2 + 1/2) = 1/5, C = 2·(1/5) ÷ (2 − 4/5) = 1/3.
    let got = with_agents(&hourly(60.0, 60.0), 2, 60.0).expect("possible");
    check_near("wait", got.wait_probability, 1.0 / 3.0, 1e-12);
    check_near("level", got.service_level, 1.0 - (-1.0_f64).exp() / 3.0, 1e-12);
    check_near("ASA", got.asa_seconds, 20.0, 1e-9);
}

#[test]
fn without_calls_nobody_is_needed() {
    let none = needed(&Load::half_hour(0.0, 300.0), USUAL).expect("possible");
    assert_eq!((none.agents, none.service_level, none.asa_seconds), (0, 1.0, 0.0));
    assert_eq!(with_agents(&Load::half_hour(0.0, 300.0), 0, 20.0), Ok(none));
    let rare = needed(&Load::half_hour(0.001, 300.0), USUAL).expect("possible");
    assert_eq!(rare.agents, 1);
}

#[test]
fn large_and_narrow_loads_stay_numbers() {
    for (load, target) in [
        (hourly(60_000.0, 600.0), USUAL),
        (hourly(60_000.0, 600.0), Target { share: 1.0 - f64::EPSILON, within_seconds: 0.0 }),
        (hourly(1e-300, 1e-3), USUAL),
        // Ten agents are hardly more than the load.
        (hourly(359.999_999_999, 100.0), Target { share: 1e-9, within_seconds: 0.0 }),
    ] {
        let got = needed(&load, target).expect("possible");
        assert!(got.service_level >= target.share && got.service_level <= 1.0, "{got:?}");
        assert!(got.asa_seconds.is_finite() && got.asa_seconds >= 0.0, "{got:?}");
        assert!(got.occupancy < 1.0 && (0.0..=1.0).contains(&got.wait_probability), "{got:?}");
    }
}

#[test]
fn impossible_input_is_refused_with_a_sentence() {
    let fine = hourly(100.0, 180.0);
    for (load, target, error) in [
        (hourly(-1.0, 180.0), USUAL, StaffingError::Calls),
        (hourly(f64::NAN, 180.0), USUAL, StaffingError::Calls),
        (Load { interval_seconds: 0.0, ..fine }, USUAL, StaffingError::Interval),
        (Load { interval_seconds: f64::INFINITY, ..fine }, USUAL, StaffingError::Interval),
        (hourly(100.0, 0.0), USUAL, StaffingError::HandlingTime),
        (hourly(100.0, -3.0), USUAL, StaffingError::HandlingTime),
        (hourly(1e9, 180.0), USUAL, StaffingError::TooMuch),
        (Load { interval_seconds: f64::MIN_POSITIVE, ..fine }, USUAL, StaffingError::TooMuch),
        (fine, Target { share: 1.0, ..USUAL }, StaffingError::Share),
        (fine, Target { share: 0.0, ..USUAL }, StaffingError::Share),
        (fine, Target { share: f64::NAN, ..USUAL }, StaffingError::Share),
        (fine, Target { within_seconds: -1.0, ..USUAL }, StaffingError::Within),
        (fine, Target { within_seconds: f64::NAN, ..USUAL }, StaffingError::Within),
    ] {
        assert!(error.to_string().ends_with('。'), "{error}");
        assert_eq!(needed(&load, target), Err(error));
    }
    // Five erlangs: with five people the queue grows for ever.
    assert_eq!(with_agents(&fine, 5, 20.0), Err(StaffingError::Overload { agents: 5, least: 6 }));
    assert!(with_agents(&fine, 6, 20.0).is_ok());
    for shrinkage in [1.0, -0.1, f64::NAN] {
        assert_eq!(table(&[fine], USUAL, shrinkage), Err(StaffingError::Shrinkage));
    }
    let error = table(&[fine, hourly(-1.0, 1.0)], USUAL, 0.3).expect_err("the second");
    assert_eq!(error.to_string(), "2番目の時間帯: 呼数は0以上の数で入力してください。");
}

#[test]
fn a_day_with_people_on_leave() {
    let day = [0.0, 50.0, 100.0].map(|calls| Load::half_hour(calls, 180.0));
    let rows = table(&day, USUAL, 0.2).expect("possible");
    // 50 calls in half an hour are 100 in an hour: 8 agents, of 10 on the roster.
    assert_eq!(rows.iter().map(|row| row.rostered).collect::<Vec<_>>()[..2], [0, 10]);
    assert_eq!(rows[1].needed.agents, 8);
    assert!(rows[2].needed.agents > 8);
    assert_eq!(rows[2].load, day[2]);
    for (agents, shrinkage, wanted) in [(7, 0.3, 10), (9, 0.1, 10), (8, 0.0, 8), (1, 0.01, 2), (0, 0.5, 0)] {
        assert_eq!(rostered(agents, shrinkage), wanted, "{agents} with {shrinkage}");
    }
}

/// Evenly spread numbers between 0 and 1 from a seed: SplitMix64 (Steele, Lea and Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A time with this mean, by the exponential distribution.
    fn time(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.next()).ln()
    }
}

/// Service level, mean wait and share of those who waited, of calls that are played through one by one.
fn simulated(load: &Load, agents: usize, within_seconds: f64, seed: u64) -> (f64, f64, f64) {
    const WARM_UP: u32 = 20_000;
    const CALLS: u32 = 400_000;
    let mut chance = Chance(seed);
    let mut free_at = vec![0.0_f64; agents];
    let (mut now, mut in_time, mut waited, mut wait) = (0.0, 0_u32, 0_u32, 0.0);
    for call in 0..WARM_UP + CALLS {
        now += chance.time(load.interval_seconds / load.calls);
        let first = (0..agents).min_by(|a, b| free_at[*a].total_cmp(&free_at[*b])).expect("an agent");
        let answered = free_at[first].max(now);
        free_at[first] = answered + chance.time(load.aht_seconds);
        if call >= WARM_UP {
            in_time += u32::from(answered - now <= within_seconds);
            waited += u32::from(answered > now);
            wait += answered - now;
        }
    }
    let calls = f64::from(CALLS);
    (f64::from(in_time) / calls, wait / calls, f64::from(waited) / calls)
}

#[test]
fn calls_played_through_wait_as_long_as_calculated() {
    for (seed, (load, agents)) in
        [(hourly(100.0, 180.0), 8), (hourly(200.0, 240.0), 17), (hourly(20.0, 300.0), 3)].into_iter().enumerate()
    {
        let told = with_agents(&load, agents, 20.0).expect("possible");
        let (level, asa, waited) = simulated(&load, agents as usize, 20.0, seed as u64);
        // One call's wait resembles the next one's, so that 400,000 calls tell as much as some 10,000 independent ones.
        check_near("service level", level, told.service_level, 0.01);
        check_near("waited", waited, told.wait_probability, 0.015);
        check_near("ASA", asa, told.asa_seconds, told.asa_seconds * 0.06);
    }
}

fn load() -> impl Strategy<Value = Load> {
    (0.01..400.0_f64, 300.0..7_200.0_f64, 10.0..1_200.0_f64).prop_map(|(calls, interval_seconds, aht_seconds)| Load {
        calls,
        interval_seconds,
        aht_seconds,
    })
}

fn target() -> impl Strategy<Value = Target> {
    (0.01..0.999_f64, 0.0..300.0_f64).prop_map(|(share, within_seconds)| Target { share, within_seconds })
}

proptest! {
    #[test]
    fn as_few_as_reach_the_target(load in load(), target in target()) {
        let got = needed(&load, target).expect("possible");
        prop_assert!(got.service_level >= target.share);
        prop_assert_eq!(with_agents(&load, got.agents, target.within_seconds), Ok(got));
        match with_agents(&load, got.agents - 1, target.within_seconds) {
            Ok(fewer) => prop_assert!(fewer.service_level < target.share),
            Err(error) => prop_assert!(matches!(error, StaffingError::Overload { .. }), "{error}"),
        }
    }

    #[test]
    fn one_more_makes_nothing_worse(load in load(), target in target(), more in 0..20_u32) {
        let fewer = with_agents(&load, needed(&load, target).expect("possible").agents + more, target.within_seconds)
            .expect("enough");
        let other = with_agents(&load, fewer.agents + 1, target.within_seconds).expect("enough");
        prop_assert!(other.service_level >= fewer.service_level);
        prop_assert!(other.asa_seconds <= fewer.asa_seconds);
        prop_assert!(other.wait_probability <= fewer.wait_probability);
        prop_assert!(other.occupancy < fewer.occupancy);
    }

    #[test]
    fn more_calls_need_no_fewer(load in load(), target in target(), factor in 1.0..3.0_f64) {
        let busier = Load { calls: load.calls * factor, ..load };
        let (quiet, busy) = (needed(&load, target).expect("possible"), needed(&busier, target).expect("possible"));
        prop_assert!(busy.agents >= quiet.agents);
    }

    #[test]
    fn only_the_rate_counts(load in load(), target in target()) {
        let doubled = Load { calls: load.calls * 2.0, interval_seconds: load.interval_seconds * 2.0, ..load };
        prop_assert_eq!(needed(&doubled, target), needed(&load, target));
    }
}
