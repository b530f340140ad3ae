//! How many people must answer (要員計算), by Erlang C.
//!
//! The model is the queue M/M/c: calls come independently of each other (a Poisson process), talks last as long as an
//! exponential distribution says, everybody waits who finds nobody free, nobody hangs up, and who waited longest is
//! next. Callers who hang up make the real queue shorter, so the figures are on the safe side.
//!
//! With the offered load `a = calls ÷ interval × AHT` in erlangs and `n` people who answer:
//!
//! | figure | formula |
//! |---|---|
//! | all are busy and nobody waits (Erlang B) | `B(0) = 1`, `B(n) = a·B(n−1) ÷ (n + a·B(n−1))` |
//! | a caller must wait (Erlang C) | `C = n·B ÷ (n − a·(1 − B))` |
//! | answered within `t` (service level) | `1 − C·e^(−(n − a)·t ÷ AHT)` |
//! | mean wait of all callers (ASA) | `C·AHT ÷ (n − a)` |
//! | share of the time in which one is busy (occupancy) | `a ÷ n` |
//!
//! Sources: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic
//! Telephone Exchanges" (1917) for B and C; L. Kleinrock, *Queueing Systems*, volume 1 (1975), section 3.5, for the
//! distribution of the wait; the recursion of B is in ITU-D, *Teletraffic Engineering Handbook*. The recursion has no
//! factorials and no powers, so nothing overflows: `B` stays between 0 and 1.

use thiserror::Error;

/// The largest load that is calculated, in erlangs: ten thousand people talking at once are no city's telephones.
pub const MAX_ERLANGS: f64 = 10_000.0;

/// The seconds of half an hour, the usual interval of a forecast.
pub const HALF_HOUR: f64 = 1_800.0;

/// What comes in during an interval in which the rate of calls is taken to be even.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Load {
    /// Calls in the interval; a forecast need not be a whole number.
    pub calls: f64,
    /// How long the interval is, in seconds.
    pub interval_seconds: f64,
    /// Mean time that one call takes with the work after it (平均処理時間, AHT), in seconds.
    pub aht_seconds: f64,
}

/// What share of the callers should have an answer within what time (応答率の目標), as 80 % in 20 seconds.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Target {
    /// The share, above 0 and below 1; that all are answered in time no number of people can promise.
    pub share: f64,
    /// Seconds from the start of waiting.
    pub within_seconds: f64,
}

/// How a number of people copes with a load.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Needed {
    /// People who answer, all through the interval.
    pub agents: u32,
    /// Share of callers who are answered in the time of the target, 0 to 1.
    pub service_level: f64,
    /// Mean wait of all callers (平均応答時間, ASA), in seconds; who need not wait counts as 0.
    pub asa_seconds: f64,
    /// Share of the time in which one who answers is busy (稼働率), 0 to 1.
    pub occupancy: f64,
    /// How likely a caller must wait at all, 0 to 1.
    pub wait_probability: f64,
}

/// One interval of a day's table.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Planned {
    /// What is expected.
    pub load: Load,
    /// Who must sit at the telephones, and what comes of it.
    pub needed: Needed,
    /// Who must be on the roster so that as many sit there: `agents ÷ (1 − shrinkage)`, rounded up.
    pub rostered: u32,
}

/// Input from which nothing can be calculated.
#[derive(Clone, PartialEq, Debug, Error)]
pub enum StaffingError {
    /// Calls below 0, or no number.
    #[error("呼数は0以上の数で入力してください。")]
    Calls,
    /// An interval of no length, or no number.
    #[error("時間帯の長さは0より長い秒数で入力してください。")]
    Interval,
    /// A handling time of no length, or no number.
    #[error("平均処理時間は0より長い秒数で入力してください。")]
    HandlingTime,
    /// A share that is not between 0 and 1.
    #[error(
        "応答率の目標は0%より大きく100%より小さい値で入力してください。全員に時間内に出ることは、何人いても約束できません。"
    )]
    Share,
    /// A time below 0, or no number.
    #[error("目標の秒数は0以上の数で入力してください。")]
    Within,
    /// More than [`MAX_ERLANGS`].
    #[error("呼量が{MAX_ERLANGS}アーランを超えています。呼数と平均処理時間を確かめてください。")]
    TooMuch,
    /// Fewer people than the load keeps busy: the queue grows for as long as that lasts.
    #[error("{agents}人では足りません。待つ人が増え続けないためには{least}人以上が必要です。")]
    Overload {
        /// How many there are.
        agents: u32,
        /// How many keep the queue from growing.
        least: u32,
    },
    /// A shrinkage that is not between 0 and 1.
    #[error("不在率は0%以上100%未満で入力してください。")]
    Shrinkage,
    /// One interval of a table is wrong.
    #[error("{row}番目の時間帯: {why}")]
    Row {
        /// Which, from 1.
        row: usize,
        /// What is wrong with it.
        why: Box<StaffingError>,
    },
}

impl Load {
    /// The load of half an hour; calls, and the mean seconds of one.
    pub const fn half_hour(calls: f64, aht_seconds: f64) -> Self {
        Self { calls, interval_seconds: HALF_HOUR, aht_seconds }
    }

