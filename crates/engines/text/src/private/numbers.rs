//! Numbers by which persons are known: groups of digits with something between, of a length and with a check digit, or
//! after a word that says what they are.

use std::ops::Range;

use super::Kind;
use super::cells::{Cell, begins, end_of_digits, is_blank, is_hyphen};
use super::keywords::{Before, before};

/// What a word before a number announces.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Key {
    MyNumber,
    Licence,
    Card,
    /// A number of a business, which stays.
    Business,
    Phone,
    /// 口座番号, after which any account number stands.
    Account,
    /// 普通 and the like, which are also other words.
    AccountType,
    Pension,
    /// Other numbers of persons.
    Number,
}

const KEYS: [(&str, Key); 45] = [
    ("マイナンバー", Key::MyNumber),
    ("まいなんばー", Key::MyNumber),
    ("マイナ番号", Key::MyNumber),
    ("個人番号", Key::MyNumber),
    ("my number", Key::MyNumber),
    ("免許", Key::Licence),
    ("クレジット", Key::Card),
    ("クレカ", Key::Card),
    ("カード番号", Key::Card),
    ("カードの番号", Key::Card),
    ("法人番号", Key::Business),
    ("登録番号", Key::Business),
    ("事業者番号", Key::Business),
    ("インボイス", Key::Business),
    ("電話", Key::Phone),
    ("でんわ", Key::Phone),
    ("tel", Key::Phone),
    ("phone", Key::Phone),
    ("fax", Key::Phone),
    ("ファックス", Key::Phone),
    ("ファクス", Key::Phone),
    ("携帯", Key::Phone),
    ("ケータイ", Key::Phone),
    ("連絡先", Key::Phone),
    ("☎", Key::Phone),
    ("☏", Key::Phone),
    ("📞", Key::Phone),
    ("📱", Key::Phone),
    ("口座番号", Key::Account),
    ("通帳番号", Key::Account),
    ("口座", Key::AccountType),
    ("普通預金", Key::AccountType),
    ("普通", Key::AccountType),
    ("当座", Key::AccountType),
    ("貯金", Key::AccountType),
    ("年金番号", Key::Pension),
    ("年金手帳", Key::Pension),
    ("年金", Key::Pension),
    ("被保険者番号", Key::Number),
    ("記号番号", Key::Number),
    ("保険証", Key::Number),
    ("受給者番号", Key::Number),
    ("住民票コード", Key::Number),
    ("宛名番号", Key::Number),
    ("診察券", Key::Number),
];

/// Words after a number with which it counts something.
const UNITS: [&str; 16] = [
    "円",
    "人",
    "件",
    "個",
    "枚",
    "回",
    "世帯",
    "%",
    "ポイント",
    "番目",
    "歩",
    "キロ",
    "メートル",
    "トン",
    "ドル",
    "平方",
];

/// The longest number that is looked at, and the most cells between two groups of it.
const MAX_DIGITS: usize = 19;
const MAX_BETWEEN: usize = 4;

pub(super) fn find(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let groups = groups(cells);
    let mut found = postal_savings(cells, &groups);
    let mut at = 0;
    while at < groups.len() {
        if found.iter().any(|(range, _)| range.contains(&groups[at].start)) {
            at += 1;
            continue;
        }
        match longest(cells, &groups[at..]) {
            Some((range, Some(kind), length)) => {
                found.push((range, kind));
                at += length;
            }
            Some((_, None, length)) => at += length,
            None => at += 1,
        }
    }
    found
}

/// Digits without anything between.
fn groups(cells: &[Cell]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        let end = end_of_digits(cells, at);
        if end > at {
            groups.push(at..end);
        }
        at = end.max(at + 1);
    }
    groups
}

/// Whether what stands between two groups may stand inside a number.
fn joins(between: &[Cell]) -> bool {
    let joins = |c: char| is_blank(c) || is_hyphen(c) || ".・/()_".contains(c);
    between.len() <= MAX_BETWEEN && (between.iter().all(|cell| joins(cell.c)) || matches!(between, [c] if c.c == 'の'))
}

