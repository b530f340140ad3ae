//! Figures of single questions, and their sums.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{DEPTH, Figures, Judgements, QueryEntry, RunLine};

/// What one question got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Each {
    /// Id of the question.
    pub id: String,
    /// Its words.
    pub query: String,
    /// nDCG@10; 0 where nothing is judged right.
    pub ndcg_10: f64,
    /// Share of what is right among the first ten.
    pub recall_10: f64,
    /// Share of the first ten that is right.
    pub precision_10: f64,
    /// Rank of the first that is right, within ten.
    pub right_at: Option<usize>,
    /// Whether there is an article that is fully right.
    pub has_full: bool,
    /// Rank of the first that is fully right, within ten.
    pub full_at: Option<usize>,
    /// The first articles, best first.
    pub found: Vec<String>,
    /// Articles that are right, the fully right ones first.
    pub wanted: Vec<String>,
}

/// Articles of a question that are kept to be shown.
const SHOWN: usize = 3;

/// Measures every question of a run.
pub fn each(queries: &[QueryEntry], judgements: &Judgements, run: &[RunLine]) -> Vec<Each> {
    let mut by_query: HashMap<&str, Vec<&RunLine>> = HashMap::new();
    for line in run.iter().filter(|l| l.rank <= DEPTH) {
        by_query.entry(&line.query).or_default().push(line);
    }
    let none = HashMap::new();
    let one = |entry: &QueryEntry| {
        let judged = judgements.get(&entry.id).unwrap_or(&none);
        // References only: a run that was read may list them in any order, and a question may stand twice.
        let mut lines = by_query.get(entry.id.as_str()).cloned().unwrap_or_default();
        lines.sort_by_key(|l| l.rank);
        let relevance = |l: &&RunLine| judged.get(&l.article).copied().unwrap_or(0);
        let found: Vec<(usize, u32)> = lines.iter().map(|l| (l.rank, relevance(l))).collect();
        let gain = |rank: usize, relevance: u32| f64::from(relevance) / ((rank + 1) as f64).log2();
        let dcg: f64 = found.iter().map(|(rank, rel)| gain(*rank, *rel)).sum();
        let mut ideal: Vec<(&String, u32)> =
            judged.iter().map(|(id, rel)| (id, *rel)).filter(|(_, r)| *r > 0).collect();
        ideal.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let best: f64 = ideal.iter().take(DEPTH).enumerate().map(|(i, (_, rel))| gain(i + 1, *rel)).sum();
        let relevant = found.iter().filter(|(_, rel)| *rel >= 1).count() as f64;
        let first = |least: u32| found.iter().find(|(_, rel)| *rel >= least).map(|(rank, _)| *rank);
        Each {
            id: entry.id.clone(),
            query: entry.query.clone(),
            ndcg_10: if best > 0.0 { dcg / best } else { 0.0 },
            recall_10: if best > 0.0 { relevant / ideal.len() as f64 } else { 0.0 },
            precision_10: relevant / DEPTH as f64,
            right_at: first(1),
            has_full: ideal.first().is_some_and(|(_, rel)| *rel >= 2),
            full_at: first(2),
            found: lines.iter().take(SHOWN).map(|l| l.article.clone()).collect(),
            wanted: ideal.into_iter().map(|(id, _)| id.clone()).take(SHOWN).collect(),
        }
    };
    queries.iter().map(one).collect()
}

/// The figures of some questions.
pub fn figures<'a>(each: impl IntoIterator<Item = &'a Each>) -> Figures {
    let all: Vec<&Each> = each.into_iter().collect();
    let n = all.len().max(1) as f64;
    let mean = |of: &dyn Fn(&Each) -> f64| all.iter().map(|e| of(e)).sum::<f64>() / n;
    let full: Vec<&&Each> = all.iter().filter(|e| e.has_full).collect();
    let within = |k: usize| full.iter().filter(|e| e.full_at.is_some_and(|rank| rank <= k)).count() as f64;
    let sr: BTreeMap<usize, f64> = [1, 3, 5, 10].map(|k| (k, within(k) / full.len().max(1) as f64)).into();
    Figures {
        queries: all.len(),
        articles: 0,
        ndcg_10: mean(&|e| e.ndcg_10),
        recall_10: mean(&|e| e.recall_10),
        precision_10: mean(&|e| e.precision_10),
        sr,
        mrr: mean(&|e| e.right_at.map_or(0.0, |rank| 1.0 / rank as f64)),
        latency_us: [0; 4],
        build_ms: 0,
    }
}

/// The questions that got the least, the worst first.
pub fn worst(each: &[Each], limit: usize) -> Vec<&Each> {
    let mut all: Vec<&Each> = each.iter().filter(|e| !e.wanted.is_empty()).collect();
    all.sort_by(|a, b| a.ndcg_10.total_cmp(&b.ndcg_10).then_with(|| a.id.cmp(&b.id)));
    all.truncate(limit);
    all
}
