//! `eval faq`.

use std::path::Path;
use std::process::ExitCode;

use knowledge::eval::{self, CorpusEntry, QueryEntry};

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::whole_file::WholeFile;
use crate::{house, progress};

pub(super) fn read(file: &Path) -> Result<(String, String), Failure> {
    let name = file.display().to_string();
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::new(Code::File, format!("{name} cannot be read: {e}")))?;
    Ok((name, text))
}

pub(super) fn faq(
    config: &Config,
    corpus: &Path,
    queries: &Path,
    qrels: &Path,
    run: Option<&Path>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let (name, text) = read(corpus)?;
    let corpus: Vec<CorpusEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(queries)?;
    let queries: Vec<QueryEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(qrels)?;
    let judgements = eval::read_judgements(&name, &text)?;
    let dictionary = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    let reading = house::reading(house::analyzer(dictionary.as_deref(), None)?)?;
    let bar = progress::bar("質問しています", Some(queries.len() as u64), json);
    let (figures, lines) = eval::run(&reading, &corpus, &queries, &judgements, |n| bar.set_position(n as u64));
    bar.finish_and_clear();
    if let Some(file) = run {
        WholeFile::with(file, eval::trec(&lines).as_bytes())?.keep()?;
    }
    Ok(say(json, &figures, || {
        let [median, p90, p99, longest] = figures.latency_us;
        let sr: Vec<String> = figures.sr.iter().map(|(k, share)| format!("SR@{k} {share:.3}")).collect();
        format!(
            "{} questions over {} articles\nnDCG@10 {:.4}   recall@10 {:.4}   P@10 {:.4}   MRR {:.4}\n{}\nlatency: median {median} µs, 90 % {p90} µs, 99 % {p99} µs, longest {longest} µs; index built in {} ms",
            figures.queries,
            figures.articles,
            figures.ndcg_10,
            figures.recall_10,
            figures.precision_10,
            figures.mrr,
            sr.join("   "),
            figures.build_ms,
        )
    }))
}
