//! A question and its answer.

use std::sync::Arc;

use calendar::Date;
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
        coverage(&self.hit)
    }
}

/// What a question gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Articles, best first.
    pub found: Vec<Found>,
    /// Whether the first one is offered as the answer; otherwise all are offered to choose from.
    pub sure: bool,
    /// How likely the first one is right, 0 to 1.
    pub probability: f32,
}

/// How likely the first article must be right to be offered as the answer.
const SURE: f32 = 0.5;
/// A single word is looked up: an article that holds it as it is written is the answer, however many others do.
const LOOKED_UP: f32 = 0.95;
/// How far behind the first one an article may be and still be offered.
const BEHIND: f32 = 1.6;
/// A question of which less than this stands in the first article as it was asked has found nothing, unless it is
/// likely right all the same.
const LEAST_COVERAGE: f32 = 0.2;

/// What an article gains that the city offers in more than one language: cities translate what is
/// asked most. Small against what trees say (−1 to 2), large enough to part 「引っ越した」 alone.
const ASKED_OFTEN: f32 = 0.1;

impl Library {
    /// Answers a question from what is public on a day, with at most `limit` articles.
    pub fn ask(&self, asked: &str, on: Date, limit: usize) -> Answer {
        let snapshot = self.snapshot();
        let query = self.query(&snapshot, asked);
        // Some of the best may not be public; enough are taken to fill the page all the same.
        let hits = snapshot.index.search(&query, &self.reading().model, limit * 3 + 10);
        let mut found: Vec<Found> = hits
            .into_iter()
            .map(|hit| Found { article: snapshot.articles[hit.doc as usize].clone(), hit })
            .filter(|f| f.article.is_public(on))
            .collect();
        for f in &mut found {
            f.hit.score += asked_often(&f.article);
        }
        found.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
        found.truncate(limit);
        let ranked: Vec<Hit> = found.iter().map(|f| f.hit).collect();
        let probability = self.reading().model.probability(&ranked);
        let likely = probability >= SURE;
        // Where hardly a word of the question stands, only what is likely right is shown.
        let Some(first) = ranked.first().filter(|hit| likely || direct(hit) >= LEAST_COVERAGE) else {
            return Answer { found: Vec::new(), sure: false, probability: 0.0 };
        };
        found.retain(|f| f.hit.score >= first.score - BEHIND);
        let in_title = || first.features[Feature::CoveredTitle as usize] >= LOOKED_UP;
        let sure = if is_looked_up(first) { in_title() } else { likely };
        Answer { sure, probability, found }
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
            explanation
        };
        found.iter().map(explain).collect()
    }
}

/// Share of the question that stands in an article as it was asked, without what may stand for its words.
fn direct(hit: &Hit) -> f32 {
    hit.features[Feature::Covered as usize]
}

/// Whether the question was a single word.
fn is_looked_up(hit: &Hit) -> bool {
    hit.features[Feature::QuestionWords as usize] <= 1.0
}

fn asked_often(article: &Article) -> f32 {
    if article.content.texts.len() > 1 { ASKED_OFTEN } else { 0.0 }
}

fn coverage(hit: &Hit) -> f32 {
    hit.features[Feature::CoveredOrSubstituted as usize]
}
