//! Third step: from features to an order, by trees that were learnt from judged questions, and how likely it is
//! that the first one is right.
//!
//! A model is a text file: a head, the names of the features, the calibration, the trees (a line each) and the
//! check sum of all lines before it. Numbers are written so that reading gives the same bits back.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::calibrate::{Calibration, SIGNS, signs};
use crate::forest::{Forest, LEAF, Node};
use crate::{FEATURE_NAMES, FEATURES, Feature, Features, Hit};

/// The first line of a file; the number grows when the format does.
const HEAD: &str = "madoguchi ranking model 1";

/// An order that was learnt, with how likely its first is right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub(crate) forest: Forest,
    pub(crate) calibration: Calibration,
    /// On what it was learnt, in a line for people.
    pub about: String,
}

/// What is wrong with a model file, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}; take the model that belongs to this version, or make one with `madoguchi train`")]
pub struct ModelError {
    /// Line from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

fn wrong(line: usize, reason: impl Into<String>) -> ModelError {
    ModelError { line, reason: reason.into() }
}

/// What a document is worth before anything is learnt: how much of the question it holds. Trees only correct this, so
/// that in a city unlike those that were learnt from, the order is still a plain one.
pub(crate) fn prior(features: &Features) -> f32 {
    0.5 * features[Feature::OfBestWords as usize]
        + 0.9 * features[Feature::CoveredOrSubstitutedTitle as usize]
        + 0.4 * features[Feature::TitleCoveredOrSubstituted as usize]
        + BY_VECTOR * behind_by_vector(features)
}

/// How much it counts to be behind the nearest by vectors. The trees that come with the program were learnt without
/// vectors, as most cities have none; this is what they count until a city learns a model with its own (`train
/// --vectors`).
const BY_VECTOR: f32 = 1.6;

/// How far a document is behind the nearest one by vectors: 0 for that one and without vectors, −1 for the opposite.
/// Never above 0: a document gains nothing by being near, it only gets further ahead of what is not.
fn behind_by_vector(features: &Features) -> f32 {
    let share = features[Feature::OfBestVector as usize];
    if share > 0.0 { share - 1.0 } else { 0.0 }
}

/// How much the trees count for a question of a single word. There is little to weigh in it: whoever types 転入届 looks
/// something up, and articles that hold the word come first.
const TRUST_OF_ONE_WORD: f32 = 0.25;

/// What a document is worth of which the trees say so much.
fn worth(features: &Features, learnt: f32) -> f32 {
    let trust = if features[Feature::QuestionWords as usize] <= 1.0 { TRUST_OF_ONE_WORD } else { 1.0 };
    prior(features) + trust * learnt
}

impl Model {
    /// The value of a document.
    pub fn score(&self, features: &Features) -> f32 {
        worth(features, self.forest.sum(features))
    }

    /// The values of candidates, as [`Model::score`] gives them.
    fn scores(&self, candidates: &[(u32, Features)]) -> Vec<f32> {
        let documents: Vec<&Features> = candidates.iter().map(|(_, features)| features).collect();
        let learnt = self.forest.sums(&documents);
        learnt.iter().zip(documents).map(|(learnt, features)| worth(features, *learnt)).collect()
    }

    /// Orders candidates, best first; equal values keep the lower number.
    pub fn rank(&self, candidates: Vec<(u32, Features)>, limit: usize) -> Vec<Hit> {
        let scores = self.scores(&candidates);
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(candidates[*a].0.cmp(&candidates[*b].0)));
        order.truncate(limit);
        order.into_iter().map(|i| Hit { doc: candidates[i].0, score: scores[i], features: candidates[i].1 }).collect()
    }

    /// How likely it is that the first of these, best first, is right: 0 to 1.
    pub fn probability(&self, ranked: &[Hit]) -> f32 {
        signs(ranked).map_or(0.0, |signs| self.calibration.probability(&signs))
    }

