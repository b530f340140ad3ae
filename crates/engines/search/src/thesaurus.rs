//! Words of administrations and words of people, with their relations.
//!
//! A file has one relation per line: `term TAB relation TAB other TAB note`. The term is the office's word, the
//! other one people's (`colloquial`), an equal one (`same`), a kind of it (`narrower`) or one whose matter often
//! belongs to it (`see`). Lines that begin with `#` are headings.

mod check;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use text::Analyzer;

use crate::Vocabulary;
use crate::document::{compared, weight};

pub use check::{LONGEST, Ledger, Remark, Side, Wrong, remarks};

/// How two terms belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// They mean the same.
    Same,
    /// The other one is what people say.
    Colloquial,
    /// The other one is a kind or a part.
    Narrower,
    /// Who speaks of one often needs the other.
    See,
}

impl RelationKind {
    /// All of them.
    pub const ALL: [RelationKind; 4] =
        [RelationKind::Same, RelationKind::Colloquial, RelationKind::Narrower, RelationKind::See];

    /// As a file names it.
    pub const fn code(self) -> &'static str {
        match self {
            RelationKind::Same => "same",
            RelationKind::Colloquial => "colloquial",
            RelationKind::Narrower => "narrower",
            RelationKind::See => "see",
        }
    }

    /// The relation with a name.
    pub fn from_code(code: &str) -> Option<Self> {
        RelationKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// How much a word counts that was not asked for: from the term to the other one, and back.
    const fn weights(self) -> (f32, f32) {
        match self {
            RelationKind::Same => (0.8, 0.8),
            RelationKind::Colloquial => (0.6, 0.8),
            RelationKind::Narrower => (0.3, 0.5),
            RelationKind::See => (0.35, 0.35),
        }
    }
}

/// A line of the thesaurus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The office's word.
    pub term: String,
    /// How the two belong together.
    pub kind: RelationKind,
    /// The other word.
    pub other: String,
    /// What a reader should know; empty if nothing.
    pub note: String,
}

/// Something that is wrong with a thesaurus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.reason)
    }
}

/// Reads files of relations. What cannot be read, pairs that stand twice and lines that close a circle of `narrower`
/// are told; what is sound is returned all the same.
pub fn read(files: &[(&str, &str)]) -> (Vec<Relation>, Vec<Fault>) {
    let (ledger, faults) = read_ledger(files);
    (ledger.into_relations(), faults)
}

/// The same, ready to check further relations against.
pub fn read_ledger(files: &[(&str, &str)]) -> (Ledger, Vec<Fault>) {
    let (mut ledger, mut places, mut faults) = (Ledger::default(), Vec::new(), Vec::new());
    for (file, text) in files {
        for (number, line) in lines(text) {
            match Relation::from_line(line).and_then(|relation| ledger.add(relation)) {
                Ok(()) => places.push((*file, number)),
                Err(wrong) => faults.push(Fault { file: (*file).into(), line: number, reason: told(wrong, &places) }),
            }
        }
    }
    (ledger, faults)
}

/// The lines of a file that hold relations, with their numbers from 1.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

fn told(wrong: Wrong, places: &[(&str, usize)]) -> String {
    match wrong {
        Wrong::Columns => "a line is: term TAB relation TAB other TAB note".into(),
        Wrong::Kind(kind) => format!("{kind:?} is no relation; say same, colloquial, narrower or see"),
        Wrong::Empty(Side::Term) => "the term is empty".into(),
        Wrong::Empty(Side::Other) => "the other word is empty".into(),
        Wrong::TooLong(Side::Term) => format!("the term is longer than {LONGEST} characters"),
        Wrong::TooLong(Side::Other) => format!("the other word is longer than {LONGEST} characters"),
        Wrong::Heading => "a term does not begin with #; that is a heading".into(),
        Wrong::Same => "the same word stands on both sides".into(),
        Wrong::Twice(number) => {
            let (file, line) = places[number];
            format!("these two words stand already in {file}, line {line}; keep one of the lines")
        }
        Wrong::Circle(circle) => format!("`narrower` goes in a circle: {}; take one of these out", circle.join(" → ")),
    }
}

/// A word by base form and reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Word {
    pub(crate) base: String,
    pub(crate) reading: String,
}

/// What may stand for a term.
#[derive(Clone, Debug)]
pub(crate) struct Substitute {
    pub(crate) words: Vec<Word>,
    pub(crate) weight: f32,
    /// As the thesaurus writes it, for explanations.
    pub(crate) shown: String,
}

/// Most words of a term that are looked up in a question.
pub(crate) const MAX_WORDS: usize = 4;
/// Words that say less than this are no part of a term: 「ごみを出す」 is ごみ and 出す.
pub(crate) const LEAST_WEIGHT: f32 = 0.3;

/// The words of a term that say something.
fn cut(analyzer: &Analyzer, term: &str) -> Vec<Word> {
    let tokens = analyzer.tokens_of_normal(&compared(term));
    let kept = tokens.into_iter().filter(|t| weight(t) >= LEAST_WEIGHT);
    kept.map(|t| Word { base: t.base, reading: t.reading }).collect()
}

/// The thesaurus as questions use it.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// What it builds on. A term that stands here as well stands here with all that is said below.
    below: Option<Arc<Lexicon>>,
    by_base: HashMap<String, Vec<Substitute>>,
    /// Of terms by their sound, for questions in kana.
    by_reading: HashMap<String, String>,
}

