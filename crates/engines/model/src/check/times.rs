//! Words of time and days of the week.

use super::ground::Piece;
use super::plain::plain;

/// Words of time that bind as a number does.
const TIMES: &[&str] = &[
    "毎日",
    "毎週",
    "毎月",
    "毎年",
    "隔週",
    "年中無休",
    "いつでも",
    "休日",
    "祝日",
    "土日",
    "平日",
    "週末",
    "年末年始",
    "夜間",
    "深夜",
    "早朝",
    "午前中",
    "当日",
    "翌日",
    "翌月",
    "翌年",
    "翌々",
    "前日",
    "今日",
    "明日",
    "明後日",
    "本日",
    "今週",
    "来週",
    "今月",
    "来月",
    "今年",
    "来年",
    "月末",
    "年度末",
    "月初",
    "半年",
    "半月",
    "半日",
    "半額",
    "半分",
    "全額",
    "倍額",
    "数日",
    "数年",
    "数回",
    "数週間",
    "数か月",
    "数千",
    "数万",
    "数百",
    "数十",
    "お盆",
    "夏休み",
    "ゴールデンウィーク",
    "即日",
    "無期限",
    "定休日",
    "every day",
    "every week",
    "weekend",
    "holiday",
    "tomorrow",
    "today",
    "half",
    "double",
    "next week",
    "next month",
    "24/7",
    "all day",
    "midnight",
    "twice",
    "dozen",
];

const WEEKDAYS: [(char, &str); 7] = [
    ('月', "monday"),
    ('火', "tuesday"),
    ('水', "wednesday"),
    ('木', "thursday"),
    ('金', "friday"),
    ('土', "saturday"),
    ('日', "sunday"),
];

/// Words of time and days of the week that no piece holds.
pub(crate) fn invented(sentence: &str, pieces: &[&Piece]) -> Vec<String> {
    let plain_text = plain(sentence);
    let holds = |word: &str| pieces.iter().any(|p| p.plain.contains(word));
    let mut out: Vec<String> =
        TIMES.iter().filter(|word| contains_word(&plain_text, word) && !holds(word)).map(|w| (*w).to_owned()).collect();
    let known: Vec<usize> = pieces.iter().flat_map(|p| weekdays(&p.plain)).collect();
    out.extend(weekdays(&plain_text).into_iter().filter(|d| !known.contains(d)).map(|d| WEEKDAYS[d].1.to_owned()));
    // Monday to Friday is how others say 平日.
    let workdays = pieces.iter().any(|p| p.plain.contains("平日") || p.plain.contains("weekday"));
    out.retain(|word| !(workdays && ["monday", "friday"].contains(&word.as_str())));
    let both = weekdays(&plain_text);
    out.retain(|word| !(word == "平日" && both.is_empty() && known.contains(&0) && known.contains(&4)));
    out
}

/// An English word only as a whole.
fn contains_word(text: &str, word: &str) -> bool {
    let whole = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphabetic());
        let after = text[at + word.len()..].trim_start_matches('s').starts_with(|c: char| c.is_ascii_alphabetic());
        !before && !after
    };
    text.match_indices(word).any(|(at, _)| !word.is_ascii() || whole(at))
}

/// Days of the week by number, Monday 0: 月曜, (月), 月・水, Monday.
fn weekdays(plain: &str) -> Vec<usize> {
    let chars: Vec<char> = plain.chars().collect();
    let mark = |c: Option<&char>| matches!(c, Some('(' | ')' | '・' | '~' | '-' | '、' | ',' | '/'));
    let mut out = Vec::new();
    for (n, c) in chars.iter().enumerate() {
        let Some(day) = WEEKDAYS.iter().position(|(kanji, _)| kanji == c) else { continue };
        let before = n.checked_sub(1).and_then(|n| chars.get(n));
        let next = chars.get(n + 1);
        let named = next == Some(&'曜');
        // 土・日 and (月) are days; 3月・4月 are not.
        let marked = mark(before) && mark(next);
        let in_row = (mark(next)
            && chars.get(n + 2).is_some_and(|c| is_day(*c))
            && (mark(chars.get(n + 3)) || chars.get(n + 3) == Some(&'曜')))
            && !before.is_some_and(char::is_ascii_digit);
        if named || marked || in_row {
            out.push(day);
        }
    }
    for (day, (_, name)) in WEEKDAYS.iter().enumerate() {
        if contains_word(plain, name) {
            out.push(day);
        }
    }
    out
}

fn is_day(c: char) -> bool {
    WEEKDAYS.iter().any(|(kanji, _)| *kanji == c)
}

/// Whether a word is the English name of a day.
pub(crate) fn is_weekday(word: &str) -> bool {
    WEEKDAYS.iter().any(|(_, name)| *name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_are_told_from_months() {
        assert_eq!(weekdays("月曜日から金曜日"), [0, 4]);
        assert_eq!(weekdays("(土)・(日)"), [5, 6]);
        assert_eq!(weekdays("3月・4月は15日(日)"), [6]);
        assert_eq!(weekdays("monday to fridays"), [0, 4]);
        assert!(weekdays("6月・8月・10月").is_empty());
    }
}
