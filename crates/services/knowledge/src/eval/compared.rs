//! Whether two runs differ by more than chance: a paired randomisation test on nDCG@10.
//!
//! Source: Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval
//! Evaluation" (2007), §3.1.

use std::collections::HashMap;

use serde::Serialize;

use super::{Each, RunLine};
use crate::KnowledgeError;

/// Two runs over the same questions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Questions of both.
    pub questions: usize,
    /// Mean of nDCG@10 of this run less that of the other.
    pub difference: f64,
    /// Questions that are better and worse than in the other.
    pub better: usize,
    /// Worse.
    pub worse: usize,
    /// How often chance alone makes such a difference, 0 to 1.
    pub p: f64,
}

/// Exchanges that are tried.
const TRIES: u32 = 10_000;
/// Differences below are none.
const NONE: f64 = 1e-9;

/// Compares two runs over the questions of both.
pub fn compare(this: &[Each], other: &[Each]) -> Compared {
    let others: HashMap<&str, f64> = other.iter().map(|e| (e.id.as_str(), e.ndcg_10)).collect();
    let differences: Vec<f64> = this.iter().filter_map(|e| Some(e.ndcg_10 - others.get(e.id.as_str())?)).collect();
    let n = differences.len().max(1) as f64;
    let seen = differences.iter().sum::<f64>() / n;
    // The same runs give the same figure: splitmix64 from a fixed start.
    let mut state = 1u64;
    let mut sign = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (z ^ (z >> 31)) & 1 == 0 { 1.0 } else { -1.0 }
    };
    let as_large = |_: &u32| {
        let mean = differences.iter().map(|d| sign() * d).sum::<f64>() / n;
        mean.abs() >= seen.abs() - NONE
    };
    let larger = (0..TRIES).filter(as_large).count();
    Compared {
        questions: differences.len(),
        difference: seen,
        better: differences.iter().filter(|d| **d > NONE).count(),
        worse: differences.iter().filter(|d| **d < -NONE).count(),
        p: (larger + 1) as f64 / f64::from(TRIES + 1),
    }
}

/// Reads a run in TREC form: `qid Q0 docid rank score tag`.
pub fn read_trec(file: &str, text: &str) -> Result<Vec<RunLine>, KnowledgeError> {
    let mut run = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let broken = || super::broken(file, number, "a line is: question Q0 article rank score name");
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [query, _, article, rank, score, _] = fields[..] else { return Err(broken()) };
        run.push(RunLine {
            query: query.to_owned(),
            article: article.to_owned(),
            rank: rank.parse().map_err(|_| broken())?,
            score: score.parse().map_err(|_| broken())?,
        });
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{QueryEntry, each, trec};

    fn run(right: impl Fn(usize) -> bool) -> Vec<Each> {
        let queries: Vec<QueryEntry> =
            (0..40).map(|i| QueryEntry { id: i.to_string(), query: String::new() }).collect();
        let judgements = (0..40).map(|i: usize| (i.to_string(), HashMap::from([("a".to_owned(), 2)]))).collect();
        let line = |i: usize| RunLine {
            query: i.to_string(),
            article: if right(i) { "a" } else { "b" }.into(),
            rank: 1,
            score: 1.0,
        };
        let lines: Vec<RunLine> = (0..40).map(line).collect();
        assert_eq!(read_trec("run", &trec(&lines)).expect("read again"), lines);
        each(&queries, &judgements, &lines)
    }

    #[test]
    fn chance_and_more_than_chance() {
        let (half, same, better) = (run(|i| i % 2 == 0), run(|i| i % 2 == 1), run(|_| true));
        let none = compare(&half, &same);
        assert!(none.difference.abs() < 1e-12 && none.p > 0.9, "{none:?}");
        let clear = compare(&better, &half);
        assert_eq!((clear.better, clear.worse, clear.difference), (20, 0, 0.5));
        assert!(clear.p < 0.001, "{clear:?}");
        assert!(read_trec("run", "1 Q0 a x 1 y").expect_err("no rank").to_string().contains("line 1"));
    }
}
