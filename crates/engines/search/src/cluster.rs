//! Short texts grouped by likeness: what many people asked in different words.
//!
//! A text is a vector of its base forms, readings and pairs of characters; two texts are as alike as
//! the cosine of the angle between them. Groups grow from the most alike pair on and are joined as long
//! as the mean likeness over all their pairs stays at or above the threshold (group average link: Manning,
//! Raghavan and Schütze, "Introduction to Information Retrieval" (2008), §17.3). That mean needs no pairs:
//! it is the product of the groups' sums, so only neighbours that an inverted index finds are looked at.
//!
//! The same texts give the same groups on every machine and in any order: texts are put in order before
//! anything is added up.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use text::{Analyzer, Class, Token, normal};

use crate::Index;
use crate::document::{Space, Vocabulary, compared, pairs, weight};
use crate::query::joined;

/// Mean likeness at and above which texts are one group, 0 to 1. Judged on 80 invented questions on 20 matters
/// (`tests/it/cluster.rs`, which prints the figures): by themselves a lower value finds more wordings at little
/// cost, but among a few hundred questions on other matters groups of whole topics grow below it.
pub const LIKE: f32 = 0.25;

/// Shares of base forms, readings and pairs of characters in a text's likeness to others.
const SHARES: [f32; 3] = [0.5, 0.2, 0.3];
/// A pair of texts less alike than this is never looked at again.
const NEAR: f32 = 0.1;
/// Neighbours that are kept for a text: those beyond are met when the nearer ones have become a group.
const NEIGHBOURS: usize = 30;
/// A term in more texts than this, and in more than one of [`COMMON_SHARE`], finds no neighbours; it still
/// counts in their likeness.
const COMMON: usize = 300;
const COMMON_SHARE: usize = 10;
/// Longest part of a text that is looked at, in characters.
const MAX_CHARS: usize = 400;
/// Least weight of a word that is named: nouns, verbs and adjectives that are not in every question.
const NAMED: f32 = 0.6;
/// Shared words that are told of a group.
const WORDS: usize = 8;

/// A short text, analysed.
#[derive(Clone, Debug)]
pub struct Short {
    /// What the text says without politeness and in one kana: equal for texts that are the same question.
    key: String,
    /// The same as it was written.
    core: String,
    /// How many people it stands for.
    times: u64,
    /// Base form, reading, and how much the word says.
    words: Vec<(String, String, f32)>,
    /// Words as people would name them (成人式, ドッグラン), each once, with how much it says.
    names: Vec<(String, f32)>,
    pairs: Vec<String>,
}

impl Short {
    /// Analyses a text that `times` people wrote. The vocabulary is that of the articles, whose words
    /// join what the dictionary cuts too small.
    pub fn new(analyzer: &Analyzer, vocabulary: &Vocabulary, text: &str, times: u64) -> Self {
        let text: String = text.chars().take(MAX_CHARS).collect();
        let normal = compared(&text);
        let core = text::strip_boilerplate(&normal);
        let tokens = joined(analyzer.tokens_of_normal(&core), vocabulary);
        let names = names(&tokens);
        let mut words: Vec<(String, String, f32)> = Vec::new();
        for token in tokens {
            let weight = weight(&token);
            if weight > 0.0 && !words.iter().any(|(base, ..)| *base == token.base) {
                words.push((token.base, token.reading, weight));
            }
        }
        let mut pairs = pairs(&core);
        pairs.sort_unstable();
        pairs.dedup();
        let core = if core.trim().is_empty() { normal } else { core };
        Short { key: normal::fold_kana(&core), core, times: times.max(1), words, names, pairs }
    }

    /// The form in which texts that say the same are equal.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Words as people would name them, with how much each says, in the order of the text.
    pub fn names(&self) -> impl Iterator<Item = (&str, f32)> {
        self.names.iter().map(|(name, weight)| (name.as_str(), *weight))
    }
}

/// Words to show: neighbours in katakana are one word, and a suffix stays with its noun; verbs and
/// adjectives in their base form.
fn names(tokens: &[Token]) -> Vec<(String, f32)> {
    let katakana = |t: &Token| t.class == Class::Noun && t.surface.chars().all(|c| matches!(c, 'ァ'..='ヶ' | 'ー'));
    let mut names: Vec<(String, f32)> = Vec::new();
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        let mut length = 1;
        let mut name = first.surface.clone();
        if katakana(first) {
            length = rest.iter().take_while(|t| katakana(t)).count();
            name = rest[..length].iter().map(|t| t.surface.as_str()).collect();
        } else if matches!(first.class, Class::Verb | Class::Adjective) {
            name.clone_from(&first.base);
        }
        if first.class == Class::Noun {
            let suffixes = rest[length..].iter().take_while(|t| t.class == Class::Suffix).count();
            name.extend(rest[length..length + suffixes].iter().map(|t| t.surface.as_str()));
            length += suffixes;
        }
        let weight = weight(first);
        if weight >= NAMED && !names.iter().any(|(known, _)| *known == name) {
            names.push((name, weight));
        }
        rest = &rest[length..];
    }
    names
}

