//! Papers with letters in their numbers, dates of birth, and names that the text says are some.

use std::ops::Range;

use super::Kind;
use super::cells::{Cell, after_one_of, begins, end_of_digits, is_blank, is_hyphen, skip_blanks};
use super::keywords::{before, stands_before};
use crate::normal::{is_kana, is_kanji};

const PASSPORT: [(&str, ()); 3] = [("旅券", ()), ("パスポート", ()), ("passport", ())];
const BIRTH: [(&str, ()); 7] = [
    ("生年月日", ()),
    ("誕生日", ()),
    ("出生日", ()),
    ("生まれた日", ()),
    ("birthday", ()),
    ("date of birth", ()),
    ("born on", ()),
];
const BORN: [&str; 5] = ["生まれ", "生れ", "うまれ", "出生", "誕生"];
const ERAS: [&str; 10] = ["明治", "大正", "昭和", "平成", "令和", "m", "t", "s", "h", "r"];

/// Numbers of residence cards and passports.
pub(super) fn documents(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        let starts = is_letter(cells, at) && (at == 0 || !is_letter(cells, at - 1));
        let document = starts.then(|| residence_card(cells, at).or_else(|| passport(cells, at))).flatten();
        let Some((end, kind)) = document else {
            at += 1;
            continue;
        };
        found.push((at..end, kind));
        at = end;
    }
    found
}

fn is_letter(cells: &[Cell], at: usize) -> bool {
    cells.get(at).is_some_and(|cell| cell.c.is_ascii_alphabetic())
}

fn end_of_letters(cells: &[Cell], at: usize) -> usize {
    at + cells[at..].iter().take_while(|cell| cell.c.is_ascii_alphabetic()).count()
}

/// The place after a blank or hyphen, if there is one.
fn skip_sign(cells: &[Cell], at: usize) -> usize {
    at + usize::from(cells.get(at).is_some_and(|cell| is_blank(cell.c) || is_hyphen(cell.c)))
}

/// 出入国管理及び難民認定法第19条の4第2項 lets each card have a number; on the card it is two letters, eight digits and two
/// letters.
fn residence_card(cells: &[Cell], at: usize) -> Option<(usize, Kind)> {
    let digits = skip_sign(cells, after_count(at, end_of_letters(cells, at), 2..=2)?);
    let letters = skip_sign(cells, after_count(digits, end_of_digits(cells, digits), 8..=8)?);
    let end = after_count(letters, end_of_letters(cells, letters), 2..=2)?;
    end_of_word(cells, end).then_some((end, Kind::ResidenceCard))
}

/// Letters and digits after the word: two and seven for those of Japan, much alike elsewhere.
fn passport(cells: &[Cell], at: usize) -> Option<(usize, Kind)> {
    let digits = skip_sign(cells, after_count(at, end_of_letters(cells, at), 1..=3)?);
    let end = after_count(digits, end_of_digits(cells, digits), 6..=9)?;
    let is_announced = !before(cells, at, &PASSPORT).is_empty();
    (is_announced && end_of_word(cells, end)).then_some((end, Kind::Passport))
}

/// `end` if as many cells are before it.
fn after_count(from: usize, end: usize, count: std::ops::RangeInclusive<usize>) -> Option<usize> {
    count.contains(&(end - from)).then_some(end)
}

fn end_of_word(cells: &[Cell], end: usize) -> bool {
    !cells.get(end).is_some_and(|cell| cell.c.is_ascii_alphanumeric())
}

/// Dates of birth.
pub(super) fn births(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        let Some(date) = date(cells, at) else {
            at += 1;
            continue;
        };
        let is_born = date.is_sure && !ends_range(cells, at) && is_before_birth(cells, &date);
        let is_birth = is_born || stands_before(cells, at, &BIRTH);
        if is_birth {
            found.push((at..date.end, Kind::Birth));
        }
        at = date.end;
    }
    found
}

struct Date {
    end: usize,
    /// Whether it can be nothing but a date, not only digits that could be one.
    is_sure: bool,
    has_year: bool,
}

