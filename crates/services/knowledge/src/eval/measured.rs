//! All that is measured of a ranking on some questions.

use search::calibrate::{self, Bin};
use serde::Serialize;

use crate::Outcome;

use super::{Each, Figures, Slice, figures, slices, worst};

/// What a ranking showed on some questions.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// The questions.
    pub set: String,
    /// Figures of the ranking.
    #[serde(flatten)]
    pub figures: Figures,
    /// Expected calibration error of the probability that the first answer is fully right.
    pub calibration_error: f64,
    /// Share of the questions that can be answered while 95 % of the first answers are right.
    pub coverage_at_95: f64,
    /// The probability from which on they are answered then.
    pub threshold_at_95: f32,
    /// Mean probability of questions that nothing answers, where such were asked.
    pub said_of_unanswered: Option<f64>,
    /// What was said and what was so.
    pub reliability: Vec<Reliability>,
    /// Share of the questions that are answered if the surest come first, and share of these that are wrong.
    pub risk: Vec<(f64, f64)>,
    /// What thresholds cost.
    pub costs: Vec<Cost>,
    /// What becomes of the questions by the rules of asking.
    pub outcomes: Vec<Became>,
    /// Figures of parts of the questions.
    pub slices: Vec<Slice>,
    /// The questions that got the least.
    pub worst: Vec<Each>,
}

/// Questions with one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Became {
    /// `answer`, `choose` or `unsure`.
    pub outcome: &'static str,
    /// Share of all questions.
    pub share: f64,
    /// Of these, the share whose first article is fully right.
    pub first_right: f64,
    /// … the share that has one among the first five.
    pub right_within_5: f64,
}

fn became(each: &[Each], outcomes: &[Outcome]) -> Vec<Became> {
    let one = |outcome: Outcome| {
        let of: Vec<&Each> = each.iter().zip(outcomes).filter(|(_, o)| **o == outcome).map(|(e, _)| e).collect();
        let within = |k: usize| of.iter().filter(|e| e.full_at.is_some_and(|at| at <= k)).count() as f64;
        let n = of.len().max(1) as f64;
        Became {
            outcome: outcome.code(),
            share: of.len() as f64 / each.len().max(1) as f64,
            first_right: within(1) / n,
            right_within_5: within(5) / n,
        }
    };
    [Outcome::Answer, Outcome::Choose, Outcome::Unsure].map(one).to_vec()
}

/// A bin of the reliability diagram.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reliability {
    /// Questions in it.
    pub questions: usize,
    /// Mean probability that was said.
    pub said: f64,
    /// Share that was right.
    pub right: f64,
}

impl From<Bin> for Reliability {
    fn from(bin: Bin) -> Self {
        Reliability { questions: bin.questions, said: bin.said, right: bin.right }
    }
}

/// What it costs to answer from a probability on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// The probability.
    pub from: f32,
    /// Share of the questions that are answered.
    pub answered: f64,
    /// Share of these answers that are wrong.
    pub wrong: f64,
    /// Share of the questions that nothing answers and that are answered all the same, where such were asked.
    pub answered_in_vain: Option<f64>,
}

/// Questions that are kept because they got the least.
const WORST: usize = 200;
/// Thresholds whose cost is told.
const FROM: [f32; 6] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

impl Measured {
    /// Sums up questions, of which `said` gives the probability of the first answer and whether it was right,
    /// `outcomes` what became of each, and `unanswered` the probability where nothing is right.
    pub fn of(set: &str, each: &[Each], said: &[(f32, bool)], outcomes: &[Outcome], unanswered: &[f32]) -> Self {
        let (coverage_at_95, threshold_at_95) = calibrate::coverage_at(said, 0.95);
        // Of what was not asked there is no share.
        let asked = (!unanswered.is_empty()).then_some(unanswered.len() as f64);
        let cost = |from: f32| {
            let (answered, wrong) = calibrate::cost(said, from);
            let in_vain = unanswered.iter().filter(|p| **p >= from).count() as f64;
            Cost { from, answered, wrong, answered_in_vain: asked.map(|n| in_vain / n) }
        };
        Measured {
            set: set.to_owned(),
            figures: figures(each),
            calibration_error: calibrate::calibration_error(said),
            coverage_at_95,
            threshold_at_95,
            said_of_unanswered: asked.map(|n| unanswered.iter().map(|p| f64::from(*p)).sum::<f64>() / n),
            reliability: calibrate::reliability(said, 10).into_iter().map(Into::into).collect(),
            risk: calibrate::risk(said),
            costs: FROM.map(cost).to_vec(),
            outcomes: became(each, outcomes),
            slices: slices(each),
            worst: worst(each, WORST).into_iter().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_questions_is_counted() {
        let each = |full_at: Option<usize>| Each {
            id: String::new(),
            query: String::new(),
            ndcg_10: 0.0,
            recall_10: 0.0,
            precision_10: 0.0,
            right_at: full_at,
            has_full: true,
            full_at,
            found: Vec::new(),
            wanted: Vec::new(),
        };
        let all = [each(Some(1)), each(Some(4)), each(Some(7)), each(None)];
        let outcomes = [Outcome::Answer, Outcome::Answer, Outcome::Choose, Outcome::Choose];
        let became = became(&all, &outcomes);
        let row = |outcome, share, first_right, right_within_5| Became { outcome, share, first_right, right_within_5 };
        assert_eq!(became, [row("answer", 0.5, 0.5, 1.0), row("choose", 0.5, 0.0, 0.0), row("unsure", 0.0, 0.0, 0.0)]);
    }
}
