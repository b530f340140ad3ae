//! Addresses of mail. The one place that knows their characters.

use std::ops::Range;

use super::Kind;
use super::cells::{Cell, after_one_of, is_blank, skip_blanks};

/// How an `@` is written so that programs do not see it.
const AT: [&str; 7] = ["(at)", "[at]", "<at>", "{at}", "(アット)", "アットマーク", "あっとまーく"];

/// Characters of the part before the `@` without quotes (RFC 5322, 3.2.3), dots included.
fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._%+-!#$&'*/=?^`{|}~".contains(c)
}

pub(super) fn find(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
    for at in 0..cells.len() {
        let Some(after) = (cells[at].c == '@').then_some(at + 1).or_else(|| after_one_of(cells, at, &AT)) else {
            continue;
        };
        let taken = found.last().map_or(0, |(range, _)| range.end);
        if let Some(range) = local(&cells[..at], taken).zip(domain(cells, after)).map(|(from, to)| from..to) {
            found.push((range, Kind::Mail));
        }
    }
    found
}

/// The start of the part before the `@`, not before `taken`.
fn local(before: &[Cell], taken: usize) -> Option<usize> {
    let end = before.len() - before.iter().rev().take(2).take_while(|cell| is_blank(cell.c)).count();
    let length = before.get(taken..end)?.iter().rev().take_while(|cell| is_local(cell.c)).count();
    let start = end - length;
    // The slashes of https://name@… belong to the scheme.
    let start = start + before[start..end].iter().take_while(|cell| cell.c == '/').count();
    (start < end).then_some(start)
}

/// The end of the part after the `@`: labels with dots between, the last one with letters.
fn domain(cells: &[Cell], after: usize) -> Option<usize> {
    let start = skip_blanks(cells, after, 2);
    let (mut at, mut end) = (start, None);
    loop {
        let length = label(cells, at);
        let is_name = cells[at..at + length].iter().filter(|cell| cell.c.is_ascii_alphabetic()).count() >= 2;
        if at > start && is_name {
            end = Some(at + length);
        }
        at += length;
        let goes_on = length > 0 && cells.get(at).is_some_and(|cell| is_dot(cell.c));
        if !goes_on {
            return end;
        }
        at += 1;
    }
}

/// The length of a label of a domain.
fn label(cells: &[Cell], at: usize) -> usize {
    let plain = cells[at..].iter().take_while(|cell| cell.c.is_ascii_alphanumeric() || cell.c == '-').count();
    if plain > 0 {
        return plain;
    }
    // A Japanese name, which only the dot and the Latin label after it tell from the rest of a sentence.
    let wide = cells[at..].iter().take(30).take_while(|cell| cell.c.is_alphanumeric()).count();
    let is_dotted = cells.get(at + wide).is_some_and(|cell| is_dot(cell.c));
    let is_followed = cells.get(at + wide + 1).is_some_and(|cell| cell.c.is_ascii_alphabetic());
    if is_dotted && is_followed { wide } else { 0 }
}

/// A dot between labels; the ideographic one counts as well (RFC 3490, 3.1).
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。')
}

/// See [`super::mask_every_at`].
pub(super) fn mask_every_at(text: &str, with: char) -> String {
    let touches = |c: char| c == '@' || is_local(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let from = rest[..at].char_indices().rev().take_while(|(_, c)| touches(*c)).last().map_or(at, |(i, _)| i);
        let to = rest[at..].char_indices().find(|(_, c)| !touches(*c)).map_or(rest.len(), |(i, _)| at + i);
        out.push_str(&rest[..from]);
        out.push(with);
        rest = &rest[to..];
    }
    out.push_str(rest);
    out
}
