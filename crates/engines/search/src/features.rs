//! Second step: what speaks for a document, as numbers that a model weighs.

mod answered;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use crate::document::{ASKED, BODY, Counts, Document, FIELDS, Field, OWN, Space, TITLE};
use crate::feature::{FEATURES, Feature, Features};
use crate::intent::Intent;
use crate::latent::{Latent, dot};
use crate::{Index, Query, QuerySubstitute, QueryTerm};

use Feature as F;

/// A word that sounds the same counts so much.
const BY_SOUND: f32 = 0.9;
/// How many of the best give the direction in which others are looked for (pseudo relevance feedback).
const FEEDBACK: usize = 5;
/// Dimensions that count as the strongest.
const STRONGEST: usize = 64;
/// Words whose likeness to words of titles is looked at.
const NEAREST: usize = 12;

const SUMMARY: Range<usize> = Field::Summary as usize..Field::Answer as usize;

/// What is the same for all documents of one question.
pub(crate) struct Asked<'a> {
    query: &'a Query,
    /// Weight times rarity of each term.
    mass: Vec<f32>,
    total: f32,
    latent: Vec<f32>,
    direct: Vec<f32>,
    /// Terms with their vectors for likeness, the heaviest first.
    vectors: Vec<(f32, Vec<f32>)>,
    /// Their likeness to words of titles, as far as it was computed.
    likeness: RefCell<HashMap<u32, Vec<f32>>>,
    pair_mass: f32,
    sound_mass: f32,
    /// Pairs of characters that are known, in the order of their numbers.
    pairs: Vec<u32>,
    /// Words that are asked for or stand for one that is, with how much they count.
    words: HashMap<u32, f32>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(index: &Index, query: &'a Query) -> Self {
        let mass: Vec<f32> = query
            .terms
            .iter()
            .map(|t| t.weight * index.idf(Space::Words, t.word).max(index.idf(Space::Readings, t.read)))
            .collect();
        let total = mass.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let words = query.terms.iter().filter_map(|t| Some((t.word?, t.weight)));
        let latent = index.latent.of_words(words.chain(query.expanded.iter().map(|(word, w)| (*word, 0.5 * w))));
        let direct = index.latent.of_words(query.terms.iter().filter_map(|t| Some((t.word?, t.weight))));
        let mut heaviest: Vec<usize> = (0..mass.len()).filter(|i| query.terms[*i].word.is_some()).collect();
        heaviest.sort_by(|a, b| mass[*b].total_cmp(&mass[*a]));
        heaviest.truncate(NEAREST);
        let vector = |i: usize| Some((mass[i], index.latent.of_word(query.terms[i].word?)));
        let vectors = heaviest.into_iter().filter_map(vector).collect();
        let unknown = |count: usize, known: usize, space| (count - known) as f32 * index.idf(space, None);
        let known = |terms: &[u32], space| terms.iter().map(|t| index.idf(space, Some(*t))).sum::<f32>();
        let pair_mass = known(&query.pairs, Space::Pairs) + unknown(query.pair_count, query.pairs.len(), Space::Pairs);
        let sound_mass =
            known(&query.sounds, Space::Sounds) + unknown(query.sound_count, query.sounds.len(), Space::Sounds);
        let mut pairs = query.pairs.clone();
        pairs.sort_unstable();
        let direct_words = query.terms.iter().filter_map(|t| Some((t.word?, 1.0)));
        Asked {
            pairs,
            words: query.expanded.iter().copied().chain(direct_words).collect(),
            query,
            mass,
            total,
            latent,
            direct,
            vectors,
            likeness: RefCell::default(),
            pair_mass: pair_mass.max(1e-6),
            sound_mass: sound_mass.max(1e-6),
        }
    }

    /// The question's direction among the city's words.
    pub(crate) fn latent(&self) -> &[f32] {
        &self.latent
    }
}

fn in_any(counts: &Counts, fields: Range<usize>) -> bool {
    counts[fields].iter().any(|n| *n > 0)
}

fn in_head(counts: &Counts) -> bool {
    in_any(counts, TITLE) || in_any(counts, SUMMARY)
}