/// The date that begins at `at`.
fn date(cells: &[Cell], at: usize) -> Option<Date> {
    // Not in the middle of a number or word: s50.1.2 but not abcs50.1.2.
    let is_inside = at > 0 && (cells[at - 1].digit.is_some() || cells[at - 1].c.is_ascii_alphabetic());
    if is_inside {
        return None;
    }
    let era = after_one_of(cells, at, &ERAS);
    let from = era.map_or(at, |end| if begins(cells, end, ".") { end + 1 } else { end });
    if let Some(end) = with_words(cells, from) {
        return Some(Date { end, is_sure: true, has_year: true });
    }
    if let Some(end) = with_signs(cells, from, era.is_some()) {
        return Some(Date { end, is_sure: true, has_year: true });
    }
    if let Some(end) = month_and_day(cells, from).filter(|_| era.is_none()) {
        return Some(Date { end, is_sure: true, has_year: false });
    }
    let end = end_of_digits(cells, at);
    let year: u32 = cells[at..end].iter().take(4).filter_map(|cell| cell.digit).fold(0, |y, d| y * 10 + u32::from(d));
    (end - at == 8 && (1900..=2100).contains(&year)).then_some(Date { end, is_sure: false, has_year: true })
}

/// The end of a number of at most four digits, 十 included, and of the word after it.
fn counted(cells: &[Cell], at: usize, word: &str) -> Option<usize> {
    let at = skip_blanks(cells, at, 1);
    let length = cells[at..].iter().take(5).take_while(|cell| cell.digit.is_some() || cell.c == '十').count();
    let end = skip_blanks(cells, at + length, 1);
    ((1..=4).contains(&length) && begins(cells, end, word)).then(|| end + word.chars().count())
}

/// 昭和50年1月2日.
fn with_words(cells: &[Cell], at: usize) -> Option<usize> {
    let first = begins(cells, at, "元年").then_some(at + 2);
    let year = first.or_else(|| counted(cells, at, "年"))?;
    // 1975年(昭和50年)1月2日.
    let bracket = begins(cells, year, "(").then(|| cells[year..].iter().take(9).position(|cell| cell.c == ')'));
    month_and_day(cells, bracket.flatten().map_or(year, |end| year + end + 1))
}

fn month_and_day(cells: &[Cell], at: usize) -> Option<usize> {
    counted(cells, counted(cells, at, "月")?, "日")
}

/// 1975/1/2, S50.1.2, 1975-01-02.
fn with_signs(cells: &[Cell], at: usize, has_era: bool) -> Option<usize> {
    let sign = |at: usize| cells.get(at).is_some_and(|cell| is_hyphen(cell.c) || matches!(cell.c, '/' | '.'));
    let years = if has_era { 1..=2 } else { 4..=4 };
    let year = after_count(at, end_of_digits(cells, at), years).filter(|end| sign(*end))?;
    let month = after_count(year + 1, end_of_digits(cells, year + 1), 1..=2).filter(|end| sign(*end))?;
    after_count(month + 1, end_of_digits(cells, month + 1), 1..=2)
}

/// Whether the date ends a span of days, which is a rule: 4月2日～4月1日生まれ.
fn ends_range(cells: &[Cell], at: usize) -> bool {
    let from = cells[..at].iter().rev().find(|cell| !is_blank(cell.c)).map(|cell| cell.c);
    from.is_some_and(|c| "~〜∼".contains(c)) || (at >= 2 && begins(cells, at - 2, "から"))
}

/// Whether 生まれ follows: …に生まれ, …(土)生まれ; 4月1日までに生まれた is a rule.
fn is_before_birth(cells: &[Cell], date: &Date) -> bool {
    let mut at = skip_blanks(cells, date.end, 1);
    if begins(cells, at, "(") && begins(cells, at + 2, ")") {
        at += 3;
    }
    if after_one_of(cells, at, &BORN).is_some() {
        return true;
    }
    // 昭和50年1月2日生, but not 1月2日生活.
    let is_born = date.has_year && begins(cells, at, "生") && !cells.get(at + 1).is_some_and(|cell| is_kanji(cell.c));
    is_born || (begins(cells, at, "に") && after_one_of(cells, at + 1, &BORN).is_some())
}