/// Texts that are alike. Numbers are places in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Members, in the order of the input.
    pub members: Vec<usize>,
    /// The member most like all others, weighted by how many people wrote them.
    pub central: usize,
    /// Words that at least two different texts share, the weightiest first; of a single text its own.
    pub words: Vec<String>,
}

/// Entries of a vector, by number of the term.
type Sparse = Vec<(u32, f32)>;

/// Different texts in order, as vectors of length 1.
struct Vectors<'a> {
    /// Places in the input of each text.
    places: Vec<Vec<usize>>,
    times: Vec<u64>,
    vectors: Vec<Sparse>,
    /// Words to show of each text, with weight and rarity multiplied.
    names: Vec<Vec<(&'a str, f32)>>,
    /// In how many texts a term stands.
    frequency: Vec<u32>,
}

/// Groups texts: every text is in exactly one group, groups of most people come first. `background` are the
/// articles, which know better than a few texts how common a word is.
pub fn cluster(texts: &[Short], background: Option<&Index>, threshold: f32) -> Vec<Cluster> {
    let space = vectors(texts, background);
    let groups = agglomerate(&space.vectors, neighbours(&space), threshold);
    let mut found: Vec<(u64, Cluster)> = groups.into_iter().map(|items| describe(&space, &items)).collect();
    let key = |cluster: &Cluster| texts[cluster.central].key.as_str();
    found.sort_by(|(m, a), (n, b)| n.cmp(m).then_with(|| key(a).cmp(key(b))));
    found.into_iter().map(|(_, cluster)| cluster).collect()
}

fn vectors<'a>(texts: &'a [Short], background: Option<&Index>) -> Vectors<'a> {
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, text) in texts.iter().enumerate() {
        by_key.entry(&text.key).or_default().push(place);
    }
    for places in by_key.values_mut() {
        // The first one stands for all. Katakana comes after hiragana and is cut better.
        places.sort_by(|a, b| texts[*b].core.cmp(&texts[*a].core).then(a.cmp(b)));
    }
    let mut numbers: HashMap<(Space, &'a str), u32> = HashMap::new();
    let mut terms: Vec<(Space, &'a str)> = Vec::new();
    let mut frequency: Vec<u32> = Vec::new();
    let mut raw: Vec<Vec<(u32, f32)>> = Vec::new();
    for places in by_key.values() {
        let text = &texts[places[0]];
        let words = text.words.iter().map(|(base, _, w)| (Space::Words, base.as_str(), *w));
        let readings = text.words.iter().map(|(_, reading, w)| (Space::Readings, reading.as_str(), *w));
        let pairs = text.pairs.iter().map(|pair| (Space::Pairs, pair.as_str(), 1.0));
        let mut vector: Vec<(u32, f32)> = words
            .chain(readings)
            .chain(pairs)
            .map(|(space, term, weight)| {
                let number = *numbers.entry((space, term)).or_insert_with(|| {
                    terms.push((space, term));
                    frequency.push(0);
                    terms.len() as u32 - 1
                });
                (number, weight)
            })
            .collect();
        // Two words of one sound are one reading.
        vector.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        vector.dedup_by_key(|(term, _)| *term);
        for (term, _) in &vector {
            frequency[*term as usize] += 1;
        }
        raw.push(vector);
    }
    let total = raw.len() + background.map_or(0, Index::len);
    let rarity: Vec<f32> = terms
        .iter()
        .zip(&frequency)
        .map(|((space, term), own)| {
            let found = *own as usize + background.map_or(0, |index| index.frequency(*space, term));
            (1.0 + total as f32 / (found as f32 + 0.5)).ln()
        })
        .collect();
    for vector in &mut raw {
        scale(vector, &terms, &rarity);
    }
    let places: Vec<Vec<usize>> = by_key.into_values().collect();
    let times = places.iter().map(|p| p.iter().map(|i| texts[*i].times).sum()).collect();
    let names = names_by_rarity(texts, &places, total, background);
    Vectors { places, times, vectors: raw, names, frequency }
}

fn names_by_rarity<'a>(
    texts: &'a [Short],
    places: &[Vec<usize>],
    total: usize,
    background: Option<&Index>,
) -> Vec<Vec<(&'a str, f32)>> {
    let mut frequency: HashMap<&str, usize> = HashMap::new();
    for place in places {
        for (name, _) in &texts[place[0]].names {
            *frequency.entry(name).or_default() += 1;
        }
    }
    let rarity = |name: &str| {
        let in_articles = background.map_or(0, |i| i.frequency(Space::Words, &normal::fold_kana(name)));
        let found = frequency.get(name).copied().unwrap_or(0) + in_articles;
        (1.0 + total as f32 / (found as f32 + 0.5)).ln()
    };
    let of = |place: &Vec<usize>| texts[place[0]].names.iter().map(|(n, w)| (n.as_str(), w * rarity(n))).collect();
    places.iter().map(of).collect()
}

