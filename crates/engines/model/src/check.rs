//! The check of a reply against its source. It knows no model and no chance: the same reply has always the same faults.
//!
//! It looks at the reply **before** its placeholders are filled: what a placeholder stands for is the city's own word.

mod form;
mod ground;
mod names;
mod number;
mod plain;
mod polarity;
mod quantity;
mod support;
mod swap;
mod times;
mod units;

use serde::{Deserialize, Serialize};
use text::Analyzer;

pub use form::MOST_CHARS;
pub(crate) use plain::sentences;

use crate::prompt::Task;
use crate::source::{Part, Source, SourceArticle, parts};
use ground::{Ground, Piece};
use support::Content;

/// Least share of a sentence that must stand in the source.
pub const LEAST_SUPPORT: f64 = 0.6;
/// How much better another article must fit before a sentence is said to be about that one.
const MARGIN: f64 = 0.15;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing came.
    Empty,
    /// More than [`MOST_CHARS`].
    TooLong,
    /// Characters that nobody sees.
    Hidden,
    /// HTML or script.
    Html,
    /// An address, or a Markdown link to anything but a placeholder.
    Link,
    /// Marks of the prompt, roles, code fences.
    Machinery,
    /// Another language than wanted.
    Language,
    /// A stretch of the instruction.
    Leak,
    /// A placeholder that cannot be filled or stands for something else than the sentence says.
    Placeholder,
    /// A number, date, time or telephone number that the source does not hold, or not with this counter or bound.
    Number,
    /// A number that belongs to something else in the source, or a fact of another article.
    Moved,
    /// A word of time or a day of the week that the source does not hold.
    Time,
    /// A name that the source does not hold.
    Name,
    /// The source says the opposite.
    Flipped,
    /// Too little of the sentence stands in the source.
    Unsupported,
    /// The reply asks nothing, though it should ask back.
    NoQuestion,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind.
    pub kind: Kind,
    /// In which sentence, from 0; 0 also where it is about the whole.
    pub sentence: usize,
    /// The words it is about; of the reply, so not for a log.
    pub what: String,
}

/// What the check found. Can be kept with an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
    /// Each sentence with the share of it that the source holds, from 0 to 1.
    pub support: Vec<(String, f64)>,
    /// Nothing is wrong.
    pub passed: bool,
}

/// Checks a reply. `instruction` is [`crate::Prompt::instruction`], which must not come back.
pub fn check(reply: &str, task: &Task, source: &Source, instruction: &str, words: &Analyzer) -> Checked {
    let ground = Ground::new(task, source, words);
    let bare: String = parts(reply).iter().map(|p| if let Part::Text(t) = p { t } else { " " }).collect();
    let mut faults: Vec<Fault> = form::faults(reply, &bare, task.style(), instruction)
        .into_iter()
        .map(|(kind, what)| Fault { kind, sentence: 0, what })
        .collect();
    let asks = matches!(task, Task::AskBack { .. });
    if asks && !reply.contains(['?', '？']) && !reply.contains("か。") {
        faults.push(Fault { kind: Kind::NoQuestion, sentence: 0, what: String::new() });
    }
    let mut support = Vec::new();
    // Nobody has been spoken of yet: the best article is meant.
    let mut about: Vec<usize> = vec![0];
    // A reply of any length is looked at; one that is far too long has failed already.
    let looked_at: String = reply.chars().take(4 * MOST_CHARS).collect();
    for (n, raw) in sentences(&looked_at).into_iter().enumerate() {
        let sentence = Sentence::new(&raw, source, words);
        let candidates = sentence.about(&ground, &about);
        let pieces: Vec<&Piece> = ground.pieces(&candidates).collect();
        let mut add = |kind, what| faults.push(Fault { kind, sentence: n, what });
        sentence.placeholders(source, &ground, &candidates).into_iter().for_each(|(kind, what)| add(kind, what));
        sentence.numbers(&ground, &pieces, words).into_iter().for_each(|(kind, what)| add(kind, what));
        times::invented(&sentence.bare, &pieces).into_iter().for_each(|what| add(Kind::Time, what));
        names::invented(&sentence.bare, &pieces, words).into_iter().for_each(|what| add(Kind::Name, what));
        for address in form::addresses(&sentence.bare) {
            // The page's address comes from a placeholder. A mail address has none, and must be a fact.
            let known =
                address.contains('@') && !address.contains('/') && pieces.iter().any(|p| p.values.contains(&address));
            if !known {
                add(Kind::Link, address);
            }
        }
        let predicates = polarity::predicates(&sentence.bare, words);
        if let Some(lemma) = polarity::flipped(&predicates, &pieces) {
            add(Kind::Flipped, lemma);
        }
        if let Some(label) = denied_fact(&sentence.bare, source, &candidates) {
            add(Kind::Flipped, label);
        }
        let is_question = asks && (sentence.bare.trim_end().ends_with(['?', '？']) || sentence.bare.contains("か。"));
        let exempt = support::is_exempt(&sentence.bare) || is_question;
        let score = if exempt { 1.0 } else { sentence.support(&pieces) };
        if score < LEAST_SUPPORT {
            add(Kind::Unsupported, String::new());
        }
        support.push((raw.clone(), score));
        if !exempt {
            let both: Vec<usize> = candidates.iter().copied().filter(|n| about.contains(n)).collect();
            about = if both.is_empty() { candidates } else { both };
        }
    }
    let passed = faults.is_empty();
    Checked { faults, support, passed }
}

