//! A question and its answer.

use std::sync::Arc;

use calendar::Date;
use search::{Explanation, Hit, Query, QueryTerm};

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
}

/// Share of the question's weight that the first article must cover to be offered as the answer.
const SURE_COVERAGE: f32 = 0.45;
/// Below this share of the first one's score an article is no candidate.
const CANDIDATE_SHARE: f32 = 0.35;
/// A question of which less than this is covered has found nothing.
const LEAST_COVERAGE: f32 = 0.2;

/// What an article gains that the city offers in more than one language: cities translate what is
/// asked most. Small against a match of words (10 to 60), large enough to part 「引っ越した」 alone.
const ASKED_OFTEN: f32 = 2.5;

impl Library {
    /// Answers a question from what is public on a day, with at most `limit` articles.
    pub fn ask(&self, asked: &str, on: Date, limit: usize) -> Answer {
        let snapshot = self.snapshot();
        let query = Query::new(self.analyzer(), snapshot.index.vocabulary(), asked);
        // Some of the best may not be public; enough are taken to fill the page all the same.
        let hits = snapshot.index.search(&query, &self.ranker, limit * 3 + 10);
        let mut found: Vec<Found> = hits
            .into_iter()
            .map(|hit| Found { article: snapshot.articles[hit.doc as usize].clone(), hit })
            .filter(|f| f.article.is_public(on))
            .collect();
        // Whether anything was found is a matter of words alone.
        if found.first().is_none_or(|f| coverage(&f.hit) < LEAST_COVERAGE) {
            return Answer { found: Vec::new(), sure: false };
        }
        for f in &mut found {
            f.hit.score += asked_often(&f.article);
        }
        found.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
        found.truncate(limit);
        let Some(first) = found.first().map(|f| f.hit) else {
            return Answer { found, sure: false };
        };
        found.retain(|f| f.hit.score >= first.score * CANDIDATE_SHARE);
        Answer { sure: coverage(&first) >= SURE_COVERAGE, found }
    }

    /// How a question was read: its words with base form, reading and weight.
    pub fn read_question(&self, asked: &str) -> Vec<QueryTerm> {
        Query::new(self.analyzer(), self.snapshot().index.vocabulary(), asked).terms
    }

    /// Why the articles of an answer have their places.
    pub fn explain(&self, asked: &str, found: &[Found]) -> Vec<Explanation> {
        let snapshot: Arc<Snapshot> = self.snapshot();
        let query = Query::new(self.analyzer(), snapshot.index.vocabulary(), asked);
        let explain = |f: &Found| {
            let mut explanation = snapshot.index.explain(&query, &self.ranker, &f.hit);
            explanation.features.push(("asked_often", 1.0, asked_often(&f.article)));
            explanation
        };
        found.iter().map(explain).collect()
    }
}

fn asked_often(article: &Article) -> f32 {
    if article.content.texts.len() > 1 { ASKED_OFTEN } else { 0.0 }
}

fn coverage(hit: &Hit) -> f32 {
    hit.features[3]
}
