//! Documents: texts by field, and what analysis makes of them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use text::{Analyzer, Class, Token, normal, numbers, variants};

use crate::intent::{self, Intents};
use crate::negation;
use crate::slips::Slips;

/// Fields of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The question as the city words it.
    Question = 0,
    /// Words that people use.
    Keywords = 1,
    /// Structured facts.
    Facts = 2,
    /// The first sentences of the answer, which say the most.
    Summary = 3,
    /// The rest of the answer.
    Answer = 4,
    /// Questions of people that this document has answered, each a text of its own. They help it to be found, and are
    /// no part of what it says.
    Asked = 5,
}

/// Number of fields.
pub const FIELDS: usize = 6;

/// Question and keywords.
pub(crate) const TITLE: Range<usize> = 0..Field::Facts as usize;
/// Facts, summary and answer.
pub(crate) const BODY: Range<usize> = Field::Facts as usize..Field::Asked as usize;
/// What the document itself says.
pub(crate) const OWN: Range<usize> = 0..Field::Asked as usize;
/// What people asked.
pub(crate) const ASKED: Range<usize> = Field::Asked as usize..FIELDS;

/// Most questions of people that are kept of a document, the first ones.
pub const MOST_ASKED: usize = 20;

/// The texts of a document. Each language adds its text to the same fields; the length of a field
/// is that of the first text alone, so that a translated article is not punished for being longer.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Texts per field, the main language first.
    pub fields: [Vec<String>; FIELDS],
}

impl Texts {
    /// What tells these texts from others (the first half of a SHA-256), with what the caller knows of them, such as
    /// their languages.
    pub fn digest(&self, beside: &str) -> [u8; 16] {
        let mut sum = Sha256::new_with_prefix(beside.as_bytes());
        for texts in &self.fields {
            sum.update((texts.len() as u64).to_le_bytes());
            for text in texts {
                sum.update((text.len() as u64).to_le_bytes());
                sum.update(text.as_bytes());
            }
        }
        let sum = sum.finalize();
        std::array::from_fn(|i| sum[i])
    }

    /// Adds a text to a field.
    pub fn push(&mut self, field: Field, text: impl Into<String>) {
        self.fields[field as usize].push(text.into());
    }
}

/// Four ways of looking at a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    /// Base forms.
    Words = 0,
    /// Readings in the continuative form.
    Readings = 1,
    /// Pairs of characters of question and keywords, kana folded.
    Pairs = 2,
    /// Three sounds in a row of question and keywords: what a slip of a finger leaves.
    Sounds = 3,
}

pub(crate) const SPACES: usize = 4;

/// How often each term stands in each field.
pub(crate) type Counts = [u8; FIELDS];

/// Words of each field.
pub(crate) type Lengths = [u16; FIELDS];

/// Terms and their numbers, growing only.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    spaces: [HashMap<Box<str>, u32>; SPACES],
    /// Readings, for what is typed wrongly.
    pub(crate) slips: Slips,
}

/// A text as it is compared: normal form, characters of general use, numbers in one form.
pub(crate) fn compared(text: &str) -> String {
    numbers::unify(&variants::unify(&normal::normalise(text)))
}

impl Vocabulary {
    pub(crate) fn get(&self, space: Space, term: &str) -> Option<u32> {
        self.spaces[space as usize].get(term).copied()
    }

    /// The number of a word, which is a new one if no document has it.
    pub(crate) fn learn(&mut self, word: &str) -> u32 {
        let words = &mut self.spaces[Space::Words as usize];
        let next = u32::try_from(words.len()).unwrap_or(u32::MAX);
        *words.entry(word.into()).or_insert(next)
    }

    /// All terms of each space, by number.
    pub(crate) fn terms(&self) -> [Vec<&str>; SPACES] {
        std::array::from_fn(|space| {
            let mut terms = vec![""; self.spaces[space].len()];
            for (term, number) in &self.spaces[space] {
                if let Some(place) = terms.get_mut(*number as usize) {
                    *place = term;
                }
            }
            terms
        })
    }

