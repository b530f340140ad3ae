//! Danger signs (危険のしるし): words in what somebody says at which a person must look at once.
//!
//! The rules are a list that the desk sees and changes. None has a weight and none decides anything: a sign says which
//! rule saw something and why that matters, and a person looks ([`crate::entry::What::SignsSeen`]). The list has
//! children's words, because a form is filled in by children.

mod again;
mod list;
mod pattern;
mod standard;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::entry::Suspicion;
use crate::error::field;

pub use again::look_again;
pub use list::{SignList, change, current, history};
pub use pattern::normalise;
pub use standard::standard;

use pattern::Pattern;

/// Most rules of a list.
pub const MAX_RULES: usize = 200;
/// Most words, and most exceptions, of a rule.
pub const MAX_WORDS: usize = 100;
/// Longest word of a rule, and longest name, in characters.
pub const MAX_LENGTH: usize = 60;
/// Longest reason, in characters.
pub const MAX_WHY: usize = 300;

/// How many of a rule's words must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// One of them (どれか).
    Any,
    /// Each of them, in any order (すべて).
    All,
}

/// A rule of the list.
///
/// In a word, `＊` stands for up to 20 characters, and `{30}` for a number of at least 30, in digits or in 漢数字:
/// `学校＊{30}日＊行って`. At most two `＊` stand in a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignRule {
    /// Its name, which stands in the case where it saw something.
    pub name: String,
    /// How many of the words must be there.
    pub needs: Needs,
    /// The words, each also in the other ways in which it is written (しにたい, 死にたい).
    pub words: Vec<String>,
    /// What is said without meaning it; a word within one of these does not count.
    #[serde(default)]
    pub except: Vec<String>,
    /// Whether it may be a sign of a serious case (重大事態の疑い). A hint: suspecting is for people.
    #[serde(default)]
    pub hints_at: Option<Suspicion>,
    /// Why it matters, in a sentence that is shown beside it.
    pub why: String,
}

/// The rules that see something in these words: name and why, in the order of the list.
///
/// A word of a rule that cannot be read, which [`checked`] would have refused, sees nothing.
pub fn look(rules: &[SignRule], words: &str) -> Vec<(String, String)> {
    let text: Vec<char> = normalise(words).chars().collect();
    rules.iter().filter(|rule| sees(rule, &text)).map(|rule| (rule.name.clone(), rule.why.clone())).collect()
}

fn sees(rule: &SignRule, text: &[char]) -> bool {
    // Most exceptions are never looked for: only where a word was found.
    let mut unmeant: Option<Vec<std::ops::Range<usize>>> = None;
    let mut meant = |word: &String| {
        let Ok(pattern) = Pattern::read(word) else { return false };
        pattern.ranges(text).into_iter().any(|found| {
            let unmeant = unmeant.get_or_insert_with(|| {
                let all = rule.except.iter().filter_map(|word| Pattern::read(word).ok());
                all.flat_map(|pattern| pattern.ranges(text)).collect()
            });
            !unmeant.iter().any(|range| range.start <= found.start && found.end <= range.end)
        })
    };
    match rule.needs {
        Needs::Any => rule.words.iter().any(meant),
        Needs::All => !rule.words.is_empty() && rule.words.iter().all(&mut meant),
    }
}

/// Whether a list may be kept: none is empty, and each rule can see something and says why.
pub fn checked(rules: &[SignRule]) -> Result<()> {
    if rules.is_empty() {
        return Err(field("rules", "危険のしるしの一覧を空にはできません。1つ以上残してください。"));
    }
    if rules.len() > MAX_RULES {
        return Err(field("rules", format!("危険のしるしは{MAX_RULES}個までです。")));
    }
    let mut names = std::collections::BTreeSet::new();
    for rule in rules {
        sized("name", "名前", &rule.name, MAX_LENGTH)?;
        sized("why", &format!("「{}」の理由", rule.name), &rule.why, MAX_WHY)?;
        if !names.insert(rule.name.trim()) {
            return Err(field("name", format!("「{}」が2つあります。別の名前にしてください。", rule.name)));
        }
        if rule.words.is_empty() {
            return Err(field("words", format!("「{}」にことばがありません。1つ以上書いてください。", rule.name)));
        }
        if rule.words.len() > MAX_WORDS || rule.except.len() > MAX_WORDS {
            return Err(field("words", format!("「{}」のことばと例外は、それぞれ{MAX_WORDS}個までです。", rule.name)));
        }
        for (name, words) in [("words", &rule.words), ("except", &rule.except)] {
            for word in words {
                sized(name, &format!("「{}」のことば", rule.name), word, MAX_LENGTH)?;
                Pattern::read(word).map_err(|reason| field(name, format!("「{word}」は使えません。{reason}")))?;
            }
        }
    }
    Ok(())
}

fn sized(name: &'static str, what: &str, text: &str, most: usize) -> Result<()> {
    match text.trim().chars().count() {
        0 => Err(field(name, format!("{what}を書いてください。"))),
        n if n > most => Err(field(name, format!("{what}は{most}文字までにしてください。"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
