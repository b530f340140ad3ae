//! Learning the order of answers from judged questions, and measuring it on questions that were not learnt from.

use std::collections::HashMap;

use city::Lang;
use search::calibrate::{self, Bin, Calibration};
use search::learn::{self, Group, Parameters};
use search::{Hit, Model, Query, Texts};
use serde::Serialize;

use crate::KnowledgeError;
use crate::eval::{self, CorpusEntry, Figures, Judgements, QueryEntry, RunLine};
use crate::import::Incoming;
use crate::reading::Reading;

/// Parts of a cross-validation, and from where their dice start.
const PARTS: usize = 5;
const SEED: u64 = 7;
/// Depth to which a ranking is kept.
const DEPTH: usize = 10;

/// Judged questions over some articles.
pub struct Set {
    /// What it is, for the figures.
    pub name: String,
    /// Ids of the articles.
    pub ids: Vec<String>,
    /// Their texts.
    pub texts: Vec<Texts>,
    /// The questions.
    pub queries: Vec<QueryEntry>,
    /// What is right for them.
    pub judgements: Judgements,
    /// Questions that belong together: those of one part are learnt from or measured together.
    pub kin: Vec<String>,
}

impl Set {
    /// Of a corpus with judged questions.
    pub fn judged(name: &str, corpus: &[CorpusEntry], queries: Vec<QueryEntry>, judgements: Judgements) -> Self {
        let kin = queries.iter().map(|q| q.id.clone()).collect();
        let (ids, texts) = corpus.iter().map(|e| (e.id.clone(), eval::texts(e))).unzip();
        Set { name: name.into(), ids, texts, queries, judgements, kin }
    }

    /// Of a city's articles with paraphrases: lines of style, code, other codes that answer it too, question, with
    /// tabs between them. Paraphrases of one article are of one part.
    pub fn paraphrased(name: &str, articles: &[Incoming], file: &str, text: &str) -> Result<Self, KnowledgeError> {
        let codes: HashMap<&str, &Incoming> = articles.iter().map(|a| (a.code.as_str(), a)).collect();
        let (mut queries, mut judgements, mut kin) = (Vec::new(), Judgements::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
            let broken = |reason: String| KnowledgeError::File { file: format!("{file}, line {number}"), reason };
            let [style, code, also, query] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(broken("a line is: style TAB code TAB other codes TAB question".into()));
            };
            let right = std::iter::once(code).chain(also.split(',').map(str::trim).filter(|c| !c.is_empty()));
            let mut judged = HashMap::new();
            for code in right {
                if !codes.contains_key(code) {
                    return Err(broken(format!("there is no article {code:?}")));
                }
                judged.insert(code.to_owned(), 2);
            }
            let id = format!("{style}:{number}");
            judgements.insert(id.clone(), judged);
            kin.push(code.to_owned());
            queries.push(QueryEntry { id, query: query.to_owned() });
        }
        let ids = articles.iter().map(|a| a.code.clone()).collect();
        let texts = articles.iter().map(|a| crate::library::texts(&a.content)).collect();
        Ok(Set { name: name.into(), ids, texts, queries, judgements, kin })
    }

    /// The articles' own questions in the languages into which they were translated.
    pub fn translated(name: &str, articles: &[Incoming]) -> Self {
        let (mut queries, mut judgements, mut kin) = (Vec::new(), Judgements::new(), Vec::new());
        for article in articles {
            for (lang, text) in article.content.texts.iter().filter(|(lang, _)| **lang != Lang::Ja) {
                let id = format!("{}:{}", lang.code(), article.code);
                judgements.insert(id.clone(), HashMap::from([(article.code.clone(), 2)]));
                kin.push(article.code.clone());
                queries.push(QueryEntry { id, query: text.question.clone() });
            }
        }
        let ids = articles.iter().map(|a| a.code.clone()).collect();
        let texts = articles.iter().map(|a| crate::library::texts(&a.content)).collect();
        Set { name: name.into(), ids, texts, queries, judgements, kin }
    }
}

/// The questions of a set with their candidates.
struct Prepared<'a> {
    set: &'a Set,
    /// Numbers of the candidates of each question.
    candidates: Vec<Vec<u32>>,
    groups: Vec<Group>,
    /// The part of each question.
    parts: Vec<usize>,
}

fn prepare<'a>(reading: &Reading, set: &'a Set) -> Prepared<'a> {
    let index = eval::index(reading, &set.texts);
    let mut kin: Vec<&String> = set.kin.iter().collect();
    kin.sort();
    kin.dedup();
    let folds = learn::folds(kin.len(), PARTS, SEED);
    let part_of: HashMap<&String, usize> = kin.into_iter().zip(folds).collect();
    let (mut candidates, mut groups) = (Vec::new(), Vec::new());
    for entry in &set.queries {
        let query = Query::new(&reading.analyzer, index.vocabulary(), &reading.lexicon, &entry.query);
        let (docs, features): (Vec<u32>, Vec<_>) = index.features(&query).into_iter().unzip();
        let judged = set.judgements.get(&entry.id);
        let relevance =
            |doc: &u32| judged.and_then(|j| j.get(&set.ids[*doc as usize])).map_or(0, |r| (*r).min(2) as u8);
        groups.push(Group { relevance: docs.iter().map(relevance).collect(), features });
        candidates.push(docs);
    }
    let parts = set.kin.iter().map(|k| part_of[k]).collect();
    Prepared { set, candidates, groups, parts }
}