    /// The vocabulary with these terms, numbered in their order.
    pub(crate) fn of_terms(terms: [Vec<String>; SPACES]) -> Self {
        let mut vocabulary = Vocabulary::default();
        for (number, reading) in (0..).zip(&terms[Space::Readings as usize]) {
            vocabulary.slips.add(number, reading);
        }
        vocabulary.spaces = terms.map(|terms| terms.into_iter().map(String::into_boxed_str).zip(0..).collect());
        vocabulary
    }

    pub(crate) fn len(&self, space: Space) -> usize {
        self.spaces[space as usize].len()
    }
}

/// An analysed document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// Terms with their counts, per space, by number.
    pub(crate) terms: [Box<[(u32, Counts)]>; SPACES],
    /// Words of each field of the main language.
    pub(crate) lengths: Lengths,
    /// Its question and each sentence of its facts and answer in the main language.
    pub(crate) passages: Box<[Passage]>,
    /// What kinds of answers its question asks for, and which its text holds.
    pub(crate) asked: Intents,
    pub(crate) held: Intents,
    /// Whether its question is about what is not so.
    pub(crate) negated: bool,
    /// Characters of its question without politeness, kana folded.
    pub(crate) question: Box<[char]>,
    /// What people asked whom it answered.
    pub(crate) answered: Box<[Answered]>,
}

impl Document {
    /// How often a term stands in each field.
    pub(crate) fn counts(&self, space: Space, term: Option<u32>) -> Option<Counts> {
        let terms = &self.terms[space as usize];
        let at = terms.binary_search_by_key(&term?, |(term, _)| *term).ok()?;
        Some(terms[at].1)
    }

    /// The same, of a term that the document itself says.
    pub(crate) fn own_counts(&self, space: Space, term: Option<u32>) -> Option<Counts> {
        self.counts(space, term).filter(|counts| counts[OWN].iter().any(|n| *n > 0))
    }
}

/// A question of a person that a document has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// Its words, by number, in the order of the numbers.
    pub(crate) words: Box<[u32]>,
    /// Its pairs of characters likewise.
    pub(crate) pairs: Box<[u32]>,
}

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passage {
    pub(crate) field: u8,
    /// Its words in order, by number.
    pub(crate) words: Box<[u32]>,
}

/// Terms of one document before they have numbers.
struct Raw {
    spaces: [HashMap<String, Counts>; SPACES],
    lengths: [u16; FIELDS],
    passages: Vec<(u8, Vec<String>)>,
    asked: Intents,
    held: Intents,
    negated: bool,
    question: Vec<char>,
    answered: Vec<(Vec<String>, Vec<String>)>,
}

/// Most words of a passage that are kept, and most passages.
const PASSAGE_WORDS: usize = 60;
const PASSAGES: usize = 60;

/// Documents that are analysed before their terms get numbers; bounds what analysis holds in memory.
const ROUND: usize = 512;

