//! Faults of the form: what no reply may hold, whatever it says.

use std::collections::HashSet;

use text::normal::{is_kana, is_kanji, normalise};

use super::Kind;
use super::names::mostly_english;
use super::plain::plain;
use crate::fence::is_hidden;
use crate::prompt::Style;

/// Longest reply, in characters.
pub const MOST_CHARS: usize = 1_500;
/// Characters in a row that a reply may share with the instruction, by script.
const SHARED_JAPANESE: usize = 14;
const SHARED_LATIN: usize = 32;

type Found = (Kind, String);

/// Faults of a whole reply. `text` is the reply without its placeholders.
pub(crate) fn faults(reply: &str, text: &str, style: Style, instruction: &str) -> Vec<Found> {
    let mut out = Vec::new();
    if reply.trim().is_empty() {
        out.push((Kind::Empty, String::new()));
    }
    let length = reply.chars().count();
    if length > MOST_CHARS {
        out.push((Kind::TooLong, length.to_string()));
    }
    if let Some(c) = reply.chars().find(|c| is_hidden(*c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))) {
        out.push((Kind::Hidden, format!("U+{:04X}", c as u32)));
    }
    out.extend(markup(reply));
    out.extend(machinery(reply));
    out.extend(language(text, style));
    out.extend(leak(reply, instruction));
    out
}