/// What a placeholder's key is called, to tell whether a sentence says something else.
const CALLED: &[(&str, &[&str])] = &[
    ("fee", &["手数料", "料金", "費用", "お金", "金額", "いくら", "fee", "cost", "price"]),
    ("deadline", &["期限", "締切", "締め切り", "いつまで", "deadline"]),
    ("bring", &["持ち物", "必要なもの", "お持ち", "持って", "bring"]),
    ("hours", &["受付時間", "開庁時間", "営業時間", "opening hours", "office hours", "open from"]),
    ("phone", &["電話番号", "お電話", "telephone", "phone number"]),
];

struct Sentence<'a> {
    parts: Vec<Part<'a>>,
    /// Without placeholders.
    bare: String,
    /// Of the text alone.
    own: Content,
    /// Words that tell what it is about.
    topic: Vec<String>,
    /// With what the placeholders stand for.
    content: Content,
}

impl<'a> Sentence<'a> {
    fn new(raw: &'a str, source: &Source, words: &Analyzer) -> Self {
        let parts = parts(raw);
        let (mut bare, mut filled) = (String::new(), String::new());
        for part in &parts {
            match part {
                Part::Text(text) => {
                    bare.push_str(text);
                    filled.push_str(text);
                }
                Part::Place(article, key) => {
                    let value = source.articles.get(*article).and_then(|a| label_and_value(a, key)).unwrap_or_default();
                    bare.push(' ');
                    filled.push_str(&format!(" {value} "));
                }
                Part::Broken(_) => {}
            }
        }
        let content = Content::of(&filled, words);
        let own = Content::of(&bare, words);
        let topic = topic(&bare, &own, source, words);
        Sentence { parts, bare, own, topic, content }
    }

    /// The articles that it may be about: the best, and those that fit nearly as well. Of a sentence that names no
    /// subject, such as 期限は14日以内です, those that were spoken of before.
    fn about(&self, ground: &Ground, before: &[usize]) -> Vec<usize> {
        if ground.articles.len() < 2 || self.topic.len() < 2 || support::is_exempt(&self.bare) {
            return before.to_vec();
        }
        let scores: Vec<f64> = ground.articles.iter().map(|p| p.support(&self.own)).collect();
        let best = scores.iter().copied().fold(0.0, f64::max);
        (0..scores.len()).filter(|n| scores[*n] >= best - MARGIN).collect()
    }

    fn support(&self, pieces: &[&Piece]) -> f64 {
        pieces.iter().map(|p| p.support(&self.content)).fold(0.0, f64::max)
    }

    fn placeholders(&self, source: &Source, ground: &Ground, about: &[usize]) -> Vec<(Kind, String)> {
        let mut out = Vec::new();
        let mut before = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => before.push_str(text),
                Part::Broken(braces) => out.push((Kind::Placeholder, (*braces).to_owned())),
                Part::Place(article, key) => {
                    let name = format!("a{}.{key}", article + 1);
                    let known = source.articles.get(*article).is_some_and(|a| a.value(key).is_some());
                    if !known || says_other(&before, key) {
                        out.push((Kind::Placeholder, name));
                    } else if ground.articles.len() > 1 && !about.contains(article) {
                        out.push((Kind::Moved, name));
                    }
                    before.clear();
                }
            }
        }
        out
    }

    fn numbers(&self, ground: &Ground, pieces: &[&Piece], words: &Analyzer) -> Vec<(Kind, String)> {
        let mut out = Vec::new();
        for q in quantity::quantities(&self.bare) {
            let shown = format!("{}{}", q.value, q.unit);
            if !pieces.iter().any(|p| quantity::holds(&p.quantities, &q)) {
                let elsewhere = ground.articles.iter().any(|p| quantity::holds(&p.quantities, &q));
                out.push((if elsewhere { Kind::Moved } else { Kind::Number }, shown));
            }
        }
        let all = swap::anchored(&self.bare, words);
        for anchored in &all {
            let q = &anchored.quantity;
            let shown = format!("{}{}", q.value, q.unit);
            let source = pieces.iter().flat_map(|p| &p.segments).flat_map(|s| &s.anchored);
            let segments = pieces.iter().flat_map(|p| &p.segments).map(|s| s.anchored.as_slice());
            let parted = q.unit == "円" && swap::is_parted(anchored, &all, segments);
            if parted
                || swap::is_moved(anchored, source)
                || pieces.iter().any(|p| against_fact(&self.bare, anchored, p))
            {
                out.push((Kind::Moved, shown));
            }
        }
        out
    }
}

