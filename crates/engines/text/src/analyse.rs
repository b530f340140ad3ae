//! Words: segmentation, base form, reading and class.

use std::path::Path;

use vibrato::Tokenizer;
use vibrato::dictionary::LexType;

use crate::normal::{fold_kana, normalise, widen};
use crate::{TextError, dictionary};

/// What kind of word a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Noun that carries meaning.
    Noun,
    /// Noun that only leans on others (こと, とき, pronouns).
    Dependent,
    /// Number.
    Number,
    /// Counter or other suffix (日, 円, 課).
    Suffix,
    /// Verb that carries meaning.
    Verb,
    /// Verb or adjective that leans on another (てほしい, ている).
    Auxiliary,
    /// Adjective.
    Adjective,
    /// Adverb, conjunction, interjection.
    Adverb,
    /// Particle.
    Particle,
    /// Mark, bracket, full stop.
    Symbol,
    /// Word in Latin letters.
    Latin,
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As it stands in the normalised text.
    pub surface: String,
    /// Base form, katakana folded to hiragana: 引っ越した gives 引っ越す, ゴミ gives ごみ.
    pub base: String,
    /// Reading in hiragana, verbs and adjectives brought to the continuative form, so that the
    /// verb 引っ越す, the nouns 引っ越し and 引越し and ひっこし all read ひっこし.
    pub reading: String,
    /// Kind of word.
    pub class: Class,
}

/// Cuts text into words. One instance per process; shared between threads.
pub struct Analyzer {
    tokenizer: Tokenizer,
    identity: String,
}

impl Analyzer {
    /// Reads the dictionary at `path`. `words` is the city's own list (`word,reading,class`), for
    /// place names.
    pub fn load(path: &Path, words: Option<&Path>) -> Result<Self, TextError> {
        let (mut dictionary, crc) = dictionary::read(path)?;
        let mut identity = format!("{crc:08x}");
        if let Some(file) = words {
            let shown = file.display().to_string();
            let csv = std::fs::read_to_string(file)
                .map_err(|source| TextError::Unreadable { path: shown.clone(), source })?;
            let rows = dictionary::own_entries(&csv, &shown)?;
            identity = format!("{identity}-{:08x}", crc32fast::hash(rows.as_bytes()));
            dictionary = dictionary
                .reset_user_lexicon_from_reader(Some(rows.as_bytes()))
                .map_err(|e| TextError::Source { file: shown, reason: e.to_string() })?;
        }
        let tokenizer = Tokenizer::new(dictionary)
            .ignore_space(true)
            .map_err(|e| TextError::Wrong { path: path.display().to_string(), reason: e.to_string() })?
            .max_grouping_len(24);
        Ok(Analyzer { tokenizer, identity })
    }

    /// What tells this dictionary, with the city's own words, from others: the same texts are cut in the same way where
    /// this is the same.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The words of a text in any form.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        self.tokens_of_normal(&normalise(text))
    }

    /// The words of a text that is [`normalise`]d already.
    pub fn tokens_of_normal(&self, normal: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut worker = self.tokenizer.new_worker();
        // Latin words and numbers are words as they stand; the dictionary would cut some of them.
        for run in runs(normal) {
            match run {
                Run::Latin(word) => tokens.push(Token {
                    surface: word.to_owned(),
                    base: singular(word),
                    reading: word.to_owned(),
                    class: Class::Latin,
                }),
                Run::Number(number) => tokens.push(Token {
                    surface: number.to_owned(),
                    base: number.replace(',', ""),
                    reading: number.to_owned(),
                    class: Class::Number,
                }),
                Run::Japanese(part) => {
                    worker.reset_sentence(widen(part));
                    worker.tokenize();
                    for i in 0..worker.num_tokens() {
                        let token = worker.token(i);
                        tokens.push(read_token(token.surface(), token.feature()));
                    }
                }
            }
        }
        tokens
    }
}

impl Analyzer {
    /// Words of a text that the dictionary does not know: it cut them by their characters. Latin words and numbers
    /// are words as they stand and need no dictionary.
    pub fn unknown(&self, text: &str) -> Vec<String> {
        let normal = normalise(text);
        let mut worker = self.tokenizer.new_worker();
        let mut unknown = Vec::new();
        for run in runs(&normal) {
            let Run::Japanese(part) = run else { continue };
            worker.reset_sentence(widen(part));
            worker.tokenize();
            for i in 0..worker.num_tokens() {
                let token = worker.token(i);
                if token.lex_type() == LexType::Unknown && token.surface().chars().any(char::is_alphanumeric) {
                    unknown.push(normalise(token.surface()));
                }
            }
        }
        unknown
    }
}

