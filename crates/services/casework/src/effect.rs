//! What helping does (効果): computed from folded cases, for those who may read them. Pure.
//!
//! These are figures for the desk itself. Small counts name people; nothing of this may be published as it is.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Instant;

use crate::CaseFile;
use crate::entry::{Channel, Speaker, What};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Upper ends of the classes of the time to the first action, in hours; the last class is open.
pub const ACTION_HOURS: [i64; 4] = [24, 48, 72, 168];
/// Upper ends of the classes of the time until the act stopped, in days; the last class is open.
pub const STOP_DAYS: [i64; 4] = [7, 14, 31, 92];

/// How times are spread over classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Upper end of each class, which belongs to it, with how many; the last has no end.
    pub classes: Vec<(Option<i64>, usize)>,
    /// The middle one of the times; of an even number, the lower of the two in the middle.
    pub median: Option<i64>,
    /// Cases in which it has not happened. They are in no class, so times look shorter than they will be.
    pub not_yet: usize,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many of them.
    pub part: usize,
    /// Of how many.
    pub of: usize,
}

/// How watching (見守り) went, each time that the act had stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// 解消 was confirmed.
    pub resolved: usize,
    /// It happened again.
    pub recurred: usize,
    /// Closed before either.
    pub ended: usize,
    /// Still going on.
    pub running: usize,
}

/// What helping did in some cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many cases.
    pub cases: usize,
    /// Of them, judged to be no bullying. They count in no figure about stopping.
    pub not_bullying: usize,
    /// From coming in to the first action, in hours begun.
    pub first_action: Spread,
    /// From the day of coming in to the day on which the act stopped for the first time, in days.
    pub stop: Spread,
    /// Stopped within the month that the desk promises, of those that stopped or whose month is over.
    pub stopped_in_a_month: Share,
    /// Happened again at least once, of those that had stopped.
    pub recurred: Share,
    /// How watching went.
    pub watch: Watch,
}

/// What helping did in these cases. Those that are only partly readable count by what is readable.
pub fn of<'a>(files: impl IntoIterator<Item = &'a CaseFile>, now: Instant) -> Effect {
    let mut effect = Effect::default();
    let (mut actions, mut stops) = (Vec::new(), Vec::new());
    for file in files {
        effect.cases += 1;
        match first(file, |what| matches!(what, What::FirstAction { .. })) {
            Some(at) => actions.push(begun(at.millis_since(file.opened_at), HOUR)),
            None => effect.first_action.not_yet += 1,
        }
        if file.judged == Some(false) {
            effect.not_bullying += 1;
            continue;
        }
        let stopped = stopped_on(file);
        match stopped {
            Some(on) => {
                let opened = Instant::start_of(file.opened_at.jst_date());
                // What had stopped before somebody told of it took no time.
                stops.push((on.millis_since(opened) / DAY).max(0));
            }
            None => effect.stop.not_yet += 1,
        }
        if let Some(in_time) = stopped_in_time(file, now) {
            effect.stopped_in_a_month.of += 1;
            effect.stopped_in_a_month.part += usize::from(in_time);
        }
        if stopped.is_some() {
            effect.recurred.of += 1;
            effect.recurred.part += usize::from(file.recurrences > 0);
        }
        watch(file, &mut effect.watch);
    }
    effect.first_action = spread(actions, &ACTION_HOURS, effect.first_action.not_yet);
    effect.stop = spread(stops, &STOP_DAYS, effect.stop.not_yet);
    effect
}

/// Units that were begun.
fn begun(millis: i64, unit: i64) -> i64 {
    (millis.max(0) + unit - 1) / unit
}

fn spread(mut times: Vec<i64>, ends: &[i64], not_yet: usize) -> Spread {
    times.sort_unstable();
    let mut classes: Vec<(Option<i64>, usize)> = ends.iter().map(|end| (Some(*end), 0)).collect();
    classes.push((None, 0));
    for time in &times {
        let found = classes.iter_mut().find(|(end, _)| end.is_none_or(|end| *time <= end));
        if let Some((_, count)) = found {
            *count += 1;
        }
    }
    let median = times.get(times.len().saturating_sub(1) / 2).copied();
    Spread { classes, median, not_yet }
}

fn first(file: &CaseFile, is_it: impl Fn(&What) -> bool) -> Option<Instant> {
    file.entries.iter().find(|placed| is_it(&placed.entry.what)).map(|placed| placed.entry.at)
}

/// Beginning of the day on which the act stopped for the first time.
fn stopped_on(file: &CaseFile) -> Option<Instant> {
    file.entries.iter().find_map(|placed| match &placed.entry.what {
        What::Stopped { on, .. } => Some(Instant::start_of(*on)),
        _ => None,
    })
}

/// Whether the act stopped within its month for the first time; none while that may still be, and for cases that were
/// closed in their month without it.
fn stopped_in_time(file: &CaseFile, now: Instant) -> Option<bool> {
    let clock = file.clocks.iter().find(|clock| clock.code == "stopped")?;
    match stopped_on(file) {
        Some(on) => Some(on < clock.deadline.due_as_of(now)),
        None => {
            let closed = first(file, |what| matches!(what, What::Closed { .. }));
            let until = closed.unwrap_or(now);
            (until >= clock.deadline.due_as_of(until)).then_some(false)
        }
    }
}

