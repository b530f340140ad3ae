//! What makes a relation sound: the rules for a line of a file and for a form alike.

use std::collections::{HashMap, HashSet};

use text::{Analyzer, normal};

use super::{MAX_WORDS, Relation, RelationKind, cut};

/// Longest term, in characters.
pub const LONGEST: usize = 40;

/// One of the two words of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The office's word.
    Term,
    /// The other word.
    Other,
}

impl Side {
    /// Both of them.
    pub const BOTH: [Side; 2] = [Side::Term, Side::Other];

    /// The word of a relation.
    pub fn of(self, relation: &Relation) -> &str {
        match self {
            Side::Term => &relation.term,
            Side::Other => &relation.other,
        }
    }
}

/// Why something is no relation, or none that can stand beside those that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A line has too few or too many parts.
    Columns,
    /// No kind of relation has this name.
    Kind(String),
    /// A word is missing.
    Empty(Side),
    /// A word is longer than [`LONGEST`].
    TooLong(Side),
    /// The term begins as a heading of a file does.
    Heading,
    /// The same word stands on both sides.
    Same,
    /// The pair is there already: its number in the [`Ledger`].
    Twice(usize),
    /// `narrower` would go in a circle.
    Circle(Vec<String>),
}

impl Relation {
    /// Reads a line of a file.
    pub fn from_line(line: &str) -> Result<Relation, Wrong> {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        let (term, kind, other, note) = match fields.as_slice() {
            [term, kind, other] => (*term, *kind, *other, ""),
            [term, kind, other, note] => (*term, *kind, *other, *note),
            _ => return Err(Wrong::Columns),
        };
        let kind = RelationKind::from_code(kind).ok_or_else(|| Wrong::Kind(kind.into()))?;
        Ok(Relation { term: term.into(), kind, other: other.into(), note: note.into() })
    }

    /// As a line of a file, without its end.
    pub fn to_line(&self) -> String {
        let line = [&self.term, self.kind.code(), &self.other, &self.note].join("\t");
        line.trim_end_matches('\t').to_owned()
    }

    /// Its two words as one key: the same for every spelling and order of them.
    pub fn pair(&self) -> String {
        let mut pair = [normal::normalise(&self.term), normal::normalise(&self.other)];
        pair.sort_unstable();
        pair.join(super::BETWEEN)
    }

    /// What is wrong with it by itself.
    pub fn faults(&self) -> Vec<Wrong> {
        let mut faults = Vec::new();
        for side in Side::BOTH {
            match side.of(self).chars().count() {
                0 => faults.push(Wrong::Empty(side)),
                n if n > LONGEST => faults.push(Wrong::TooLong(side)),
                _ => {}
            }
        }
        if self.term.starts_with('#') {
            faults.push(Wrong::Heading);
        }
        if faults.is_empty() && normal::normalise(&self.term) == normal::normalise(&self.other) {
            faults.push(Wrong::Same);
        }
        faults
    }
}

/// Relations that are sound together, and what tells whether another one is.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    relations: Vec<Relation>,
    /// Number of the relation of a pair.
    pairs: HashMap<String, usize>,
    /// Terms with what is narrower, in normal form.
    below: HashMap<String, Vec<String>>,
}

impl Ledger {
    /// All relations in the order in which they came.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// All relations, taken out.
    pub fn into_relations(self) -> Vec<Relation> {
        self.relations
    }

    /// What keeps a relation from standing beside the others; the first fault.
    pub fn check(&self, relation: &Relation) -> Result<(), Wrong> {
        if let Some(fault) = relation.faults().into_iter().next() {
            return Err(fault);
        }
        if let Some(number) = self.pairs.get(&relation.pair()) {
            return Err(Wrong::Twice(*number));
        }
        if relation.kind == RelationKind::Narrower
            && let Some(circle) = self.circle(&normal::normalise(&relation.term), &normal::normalise(&relation.other))
        {
            return Err(Wrong::Circle(circle));
        }
        Ok(())
    }

    /// Takes a sound relation up.
    pub fn add(&mut self, relation: Relation) -> Result<(), Wrong> {
        self.check(&relation)?;
        self.pairs.insert(relation.pair(), self.relations.len());
        if relation.kind == RelationKind::Narrower {
            let below = self.below.entry(normal::normalise(&relation.term)).or_default();
            below.push(normal::normalise(&relation.other));
        }
        self.relations.push(relation);
        Ok(())
    }

