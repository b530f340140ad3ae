//! Deadlines (期限) that can be paused.

use serde::{Deserialize, Serialize};

use crate::business::BusinessCalendar;
use crate::clock::Instant;
use crate::period::{DeadlineError, FirstDay, Period, Roll, due_date, end_of_day};

/// A time during which a deadline does not run, as while an applicant corrects
/// the application (補正, which 標準処理期間 usually leaves out).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// When it began; this instant is paused already.
    pub from: Instant,
    /// When it ended; this instant runs again. `None` while it lasts.
    #[serde(default)]
    pub to: Option<Instant>,
    /// Why, in words for the record.
    pub reason: String,
}

/// An instant by which something must be done, put off by the pauses.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Deadline {
    /// When the time began to run.
    pub start: Instant,
    /// The first instant that is too late, were there no pauses.
    pub due: Instant,
    /// The pauses, in any order; they may overlap.
    #[serde(default)]
    pub pauses: Vec<Pause>,
}

/// How a deadline stands.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum DeadlineState {
    /// It is still ahead.
    Running {
        /// Milliseconds left, at least 1.
        left_ms: i64,
    },
    /// It is still ahead and does not run.
    Paused,
    /// It has passed.
    Overdue {
        /// Milliseconds since it passed, 0 at the due instant itself.
        by_ms: i64,
    },
}

impl Deadline {
    /// A deadline between two instants, without pauses; `due` is the first
    /// instant that is too late.
    pub fn new(start: Instant, due: Instant) -> Self {
        let pauses = Vec::new();
        Self { start, due, pauses }
    }

    /// A deadline counted by the law from the Japanese day of `start` to the end
    /// of the last day; see [`due_date`].
    ///
    /// # Errors
    ///
    /// Those of [`due_date`].
    pub fn counted(
        start: Instant,
        period: Period,
        counting: FirstDay,
        rolling: Roll,
        calendar: &BusinessCalendar,
    ) -> Result<Self, DeadlineError> {
        let last = due_date(start.jst_date(), period, counting, rolling, calendar)?;
        Ok(Self::new(start, end_of_day(last)))
    }

    /// The first instant that is too late, as known at `now`: [`Deadline::due`]
    /// put off by the time paused until `now`.
    ///
    /// Time paused twice counts once, time before `start` not at all. A pause
    /// that begins when the deadline has passed puts nothing off. A pause that
    /// begins after `now` is not known yet.
    pub fn due_as_of(&self, now: Instant) -> Instant {
        self.walk(now).0
    }

    /// How the deadline stands at `now`.
    ///
    /// The due instant itself is too late: there it is overdue by 0 ms.
    pub fn state_at(&self, now: Instant) -> DeadlineState {
        let (due, paused) = self.walk(now);
        if paused {
            DeadlineState::Paused
        } else if now < due {
            let left_ms = due.millis_since(now);
            DeadlineState::Running { left_ms }
        } else {
            let by_ms = now.millis_since(due);
            DeadlineState::Overdue { by_ms }
        }
    }

    /// The due instant as known at `now`, and whether `now` is paused.
    fn walk(&self, now: Instant) -> (Instant, bool) {
        let mut spans: Vec<(Instant, Option<Instant>)> = self
            .pauses
            .iter()
            .filter(|pause| pause.from <= now && pause.to.is_none_or(|to| to > pause.from))
            .map(|pause| (pause.from.max(self.start), pause.to))
            .collect();
        spans.sort_by_key(|(from, _)| *from);

        let mut due = self.due;
        let mut paused = false;
        // Everything before this instant has been dealt with.
        let mut done = self.start;
        for (from, to) in spans {
            let from = from.max(done);
            if from >= due {
                // Passed before this pause, and so before all later ones.
                break;
            }
            let open = to.is_none_or(|to| to > now);
            let to = to.unwrap_or(now).min(now);
            if to > from {
                due = Instant::from_millis(due.millis().saturating_add(to.millis_since(from)));
                done = to;
            }
            paused |= open && from <= now;
        }
        (due, paused)
    }
}

#[cfg(test)]
#[path = "deadline_tests.rs"]
mod tests;
