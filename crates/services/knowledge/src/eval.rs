//! Measuring retrieval on judged questions.
//!
//! [`each`] measures every question, [`figures`] sums them up, [`slices`] sums up parts, [`compare`] says whether two
//! runs differ by more than chance.
//!
//! nDCG@10 with linear gain rel / log2(rank + 1); recall@10 and precision@10 over rel ≥ 1; SR@k: share of
//! the questions that have a rel-2 article with one of these within k; MRR over all questions: 1 / rank
//! of the first rel ≥ 1 within 10.

mod compared;
pub mod drawn;
mod each;
mod measured;
mod sliced;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use search::calibrate::LEARNT_ON;
use search::{Field, Index, Query, Texts, Vocabulary, analyse_all};
use serde::{Deserialize, Serialize};

use crate::KnowledgeError;
use crate::ask::outcome_of;
use crate::embed::SetVectors;
use crate::reading::Reading;

pub use compared::{Compared, compare, read_trec};
pub use each::{Each, each, figures, worst};
pub use measured::{Became, Cost, Measured, Reliability};
pub use sliced::{Labels, Slice, slices, slices_of_articles};

/// Depth to which is measured.
const DEPTH: usize = 10;
/// Depth of a written run.
const RUN_DEPTH: usize = 100;

/// An article of a corpus file, one JSON object per line.
#[derive(Clone, Debug, Deserialize)]
pub struct CorpusEntry {
    /// Id.
    pub id: String,
    /// Question.
    pub question: String,
    /// Answer.
    pub answer: String,
}

/// A question of a query file, one JSON object per line.
#[derive(Clone, Debug, Deserialize)]
pub struct QueryEntry {
    /// Id.
    pub id: String,
    /// Words.
    pub query: String,
}

/// Judgements: query id, article id, relevance.
pub type Judgements = HashMap<String, HashMap<String, u32>>;

/// Figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Questions measured.
    pub queries: usize,
    /// Articles searched.
    pub articles: usize,
    /// nDCG@10.
    pub ndcg_10: f64,
    /// Recall@10.
    pub recall_10: f64,
    /// Precision@10.
    pub precision_10: f64,
    /// Success at 1, 3, 5, 10.
    pub sr: BTreeMap<usize, f64>,
    /// Mean reciprocal rank.
    pub mrr: f64,
    /// Question to ranked answer, in microseconds: median, 90 %, 99 %, longest.
    pub latency_us: [u128; 4],
    /// Analysis and index, in milliseconds.
    pub build_ms: u128,
}

/// One line of a run in TREC form.
#[derive(Clone, Debug, PartialEq)]
pub struct RunLine {
    /// Question.
    pub query: String,
    /// Article.
    pub article: String,
    /// Rank from 1.
    pub rank: usize,
    /// Score.
    pub score: f32,
}

fn broken(file: &str, line: usize, reason: impl std::fmt::Display) -> KnowledgeError {
    KnowledgeError::File { file: format!("{file}, line {line}"), reason: reason.to_string() }
}

/// Reads a file of one JSON object per line.
pub fn read_jsonl<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<Vec<T>, KnowledgeError> {
    let lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    lines.map(|(i, l)| serde_json::from_str(l).map_err(|e| broken(file, i + 1, e))).collect()
}

/// Reads judgements: head, then `query TAB article TAB relevance`.
pub fn read_judgements(file: &str, text: &str) -> Result<Judgements, KnowledgeError> {
    let mut judgements = Judgements::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let mut fields = line.split('\t');
        let (Some(query), Some(article), Some(relevance), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(broken(file, i + 1, "a line is: query TAB article TAB relevance"));
        };
        match relevance.trim().parse() {
            Ok(relevance) => {
                judgements.entry(query.to_owned()).or_default().insert(article.to_owned(), relevance);
            }
            Err(_) if i == 0 => {}
            Err(_) => return Err(broken(file, i + 1, format!("{relevance:?} is not a relevance"))),
        }
    }
    Ok(judgements)
}

/// The texts of an article by field.
pub(crate) fn texts(entry: &CorpusEntry) -> Texts {
    let mut texts = Texts::default();
    texts.push(Field::Question, &entry.question);
    let (summary, rest) = parted(&entry.answer);
    texts.push(Field::Summary, summary);
    texts.push(Field::Answer, rest);
    texts
}

/// The texts of a corpus, as they are indexed.
pub fn corpus_texts(corpus: &[CorpusEntry]) -> Vec<Texts> {
    corpus.iter().map(texts).collect()
}

/// Longest first sentence that is taken for a summary, in characters.
const SUMMARY: usize = 120;

/// The first sentence of an answer that has no summary of its own, and the rest.
fn parted(answer: &str) -> (&str, &str) {
    let ends =
        answer.char_indices().take(SUMMARY).find(|(_, c)| matches!(c, '。' | '\n')).map(|(at, c)| at + c.len_utf8());
    answer.split_at(ends.unwrap_or(0))
}

/// An index over texts, as a library makes it.
pub(crate) fn index(reading: &Reading, texts: &[Texts], vectors: Option<&SetVectors>) -> Index {
    let mut vocabulary = Arc::new(Vocabulary::default());
    let documents = analyse_all(&reading.analyzer, &mut vocabulary, texts);
    let kin = reading.lexicon.kin(Arc::make_mut(&mut vocabulary));
    let index = Index::new(vocabulary, documents, &kin);
    match vectors {
        Some(vectors) => index.with_vectors(&vectors.documents),
        None => index,
    }
}

