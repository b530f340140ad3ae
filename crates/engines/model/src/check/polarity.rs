//! Whether something is so or not so: 必要です and 必要ありません share every word but one.

use std::collections::HashSet;

use text::{Analyzer, Class, Token};

use super::ground::Piece;
use super::plain::plain;
use super::support::LIGHT_ENGLISH;

/// A word that can be denied, whether it is, and what stands beside it.
pub(crate) struct Predicate {
    pub(crate) lemma: String,
    pub(crate) negated: bool,
    pub(crate) beside: HashSet<String>,
    /// What stands in the same sentence.
    pub(crate) sentence: HashSet<String>,
}

/// Ways to say the same, the longer first. Double negation goes before negation is looked for.
const SAME: &[(&str, &str)] = &[
    ("なければなりません", "る必要です"),
    ("なければいけません", "る必要です"),
    ("なくてはなりません", "る必要です"),
    ("なくてはいけません", "る必要です"),
    ("なければならない", "る必要です"),
    ("ないといけません", "る必要です"),
    ("なくてもかまいません", "ない不要です"),
    ("なくても構いません", "ない不要です"),
    ("なくてもよい", "ない不要です"),
    ("なくてもいい", "ない不要です"),
    ("なくていい", "ない不要です"),
    ("なくて大丈夫", "ない不要です"),
    ("必要はありません", "不要です"),
    ("必要がありません", "不要です"),
    ("必要ありません", "不要です"),
    ("必要はない", "不要"),
    ("必要がない", "不要"),
    ("必要ない", "不要"),
    ("必要はなく", "不要で"),
    ("必要なく", "不要で"),
    ("いりません", "不要です"),
    ("要りません", "不要です"),
    ("いらない", "不要な"),
    ("要らない", "不要な"),
    ("いります", "必要です"),
    ("要ります", "必要です"),
    ("かもしれません", ""),
    ("かもしれない", ""),
    ("ませんか", "ますか"),
    ("お金はかかりません", "無料です"),
    ("お金がかかりません", "無料です"),
    ("かかりません", "無料です"),
    ("費用がかかります", "有料です"),
    ("費用はかかります", "有料です"),
    ("お金がかかります", "有料です"),
    ("お金はかかります", "有料です"),
    ("手数料がかかります", "有料です"),
    ("手数料はかかります", "有料です"),
    ("料金がかかります", "有料です"),
    ("料金はかかります", "有料です"),
    ("お金はいりません", "無料です"),
    ("ただです", "無料です"),
    ("だけでなく", "と"),
    ("there is no ", "thereisno "),
    ("there are no ", "thereisno "),
    ("there is ", "thereis "),
    ("there are ", "thereis "),
    ("のみならず", "と"),
];

/// Words with one meaning, and whether they deny it.
const MEANING: &[(&str, &str, bool)] = &[
    ("必要", "必要", false),
    ("不要", "必要", true),
    ("不必要", "必要", true),
    ("義務", "必要", false),
    ("任意", "必要", true),
    ("無料", "無料", false),
    ("有料", "無料", true),
    ("無償", "無料", false),
    ("有償", "無料", true),
    ("できる", "できる", false),
    ("可能", "できる", false),
    ("不可", "できる", true),
    ("不可能", "できる", true),
    ("禁止", "できる", true),
    ("有効", "有効", false),
    ("無効", "有効", true),
    ("市内", "市内", false),
    ("市外", "市内", true),
    ("前", "前", false),
    ("後", "前", true),
    ("あと", "前", true),
    ("事前", "事前", false),
    ("事後", "事前", true),
    ("先", "先", false),
    ("増える", "増える", false),
    ("減る", "増える", true),
    ("上がる", "上がる", false),
    ("下がる", "上がる", true),
    ("高い", "高い", false),
    ("安い", "高い", true),
    ("開始", "開始", false),
    ("終了", "開始", true),
    ("公立", "公立", false),
    ("私立", "公立", true),
    ("日本人", "日本人", false),
    ("外国人", "日本人", true),
    ("大人", "大人", false),
    ("子供", "大人", true),
    ("子ども", "大人", true),
    ("本人", "本人", false),
    ("代理", "本人", true),
    ("午前", "午前", false),
    ("午後", "午前", true),
    ("全員", "全員", false),
    ("一部", "全員", true),
    ("新しい", "新しい", false),
    ("古い", "新しい", true),
    ("開く", "開く", false),
    ("閉まる", "開く", true),
    ("課税", "課税", false),
    ("非課税", "課税", true),
    ("燃える", "燃える", false),
    ("もえる", "燃える", false),
    ("借りる", "借りる", false),
    ("返す", "借りる", true),
    ("多い", "多い", false),
    ("少ない", "多い", true),
    ("右", "右", false),
    ("左", "右", true),
    ("長い", "長い", false),
    ("短い", "長い", true),
    ("大きい", "大きい", false),
    ("小さい", "大きい", true),
    ("早い", "早い", false),
    ("遅い", "早い", true),
    ("原本", "原本", false),
    ("コピー", "原本", true),
    ("こぴー", "原本", true),
    ("写し", "原本", true),
    ("偶数", "偶数", false),
    ("奇数", "偶数", true),
    ("一緒", "一緒", false),
    ("別", "一緒", true),
    ("同時", "一緒", false),
    ("内側", "内側", false),
    ("外側", "内側", true),
    ("最初", "最初", false),
    ("最後", "最初", true),
    // English
    ("thereis", "there is", false),
    ("thereisno", "there is", true),
    ("higher", "higher", false),
    ("lower", "higher", true),
    ("left", "left", false),
    ("right", "left", true),
    ("first", "first", false),
    ("last", "first", true),
    ("original", "original", false),
    ("need", "need", false),
    ("needed", "need", false),
    ("required", "need", false),
    ("require", "need", false),
    ("necessary", "need", false),
    ("must", "need", false),
    ("unnecessary", "need", true),
    ("optional", "need", true),
    ("can", "can", false),
    ("possible", "can", false),
    ("able", "can", false),
    ("cannot", "can", true),
    ("can't", "can", true),
    ("impossible", "can", true),
    ("unable", "can", true),
    ("free", "free", false),
    ("paid", "free", true),
    ("chargeable", "free", true),
    ("open", "open", false),
    ("closed", "open", true),
    ("valid", "valid", false),
    ("invalid", "valid", true),
];

