//! How likely it is that the first answer is right: a logistic regression on what the ranking shows.
//!
//! Expected calibration error as in Guo et al., "On Calibration of Modern Neural Networks" (2017), with bins of
//! equal width.

use crate::{Feature, Hit};

/// Articles of a ranking by which it is learnt, and asked, how likely its first is right.
pub const LEARNT_ON: usize = 10;

/// Signs that are looked at.
pub(crate) const SIGNS: usize = 15;

/// How far behind the first one others are close to it.
const CLOSE: f32 = 0.5;

pub(crate) type Signs = [f32; SIGNS];

/// The signs of a ranking; `None` if nothing was found.
pub(crate) fn signs(ranked: &[Hit]) -> Option<Signs> {
    let first = ranked.first()?;
    let second = ranked.get(1).map_or(first.score - 3.0, |h| h.score);
    let others = ranked.iter().skip(1).take(4);
    let (sum, n) = others.fold((0.0, 0.0), |(sum, n), h| (sum + h.score, n + 1.0));
    let middle = if n > 0.0 { sum / n } else { second };
    let of = |feature: Feature| first.features[feature as usize];
    let close = ranked.iter().filter(|h| h.score >= first.score - CLOSE).count();
    Some([
        first.score,
        first.score - second,
        first.score - middle,
        of(Feature::CoveredOrSubstituted),
        of(Feature::TitleCoveredOrSubstituted),
        of(Feature::Latent),
        of(Feature::BestSentenceOrSubstituted),
        of(Feature::UnknownShare),
        of(Feature::RarestWordInTitle),
        of(Feature::PairsOfTitle),
        of(Feature::QuestionMass).ln_1p(),
        of(Feature::CoveredHead),
        of(Feature::LikeAnswered),
        of(Feature::Covered),
        (close as f32).ln(),
    ])
}

/// A ranking, and what came of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The best, best first.
    pub ranked: Vec<Hit>,
    /// Whether the first was right.
    pub right: bool,
    /// How much it counts against others.
    pub weight: f32,
}

/// A logistic regression over standardised signs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    pub(crate) means: Signs,
    pub(crate) scales: Signs,
    /// Of each sign, and that of none at the end.
    pub(crate) weights: [f32; SIGNS + 1],
}

impl Default for Calibration {
    /// Knows nothing: one half.
    fn default() -> Self {
        Calibration { means: [0.0; SIGNS], scales: [1.0; SIGNS], weights: [0.0; SIGNS + 1] }
    }
}

/// How much weights are held back.
const RIDGE: f64 = 1.0;
/// Steps of the descent, which is convex and ends long before.
const STEPS: usize = 3000;

impl Calibration {
    /// Learns from rankings and whether their first was right.
    pub fn learn(examples: &[Example]) -> Self {
        let rows: Vec<(Signs, &Example)> = examples.iter().filter_map(|e| Some((signs(&e.ranked)?, e))).collect();
        let n = rows.iter().map(|(_, e)| e.weight).sum::<f32>();
        let mut c = Calibration::default();
        if rows.is_empty() || n <= 0.0 {
            return c;
        }
        for i in 0..SIGNS {
            c.means[i] = rows.iter().map(|(s, e)| e.weight * s[i]).sum::<f32>() / n;
            let variance = rows.iter().map(|(s, e)| e.weight * (s[i] - c.means[i]).powi(2)).sum::<f32>() / n;
            c.scales[i] = variance.sqrt().max(1e-3);
        }
        let row = |(s, e): &(Signs, &Example)| {
            (c.standard(s).map(f64::from), if e.right { 1.0 } else { 0.0 }, f64::from(e.weight))
        };
        let rows: Vec<([f64; SIGNS + 1], f64, f64)> = rows.iter().map(row).collect();
        let mut w = [0.0f64; SIGNS + 1];
        for _ in 0..STEPS {
            let mut slope = [0.0f64; SIGNS + 1];
            for (x, y, weight) in &rows {
                let z: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum();
                let error = weight * (1.0 / (1.0 + (-z).exp()) - y);
                for (s, x) in slope.iter_mut().zip(x) {
                    *s += error * x;
                }
            }
            for (i, (w, s)) in w.iter_mut().zip(slope).enumerate() {
                let held = if i < SIGNS { RIDGE * *w } else { 0.0 };
                *w -= 0.5 * (s + held) / f64::from(n);
            }
        }
        c.weights = w.map(|v| v as f32);
        c
    }

    fn standard(&self, signs: &Signs) -> [f32; SIGNS + 1] {
        std::array::from_fn(|i| {
            if i < SIGNS { ((signs[i] - self.means[i]) / self.scales[i]).clamp(-4.0, 4.0) } else { 1.0 }
        })
    }

