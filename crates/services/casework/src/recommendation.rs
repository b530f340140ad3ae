//! What the desk says to a school by its own right (指導・要請・勧告), and what the school answers.

use std::time::Duration;

use calendar::{Date, Deadline, Instant, end_of_day};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::clock::Clock;
use crate::entry::{By, What, dates};
use crate::error::{field, rule};
use crate::file::CaseFile;
use crate::seal::Placed;

/// Code of its clock, which ends with the day by which an answer is wanted.
pub const CLOCK: &str = "recommendation";
/// What people see of that clock.
pub const CLOCK_NAME: &str = "指導・要請・勧告への回答";
/// How long before the end of that day it is reminded of.
pub(crate) const REMIND: Duration = Duration::from_secs(2 * 24 * 3_600);

/// How strongly it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationKind {
    /// 指導.
    Guidance,
    /// 要請.
    Request,
    /// 勧告.
    Recommendation,
}

impl RecommendationKind {
    /// All, from the weakest.
    pub const ALL: [RecommendationKind; 3] =
        [RecommendationKind::Guidance, RecommendationKind::Request, RecommendationKind::Recommendation];

    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            RecommendationKind::Guidance => "指導",
            RecommendationKind::Request => "要請",
            RecommendationKind::Recommendation => "勧告",
        }
    }
}

/// What was said to the school, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommended {
    /// Its id in this case.
    pub id: String,
    /// How strongly.
    pub kind: RecommendationKind,
    /// To whom.
    pub to: String,
    /// Id of the participant who reads and answers it; none where it goes by letter.
    #[serde(default)]
    pub participant: Option<String>,
    /// The words.
    pub words: String,
    /// The day by the end of which an answer is wanted.
    #[serde(default, with = "dates")]
    pub answer_by: Option<Date>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: Instant,
    /// Who wrote it down: the participant, or a member of the desk.
    pub by: By,
    /// The words.
    pub words: String,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecommendationState {
    /// An answer is waited for.
    Open,
    /// There is one.
    Answered,
    /// The day is over, and there is none.
    Overdue,
    /// It was taken back.
    Off,
}

/// A recommendation as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// What was said.
    pub said: Recommended,
    /// When.
    pub made_at: Instant,
    /// What was answered.
    pub answer: Option<Answer>,
    /// When it was taken back, and why.
    pub off: Option<(Instant, String)>,
}

impl Recommendation {
    /// Whether an answer is waited for.
    pub fn is_open(&self) -> bool {
        self.answer.is_none() && self.off.is_none()
    }

    /// How it stands at an instant. Without a day it is open until it is answered.
    pub fn state_at(&self, now: Instant) -> RecommendationState {
        if self.off.is_some() {
            return RecommendationState::Off;
        }
        match (&self.answer, self.said.answer_by) {
            (Some(_), _) => RecommendationState::Answered,
            (None, Some(day)) if end_of_day(day) <= now => RecommendationState::Overdue,
            (None, _) => RecommendationState::Open,
        }
    }
}

/// Takes an entry into the recommendations of a case, or of one participant.
pub(crate) fn take(all: &mut Vec<Recommendation>, placed: &Placed) {
    match &placed.entry.what {
        What::Recommended(said) => {
            all.push(Recommendation { said: said.clone(), made_at: placed.entry.at, answer: None, off: None });
        }
        What::RecommendationAnswered { id, words } => {
            if let Some(known) = all.iter_mut().find(|known| known.said.id == *id) {
                let (at, by) = (placed.entry.at, placed.entry.by.clone());
                known.answer = Some(Answer { at, by, words: words.clone() });
            }
        }
        What::RecommendationOff { id, reason } => {
            if let Some(known) = all.iter_mut().find(|known| known.said.id == *id) {
                known.off = Some((placed.entry.at, reason.clone()));
            }
        }
        _ => {}
    }
}

/// It reaches the school, so the wish for that must be there.
pub(crate) fn may_recommend(file: &CaseFile, said: &Recommended) -> Result<()> {
    if file.recommendations.iter().any(|known| known.said.id == said.id) {
        return Err(rule("同じ指導・要請・勧告が、もう記録されています。"));
    }
    file.may_reach_school()?;
    match &said.participant {
        Some(id) => file.taking_part(id).map(|_| ()),
        None => Ok(()),
    }
}

/// One that is there, was not answered and not taken back.
pub(crate) fn may_answer(all: &[Recommendation], id: &str) -> Result<()> {
    match all.iter().find(|known| known.said.id == id) {
        None => Err(rule("その指導・要請・勧告は、ありません。")),
        Some(known) if known.answer.is_some() => Err(rule("もう回答があります。")),
        Some(known) if known.off.is_some() => Err(rule("この指導・要請・勧告は、取り下げられました。")),
        Some(_) => Ok(()),
    }
}

/// The day must not be over when it is written.
pub(crate) fn day_is_ahead(said: &Recommended, today: Date) -> Result<()> {
    match said.answer_by {
        Some(day) if day < today => Err(field("answer_by", "回答の期限は、きょうか、それよりあとの日にしてください。")),
        _ => Ok(()),
    }
}

/// The clocks of those for which a day was named.
pub(crate) fn clocks(entries: &[Placed]) -> Vec<Clock> {
    let mut clocks: Vec<(String, Clock)> = Vec::new();
    for Placed { entry, .. } in entries {
        match &entry.what {
            What::Recommended(Recommended { id, answer_by: Some(day), .. }) => {
                let deadline = Deadline::new(entry.at, end_of_day(*day));
                clocks.push((
                    id.clone(),
                    Clock { code: CLOCK.into(), name: CLOCK_NAME.into(), deadline, met_at: None, is_void: false },
                ));
            }
            What::RecommendationAnswered { id, .. } => {
                for (_, clock) in clocks.iter_mut().filter(|(known, clock)| known == id && clock.is_open()) {
                    clock.met_at = Some(entry.at);
                }
            }
            What::RecommendationOff { id, .. } => {
                for (_, clock) in clocks.iter_mut().filter(|(known, clock)| known == id && clock.is_open()) {
                    clock.is_void = true;
                }
            }
            What::Closed { .. } => {
                for (_, clock) in clocks.iter_mut().filter(|(_, clock)| clock.is_open()) {
                    clock.is_void = true;
                }
            }
            _ => {}
        }
    }
    clocks.into_iter().map(|(_, clock)| clock).collect()
}