/// Stands between the words of a key.
const BETWEEN: &str = "\u{1f}";

/// The key of a sequence of words.
pub(crate) fn key<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(BETWEEN)
}

impl Lexicon {
    /// Cuts all terms into words.
    pub fn new(analyzer: &Analyzer, relations: &[Relation]) -> Self {
        let mut lexicon = Lexicon::default();
        lexicon.learn(analyzer, relations);
        lexicon
    }

    /// Relations on top of another lexicon, which is shared: costs only what is added.
    pub fn over(below: Arc<Lexicon>, analyzer: &Analyzer, relations: &[Relation]) -> Self {
        let mut lexicon = Lexicon { below: Some(below), ..Lexicon::default() };
        lexicon.learn(analyzer, relations);
        lexicon
    }

    fn learn(&mut self, analyzer: &Analyzer, relations: &[Relation]) {
        let mut words: HashMap<&str, Vec<Word>> = HashMap::new();
        for relation in relations {
            for term in [relation.term.as_str(), relation.other.as_str()] {
                words.entry(term).or_insert_with(|| cut(analyzer, term));
            }
        }
        for relation in relations {
            let (there, back) = relation.kind.weights();
            for (from, to, weight) in
                [(&relation.term, &relation.other, there), (&relation.other, &relation.term, back)]
            {
                let (of, substitute) = (&words[from.as_str()], &words[to.as_str()]);
                if of.is_empty() || of.len() > MAX_WORDS || substitute.is_empty() || of == substitute {
                    continue;
                }
                let base = key(of.iter().map(|w| w.base.as_str()));
                let reading = key(of.iter().map(|w| w.reading.as_str()));
                if self.of_sound(&reading).is_none() {
                    self.by_reading.insert(reading, base.clone());
                }
                let below = self.below.as_ref().map_or(&[][..], |below| below.substitutes(&base)).to_vec();
                let entry = self.by_base.entry(base).or_insert(below);
                match entry.iter_mut().find(|s| s.words == *substitute) {
                    Some(known) => known.weight = known.weight.max(weight),
                    None => entry.push(Substitute { words: substitute.clone(), weight, shown: to.clone() }),
                }
            }
        }
    }

    /// All terms with what may stand for them.
    fn terms(&self) -> BTreeMap<&String, &Vec<Substitute>> {
        let mut terms = self.below.as_ref().map_or_else(BTreeMap::new, |below| below.terms());
        terms.extend(&self.by_base);
        terms
    }

    /// Every term with the words that may stand for it, as numbers of the vocabulary, which learns them.
    pub fn kin(&self, vocabulary: &mut Vocabulary) -> Vec<Vec<u32>> {
        let line = |(base, substitutes): (&String, &Vec<Substitute>)| {
            let others = substitutes.iter().flat_map(|s| s.words.iter().map(|w| w.base.as_str()));
            let mut line: Vec<u32> = base.split(BETWEEN).chain(others).map(|w| vocabulary.learn(w)).collect();
            line.sort_unstable();
            line.dedup();
            line
        };
        self.terms().into_iter().map(line).collect()
    }

    /// What may stand for a sequence of words.
    pub(crate) fn substitutes(&self, base: &str) -> &[Substitute] {
        match (self.by_base.get(base), &self.below) {
            (Some(found), _) => found,
            (None, Some(below)) => below.substitutes(base),
            (None, None) => &[],
        }
    }

    /// The same for a sequence of sounds.
    pub(crate) fn substitutes_of_sound(&self, reading: &str) -> &[Substitute] {
        self.of_sound(reading).map_or(&[], |base| self.substitutes(base))
    }

    /// The term of a sequence of sounds.
    fn of_sound(&self, reading: &str) -> Option<&String> {
        self.by_reading.get(reading).or_else(|| self.below.as_ref().and_then(|below| below.of_sound(reading)))
    }

    /// How many terms it knows.
    pub fn len(&self) -> usize {
        self.terms().len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.by_base.is_empty() && self.below.as_ref().is_none_or(|below| below.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let text =
            "# 見出し\nごみ\tsame\t廃棄物\n廃棄物\tsee\tごみ\nごみ\tbroader\t物\nごみ\nごみ\tsame\tごみ\n\tsame\tx\n";
        let (relations, faults) = read(&[("a.tsv", text)]);
        assert_eq!(relations.len(), 1);
        let told: Vec<usize> = faults.iter().map(|f| f.line).collect();
        assert_eq!(told, [3, 4, 5, 6, 7]);
        assert!(faults[0].reason.contains("a.tsv, line 2"), "{}", faults[0]);
    }

    #[test]
    fn circles_of_narrower_are_found() {
        let line = |a: &str, b: &str| format!("{a}\tnarrower\t{b}\n");
        let tree = line("物", "ごみ") + &line("ごみ", "粗大ごみ") + &line("物", "粗大ごみ");
        assert_eq!(read(&[("a", &tree)]).1, []);
        let circle = line("物", "ごみ") + &line("ごみ", "粗大ごみ") + &line("粗大ごみ", "物");
        let (relations, faults) = read(&[("a", &circle)]);
        assert_eq!((relations.len(), faults.len()), (2, 1), "the line that closes it is left out");
        assert_eq!(faults[0].line, 3);
        assert!(faults[0].reason.contains("circle"), "{}", faults[0]);
    }
}
