//! Writing and reading dates in Japanese eras (和暦).

use jiff::civil::Date;
use thiserror::Error;

use crate::era::{Era, Wareki};

/// Why a text is no date in a Japanese era; each displays as a Japanese
/// sentence that can be shown to whoever typed it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum WarekiError {
    /// Nothing was entered.
    #[error("日付が入力されていません。")]
    Empty,
    /// The text does not start with an era.
    #[error("元号が読み取れません。「令和8年11月23日」または「R8.11.23」のように、元号から入力してください。")]
    UnknownEra,
    /// A number is missing or too long.
    #[error("{part}の数字が読み取れません。「令和8年11月23日」のように入力してください。")]
    NoNumber {
        /// The part that could not be read: 年, 月 or 日.
        part: &'static str,
    },
    /// The date is followed by something else.
    #[error("日付の後に余分な文字「{rest}」があります。")]
    Trailing {
        /// What follows.
        rest: String,
    },
    /// The calendar has no such day, as in 令和8年2月30日.
    #[error("{entered}という日はありません。")]
    NoSuchDay {
        /// The date as understood.
        entered: String,
    },
    /// The day exists, but lies outside the era, as in 昭和64年2月1日.
    #[error("{entered}は{era}の期間にありません。{}", hint(.correct))]
    OutsideEra {
        /// The date as understood.
        entered: String,
        /// The era that was given.
        era: Era,
        /// The same day in the era it belongs to; `None` before 明治.
        correct: Option<String>,
    },
}

fn hint(correct: &Option<String>) -> String {
    let ask = |date| format!("正しくは{date}ではありませんか。");
    correct.as_ref().map(ask).unwrap_or_default()
}

/// Writes a date in its era: 「令和8年11月23日」, 「令和元年5月1日」.
///
/// Dates before 明治 (1868-01-25) are written in the Gregorian calendar:
/// 「1867年11月9日」. Until 1872-12-31 (明治5年12月2日) Japan used a lunisolar
/// calendar; for those years month and day are the Gregorian ones, as usual in
/// computing, and not those that documents of the time bear.
pub fn format_wareki(date: Date) -> String {
    match Wareki::of(date) {
        Some(wareki) => format!("{wareki}{}月{}日", date.month(), date.day()),
        None => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// Reads a date in an era: 「令和8年11月23日」, 「令和元年5月1日」, 「R8.11.23」,
/// also with `/` or `-`, spaces, small letters, full-width characters (全角),
/// the era in one character (「令8.11.23」, 「㋿8年11月23日」).
///
/// 明治45年7月30日 and 大正15年12月25日 are read although the next era began on
/// that day. For 明治1年 to 明治5年 see [`format_wareki`].
///
/// # Errors
///
/// [`WarekiError`], which says in Japanese what is wrong.
pub fn parse_wareki(text: &str) -> Result<Date, WarekiError> {
    let plain = half_width(text);
    let mut rest = plain.trim();
    if rest.is_empty() {
        return Err(WarekiError::Empty);
    }
    let era = take_era(&mut rest).ok_or(WarekiError::UnknownEra)?;
    let year = take_number(&mut rest, "元").ok_or(WarekiError::NoNumber { part: "年" })?;
    take_separator(&mut rest, '年');
    let month = take_number(&mut rest, "").ok_or(WarekiError::NoNumber { part: "月" })?;
    take_separator(&mut rest, '月');
    let day = take_number(&mut rest, "").ok_or(WarekiError::NoNumber { part: "日" })?;
    rest = rest.trim_start();
    rest = rest.strip_prefix('日').unwrap_or(rest).trim_start();
    if !rest.is_empty() {
        let rest = rest.to_owned();
        return Err(WarekiError::Trailing { rest });
    }

    let wareki = Wareki { era, year };
    let entered = format!("{wareki}{month}月{day}日");
    let Some(date) = civil(wareki, month, day) else {
        return Err(WarekiError::NoSuchDay { entered });
    };
    if !era.covers(date) {
        let correct = Era::of(date).map(|_| format_wareki(date));
        return Err(WarekiError::OutsideEra { entered, era, correct });
    }
    Ok(date)
}

fn civil(wareki: Wareki, month: u16, day: u16) -> Option<Date> {
    let month = i8::try_from(month).ok()?;
    let day = i8::try_from(day).ok()?;
    Date::new(wareki.gregorian_year()?, month, day).ok()
}

/// Folds full-width letters, digits and signs, and the square era characters.
fn half_width(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // The full-width forms repeat ASCII at a fixed distance.
            '\u{FF01}'..='\u{FF5E}' => plain.extend(char::from_u32(c as u32 - 0xFEE0)),
            '\u{3000}' => plain.push(' '),
            '㍾' => plain.push_str("明治"),
            '㍽' => plain.push_str("大正"),
            '㍼' => plain.push_str("昭和"),
            '㍻' => plain.push_str("平成"),
            '㋿' => plain.push_str("令和"),
            _ => plain.push(c),
        }
    }
    plain
}

