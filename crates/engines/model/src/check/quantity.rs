//! Quantities of a text in one form: numbers in any script with what they count, dates, times, telephone numbers.
//!
//! Reply and source are read by the same rules, so that a rule that reads oddly reads both oddly.

use super::number::{self, kana_number, number, shown};
use super::plain::{plain, readings};
use super::units::{Bound, ENGLISH, MONTHS, NOT_AFTER_ONE, UNITS, bound};

/// A number with what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quantity {
    /// Canonical: digits without grouping; minutes of the day; `year-month-day` with gaps.
    pub(crate) value: String,
    /// Canonical counter; `時刻`, `日付`, `電話`, or empty.
    pub(crate) unit: String,
    /// 以内 and the like, and whether nothing else can be meant.
    pub(crate) bound: Option<(Bound, bool)>,
    /// Where it begins, in characters of the [`plain`] text.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// A year, month and day, a time, or another number; its length.
struct Found {
    value: String,
    unit: String,
    length: usize,
}

impl Found {
    fn new(value: impl Into<String>, unit: &str, length: usize) -> Self {
        Found { value: value.into(), unit: unit.to_owned(), length }
    }
}

/// All quantities of a text in any form.
pub(crate) fn quantities(text: &str) -> Vec<Quantity> {
    let mut found = scan(&plain(text));
    for reading in readings(text) {
        found.extend(scan(&reading));
    }
    found
}

/// Of each text that is the source of others also the parts of dates: who knows 3月15日 knows 15日.
pub(crate) fn with_parts(quantities: Vec<Quantity>) -> Vec<Quantity> {
    let mut out = Vec::with_capacity(quantities.len());
    for q in quantities {
        if q.unit == "日付" {
            let part = |value: String, unit: &str| Quantity { value, unit: unit.into(), ..q.clone() };
            let parts: Vec<&str> = q.value.split('-').collect();
            if let [year, month, day] = parts[..] {
                if !year.is_empty() {
                    out.push(part(year.into(), "年"));
                    out.push(part(format!("{year}-{month}-"), "日付"));
                }
                out.push(part(month.into(), "月"));
                if !day.is_empty() {
                    out.push(part(format!("-{month}-{day}"), "日付"));
                    out.push(part(day.into(), "日にち"));
                }
            }
        }
        out.push(q);
    }
    out
}

/// Whether a source (with parts) holds a quantity of a reply, bounds looked at.
pub(crate) fn holds(source: &[Quantity], q: &Quantity) -> bool {
    let same_unit = |s: &Quantity| s.unit == q.unit || (s.unit == "日にち" && q.unit == "日" && !is_strong(q));
    let same: Vec<&Quantity> = source.iter().filter(|s| s.value == q.value && same_unit(s)).collect();
    match q.bound {
        None => !same.is_empty(),
        Some((bound, true)) => same.iter().any(|s| s.bound.is_some_and(|(b, _)| b == bound)),
        // まで may be said of what has no bound, and not of what has another.
        Some((bound, false)) => same.iter().any(|s| s.bound.is_none_or(|(b, strong)| b == bound || !strong)),
    }
}

fn is_strong(q: &Quantity) -> bool {
    q.bound.is_some_and(|(_, strong)| strong)
}

fn scan(plain: &str) -> Vec<Quantity> {
    let chars: Vec<char> = plain.chars().collect();
    let mut out: Vec<Quantity> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let before = at.checked_sub(1).and_then(|n| chars.get(n)).copied();
        let found = telephone(rest)
            .or_else(|| written_date(rest))
            .or_else(|| clock(rest, before, &out, &chars))
            .or_else(|| letter_era(rest, before))
            .or_else(|| date(rest))
            .or_else(|| english_date(rest, &chars[..at]))
            .or_else(|| counted(rest, before))
            .or_else(|| english_number(rest, before))
            .or_else(|| kana_number(rest, before).map(|(value, unit, length)| Found::new(value, unit, length)))
            .or_else(|| foreign(rest));
        let Some(found) = found else {
            at += 1;
            continue;
        };
        let end = at + found.length;
        let left: String = chars[at.saturating_sub(14)..at].iter().collect();
        let right: String = chars[end..chars.len().min(end + 12)].iter().collect();
        let bound = bound(&left, &right);
        out.push(Quantity { value: found.value, unit: found.unit, bound, start: at, end });
        at = end;
    }
    out
}