    /// The same model with another calibration.
    pub fn calibrated(mut self, calibration: Calibration) -> Self {
        self.calibration = calibration;
        self
    }

    /// The file.
    pub fn write(&self) -> String {
        let mut text =
            format!("{HEAD}\nabout {}\nfeatures {}\n", self.about.replace('\n', " "), FEATURE_NAMES.join(" "));
        let numbers =
            |values: &[f32]| values.iter().map(|v| format!("{:x}", v.to_bits())).collect::<Vec<_>>().join(" ");
        let c = &self.calibration;
        let _infallible =
            writeln!(text, "calibration {} {} {}", numbers(&c.means), numbers(&c.scales), numbers(&c.weights));
        for tree in self.forest.trees() {
            let node = |n: &Node| match n.feature {
                LEAF => format!("{:x}", n.value.to_bits()),
                feature => format!("{feature},{},{:x}", n.left, n.value.to_bits()),
            };
            let _infallible = writeln!(text, "tree {}", tree.iter().map(node).collect::<Vec<_>>().join(" "));
        }
        let sum = check_sum(&text);
        text + "sha256 " + &sum + "\n"
    }

    /// Reads a file. Nothing of one that is damaged or of another version is used.
    pub fn read(text: &str) -> Result<Self, ModelError> {
        let lines: Vec<&str> = text.lines().collect();
        if lines.first() != Some(&HEAD) {
            return Err(wrong(1, format!("this is no model of this version (it should begin with {HEAD:?})")));
        }
        let Some((last, before)) = lines.split_last() else { return Err(wrong(1, "the file is empty")) };
        let said = last.strip_prefix("sha256 ").ok_or_else(|| wrong(lines.len(), "the end of the file is missing"))?;
        let body: String = before.iter().map(|line| format!("{line}\n")).collect();
        if check_sum(&body) != said {
            return Err(wrong(lines.len(), "the file is damaged: its check sum does not fit"));
        }
        let mut model = Model::default();
        for (number, line) in (2..).zip(&before[1..]) {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            match kind {
                "about" => model.about = rest.to_owned(),
                "features" if rest == FEATURE_NAMES.join(" ") => {}
                "features" => return Err(wrong(number, "it was learnt on other features than this version has")),
                "calibration" => model.calibration = calibration(number, rest)?,
                "tree" => model.forest.push(tree(number, rest)?),
                other => return Err(wrong(number, format!("{other:?} is unknown"))),
            }
        }
        Ok(model)
    }
}

fn check_sum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn number(line: usize, text: &str) -> Result<f32, ModelError> {
    let bits = u32::from_str_radix(text, 16).map_err(|_| wrong(line, format!("{text:?} is no number")))?;
    let value = f32::from_bits(bits);
    if value.is_finite() { Ok(value) } else { Err(wrong(line, "a number is not finite")) }
}

fn calibration(line: usize, text: &str) -> Result<Calibration, ModelError> {
    let values: Vec<f32> = text.split(' ').map(|v| number(line, v)).collect::<Result<_, _>>()?;
    if values.len() != 3 * SIGNS + 1 {
        return Err(wrong(line, "the calibration has another length"));
    }
    let mut calibration = Calibration::default();
    calibration.means.copy_from_slice(&values[..SIGNS]);
    calibration.scales.copy_from_slice(&values[SIGNS..2 * SIGNS]);
    calibration.weights.copy_from_slice(&values[2 * SIGNS..]);
    Ok(calibration)
}