/// Labels of a form after which, and a colon, a name stands.
const LABELS: [&str; 8] = ["氏名", "名前", "なまえ", "フリガナ", "ふりがな", "申請者", "世帯主", "保護者"];
/// Beginnings of a sentence in which somebody says who they are.
const SELF: [&str; 8] = ["名前は", "氏名は", "私は", "わたしは", "わたくしは", "わたくし、", "私、", "なまえは"];
/// Ends of such a sentence; です alone also ends others.
const CALLED: [&str; 5] = ["と申し", "ともうし", "といい", "と言い", "と云い"];
/// What stands after a label and is no name.
const NO_NAME: [&str; 10] = ["なし", "無し", "不明", "匿名", "未定", "別紙", "同上", "非公開", "秘密", "変更"];
/// Longest name, in cells.
const MAX_NAME: usize = 16;

/// Names, where the text leaves no doubt.
pub(super) fn names(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
    for at in 0..cells.len() {
        let name = labelled(cells, at).or_else(|| introduced(cells, at));
        let taken = found.last().map_or(0, |(range, _)| range.end);
        if let Some(range) = name.filter(|range| range.start >= taken) {
            found.push((range, Kind::Name));
        }
    }
    found
}

fn is_of_name(c: char) -> bool {
    is_kanji(c) || is_kana(c) || c.is_ascii_alphabetic() || matches!(c, '・' | '゛' | '゜')
}

/// The cells of a name from `at` on: one or two words, at most one blank between them.
fn end_of_name(cells: &[Cell], at: usize) -> usize {
    let word = |from: usize| from + cells[from..].iter().take_while(|cell| is_of_name(cell.c)).count();
    let first = word(at);
    let second = skip_blanks(cells, first, 1);
    let is_same_line = second > first && cells[first].c == ' ';
    if is_same_line { word(second).max(first) } else { first }
}

/// 氏名：… and 【氏名】… to the end of the line or to a sign.
fn labelled(cells: &[Cell], at: usize) -> Option<Range<usize>> {
    let label = skip_blanks(cells, after_one_of(cells, at, &LABELS)?, 2);
    let from = skip_blanks(cells, after_one_of(cells, label, &[":", "=", "】", "]:", "]", "」"])?, 2);
    let mut end = end_of_name(cells, from);
    // Two words of which the second is the next label.
    let blank = (from..end).find(|i| is_blank(cells[*i].c));
    if let Some(blank) = blank.filter(|blank| after_one_of(cells, blank + 1, &NEXT).is_some()) {
        end = blank;
    }
    let is_written = (2..=MAX_NAME).contains(&(end - from)) && after_one_of(cells, from, &NO_NAME).is_none();
    let ends = cells.get(end).is_none_or(|cell| is_blank(cell.c) || "、。,.()/;".contains(cell.c));
    (is_written && ends && is_name(&cells[from..end])).then_some(from..end)
}

/// Whether what is written can be a name: 東京から来た has Chinese characters after syllables, a word of a name has not.
fn is_name(words: &[Cell]) -> bool {
    let is_one = |word: &[Cell]| {
        let syllables = word.iter().position(|cell| matches!(cell.c, 'ぁ'..='ゖ')).unwrap_or(word.len());
        !word[syllables..].iter().any(|cell| is_kanji(cell.c))
    };
    let says_more = words.iter().any(|cell| matches!(cell.c, 'を' | 'が' | 'で'));
    !says_more && words.split(|cell| cell.c == ' ').all(is_one)
}

/// Labels that follow a name on one line.
const NEXT: [&str; 8] = ["住所", "電話", "生年月日", "年齢", "性別", "tel", "連絡先", "メール"];

/// 私は…と申します.
fn introduced(cells: &[Cell], at: usize) -> Option<Range<usize>> {
    let from = skip_blanks(cells, after_one_of(cells, at, &SELF)?, 1);
    let from = from + usize::from(begins(cells, from, "、"));
    let end = (from..cells.len().min(from + MAX_NAME + 1)).find(|i| after_one_of(cells, *i, &CALLED).is_some())?;
    let name = &cells[from..end];
    let is_written = name.iter().all(|cell| is_of_name(cell.c) || cell.c == ' ') && end - from >= 2;
    let is_opinion = after_one_of(cells, from, &["いい", "よい", "何", "なん"]).is_some();
    (is_written && is_name(name) && !is_opinion).then_some(from..end)
}