/// Words that others lean on and that carry no meaning by themselves.
const LIGHT: &[&str] = &[
    "する",
    "ある",
    "なる",
    "いる",
    "くださる",
    "下さる",
    "いう",
    "くる",
    "いく",
    "おく",
    "みる",
    "くれる",
    "ござる",
    "いただく",
];

const DENY: &[&str] = &["ない", "ん", "ぬ", "ず", "無い", "まい"];
const DENY_ENGLISH: &[&str] =
    &["not", "no", "never", "don't", "doesn't", "isn't", "aren't", "won't", "without", "neither", "nor"];

const DENY_ACT: &[&str] = &["not", "cannot", "can't", "don't", "doesn't", "never", "won't"];

/// What a sentence says to be so or not so.
pub(crate) fn predicates(sentence: &str, words: &Analyzer) -> Vec<Predicate> {
    let mut normal = plain(sentence);
    for (from, to) in SAME {
        if normal.contains(from) {
            normal = normal.replace(from, to);
        }
    }
    let tokens = words.tokens_of_normal(&normal);
    let all: HashSet<String> = tokens.iter().filter(|t| carries(t)).map(|t| t.base.clone()).collect();
    let mut out = Vec::new();
    let mut last = HashSet::new();
    for clause in tokens.split(|t| t.class == Class::Symbol) {
        let own: HashSet<String> = clause.iter().filter(|t| carries(t)).map(|t| t.base.clone()).collect();
        for (n, token) in clause.iter().enumerate() {
            let Some((lemma, denies)) = meaning(clause, n) else { continue };
            let denied = match token.class {
                Class::Latin if lemma.starts_with("do ") => denied_before(clause, n),
                Class::Latin => denied_english(clause, n),
                Class::Verb => denied(&clause[n + 1..]) || is_needless(&clause[n + 1..]),
                _ => denied(&clause[n + 1..]),
            };
            if denied && is_condition(&lemma, &clause[n + 1..]) {
                continue;
            }
            // A clause of one word is about what was said before it.
            let beside: &HashSet<String> = if own.len() > 1 { &own } else { &last };
            let beside = beside.iter().filter(|w| **w != token.base).cloned().collect();
            let sentence = all.iter().filter(|w| **w != token.base).cloned().collect();
            out.push(Predicate { lemma, negated: denies != denied, beside, sentence });
        }
        if !own.is_empty() {
            last = own;
        }
    }
    out
}

fn carries(t: &Token) -> bool {
    matches!(t.class, Class::Noun | Class::Verb | Class::Adjective | Class::Latin) && !LIGHT.contains(&t.base.as_str())
}

