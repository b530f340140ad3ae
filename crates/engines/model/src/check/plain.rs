//! Texts as they are compared: sentences, without markup, in normal form, without readings in brackets.

use text::normal::{fold_kana, is_kanji, normalise};

/// Sentences and lines of a text, markup and bullets taken away.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let line = without_bullet(line.trim());
        let chars: Vec<char> = line.chars().collect();
        let mut current = String::new();
        for (n, c) in chars.iter().enumerate() {
            current.push(*c);
            let next = chars.get(n + 1).copied();
            let ends = match c {
                '。' | '！' | '？' | '!' | '?' => !matches!(next, Some('」' | '』' | '）' | ')')),
                '.' => next == Some(' ') && ends_english(&chars[..n], &chars[n + 1..]),
                _ => false,
            };
            if ends {
                out.push(std::mem::take(&mut current));
            }
        }
        out.push(current);
    }
    out.into_iter()
        .map(|s| s.trim().to_owned())
        .filter(|s| s.chars().any(|c| c.is_alphanumeric() || matches!(c, '{' | '}')))
        .collect()
}

/// A full stop ends a sentence before a capital or a bracket, and not after `p.m.` or `No.`.
fn ends_english(before: &[char], after: &[char]) -> bool {
    let word: String = before.iter().rev().take_while(|c| c.is_ascii_alphanumeric()).collect();
    let next = after.iter().find(|c| **c != ' ');
    word.chars().count() > 1 && word != "oN" && next.is_none_or(|c| c.is_uppercase() || *c == '{' || *c == '(')
}

/// Without `- `, `・`, `1. `, `# `, `| ` at the begin of a line.
fn without_bullet(line: &str) -> &str {
    let line = line.trim_start_matches(['-', '*', '+', '•', '・', '#', '>', '|', '●', '○', '■']).trim_start();
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    match line[digits..].strip_prefix(". ").or_else(|| line[digits..].strip_prefix(") ")) {
        Some(rest) if (1..=2).contains(&digits) => rest.trim_start(),
        _ => line,
    }
}

/// The form in which texts are compared: [`normalise`]d, without emphasis, readings in brackets and spaces in
/// Japanese.
pub(crate) fn plain(text: &str) -> String {
    let chars: Vec<char> = normalise(text).chars().filter(|c| !matches!(c, '*' | '`' | '_')).collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let before = out.chars().next_back();
        if let Some(length) = reading(&chars[at..]).filter(|_| before.is_some_and(takes_reading)) {
            at += length;
            continue;
        }
        let c = chars[at];
        at += 1;
        let next = chars.get(at).copied();
        if c == ' ' && (before.is_none_or(|b| !b.is_ascii()) || next.is_none_or(|n| !n.is_ascii())) {
            continue;
        }
        out.push(c);
    }
    out
}

/// What stands in brackets as readings.
pub(crate) fn readings(text: &str) -> Vec<String> {
    let chars: Vec<char> = normalise(text).chars().collect();
    let at_kanji = |at: &usize| *at > 0 && takes_reading(chars[at - 1]);
    let found = (0..chars.len()).filter(at_kanji).filter_map(|at| Some((at, reading(&chars[at..])?)));
    found.map(|(at, length)| chars[at + 1..at + length - 1].iter().collect()).collect()
}

fn takes_reading(c: char) -> bool {
    is_kanji(c) || c.is_ascii_digit() || ('ァ'..='ヶ').contains(&c)
}

/// Length of `(ひらがな)`.
fn reading(chars: &[char]) -> Option<usize> {
    let inner = chars.strip_prefix(&['('])?;
    let end = inner.iter().position(|c| *c == ')').filter(|end| *end > 0)?;
    inner[..end].iter().all(|c| matches!(c, 'ぁ'..='ゖ' | 'ー' | ' ')).then_some(end + 2)
}

/// The form in which names are looked for: [`plain`], hiragana, no spaces or marks.
pub(crate) fn flat(text: &str) -> String {
    fold_kana(&plain(text)).chars().filter(|c| c.is_alphanumeric() || *c == 'ー').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_in_both_languages() {
        assert_eq!(
            sentences("- 無料です。届けて\n・電話（平日！）で。"),
            ["無料です。", "届けて", "電話（平日！）で。"]
        );
        assert_eq!(
            sentences("Open to 5 p.m. on Friday. It is free. No. 3"),
            ["Open to 5 p.m. on Friday.", "It is free.", "No. 3"]
        );
        assert_eq!(sentences("1. {{a1.fee}}\n---\n}}"), ["{{a1.fee}}", "}}"]);
    }

    #[test]
    fn readings_and_spaces_go() {
        assert_eq!(plain("引っ越(ひっこ)した 日(ひ)から 14日(か) 以内(いない)に"), "引っ越した日から14日以内に");
        assert_eq!(plain("Within **14 days** of moving（転入届）"), "within 14 days of moving(転入届)");
        assert_eq!(readings("14日(じゅうごにち)と(か)"), ["じゅうごにち"]);
        assert_eq!(flat("「ゴミ・カード」 ＡＢ"), "ごみかーどab");
    }
}