/// The longest number that begins with the first group: its place, what it is (`None`: one of a business), its groups.
fn longest(cells: &[Cell], groups: &[Range<usize>]) -> Option<(Range<usize>, Option<Kind>, usize)> {
    let keys = before(cells, groups[0].start, &KEYS);
    let mut number = Number::default();
    let mut best = None;
    for (i, group) in groups.iter().enumerate() {
        if i > 0 && !joins(&cells[groups[i - 1].end..group.start]) {
            break;
        }
        number.digits.extend(cells[group.clone()].iter().filter_map(|cell| cell.digit));
        number.sizes.push(group.len());
        if number.digits.len() > MAX_DIGITS {
            break;
        }
        let (start, end) = (groups[0].start, group.end);
        let place = Place { cells, start, end };
        let plus = place.previous() == Some('+');
        if let Some(kind) = number.kind(&place, &keys) {
            let start = if plus && kind == Some(Kind::Phone) { start - 1 } else { start };
            best = Some((start..end, kind, i + 1));
        }
    }
    best
}

/// 記号 and 番号 of the post office's bank: 5 digits, and after their own word 6 to 8 more.
fn postal_savings(cells: &[Cell], groups: &[Range<usize>]) -> Vec<(Range<usize>, Kind)> {
    let pairs = groups.windows(2).filter(|pair| {
        let between = &cells[pair[0].end..pair[1].start];
        let named = (0..between.len()).any(|i| begins(between, i, "番号"));
        let sizes = pair[0].len() == 5 && (6..=8).contains(&pair[1].len());
        let tight = |key: &Before<()>| key.is_tight;
        sizes && named && between.len() <= 6 && before(cells, pair[0].start, &[("記号", ())]).iter().any(tight)
    });
    pairs.map(|pair| (pair[0].start..pair[1].end, Kind::Account)).collect()
}

/// Where a number stands.
struct Place<'a> {
    cells: &'a [Cell],
    start: usize,
    end: usize,
}

impl Place<'_> {
    fn previous(&self) -> Option<char> {
        self.start.checked_sub(1).map(|before| self.cells[before].c)
    }

    fn counts(&self) -> bool {
        UNITS.iter().any(|unit| begins(self.cells, self.end, unit))
    }
}

/// A number: its digits, and how they are grouped.
#[derive(Default)]
struct Number {
    digits: Vec<u8>,
    sizes: Vec<usize>,
}

impl Number {
    /// What it is: `None` for nothing, `Some(None)` for a number of a business.
    fn kind(&self, place: &Place, keys: &[Before<Key>]) -> Option<Option<Kind>> {
        if self.is_for_businesses() {
            return Some(None);
        }
        if place.counts() {
            return None;
        }
        keys.iter()
            .find_map(|key| self.announced(*key, place))
            .or_else(|| self.is_phone(place).then_some(Some(Kind::Phone)))
            .or_else(|| self.checked(place).map(Some))
    }

    /// What the word before it says, if the number is of that kind.
    fn announced(&self, key: Before<Key>, place: &Place) -> Option<Option<Kind>> {
        let length = self.digits.len();
        let last = self.sizes.last().copied().unwrap_or_default();
        let is_phone = self.is_phone(place);
        let (fits, kind) = match key.what {
            Key::MyNumber => (length == 12, Kind::MyNumber),
            Key::Licence => (length == 12, Kind::Licence),
            Key::Card => (length >= 13, Kind::Card),
            Key::Business => return (length == 13).then_some(None),
            Key::Phone => {
                let is_local = (6..=11).contains(&length) && (self.sizes.len() == 1 || last == 4);
                (key.is_tight && is_local, Kind::Phone)
            }
            Key::Account => (key.is_tight && (6..=8).contains(&length), Kind::Account),
            Key::AccountType => (key.is_tight && length == 7 && self.sizes.len() == 1, Kind::Account),
            Key::Pension => (length == 10 && !is_phone, Kind::Pension),
            Key::Number => (key.is_tight && (6..=12).contains(&length) && !is_phone, Kind::Number),
        };
        fits.then_some(Some(kind))
    }

    /// What check digit and grouping say.
    fn checked(&self, place: &Place) -> Option<Kind> {
        let length = self.digits.len();
        let even = self.is_evenly_grouped();
        if length == 12 && even && is_my_number(&self.digits) {
            return Some(Kind::MyNumber);
        }
        let as_on_cards = even || matches!(self.sizes[..], [4, 6, 4 | 5]);
        // 2 to 6 are banks, trade and travel, 8 is used by UnionPay (ISO/IEC 7812-1). Thirteen digits are those of
        // businesses, but for old cards that begin with 4.
        let issued = matches!(self.digits[0], 2..=6 | 8);
        let old = self.digits[0] == 4 && !is_corporate(&self.digits) && place.previous() != Some('t');
        if as_on_cards && ((14..=19).contains(&length) && issued || length == 13 && old) && is_luhn(&self.digits) {
            return Some(Kind::Card);
        }
        let joined = self.sizes[..] == [4, 6] && is_hyphen(place.cells[place.start + 4].c);
        // 2026-001234 is the number of a case, and A-1234-567890 one of goods.
        let is_year = self.starts_with(&[1, 9]) || self.starts_with(&[2, 0]);
        let is_case = is_year || place.previous().is_some_and(is_hyphen);
        (joined && !is_case).then_some(Kind::Pension)
    }