fn text(chars: &[char], most: usize) -> String {
    chars.iter().take(most).collect()
}

/// Digits at the begin, at most `most` of them.
fn digits(chars: &[char], most: usize) -> Option<(u32, usize)> {
    let length = chars.iter().take(most + 1).take_while(|c| c.is_ascii_digit()).count();
    let value = text(chars, length).parse().ok()?;
    (1..=most).contains(&length).then_some((value, length))
}

/// 0123-45-6789, (0123)45-6789, +81 …: at least nine digits, or a 0 in front and a hyphen.
fn telephone(chars: &[char]) -> Option<Found> {
    if !matches!(chars.first()?, '0'..='9' | '+' | '(') {
        return None;
    }
    let (mut number, mut length, mut marks) = (String::new(), 0, 0);
    for (n, c) in chars.iter().enumerate() {
        match c {
            '0'..='9' => {
                number.push(*c);
                length = n + 1;
            }
            '-' | '(' | ')' | ' ' | '+' | '.' => {
                // A mark parts groups; two in a row, but for bracket and space, do not.
                if n > length + 1 {
                    break;
                }
                marks += usize::from(chars.get(n + 1).is_some_and(char::is_ascii_digit) && n > 0);
            }
            _ => break,
        }
    }
    let is_one = (number.len() >= 9 && (number.starts_with('0') || chars[0] == '+'))
        || (number.len() >= 6 && number.starts_with('0') && marks > 0);
    is_one.then(|| Found::new(number, "電話", length))
}

/// 2026-03-15, 2026/3/15, 3/15.
fn written_date(chars: &[char]) -> Option<Found> {
    let (first, length) = digits(chars, 4)?;
    let mark = *chars.get(length).filter(|c| matches!(c, '/' | '-' | '.'))?;
    let (second, more) = digits(&chars[length + 1..], 2)?;
    let mut end = length + 1 + more;
    let third = chars.get(end).filter(|c| **c == mark).and_then(|_| digits(&chars[end + 1..], 2));
    let value = match third {
        Some((day, more)) if length == 4 => {
            end += 1 + more;
            format!("{first}-{second}-{day}")
        }
        None if mark == '/' && (1..=12).contains(&first) && (1..=31).contains(&second) => format!("-{first}-{second}"),
        _ => return None,
    };
    Some(Found::new(value, "日付", end))
}

