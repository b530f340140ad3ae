//! `eval faq`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use knowledge::embed::SetVectors;
use knowledge::eval::{self, CorpusEntry, QueryEntry, RunLine};

use super::{measured, say};
use crate::cli::EvalFaq;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::whole_file::WholeFile;
use crate::{embedding, house, progress};

pub(super) fn read(file: &Path) -> Result<(String, String), Failure> {
    let name = file.display().to_string();
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::new(Code::File, format!("{name} cannot be read: {e}")))?;
    Ok((name, text))
}

pub(super) fn faq(config: &Config, what: &EvalFaq, json: bool) -> Result<ExitCode, Failure> {
    let (name, text) = read(&what.corpus)?;
    let corpus: Vec<CorpusEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(&what.queries)?;
    let queries: Vec<QueryEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(&what.qrels)?;
    let judgements = eval::read_judgements(&name, &text)?;
    // The other run is read before the long work, so that a slip in its name costs nothing.
    let other = what.against.as_deref().map(read).transpose()?;
    let other = other.map(|(name, text)| eval::read_trec(&name, &text)).transpose()?;
    let dictionary = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    let reading = house::reading(house::analyzer(dictionary.as_deref(), None)?)?;
    let vectors = config.vectors().transpose().map_err(|reason| Failure::new(Code::Configuration, reason))?;
    let vectors = vectors.map(|state| {
        let asked: Vec<String> = queries.iter().map(|q| q.query.clone()).collect();
        let texts = eval::corpus_texts(&corpus);
        embedding::run(SetVectors::of(&state, &texts, &asked))?
            .map_err(|error| Failure::new(Code::File, format!("the vectors of [search.vectors]: {error}")))
    });
    let vectors = vectors.transpose()?;
    let bar = progress::bar("質問しています", Some(queries.len() as u64), json);
    let (measured, lines) =
        eval::run(&reading, &corpus, &queries, &judgements, vectors.as_ref(), |n| bar.set_position(n as u64));
    bar.finish_and_clear();
    if let Some(file) = &what.run {
        WholeFile::with(file, eval::trec(&lines).as_bytes())?.keep()?;
    }
    measured::draw(std::slice::from_ref(&measured), &what.shown)?;
    let of = |run: &[RunLine]| eval::each(&queries, &judgements, run);
    let compared = other.map(|other| eval::compare(&of(&lines), &of(&other)));
    let mut value = serde_json::to_value(&measured).map_err(|e| Failure::new(Code::File, e.to_string()))?;
    if let Some(compared) = &compared {
        value["compared"] = serde_json::to_value(compared).map_err(|e| Failure::new(Code::File, e.to_string()))?;
    }
    Ok(say(json, &value, || {
        let [median, p90, p99, longest] = measured.figures.latency_us;
        let mut words = measured::in_words(&measured, &what.shown);
        let _infallible = write!(
            words,
            "\nlatency: median {median} µs, 90 % {p90} µs, 99 % {p99} µs, longest {longest} µs; index built in {} ms",
            measured.figures.build_ms,
        );
        if let Some(compared) = &compared {
            let _infallible = write!(words, "\n{}", measured::compared(compared));
        }
        words
    }))
}