/// HTML, entities, images, links to anything but a placeholder.
fn markup(reply: &str) -> Option<Found> {
    let low = normalise(reply);
    let tag = low
        .match_indices('<')
        .find(|(at, _)| low[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')));
    if tag.is_some()
        || low.contains("javascript:")
        || low.contains("data:")
        || low.contains("&#")
        || low.contains("&lt")
    {
        return Some((Kind::Html, "<".into()));
    }
    if low.contains("![") {
        return Some((Kind::Link, "![".into()));
    }
    let inner = reply.match_indices("](").map(|(at, mark)| &reply[at + mark.len()..]);
    let outside = inner
        .map(|rest| rest.split(')').next().unwrap_or(rest))
        .find(|target| !(target.starts_with("{{") && target.ends_with("}}") && target.matches("{{").count() == 1));
    // [x]: address, [x][y] and <address> are links too.
    let referred =
        low.lines().any(|line| line.trim_start().starts_with('[') && line.contains("]:")) || low.contains("][");
    outside.map(|target| (Kind::Link, target.to_owned())).or_else(|| referred.then(|| (Kind::Link, "[".into())))
}

/// Marks of the prompt, roles of a chat, code fences.
fn machinery(reply: &str) -> Option<Found> {
    let low = normalise(reply);
    let marks = ["<<", ">>", "data-1", "```", "<|", "|>", "[inst", "[/inst", "rephrase-1", "ask-back-1", "condense-1"];
    let mark = marks.iter().find(|m| low.contains(*m)).map(|m| (*m).to_owned());
    let role = reply.lines().map(normalise).find(|line| {
        let head = line.split(':').next().unwrap_or_default().trim();
        line.contains(':')
            && ["system", "assistant", "user", "developer", "tool", "システム", "アシスタント"].contains(&head)
    });
    let bar = reply.lines().find(|line| line.starts_with(crate::fence::BAR)).map(str::to_owned);
    mark.or(role).or(bar).map(|what| (Kind::Machinery, what))
}

/// Web and mail addresses, as they are written and with their dots in words.
pub(crate) fn addresses(sentence: &str) -> Vec<String> {
    let low = normalise(sentence);
    let is_part = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '-' | '_' | '@' | ':' | '/' | '%' | '+' | '?' | '=' | '&' | '#' | '~')
    };
    let mut out = Vec::new();
    for word in low.split(|c: char| !is_part(c)) {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '@');
        let host = word.split(['/', '?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
        let labels: Vec<&str> = host.split(':').next().unwrap_or_default().split('.').collect();
        let dotted = labels.len() > 1
            && labels.iter().all(|l| !l.is_empty())
            && labels.last().is_some_and(|l| l.len() > 1 && l.bytes().all(|b| b.is_ascii_alphabetic()))
            && labels.iter().any(|l| l.len() > 1 && l.bytes().any(|b| b.is_ascii_alphabetic()))
            && !["a.m", "p.m", "e.g", "i.e"].contains(&host);
        let number = labels.len() == 4 && labels.iter().all(|l| l.parse::<u8>().is_ok());
        if word.contains("://") || word.starts_with("www") || word.contains('@') || dotted || number {
            out.push(word.to_owned());
        }
    }
    let words = [
        "ドットコム",
        "ドットjp",
        "ドットネット",
        " dot com",
        " dot net",
        " dot org",
        " dot jp",
        "[.]",
        "(.)",
        "アットマーク",
        "[at]",
        "(at)",
        "://",
        "http",
    ];
    out.extend(words.iter().filter(|w| low.contains(*w)).map(|w| (*w).to_owned()));
    out.dedup();
    out
}

/// Whether the letters are those of the wanted language, roughly.
fn language(text: &str, style: Style) -> Option<Found> {
    let plain = plain(text);
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    let kana = plain.chars().filter(|c| is_kana(*c)).count();
    let kanji = plain.chars().filter(|c| is_kanji(*c)).count();
    let latin = plain.chars().filter(|c| c.is_alphabetic() && (*c as u32) < 0x250).count();
    let strange = plain.chars().find(|c| {
        c.is_alphabetic() && !is_kana(*c) && !is_kanji(*c) && (*c as u32) >= 0x250 && !matches!(c, '々' | '〆' | '〇')
    });
    if let Some(c) = strange {
        return Some((Kind::Language, c.to_string()));
    }
    if letters < 8 {
        return None;
    }
    let wrong = match style {
        Style::English => latin * 10 < letters * 6,
        // Chinese has no kana.
        Style::Plain | Style::Easy => (kana + kanji) * 10 < letters * 6 || (kanji > 12 && kana * 8 < kana + kanji),
    };
    wrong.then(|| (Kind::Language, if mostly_english(&plain) { "en".into() } else { "other".into() }))
}

/// A stretch of the instruction in the reply, also backwards.
fn leak(reply: &str, instruction: &str) -> Option<Found> {
    let squeeze = |text: &str| -> Vec<char> { normalise(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let ours = squeeze(instruction);
    let theirs = squeeze(reply);
    let mut backwards = theirs.clone();
    backwards.reverse();
    let shared = |length: usize, latin: bool| {
        let fits = |w: &&[char]| w.iter().all(char::is_ascii) == latin;
        let known: HashSet<&[char]> = ours.windows(length).filter(fits).collect();
        [&theirs, &backwards].into_iter().any(|t| t.windows(length).any(|w| known.contains(w)))
    };
    (shared(SHARED_JAPANESE, false) || shared(SHARED_LATIN, true)).then(|| (Kind::Leak, String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_written() {
        for text in [
            "https://evil.example/x",
            "www.evil.example",
            "evil-site.com へ",
            "ｅｖｉｌ．ｃｏｍ",
            "help@city.example",
            "10.0.0.1",
            "evil ドットコム",
            "evil[.]com",
            "hxxp://evil",
            "bit.ly/3xyz",
            "http:evil",
        ] {
            assert!(!addresses(text).is_empty(), "{text}");
        }
        for text in ["8:45 to 5:15 p.m.", "3.5%です。", "No. 3", "14日以内に。転入届", "a/b", "1.5 kg"] {
            assert!(addresses(text).is_empty(), "{text}: {:?}", addresses(text));
        }
    }

    #[test]
    fn links_may_lead_to_placeholders_only() {
        assert_eq!(markup("[ページ]({{a1.link}})を見て"), None);
        for text in
            ["[x](https://a.example)", "![](x)", "[x][1]", "[1]: a", "[x]({{a1.link}}@evil)", "<b>x</b>", "＜script＞"]
        {
            assert!(markup(text).is_some(), "{text}");
        }
    }

    #[test]
    fn languages_are_told_apart() {
        assert_eq!(language("引っ越した日から届けてください", Style::Plain), None);
        assert_eq!(language("Please hand in 転入届 at the counter.", Style::English), None);
        for (text, style) in [
            ("Please hand in the form.", Style::Plain),
            ("引っ越した日から届けてください", Style::English),
            ("您需要在搬家后的十四天内提交迁入申报表", Style::Plain),
            ("전입신고를 해 주세요", Style::Plain),
            ("Пожалуйста", Style::English),
        ] {
            assert!(language(text, style).is_some(), "{text}");
        }
    }
}