fn take_era(rest: &mut &str) -> Option<Era> {
    Era::ALL.into_iter().find_map(|era| {
        let name = era.name();
        let short = name.chars().next()?;
        let letter = era.letter();
        let after =
            rest.strip_prefix(name).or_else(|| rest.strip_prefix([short, letter, letter.to_ascii_lowercase()]))?;
        *rest = after;
        Some(era)
    })
}

/// Takes a number of one to four digits; the word `one` counts as 1.
fn take_number(rest: &mut &str, one: &str) -> Option<u16> {
    let trimmed = rest.trim_start();
    if let (false, Some(after)) = (one.is_empty(), trimmed.strip_prefix(one)) {
        *rest = after;
        return Some(1);
    }
    let after = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &trimmed[..trimmed.len() - after.len()];
    if digits.len() > 4 {
        return None;
    }
    let number = digits.parse().ok()?;
    *rest = after;
    Some(number)
}

/// Takes `word` or one of the signs that stand for it, if there is one; if not,
/// the number that must follow is what is missed.
fn take_separator(rest: &mut &str, word: char) {
    let trimmed = rest.trim_start();
    *rest = trimmed.strip_prefix([word, '.', '/', '-', '・']).unwrap_or(trimmed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn formats() {
        assert_eq!(format_wareki(date(2026, 11, 23)), "令和8年11月23日");
        assert_eq!(format_wareki(date(2019, 5, 1)), "令和元年5月1日");
        assert_eq!(format_wareki(date(2019, 4, 30)), "平成31年4月30日");
        assert_eq!(format_wareki(date(1926, 12, 25)), "昭和元年12月25日");
        assert_eq!(format_wareki(date(1867, 11, 9)), "1867年11月9日");
    }

    #[test]
    fn reads_many_spellings() {
        for text in [
            "令和8年11月23日",
            "令和８年１１月２３日",
            "R8.11.23",
            "r8/11/23",
            "Ｒ８．１１．２３",
            "R08-11-23",
            "令8.11.23",
            "㋿8年11月23日",
            "  令和 8 年 11 月 23 日 ",
            "令和　８年　１１月２３日",
            "令和8年11月23",
        ] {
            assert_eq!(parse_wareki(text), Ok(date(2026, 11, 23)), "{text}");
        }
        assert_eq!(parse_wareki("令和元年5月1日"), Ok(date(2019, 5, 1)));
        assert_eq!(parse_wareki("R元.5.1"), Ok(date(2019, 5, 1)));
        assert_eq!(parse_wareki("S39.10.10"), Ok(date(1964, 10, 10)));
        assert_eq!(parse_wareki("昭和64年1月7日"), Ok(date(1989, 1, 7)));
        assert_eq!(parse_wareki("明治45年7月30日"), Ok(date(1912, 7, 30)));
        assert_eq!(parse_wareki("大正15年12月25日"), Ok(date(1926, 12, 25)));
    }

    #[track_caller]
    fn refused(text: &str) -> String {
        parse_wareki(text).expect_err(text).to_string()
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(refused(" 　"), "日付が入力されていません。");
        assert!(refused("2026-11-23").starts_with("元号が読み取れません。"));
        assert!(refused("令和年11月23日").starts_with("年の数字が"));
        assert!(refused("令和8年").starts_with("月の数字が"));
        assert!(refused("R8.11").starts_with("日の数字が"));
        assert!(refused("R8.元.23").starts_with("月の数字が"));
        assert!(refused("R99999.1.1").starts_with("年の数字が"));
        assert_eq!(refused("令和8年2月30日"), "令和8年2月30日という日はありません。");
        assert_eq!(refused("R0.1.1"), "令和0年1月1日という日はありません。");
        assert_eq!(refused("R8.300.1"), "令和8年300月1日という日はありません。");
        assert_eq!(refused("令和8年11月23日(月)"), "日付の後に余分な文字「(月)」があります。");
    }

    #[test]
    fn corrects_the_era() {
        assert_eq!(
            refused("平成31年5月1日"),
            "平成31年5月1日は平成の期間にありません。正しくは令和元年5月1日ではありませんか。"
        );
        assert!(refused("S64.1.8").ends_with("正しくは平成元年1月8日ではありませんか。"));
        assert!(refused("R元.4.30").ends_with("正しくは平成31年4月30日ではありませんか。"));
        assert_eq!(refused("明治元年1月1日"), "明治元年1月1日は明治の期間にありません。");
    }
}
