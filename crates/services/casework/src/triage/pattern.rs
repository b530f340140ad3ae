//! Words that are looked for, and the form in which texts are compared.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// Most characters for which a `＊` stands.
const GAP: usize = 20;
/// Most `＊` of a word.
const MAX_GAPS: usize = 2;
/// Longest number that is read, in characters.
const MAX_NUMBER: usize = 6;

/// A text as it is compared: NFKC, small letters, katakana as hiragana, and nothing but letters and digits, so that
/// 「し・に・た・い」, シニタイ and しにたーい are one word. Done twice it changes nothing.
pub fn normalise(text: &str) -> String {
    let mut now = once(text);
    // What is left out can bring together what composes (Hangul, marks), and then there is something to do again; each
    // time the text gets shorter or stays, so this ends.
    loop {
        let next = once(&now);
        if next == now {
            return now;
        }
        now = next;
    }
}

fn once(text: &str) -> String {
    let folded = text.nfkc().flat_map(char::to_lowercase).map(hiragana);
    folded.filter(|c| c.is_alphanumeric() && *c != 'ー').nfc().collect()
}

fn hiragana(c: char) -> char {
    match c {
        // 1ヶ月 is said as 1か月.
        'ヵ' | 'ヶ' | 'ゕ' | 'ゖ' => 'か',
        'ァ'..='ヴ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        c => c,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<char>),
    /// A number of at least so many.
    AtLeast(u64),
    Gap,
}

/// A word of a rule, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a word; the error is a sentence.
    pub(super) fn read(word: &str) -> Result<Pattern, String> {
        let mut pieces = Vec::new();
        let mut rest = word;
        while let Some(at) = rest.find(['*', '＊', '{', '｛']) {
            let (before, from) = rest.split_at(at);
            text(&mut pieces, before);
            let sign = from.chars().next().unwrap_or('*');
            rest = &from[sign.len_utf8()..];
            if matches!(sign, '*' | '＊') {
                pieces.push(Piece::Gap);
                continue;
            }
            let Some((number, after)) = rest.split_once(['}', '｝']) else {
                return Err("「{」には「}」が要ります。".into());
            };
            let digits: Vec<char> = normalise(number).chars().collect();
            match number_at(&digits, 0) {
                Some((n, end)) if end == digits.len() => pieces.push(Piece::AtLeast(n)),
                _ => return Err("「{」と「}」の間には数を書いてください。".into()),
            }
            rest = after;
        }
        text(&mut pieces, rest);
        let letters =
            pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 }).sum::<usize>();
        if letters < 2 {
            return Err("文字が2つ以上要ります。".into());
        }
        if pieces.iter().filter(|piece| **piece == Piece::Gap).count() > MAX_GAPS {
            return Err(format!("「＊」は{MAX_GAPS}つまでです。"));
        }
        if pieces.first() == Some(&Piece::Gap) || pieces.last() == Some(&Piece::Gap) {
            return Err("「＊」は、ことばの間に置いてください。".into());
        }
        Ok(Pattern(pieces))
    }

    /// Where it is in a normalised text; of several ends from one beginning, the first.
    pub(super) fn ranges(&self, text: &[char]) -> Vec<Range<usize>> {
        let begins_with_number = matches!(self.0.first(), Some(Piece::AtLeast(_)));
        (0..text.len())
            // Not within a number: the 30 of 130 is none.
            .filter(|start| !(begins_with_number && *start > 0 && is_number(text[start - 1])))
            .filter_map(|start| ends(&self.0, text, start).map(|end| start..end))
            .collect()
    }
}

fn text(pieces: &mut Vec<Piece>, part: &str) {
    let part: Vec<char> = normalise(part).chars().collect();
    if !part.is_empty() {
        pieces.push(Piece::Text(part));
    }
}

/// Where pieces that begin at a place end.
fn ends(pieces: &[Piece], text: &[char], at: usize) -> Option<usize> {
    match pieces.split_first() {
        None => Some(at),
        Some((Piece::Text(part), rest)) => {
            if text.get(at..)?.starts_with(part) {
                ends(rest, text, at + part.len())
            } else {
                None
            }
        }
        Some((Piece::AtLeast(least), rest)) => {
            let (number, end) = number_at(text, at)?;
            if number >= *least { ends(rest, text, end) } else { None }
        }
        Some((Piece::Gap, rest)) => {
            let number_next = matches!(rest.first(), Some(Piece::AtLeast(_)));
            (at..=text.len().min(at + GAP))
                .filter(|from| !(number_next && *from > 0 && text.get(from - 1).is_some_and(|c| is_number(*c))))
                .find_map(|from| ends(rest, text, from))
        }
    }
}

fn digit(c: char) -> Option<u64> {
    const KANJI: &str = "〇一二三四五六七八九";
    c.to_digit(10).map(u64::from).or_else(|| KANJI.chars().position(|k| k == c).map(|n| n as u64))
}

fn is_number(c: char) -> bool {
    digit(c).is_some() || matches!(c, '十' | '百' | '千')
}

/// The number at a place, in digits or in 漢数字 (三十, 百二十, 三〇), and where it ends.
fn number_at(text: &[char], at: usize) -> Option<(u64, usize)> {
    let length = text.get(at..)?.iter().take(MAX_NUMBER).take_while(|c| is_number(**c)).count();
    if length == 0 {
        return None;
    }
    let (mut total, mut now): (u64, Option<u64>) = (0, None);
    for c in &text[at..at + length] {
        match (c, digit(*c)) {
            (_, Some(n)) => now = Some(now.unwrap_or(0) * 10 + n),
            ('十', _) => total += now.take().unwrap_or(1) * 10,
            ('百', _) => total += now.take().unwrap_or(1) * 100,
            _ => total += now.take().unwrap_or(1) * 1_000,
        }
    }
    Some((total + now.unwrap_or(0), at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str, text: &str) -> bool {
        let text: Vec<char> = normalise(text).chars().collect();
        !Pattern::read(word).expect("a word").ranges(&text).is_empty()
    }

    #[test]
    fn numbers_are_at_least_what_is_written() {
        for (text, wanted) in [
            ("学校に30日行っていない", true),
            ("学校に２９日行っていない", false),
            ("学校に三十日行っていない", true),
            ("学校に二十九日行っていない", false),
            ("学校に百二十日 行って ない", true),
            ("学校に三〇日行っていない", true),
            ("学校に130日行っていない", true),
            ("学校に129日も行っていない", true),
            ("学校に日行っていない", false),
        ] {
            assert_eq!(found("学校＊{30}日＊行って", text), wanted, "{text}");
        }
        assert!(!found("{3}日休み", "日休み") && found("{3}日休み", "もう3日休みました"));
        assert!(!found("学校＊{40}日", "学校に30日") && !found("{40}日間", "30日間"), "not from within a number");
    }

    #[test]
    fn a_gap_is_short() {
        assert!(found("写真＊送れ", "写真を早く送れと言われる"));
        assert!(!found("写真＊送れ", &format!("写真{}送れ", "あ".repeat(GAP + 1))));
        assert!(found("写真＊送れ", &format!("写真{}送れ", "あ".repeat(GAP))));
    }

    #[test]
    fn words_that_see_everything_or_nothing_are_refused() {
        for bad in ["", "＊", "あ", "、。", "＊しにたい", "しにたい＊", "あ＊い＊う＊え", "{x}日休", "{3日休", "{}日休"]
        {
            assert!(Pattern::read(bad).is_err(), "{bad}");
        }
    }
}