fn watch(file: &CaseFile, all: &mut Watch) {
    let mut watches = false;
    for placed in &file.entries {
        let ends = match &placed.entry.what {
            What::Stopped { .. } => {
                watches = true;
                continue;
            }
            What::Resolved { .. } => &mut all.resolved,
            What::Recurred { .. } => &mut all.recurred,
            What::Closed { .. } => &mut all.ended,
            _ => continue,
        };
        if watches {
            *ends += 1;
            watches = false;
        }
    }
    all.running += usize::from(watches);
}

/// By what cases are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Month in which it came in.
    Month,
    /// How it came in.
    Channel,
    /// Who spoke.
    Speaker,
    /// School, as it was named.
    School,
}

/// Cases that belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Year and month.
    Month(i16, i8),
    /// How they came in.
    Channel(Channel),
    /// Who spoke.
    Speaker(Speaker),
    /// School; empty where none was named.
    School(String),
}

/// The same for each group of cases, in the order of the groups.
pub fn by(files: &[CaseFile], cut: Cut, now: Instant) -> Vec<(Group, Effect)> {
    let mut groups: BTreeMap<Group, Vec<&CaseFile>> = BTreeMap::new();
    for file in files {
        let day = file.opened_at.jst_date();
        let group = match cut {
            Cut::Month => Group::Month(day.year(), day.month()),
            Cut::Channel => Group::Channel(file.channel),
            Cut::Speaker => Group::Speaker(file.speaker),
            Cut::School => Group::School(file.school.trim().to_owned()),
        };
        groups.entry(group).or_default().push(file);
    }
    groups.into_iter().map(|(group, files)| (group, of(files, now))).collect()
}

/// Something that a desk does about bullying.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// An action, by the words with which it begins.
    Action(String),
    /// A referral, by whom it went to.
    Referral(String),
}

/// What was done in similar cases before the act stopped, and what came of it. That one came after the other does not
/// say that it came from it; the page says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What was done.
    pub measure: Measure,
    /// In how many cases.
    pub cases: usize,
    /// Of them, the act stopped.
    pub stopped: usize,
    /// Of these, it happened again.
    pub recurred: usize,
}

/// Longest words of an action by which it is counted, in characters.
const MEASURE: usize = 30;

/// What was done in cases like this one, most frequent first.
///
/// Like it are the cases that share a danger sign or a suspicion of a serious case with it; where it has neither, those
/// with neither and the same speaker. The case itself and what was no bullying are left out.
pub fn tried(files: &[CaseFile], like: &CaseFile) -> Vec<Tried> {
    let wanted = marks(like);
    let mut counts: BTreeMap<Measure, Tried> = BTreeMap::new();
    for file in files.iter().filter(|file| file.number != like.number && file.judged != Some(false)) {
        let has = marks(file);
        let is_like =
            if wanted.is_empty() { has.is_empty() && file.speaker == like.speaker } else { !wanted.is_disjoint(&has) };
        if !is_like {
            continue;
        }
        let stopped = stopped_on(file).is_some();
        for measure in measures(file) {
            let empty = Tried { measure: measure.clone(), cases: 0, stopped: 0, recurred: 0 };
            let tried = counts.entry(measure).or_insert(empty);
            tried.cases += 1;
            tried.stopped += usize::from(stopped);
            tried.recurred += usize::from(stopped && file.recurrences > 0);
        }
    }
    let mut all: Vec<Tried> = counts.into_values().collect();
    // A stable sort: those as frequent stay in the order of their names.
    all.sort_by_key(|tried| std::cmp::Reverse(tried.cases));
    all
}

/// Danger signs and suspicions of a case.
fn marks(file: &CaseFile) -> BTreeSet<String> {
    let signs = file.entries.iter().filter_map(|placed| match &placed.entry.what {
        What::Sign { rule, .. } if rule != "person" => Some(format!("sign {rule}")),
        What::Suspected { number, .. } => Some(format!("suspicion {number:?}")),
        _ => None,
    });
    signs.collect()
}

/// What was done in a case before the act stopped, each thing once.
fn measures(file: &CaseFile) -> BTreeSet<Measure> {
    let before = file.entries.iter().take_while(|placed| !matches!(placed.entry.what, What::Stopped { .. }));
    let done = before.filter_map(|placed| match &placed.entry.what {
        What::FirstAction { done } | What::Action { done } => Some(Measure::Action(begins(done))),
        What::Referred { to, .. } => Some(Measure::Referral(begins(to))),
        _ => None,
    });
    done.collect()
}

/// The first part of a sentence.
fn begins(words: &str) -> String {
    let part = words.trim().split(['。', '、', '\n', '（', '(']).next().unwrap_or_default();
    part.trim().chars().take(MEASURE).collect()
}

#[cfg(test)]
#[path = "effect_tests.rs"]
mod tests;
