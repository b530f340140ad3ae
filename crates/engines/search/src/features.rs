//! Second step: what speaks for a document, as numbers that a model weighs.

mod answered;
mod asked;
mod met;
mod run;
mod sentences;
mod vectors;

use std::ops::Range;

use crate::Index;
use crate::document::{BODY, Counts, Document, FIELDS, Field, OWN, Space, TITLE};
use crate::feature::{FEATURES, Feature, Features};
use crate::intent::Intent;
use crate::latent::dot;

pub(crate) use asked::Asked;
pub(crate) use vectors::Vectors;

use Feature as F;
use asked::{Here, Weighed};

/// A word that sounds the same counts so much.
const BY_SOUND: f32 = 0.9;
/// How many of the best give the direction in which others are looked for (pseudo relevance feedback).
const FEEDBACK: usize = 5;
/// Dimensions that count as the strongest.
const STRONGEST: usize = 64;
/// Words whose likeness to words of titles is looked at.
const NEAREST: usize = 12;

const SUMMARY: Range<usize> = Field::Summary as usize..Field::Answer as usize;

fn share(asked: &Asked<'_>, met: &[f32]) -> f32 {
    met.iter().zip(&asked.mass).map(|(m, mass)| m * mass).sum::<f32>() / asked.total
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
fn plain(index: &Index, asked: &Asked<'_>, here: &Here, doc: &Document) -> f32 {
    const TIMES: [f32; FIELDS] = [3.0, 2.0, 1.0, 1.0, 1.0, 0.0];
    const K1: f32 = 1.2;
    const B: f32 = 0.75;
    let length: f32 = TIMES.iter().zip(doc.lengths).map(|(times, length)| times * f32::from(length)).sum();
    let norm = K1 * (1.0 - B + B * length / index.average_length());
    let part = |term: &asked::Term| {
        let counts = here.word(term.word)?;
        let tf: f32 = TIMES.iter().zip(counts).map(|(times, count)| times * f32::from(count)).sum();
        Some(term.by_word * tf * (K1 + 1.0) / (tf + norm))
    };
    asked.terms.iter().filter_map(part).sum()
}

/// Share of some terms of the question that the document says in question or keywords, where those among the keywords
/// alone count less; and the rarity of those that stand in its question.
fn matched_share(doc: &Document, space: Space, asked: &Weighed) -> (f32, f32) {
    const IN_KEYWORDS: f32 = 0.6;
    let (mut sum, mut in_question) = (0.0, 0.0);
    let terms: &[(u32, Counts)] = &doc.terms[space as usize];
    asked.slots.meet(terms.iter().map(|(term, _)| *term), |slot, place| {
        let counts = &terms[place].1;
        let idf = asked.idf[slot];
        if counts[Field::Question as usize] > 0 {
            sum += idf;
            in_question += idf;
        } else if counts[OWN].iter().any(|n| *n > 0) {
            sum += IN_KEYWORDS * idf;
        }
    });
    (sum / asked.mass, in_question)
}

/// Share of the document's question that is asked for: by its own words, and by what stands for some.
fn of_title(index: &Index, asked: &Asked<'_>, here: &Here, met: &met::Met, number: u32) -> (f32, f32) {
    let (mut covered, mut covered_or) = (0.0, 0.0);
    for (slot, counts) in here.words().iter().enumerate() {
        if counts[Field::Question as usize] > 0 && met.matched[slot] > 0.0 {
            let idf = asked.idf[slot];
            covered_or += idf * met.matched[slot];
            covered += if met.matched[slot] >= 1.0 { idf } else { 0.0 };
        }
    }
    let mass = index.title_mass(number).max(1e-6);
    (covered / mass, covered_or / mass)
}

/// Features of one document but for those that look at all candidates.
fn own(index: &Index, asked: &Asked<'_>, here: &mut Here, number: u32) -> Features {
    let doc = index.document(number);
    let query = asked.query;
    here.look(asked, doc);
    let met = met::meet(index, asked, here, number);
    let mut f = [0.0; FEATURES];
    let of_words = [F::Words, F::WordsTitle, F::WordsBody, F::WordsSummary, F::WordsAnswered];
    for (feature, value) in of_words.into_iter().zip(met.words) {
        f[feature as usize] = value;
    }
    [f[F::Readings as usize], f[F::ReadingsTitle as usize]] = met.readings;
    [f[F::WordsOrReadings as usize], f[F::WordsOrReadingsTitle as usize]] = met.either;
    for (slot, weight) in &asked.expanded {
        let Some(counts) = here.word(Some(*slot)) else { continue };
        f[F::Substituted as usize] += weight * index.saturated(number, &counts, OWN);
        f[F::SubstitutedTitle as usize] += weight * index.saturated(number, &counts, TITLE);
    }
    f[F::Covered as usize] = share(asked, &met.anywhere);
    f[F::CoveredTitle as usize] = share(asked, &met.title);
    f[F::CoveredOrSubstituted as usize] = share(asked, &met.anywhere_or);
    f[F::CoveredOrSubstitutedTitle as usize] = share(asked, &met.title_or);
    f[F::CoveredHead as usize] = share(asked, &met.head_or);
    (f[F::TitleCovered as usize], f[F::TitleCoveredOrSubstituted as usize]) =
        of_title(index, asked, here, &met, number);
    let rarest = (0..asked.mass.len()).max_by(|a, b| asked.mass[*a].total_cmp(&asked.mass[*b]));
    if let Some(i) = rarest {
        (f[F::RarestWord as usize], f[F::RarestWordInTitle as usize]) = (met.anywhere_or[i], met.title_or[i]);
    }
    let (pairs, in_question) = matched_share(doc, Space::Pairs, &asked.pairs);
    f[F::Pairs as usize] = pairs;
    f[F::PairsOfTitle as usize] = in_question / index.pair_mass(number).max(1e-6);
    f[F::Sounds as usize] = matched_share(doc, Space::Sounds, &asked.sounds).0;
    f[F::LongestRun as usize] = asked.runs.longest(&doc.question);
    (f[F::NeighboursTitle as usize], f[F::NeighboursBody as usize]) = sentences::neighbours(index, asked, here, doc);
    (f[F::BestSentence as usize], f[F::BestSentenceOrSubstituted as usize]) =
        sentences::best_sentence(asked, here, doc, &met);
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
    f[F::WordsPlain as usize] = plain(index, asked, here, doc);
    (f[F::NearestWords as usize], f[F::NearestWordsOfTitle as usize]) = nearest_words(index, asked, doc);
    f[F::IntentAgrees as usize] = query.asked.both(doc.asked).count() as f32;
    f[F::IntentDiffers as usize] = (query.asked.count() + doc.asked.count()) as f32 - 2.0 * f[F::IntentAgrees as usize];
    let wanted =
        [Intent::When, Intent::HowMuch, Intent::Where, Intent::Bring, Intent::Who, Intent::Hours, Intent::Contact];
    let wants = wanted.iter().filter(|i| query.asked.has(**i));
    f[F::IntentHeld as usize] = wants.map(|i| if doc.held.has(*i) { 1.0 } else { -1.0 }).sum();
    f[F::NegationDiffers as usize] = if query.negated == doc.negated { 0.0 } else { 1.0 };
    f[F::AsksOfTitle as usize] = doc.asked.count() as f32;
    f[F::TitleLength as usize] = f32::from(doc.lengths[0]);
    f[F::BodyLength as usize] = (1.0 + doc.lengths[BODY].iter().map(|n| f32::from(*n)).sum::<f32>()).ln();
    f[F::QuestionWords as usize] = query.terms.len() as f32;
    f[F::QuestionMass as usize] = asked.total;
    f[F::UnknownShare as usize] = asked.unknown;
    f
}

/// Features of all candidates, in their order.
pub(crate) fn all(index: &Index, asked: &Asked<'_>, candidates: &[u32]) -> Vec<Features> {
    let mut here = Here::default();
    let mut features: Vec<Features> = candidates.iter().map(|doc| own(index, asked, &mut here, *doc)).collect();
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
