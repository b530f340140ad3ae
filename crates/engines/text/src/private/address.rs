//! Numbers of houses and rooms, and postcodes.

use std::ops::Range;

use super::Kind;
use super::cells::{Cell, after_one_of, begins, end_of_digits, is_blank, is_hyphen, skip_blanks};
use super::keywords::{before, stands_before};
use crate::normal::{is_kana, is_kanji};

/// Words before numbers that are an address.
const HOME: [(&str, ()); 9] = [
    ("住所", ()),
    ("じゅうしょ", ()),
    ("住まい", ()),
    ("住んで", ()),
    ("自宅", ()),
    ("実家", ()),
    ("現住", ()),
    ("転居先", ()),
    ("引っ越し先", ()),
];

/// Parts of a place's name (地方自治法 and the names of 字).
const PLACE: &str = "都道府県市区町村郡字";

/// Ends of words after which numbers with hyphens are no house.
const NO_PLACE: [&str; 48] = [
    "質問", "問", "様式", "書式", "資料", "別紙", "別表", "図", "表", "項", "条", "章", "節", "第", "号", "番", "記事",
    "型", "版", "回答", "手続", "令和", "平成", "昭和", "大正", "年", "月", "日", "時", "分", "比", "点", "対", "回",
    "級", "類", "課", "係", "室", "館", "校", "階", "部", "局", "窓口", "線", "便", "棟",
];

/// Words after numbers that count something else.
const COUNTS: [&str; 36] = [
    "日",
    "人",
    "名",
    "回",
    "歳",
    "才",
    "時",
    "分",
    "秒",
    "円",
    "年",
    "月",
    "か月",
    "ヶ月",
    "カ月",
    "ヵ月",
    "枚",
    "個",
    "件",
    "つ",
    "本",
    "冊",
    "台",
    "階",
    "週",
    "%",
    "割",
    "倍",
    "度",
    "級",
    "通",
    "点",
    "番窓口",
    "号車",
    "番線",
    "cm",
];

/// The longest name of a building with its room, in cells.
const MAX_ROOM: usize = 30;

/// Postcodes (郵便番号): seven digits after 〒 or their name, or before the name of a place.
pub(super) fn postcodes(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        let begins_here = cells[at].digit.is_some() && (at == 0 || cells[at - 1].digit.is_none());
        let Some(end) = begins_here.then(|| postcode(cells, at)).flatten() else {
            at += 1;
            continue;
        };
        let marked = cells[..at].iter().rev().find(|cell| !is_blank(cell.c)).is_some_and(|cell| cell.c == '〒');
        let named = stands_before(cells, at, &[("郵便番号", ()), ("〒", ())]);
        if marked || named || (end - at > 7 && place_follows(cells, end)) {
            found.push((at..end, Kind::Address));
        }
        at = end;
    }
    found
}

/// The end of three and four digits with or without a hyphen.
fn postcode(cells: &[Cell], at: usize) -> Option<usize> {
    let first = end_of_digits(cells, at);
    match first - at {
        7 => Some(first),
        3 => {
            let from = skip_hyphen(cells, first)?;
            let end = end_of_digits(cells, from);
            (end - from == 4).then_some(end)
        }
        _ => None,
    }
}

/// Whether the name of a prefecture or municipality follows.
fn place_follows(cells: &[Cell], at: usize) -> bool {
    let from = skip_blanks(cells, at, 3);
    let name = cells[from..].iter().take(8).take_while(|cell| is_kanji(cell.c) || is_kana(cell.c));
    // At least a character before 市, so that 市役所 is none.
    name.skip(1).any(|cell| "都道府県市区郡".contains(cell.c))
}

/// The place after a hyphen or の, blanks around it included.
fn skip_hyphen(cells: &[Cell], at: usize) -> Option<usize> {
    let hyphen = skip_blanks(cells, at, 1);
    let is_one = cells.get(hyphen).is_some_and(|cell| is_hyphen(cell.c) || cell.c == 'の');
    is_one.then(|| skip_blanks(cells, hyphen + 1, 1))
}

pub(super) fn find(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        let end = end_of_number(cells, at);
        if end == at {
            at += 1;
            continue;
        }
        match house(cells, at) {
            Some(house) => {
                let house = room(cells, house).unwrap_or(house);
                found.push((at..house, Kind::Address));
                at = house;
            }
            None => at = end,
        }
    }
    found
}

/// The end of a number of at most four digits, 十二 and 百 included; `at` if there is none.
fn end_of_number(cells: &[Cell], at: usize) -> usize {
    at + cells[at.min(cells.len())..]
        .iter()
        .take_while(|cell| cell.digit.is_some() || "十百千".contains(cell.c))
        .count()
}

fn number(cells: &[Cell], at: usize) -> Option<usize> {
    let end = end_of_number(cells, at);
    (1..=5).contains(&(end - at)).then_some(end)
}

