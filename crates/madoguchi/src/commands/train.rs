//! `train`: the order of answers is learnt from judged questions, and measured on questions it did not see.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use knowledge::VectorState;
use knowledge::eval::{self, CorpusEntry, QueryEntry};
use knowledge::import;
use knowledge::train::{self, Paraphrase, Set};

use super::eval::read;
use super::{measured, say};
use crate::cli::Train;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::whole_file::WholeFile;
use crate::{embedding, house, progress};

fn judged(train: &Train) -> Result<Option<Set>, Failure> {
    let (Some(corpus), Some(queries), Some(qrels)) = (&train.corpus, &train.queries, &train.qrels) else {
        return Ok(None);
    };
    let (name, text) = read(corpus)?;
    let corpus: Vec<CorpusEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(queries)?;
    let queries: Vec<QueryEntry> = eval::read_jsonl(&name, &text)?;
    let (name, text) = read(qrels)?;
    Ok(Some(Set::judged("judged", &corpus, queries, eval::read_judgements(&name, &text)?)))
}

/// The lines of each article by turns.
fn halves(lines: &[Paraphrase]) -> (Vec<&Paraphrase>, Vec<&Paraphrase>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    lines.iter().partition(|line| {
        let times = seen.entry(&line.code).or_default();
        *times += 1;
        *times % 2 == 1
    })
}

/// The sets with vectors of their texts and questions.
fn embedded(vectors: &VectorState, sets: Vec<Set>) -> Result<Vec<Set>, Failure> {
    let all = async {
        let mut done = Vec::new();
        for set in sets {
            done.push(set.embedded(vectors).await?);
        }
        Ok::<_, vectors::EmbedError>(done)
    };
    embedding::run(all)?.map_err(|error| Failure::new(Code::File, format!("the vectors of [search.vectors]: {error}")))
}

pub(super) fn train(config: &Config, train: &Train, json: bool) -> Result<ExitCode, Failure> {
    let (mut sets, mut held_out) = (Vec::new(), Vec::new());
    sets.extend(judged(train)?);
    if let Some(articles) = &train.articles {
        let articles = import::read_path(articles)?;
        let lines = |files: &[PathBuf]| -> Result<Vec<Paraphrase>, Failure> {
            let mut lines = Vec::new();
            for file in files {
                let (name, text) = read(file)?;
                lines.extend(train::paraphrases(&articles, &name, &text)?);
            }
            Ok(lines)
        };
        let (asked, unseen) = (lines(&train.paraphrases)?, lines(&train.held_out)?);
        // What an article has answered helps to find it; a question must not be found by itself. So each half is
        // asked where the other half was answered.
        let (even, odd) = halves(&asked);
        sets.push(Set::paraphrased("paraphrases, first half", &articles, &even, &odd));
        sets.push(Set::paraphrased("paraphrases, second half", &articles, &odd, &even));
        sets.push(Set::translated("translated questions", &articles));
        if !unseen.is_empty() {
            let (asked, unseen): (Vec<_>, Vec<_>) = (asked.iter().collect(), unseen.iter().collect());
            held_out.push(Set::paraphrased("held out, nothing answered before", &articles, &unseen, &[]));
            held_out.push(Set::paraphrased("held out, the others answered before", &articles, &unseen, &asked));
        }
    }
    if sets.is_empty() {
        return Err(Failure::new(Code::Refused, "there is nothing to learn from")
            .hint("give --corpus, --queries and --qrels, or --articles and --paraphrases"));
    }
    let dictionary = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    let reading = knowledge::reading::Reading::unlearnt(house::analyzer(dictionary.as_deref(), None)?);
    let vectors = match &train.vectors {
        Some(folder) => Some(embedding::folder(folder)),
        None => config.vectors(),
    };
    let vectors = vectors.transpose().map_err(|reason| Failure::new(Code::Configuration, reason))?;
    if let Some(vectors) = &vectors {
        (sets, held_out) = (embedded(vectors, sets)?, embedded(vectors, held_out)?);
    }
    let mut about: Vec<String> = sets.iter().map(|s| format!("{} questions: {}", s.queries.len(), s.name)).collect();
    about.extend(vectors.map(|vectors| format!("with vectors of {}", vectors.identity())));
    let bar = progress::bar("学習しています", Some(5), json);
    let (model, all) =
        train::train(&reading, &sets, &held_out, &about.join("; "), |part| bar.set_position(part as u64));
    bar.finish_and_clear();
    if let Some(file) = &train.model {
        WholeFile::with(file, model.write().as_bytes())?.keep()?;
    }
    measured::draw(&all, &train.shown)?;
    let words = || all.iter().map(|m| measured::in_words(m, &train.shown)).collect::<Vec<_>>().join("\n\n");
    Ok(say(json, &all, words))
}