fn tree(line: usize, text: &str) -> Result<Vec<Node>, ModelError> {
    let count = text.split(' ').count();
    let node = |(at, text): (usize, &str)| {
        let Some((feature, rest)) = text.split_once(',') else {
            return Ok(Node { feature: LEAF, value: number(line, text)?, left: 0 });
        };
        let (left, value) = rest.split_once(',').ok_or_else(|| wrong(line, "a node has no value"))?;
        let small = |text: &str| text.parse::<u16>().map_err(|_| wrong(line, format!("{text:?} is no number")));
        let (feature, left) = (small(feature)?, small(left)?);
        // Children stand behind their parent, so that every walk ends.
        let ends = usize::from(left) > at && usize::from(left) + 1 < count;
        if usize::from(feature) >= FEATURES || !ends {
            return Err(wrong(line, "a node points to nothing"));
        }
        Ok(Node { feature, value: number(line, value)?, left })
    };
    text.split(' ').enumerate().map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Model {
        let leaf = |value| Node { feature: LEAF, value, left: 0 };
        let tree = vec![Node { feature: 1, value: 0.5, left: 1 }, leaf(-1.25), leaf(0.1)];
        of(tree)
    }

    fn of(tree: Vec<Node>) -> Model {
        let mut model = Model { about: "a test".into(), ..Model::default() };
        model.forest.push(tree);
        model
    }

    #[test]
    fn what_is_written_is_read_bit_by_bit() {
        let model = small();
        let read = Model::read(&model.write()).expect("read");
        assert_eq!(read, model);
        let mut features = [0.0; FEATURES];
        features[Feature::QuestionWords as usize] = 3.0;
        assert_eq!(read.score(&features), -1.25);
        features[1] = 0.6;
        assert_eq!(read.score(&features), 0.1);
        features[Feature::QuestionWords as usize] = 1.0;
        assert_eq!(read.score(&features), 0.1 * TRUST_OF_ONE_WORD, "a single word is looked up");
    }

    #[test]
    fn vectors_change_nothing_where_there_are_none_and_hold_back_what_is_far() {
        let with = |share: f32| {
            let mut features = [0.0; FEATURES];
            features[Feature::OfBestWords as usize] = 1.0;
            features[Feature::OfBestVector as usize] = share;
            prior(&features)
        };
        assert_eq!(with(0.0), 0.5);
        assert_eq!(with(1.0), 0.5, "the nearest");
        assert!(with(0.5) < with(0.9) && with(0.9) < with(1.0));
    }

    #[test]
    fn all_at_once_is_one_by_one() {
        let model = small();
        let one = |i: u32| (i, std::array::from_fn(|f| (i as f32 * 0.37 + f as f32 * 0.11).fract()));
        let candidates: Vec<(u32, Features)> = (0..40).map(one).collect();
        let ranked = model.rank(candidates.clone(), 10);
        assert!(ranked.iter().all(|h| h.score.to_bits() == model.score(&candidates[h.doc as usize].1).to_bits()));
        assert!(
            ranked.windows(2).all(|w| w[0].score > w[1].score || (w[0].score == w[1].score && w[0].doc < w[1].doc))
        );
        assert_eq!(ranked.len(), 10);
    }

    #[test]
    fn no_damaged_file_is_used() {
        let text = small().write();
        for (damaged, said) in [
            (String::new(), "no model"),
            (text.replacen("model 1", "model 9", 1), "no model"),
            (text.replacen("0,", "", 1).replacen("tree 1", "tree 2", 1), "damaged"),
            (text.lines().take(4).collect::<Vec<_>>().join("\n"), "end of the file"),
        ] {
            let error = Model::read(&damaged).expect_err("refused");
            assert!(error.to_string().contains(said), "{error}");
        }
        // Sound by its sum, but a walk through it would never end.
        let leaf = Node { feature: LEAF, value: 0.0, left: 0 };
        let endless = of(vec![Node { feature: 1, value: 0.5, left: 0 }, leaf, leaf]);
        assert!(Model::read(&endless.write()).expect_err("refused").to_string().contains("points to nothing"));
        let outside = of(vec![Node { feature: 999, value: 0.5, left: 1 }, leaf, leaf]);
        assert!(Model::read(&outside.write()).is_err());
    }
}
