//! What a person asked, as terms with weights, and what may stand for them.

use std::sync::Arc;

use text::{Analyzer, Class, Token, normal};

use crate::document::{Space, Vocabulary, compared, pairs, sounds, weight};
use crate::intent::{self, Intents};
use crate::negation;
use crate::thesaurus::{LEAST_WEIGHT, Lexicon, MAX_WORDS, key};

/// Longest question that is analysed, in characters; what comes after says little more.
const MAX_CHARS: usize = 400;
/// Most different words of a question; what comes after says little more.
const MAX_TERMS: usize = 64;
/// How much a word counts that sounds like several words of the question together (住民表 for 住民票).
const SOUNDS_ALIKE: f32 = 0.8;
/// Shortest and longest word that is heard in a run of kana.
const HEARD: (usize, usize) = (3, 12);
/// Shortest and longest run of kana in which a word with a slip is looked for, over the borders at which it was cut.
const SLIPPED: (usize, usize) = (5, 12);
/// How much a term by its sound counts against one that is written so.
const BY_SOUND: f32 = 0.8;

/// How much a verb counts for the one of which it says that it can be done (払える for 払う), and the other way.
const CAN_BE_DONE: f32 = 0.9;

/// A word of the question.
#[derive(Clone, Debug)]
pub struct QueryTerm {
    /// As it was written.
    pub surface: String,
    /// Base form.
    pub base: String,
    /// Reading.
    pub reading: String,
    /// How much it says, 0 to 1.
    pub weight: f32,
    pub(crate) word: Option<u32>,
    pub(crate) read: Option<u32>,
}

/// Words that may stand for some of the question's.
#[derive(Clone, Debug)]
pub struct QuerySubstitute {
    /// As the thesaurus or the articles write them.
    pub shown: String,
    /// How much they count against the words themselves, 0 to 1.
    pub weight: f32,
    /// Which terms they stand for, by number: bit 0 is the first.
    pub(crate) covers: u64,
    /// Their base forms and readings in the vocabulary.
    pub(crate) words: Vec<(Option<u32>, Option<u32>)>,
}

/// An analysed question.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words, each base form once.
    pub terms: Vec<QueryTerm>,
    /// What may stand for them.
    pub substitutes: Vec<QuerySubstitute>,
    /// Words that are looked for because of the substitutes, with weights; none of the question's own.
    pub(crate) expanded: Vec<(u32, f32)>,
    pub(crate) pairs: Vec<u32>,
    /// Pairs of characters in the question, known or not.
    pub(crate) pair_count: usize,
    pub(crate) sounds: Vec<u32>,
    pub(crate) sound_count: usize,
    /// Words in order, by number.
    pub(crate) order: Vec<Option<u32>>,
    pub(crate) asked: Intents,
    /// Whether it is about what is not so.
    pub(crate) negated: bool,
    /// Its characters without politeness, kana folded.
    pub(crate) chars: Vec<char>,
    /// Its vector, where the city has a vector model; of the size of the documents' ones.
    pub(crate) vector: Option<Arc<[f32]>>,
}

impl Query {
    /// Analyses a question of any length and form.
    pub fn new(analyzer: &Analyzer, vocabulary: &Vocabulary, lexicon: &Lexicon, asked: &str) -> Self {
        let asked: String = asked.chars().take(MAX_CHARS).collect();
        let normal = compared(&asked);
        let core = text::strip_boilerplate(&normal);
        let tokens = analyzer.tokens_of_normal(&core);
        let (asked, negated) = (intent::asked(&normal), negation::negated(&normal));
        let mut query = Query { asked, negated, ..Query::default() };
        let mut seen = sounds(&tokens);
        seen.sort_unstable();
        seen.dedup();
        query.sound_count = seen.len();
        query.sounds = seen.iter().filter_map(|s| vocabulary.get(Space::Sounds, s)).collect();
        // The words in order, each with the number of its term.
        let mut line: Vec<(Token, usize)> = Vec::new();
        // Every word with its term, if it is one.
        let mut whole: Vec<(Token, Option<usize>)> = Vec::new();
        for token in joined(tokens, vocabulary) {
            let weight = weight(&token);
            if weight <= 0.0 {
                whole.push((token, None));
                continue;
            }
            let known = query.terms.iter().position(|t| t.base == token.base);
            let number = match known {
                Some(number) => number,
                None if query.terms.len() == MAX_TERMS => break,
                None => {
                    query.terms.push(QueryTerm {
                        word: vocabulary.get(Space::Words, &token.base),
                        read: vocabulary.get(Space::Readings, &token.reading),
                        surface: token.surface.clone(),
                        base: token.base.clone(),
                        reading: token.reading.clone(),
                        weight,
                    });
                    query.terms.len() - 1
                }
            };
            query.order.push(query.terms[number].word);
            whole.push((token.clone(), Some(number)));
            line.push((token, number));
        }
        query.heard(&whole, vocabulary);
        query.slipped(&whole, vocabulary);
        query.substitute(&line, vocabulary, lexicon);
        query.pairs_of(&core, vocabulary);
        query.chars = core.chars().map(normal::fold_kana_char).filter(|c| c.is_alphanumeric()).collect();
        query
    }