/// Analyses documents on all cores and gives their terms numbers. The vocabulary is copied only
/// if somebody else still reads it and a new term comes.
pub fn analyse_all(analyzer: &Analyzer, vocabulary: &mut Arc<Vocabulary>, texts: &[Texts]) -> Vec<Arc<Document>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut documents = Vec::with_capacity(texts.len());
    for round in texts.chunks(ROUND) {
        let raw: Vec<Raw> = std::thread::scope(|scope| {
            let parts: Vec<_> = round
                .chunks(round.len().div_ceil(threads))
                .map(|part| scope.spawn(move || part.iter().map(|t| analyse(analyzer, t)).collect::<Vec<_>>()))
                .collect();
            // A panic in analysis is a bug; it goes on in the caller with its own message.
            parts.into_iter().flat_map(|p| p.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        documents.extend(raw.into_iter().map(|raw| Arc::new(number(vocabulary, raw))));
    }
    documents
}

fn number(vocabulary: &mut Arc<Vocabulary>, raw: Raw) -> Document {
    let mut space_index = 0;
    let terms = raw.spaces.map(|terms| {
        let space = space_index;
        space_index += 1;
        // In the order of their letters: the same articles get the same numbers, and so the same answers, in every
        // process.
        let mut terms: Vec<(String, Counts)> = terms.into_iter().collect();
        terms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut numbered: Vec<(u32, Counts)> = terms
            .into_iter()
            .map(|(term, counts)| {
                let id = match vocabulary.spaces[space].get(term.as_str()) {
                    Some(id) => *id,
                    None => {
                        let vocabulary = Arc::make_mut(vocabulary);
                        let map = &mut vocabulary.spaces[space];
                        let id = u32::try_from(map.len()).unwrap_or(u32::MAX);
                        if space == Space::Readings as usize {
                            vocabulary.slips.add(id, &term);
                        }
                        map.insert(term.into_boxed_str(), id);
                        id
                    }
                };
                (id, counts)
            })
            .collect();
        numbered.sort_unstable_by_key(|(id, _)| *id);
        numbered.into_boxed_slice()
    });
    let passage = |(field, words): (u8, Vec<String>)| {
        let number = |word: &String| vocabulary.get(Space::Words, word);
        Passage { field, words: words.iter().filter_map(number).collect() }
    };
    let passages = raw.passages.into_iter().map(passage).collect();
    let question = raw.question.into_boxed_slice();
    let numbers = |space: Space, terms: &[String]| {
        let mut numbers: Vec<u32> = terms.iter().filter_map(|t| vocabulary.get(space, t)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_boxed_slice()
    };
    let one = |(words, pairs): &(Vec<String>, Vec<String>)| Answered {
        words: numbers(Space::Words, words),
        pairs: numbers(Space::Pairs, pairs),
    };
    let answered = raw.answered.iter().map(one).collect();
    Document {
        terms,
        lengths: raw.lengths,
        passages,
        asked: raw.asked,
        held: raw.held,
        negated: raw.negated,
        question,
        answered,
    }
}

fn analyse(analyzer: &Analyzer, texts: &Texts) -> Raw {
    let mut raw = Raw {
        spaces: Default::default(),
        lengths: [0; FIELDS],
        passages: Vec::new(),
        asked: Intents::default(),
        held: Intents::default(),
        negated: false,
        question: Vec::new(),
        answered: Vec::new(),
    };
    for (field, in_languages) in texts.fields.iter().enumerate() {
        let asked = ASKED.contains(&field);
        let most = if asked { MOST_ASKED } else { in_languages.len() };
        for (language, text) in in_languages.iter().take(most).enumerate() {
            let normal = compared(text);
            if language == 0 && !asked {
                match field {
                    f if f == Field::Question as usize => {
                        raw.asked = intent::asked(&normal);
                        raw.negated = negation::negated(&normal);
                    }
                    f if f == Field::Keywords as usize => {}
                    _ => raw.held = raw.held.with(intent::held(&normal)),
                }
            }
            let asks = asked || field == Field::Question as usize;
            let normal = if asks { text::strip_boilerplate(&normal) } else { normal };
            let mut add = |space: Space, term: &str| {
                let count = &mut raw.spaces[space as usize].entry(term.to_owned()).or_default()[field];
                *count = count.saturating_add(1);
            };
            let mut length = 0u16;
            let tokens = analyzer.tokens_of_normal(&normal);
            if asked {
                let telling = tokens.iter().filter(|t| weight(t) > 0.0);
                raw.answered.push((telling.map(|t| t.base.clone()).collect(), pairs(&normal)));
            } else if language == 0 {
                raw.passages.extend(passages(&tokens).map(|words| (field as u8, words)));
                raw.passages.truncate(PASSAGES);
                if field == Field::Question as usize {
                    raw.question = normal.chars().map(normal::fold_kana_char).filter(|c| c.is_alphanumeric()).collect();
                }
            }
            if asked || TITLE.contains(&field) {
                for sound in sounds(&tokens) {
                    add(Space::Sounds, &sound);
                }
            }
            for token in tokens {
                if weight(&token) > 0.0 {
                    add(Space::Words, &token.base);
                    add(Space::Readings, &token.reading);
                    length = length.saturating_add(1);
                }
            }
            if asked || TITLE.contains(&field) {
                for pair in pairs(&normal) {
                    add(Space::Pairs, &pair);
                }
            }
            if asked {
                raw.lengths[field] = raw.lengths[field].saturating_add(length);
            } else if language == 0 {
                raw.lengths[field] = length;
            }
        }
    }
    raw
}

/// Words that stand in any question and say little about its matter.
const LIGHT: &[&str] = &[
    "する",
    "ある",
    "いる",
    "なる",
    "できる",
    "出来る",
    "やる",
    "行う",
    "おこなう",
    "くださる",
    "下さる",
    "いただく",
    "頂く",
    "もらう",
    "教える",
    "おしえる",
    "知る",
    "しる",
    "聞く",
    "思う",
    "おもう",
    "いう",
    "言う",
    "ない",
    "よい",
    "良い",
    "いい",
    "ほしい",
    "欲しい",
    "場合",
    "ため",
    "方法",
    "際",
    "とき",
    "時",
    "こと",
    "もの",
    "市",
    "必要",
    "どう",
    "何",
    "なに",
    "どの",
    "どこ",
    "どれ",
    "いつ",
    "困る",
    "わかる",
    "分かる",
    "考える",
    "予定",
    "今",
    "いま",
    "自分",
    "私",
];

/// English words of the same kind.
const LIGHT_LATIN: &[&str] = &[
    "a", "an", "the", "i", "my", "me", "we", "our", "you", "your", "it", "is", "are", "am", "be", "was", "do", "doe",
    "does", "did", "have", "has", "had", "can", "could", "will", "would", "should", "to", "of", "in", "on", "at",
    "for", "from", "with", "by", "and", "or", "if", "how", "what", "when", "where", "who", "which", "why", "there",
    "this", "that", "want", "need", "get", "please", "about", "not", "no", "so", "as", "any", "some", "city",
];

/// How much a word of a text says about its matter: 0 for words that are left out altogether.
pub(crate) fn weight(token: &Token) -> f32 {
    let by_class = match token.class {
        Class::Noun | Class::Latin => 1.0,
        Class::Verb | Class::Adjective => 0.8,
        Class::Number => 0.6,
        Class::Suffix | Class::Adverb => 0.4,
        Class::Dependent => 0.15,
        Class::Auxiliary | Class::Particle | Class::Symbol => 0.0,
    };
    let light = match token.class {
        Class::Latin => LIGHT_LATIN.contains(&token.base.as_str()),
        _ => LIGHT.contains(&token.base.as_str()),
    };
    if light { f32::min(by_class, 0.15) } else { by_class }
}

/// Neighbouring characters that carry meaning, kana folded; marks and spaces part.
pub(crate) fn pairs(normal: &str) -> Vec<String> {
    let chars: Vec<char> = normal.chars().map(normal::fold_kana_char).collect();
    let meaning = |c: &char| c.is_alphanumeric() || *c == 'ー';
    chars.windows(2).filter(|w| w.iter().all(meaning)).map(|w| w.iter().collect()).collect()
}

/// Three sounds in a row, over the borders of words; marks part.
pub(crate) fn sounds(tokens: &[Token]) -> Vec<String> {
    let mut found = Vec::new();
    for run in tokens.split(|t| t.class == Class::Symbol) {
        let chars: Vec<char> = run.iter().flat_map(|t| t.reading.chars()).map(normal::fold_kana_char).collect();
        found.extend(chars.windows(3).map(|w| w.iter().collect::<String>()));
    }
    found
}

/// The words of each sentence, without those that say nothing.
fn passages(tokens: &[Token]) -> impl Iterator<Item = Vec<String>> {
    let ends =
        |t: &Token| t.class == Class::Symbol && matches!(t.surface.as_str(), "。" | "." | "・" | "?" | "!" | "-");
    tokens
        .split(ends)
        .map(|sentence| {
            let kept = sentence.iter().filter(|t| weight(t) > 0.0).take(PASSAGE_WORDS);
            kept.map(|t| t.base.clone()).collect::<Vec<_>>()
        })
        .filter(|words| !words.is_empty())
}
