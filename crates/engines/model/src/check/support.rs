//! How much of a sentence stands in a source: content words and pairs of characters.

use std::collections::HashSet;

use text::normal::{fold_kana, is_kanji};
use text::{Analyzer, Class};

use super::plain::plain;

/// Segments that one sentence may be put together from.
const SEGMENTS: usize = 3;
/// Weight of words; the rest is for pairs of characters.
const WORDS: f64 = 0.6;

/// Words that state nothing by themselves.
const LIGHT: &[&str] = &[
    "する",
    "ある",
    "なる",
    "いる",
    "できる",
    "くださる",
    "下さる",
    "行う",
    "おこなう",
    "いう",
    "言う",
    "れる",
    "られる",
    "いただく",
    "頂く",
    "場合",
    "方",
    "人",
    "もの",
    "こと",
    "時",
    "とき",
    "ため",
    "それ",
    "これ",
    "ここ",
    "次",
    "必要",
    "お願い",
    "ございます",
    "御座る",
    "ござる",
    "よい",
    "いい",
    "ない",
    "皆さん",
    "つぎ",
    "以下",
    "みる",
    "おく",
    "しまう",
    "くる",
    "いく",
    "ください",
];

/// English words that state nothing by themselves.
pub(crate) const LIGHT_ENGLISH: &[&str] = &[
    "a", "an", "the", "to", "of", "in", "on", "at", "by", "for", "from", "with", "and", "or", "but", "if", "when",
    "you", "your", "we", "our", "it", "its", "this", "that", "these", "those", "is", "are", "be", "was", "were", "do",
    "does", "did", "have", "has", "had", "can", "may", "will", "would", "should", "please", "there", "here", "not",
    "no", "as", "so", "then", "also", "any", "all", "one", "who", "which", "what", "how", "where", "than", "into",
    "up", "out", "they", "them", "their", "he", "she", "i", "my", "me", "us", "about", "must", "need", "after",
    "before", "within", "until", "between", "each", "every", "other", "only", "just", "more", "some", "such", "am",
    "been", "being", "get", "let", "make", "cannot", "don't", "isn't", "it's", "you'll", "yes", "because", "while",
    "during", "without",
];

/// What of a sentence is compared.
pub(crate) struct Content {
    /// Each content word as base form and reading.
    pub(crate) words: Vec<(String, String)>,
    all: HashSet<String>,
    pairs: HashSet<(char, char)>,
    latin: bool,
}

impl Content {
    pub(crate) fn of(sentence: &str, words: &Analyzer) -> Self {
        let plain = plain(sentence);
        let tokens = words.tokens_of_normal(&plain);
        let carries = |class| matches!(class, Class::Noun | Class::Verb | Class::Adjective | Class::Latin);
        let own: Vec<(String, String)> = tokens
            .into_iter()
            .filter(|t| {
                carries(t.class) && !LIGHT.contains(&t.base.as_str()) && !LIGHT_ENGLISH.contains(&t.base.as_str())
            })
            .filter(|t| {
                t.base.chars().any(char::is_alphanumeric) && t.base.chars().count() + t.reading.chars().count() > 2
            })
            .map(|t| (t.base, t.reading))
            .collect();
        let japanese = plain.chars().filter(|c| is_kanji(*c) || text::normal::is_kana(*c)).count();
        let latin = plain.chars().filter(char::is_ascii_alphabetic).count() > japanese;
        let chars: Vec<char> = fold_kana(&plain).chars().filter(|c| c.is_alphanumeric()).collect();
        // Two hiragana are grammar more often than not.
        let says = |p: &&[char]| p.iter().any(|c| is_kanji(*c)) || p.iter().all(|c| c.is_ascii_digit());
        let pairs = chars.windows(2).filter(says).map(|p| (p[0], p[1])).collect();
        let all = own.iter().flat_map(|(base, reading)| [base.clone(), reading.clone()]).collect();
        Content { words: own, all, pairs, latin }
    }

    fn has(&self, (base, reading): &(String, String)) -> bool {
        let near =
            |w: &str| self.all.iter().any(|own| own.starts_with(w) || w.starts_with(own.as_str()) && own.len() >= 5);
        self.all.contains(base)
            || (reading.chars().count() > 2 && self.all.contains(reading))
            // registered, registration: the first five letters of a Latin word are enough.
            || (base.is_ascii() && base.len() >= 5 && near(&base[..5]))
    }