/// Weighs each term by its rarity, gives each way of looking its share, and makes the length 1.
fn scale(vector: &mut Sparse, terms: &[(Space, &str)], rarity: &[f32]) {
    let mut squares = [0.0f32; 3];
    for (term, value) in vector.iter_mut() {
        *value *= rarity[*term as usize];
        squares[terms[*term as usize].0 as usize] += *value * *value;
    }
    let there: f32 = SHARES.iter().zip(squares).filter(|(_, s)| *s > 0.0).map(|(share, _)| share).sum();
    for (term, value) in vector.iter_mut() {
        let space = terms[*term as usize].0 as usize;
        *value *= (SHARES[space] / there / squares[space]).sqrt();
    }
}

/// The nearest texts of each text, in both directions.
fn neighbours(space: &Vectors<'_>) -> Vec<BTreeMap<u32, f32>> {
    let n = space.vectors.len();
    let limit = COMMON.max(n / COMMON_SHARE) as u32;
    let mut postings: Vec<Vec<(u32, f32)>> = vec![Vec::new(); space.frequency.len()];
    for (text, vector) in (0u32..).zip(&space.vectors) {
        for (term, value) in vector {
            if space.frequency[*term as usize] <= limit {
                postings[*term as usize].push((text, *value));
            }
        }
    }
    let mut links: Vec<BTreeMap<u32, f32>> = vec![BTreeMap::new(); n];
    let mut sums = vec![0.0f32; n];
    let mut touched: Vec<u32> = Vec::new();
    for (text, vector) in (0u32..).zip(&space.vectors) {
        for (term, value) in vector {
            for (other, theirs) in &postings[*term as usize] {
                let sum = &mut sums[*other as usize];
                if *sum == 0.0 {
                    touched.push(*other);
                }
                *sum += value * theirs;
            }
        }
        let mut near: Vec<(u32, f32)> = touched
            .iter()
            .filter(|other| **other != text && sums[**other as usize] >= NEAR / 2.0)
            // Once more from both vectors: common terms count, and both directions are one number.
            .map(|other| (*other, product(vector, &space.vectors[*other as usize])))
            .filter(|(_, likeness)| *likeness >= NEAR)
            .collect();
        for other in touched.drain(..) {
            sums[other as usize] = 0.0;
        }
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(NEIGHBOURS);
        for (other, likeness) in near {
            links[text as usize].insert(other, likeness);
            links[other as usize].insert(text, likeness);
        }
    }
    links
}

/// The inner product; the shorter vector is looked up in a much longer one.
fn product(a: &[(u32, f32)], b: &[(u32, f32)]) -> f32 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut sum = 0.0;
    if long.len() > 8 * short.len() {
        for (term, value) in short {
            if let Ok(at) = long.binary_search_by_key(term, |(t, _)| *t) {
                sum += value * long[at].1;
            }
        }
        return sum;
    }
    let mut rest = long;
    for (term, value) in short {
        let skip = rest.iter().take_while(|(t, _)| t < term).count();
        rest = &rest[skip..];
        match rest.first() {
            Some((t, theirs)) if t == term => sum += value * theirs,
            Some(_) => {}
            None => break,
        }
    }
    sum
}

