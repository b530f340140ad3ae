//! Two contents side by side, and two changes of the same content brought together.

use city::Lang;
use similar::{Algorithm, DiffOp};

use crate::{Content, Field};

/// What became of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stands in both.
    Equal,
    /// It stands in the second only.
    Insert,
    /// It stands in the first only.
    Delete,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What became of it.
    pub change: Change,
    /// The piece.
    pub text: String,
}

/// A field in which two contents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// Its language, if it is a text.
    pub lang: Option<Lang>,
    /// The pieces in order: deleted before inserted.
    pub segments: Vec<Segment>,
}

/// The fields in which two contents differ; those that are not texts come with Japanese.
pub(crate) fn differing(a: &Content, b: &Content) -> Vec<(Field, Lang)> {
    let shared = Field::SHARED.into_iter().map(|field| (field, Lang::Ja));
    let texts = Lang::ALL.into_iter().flat_map(|lang| Field::TEXT.into_iter().map(move |field| (field, lang)));
    shared.chain(texts).filter(|(field, lang)| field.value(a, *lang) != field.value(b, *lang)).collect()
}

/// What changed from one content to another, field by field with the words that did.
pub fn compare(a: &Content, b: &Content) -> Vec<FieldChange> {
    let change = |(field, lang): (Field, Lang)| FieldChange {
        field,
        lang: field.in_text().then_some(lang),
        segments: if field.in_text() {
            segments(&field.value(a, lang), &field.value(b, lang))
        } else {
            whole(&field.value(a, lang), &field.value(b, lang))
        },
    };
    differing(a, b).into_iter().map(change).collect()
}

/// Brings two changes of the same content together: what only `theirs` changed is taken from there, all
/// else stands as in `mine`. Returns the fields that both changed, each in its own way.
pub fn merge(base: &Content, theirs: &Content, mine: &mut Content) -> Vec<(Field, Lang)> {
    let changed_by_me = differing(base, mine);
    let mut both = Vec::new();
    for (field, lang) in differing(base, theirs) {
        if !changed_by_me.contains(&(field, lang)) {
            field.copy(theirs, lang, mine);
        } else if field.value(theirs, lang) != field.value(mine, lang) {
            both.push((field, lang));
        }
    }
    both
}

/// A day or a code is read as a whole.
fn whole(a: &str, b: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    push(&mut segments, Change::Delete, a);
    push(&mut segments, Change::Insert, b);
    segments
}

/// How two texts differ, word by word.
pub fn segments(a: &str, b: &str) -> Vec<Segment> {
    let (old, new) = (words(a), words(b));
    let mut out = Vec::new();
    let (mut deleted, mut inserted) = (String::new(), String::new());
    let ops = similar::capture_diff_slices(Algorithm::Myers, &old, &new);
    for (i, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { old_index, len, .. } => {
                let text = old[old_index..old_index + len].concat();
                let between = i > 0 && i + 1 < ops.len();
                if between && is_island(&text) {
                    deleted.push_str(&text);
                    inserted.push_str(&text);
                } else {
                    flush(&mut out, &mut deleted, &mut inserted);
                    push(&mut out, Change::Equal, &text);
                }
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                deleted.push_str(&old[old_index..old_index + old_len].concat());
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                inserted.push_str(&new[new_index..new_index + new_len].concat());
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                deleted.push_str(&old[old_index..old_index + old_len].concat());
                inserted.push_str(&new[new_index..new_index + new_len].concat());
            }
        }
    }
    flush(&mut out, &mut deleted, &mut inserted);
    out
}

/// A lone particle or comma between two changes: the eye reads the changes as one.
fn is_island(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if c != '\n')
}

fn flush(out: &mut Vec<Segment>, deleted: &mut String, inserted: &mut String) {
    push(out, Change::Delete, deleted);
    push(out, Change::Insert, inserted);
    deleted.clear();
    inserted.clear();
}

