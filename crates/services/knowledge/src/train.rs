//! Learning the order of answers from judged questions, and measuring it on questions that were not learnt from.

pub mod ablation;
pub mod feedback;

use std::collections::{HashMap, HashSet};

use city::Lang;
use search::calibrate::{Calibration, Example, LEARNT_ON};
use search::learn::{self, Group, Parameters};
use search::{Features, Field, Hit, Model, Query, Texts};

use crate::Thresholds;
use crate::ask::outcome_of;
use crate::embed::SetVectors;
use crate::eval::{self, CorpusEntry, Judgements, Labels, Measured, QueryEntry, RunLine};
use crate::import::Incoming;
use crate::reading::Reading;
use crate::{KnowledgeError, VectorState};

/// Parts of a cross-validation, and from where their dice start.
const PARTS: usize = 5;
const SEED: u64 = 7;
/// One question in so many is also asked as if what answers it were not there. A city is asked much that it does not
/// answer, and what is said to be likely must be so then as well.
const ONE_IN: usize = 2;
/// How much such a question counts for the calibration.
const UNANSWERED: f32 = 0.15;
/// Questions of a set from which on each counts less, so that a large set does not outvote the others.
const EVEN: f64 = 300.0;

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
    /// How much each question counts against all others, those of other sets too.
    pub weights: Vec<f64>,
    /// Of articles, by id: into which parts they fall, where that is known.
    pub labels: HashMap<String, Labels>,
    /// Vectors of texts and questions, where they are learnt with.
    pub vectors: Option<SetVectors>,
}

fn even(questions: usize) -> f64 {
    (EVEN / questions.max(1) as f64).min(1.0)
}

/// Into which parts a city's articles fall.
fn labels(articles: &[Incoming]) -> HashMap<String, Labels> {
    let one = |a: &Incoming| {
        let facts = a.content.texts.values().any(|text| text.facts.texts().next().is_some());
        (a.code.clone(), Labels { topic: a.content.topics.first().cloned(), has_facts: facts })
    };
    articles.iter().map(one).collect()
}

/// A line of a file of paraphrases.
pub struct Paraphrase {
    /// How it is written: `colloquial`, `kana`, `typo`, `short`, `story`, `words`.
    pub style: String,
    /// Code of the article that answers it.
    pub code: String,
    /// Codes of others that answer it as well.
    pub also: Vec<String>,
    /// The question.
    pub query: String,
}

/// Reads paraphrases: lines of style, code, other codes that answer it too, question, with tabs between them.
pub fn paraphrases(articles: &[Incoming], file: &str, text: &str) -> Result<Vec<Paraphrase>, KnowledgeError> {
    let codes: HashSet<&str> = articles.iter().map(|a| a.code.as_str()).collect();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let broken = |reason: String| KnowledgeError::File { file: format!("{file}, line {number}"), reason };
        let [style, code, also, query] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(broken("a line is: style TAB code TAB other codes TAB question".into()));
        };
        let also: Vec<String> = also.split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        if let Some(unknown) = also.iter().map(String::as_str).chain([code]).find(|c| !codes.contains(c)) {
            return Err(broken(format!("there is no article {unknown:?}")));
        }
        found.push(Paraphrase { style: style.into(), code: code.into(), also, query: query.into() });
    }
    Ok(found)
}

impl Set {
    /// The same with vectors of its texts and questions.
    pub async fn embedded(mut self, state: &VectorState) -> Result<Self, vectors::EmbedError> {
        let questions: Vec<String> = self.queries.iter().map(|q| q.query.clone()).collect();
        self.vectors = Some(SetVectors::of(state, &self.texts, &questions).await?);
        Ok(self)
    }

    /// Of a corpus with judged questions.
    pub fn judged(name: &str, corpus: &[CorpusEntry], queries: Vec<QueryEntry>, judgements: Judgements) -> Self {
        let kin = queries.iter().map(|q| q.id.clone()).collect();
        let (ids, texts) = corpus.iter().map(|e| (e.id.clone(), eval::texts(e))).unzip();
        let weights = vec![1.0; queries.len()];
        Set { name: name.into(), ids, texts, queries, judgements, kin, weights, labels: HashMap::new(), vectors: None }
    }