/// The end of a house's number that begins at `at`.
fn house(cells: &[Cell], at: usize) -> Option<usize> {
    // Numbers of houses begin with no 0; what does is a telephone number that stays.
    let first = number(cells, at).filter(|_| cells[at].digit != Some(0))?;
    if let Some(chome) = after_one_of(cells, first, &["丁目", "丁"]) {
        // 3丁目 and 3丁目12番 are blocks of many houses.
        let from = skip_blanks(cells, chome, 1);
        let from = if begins(cells, from, "の") { from + 1 } else { from };
        return numbered(cells, from).or_else(|| {
            let (end, parts) = hyphened(cells, from)?;
            (parts > 1 && !counts(cells, end)).then_some(end)
        });
    }
    let follows = at.checked_sub(1).map(|before| cells[before].c);
    if follows == Some('第') {
        return None;
    }
    if let Some(end) = numbered(cells, at) {
        return Some(end);
    }
    let (end, parts) = hyphened(cells, at)?;
    (!counts(cells, end) && is_after_place(cells, at, parts)).then_some(end)
}

/// 12番地, 12番地の5, 12番5号, 12番5, 12番の5.
fn numbered(cells: &[Cell], at: usize) -> Option<usize> {
    let first = number(cells, at)?;
    let (after, is_lot) = match after_one_of(cells, first, &["番地"]) {
        Some(after) => (after, true),
        None => (after_one_of(cells, first, &["番"])?, false),
    };
    let blank = skip_blanks(cells, after, 1);
    let from = skip_hyphen(cells, after).unwrap_or(blank);
    let Some((end, parts)) = hyphened(cells, from) else { return is_lot.then_some(after) };
    let is_house = cells[end - 1].c == '号' || parts > 1 || from != blank || at > 0 && cells[at - 1].c == '目';
    // 2番3号線 and 1番2人 are none.
    let is_other = counts(cells, end) || after_one_of(cells, end, &["線", "車", "機", "様式"]).is_some();
    match (is_house || is_lot) && !is_other {
        true => Some(end),
        false => is_lot.then_some(after),
    }
}

/// The end of 1-2-3 or 5号 and of how many numbers it is made, at most five.
fn hyphened(cells: &[Cell], at: usize) -> Option<(usize, usize)> {
    let mut end = number(cells, at)?;
    let mut parts = 1;
    while let Some(next) = skip_hyphen(cells, end).and_then(|from| number(cells, from)).filter(|_| parts < 5) {
        end = next;
        parts += 1;
    }
    let is_room = begins(cells, end, "号室");
    let end = if is_room { end } else { after_one_of(cells, end, &["号", "番地"]).unwrap_or(end) };
    Some((end, parts))
}

fn counts(cells: &[Cell], end: usize) -> bool {
    after_one_of(cells, end, &COUNTS).is_some()
}

/// Whether the name of a place stands before numbers with hyphens. The fewer numbers, the surer it must be.
fn is_after_place(cells: &[Cell], at: usize, parts: usize) -> bool {
    if parts < 2 || is_date(cells, at) {
        return false;
    }
    if stands_before(cells, at, &HOME) {
        return true;
    }
    let blanks = cells[..at].iter().rev().take(2).take_while(|cell| is_blank(cell.c)).count();
    let before_it = &cells[..at - blanks];
    let length = before_it.iter().rev().take(20).take_while(|cell| is_kanji(cell.c) || is_kana(cell.c)).count();
    let name: String = before_it[before_it.len() - length..].iter().map(|cell| cell.c).collect();
    if name.is_empty() || NO_PLACE.iter().any(|word| name.ends_with(word)) {
        return false;
    }
    let ends_as_place = name.ends_with(['町', '丁', '村', '字']);
    // 市役所 begins with 市 and is no place.
    let holds_place =
        name.chars().skip(1).any(|c| PLACE.contains(c)) && !name.contains("市役所") && !name.contains("役場");
    let is_home = !before(cells, at, &HOME).is_empty();
    let is_kanji_before = name.chars().next_back().is_some_and(is_kanji);
    // の and は after a place make another word of it: 市民会館は1-2-3.
    let is_particle = name.ends_with(['の', 'は', 'が', 'を', 'に', 'で', 'と', 'も', 'へ', 'や']);
    if parts == 2 {
        return ends_as_place || ((holds_place || is_home) && blanks == 0 && !is_particle);
    }
    is_kanji_before || ((holds_place || is_home) && !is_particle)
}

/// Whether a year stands first: 2026-11-28.
fn is_date(cells: &[Cell], at: usize) -> bool {
    let end = end_of_digits(cells, at);
    let year = cells[at..end].iter().filter_map(|cell| cell.digit).fold(0, |year, d| year * 10 + u32::from(d));
    end - at == 4 && (1900..=2100).contains(&year)
}

/// The end of the room after a house: コーポ…201号室.
fn room(cells: &[Cell], house: usize) -> Option<usize> {
    // Behind a blank stands a name; without one, syllables are the rest of the sentence: 1-2-3から201号室まで.
    let is_apart = cells.get(house).is_some_and(|cell| cell.c == ' ');
    let fits = |c: char| {
        let is_name = is_kanji(c)
            || (is_apart && is_kana(c))
            || matches!(c, 'ァ'..='ヺ' | 'ー' | 'の' | '・')
            || c.is_ascii_alphanumeric();
        is_name || is_hyphen(c) || c == ' '
    };
    let reach = cells[house..].iter().take(MAX_ROOM).take_while(|cell| fits(cell.c) || cell.digit.is_some()).count();
    let rooms = house..house + reach;
    rooms.into_iter().find(|at| begins(cells, *at, "号室") && *at > 0 && cells[at - 1].digit.is_some()).map(|at| at + 2)
}