/// Where the question and a document meet.
#[derive(Default)]
struct Met {
    /// BM25F of the words: in all that it says, in the title, in the body, in the summary, in what people asked.
    words: [f32; 5],
    readings: [f32; 2],
    /// The more of words and readings: in all that it says, in the title.
    either: [f32; 2],
    /// How far each term is met anywhere and in the title, 0 to 1.
    anywhere: Vec<f32>,
    title: Vec<f32>,
    /// The same with what may stand for it; and in title or summary.
    anywhere_or: Vec<f32>,
    title_or: Vec<f32>,
    head_or: Vec<f32>,
    /// Words of the question's and substitutes' that stand here, with how much they count.
    matched: HashMap<u32, f32>,
}

fn meet(index: &Index, asked: &Asked<'_>, number: u32, doc: &Document) -> Met {
    let query = asked.query;
    let n = query.terms.len();
    let mut met = Met { anywhere: vec![0.0; n], title: vec![0.0; n], head_or: vec![0.0; n], ..Met::default() };
    for (i, term) in query.terms.iter().enumerate() {
        let mut either = [0.0f32; 2];
        if let Some(counts) = doc.counts(Space::Words, term.word) {
            let idf = index.idf(Space::Words, term.word) * term.weight;
            for (sum, fields) in met.words.iter_mut().zip([OWN, TITLE, BODY, SUMMARY, ASKED]) {
                *sum += idf * index.saturated(number, &counts, fields);
            }
            either = [OWN, TITLE].map(|fields| idf * index.saturated(number, &counts, fields));
            met.anywhere[i] = if in_any(&counts, OWN) { 1.0 } else { 0.0 };
            met.title[i] = if in_any(&counts, TITLE) { 1.0 } else { 0.0 };
            met.head_or[i] = if in_head(&counts) { 1.0 } else { 0.0 };
        }
        if let Some(counts) = doc.counts(Space::Readings, term.read) {
            let idf = index.idf(Space::Readings, term.read) * term.weight;
            let by_sound = [OWN, TITLE].map(|fields| idf * index.saturated(number, &counts, fields));
            for at in 0..2 {
                met.readings[at] += by_sound[at];
                either[at] = either[at].max(BY_SOUND * by_sound[at]);
            }
            let heard = |known: f32, here: bool| if here { known.max(BY_SOUND) } else { known };
            met.anywhere[i] = heard(met.anywhere[i], in_any(&counts, OWN));
            met.title[i] = heard(met.title[i], in_any(&counts, TITLE));
            met.head_or[i] = heard(met.head_or[i], in_head(&counts));
        }
        for (sum, value) in met.either.iter_mut().zip(either) {
            *sum += value;
        }
        if let Some(word) = term.word {
            met.matched.insert(word, 1.0);
        }
    }
    met.anywhere_or = met.anywhere.clone();
    met.title_or = met.title.clone();
    for substitute in &query.substitutes {
        let (mut all, mut here, mut title, mut head) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
        for (word, read) in &substitute.words {
            let idf = index.idf(Space::Words, *word).min(index.idf(Space::Readings, *read));
            all += idf;
            let counts = doc.own_counts(Space::Words, *word).or_else(|| doc.own_counts(Space::Readings, *read));
            if let Some(counts) = counts {
                here += idf;
                title += if in_any(&counts, TITLE) { idf } else { 0.0 };
                head += if in_head(&counts) { idf } else { 0.0 };
                if let Some(word) = word {
                    let entry = met.matched.entry(*word).or_insert(0.0);
                    *entry = entry.max(substitute.weight);
                }
            }
        }
        if all <= 0.0 || here <= 0.0 {
            continue;
        }
        // Half a phrase is less than half of it.
        let part = |mass: f32| (mass / all).powi(2) * substitute.weight;
        for i in (0..n).filter(|i| substitute.covers & (1 << i) != 0) {
            met.anywhere_or[i] = met.anywhere_or[i].max(part(here));
            met.title_or[i] = met.title_or[i].max(part(title));
            met.head_or[i] = met.head_or[i].max(part(head));
        }
    }
    met
}

fn share(asked: &Asked<'_>, met: &[f32]) -> f32 {
    met.iter().zip(&asked.mass).map(|(m, mass)| m * mass).sum::<f32>() / asked.total
}

