//! `train`: the order of answers is learnt from judged questions, and measured on questions it did not see.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use knowledge::VectorState;
use knowledge::eval::{self, CorpusEntry, QueryEntry};
use knowledge::import;
use knowledge::reading::Reading;
use knowledge::train::ablation::{self, Without};
use knowledge::train::feedback::{self, Feedback};
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

/// What citizens said of the answers of a city.
fn fed_back(config: &Config, city: Option<&str>, examination: f64) -> Result<Set, Failure> {
    if !(0.0..=3.0).contains(&examination) {
        return Err(Failure::new(Code::Refused, format!("--examination {examination}: say a number from 0 to 3")));
    }
    let city = config.chosen(city)?;
    let (articles, wordings, seen) = super::runtime()?.block_on(async {
        let db = config.open(city).await?;
        let known = feedback::read(&mut db.read().await?).await?;
        db.close().await;
        Ok::<_, Failure>(known)
    })?;
    let set = Set::fed_back(
        "what citizens said",
        &Feedback { articles: &articles, wordings: &wordings, seen: &seen, examination },
    );
    if set.queries.is_empty() {
        return Err(Failure::new(
            Code::Refused,
            format!("--feedback: of {} words of citizens none can be learnt from", seen.len()),
        )
        .hint("a question is learnt from when it was said at least twice that the same article helped with it"));
    }
    Ok(set)
}

pub(super) fn train(config: &Config, city: Option<&str>, train: &Train, json: bool) -> Result<ExitCode, Failure> {
    let (mut sets, mut held_out) = (Vec::new(), Vec::new());
    sets.extend(judged(train)?);
    if train.feedback {
        sets.push(fed_back(config, city, train.examination)?);
    }
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
            .hint("give --corpus, --queries and --qrels, or --articles and --paraphrases, or --feedback"));
    }
    let dictionary = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    let reading = Reading::unlearnt(house::analyzer(dictionary.as_deref(), None)?);
    let vectors = match &train.vectors {
        Some(folder) => Some(embedding::folder(folder)),
        None => config.vectors(),
    };
    let vectors = vectors.transpose().map_err(|reason| Failure::new(Code::Configuration, reason))?;
    if train.feedback && vectors.as_ref().is_some_and(|v| v.is_remote()) {
        return Err(Failure::new(
            Code::Refused,
            "--feedback would send what citizens wrote to the endpoint of [search.vectors]",
        )
        .hint("name a static model with --vectors, or learn with a configuration that has no endpoint"));
    }
    if let Some(vectors) = &vectors {
        (sets, held_out) = (embedded(vectors, sets)?, embedded(vectors, held_out)?);
    }
    if train.ablation {
        return Ok(ablation(&reading, &sets, json));
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
    let words = || {
        let (off, questions) = measured::calibration_together(&all[..sets.len()]);
        let together = format!("all parts together, {questions} questions: calibration error {off:.3}");
        let each = all.iter().map(|m| measured::in_words(m, &train.shown));
        each.chain([together]).collect::<Vec<_>>().join("\n\n")
    };
    Ok(say(json, &all, words))
}

/// What each kind of sign gives, as a table.
fn ablation(reading: &Reading, sets: &[Set], json: bool) -> ExitCode {
    let bar = progress::bar("学習しています", Some(1 + search::Kind::ALL.len() as u64), json);
    let all = ablation::ablation(reading, sets, |step| bar.set_position(step as u64));
    bar.finish_and_clear();
    let row = |w: &Without| {
        let what = w.kind.map_or_else(|| "all signs".to_owned(), |kind| format!("without {kind}"));
        let figures = w.measured.iter().map(|m| {
            let sr = |k: usize| m.figures.sr.get(&k).copied().unwrap_or(0.0);
            format!("  {:.3} {:.3} {:.3}", m.figures.ndcg_10, sr(1), sr(5))
        });
        format!("{what:<22}{}", figures.collect::<String>())
    };
    let words = || {
        let names: Vec<String> = sets.iter().map(|s| format!("{} ({} questions)", s.name, s.queries.len())).collect();
        let head = format!("nDCG@10, SR@1, SR@5 of: {}", names.join("; "));
        std::iter::once(head).chain(all.iter().map(row)).collect::<Vec<_>>().join("\n")
    };
    say(json, &all, words)
}
