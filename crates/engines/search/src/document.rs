//! Documents: texts by field, and what analysis makes of them.

use std::collections::HashMap;
use std::sync::Arc;

use text::{Analyzer, Class, Token, normal};

/// Fields of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The question as the city words it.
    Question = 0,
    /// Words that people use.
    Keywords = 1,
    /// Structured facts.
    Facts = 2,
    /// Summary and answer.
    Answer = 3,
}

/// Number of fields.
pub const FIELDS: usize = 4;

/// The texts of a document. Each language adds its text to the same fields; the length of a field
/// is that of the first text alone, so that a translated article is not punished for being longer.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Texts per field, the main language first.
    pub fields: [Vec<String>; FIELDS],
}

impl Texts {
    /// Adds a text to a field.
    pub fn push(&mut self, field: Field, text: impl Into<String>) {
        self.fields[field as usize].push(text.into());
    }
}

/// Three ways of looking at a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    /// Base forms.
    Words = 0,
    /// Readings in the continuative form.
    Readings = 1,
    /// Pairs of characters of question and keywords, kana folded.
    Pairs = 2,
}

pub(crate) const SPACES: usize = 3;

/// How often each term stands in each field.
pub(crate) type Counts = [u8; FIELDS];

/// Terms and their numbers, growing only.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    spaces: [HashMap<Box<str>, u32>; SPACES],
}

impl Vocabulary {
    pub(crate) fn get(&self, space: Space, term: &str) -> Option<u32> {
        self.spaces[space as usize].get(term).copied()
    }

    pub(crate) fn len(&self, space: Space) -> usize {
        self.spaces[space as usize].len()
    }
}

/// An analysed document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Terms with their counts, per space, by number.
    pub(crate) terms: [Box<[(u32, Counts)]>; SPACES],
    /// Words of each field of the main language.
    pub(crate) lengths: [u16; FIELDS],
}

/// Terms of one document before they have numbers.
struct Raw {
    spaces: [HashMap<String, Counts>; SPACES],
    lengths: [u16; FIELDS],
}

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
        let mut numbered: Vec<(u32, Counts)> = terms
            .into_iter()
            .map(|(term, counts)| {
                let id = match vocabulary.spaces[space].get(term.as_str()) {
                    Some(id) => *id,
                    None => {
                        let map = &mut Arc::make_mut(vocabulary).spaces[space];
                        let id = u32::try_from(map.len()).unwrap_or(u32::MAX);
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
    Document { terms, lengths: raw.lengths }
}

fn analyse(analyzer: &Analyzer, texts: &Texts) -> Raw {
    let mut raw = Raw { spaces: Default::default(), lengths: [0; FIELDS] };
    for (field, in_languages) in texts.fields.iter().enumerate() {
        for (language, text) in in_languages.iter().enumerate() {
            let normal = normal::normalise(text);
            let normal = if field == Field::Question as usize { text::strip_boilerplate(&normal) } else { normal };
            let mut add = |space: Space, term: &str| {
                let count = &mut raw.spaces[space as usize].entry(term.to_owned()).or_default()[field];
                *count = count.saturating_add(1);
            };
            let mut length = 0u16;
            for token in analyzer.tokens_of_normal(&normal) {
                if weight(&token) > 0.0 {
                    add(Space::Words, &token.base);
                    add(Space::Readings, &token.reading);
                    length = length.saturating_add(1);
                }
            }
            if field <= Field::Keywords as usize {
                for pair in pairs(&normal) {
                    add(Space::Pairs, &pair);
                }
            }
            if language == 0 {
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
    "this", "that", "want", "need", "get", "please", "about", "not", "no", "so", "as", "any", "some", "city", "minamo",
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