/// 8:45, 8時45分, 午後5時半, 5:15 p.m. as minutes of the day.
fn clock(chars: &[char], before: Option<char>, earlier: &[Quantity], all: &[char]) -> Option<Found> {
    let start = text(chars, 2);
    let marked = [("午前", 0), ("午後", 12), ("夜の", 12), ("夜", 12), ("朝の", 0), ("朝", 0), ("夕方", 12)];
    let (half, prefix) = marked
        .iter()
        .find(|(word, _)| start.starts_with(word))
        .map_or((None, 0), |(word, plus)| (Some(*plus), word.chars().count()));
    let n = number(&chars[prefix..]).filter(|n| n.scale_free().is_some_and(|v| v <= 30))?;
    let hour = u32::try_from(n.scale_free()?).ok()?;
    let at = prefix + n.length;
    let is_one = n.length == 1 && chars[prefix] == '一';
    let (minute, mut end) = match (chars.get(at)?, chars.get(at + 1)) {
        (':', _) => {
            let (minute, length) = digits(&chars[at + 1..], 2).filter(|(_, length)| *length == 2)?;
            (minute, at + 1 + length)
        }
        ('時', Some('間' | '代' | '期' | '点' | '保')) => return None,
        ('時', _) if is_one && prefix == 0 && !matches!(chars.get(at + 1), Some('半' | 'か' | 'ま' | 'に' | '以')) =>
        {
            return None;
        }
        ('時', Some('半')) => (30, at + 2),
        ('時', _) => match number(&chars[at + 1..]) {
            Some(m) if chars.get(at + 1 + m.length) == Some(&'分') => {
                (u32::try_from(m.scale_free()?).ok()?, at + 2 + m.length)
            }
            _ => (0, at + 1),
        },
        _ => {
            // 5 p.m., 5pm.
            let tail = text(&chars[at..], 6).replace('.', "");
            if !tail.trim_start().starts_with("am") && !tail.trim_start().starts_with("pm") {
                return None;
            }
            (0, at)
        }
    };
    let tail = text(&chars[end..], 5);
    let half = half.or_else(|| {
        let word = tail.trim_start().replace('.', "");
        let found = [("pm", 12), ("am", 0)].into_iter().find(|(w, _)| word.starts_with(w));
        let (_, plus) = found?;
        let space = usize::from(tail.starts_with(' '));
        end += space + if tail[space..].starts_with("p.m.") || tail[space..].starts_with("a.m.") { 4 } else { 2 };
        Some(plus)
    });
    // 午後1時から5時: the second belongs to the same half.
    let carried = half.is_none() && !before.is_some_and(|c| c.is_ascii_digit()) && hour < 12 && {
        let here = all.len() - chars.len();
        earlier.last().is_some_and(|q| {
            let between: String = all[q.end.min(here)..here].iter().collect();
            q.unit == "時刻"
                && all[q.start..q.end].starts_with(&['午', '後'])
                && ["から", "~", "-"].contains(&between.as_str())
        })
    };
    let plus = if carried { 12 } else { half.unwrap_or(0) };
    let hour = if plus == 12 && hour < 12 { hour + 12 } else { hour };
    Some(Found::new((hour * 60 + minute).to_string(), "時刻", end.min(chars.len())))
}

/// 令和8年3月15日, 2026年3月, 3月15日. A year or a month alone is an ordinary count.
fn date(chars: &[char]) -> Option<Found> {
    let eras = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("明治", 1867)];
    let start = text(chars, 2);
    let era = eras.iter().find(|(name, _)| start == *name);
    let (prefix, base) = era.map_or((0, 0), |(_, base)| (2, *base));
    let year = match chars.get(prefix) {
        Some('元') if prefix > 0 => Some((1, 1)),
        _ => number(&chars[prefix..]).and_then(|n| Some((n.scale_free()?, n.length))),
    };
    let mut at = 0;
    let mut shown_year = None;
    if let Some((n, length)) = year {
        let after = chars.get(prefix + length);
        if after == Some(&'年') && (prefix > 0 || n >= 1000) {
            shown_year = Some(n + base);
            at = prefix + length + 1;
        } else if prefix > 0 {
            return None;
        }
    }
    if shown_year.is_some() && chars.get(at) == Some(&'度') {
        return Some(Found::new(shown_year?.to_string(), "年度", at + 1));
    }
    let part = |at: usize, mark: char, most: u128| {
        let n = number(&chars[at.min(chars.len())..])?;
        let value = n.scale_free().filter(|v| (1..=most).contains(v))?;
        (chars.get(at + n.length) == Some(&mark)).then_some((value, at + n.length + 1))
    };
    let month = part(at, '月', 12).filter(|(_, end)| chars.get(*end) != Some(&'分'));
    match (shown_year, month) {
        (Some(year), None) => Some(Found::new(year.to_string(), "年", at)),
        (year, Some((month, end))) => {
            let year = year.map(|y| y.to_string()).unwrap_or_default();
            match part(end, '日', 31) {
                Some((day, end)) => Some(Found::new(format!("{year}-{month}-{day}"), "日付", end)),
                None if year.is_empty() => Some(Found::new(month.to_string(), "月", end)),
                None => Some(Found::new(format!("{year}-{month}-"), "日付", end)),
            }
        }
        (None, None) => None,
    }
}

