//! Clocks of a case (期限): rules as data, computed from the entries. Only the due instants stand clear in the database.

use std::time::Duration;

use ::store::{Entropy, Tx, ids};
use calendar::{BusinessCalendar, Date, Deadline, DeadlineState, FirstDay, Instant, Pause, Period, Roll};
use serde::{Deserialize, Serialize};

use crate::entry::What;
use crate::kind::{Kind, Moment};
use crate::seal::Placed;
use crate::store::clock as rows;
use crate::{CaseError, Result, recommendation};

pub use crate::store::clock::{Due, Overdue};

/// How long a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Hours on end, holidays and nights too.
    Hours(u32),
    /// Days, months or business days, to the end of the last day, the first day not counted (初日不算入, 民法140条).
    Counted(Period),
}

/// A rule: what starts a clock, what ends it, and how long it runs ([`crate::kind`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code.
    pub code: String,
    /// What people see.
    pub name: String,
    /// The same where there is little room.
    pub short: String,
    /// What starts it. One that runs is not started again.
    pub starts: Vec<Moment>,
    /// What ends it.
    pub ends: Vec<Moment>,
    /// What makes it void: it neither runs nor was met.
    pub voids: Vec<Moment>,
    /// How long it runs.
    pub length: Length,
    /// How long before it runs out it is reminded of.
    pub remind: Duration,
    /// The first day on which it holds; before it, the rule with the same code and an earlier day does. What began under
    /// one rule goes on with its length.
    pub from: Option<Date>,
}

const HOUR: u64 = 3_600;

/// A clock of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Code of its rule.
    pub code: String,
    /// What people see, as its rule said when it began.
    pub name: String,
    /// When it began, when it runs out, and when it stood still.
    pub deadline: Deadline,
    /// When what it waits for was done.
    pub met_at: Option<Instant>,
    /// The case went another way before.
    pub is_void: bool,
}

impl Clock {
    /// Whether it is still waited for.
    pub fn is_open(&self) -> bool {
        self.met_at.is_none() && !self.is_void
    }

    /// Whether what it waits for was done in time; none while it is open.
    pub fn was_kept(&self) -> Option<bool> {
        self.met_at.map(|met| met < self.deadline.due_as_of(met))
    }

    /// How it stands.
    pub fn state_at(&self, now: Instant) -> DeadlineState {
        self.deadline.state_at(now)
    }
}

/// Computes the clocks of a case from its entries, in the order in which they began.
pub fn of(kind: &Kind, entries: &[Placed], calendar: &BusinessCalendar) -> Result<Vec<Clock>> {
    let mut clocks: Vec<Clock> = Vec::new();
    for Placed { entry, .. } in entries {
        for rule in kind.in_force(entry.at.jst_date()) {
            let is = |moments: &[Moment]| moments.iter().any(|moment| moment.is(entry));
            let running = clocks.iter_mut().find(|clock| clock.code == rule.code && clock.is_open());
            match (running, &entry.what) {
                (Some(clock), _) if is(&rule.ends) => clock.met_at = Some(entry.at),
                (Some(clock), _) if is(&rule.voids) => clock.is_void = true,
                (Some(clock), What::ClockPaused { clock: code, reason }) if *code == rule.code => {
                    clock.deadline.pauses.push(Pause { from: entry.at, to: None, reason: reason.clone() });
                }
                (Some(clock), What::ClockResumed { clock: code }) if *code == rule.code => {
                    if let Some(pause) = clock.deadline.pauses.iter_mut().find(|pause| pause.to.is_none()) {
                        pause.to = Some(entry.at);
                    }
                }
                (None, _) if is(&rule.starts) => clocks.push(start(rule, entry.at, calendar)?),
                _ => {}
            }
        }
    }
    clocks.extend(recommendation::clocks(entries));
    clocks.sort_by_key(|clock| clock.deadline.start);
    Ok(clocks)
}

/// What people see of a clock, by its code.
pub fn name<'a>(kind: &'a Kind, code: &str) -> &'a str {
    match kind.rule(code) {
        Some(rule) => &rule.name,
        None if code == recommendation::CLOCK => recommendation::CLOCK_NAME,
        None => "期限",
    }
}

/// The same where there is little room.
pub fn short<'a>(kind: &'a Kind, code: &str) -> &'a str {
    match kind.rule(code) {
        Some(rule) => &rule.short,
        None if code == recommendation::CLOCK => "回答",
        None => "期限",
    }
}

/// How long before a clock runs out it is reminded of.
pub fn remind(kind: &Kind, code: &str) -> Duration {
    // Of those that no rule names.
    kind.rule(code).map_or(recommendation::REMIND, |rule| rule.remind)
}

fn start(rule: &Rule, at: Instant, calendar: &BusinessCalendar) -> Result<Clock> {
    let deadline = match rule.length {
        Length::Hours(hours) => Deadline::new(at, at.plus(Duration::from_secs(u64::from(hours) * HOUR))),
        Length::Counted(period) => Deadline::counted(at, period, FirstDay::Excluded, Roll::None, calendar)
            .map_err(|error| CaseError::Rule(format!("期限を計算できません。（{error}）")))?,
    };
    Ok(Clock { code: rule.code.clone(), name: rule.name.clone(), deadline, met_at: None, is_void: false })
}

/// Brings the clear due instants of a case to what its clocks say. What was told of one that did not change stays told.
pub(crate) async fn write(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    case: &str,
    kind: &Kind,
    clocks: &[Clock],
    now: Instant,
) -> Result<()> {
    let mut wanted: Vec<(Instant, Instant)> = Vec::new();
    for clock in clocks.iter().filter(|clock| clock.is_open() && clock.state_at(now) != DeadlineState::Paused) {
        let due = clock.deadline.due_as_of(now);
        wanted.push((due, due.minus(remind(kind, &clock.code))));
    }
    for stored in rows::of_case(tx, case).await? {
        match wanted.iter().position(|(due, remind)| *due == stored.due_at && Some(*remind) == stored.remind_at) {
            Some(found) => {
                wanted.swap_remove(found);
            }
            None => rows::remove(tx, &stored.id).await?,
        }
    }
    for (due_at, remind_at) in wanted {
        let id = ids::opaque_id(entropy);
        let remind_at = Some(remind_at);
        rows::insert(tx, &Due { id, sealed_case: case.into(), due_at, remind_at, told: "nothing".into() }).await?;
    }
    Ok(())
}

/// Ends one running clock of a case that is known by its instants, where whoever ends it cannot open the case.
pub(crate) async fn end(tx: &mut Tx, case: &str, due_at: Instant, remind: Duration) -> Result<()> {
    let all = rows::of_case(tx, case).await?;
    let found = all.iter().find(|due| due.due_at == due_at && due.remind_at == Some(due_at.minus(remind)));
    match found {
        Some(due) => Ok(rows::remove(tx, &due.id).await?),
        None => Ok(()),
    }
}

/// Clocks of a desk that have run out, for a supervisor: whose case, since when, and nothing of what it is about.
pub async fn overdue(tx: &mut Tx, desk: &str, now: Instant) -> Result<Vec<Overdue>> {
    Ok(rows::overdue(tx, desk, now).await?)
}

/// What is to be told of clocks now: to remind, or that one ran out. Each is told once.
pub async fn take_news(tx: &mut Tx, now: Instant) -> Result<Vec<Due>> {
    let mut news = Vec::new();
    for mut due in rows::to_tell(tx, now).await? {
        due.told = if due.due_at <= now { "overdue" } else { "reminded" }.into();
        rows::tell(tx, &due.id, &due.told).await?;
        news.push(due);
    }
    Ok(news)
}
