//! Names that should be masked before words go outside. Pure: it suggests, and a consultant decides.
//!
//! Found are the names of the persons of a case as they are written there, with or without the space between family and
//! given name, each of the two by itself, and さん, くん, ちゃん and the like behind them. Not found are nicknames, readings
//! in other letters, and names of people who are no party; the page must say so.

use std::ops::Range;

use crate::entry::{Party, Role};

/// What stands in the place of a name.
pub const MASK: &str = "○○";

/// What may follow a name and goes with it: it tells of age and sex.
const HONORIFICS: [&str; 8] = ["さん", "くん", "君", "ちゃん", "さま", "様", "氏", "先生"];

/// Ranges of bytes of the words in which a person of the case is named, in order, none over another.
pub fn suggest(words: &str, parties: &[Party]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for party in parties.iter().filter(|party| !matches!(party.role, Role::School | Role::Section)) {
        let parts: Vec<&str> = party.name.split_whitespace().collect();
        let whole: String = parts.concat();
        find(words, &whole, whole.chars().count() < 2, &mut found);
        if parts.len() > 1 {
            for part in parts {
                // A single letter is a name only where it is spoken to as one.
                find(words, part, part.chars().count() < 2, &mut found);
            }
        }
    }
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Every place at which a name stands, whatever space stands between its letters.
fn find(words: &str, name: &str, wants_honorific: bool, found: &mut Vec<Range<usize>>) {
    if name.is_empty() {
        return;
    }
    for (start, _) in words.char_indices() {
        let Some(end) = ends(words, start, name) else { continue };
        let honorific = HONORIFICS.iter().find(|honorific| words[end..].starts_with(**honorific));
        if honorific.is_some() || !wants_honorific {
            found.push(start..end + honorific.map_or(0, |honorific| honorific.len()));
        }
    }
}

/// Where a name ends that begins here, if it does.
fn ends(words: &str, start: usize, name: &str) -> Option<usize> {
    let mut letters = words[start..].char_indices().peekable();
    let mut end = start;
    for (place, wanted) in name.chars().enumerate() {
        if place > 0 {
            while letters.next_if(|(_, letter)| matches!(letter, ' ' | '\u{3000}' | '・')).is_some() {}
        }
        let (at, letter) = letters.next()?;
        if letter != wanted {
            return None;
        }
        end = start + at + letter.len_utf8();
    }
    Some(end)
}

/// The words with [`MASK`] in the place of each range. Ranges that do not fit the words are left out.
pub fn apply(words: &str, ranges: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(words.len());
    let mut from = 0;
    for range in ranges {
        if range.start < from || words.get(range.clone()).is_none() {
            continue;
        }
        masked.push_str(words.get(from..range.start).unwrap_or_default());
        masked.push_str(MASK);
        from = range.end;
    }
    masked.push_str(words.get(from..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(role: Role, name: &str) -> Party {
        Party { id: "p".into(), role, name: name.into(), school: String::new(), account: None, section: None }
    }

    fn masked(words: &str, names: &[&str]) -> String {
        let parties: Vec<Party> = names.iter().map(|name| party(Role::Victim, name)).collect();
        apply(words, &suggest(words, &parties))
    }

    #[test]
    fn a_name_is_found_in_each_of_its_forms() {
        for (words, expected) in [
            ("青空 ひかりが泣いていた", "○○が泣いていた"),
            ("青空ひかりが泣いていた", "○○が泣いていた"),
            ("青空\u{3000}ひかりさんが", "○○が"),
            ("青空さんとひかりちゃん", "○○と○○"),
            ("ひかりが言った。青空は黙った。", "○○が言った。○○は黙った。"),
            ("だれの名前もない", "だれの名前もない"),
            ("", ""),
        ] {
            assert_eq!(masked(words, &["青空 ひかり"]), expected, "{words}");
            assert_eq!(masked(words, &["青空\u{3000}ひかり"]), expected, "{words}");
        }
    }

    #[test]
    fn a_single_letter_is_a_name_only_where_it_is_spoken_to() {
        assert_eq!(masked("空がきれいだった。空さんもいた。", &["森 空"]), "空がきれいだった。○○もいた。");
        assert_eq!(masked("森空がいた", &["森 空"]), "○○がいた");
        assert_eq!(masked("A君に言われた。Aクラス。", &["A"]), "○○に言われた。Aクラス。");
    }

    #[test]
    fn what_is_written_together_is_masked_once() {
        assert_eq!(masked("青空ひかり君", &["青空 ひかり", "ひかり"]), "○○");
        assert_eq!(masked("青空青空", &["青空"]), "○○○○");
    }

    #[test]
    fn schools_and_sections_are_no_persons() {
        let parties = [party(Role::School, "東小学校"), party(Role::Section, "学務課"), party(Role::Witness, " ")];
        assert!(suggest("東小学校の学務課で", &parties).is_empty());
    }

    #[test]
    fn ranges_that_do_not_fit_are_left_out() {
        assert_eq!(apply("あいう", &[1..3, 0..3, 0..6, 9..12]), "○○いう");
    }

    proptest::proptest! {
        /// No name stays, whatever stands around it, and ranges fit the words.
        #[test]
        fn no_name_stays(before in "[あ-ん ]{0,8}", after in "[あ-んさちくゃん]{0,8}") {
            let words = format!("{before}青空ひかり{after}");
            let parties = [party(Role::Accused, "青空 ひかり")];
            let out = apply(&words, &suggest(&words, &parties));
            proptest::prop_assert!(!out.contains("青空") && out.contains(MASK), "{}", out);
        }
    }
}