/// The words by which a sentence can be told to be about an article. Where its subject is only what a fact is called
/// (期限は…), what follows is the fact and tells nothing.
fn topic(bare: &str, own: &Content, source: &Source, words: &Analyzer) -> Vec<String> {
    let labels: Vec<String> = source.articles.iter().flat_map(|a| &a.facts).map(|f| plain::flat(&f.label)).collect();
    let label = |w: &str| swap::GENERAL.contains(&w) || CALLED.iter().any(|(_, called)| called.contains(&w));
    let named = |content: &Content| -> Vec<String> {
        content.words.iter().map(|(base, _)| base.clone()).filter(|base| !label(base)).collect()
    };
    let subject =
        bare.split_once(['は', '：', ':']).map(|(head, _)| (plain::flat(head), named(&Content::of(head, words))));
    match subject {
        Some((head, named)) if named.is_empty() || labels.iter().any(|l| head == *l || head == format!("その{l}")) => {
            Vec::new()
        }
        _ => named(own),
    }
}

/// 手数料は9,999円, where the fact 手数料 says something else and nothing ties that amount to what the clause is about.
fn against_fact(sentence: &str, anchored: &swap::Anchored, piece: &Piece) -> bool {
    let q = &anchored.quantity;
    let named = |key: &str, label: &str| {
        let called = CALLED.iter().find(|(k, _)| *k == key).map_or(&[][..], |(_, words)| *words);
        sentence.contains(label) || called.iter().any(|w| sentence.contains(w))
    };
    let kind = |key: &str| matches!((key, q.unit.as_str()), ("fee", "円" | "千円" | "ドル"));
    let tied = piece.segments.iter().flat_map(|s| &s.anchored);
    let tied = tied.filter(|s| s.quantity.value == q.value && s.quantity.unit == q.unit);
    let tied = tied.into_iter().any(|s| !s.nouns.is_disjoint(&anchored.nouns));
    piece.facts.iter().any(|(key, label, values)| kind(key) && named(key, label) && !quantity::holds(values, q))
        && !tied
}

/// A fact of which a sentence says that there is none: 期限はありません.
fn denied_fact(bare: &str, source: &Source, about: &[usize]) -> Option<String> {
    let text = plain::plain(bare);
    let denials = ["ありません", "ない", "なし", "ございません", "いりません", "不要", "かかりません"];
    let denied = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            let rest = text[at + word.len()..].trim_start_matches(['は', 'が', 'も', 'の']);
            denials.iter().any(|d| rest.starts_with(d))
        }) || text.contains(&format!("there is no {}", word.to_lowercase()))
            || text.starts_with(&format!("no {}", word.to_lowercase()))
    };
    let facts = about.iter().filter_map(|n| source.articles.get(*n)).flat_map(|a| &a.facts);
    let is_none = |value: &str| {
        let low = value.to_lowercase();
        denials.iter().any(|d| low.contains(d))
            || ["せん", "無料", "0円", "free", "no "].iter().any(|d| low.contains(d))
    };
    let mut stated = facts.filter(|f| !is_none(&f.value));
    let called = |key: &str| CALLED.iter().find(|(k, _)| *k == key).map_or(&[][..], |(_, words)| *words);
    stated.find(|f| denied(&f.label) || called(&f.key).iter().any(|w| denied(w))).map(|f| f.label.clone())
}

/// Whether the words before a placeholder name another key and not its own.
fn says_other(before: &str, key: &str) -> bool {
    let clause = before.rsplit(['、', '。', ',', '.']).next().unwrap_or(before).to_lowercase();
    let names = |words: &[&str]| words.iter().any(|w| clause.contains(w));
    let own = CALLED.iter().any(|(k, words)| *k == key && names(words));
    !own && CALLED.iter().any(|(k, words)| *k != key && names(words))
}

fn label_and_value(article: &SourceArticle, key: &str) -> Option<String> {
    let value = article.value(key)?;
    // Links and telephones hold no words to compare.
    if matches!(key, "link" | "phone") {
        return None;
    }
    let label = article.facts.iter().find(|f| f.key == key).map_or("", |f| f.label.as_str());
    Some(format!("{label}は{value}"))
}