    fn pairs_of(&mut self, core: &str, vocabulary: &Vocabulary) {
        let mut seen = pairs(core);
        seen.sort_unstable();
        seen.dedup();
        self.pair_count = seen.len();
        self.pairs = seen.iter().filter_map(|p| vocabulary.get(Space::Pairs, p)).collect();
    }

    /// Whether nothing in the question says anything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.pair_count == 0
    }

    /// Looks up every run of words in the thesaurus, and joins words that sound like one the articles know.
    fn substitute(&mut self, line: &[(Token, usize)], vocabulary: &Vocabulary, lexicon: &Lexicon) {
        let telling: Vec<&(Token, usize)> = line.iter().filter(|(t, _)| weight(t) >= LEAST_WEIGHT).collect();
        for start in 0..telling.len() {
            for n in 1..=MAX_WORDS.min(telling.len() - start) {
                let run = &telling[start..start + n];
                let covers = run.iter().fold(0u64, |mask, (_, term)| mask | 1 << term);
                let base = key(run.iter().map(|(t, _)| t.base.as_str()));
                let mut found = lexicon.substitutes(&base);
                let mut factor = 1.0;
                let in_kana = run.iter().all(|(t, _)| t.surface.chars().all(normal::is_kana));
                if found.is_empty() && in_kana {
                    found = lexicon.substitutes_of_sound(&key(run.iter().map(|(t, _)| t.reading.as_str())));
                    factor = BY_SOUND;
                }
                for substitute in found {
                    let words = substitute.words.iter();
                    let words = words
                        .map(|w| (vocabulary.get(Space::Words, &w.base), vocabulary.get(Space::Readings, &w.reading)))
                        .collect();
                    self.add(substitute.shown.clone(), substitute.weight * factor, covers, words);
                }
                if let [(token, _)] = run {
                    for other in can_be_done(token) {
                        if let Some(word) = vocabulary.get(Space::Words, &other) {
                            self.add(other, CAN_BE_DONE, covers, vec![(Some(word), None)]);
                        }
                    }
                }
                if n > 1 {
                    let sound: String = run.iter().map(|(t, _)| t.reading.as_str()).collect();
                    if let Some(read) = vocabulary.get(Space::Readings, &sound) {
                        self.add(sound, SOUNDS_ALIKE, covers, vec![(None, Some(read))]);
                    }
                }
            }
        }
        let direct: Vec<u32> = self.terms.iter().filter_map(|t| t.word).collect();
        let mut expanded: Vec<(u32, f32)> = Vec::new();
        for substitute in &self.substitutes {
            let each = substitute.weight / (substitute.words.len() as f32).sqrt();
            for word in substitute.words.iter().filter_map(|(word, _)| *word) {
                if direct.contains(&word) {
                    continue;
                }
                match expanded.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, weight)) => *weight = weight.max(each),
                    None => expanded.push((word, each)),
                }
            }
        }
        self.expanded = expanded;
    }

    /// Words of the articles that are heard in a run of kana, over the borders at which it was cut.
    fn heard(&mut self, whole: &[(Token, Option<usize>)], vocabulary: &Vocabulary) {
        let in_kana = |(token, _): &(Token, Option<usize>)| token.surface.chars().all(normal::is_kana);
        for run in whole.chunk_by(|a, b| in_kana(a) && in_kana(b)).filter(|run| run.len() > 1) {
            let chars: Vec<(char, usize)> = run
                .iter()
                .enumerate()
                .flat_map(|(i, (token, _))| token.surface.chars().map(move |c| (normal::fold_kana_char(c), i)))
                .collect();
            for start in 0..chars.len() {
                let longest = HEARD.1.min(chars.len() - start);
                let word = (HEARD.0..=longest).rev().find_map(|n| {
                    let sound: String = chars[start..start + n].iter().map(|(c, _)| c).collect();
                    let read = vocabulary.get(Space::Readings, &sound)?;
                    let covered = &run[chars[start].1..=chars[start + n - 1].1];
                    let covers = covered.iter().filter_map(|(_, term)| *term).fold(0u64, |mask, term| mask | 1 << term);
                    let is_one_of_ours = covered.iter().any(|(t, term)| term.is_some() && t.reading == sound);
                    (covers != 0 && !is_one_of_ours).then_some((sound, read, covers))
                });
                if let Some((sound, read, covers)) = word {
                    self.add(sound, SOUNDS_ALIKE, covers, vec![(None, Some(read))]);
                }
            }
        }
    }

    /// Words of the articles that were probably meant where a finger slipped: for words that no article has, and in
    /// runs of kana that were cut because no word was recognised in them.
    fn slipped(&mut self, whole: &[(Token, Option<usize>)], vocabulary: &Vocabulary) {
        let unknown = |(_, term): &(Token, Option<usize>)| {
            term.is_some_and(|t| self.terms[t].word.is_none() && self.terms[t].read.is_none())
        };
        let mut found: Vec<(u32, String, f32, u64)> = Vec::new();
        for one in whole.iter().filter(|one| unknown(one)) {
            let kana: Vec<char> = one.0.reading.chars().collect();
            let covers = one.1.map_or(0, |term| 1 << term);
            found.extend(vocabulary.slips.meant(&kana).map(|(read, sound, weight)| (read, sound, weight, covers)));
        }
        let in_kana = |(token, _): &(Token, Option<usize>)| token.surface.chars().all(normal::is_kana);
        for run in whole.chunk_by(|a, b| in_kana(a) && in_kana(b)).filter(|run| run.len() > 1) {
            // A run whose words are all known was read well.
            if run.iter().filter(|(_, term)| term.is_some()).all(|one| !unknown(one)) {
                continue;
            }
            for start in 0..run.len() {
                let kana: Vec<(char, usize)> = run[start..]
                    .iter()
                    .enumerate()
                    .flat_map(|(i, (token, _))| token.surface.chars().map(move |c| (normal::fold_kana_char(c), i)))
                    .take(SLIPPED.1)
                    .collect();
                let word = (SLIPPED.0..=kana.len()).rev().find_map(|n| {
                    let typed: Vec<char> = kana[..n].iter().map(|(c, _)| *c).collect();
                    let covered = &run[start..=start + kana[n - 1].1];
                    let terms = covered.iter().filter_map(|(_, term)| *term);
                    let covers = terms.fold(0u64, |mask, term| mask | 1 << term);
                    let (read, sound, weight) = vocabulary.slips.meant(&typed)?;
                    (covers != 0 && covered.len() > 1).then_some((read, sound, weight, covers))
                });
                found.extend(word);
            }
        }
        for (read, sound, weight, covers) in found {
            self.add(sound, weight, covers, vec![(None, Some(read))]);
        }
    }

    fn add(&mut self, shown: String, weight: f32, covers: u64, words: Vec<(Option<u32>, Option<u32>)>) {
        // A term of which the articles know nothing can match nothing.
        if words.iter().any(|(word, read)| word.is_none() && read.is_none()) {
            return;
        }
        match self.substitutes.iter_mut().find(|s| s.covers == covers && s.words == words) {
            Some(known) => known.weight = known.weight.max(weight),
            None => self.substitutes.push(QuerySubstitute { shown, weight, covers, words }),
        }
    }
}