/// R8.3.15: the era by its letter.
fn letter_era(chars: &[char], before: Option<char>) -> Option<Found> {
    let eras = [('r', 2018), ('h', 1988), ('s', 1925)];
    let (_, base) = eras.iter().find(|(letter, _)| chars.first() == Some(letter))?;
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut at = 1;
    let mut parts = [0; 3];
    for (n, part) in parts.iter_mut().enumerate() {
        if n > 0 {
            chars.get(at).filter(|c| matches!(c, '.' | '/' | '-'))?;
            at += 1;
        }
        let (value, length) = digits(&chars[at..], 2)?;
        *part = value;
        at += length;
    }
    let [year, month, day] = parts;
    Some(Found::new(format!("{}-{month}-{day}", year + base), "日付", at))
}

/// March 15, 15 March, March.
fn english_date(chars: &[char], before: &[char]) -> Option<Found> {
    if before.last().is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let day_first = digits(chars, 2).and_then(|(day, length)| {
        let tail = text(&chars[length..], 8);
        let gap = ["th of ", "st of ", "nd of ", "rd of ", "th ", "st ", "nd ", "rd ", " "];
        let gap = gap.iter().find(|g| tail.starts_with(*g))?.len();
        Some((day, month_name(&chars[length + gap..])?, length + gap))
    });
    if let Some((day, (month, word), skipped)) = day_first {
        return Some(Found::new(format!("-{month}-{day}"), "日付", skipped + word));
    }
    let (month, word) = month_name(chars)?;
    let after = &chars[word..];
    if let Some((day, length)) = after.strip_prefix(&[' ']).and_then(|rest| digits(rest, 2)) {
        let mut end = word + 1 + length;
        let tail = text(&chars[end..], 2);
        if ["th", "st", "nd", "rd"].contains(&tail.as_str()) {
            end += 2;
        }
        let comma = text(&chars[end..], 2);
        let year = if comma == ", " { digits(&chars[end + 2..], 4).filter(|(_, l)| *l == 4) } else { None };
        let (year, more) = year.map_or((String::new(), 0), |(y, l)| (y.to_string(), l + 2));
        return Some(Found::new(format!("{year}-{month}-{day}"), "日付", end + more));
    }
    let left: String = before.iter().rev().take(8).rev().collect();
    let is_month = month != 5
        || ["in ", "of ", "until ", "from ", "by ", "and ", "late ", "early "].iter().any(|w| left.ends_with(w));
    is_month.then(|| Found::new(month.to_string(), "月", word))
}

fn month_name(chars: &[char]) -> Option<(usize, usize)> {
    let start = text(chars, 9);
    let n = MONTHS.iter().position(|name| start.starts_with(name))?;
    let length = MONTHS[n].len();
    let ends = chars.get(length).is_none_or(|c| !c.is_ascii_alphanumeric());
    ends.then_some((n + 1, length))
}

/// A number with its counter.
fn counted(chars: &[char], before: Option<char>) -> Option<Found> {
    let money = usize::from(matches!(chars.first()?, '¥' | '\\' | '$'));
    let n = number(&chars[money..])?;
    let length = money + n.length;
    let after = &chars[length..];
    let start = text(after, 7);
    let listed = UNITS.iter().find(|(word, _)| start.starts_with(word));
    if !chars[money].is_ascii_digit()
        && !number::is_kanji_number(chars, n.length, before, listed.map(|(w, _)| *w), NOT_AFTER_ONE)
    {
        return None;
    }
    if money == 1 {
        return Some(Found::new(shown(n.value), if chars[0] == '$' { "ドル" } else { "円" }, length));
    }
    let (unit, more) = match listed {
        // m and l are words only if no letter follows.
        Some((word, unit)) if !word.is_ascii() || !after.get(word.len()).is_some_and(char::is_ascii_alphabetic) => {
            ((*unit).to_owned(), word.chars().count())
        }
        _ => english_unit(after).unwrap_or_else(|| match after.first() {
            Some(c) if text::normal::is_kanji(*c) => (c.to_string(), 1),
            _ => (String::new(), 0),
        }),
    };
    Some(Found::new(shown(n.value), &unit, length + more))
}