    /// Of a city's articles with paraphrases. `answered` are questions that the articles are known to have answered;
    /// they must be others than those that are asked. Paraphrases of one article are of one part.
    pub fn paraphrased(name: &str, articles: &[Incoming], asked: &[&Paraphrase], answered: &[&Paraphrase]) -> Self {
        let (mut queries, mut judgements, mut kin) = (Vec::new(), Judgements::new(), Vec::new());
        for (number, line) in asked.iter().enumerate() {
            let id = format!("{}:{}", line.style, number + 1);
            let right = std::iter::once(&line.code).chain(&line.also).map(|code| (code.clone(), 2));
            judgements.insert(id.clone(), right.collect());
            kin.push(line.code.clone());
            queries.push(QueryEntry { id, query: line.query.clone() });
        }
        let ids = articles.iter().map(|a| a.code.clone()).collect();
        let texts = articles.iter().map(|a| {
            let mut texts = crate::library::texts(&a.content);
            for line in answered.iter().filter(|line| line.code == a.code) {
                texts.push(Field::Asked, &line.query);
            }
            texts
        });
        let weights = vec![even(queries.len()); queries.len()];
        Set {
            name: name.into(),
            ids,
            texts: texts.collect(),
            queries,
            judgements,
            kin,
            weights,
            labels: labels(articles),
            vectors: None,
        }
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
        let weights = vec![1.0; queries.len()];
        Set {
            name: name.into(),
            ids,
            texts,
            queries,
            judgements,
            kin,
            weights,
            labels: labels(articles),
            vectors: None,
        }
    }
}

/// The questions of a set with their candidates.
struct Prepared<'a> {
    set: &'a Set,
    /// Numbers of the candidates of each question.
    candidates: Vec<Vec<u32>>,
    groups: Vec<Group>,
    /// Candidates of some questions as if what is right for them were not there, with the number of the question.
    unanswered: Vec<(usize, Vec<(u32, Features)>)>,
    /// The part of each question.
    parts: Vec<usize>,
}

fn prepare<'a>(reading: &Reading, set: &'a Set) -> Prepared<'a> {
    let index = eval::index(reading, &set.texts, set.vectors.as_ref());
    let mut kin: Vec<&String> = set.kin.iter().collect();
    kin.sort();
    kin.dedup();
    let folds = learn::folds(kin.len(), PARTS, SEED);
    let part_of: HashMap<&String, usize> = kin.into_iter().zip(folds).collect();
    let numbers: HashMap<&str, u32> = set.ids.iter().map(String::as_str).zip(0..).collect();
    let (mut candidates, mut groups, mut unanswered) = (Vec::new(), Vec::new(), Vec::new());
    for (question, entry) in set.queries.iter().enumerate() {
        let query = Query::new(&reading.analyzer, index.vocabulary(), &reading.lexicon, &entry.query);
        let query = eval::with_vector(query, set.vectors.as_ref(), question);
        let (docs, features): (Vec<u32>, Vec<_>) = index.features(&query).into_iter().unzip();
        let judged = set.judgements.get(&entry.id);
        let relevance =
            |doc: &u32| judged.and_then(|j| j.get(&set.ids[*doc as usize])).map_or(0, |r| (*r).min(2) as u8);
        groups.push(Group { relevance: docs.iter().map(relevance).collect(), features, weight: set.weights[question] });
        candidates.push(docs);
        if let Some(judged) = judged.filter(|_| question % ONE_IN == 0) {
            let right = judged.iter().filter(|(_, relevance)| **relevance > 0);
            let right: Vec<u32> = right.filter_map(|(id, _)| numbers.get(id.as_str()).copied()).collect();
            unanswered.push((question, index.features_without(&query, &right)));
        }
    }
    let parts = set.kin.iter().map(|k| part_of[k]).collect();
    Prepared { set, candidates, groups, unanswered, parts }
}

fn ranked(model: &Model, prepared: &Prepared<'_>, question: usize) -> Vec<Hit> {
    let candidates = prepared.candidates[question].iter().copied();
    model.rank(candidates.zip(prepared.groups[question].features.iter().copied()).collect(), LEARNT_ON)
}

/// Whether the first of a ranking is fully right.
fn is_right(set: &Set, question: usize, ranked: &[Hit]) -> bool {
    let judged = set.judgements.get(&set.queries[question].id);
    ranked.first().is_some_and(|hit| judged.is_some_and(|j| j.get(&set.ids[hit.doc as usize]) == Some(&2)))
}

/// What is said of a set by models that did not see its questions.
#[derive(Default)]
struct Said {
    /// The ranking of each question.
    rankings: Vec<Vec<Hit>>,
    /// The rankings of those that nothing answers, in the order in which they were prepared.
    unanswered: Vec<Vec<Hit>>,
}

/// Rankings by one model, of the questions of one part or of all.
fn say(model: &Model, prepared: &Prepared<'_>, part: Option<usize>, said: &mut Said) {
    let of_part = |question: usize| part.is_none_or(|part| prepared.parts[question] == part);
    said.rankings.resize(prepared.groups.len(), Vec::new());
    said.unanswered.resize(prepared.unanswered.len(), Vec::new());
    for question in (0..prepared.groups.len()).filter(|q| of_part(*q)) {
        said.rankings[question] = ranked(model, prepared, question);
    }
    for (place, (question, candidates)) in prepared.unanswered.iter().enumerate() {
        if of_part(*question) {
            said.unanswered[place] = model.rank(candidates.clone(), LEARNT_ON);
        }
    }
}