    pub(crate) fn probability(&self, signs: &Signs) -> f32 {
        let z: f32 = self.standard(signs).iter().zip(self.weights).map(|(x, w)| x * w).sum();
        1.0 / (1.0 + (-z).exp())
    }
}

/// A bin of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Questions in it.
    pub questions: usize,
    /// Mean probability that was said.
    pub said: f64,
    /// Share that was right.
    pub right: f64,
}

/// Bins of equal width of (probability, whether it was right); empty ones are left out.
pub fn reliability(said: &[(f32, bool)], bins: usize) -> Vec<Bin> {
    let bin_of = |p: f32| ((p * bins as f32) as usize).min(bins - 1);
    (0..bins)
        .filter_map(|bin| {
            let inside: Vec<&(f32, bool)> = said.iter().filter(|(p, _)| bin_of(*p) == bin).collect();
            let n = inside.len() as f64;
            let said = inside.iter().map(|(p, _)| f64::from(*p)).sum::<f64>() / n;
            let right = inside.iter().filter(|(_, right)| *right).count() as f64 / n;
            (!inside.is_empty()).then_some(Bin { questions: inside.len(), said, right })
        })
        .collect()
}

/// Expected calibration error over ten bins: mean distance of what was said from what was so.
pub fn calibration_error(said: &[(f32, bool)]) -> f64 {
    let bins = reliability(said, 10);
    bins.iter().map(|b| b.questions as f64 * (b.said - b.right).abs()).sum::<f64>() / said.len().max(1) as f64
}

/// The largest share of questions that can be answered, the surest first, while at least `precision` of these are
/// right; with the probability of the last one.
pub fn coverage_at(said: &[(f32, bool)], precision: f64) -> (f64, f32) {
    let mut sorted = said.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut best) = (0.0, (0.0, 1.0));
    for (i, (p, is_right)) in sorted.iter().enumerate() {
        right += if *is_right { 1.0 } else { 0.0 };
        if right / (i + 1) as f64 >= precision {
            best = ((i + 1) as f64 / said.len() as f64, *p);
        }
    }
    best
}

/// The risk–coverage curve: share of the questions that are answered if the surest come first, and share of these that
/// are wrong; a point after each question.
pub fn risk(said: &[(f32, bool)]) -> Vec<(f64, f64)> {
    let mut said: Vec<&(f32, bool)> = said.iter().collect();
    said.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut wrong = 0.0;
    let point = |(i, (_, right)): (usize, &&(f32, bool))| {
        wrong += if *right { 0.0 } else { 1.0 };
        ((i + 1) as f64 / said.len() as f64, wrong / (i + 1) as f64)
    };
    said.iter().enumerate().map(point).collect()
}

/// What it costs to answer from a probability on: share of the questions that are answered, and share of these answers
/// that are wrong.
pub fn cost(said: &[(f32, bool)], from: f32) -> (f64, f64) {
    let answered: Vec<&(f32, bool)> = said.iter().filter(|(p, _)| *p >= from).collect();
    let wrong = answered.iter().filter(|(_, right)| !*right).count() as f64;
    (answered.len() as f64 / said.len().max(1) as f64, wrong / answered.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FEATURES;

    #[test]
    fn a_clear_sign_is_learnt() {
        let hit = |score| Hit { doc: 0, score, features: [0.0; FEATURES] };
        let example = |i: usize| {
            let gap = (i % 10) as f32 / 5.0;
            Example { ranked: vec![hit(1.0), hit(1.0 - gap)], right: gap > 0.9, weight: 1.0 }
        };
        let examples: Vec<_> = (0..200).map(example).collect();
        let calibration = Calibration::learn(&examples);
        let p = |i: usize| calibration.probability(&signs(&examples[i].ranked).expect("signs"));
        assert!(p(9) > 0.9 && p(0) < 0.1, "{} {}", p(9), p(0));
        assert_eq!(signs(&[]), None);
    }

    #[test]
    fn errors_and_coverage_follow_their_definitions() {
        let said = [(0.95, true), (0.95, true), (0.95, false), (0.05, false)];
        let error = calibration_error(&said);
        assert!((error - (3.0 * (0.95 - 2.0 / 3.0) + 0.05) / 4.0).abs() < 1e-6, "{error}");
        assert_eq!(coverage_at(&said, 1.0).0, 0.5);
        assert_eq!(coverage_at(&said, 0.66).0, 0.75);
        assert_eq!(coverage_at(&[], 0.9).0, 0.0);
        assert_eq!((cost(&said, 0.9), cost(&said, 0.99)), ((0.75, 1.0 / 3.0), (0.0, 0.0)));
        assert_eq!(risk(&said), [(0.25, 0.0), (0.5, 0.0), (0.75, 1.0 / 3.0), (1.0, 0.5)]);
    }
}