/// What a word of a clause says to be so, and whether the word itself denies it.
fn meaning(clause: &[Token], n: usize) -> Option<(String, bool)> {
    let token = &clause[n];
    let known = MEANING.iter().find(|(word, ..)| *word == token.base || *word == token.surface);
    if let Some((_, lemma, denies)) = known {
        // What one can do is what follows: can come, can get.
        let next =
            clause[n + 1..].iter().find(|t| carries(t) && !["not", "also", "only", "then"].contains(&t.base.as_str()));
        let lemma = match (*lemma, next) {
            // can do it: what, was said before.
            ("can", None) => return None,
            ("can", Some(next)) if ["do", "be", "have"].contains(&next.base.as_str()) => return None,
            ("can", Some(next)) => format!("can {}", next.base),
            (lemma, _) => lemma.to_owned(),
        };
        return Some((lemma, *denies));
    }
    if token.class == Class::Latin && !LIGHT_ENGLISH.contains(&token.base.as_str()) {
        return Some((format!("do {}", token.base), false));
    }
    // 制限がある, 制限はない: that there is something.
    if token.class == Class::Noun && !LIGHT.contains(&token.base.as_str()) {
        let mut rest = clause[n + 1..].iter();
        let particle = rest.next().is_some_and(|t| ["は", "が", "も"].contains(&t.surface.as_str()));
        match rest.next().map(|t| t.base.as_str()) {
            Some("ある") if particle => return Some((format!("there is {}", token.base), false)),
            Some("ない" | "無い") if particle => return Some((format!("there is {}", token.base), false)),
            _ => {}
        }
    }
    let acts = matches!(token.class, Class::Verb | Class::Adjective) && !LIGHT.contains(&token.base.as_str());
    // 申告する, 申告をする.
    let after = clause[n + 1..].iter().find(|t| t.surface != "を");
    let done = token.class == Class::Noun && after.is_some_and(|t| t.base == "する");
    (acts || done).then(|| (token.base.clone(), false))
}

/// Whether the words that lean on one deny it: up to the next word with a meaning of its own.
fn denied(after: &[Token]) -> bool {
    let leans = |t: &&Token| {
        LIGHT.contains(&t.base.as_str())
            || DENY.contains(&t.base.as_str())
            || matches!(t.class, Class::Auxiliary | Class::Particle | Class::Dependent | Class::Suffix)
    };
    after
        .iter()
        .take(7)
        .take_while(leans)
        .filter(|t| t.class != Class::Symbol && DENY.contains(&t.base.as_str()))
        .count()
        % 2
        == 1
}

/// 出す必要はありません, which stands here as 出す不要です.
fn is_needless(after: &[Token]) -> bool {
    after.iter().find(|t| t.class != Class::Auxiliary).is_some_and(|t| t.surface == "不要")
}

/// Whether what is denied only says of whom or of which case one speaks: 申告していない方は.
fn is_condition(lemma: &str, after: &[Token]) -> bool {
    let known = MEANING.iter().any(|(_, meaning, _)| *meaning == lemma);
    let deny = after.iter().position(|t| DENY.contains(&t.base.as_str()));
    let next = deny.and_then(|n| after.get(n + 1));
    !known && next.is_some_and(|t| matches!(t.class, Class::Noun | Class::Dependent) && t.surface != "不要")
}

fn denied_english(tokens: &[Token], at: usize) -> bool {
    let near =
        tokens[at.saturating_sub(3)..at].iter().chain(tokens.get(at + 1..(at + 3).min(tokens.len())).unwrap_or(&[]));
    let denies = |t: &&Token| DENY_ENGLISH.contains(&t.surface.as_str());
    // Beyond a comma or a full stop stands another statement.
    near.filter(denies).count() % 2 == 1
}

/// Whether the word before an act denies it: cannot pay, not be paid.
fn denied_before(tokens: &[Token], at: usize) -> bool {
    let mut before =
        tokens[..at].iter().rev().skip_while(|t| ["be", "to", "also", "yet"].contains(&t.surface.as_str()));
    before.next().is_some_and(|t| DENY_ACT.contains(&t.surface.as_str()))
}

/// What of a reply's sentence is said the other way round in every place of the source that it can rest on.
pub(crate) fn flipped(reply: &[Predicate], pieces: &[&Piece]) -> Option<String> {
    let source: Vec<&Predicate> = pieces.iter().flat_map(|p| &p.segments).flat_map(|s| &s.predicates).collect();
    // 8ミリより大きく25ミリより小さい says both, as its source does.
    let both = |all: &[&Predicate], lemma: &str| {
        let of = |negated: bool| all.iter().any(|p| p.lemma == lemma && p.negated == negated);
        of(true) && of(false)
    };
    let own: Vec<&Predicate> = reply.iter().collect();
    let one_sided = reply.iter().filter(|p| !(both(&own, &p.lemma) && both(&source, &p.lemma)));
    one_sided.into_iter().find(|p| is_flipped(p, &source)).map(|p| p.lemma.clone())
}

fn is_flipped(reply: &Predicate, source: &[&Predicate]) -> bool {
    // The nearest place: by the clause, then by the sentence.
    let alike = |negated: bool| {
        let same = source.iter().filter(move |s| s.lemma == reply.lemma && s.negated == negated);
        same.map(|s| (s.beside.intersection(&reply.beside).count(), s.sentence.intersection(&reply.sentence).count()))
            .max()
    };
    match (alike(reply.negated), alike(!reply.negated)) {
        (None, Some((_, other))) => other > 0 || reply.sentence.is_empty(),
        (Some(same), Some(other)) => other > same,
        _ => false,
    }
}