/// Models of the parts, each learnt on all other parts. Two are learnt at a time on machines of two cores.
fn models(prepared: &[Prepared<'_>], parameters: &Parameters, progress: &mut impl FnMut(usize)) -> Vec<Model> {
    let learn_without = |part: usize| {
        let others = prepared.iter().flat_map(|p| p.groups.iter().zip(&p.parts).filter(|(_, fold)| **fold != part));
        let train: Vec<&Group> = others.map(|(group, _)| group).collect();
        learn::learn(&train, parameters, SEED)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut models = Vec::new();
    for parts in (0..PARTS).collect::<Vec<_>>().chunks(threads) {
        models.extend(std::thread::scope(|scope| {
            let at_work: Vec<_> = parts.iter().map(|part| scope.spawn(|| learn_without(*part))).collect();
            let join = |handle: std::thread::ScopedJoinHandle<'_, Model>| {
                handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            at_work.into_iter().map(join).collect::<Vec<Model>>()
        }));
        progress(models.len());
    }
    models
}

/// What a calibration is learnt from, each with its part and the weight of its set.
fn examples(prepared: &[Prepared<'_>], said: &[Said]) -> Vec<(usize, Example)> {
    let mut examples = Vec::new();
    for (p, said) in prepared.iter().zip(said) {
        for (question, hits) in said.rankings.iter().enumerate() {
            let right = is_right(p.set, question, hits);
            let weight = p.set.weights[question] as f32;
            examples.push((p.parts[question], Example { ranked: hits.clone(), right, weight }));
        }
        for ((question, _), hits) in p.unanswered.iter().zip(&said.unanswered) {
            let weight = p.set.weights[*question] as f32 * UNANSWERED;
            let example = Example { ranked: hits.clone(), right: false, weight };
            examples.push((p.parts[*question], example));
        }
    }
    examples
}

/// Rankings of every question by models that did not see it, and measures them.
fn cross_validate(
    prepared: &[Prepared<'_>],
    parameters: &Parameters,
    thresholds: &Thresholds,
    progress: &mut impl FnMut(usize),
) -> (Vec<Measured>, Vec<Example>) {
    let mut said: Vec<Said> = prepared.iter().map(|_| Said::default()).collect();
    for (part, model) in models(prepared, parameters, progress).iter().enumerate() {
        for (p, said) in prepared.iter().zip(&mut said) {
            say(model, p, Some(part), said);
        }
    }
    let examples = examples(prepared, &said);
    // The calibration of a part is learnt on the rankings of the others.
    let calibration = |part: usize| {
        let others: Vec<Example> = examples.iter().filter(|(of, _)| *of != part).map(|(_, e)| e.clone()).collect();
        Model::default().calibrated(Calibration::learn(&others))
    };
    let calibrations: Vec<Model> = (0..PARTS).map(calibration).collect();
    let measured = prepared.iter().zip(&said).map(|(p, said)| {
        report(p, said, thresholds, |question, hits| calibrations[p.parts[question]].probability(hits))
    });
    (measured.collect(), examples.into_iter().map(|(_, example)| example).collect())
}

/// The figures of rankings, of which `probability` says how likely the first is right.
fn report(
    prepared: &Prepared<'_>,
    rankings: &Said,
    thresholds: &Thresholds,
    probability: impl Fn(usize, &[Hit]) -> f32,
) -> Measured {
    let set = prepared.set;
    let (mut lines, mut said, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for (question, hits) in rankings.rankings.iter().enumerate() {
        lines.extend(hits.iter().enumerate().map(|(rank, hit)| RunLine {
            query: set.queries[question].id.clone(),
            article: set.ids[hit.doc as usize].clone(),
            rank: rank + 1,
            score: hit.score,
        }));
        let likely = probability(question, hits);
        outcomes.push(outcome_of(hits, likely, thresholds));
        said.push((likely, is_right(set, question, hits)));
    }
    let each = eval::each(&set.queries, &set.judgements, &lines);
    let unanswered = prepared.unanswered.iter().zip(&rankings.unanswered);
    let of_unanswered: Vec<f32> = unanswered.map(|((question, _), hits)| probability(*question, hits)).collect();
    let mut measured = Measured::of(&set.name, &each, &said, &outcomes, &of_unanswered);
    measured.figures.articles = set.ids.len();
    measured.slices.extend(eval::slices_of_articles(&each, &set.labels));
    measured
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
    let (mut measured, examples) = cross_validate(&prepared, &parameters, &reading.thresholds, &mut progress);
    let all: Vec<&Group> = prepared.iter().flat_map(|p| p.groups.iter()).collect();
    let mut model = learn::learn(&all, &parameters, SEED).calibrated(Calibration::learn(&examples));
    model.about = about.to_owned();
    measured.extend(held_out.iter().map(|set| measure(reading, &model, set)));
    (model, measured)
}

/// Measures a model on a set.
pub fn measure(reading: &Reading, model: &Model, set: &Set) -> Measured {
    let prepared = prepare(reading, set);
    let mut said = Said::default();
    say(model, &prepared, None, &mut said);
    report(&prepared, &said, &reading.thresholds, |_, hits| model.probability(hits))
}
