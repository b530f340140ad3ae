//! A question and its answer.

use std::sync::Arc;

use calendar::Date;
use search::calibrate::LEARNT_ON;
use search::thesaurus::Lexicon;
use search::{Explanation, Feature, Hit, QueryTerm};

use crate::{Article, Library, Snapshot};

/// An article that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The article.
    pub article: Arc<Article>,
    /// Its place in the order.
    pub hit: Hit,
}

impl Found {
    /// Share of the question's weight that the article covers, 0 to 1.
    pub fn coverage(&self) -> f32 {
        covered(&self.hit)
    }
}

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first article is the answer.
    Answer,
    /// The person chooses among some.
    Choose,
    /// Nothing is likely enough: here is a person who helps. What is nearest stands below.
    Unsure,
}

impl Outcome {
    /// As it stands in files and figures.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Answer => "answer",
            Outcome::Choose => "choose",
            Outcome::Unsure => "unsure",
        }
    }
}

/// From which probability of the first article on something is done. `madoguchi eval faq` and `train` print what other
/// values would cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// It is offered as the answer.
    pub answer_from: f32,
    /// Several are offered to choose from; below, a person.
    pub offer_from: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { answer_from: 0.5, offer_from: 0.12 }
    }
}

/// What a question gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Articles, best first.
    pub found: Vec<Found>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// How likely the first one is right, 0 to 1.
    pub probability: f32,
}

impl Answer {
    /// Whether the first article is offered as the answer.
    pub fn is_sure(&self) -> bool {
        self.outcome == Outcome::Answer
    }
}

/// A single word is looked up: an article that holds it as it is written is the answer, however many others do.
const LOOKED_UP: f32 = 0.95;
/// Weight of such a word: 「なくしました」 alone says too little to be looked up.
const LOOKED_UP_MASS: f32 = 1.5;
/// How far behind the first one an article may be and still be offered.
const BEHIND: f32 = 1.6;
/// So many are offered all the same, if they hold enough of the question: what is meant may be another matter.
const AT_LEAST: usize = 3;
/// Of what is no answer, the nearest that are shown all the same.
const NEAREST: usize = 3;
/// A question of which less than this stands in the first article, or something that stands for it, has found nothing.
const LEAST_COVERAGE: f32 = 0.1;
/// A question of which less than this stands there gets no choice unless the first article is likely the answer.
const COVERAGE_TO_OFFER: f32 = 0.3;
/// So much of a question, or so much likeness to one that was answered before, makes up for its rarest word.
const COVERAGE_WITHOUT_RAREST: f32 = 0.4;
const LIKE_ONE_ANSWERED: f32 = 0.5;
/// From which likeness of vectors on, less that of any two, an article is near.
const NEAR: f32 = 0.5;

/// What an article gains that the city offers in more than one language: cities translate what is
/// asked most. Small against what trees say (−1 to 2), large enough to part 「引っ越した」 alone.
const ASKED_OFTEN: f32 = 0.1;

/// From which likeness on a question is one that was answered before, but for politeness and spelling; and what that
/// is worth: a person of the section said that this article answers it.
const THE_SAME: f32 = 0.9;
const ASKED_BEFORE: f32 = 2.0;

impl Library {
    /// Answers a question from what is public on a day, with at most `limit` articles.
    pub fn ask(&self, asked: &str, on: Date, limit: usize) -> Answer {
        let snapshot = self.snapshot();
        self.ask_with(&snapshot, &snapshot.lexicon, asked, on, limit)
    }

    /// The same in a state of the library, with words that may stand for others.
    pub(crate) fn ask_with(
        &self,
        snapshot: &Snapshot,
        lexicon: &Lexicon,
        asked: &str,
        on: Date,
        limit: usize,
    ) -> Answer {
        let query = self.query_with(snapshot, lexicon, asked);
        // Some of the best may not be public; enough are taken to fill the page all the same.
        let hits = snapshot.index.search(&query, &self.reading().model, limit * 3 + 10);
        let mut found: Vec<Found> = hits
            .into_iter()
            .map(|hit| Found { article: snapshot.articles[hit.doc as usize].clone(), hit })
            .filter(|f| f.article.is_public(on))
            .collect();
        for f in &mut found {
            f.hit.score += asked_often(&f.article) + asked_before(&f.hit);
        }
        found.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
        // However many are wanted, the likelihood is that among as many as it was learnt on.
        let ranked: Vec<Hit> = found.iter().take(LEARNT_ON).map(|f| f.hit).collect();
        let probability = self.reading().model.probability(&ranked);
        found.truncate(limit);
        let Some(first) = ranked.first().filter(|hit| is_something(hit)) else {
            return Answer { found: Vec::new(), outcome: Outcome::Unsure, probability: 0.0 };
        };
        let mut place = 0;
        found.retain(|f| {
            place += 1;
            f.hit.score >= first.score - BEHIND || (place <= AT_LEAST && covered(&f.hit) >= COVERAGE_TO_OFFER)
        });
        let outcome = outcome(first, probability, &self.reading().thresholds);
        if outcome == Outcome::Unsure {
            found.truncate(NEAREST);
        }
        Answer { outcome, probability, found }
    }

