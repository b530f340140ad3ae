//! A text as cells: characters in one form, with what they are worth as digits and where they stand.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

use super::Kind;
use crate::normal::is_invisible;

/// Stands for what is masked already; part of nothing.
pub(super) const OPAQUE: char = '\u{FFFC}';

/// One character in compatible form (NFKC), Latin letters small.
#[derive(Copy, Clone, Debug)]
pub(super) struct Cell {
    pub(super) c: char,
    /// Its worth, if it can be a digit of a number.
    pub(super) digit: Option<u8>,
    /// The bytes of the text from which it comes; several cells may come from one character.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Zeros of decimal digits of other scripts that people of a Japanese city may type: Arabic, Persian, Devanagari,
/// Bengali, Tamil, Thai, Lao, Tibetan, Burmese, Khmer, Mongolian. The nine others follow each.
const ZEROS: [u32; 11] = [0x660, 0x6F0, 0x966, 0x9E6, 0xBE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810];

pub(super) fn cells(text: &str) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while let Some(source) = text[at..].chars().next() {
        let token = Kind::ALL.iter().map(|kind| kind.token()).find(|token| text[at..].starts_with(token));
        if let Some(token) = token {
            cells.push(Cell { c: OPAQUE, digit: None, from: at, to: at + token.len() });
            at += token.len();
            continue;
        }
        let to = at + source.len_utf8();
        for c in std::iter::once(source).nfkc() {
            push(&mut cells, c, at..to);
        }
        at = to;
    }
    clear_blanks_to_fill(&mut cells);
    cells
}

/// ○丁目○番 is a form to be filled in: circles are zeros only beside other digits.
fn clear_blanks_to_fill(cells: &mut [Cell]) {
    for run in cells.chunk_by_mut(|a, b| a.digit.is_some() == b.digit.is_some()) {
        if run.iter().all(|cell| matches!(cell.c, '○' | '◯')) {
            run.iter_mut().for_each(|cell| cell.digit = None);
        }
    }
}

fn push(cells: &mut Vec<Cell>, c: char, range: Range<usize>) {
    if let Some(last) = cells.last_mut() {
        if is_combining_mark(c) {
            // ﾊﾞ is written as ﾊ and a mark; a mark on a digit is only there to hide it.
            last.c = compose(last.c, c).unwrap_or(last.c);
            last.to = range.end;
            return;
        }
        if is_nothing(c) {
            last.to = range.end;
            return;
        }
    } else if is_nothing(c) || is_combining_mark(c) {
        return;
    }
    let c = match c {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        c if c.is_whitespace() => ' ',
        // Taken for what is masked, this would hide something.
        OPAQUE => '\u{FFFD}',
        c => c.to_ascii_lowercase(),
    };
    let foreign = ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero).filter(|worth| *worth < 10));
    let c = foreign.and_then(|worth| char::from_digit(worth, 10)).unwrap_or(c);
    cells.push(Cell { c, digit: worth(c), from: range.start, to: range.end });
}

/// Characters that take no room: they hide nothing and part nothing.
fn is_nothing(c: char) -> bool {
    let other = matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180E}' | '\u{E0000}'..='\u{E0FFF}');
    is_invisible(c) || other || (c.is_control() && !c.is_whitespace())
}

fn worth(c: char) -> Option<u8> {
    Some(match c {
        '0'..='9' => c as u8 - b'0',
        '〇' | '零' | '○' | '◯' => 0,
        '一' | '壱' => 1,
        '二' | '弐' => 2,
        '三' | '参' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// Any line that is used as a hyphen, the mark of long vowels too.
pub(super) fn is_hyphen(c: char) -> bool {
    "-‐‑‒–—―−─━ー⁃˗➖﹣".contains(c)
}

/// A blank or the end of a line.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\n')
}

/// The first place from `at` on that is no blank, at most `most` further.
pub(super) fn skip_blanks(cells: &[Cell], at: usize, most: usize) -> usize {
    at + cells[at..].iter().take(most).take_while(|cell| is_blank(cell.c)).count()
}

/// Whether the text goes on with `word` at `at`.
pub(super) fn begins(cells: &[Cell], at: usize, word: &str) -> bool {
    let mut rest = cells.get(at..).unwrap_or_default().iter();
    word.chars().all(|c| rest.next().is_some_and(|cell| cell.c == c))
}

/// The end of the first of `words` with which the text goes on at `at`.
pub(super) fn after_one_of(cells: &[Cell], at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find(|word| begins(cells, at, word)).map(|word| at + word.chars().count())
}

/// The end of the digits that begin at `at`; `at` if there are none.
pub(super) fn end_of_digits(cells: &[Cell], at: usize) -> usize {
    at + cells[at..].iter().take_while(|cell| cell.digit.is_some()).count()
}

/// A range widened to whole characters of the text, for ⑫ is two cells.
pub(super) fn whole_characters(cells: &[Cell], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    while start > 0 && cells[start - 1].from == cells[start].from {
        start -= 1;
    }
    while end < cells.len() && cells[end].from == cells[end - 1].from {
        end += 1;
    }
    start..end
}