/// How often two words that follow each other in the question do so in passages, weighted by rarity.
fn neighbours(index: &Index, asked: &Asked<'_>, doc: &Document) -> (f32, f32) {
    let (mut title, mut body) = (0.0, 0.0);
    let here = |word: u32| doc.own_counts(Space::Words, Some(word)).is_some();
    for pair in asked.query.order.windows(2) {
        let [Some(a), Some(b)] = pair else { continue };
        // Most documents lack one of them, and their sentences need not be read.
        if !here(*a) || !here(*b) {
            continue;
        }
        let rarity = (index.idf(Space::Words, Some(*a)) * index.idf(Space::Words, Some(*b))).sqrt();
        let together = |p: &&crate::document::Passage| {
            p.words.windows(2).any(|w| (w[0] == *a && w[1] == *b) || (w[0] == *b && w[1] == *a))
        };
        if doc.passages.iter().filter(|p| p.field <= 1).any(|p| together(&p)) {
            title += rarity;
        }
        if doc.passages.iter().filter(|p| p.field > 1).any(|p| together(&p)) {
            body += rarity;
        }
    }
    (title / asked.total, body / asked.total)
}

/// The share of the question that the best single sentence covers: directly, and with substitutes.
fn best_sentence(asked: &Asked<'_>, doc: &Document, met: &Met) -> (f32, f32) {
    let here = |word: Option<u32>| doc.own_counts(Space::Words, word).is_some();
    let terms = &asked.query.terms;
    let direct_terms: Vec<usize> = (0..terms.len()).filter(|i| here(terms[*i].word)).collect();
    // What the document lacks, none of its sentences has.
    let whole = |s: &&QuerySubstitute| s.words.iter().all(|(word, _)| here(*word));
    let substitutes: Vec<&QuerySubstitute> = asked.query.substitutes.iter().filter(whole).collect();
    let (mut best, mut best_or) = (0.0f32, 0.0f32);
    let mut covered = vec![0.0f32; terms.len()];
    for passage in &doc.passages {
        let stands = |word: Option<u32>| word.is_some_and(|w| passage.words.contains(&w));
        covered.fill(0.0);
        for substitute in &substitutes {
            if substitute.words.iter().all(|(word, _)| stands(*word)) {
                for i in (0..terms.len()).filter(|i| substitute.covers & (1 << i) != 0) {
                    covered[i] = covered[i].max(if met.anywhere_or[i] > 0.0 { substitute.weight } else { 0.0 });
                }
            }
        }
        let mut direct = 0.0;
        for i in &direct_terms {
            if stands(terms[*i].word) {
                direct += asked.mass[*i];
                covered[*i] = 1.0;
            }
        }
        best = best.max(direct);
        best_or = best_or.max(covered.iter().zip(&asked.mass).map(|(share, mass)| share * mass).sum());
    }
    (best / asked.total, best_or / asked.total)
}

/// The longest run of characters that both questions have, as a share of the shorter one.
fn longest_run(a: &[char], b: &[char]) -> f32 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let mut before = vec![0u16; b.len() + 1];
    let mut row = before.clone();
    let mut best = 0;
    for x in a {
        for (j, y) in b.iter().enumerate() {
            row[j + 1] = if x == y { before[j] + 1 } else { 0 };
            best = best.max(row[j + 1]);
        }
        std::mem::swap(&mut before, &mut row);
    }
    f32::from(best) / a.len().min(b.len()) as f32
}