/// What a set showed on questions that were not learnt from.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// The set.
    pub set: String,
    /// Figures of the ranking.
    pub figures: Figures,
    /// Expected calibration error of the probability that the first answer is fully right.
    pub calibration_error: f64,
    /// Share of the questions that can be answered while 95 % of the first answers are right.
    pub coverage_at_95: f64,
    /// The probability from which on they are answered then.
    pub threshold_at_95: f32,
    /// What was said and what was so.
    pub reliability: Vec<Reliability>,
}

/// A bin of the reliability diagram.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reliability {
    /// Questions in it.
    pub questions: usize,
    /// Mean probability that was said.
    pub said: f64,
    /// Share that was right.
    pub right: f64,
}

impl From<Bin> for Reliability {
    fn from(bin: Bin) -> Self {
        Reliability { questions: bin.questions, said: bin.said, right: bin.right }
    }
}

fn ranked(model: &Model, prepared: &Prepared<'_>, question: usize) -> Vec<Hit> {
    let candidates = prepared.candidates[question].iter().copied();
    model.rank(candidates.zip(prepared.groups[question].features.iter().copied()).collect(), DEPTH)
}

/// Whether the first of a ranking is fully right.
fn is_right(set: &Set, question: usize, ranked: &[Hit]) -> bool {
    let judged = set.judgements.get(&set.queries[question].id);
    ranked.first().is_some_and(|hit| judged.is_some_and(|j| j.get(&set.ids[hit.doc as usize]) == Some(&2)))
}

/// Rankings of every question by models that did not see it, and measures them.
fn cross_validate(
    prepared: &[Prepared<'_>],
    parameters: &Parameters,
    progress: &mut impl FnMut(usize),
) -> (Vec<Measured>, Vec<(Vec<Hit>, bool)>) {
    let mut rankings: Vec<Vec<Vec<Hit>>> = prepared.iter().map(|p| vec![Vec::new(); p.groups.len()]).collect();
    for part in 0..PARTS {
        let others = prepared.iter().flat_map(|p| p.groups.iter().zip(&p.parts).filter(|(_, fold)| **fold != part));
        let train: Vec<&Group> = others.map(|(group, _)| group).collect();
        let model = learn::learn(&train, parameters, SEED);
        for (p, rankings) in prepared.iter().zip(&mut rankings) {
            for question in (0..p.groups.len()).filter(|q| p.parts[*q] == part) {
                rankings[question] = ranked(&model, p, question);
            }
        }
        progress(part + 1);
    }
    let mut examples = Vec::new();
    for (p, rankings) in prepared.iter().zip(&rankings) {
        for (question, hits) in rankings.iter().enumerate() {
            examples.push((hits.clone(), is_right(p.set, question, hits), p.parts[question]));
        }
    }
    // The calibration of a part is learnt on the rankings of the others.
    let calibrations: Vec<Model> = (0..PARTS)
        .map(|part| {
            let others = examples.iter().filter(|(_, _, fold)| *fold != part);
            let others: Vec<(Vec<Hit>, bool)> = others.map(|(hits, right, _)| (hits.clone(), *right)).collect();
            Model::default().calibrated(Calibration::learn(&others))
        })
        .collect();
    let measured = prepared.iter().zip(&rankings).map(|(p, rankings)| {
        report(p.set, rankings, |question, hits| calibrations[p.parts[question]].probability(hits))
    });
    (measured.collect(), examples.into_iter().map(|(hits, right, _)| (hits, right)).collect())
}

/// The figures of rankings, of which `probability` says how likely the first is right.
fn report(set: &Set, rankings: &[Vec<Hit>], probability: impl Fn(usize, &[Hit]) -> f32) -> Measured {
    let (mut lines, mut said) = (Vec::new(), Vec::new());
    for (question, hits) in rankings.iter().enumerate() {
        lines.extend(hits.iter().enumerate().map(|(rank, hit)| RunLine {
            query: set.queries[question].id.clone(),
            article: set.ids[hit.doc as usize].clone(),
            rank: rank + 1,
            score: hit.score,
        }));
        said.push((probability(question, hits), is_right(set, question, hits)));
    }
    let mut figures = eval::measure(&set.queries, &set.judgements, &lines);
    figures.articles = set.ids.len();
    let (coverage_at_95, threshold_at_95) = calibrate::coverage_at(&said, 0.95);
    Measured {
        set: set.name.clone(),
        figures,
        calibration_error: calibrate::calibration_error(&said),
        coverage_at_95,
        threshold_at_95,
        reliability: calibrate::reliability(&said, 10).into_iter().map(Into::into).collect(),
    }
}

/// Learns a model from all sets and measures on each what models say that did not see the question. Where a set is
/// only measured (`held_out`), nothing is learnt from it.
pub fn train(
    reading: &Reading,
    sets: &[Set],
    held_out: &[Set],
    about: &str,
    mut progress: impl FnMut(usize),
) -> (Model, Vec<Measured>) {
    let parameters = Parameters::default();
    let prepared: Vec<Prepared<'_>> = sets.iter().map(|set| prepare(reading, set)).collect();
    let (mut measured, examples) = cross_validate(&prepared, &parameters, &mut progress);
    let all: Vec<&Group> = prepared.iter().flat_map(|p| p.groups.iter()).collect();
    let mut model = learn::learn(&all, &parameters, SEED).calibrated(Calibration::learn(&examples));
    model.about = about.to_owned();
    measured.extend(held_out.iter().map(|set| measure(reading, &model, set)));
    (model, measured)
}

/// Measures a model on a set.
pub fn measure(reading: &Reading, model: &Model, set: &Set) -> Measured {
    let prepared = prepare(reading, set);
    let rankings: Vec<Vec<Hit>> = (0..prepared.groups.len()).map(|q| ranked(model, &prepared, q)).collect();
    report(set, &rankings, |_, hits| model.probability(hits))
}