/// A question with its vector, by its place among the questions.
pub(crate) fn with_vector(query: Query, vectors: Option<&SetVectors>, place: usize) -> Query {
    query.with_vector(vectors.and_then(|v| v.questions.get(place).cloned()))
}

/// Indexes a corpus, asks every question, and measures. Returns what it showed and the run.
/// `progress` is told how many questions were asked.
pub fn run(
    reading: &Reading,
    corpus: &[CorpusEntry],
    queries: &[QueryEntry],
    judgements: &Judgements,
    vectors: Option<&SetVectors>,
    mut progress: impl FnMut(usize),
) -> (Measured, Vec<RunLine>) {
    let started = std::time::Instant::now();
    let texts = corpus_texts(corpus);
    let index = index(reading, &texts, vectors);
    let build_ms = started.elapsed().as_millis();
    let mut times = Vec::with_capacity(queries.len());
    let (mut lines, mut said, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for (i, entry) in queries.iter().enumerate() {
        let started = std::time::Instant::now();
        let query = Query::new(&reading.analyzer, index.vocabulary(), &reading.lexicon, &entry.query);
        let query = with_vector(query, vectors, i);
        let hits = index.search(&query, &reading.model, RUN_DEPTH);
        times.push(started.elapsed());
        lines.extend(hits.iter().enumerate().map(|(rank, hit)| RunLine {
            query: entry.id.clone(),
            article: corpus[hit.doc as usize].id.clone(),
            rank: rank + 1,
            score: hit.score,
        }));
        let ranked = &hits[..hits.len().min(LEARNT_ON)];
        let probability = reading.model.probability(ranked);
        outcomes.push(outcome_of(ranked, probability, &reading.thresholds));
        let relevance = |doc: u32| judgements.get(&entry.id)?.get(&corpus[doc as usize].id);
        said.push((probability, hits.first().is_some_and(|hit| relevance(hit.doc) == Some(&2))));
        progress(i + 1);
    }
    let mut measured = Measured::of("judged", &each(queries, judgements, &lines), &said, &outcomes, &[]);
    measured.figures.articles = corpus.len();
    measured.figures.latency_us = percentiles(&mut times);
    measured.figures.build_ms = build_ms;
    (measured, lines)
}

/// Median, 90 %, 99 % and longest, in microseconds.
pub fn percentiles(times: &mut [Duration]) -> [u128; 4] {
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(index).map_or(0, Duration::as_micros)
    };
    [at(0.5), at(0.9), at(0.99), at(1.0)]
}

/// The figures of a run.
pub fn measure(queries: &[QueryEntry], judgements: &Judgements, run: &[RunLine]) -> Figures {
    figures(&each(queries, judgements, run))
}

/// A run in TREC form: `qid Q0 docid rank score tag`.
pub fn trec(run: &[RunLine]) -> String {
    run.iter().map(|l| format!("{} Q0 {} {} {} madoguchi\n", l.query, l.article, l.rank, l.score)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(query: &str, article: &str, rank: usize) -> RunLine {
        RunLine { query: query.into(), article: article.into(), rank, score: 1.0 / rank as f32 }
    }

    #[test]
    fn figures_follow_their_definitions() {
        let queries: Vec<QueryEntry> =
            read_jsonl("q", "{\"id\":\"a\",\"query\":\"x\"}\n{\"id\":\"b\",\"query\":\"y\"}").expect("queries");
        let judgements =
            read_judgements("j", "query_id\tdoc_id\trelevance\na\t1\t2\na\t2\t1\nb\t3\t1\n").expect("judged");
        let run = [line("a", "9", 1), line("a", "1", 2), line("a", "2", 3), line("b", "3", 1)];
        let f = measure(&queries, &judgements, &run);
        // a: 2/log2(3) + 1/log2(4) over 2/log2(2) + 1/log2(3); b: perfect.
        let a = (2.0 / 3f64.log2() + 0.5) / (2.0 + 1.0 / 3f64.log2());
        assert!((f.ndcg_10 - (a + 1.0) / 2.0).abs() < 1e-12);
        assert!((f.recall_10 - 1.0).abs() < 1e-12);
        assert!((f.precision_10 - (0.2 + 0.1) / 2.0).abs() < 1e-12);
        assert!((f.mrr - (0.5 + 1.0) / 2.0).abs() < 1e-12);
        // Only question a has an article that is fully right, and it stands second.
        assert_eq!((f.sr[&1], f.sr[&3]), (0.0, 1.0));
    }

    #[test]
    fn broken_files_are_told_with_their_line() {
        assert!(read_judgements("j", "q\td\tr\na\tb\n").expect_err("refused").to_string().contains("line 2"));
        assert!(read_jsonl::<QueryEntry>("q", "{}").expect_err("refused").to_string().contains("line 1"));
    }

    #[test]
    fn percentiles_of_a_hundred() {
        let mut times: Vec<Duration> = (1..=100).map(Duration::from_micros).collect();
        assert_eq!(percentiles(&mut times), [50, 90, 99, 100]);
        assert_eq!(percentiles(&mut []), [0; 4]);
    }
}