/// Likeness of the words of the question to those of the title, each to its nearest: from the question's side
/// and from the title's.
fn nearest_words(index: &Index, asked: &Asked<'_>, doc: &Document) -> (f32, f32) {
    let title = doc.passages.iter().filter(|p| p.field == 0).flat_map(|p| p.words.iter()).take(NEAREST);
    let title: Vec<(f32, u32)> = title.map(|w| (index.idf(Space::Words, Some(*w)), *w)).collect();
    if title.is_empty() || asked.vectors.is_empty() {
        return (0.0, 0.0);
    }
    let mut known = asked.likeness.borrow_mut();
    let mut of_title = vec![0.0f32; title.len()];
    let mut nearest = vec![0.0f32; asked.vectors.len()];
    for (j, (_, word)) in title.iter().enumerate() {
        // The same words stand in the titles of many candidates.
        let likes = known.entry(*word).or_insert_with(|| {
            let other = index.word_vector(*word);
            asked.vectors.iter().map(|(_, vector)| dot(vector, other)).collect()
        });
        for (i, like) in likes.iter().enumerate() {
            nearest[i] = nearest[i].max(*like);
            of_title[j] = of_title[j].max(*like);
        }
    }
    let sum: f32 = nearest.iter().zip(&asked.vectors).map(|(like, (mass, _))| like * mass).sum();
    let total: f32 = asked.vectors.iter().map(|(mass, _)| mass).sum();
    let back: f32 = of_title.iter().zip(&title).map(|(like, (idf, _))| like * idf).sum();
    let mass: f32 = title.iter().map(|(idf, _)| idf).sum();
    (sum / total.max(1e-6), back / mass.max(1e-6))
}

/// Likeness by the strongest dimensions, which tell matters apart and not words.
fn like_first(a: &[f32], b: &[f32]) -> f32 {
    let n = STRONGEST.min(a.len()).min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-6)
}

/// BM25 as in most engines: one text, in which the question stands three times and the keywords twice.
fn plain(index: &Index, query: &Query, doc: &Document) -> f32 {
    const TIMES: [f32; FIELDS] = [3.0, 2.0, 1.0, 1.0, 1.0, 0.0];
    const K1: f32 = 1.2;
    const B: f32 = 0.75;
    let length: f32 = TIMES.iter().zip(doc.lengths).map(|(times, length)| times * f32::from(length)).sum();
    let norm = K1 * (1.0 - B + B * length / index.average_length());
    let part = |term: &QueryTerm| {
        let counts = doc.counts(Space::Words, term.word)?;
        let tf: f32 = TIMES.iter().zip(counts).map(|(times, count)| times * f32::from(count)).sum();
        Some(index.idf(Space::Words, term.word) * term.weight * tf * (K1 + 1.0) / (tf + norm))
    };
    query.terms.iter().filter_map(part).sum()
}

fn matched_share(index: &Index, doc: &Document, space: Space, terms: &[u32], mass: f32, keywords: f32) -> (f32, f32) {
    let mut sum = 0.0;
    let mut in_question = 0.0;
    for term in terms {
        let Some(counts) = doc.own_counts(space, Some(*term)) else { continue };
        let idf = index.idf(space, Some(*term));
        let asks = counts[Field::Question as usize] > 0;
        sum += idf * if asks { 1.0 } else { keywords };
        in_question += if asks { idf } else { 0.0 };
    }
    (sum / mass, in_question)
}

