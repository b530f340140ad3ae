//! Words of administrations and words of people, with their relations.
//!
//! A file has one relation per line: `term TAB relation TAB other TAB note`. The term is the office's word, the
//! other one people's (`colloquial`), an equal one (`same`), a kind of it (`narrower`) or one whose matter often
//! belongs to it (`see`). Lines that begin with `#` are headings.

use std::collections::{BTreeMap, HashMap, HashSet};

use text::{Analyzer, normal};

use crate::Vocabulary;
use crate::document::{compared, weight};

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
    /// Line from 1; 0 for the thesaurus as a whole.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.reason)
    }
}

/// Longest term, in characters.
const LONGEST: usize = 40;

/// Reads files of relations. Lines that cannot be read, pairs that stand twice and circles of `narrower` are
/// told; what is sound is returned all the same.
pub fn read(files: &[(&str, &str)]) -> (Vec<Relation>, Vec<Fault>) {
    let (mut relations, mut faults) = (Vec::new(), Vec::new());
    let mut seen: HashMap<(String, String), (String, usize)> = HashMap::new();
    for (file, text) in files {
        for (number, line) in (1..).zip(text.lines()) {
            let mut fault = |reason: String| faults.push(Fault { file: (*file).into(), line: number, reason });
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let relation = match relation(line) {
                Ok(relation) => relation,
                Err(reason) => {
                    fault(reason);
                    continue;
                }
            };
            let mut pair = [normal::normalise(&relation.term), normal::normalise(&relation.other)];
            pair.sort_unstable();
            let [a, b] = pair;
            if let Some((other_file, other_line)) = seen.get(&(a.clone(), b.clone())) {
                fault(format!(
                    "these two words stand already in {other_file}, line {other_line}; keep one of the lines"
                ));
                continue;
            }
            seen.insert((a, b), ((*file).into(), number));
            relations.push(relation);
        }
    }
    if let Some(circle) = circle(&relations) {
        let reason = format!("`narrower` goes in a circle: {}; take one of these lines out", circle.join(" → "));
        faults.push(Fault { file: files.first().map_or("", |f| f.0).into(), line: 0, reason });
    }
    (relations, faults)
}

fn relation(line: &str) -> Result<Relation, String> {
    let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
    let (term, kind, other) = match fields.as_slice() {
        [term, kind, other] | [term, kind, other, _] => (*term, *kind, *other),
        _ => return Err("a line is: term TAB relation TAB other TAB note".into()),
    };
    let kind = RelationKind::from_code(kind)
        .ok_or_else(|| format!("{kind:?} is no relation; say same, colloquial, narrower or see"))?;
    for word in [term, other] {
        if word.is_empty() || word.chars().count() > LONGEST {
            return Err(format!("{word:?} is empty or longer than {LONGEST} characters"));
        }
    }
    if normal::normalise(term) == normal::normalise(other) {
        return Err(format!("{term:?} stands on both sides"));
    }
    let note = fields.get(3).copied().unwrap_or_default();
    Ok(Relation { term: term.into(), kind, other: other.into(), note: note.into() })
}

/// A circle of `narrower`, if there is one.
fn circle(relations: &[Relation]) -> Option<Vec<String>> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for r in relations.iter().filter(|r| r.kind == RelationKind::Narrower) {
        below.entry(&r.term).or_default().push(&r.other);
    }
    let mut finished: HashSet<&str> = HashSet::new();
    for start in below.keys().copied() {
        // Depth first with a path of (word, next child to look at).
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((word, next)) = path.pop() {
            if finished.contains(word) {
                continue;
            }
            match below.get(word).and_then(|children| children.get(next)) {
                None => {
                    finished.insert(word);
                }
                Some(child) => {
                    path.push((word, next + 1));
                    if let Some(from) = path.iter().position(|(w, _)| w == child) {
                        let mut circle: Vec<String> = path[from..].iter().map(|(w, _)| (*w).to_owned()).collect();
                        circle.push((*child).to_owned());
                        return Some(circle);
                    }
                    path.push((child, 0));
                }
            }
        }
    }
    None
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

/// The thesaurus as questions use it.
#[derive(Debug, Default)]
pub struct Lexicon {
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
        let mut words: HashMap<&str, Vec<Word>> = HashMap::new();
        for relation in relations {
            for term in [relation.term.as_str(), relation.other.as_str()] {
                words.entry(term).or_insert_with(|| {
                    let tokens = analyzer.tokens_of_normal(&compared(term));
                    let kept = tokens.into_iter().filter(|t| weight(t) >= LEAST_WEIGHT);
                    kept.map(|t| Word { base: t.base, reading: t.reading }).collect()
                });
            }
        }
        let mut lexicon = Lexicon::default();
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
                lexicon.by_reading.entry(key(of.iter().map(|w| w.reading.as_str()))).or_insert_with(|| base.clone());
                let entry = lexicon.by_base.entry(base).or_default();
                match entry.iter_mut().find(|s| s.words == *substitute) {
                    Some(known) => known.weight = known.weight.max(weight),
                    None => entry.push(Substitute { words: substitute.clone(), weight, shown: to.clone() }),
                }
            }
        }
        lexicon
    }

    /// Every term with the words that may stand for it, as numbers of the vocabulary, which learns them.
    pub fn kin(&self, vocabulary: &mut Vocabulary) -> Vec<Vec<u32>> {
        let mut terms: Vec<(&String, &Vec<Substitute>)> = self.by_base.iter().collect();
        terms.sort_unstable_by_key(|(base, _)| *base);
        let line = |(base, substitutes): (&String, &Vec<Substitute>)| {
            let others = substitutes.iter().flat_map(|s| s.words.iter().map(|w| w.base.as_str()));
            let mut line: Vec<u32> = base.split(BETWEEN).chain(others).map(|w| vocabulary.learn(w)).collect();
            line.sort_unstable();
            line.dedup();
            line
        };
        terms.into_iter().map(line).collect()
    }

    /// What may stand for a sequence of words.
    pub(crate) fn substitutes(&self, base: &str) -> &[Substitute] {
        self.by_base.get(base).map_or(&[], Vec::as_slice)
    }

    /// The same for a sequence of sounds.
    pub(crate) fn substitutes_of_sound(&self, reading: &str) -> &[Substitute] {
        self.by_reading.get(reading).map_or(&[], |base| self.substitutes(base))
    }

    /// How many terms it knows.
    pub fn len(&self) -> usize {
        self.by_base.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.by_base.is_empty()
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
        let (_, faults) = read(&[("a", &circle)]);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].reason.contains("circle"), "{}", faults[0]);
    }
}
