//! Normal forms of characters.

use unicode_normalization::UnicodeNormalization;

/// The form in which texts are compared: NFKC, lower case, one kind of wave dash and of hyphen,
/// control characters as spaces, runs of white space as one space. Kana keep their kind.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc() {
        let c = match c {
            '〜' | '～' | '∼' | '˜' => '~',
            '−' | '‐' | '‑' | '–' | '—' | '―' | '─' => '-',
            'ヶ' | 'ヵ' => 'か',
            c if c.is_control() || is_invisible(c) => ' ',
            c => c,
        };
        for c in c.to_lowercase() {
            if c.is_whitespace() {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            } else {
                out.push(c);
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Characters that take no room and could hide a difference or turn the direction of a line.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}')
}

/// Katakana as hiragana, so that ゴミ and ごみ are one word.
pub fn fold_kana(text: &str) -> String {
    text.chars().map(fold_kana_char).collect()
}

/// One katakana as hiragana; anything else as it is.
pub fn fold_kana_char(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        c => c,
    }
}

/// The dictionary's world: what is half width in [`normalise`]d text is full width there.
pub fn widen(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '~' => '〜',
            '-' => '−',
            '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// Whether a character is hiragana, katakana or the long vowel mark.
pub fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヶ' | 'ー')
}

/// Whether a character is a Chinese character.
pub fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '々')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_width_kana_and_full_width_letters_meet() {
        assert_eq!(normalise("ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞ"), "マイナンバーカード");
        assert_eq!(normalise("ＡＢＣ　１２３"), "abc 123");
        assert_eq!(fold_kana("ゴミ袋ヴ"), "ごみ袋ゔ");
    }

    #[test]
    fn control_and_invisible_characters_do_not_survive() {
        assert_eq!(normalise("住\u{0}民\u{200B}票\u{202E}\n\t "), "住 民 票");
    }

    #[test]
    fn widening_reaches_every_printable_ascii_character() {
        for c in '!'..='~' {
            let wide = widen(&c.to_string());
            assert!(wide.chars().all(|w| !w.is_ascii()), "{c} -> {wide}");
        }
    }
}