    /// The circle that would be closed if `other` were narrower than `term`.
    fn circle(&self, term: &str, other: &str) -> Option<Vec<String>> {
        // Depth first; each step remembers from where it came.
        let mut steps: Vec<(&str, Option<usize>)> = vec![(other, None)];
        let (mut open, mut seen) = (vec![0], HashSet::from([other]));
        while let Some(at) = open.pop() {
            let word = steps[at].0;
            if word == term {
                let mut circle = Vec::new();
                let mut step = Some(at);
                while let Some(number) = step {
                    circle.push(steps[number].0.to_owned());
                    step = steps[number].1;
                }
                circle.push(term.to_owned());
                circle.reverse();
                return Some(circle);
            }
            for next in self.below.get(word).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(steps.len());
                    steps.push((next, Some(at)));
                }
            }
        }
        None
    }
}

/// What is worth knowing of a relation that is sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The dictionary does not know these words of it; they are cut as their characters suggest.
    Unknown(Vec<String>),
    /// So many words in a row are not looked up in a question: the word of this side leads nowhere.
    Long(Side),
    /// No word of this side says anything, so the relation does nothing.
    Silent(Side),
    /// The search takes both for the same words anyway.
    Alike,
}

/// What is worth knowing of a relation.
pub fn remarks(analyzer: &Analyzer, relation: &Relation) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let unknown: Vec<String> = Side::BOTH.iter().flat_map(|side| analyzer.unknown(side.of(relation))).collect();
    if !unknown.is_empty() {
        remarks.push(Remark::Unknown(unknown));
    }
    let words = Side::BOTH.map(|side| (side, cut(analyzer, side.of(relation))));
    for (side, words) in &words {
        match words.len() {
            0 => remarks.push(Remark::Silent(*side)),
            n if n > MAX_WORDS => remarks.push(Remark::Long(*side)),
            _ => {}
        }
    }
    if words[0].1 == words[1].1 && !words[0].1.is_empty() {
        remarks.push(Remark::Alike);
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(line: &str) -> Relation {
        Relation::from_line(line).expect("a relation")
    }

    #[test]
    fn a_line_goes_out_as_it_came_in() {
        for line in ["ごみ\tsame\t廃棄物", "ごみ\tsee\t川\tメモ"] {
            assert_eq!(relation(line).to_line(), line);
        }
        assert_eq!(Relation::from_line("ごみ\tsame"), Err(Wrong::Columns));
        assert_eq!(Relation::from_line("ごみ\tbroader\t物"), Err(Wrong::Kind("broader".into())));
    }

    #[test]
    fn all_that_is_wrong_with_a_relation_is_told() {
        let long = "あ".repeat(LONGEST + 1);
        let faults = Relation { other: long, ..relation("\tsame\tx") }.faults();
        assert_eq!(faults, [Wrong::Empty(Side::Term), Wrong::TooLong(Side::Other)]);
        assert_eq!(relation("#ごみ\tsame\t廃棄物").faults(), [Wrong::Heading]);
        assert_eq!(relation("ゴミ\tsame\tｺﾞﾐ").faults(), [Wrong::Same]);
        assert_eq!(relation("ごみ\tsame\t廃棄物").faults(), []);
    }

    #[test]
    fn a_pair_stands_once_in_whatever_order_and_spelling() {
        let mut ledger = Ledger::default();
        ledger.add(relation("ごみ\tsame\t廃棄物")).expect("sound");
        ledger.add(relation("ＤＶ\tsame\t家庭内暴力")).expect("sound");
        assert_eq!(ledger.check(&relation("家庭内暴力\tsee\tDV")), Err(Wrong::Twice(1)));
        assert_eq!(ledger.relations().len(), 2);
    }

    #[test]
    fn the_relation_that_closes_a_circle_is_refused() {
        let mut ledger = Ledger::default();
        for line in ["物\tnarrower\tごみ", "物\tnarrower\t木", "ごみ\tnarrower\t粗大ごみ", "粗大ごみ\tsee\t店"]
        {
            ledger.add(relation(line)).expect("sound");
        }
        let circle = ["粗大ごみ", "物", "ごみ", "粗大ごみ"].map(String::from).to_vec();
        assert_eq!(ledger.check(&relation("粗大ごみ\tnarrower\t物")), Err(Wrong::Circle(circle)));
        assert_eq!(ledger.check(&relation("物\tnarrower\t粗大ごみ")), Ok(()), "a short cut is no circle");
        assert_eq!(ledger.check(&relation("店\tnarrower\t物")), Ok(()), "only what is narrower counts");
    }
}