/// Features of one document but for those that look at all candidates.
fn own(index: &Index, asked: &Asked<'_>, number: u32) -> Features {
    let doc = index.document(number);
    let query = asked.query;
    let met = meet(index, asked, number, doc);
    let mut f = [0.0; FEATURES];
    let of_words = [F::Words, F::WordsTitle, F::WordsBody, F::WordsSummary, F::WordsAnswered];
    for (feature, value) in of_words.into_iter().zip(met.words) {
        f[feature as usize] = value;
    }
    [f[F::Readings as usize], f[F::ReadingsTitle as usize]] = met.readings;
    [f[F::WordsOrReadings as usize], f[F::WordsOrReadingsTitle as usize]] = met.either;
    for (word, weight) in &query.expanded {
        let Some(counts) = doc.counts(Space::Words, Some(*word)) else { continue };
        let idf = index.idf(Space::Words, Some(*word)) * weight;
        f[F::Substituted as usize] += idf * index.saturated(number, &counts, OWN);
        f[F::SubstitutedTitle as usize] += idf * index.saturated(number, &counts, TITLE);
    }
    f[F::Covered as usize] = share(asked, &met.anywhere);
    f[F::CoveredTitle as usize] = share(asked, &met.title);
    f[F::CoveredOrSubstituted as usize] = share(asked, &met.anywhere_or);
    f[F::CoveredOrSubstitutedTitle as usize] = share(asked, &met.title_or);
    f[F::CoveredHead as usize] = share(asked, &met.head_or);
    let (mut covered, mut covered_or, mut mass) = (0.0, 0.0, 0.0);
    for (word, counts) in &doc.terms[Space::Words as usize] {
        if counts[Field::Question as usize] == 0 {
            continue;
        }
        let idf = index.idf(Space::Words, Some(*word));
        mass += idf;
        let weight = met.matched.get(word).copied().unwrap_or(0.0);
        covered_or += idf * weight;
        covered += if weight >= 1.0 { idf } else { 0.0 };
    }
    let mass = mass.max(1e-6);
    (f[F::TitleCovered as usize], f[F::TitleCoveredOrSubstituted as usize]) = (covered / mass, covered_or / mass);
    let rarest = (0..asked.mass.len()).max_by(|a, b| asked.mass[*a].total_cmp(&asked.mass[*b]));
    if let Some(i) = rarest {
        (f[F::RarestWord as usize], f[F::RarestWordInTitle as usize]) = (met.anywhere_or[i], met.title_or[i]);
    }
    let (pairs, in_question) = matched_share(index, doc, Space::Pairs, &query.pairs, asked.pair_mass, 0.6);
    f[F::Pairs as usize] = pairs;
    f[F::PairsOfTitle as usize] = in_question / index.pair_mass(number).max(1e-6);
    f[F::Sounds as usize] = matched_share(index, doc, Space::Sounds, &query.sounds, asked.sound_mass, 0.6).0;
    f[F::LongestRun as usize] = longest_run(&query.chars, &doc.question);
    (f[F::NeighboursTitle as usize], f[F::NeighboursBody as usize]) = neighbours(index, asked, doc);
    (f[F::BestSentence as usize], f[F::BestSentenceOrSubstituted as usize]) = best_sentence(asked, doc, &met);
    if !asked.latent.is_empty() {
        f[F::Latent as usize] = dot(&asked.latent, index.latent_of(number));
        f[F::LatentTitle as usize] = dot(&asked.latent, index.latent_of_title(number));
    }
    if !asked.latent.is_empty() {
        f[F::LatentFirst as usize] = like_first(&asked.latent, index.latent_of(number));
        f[F::LatentDirect as usize] = dot(&asked.direct, index.latent_of(number));
        f[F::LatentTitleFirst as usize] = like_first(&asked.latent, index.latent_of_title(number));
    }
    answered::measure(index, asked, number, &mut f);
    f[F::WordsPlain as usize] = plain(index, query, doc);
    (f[F::NearestWords as usize], f[F::NearestWordsOfTitle as usize]) = nearest_words(index, asked, doc);
    f[F::IntentAgrees as usize] = query.asked.both(doc.asked).count() as f32;
    f[F::IntentDiffers as usize] = (query.asked.count() + doc.asked.count()) as f32 - 2.0 * f[F::IntentAgrees as usize];
    let wanted =
        [Intent::When, Intent::HowMuch, Intent::Where, Intent::Bring, Intent::Who, Intent::Hours, Intent::Contact];
    let wants = wanted.iter().filter(|i| query.asked.has(**i));
    f[F::IntentHeld as usize] = wants.map(|i| if doc.held.has(*i) { 1.0 } else { -1.0 }).sum();
    f[F::AsksOfTitle as usize] = doc.asked.count() as f32;
    f[F::TitleLength as usize] = f32::from(doc.lengths[0]);
    f[F::BodyLength as usize] = (1.0 + doc.lengths[BODY].iter().map(|n| f32::from(*n)).sum::<f32>()).ln();
    f[F::QuestionWords as usize] = query.terms.len() as f32;
    f[F::QuestionMass as usize] = asked.total;
    let unknown = query.terms.iter().zip(&asked.mass).filter(|(t, _)| {
        index.documents_with(Space::Words, t.word) == 0 && index.documents_with(Space::Readings, t.read) == 0
    });
    f[F::UnknownShare as usize] = unknown.map(|(_, mass)| mass).sum::<f32>() / asked.total;
    f
}