    /// One group, groups of one size but for a shorter last one, or digit by digit.
    fn is_evenly_grouped(&self) -> bool {
        let first = self.sizes[0];
        let (last, others) = self.sizes.split_last().unwrap_or((&first, &[]));
        first != 2 && *last <= first && others.iter().all(|size| *size == first)
    }

    fn starts_with(&self, digits: &[u8]) -> bool {
        self.digits.starts_with(digits)
    }

    /// Telephone numbers that are let to businesses (付加的役務電話番号): 0120 and 0800, for which the called pays, 0170,
    /// 0180, 0570, 0990.
    fn is_for_businesses(&self) -> bool {
        let prefixes: [&[u8]; 5] = [&[0, 1, 2, 0], &[0, 1, 7, 0], &[0, 1, 8, 0], &[0, 5, 7, 0], &[0, 9, 9, 0]];
        match self.digits.len() {
            10 => prefixes.iter().any(|prefix| self.starts_with(prefix)),
            // Mobile numbers have no 0 after 080; but who writes 080-0… means one.
            11 => self.starts_with(&[0, 8, 0, 0]) && self.sizes[0] != 3,
            _ => false,
        }
    }

    /// A number of the Japanese or, after a `+`, of the world's telephones.
    fn is_phone(&self, place: &Place) -> bool {
        let length = self.digits.len();
        if place.previous() == Some('+') {
            return (8..=15).contains(&length);
        }
        if self.starts_with(&[8, 1]) && length == 12 {
            return matches!(self.digits[2..4], [5..=9, 0]) && !is_my_number(&self.digits);
        }
        if self.digits[0] != 0 {
            return false;
        }
        let last = self.sizes.last().copied().unwrap_or_default();
        match length {
            // Mobile, IP and radio (090, 080, 070, 060, 050, 020).
            11 => matches!(self.digits[1..3], [2 | 5..=9, 0]),
            // Area code, exchange, and four digits.
            10 => {
                self.digits[1] != 0 && (self.sizes.len() <= 2 || last == 4 || self.sizes.iter().all(|size| *size == 1))
            }
            _ => false,
        }
    }
}

/// Whether the last of 12 digits is the check digit of the others.
///
/// 行政手続における特定の個人を識別するための番号の利用等に関する法律施行令第8条, 平成26年総務省令第85号第5条: with the
/// eleven other digits `P1` to `P11` from the lowest place on, and `Qn = n + 1` for n to 6, `n − 5` from 7 on, it is
/// `11 − (Σ Pn·Qn mod 11)`, or 0 if the remainder is at most 1.
fn is_my_number(digits: &[u8]) -> bool {
    let [others @ .., check] = digits else { return false };
    let sum: u32 = others.iter().rev().zip(1..).map(|(p, n)| u32::from(*p) * if n <= 6 { n + 1 } else { n - 5 }).sum();
    let remainder = sum % 11;
    u32::from(*check) == if remainder <= 1 { 0 } else { 11 - remainder }
}

/// Whether the first of 13 digits is the check digit of a corporate number (法人番号).
///
/// 法人番号の指定等に関する省令 (平成26年財務省令第70号) 第2条: with the twelve other digits `P1` to `P12` from the lowest
/// place on, and `Qn` 1 for odd n and 2 for even, it is `9 − (Σ Pn·Qn mod 9)`.
fn is_corporate(digits: &[u8]) -> bool {
    let [check, others @ ..] = digits else { return false };
    let sum: u32 = others.iter().rev().zip(1..).map(|(p, n)| u32::from(*p) * if n % 2 == 1 { 1 } else { 2 }).sum();
    others.len() == 12 && u32::from(*check) == 9 - sum % 9
}

/// Whether the last digit is the check digit of the others: from the right every second one doubled, the digits of what
/// comes out added, and all of it divisible by 10 (ISO/IEC 7812-1, annex B).
fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, u32::from(*d)) {
            (0, d) => d,
            (_, d) if d > 4 => 2 * d - 9,
            (_, d) => 2 * d,
        })
        .sum();
    sum.is_multiple_of(10)
}