    /// How a question was read: its words with base form, reading and weight.
    pub fn read_question(&self, asked: &str) -> Vec<QueryTerm> {
        self.query(&self.snapshot(), asked).terms
    }

    /// Why the articles of an answer have their places.
    pub fn explain(&self, asked: &str, found: &[Found]) -> Vec<Explanation> {
        let snapshot: Arc<Snapshot> = self.snapshot();
        let query = self.query(&snapshot, asked);
        let among: Vec<Hit> = found.iter().map(|f| f.hit).collect();
        let explain = |f: &Found| {
            let mut explanation = snapshot.index.explain(&query, &self.reading().model, &f.hit, &among);
            explanation.features.push(("asked_often", 1.0, asked_often(&f.article)));
            explanation.features.push(("asked_before", 1.0, asked_before(&f.hit)));
            explanation
        };
        found.iter().map(explain).collect()
    }
}

/// What becomes of a question with a ranking, whose first article is right with a probability.
pub(crate) fn outcome_of(ranked: &[Hit], probability: f32, thresholds: &Thresholds) -> Outcome {
    let first = ranked.first().filter(|hit| is_something(hit));
    first.map_or(Outcome::Unsure, |first| outcome(first, probability, thresholds))
}

/// Whether enough of the question is met that an article counts as found.
fn is_something(hit: &Hit) -> bool {
    covered(hit) >= LEAST_COVERAGE || has_other_sign(hit)
}

/// What becomes of a question whose first article is likely right to a degree.
fn outcome(first: &Hit, probability: f32, thresholds: &Thresholds) -> Outcome {
    let of = |feature: Feature| first.features[feature as usize];
    if is_asked_before(first) {
        return Outcome::Answer;
    }
    if is_looked_up(first) && of(Feature::QuestionMass) >= LOOKED_UP_MASS {
        return match of(Feature::CoveredTitle) >= LOOKED_UP {
            true => Outcome::Answer,
            false if covered(first) >= COVERAGE_TO_OFFER => Outcome::Choose,
            false => Outcome::Unsure,
        };
    }
    // What the question turns on must be there, or much else.
    let is_about_it =
        of(Feature::RarestWord) > 0.0 || covered(first) >= COVERAGE_WITHOUT_RAREST || is_like_answered(first);
    if probability >= thresholds.answer_from && is_about_it {
        Outcome::Answer
    } else if probability >= thresholds.offer_from && (covered(first) >= COVERAGE_TO_OFFER || has_other_sign(first)) {
        Outcome::Choose
    } else {
        Outcome::Unsure
    }
}

/// Whether an article that holds little of the question's words may be offered all the same.
fn has_other_sign(hit: &Hit) -> bool {
    is_like_answered(hit) || is_near(hit)
}

/// Whether an article is near by vectors. It may be offered for that, but not be the answer: what the question turns
/// on must stand there.
fn is_near(hit: &Hit) -> bool {
    hit.features[Feature::Vector as usize].max(hit.features[Feature::VectorTitle as usize]) >= NEAR
}

fn is_like_answered(hit: &Hit) -> bool {
    hit.features[Feature::LikeAnswered as usize] >= LIKE_ONE_ANSWERED
}

/// Whether the question was a single word.
fn is_looked_up(hit: &Hit) -> bool {
    hit.features[Feature::QuestionWords as usize] <= 1.0
}

/// Whether somebody asked just so before and this article answered.
fn is_asked_before(hit: &Hit) -> bool {
    hit.features[Feature::LikeAnswered as usize] >= THE_SAME
        && hit.features[Feature::PairsAnswered as usize] >= THE_SAME
}

fn asked_before(hit: &Hit) -> f32 {
    if is_asked_before(hit) { ASKED_BEFORE } else { 0.0 }
}

fn asked_often(article: &Article) -> f32 {
    if article.content.texts.len() > 1 { ASKED_OFTEN } else { 0.0 }
}

/// Share of the question that stands in an article, or something that stands for it.
fn covered(hit: &Hit) -> f32 {
    hit.features[Feature::CoveredOrSubstituted as usize]
}