/// Features of all candidates, in their order.
pub(crate) fn all(index: &Index, asked: &Asked<'_>, candidates: &[u32]) -> Vec<Features> {
    let mut features: Vec<Features> = candidates.iter().map(|doc| own(index, asked, *doc)).collect();
    feedback(index, candidates, &mut features);
    index.dense.measure(asked.query, candidates, &mut features);
    for (share, of) in [
        (F::OfBestWords, F::Words),
        (F::OfBestTitle, F::WordsTitle),
        (F::OfBestSubstituted, F::Substituted),
        (F::OfBestPairs, F::Pairs),
        (F::OfBestLatent, F::Latent),
        (F::OfBestCovered, F::CoveredOrSubstituted),
        (F::OfBestTitleCovered, F::TitleCoveredOrSubstituted),
        (F::OfBestFeedback, F::Feedback),
        (F::OfBestAnswered, F::LikeAnswered),
        (F::OfBestWordsOrReadings, F::WordsOrReadings),
    ] {
        let best = features.iter().map(|f| f[of as usize]).fold(0.0, f32::max).max(1e-6);
        for f in &mut features {
            f[share as usize] = f[of as usize] / best;
        }
    }
    for (rank, of) in [
        (F::RankWords, F::Words),
        (F::RankLatent, F::Latent),
        (F::RankSubstituted, F::CoveredOrSubstituted),
        (F::RankWordsOrReadings, F::WordsOrReadings),
    ] {
        let mut order: Vec<usize> = (0..features.len()).collect();
        order.sort_by(|a, b| {
            features[*b][of as usize].total_cmp(&features[*a][of as usize]).then(candidates[*a].cmp(&candidates[*b]))
        });
        for (place, i) in order.into_iter().enumerate() {
            features[i][rank as usize] = 1.0 / (1.0 + place as f32);
        }
    }
    let best = features.iter().map(|f| f[F::BestSentenceOrSubstituted as usize]).fold(0.0, f32::max);
    for f in &mut features {
        f[F::GapToBestSentence as usize] = best - f[F::BestSentenceOrSubstituted as usize];
    }
    features
}

/// Likeness to the middle of the best by words.
fn feedback(index: &Index, candidates: &[u32], features: &mut [Features]) {
    let mut best: Vec<usize> = (0..features.len()).collect();
    let value = |f: &Features| f[F::Words as usize] + f[F::Substituted as usize] + 0.5 * f[F::Readings as usize];
    best.sort_by(|a, b| {
        value(&features[*b]).total_cmp(&value(&features[*a])).then(candidates[*a].cmp(&candidates[*b]))
    });
    best.truncate(FEEDBACK);
    let mut middle = vec![0.0f32; index.latent.dimensions()];
    for (place, i) in best.iter().enumerate() {
        for (m, v) in middle.iter_mut().zip(index.latent_of(candidates[*i])) {
            *m += v / (1.0 + place as f32);
        }
    }
    let norm = dot(&middle, &middle).sqrt().max(1e-6);
    for (f, doc) in features.iter_mut().zip(candidates) {
        f[F::Feedback as usize] = dot(&middle, index.latent_of(*doc)) / norm;
    }
}

/// Vectors of all documents, and of those words that stand in titles.
pub(crate) struct Vectors {
    pub(crate) documents: Vec<f32>,
    pub(crate) titles: Vec<f32>,
    pub(crate) words: Vec<f32>,
    /// Of each document: vectors of the questions that it has answered.
    pub(crate) answered: Vec<Box<[f32]>>,
}

impl Vectors {
    pub(crate) fn of(latent: &Latent, docs: &[std::sync::Arc<Document>], words: usize) -> Self {
        let join = |of: &dyn Fn(&Document) -> Vec<f32>| docs.iter().flat_map(|d| of(d)).collect();
        let zero = vec![0.0; latent.dimensions()];
        let word = |w: usize| {
            let vector = latent.of_word(w as u32);
            if vector.is_empty() { zero.clone() } else { vector }
        };
        Vectors {
            documents: join(&|d| latent.of_document(d)),
            titles: join(&|d| latent.of_title(d)),
            words: (0..words).flat_map(word).collect(),
            answered: docs.iter().map(|d| d.answered.iter().flat_map(|a| latent.of_answered(a)).collect()).collect(),
        }
    }
}