    /// Words and pairs that others do not lack.
    fn found(&self, others: &[&Content]) -> (usize, usize) {
        let words = self.words.iter().filter(|w| others.iter().any(|o| o.has(w))).count();
        let pairs = self.pairs.iter().filter(|p| others.iter().any(|o| o.pairs.contains(p))).count();
        (words, pairs)
    }

    fn value(&self, (words, pairs): (usize, usize)) -> f64 {
        let share = |part: usize, whole: usize| part as f64 / whole as f64;
        match (self.words.len(), self.pairs.len()) {
            (0, 0) => 1.0,
            (w, p) if p == 0 || self.latin => share(words.min(w), w.max(1)),
            (0, p) => share(pairs, p),
            (w, p) => WORDS * share(words, w) + (1.0 - WORDS) * share(pairs, p),
        }
    }
}

/// From 0 to 1: the share of the sentence that the best few segments hold together.
pub(crate) fn score(sentence: &Content, segments: &[&Content]) -> f64 {
    let mut chosen: Vec<&Content> = Vec::new();
    let mut best = sentence.value((0, 0));
    for _ in 0..SEGMENTS {
        let with = |segment: &&&Content| {
            let mut tried = chosen.clone();
            tried.push(segment);
            sentence.value(sentence.found(&tried))
        };
        let Some((value, segment)) = segments.iter().map(|s| (with(&s), *s)).max_by(|a, b| a.0.total_cmp(&b.0)) else {
            break;
        };
        if value <= best {
            break;
        }
        best = value;
        chosen.push(segment);
    }
    best
}

/// Greetings and what only hands over: a sentence made of nothing else needs no support.
const EXEMPT: &[&str] = &[
    "お問い合わせありがとうございます",
    "ご質問ありがとうございます",
    "お問い合わせください",
    "お問い合わせ下さい",
    "ありがとうございます",
    "お問い合わせ",
    "お気軽に",
    "お尋ねください",
    "ご連絡ください",
    "ご相談ください",
    "ご覧ください",
    "お電話ください",
    "ご確認ください",
    "聞いてください",
    "見てください",
    "電話してください",
    "電話をしてください",
    "相談してください",
    "連絡してください",
    "詳しいことは",
    "詳しくは",
    "くわしいことは",
    "くわしくは",
    "詳細は",
    "ご不明な点は",
    "ご不明な点がありましたら",
    "わからないことは",
    "わからないときは",
    "分からないことは",
    "わからないことがあれば",
    "分からないときは",
    "こんにちは",
    "担当課は",
    "担当は",
    "担当課",
    "お手続きの",
    "このページを",
    "ページを",
    "こちらを",
    "電話は",
    "電話",
    "まで",
    "です",
    "へ",
    "に",
    "を",
    "の",
    "は",
    "も",
    "for details",
    "for more information",
    "please contact",
    "please call",
    "please ask",
    "please see",
    "please visit",
    "contact",
    "call",
    "see",
    "ask",
    "if you have any questions",
    "if you are not sure",
    "thank you for your question",
    "thank you",
    "hello",
    "you can reach",
    "the responsible section is",
    "the section in charge is",
    "the page",
    "this page",
    "phone",
    "or",
    "at",
    "the",
    "on",
    "us",
    "to",
    "you can also",
];

/// Whether a sentence, its placeholders taken out, is made of [`EXEMPT`] alone.
pub(crate) fn is_exempt(without_places: &str) -> bool {
    let mut rest = plain(without_places);
    rest = rest.chars().map(|c| if c.is_alphanumeric() || c == 'ー' { c } else { ' ' }).collect();
    let mut rest = rest.trim_start();
    while !rest.is_empty() {
        let fits = |phrase: &&&str| {
            let after = rest.strip_prefix(**phrase);
            after.is_some_and(|a| !phrase.is_ascii() || !a.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        // The longest first: は is also the begin of others.
        let Some(phrase) = EXEMPT.iter().filter(fits).max_by_key(|p| p.len()) else { return false };
        rest = rest[phrase.len()..].trim_start();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_hand_overs_are_known() {
        for text in [
            "お問い合わせありがとうございます。",
            "詳しくは、へお問い合わせください。",
            "For details, please call .",
            "",
        ] {
            assert!(is_exempt(text), "{text}");
        }
        for text in ["詳しくは詐欺センターへお問い合わせください。", "手数料は無料です。", "See example dot com."]
        {
            assert!(!is_exempt(text), "{text}");
        }
    }
}
