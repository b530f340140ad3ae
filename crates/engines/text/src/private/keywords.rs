//! Words before a number that say what it is.

use super::cells::{Cell, OPAQUE, is_blank, is_hyphen};

/// How many cells before a number such a word is looked for.
const REACH: usize = 28;
/// How far it may stand away if other words are between: 免許証の番号は、たしか….
const LOOSE: usize = 15;
/// How far it may stand away if only signs, particles and 番号 are between.
const TIGHT: usize = 12;

/// A word before a number.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Before<K> {
    /// What it announces.
    pub(super) what: K,
    /// Whether only signs, particles and 番号 stand between.
    pub(super) is_tight: bool,
}

/// All announcements before `at`, the nearest first. Sentences end them, and so does what is masked.
pub(super) fn before<K: Copy>(cells: &[Cell], at: usize, words: &[(&str, K)]) -> Vec<Before<K>> {
    let from = at.saturating_sub(REACH);
    let start = cells[from..at].iter().rposition(|cell| matches!(cell.c, OPAQUE | '。')).map_or(from, |i| from + i + 1);
    let window: Vec<char> = cells[start..at].iter().map(|cell| cell.c).collect();
    let mut found: Vec<(usize, usize, K)> = Vec::new();
    for (word, what) in words {
        let word: Vec<char> = word.chars().collect();
        if let Some(i) = window.windows(word.len()).rposition(|part| part == word) {
            found.push((i + word.len(), word.len(), *what));
        }
    }
    found.sort_by_key(|(end, length, _)| std::cmp::Reverse((*end, *length)));
    found
        .into_iter()
        .filter_map(|(end, _, what)| {
            let gap = &window[end..];
            let is_tight = gap.len() <= TIGHT && gap.iter().all(|c| parts_only(*c));
            (is_tight || gap.len() <= LOOSE).then_some(Before { what, is_tight })
        })
        .collect()
}

/// Whether one of `words` stands before `at` with only signs between.
pub(super) fn stands_before(cells: &[Cell], at: usize, words: &[(&str, ())]) -> bool {
    before(cells, at, words).iter().any(|before| before.is_tight)
}

/// Signs and syllables that may stand between a word and its number.
fn parts_only(c: char) -> bool {
    is_blank(c) || is_hyphen(c) || "番号先はがのを、,:;=()[]「」『』【】<>・/#.".contains(c)
}