/// Other forms of a verb: that with which one says that it can be done, or the one of which this is said.
fn can_be_done(token: &Token) -> Vec<String> {
    const ROWS: [(char, char); 8] = [
        ('う', 'え'),
        ('く', 'け'),
        ('す', 'せ'),
        ('つ', 'て'),
        ('む', 'め'),
        ('る', 'れ'),
        ('ぐ', 'げ'),
        ('ぶ', 'べ'),
    ];
    if token.class != Class::Verb {
        return Vec::new();
    }
    let mut stem: Vec<char> = token.base.chars().collect();
    let Some(last) = stem.pop() else { return Vec::new() };
    let word = |stem: &[char], end: &str| stem.iter().collect::<String>() + end;
    let mut forms = Vec::new();
    if let Some((_, e)) = ROWS.iter().find(|(u, _)| *u == last) {
        forms.push(word(&stem, &format!("{e}る")));
    }
    if last == 'る' {
        let e = stem.pop();
        if let Some((u, _)) = ROWS.iter().find(|(_, row)| Some(*row) == e) {
            forms.push(word(&stem, &u.to_string()));
        }
    }
    forms
}

/// Words written in kana are often cut too small (イン｜カン for 印鑑): neighbours that are nouns in
/// kana become one word where the city's articles know a word of that sound.
pub(crate) fn joined(tokens: Vec<Token>, vocabulary: &Vocabulary) -> Vec<Token> {
    let in_kana = |t: &Token| t.class == Class::Noun && t.surface.chars().all(normal::is_kana);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        let run = rest.iter().take(4).take_while(|t| in_kana(t)).count();
        let word = (2..=run).rev().find_map(|n| {
            let sound: String = rest[..n].iter().map(|t| normal::fold_kana(&t.surface)).collect();
            vocabulary.get(Space::Readings, &sound).map(|_| (n, sound))
        });
        match word {
            Some((n, sound)) => {
                let surface = rest[..n].iter().map(|t| t.surface.as_str()).collect();
                out.push(Token { surface, base: sound.clone(), reading: sound, class: Class::Noun });
                rest = &rest[n..];
            }
            None => {
                out.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    out
}