/// The counter after an English number: ` days`, `-day`, `th floor`.
fn english_unit(after: &[char]) -> Option<(String, usize)> {
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|o| text(after, 2) == *o);
    let skipped = if ordinal { 2 } else { 0 };
    let gap = usize::from(matches!(after.get(skipped), Some(' ' | '-')));
    let rest = &after[skipped + gap..];
    let word: String = rest.iter().take_while(|c| c.is_ascii_alphabetic()).collect();
    let single = |w: &str| match w.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => w.strip_suffix('s').unwrap_or(w).to_owned(),
    };
    let one = single(&word);
    let unit = ENGLISH.iter().find(|(w, _)| *w == one || *w == word);
    match unit {
        Some((_, unit)) => Some(((*unit).to_owned(), skipped + gap + word.len())),
        None if ordinal => Some((String::new(), 2)),
        None => None,
    }
}

/// fourteen days, two hundred yen: only with a counter, since one and second are also other words.
fn english_number(chars: &[char], before: Option<char>) -> Option<Found> {
    if !chars.first()?.is_ascii_alphabetic() || before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (value, length) = number::english(chars)?;
    let (unit, more) = english_unit(&chars[length..])?;
    Some(Found::new(value.to_string(), &unit, length + more))
}

/// A digit of another script, as it stands.
fn foreign(chars: &[char]) -> Option<Found> {
    let length = chars.iter().take_while(|c| c.is_numeric() && !c.is_ascii_digit() && **c != '〇').count();
    (length > 0).then(|| Found::new(text(chars, length), "他の文字", length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        quantities(text).into_iter().map(|q| (q.value, q.unit)).collect()
    }

    #[test]
    fn the_same_quantity_has_one_form() {
        for same in [
            &["午後5時15分", "17時15分", "17:15", "5:15 p.m.", "１７：１５", "十七時十五分"][..],
            &["令和8年3月15日", "2026年3月15日", "二〇二六年三月十五日", "2026-03-15", "R8.3.15"],
            &["3月15日", "三月十五日", "March 15", "15 March", "3/15"],
            &["1万2千円", "12,000円", "一万二千円", "1.2万円", "¥12,000", "12,000 yen", "いちまんにせんえん"],
            &["14日間", "14 days", "十四日", "fourteen days", "14日(か)"],
            &["0123-45-6789", "(0123)45-6789", "０１２３－４５－６７８９"],
            &["50%", "50パーセント", "fifty percent"],
        ] {
            for text in same {
                assert_eq!(read(text), read(same[0]), "{text}");
                assert_eq!(read(text).len(), 1, "{text}");
            }
        }
    }

    #[test]
    fn words_that_begin_like_numbers_are_none() {
        for text in
            ["一般の方", "一部の方", "十分な広さ", "万一のとき", "四季", "一時保育", "しえんを受ける", "You may come."]
        {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn bounds_tell_apart() {
        let source = with_parts(quantities("届け出は14日以内、期限は3月15日まで。"));
        let holds = |text: &str| quantities(text).iter().all(|q| holds(&source, q));
        for text in ["14日", "14日以内", "14日までに", "3月15日", "15日まで", "within 14 days"] {
            assert!(holds(text), "{text}");
        }
        for text in ["14日以上", "14日前", "14日後", "14か月", "15日以内", "4月15日", "令和8年3月15日", "over 14 days"]
        {
            assert!(!holds(text), "{text}");
        }
    }
}