    /// The offered load (呼量) in erlangs: how many talk at the same time, on average.
    ///
    /// # Errors
    ///
    /// [`StaffingError::Calls`], [`StaffingError::Interval`], [`StaffingError::HandlingTime`] for what is no quantity,
    /// [`StaffingError::TooMuch`] above [`MAX_ERLANGS`].
    pub fn erlangs(&self) -> Result<f64, StaffingError> {
        if !is_at_least_zero(self.calls) {
            return Err(StaffingError::Calls);
        }
        if !is_at_least_zero(self.interval_seconds) || self.interval_seconds == 0.0 {
            return Err(StaffingError::Interval);
        }
        if !is_at_least_zero(self.aht_seconds) || self.aht_seconds == 0.0 {
            return Err(StaffingError::HandlingTime);
        }
        let erlangs = self.calls / self.interval_seconds * self.aht_seconds;
        // Also what is no number any more: an interval may be next to nothing.
        if erlangs <= MAX_ERLANGS { Ok(erlangs) } else { Err(StaffingError::TooMuch) }
    }
}

fn is_at_least_zero(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}

fn check(target: Target) -> Result<(), StaffingError> {
    if !(target.share > 0.0 && target.share < 1.0) {
        return Err(StaffingError::Share);
    }
    if !is_at_least_zero(target.within_seconds) {
        return Err(StaffingError::Within);
    }
    Ok(())
}

/// The smallest number of people with whom the target is reached.
///
/// Where no call is expected nobody is needed; whether the telephone is manned all the same is for the caller to say.
///
/// # Errors
///
/// Those of [`Load::erlangs`], and [`StaffingError::Share`] or [`StaffingError::Within`] for an impossible target.
pub fn needed(load: &Load, target: Target) -> Result<Needed, StaffingError> {
    check(target)?;
    let erlangs = load.erlangs()?;
    let mut agents = 0;
    let mut blocking = 1.0;
    loop {
        let stands = f64::from(agents) > erlangs || erlangs == 0.0;
        if stands {
            let copes = figures(load, erlangs, agents, blocking, target.within_seconds);
            // The chance of a long wait falls with every agent at least by the factor e^(−t/AHT), or for t = 0 faster
            // than a/n; so this is reached.
            if copes.service_level >= target.share {
                return Ok(copes);
            }
        }
        agents += 1;
        blocking = next_blocking(erlangs, agents, blocking);
    }
}

/// How a given number of people copes, as when somebody is ill.
///
/// # Errors
///
/// Those of [`Load::erlangs`], [`StaffingError::Within`], and [`StaffingError::Overload`] if they are too few for the
/// load, so that there is no steady wait to tell.
pub fn with_agents(load: &Load, agents: u32, within_seconds: f64) -> Result<Needed, StaffingError> {
    if !is_at_least_zero(within_seconds) {
        return Err(StaffingError::Within);
    }
    let erlangs = load.erlangs()?;
    if f64::from(agents) <= erlangs && erlangs > 0.0 {
        // At most `MAX_ERLANGS`, so it fits.
        let least = erlangs.floor() as u32 + 1;
        return Err(StaffingError::Overload { agents, least });
    }
    let blocking = (1..=agents).fold(1.0, |blocking, n| next_blocking(erlangs, n, blocking));
    Ok(figures(load, erlangs, agents, blocking, within_seconds))
}

/// The table of a day: every interval with who must sit at the telephones and who must be on the roster.
///
/// `shrinkage` (不在率) is the share of paid time in which one who is on the roster does not sit there: breaks,
/// training, leave; from 0 to below 1.
///
/// # Errors
///
/// [`StaffingError::Shrinkage`], those of an impossible target, and [`StaffingError::Row`] with those of [`needed`].
pub fn table(loads: &[Load], target: Target, shrinkage: f64) -> Result<Vec<Planned>, StaffingError> {
    check(target)?;
    if !(0.0..1.0).contains(&shrinkage) {
        return Err(StaffingError::Shrinkage);
    }
    let plan = |(at, load): (usize, &Load)| {
        let needed = needed(load, target).map_err(|why| StaffingError::Row { row: at + 1, why: Box::new(why) })?;
        Ok(Planned { load: *load, needed, rostered: rostered(needed.agents, shrinkage) })
    };
    loads.iter().enumerate().map(plan).collect()
}

/// Who must be on the roster so that `agents` sit at the telephones.
fn rostered(agents: u32, shrinkage: f64) -> u32 {
    // A hair less, so that a rounding error does not call for one more; `as` stops at the largest number.
    (f64::from(agents) / (1.0 - shrinkage) - 1e-9).ceil().max(0.0) as u32
}

/// Erlang B of `agents` from that of one fewer.
fn next_blocking(erlangs: f64, agents: u32, blocking: f64) -> f64 {
    let carried = erlangs * blocking;
    carried / (f64::from(agents) + carried)
}

/// All figures, for more agents than erlangs (or no load at all) and their Erlang B.
fn figures(load: &Load, erlangs: f64, agents: u32, blocking: f64, within_seconds: f64) -> Needed {
    if erlangs == 0.0 {
        return Needed { agents, service_level: 1.0, asa_seconds: 0.0, occupancy: 0.0, wait_probability: 0.0 };
    }
    let n = f64::from(agents);
    let free = n - erlangs;
    // n − a(1 − B) as (n − a) + aB: a sum of two positive numbers loses no digits when n is hardly more than a.
    let wait_probability = (n * blocking / (free + erlangs * blocking)).min(1.0);
    Needed {
        agents,
        service_level: 1.0 - wait_probability * (-free * within_seconds / load.aht_seconds).exp(),
        asa_seconds: wait_probability * load.aht_seconds / free,
        occupancy: erlangs / n,
        wait_probability,
    }
}

#[cfg(test)]
#[path = "staffing_tests.rs"]
mod tests;