fn push(out: &mut Vec<Segment>, change: Change, text: &str) {
    match out.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.change == change => last.text.push_str(text),
        _ => out.push(Segment { change, text: text.to_owned() }),
    }
}

/// Kinds of characters; a word ends where the kind changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Kanji,
    Hiragana,
    Katakana,
    Digit,
    Letter,
    /// Marks and spaces stand alone.
    Alone,
}

fn script(c: char) -> Script {
    match c {
        'ー' | 'ァ'..='ヺ' | 'ｦ'..='ﾟ' => Script::Katakana,
        'ぁ'..='ゖ' => Script::Hiragana,
        '々' | '〆' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Script::Kanji,
        '0'..='9' | '０'..='９' => Script::Digit,
        _ if c.is_alphanumeric() => Script::Letter,
        _ => Script::Alone,
    }
}

/// A text cut where one script ends and another begins; good enough to show what changed, and the same
/// on every machine, whatever dictionary is there.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let now = script(c);
        if before.is_some_and(|b| b != now || now == Script::Alone) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use calendar::Date;
    use proptest::prelude::*;

    fn shown(a: &str, b: &str) -> String {
        let piece = |s: &Segment| match s.change {
            Change::Equal => s.text.clone(),
            Change::Insert => format!("[+{}]", s.text),
            Change::Delete => format!("[-{}]", s.text),
        };
        segments(a, b).iter().map(piece).collect()
    }

    #[test]
    fn words_that_changed_are_shown() {
        assert_eq!(
            shown("引っ越した日から14日以内です。", "引っ越した日から30日以内です。"),
            "引っ越した日から[-14][+30]日以内です。"
        );
        assert_eq!(shown("本庁舎1階", "本庁舎1階の3番窓口"), "本庁舎1階[+の3番窓口]");
        assert_eq!(shown("", "新しい"), "[+新しい]");
        assert_eq!(shown("同じ", "同じ"), "同じ");
        assert_eq!(shown("市民課の窓口", "税務課の電話"), "[-市民課の窓口][+税務課の電話]");
    }

    #[test]
    fn fields_are_compared_and_brought_together() {
        let base = Content::empty("shimin", Date::constant(2026, 11, 1));
        let mut theirs = base.clone();
        theirs.valid_to = Some(Date::constant(2026, 12, 31));
        theirs.texts.entry(Lang::Ja).or_default().summary = "変わりました".into();
        theirs.texts.entry(Lang::En).or_default().question = "When?".into();
        let mut mine = base.clone();
        mine.texts.entry(Lang::Ja).or_default().summary = "直しました".into();
        mine.texts.entry(Lang::Ja).or_default().facts.fee = Some("300円".into());
        let both = merge(&base, &theirs, &mut mine);
        assert_eq!(both, [(Field::Summary, Lang::Ja)]);
        assert_eq!(mine.valid_to, theirs.valid_to);
        assert_eq!(mine.texts[&Lang::En].question, "When?");
        assert_eq!(mine.texts[&Lang::Ja].summary, "直しました");
        let changes = compare(&theirs, &mine);
        let fields: Vec<_> = changes.iter().map(|c| (c.field, c.lang)).collect();
        assert_eq!(fields, [(Field::Summary, Some(Lang::Ja)), (Field::Fee, Some(Lang::Ja))]);
        Field::Question.copy(&base, Lang::En, &mut mine);
        assert!(!mine.texts.contains_key(&Lang::En), "a translation without a word is none");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_pieces(a in "[あいア漢字a1、。\n ー]{0,40}", b in "[あいア漢字a1、。\n ー]{0,40}") {
            let of = |without: Change| -> String {
                segments(&a, &b).into_iter().filter(|s| s.change != without).map(|s| s.text).collect()
            };
            prop_assert_eq!(of(Change::Insert), a.clone());
            prop_assert_eq!(of(Change::Delete), b.clone());
        }
    }
}