fn added(a: &[(u32, f32)], b: &[(u32, f32)]) -> Sparse {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => {
                out.push(a[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                out.push(b[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                out.push((a[i].0, a[i].1 + b[j].1));
                i += 1;
                j += 1;
            }
        }
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
    out
}

/// A pair of groups that may be joined; the most alike first, then the lowest numbers.
#[derive(PartialEq)]
struct Pair {
    likeness: f32,
    groups: (u32, u32),
    /// How often each had grown when the pair was measured; grown since, the pair is out of date.
    grown: (u32, u32),
}

impl Eq for Pair {}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.likeness
            .total_cmp(&other.likeness)
            .then_with(|| other.groups.cmp(&self.groups))
            .then_with(|| self.grown.cmp(&other.grown))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Joins groups from the most alike pair on. `links` hold the sums of likeness over all pairs between two
/// groups that are near; returns the texts of each group.
fn agglomerate(vectors: &[Sparse], mut links: Vec<BTreeMap<u32, f32>>, threshold: f32) -> Vec<Vec<u32>> {
    let n = vectors.len();
    let mut sums: Vec<Sparse> = vectors.to_vec();
    let mut items: Vec<Vec<u32>> = (0..n as u32).map(|i| vec![i]).collect();
    let mut grown = vec![0u32; n];
    let mut heap = BinaryHeap::new();
    for (a, near) in (0u32..).zip(&links) {
        for (b, likeness) in near.range(a + 1..) {
            if *likeness >= threshold {
                heap.push(Pair { likeness: *likeness, groups: (a, *b), grown: (0, 0) });
            }
        }
    }
    while let Some(Pair { groups: (a, b), grown: seen, .. }) = heap.pop() {
        let (into, from) = (a as usize, b as usize);
        if seen != (grown[into], grown[from]) {
            continue;
        }
        let (of_a, of_b) = (std::mem::take(&mut links[into]), std::mem::take(&mut links[from]));
        let others: Vec<u32> = of_a
            .keys()
            .chain(of_b.keys().filter(|c| !of_a.contains_key(c)))
            .copied()
            .filter(|c| *c != a && *c != b)
            .collect();
        let moved = std::mem::take(&mut items[from]);
        let size = items[into].len() + moved.len();
        grown[into] += 1;
        grown[from] += 1;
        for other in others {
            let c = other as usize;
            // What was not near is measured now that the groups meet through the other one.
            let part = |known: Option<&f32>, sum: &Sparse| known.copied().unwrap_or_else(|| product(sum, &sums[c]));
            let both = part(of_a.get(&other), &sums[into]) + part(of_b.get(&other), &sums[from]);
            links[c].remove(&b);
            links[c].insert(a, both);
            links[into].insert(other, both);
            let likeness = both / (size * items[c].len()) as f32;
            if likeness >= threshold {
                let groups = (a.min(other), a.max(other));
                heap.push(Pair { likeness, groups, grown: (grown[groups.0 as usize], grown[groups.1 as usize]) });
            }
        }
        items[into].extend(moved);
        sums[into] = added(&sums[into], &sums[from]);
        sums[from] = Vec::new();
    }
    items.retain(|group| !group.is_empty());
    items
}

/// The people behind a group, and the group with its centre and words.
fn describe(space: &Vectors<'_>, items: &[u32]) -> (u64, Cluster) {
    let mut items = items.to_vec();
    items.sort_unstable();
    let mut sum: Sparse = Vec::new();
    let mut shared: BTreeMap<&str, (usize, f32)> = BTreeMap::new();
    for item in &items {
        let i = *item as usize;
        let times = space.times[i] as f32;
        let weighted: Sparse = space.vectors[i].iter().map(|(t, v)| (*t, v * times)).collect();
        sum = added(&sum, &weighted);
        for (name, weight) in &space.names[i] {
            let entry = shared.entry(name).or_default();
            *entry = (entry.0 + 1, entry.1 + weight);
        }
    }
    let like_all = |item: &u32| product(&space.vectors[*item as usize], &sum);
    // `max_by` keeps the last of equals; the first in order shall stand.
    let central = items.iter().rev().max_by(|a, b| like_all(a).total_cmp(&like_all(b))).copied().unwrap_or(0);
    let least = items.len().min(2);
    let mut words: Vec<(&str, f32)> = shared
        .into_iter()
        .filter(|(_, (texts, _))| *texts >= least)
        .map(|(name, (_, weight))| (name, weight))
        .collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let words = words.iter().take(WORDS).map(|(name, _)| (*name).to_owned()).collect();
    let mut members: Vec<usize> = items.iter().flat_map(|i| space.places[*i as usize].iter().copied()).collect();
    members.sort_unstable();
    let people = items.iter().map(|i| space.times[*i as usize]).sum();
    let central = space.places[central as usize].first().copied().unwrap_or(0);
    (people, Cluster { members, central, words })
}