enum Run<'a> {
    Latin(&'a str),
    Number(&'a str),
    Japanese(&'a str),
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => 1,
        c if c.is_alphabetic() && !(crate::normal::is_kana(c) || crate::normal::is_kanji(c)) && (c as u32) < 0x2000 => {
            2
        }
        _ => 0,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut current = None;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (i, &(at, c)) in chars.iter().enumerate() {
        let mut k = kind(c);
        // 1,000 and 3.5 are one number, don't and e-mail one word.
        if let (Some(before), Some(&(_, next))) = (current, chars.get(i + 1)) {
            let joins = (before == 1 && matches!(c, ',' | '.')) || (before == 2 && matches!(c, '\'' | '’' | '-'));
            if joins && kind(next) == before {
                k = before;
            }
        }
        if current.is_some_and(|before| before != k) {
            out.push((current, &text[start..at]));
            start = at;
        }
        current = Some(k);
    }
    out.push((current, &text[start..]));
    out.into_iter()
        .filter(|(_, part)| !part.trim().is_empty())
        .map(|(kind, part)| match kind {
            Some(1) => Run::Number(part),
            Some(2) => Run::Latin(part),
            _ => Run::Japanese(part),
        })
        .collect()
}

/// English plural and possessive endings, enough to let `bags` meet `bag`.
fn singular(word: &str) -> String {
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    let stem = match word {
        w if w.len() > 4 && w.ends_with("ies") => return format!("{}y", &w[..w.len() - 3]),
        w if w.len() > 4 && ["ses", "xes", "zes", "ches", "shes"].iter().any(|e| w.ends_with(e)) => &w[..w.len() - 2],
        w if w.len() > 3 && w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") => {
            &w[..w.len() - 1]
        }
        w => w,
    };
    stem.to_owned()
}

fn read_token(surface: &str, feature: &str) -> Token {
    let f: Vec<&str> = feature.split(',').collect();
    let at = |i: usize| f.get(i).copied().filter(|v| *v != "*" && !v.is_empty());
    let class = class_of(at(0).unwrap_or(""), at(1).unwrap_or(""));
    let surface = normalise(surface);
    let base = at(6).map_or_else(|| fold_kana(&surface), |b| fold_kana(&normalise(b)));
    let reading = at(7).map_or_else(|| fold_kana(&surface), fold_kana);
    let reading = continuative(&reading, &base, at(4).unwrap_or(""), at(5).unwrap_or(""));
    Token { surface, base, reading, class }
}

fn class_of(pos: &str, detail: &str) -> Class {
    match (pos, detail) {
        ("名詞", "非自立" | "代名詞" | "特殊") => Class::Dependent,
        ("名詞", "数") => Class::Number,
        ("名詞", "接尾") => Class::Suffix,
        ("名詞", _) => Class::Noun,
        ("動詞", "自立") => Class::Verb,
        ("動詞", _) | ("助動詞", _) | ("形容詞", "非自立" | "接尾") => Class::Auxiliary,
        ("形容詞", _) => Class::Adjective,
        ("助詞", _) => Class::Particle,
        ("副詞" | "接続詞" | "感動詞" | "連体詞" | "フィラー", _) => Class::Adverb,
        ("接頭詞", _) => Class::Dependent,
        ("記号", _) => Class::Symbol,
        _ => Class::Noun,
    }
}

/// The reading of an inflected word in the continuative form (連用形).
fn continuative(reading: &str, base: &str, inflection: &str, form: &str) -> String {
    let without_last = || {
        let mut chars = reading.chars();
        chars.next_back();
        chars.as_str().to_owned()
    };
    if inflection.starts_with("五段") {
        let i_row = base.chars().next_back().and_then(|last| match last {
            'う' => Some('い'),
            'く' => Some('き'),
            'ぐ' => Some('ぎ'),
            'す' => Some('し'),
            'つ' => Some('ち'),
            'ぬ' => Some('に'),
            'ぶ' => Some('び'),
            'む' => Some('み'),
            'る' => Some('り'),
            _ => None,
        });
        return match i_row {
            Some(ending) => format!("{}{ending}", without_last()),
            None => reading.to_owned(),
        };
    }
    if inflection.starts_with("一段") && !matches!(form, "連用形" | "未然形") {
        return without_last();
    }
    reading.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_meet_in_the_continuative_form() {
        for (reading, base, inflection, form) in [
            ("ひっこさ", "引っ越す", "五段・サ行", "未然形"),
            ("ひっこし", "引っ越す", "五段・サ行", "連用形"),
            ("ひっこす", "引っ越す", "五段・サ行", "基本形"),
        ] {
            assert_eq!(continuative(reading, base, inflection, form), "ひっこし");
        }
        assert_eq!(continuative("かっ", "買う", "五段・ワ行促音便", "連用タ接続"), "かい");
        assert_eq!(continuative("とどける", "届ける", "一段", "基本形"), "とどけ");
        assert_eq!(continuative("とどけ", "届ける", "一段", "連用形"), "とどけ");
    }

    #[test]
    fn runs_keep_numbers_and_words_together() {
        let parts: Vec<String> = runs("10,000円のe-mail don't 住民票3.5")
            .iter()
            .map(|r| match r {
                Run::Latin(s) | Run::Number(s) | Run::Japanese(s) => s.trim().to_owned(),
            })
            .collect();
        assert_eq!(parts, ["10,000", "円の", "e-mail", "don't", "住民票", "3.5"]);
    }

    #[test]
    fn english_plurals_meet_their_singular() {
        for (plural, single) in
            [("bags", "bag"), ("cities", "city"), ("boxes", "box"), ("address", "address"), ("bus", "bus")]
        {
            assert_eq!(singular(plural), single);
        }
    }
}
