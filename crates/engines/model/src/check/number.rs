//! Numbers in digits, kanji, kana and English words.

use super::units::ENGLISH_NUMBERS;

/// Values are counted in millionths, so that 2.5万 and 25,000 are the same.
const MILLION: u128 = 1_000_000;

/// A number at the begin of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    /// In millionths.
    pub(crate) value: u128,
    /// Characters.
    pub(crate) length: usize,
}

impl Number {
    /// The value, if it is a whole number.
    pub(crate) fn scale_free(&self) -> Option<u128> {
        self.value.is_multiple_of(MILLION).then_some(self.value / MILLION)
    }
}

/// Without trailing zeros.
pub(crate) fn shown(value: u128) -> String {
    let (whole, rest) = (value / MILLION, value % MILLION);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:06}").trim_end_matches('0').to_owned() }
}

const fn digit(c: char) -> Option<u128> {
    Some(match c {
        '0'..='9' => c as u128 - '0' as u128,
        '〇' | '零' => 0,
        '一' | '壱' | '壹' => 1,
        '二' | '弐' | '貳' => 2,
        '三' | '参' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

const fn unit(c: char) -> Option<u128> {
    Some(match c {
        '十' | '拾' => 10,
        '百' => 100,
        '千' => 1_000,
        _ => return None,
    })
}

const fn large(c: char) -> Option<u128> {
    Some(match c {
        '万' | '萬' => 10_000,
        '億' => 100_000_000,
        '兆' => 1_000_000_000_000,
        _ => return None,
    })
}

/// The number with which a text begins: 1,500, 千五百, 3千, 1.5万, 二〇二六. One too large to be told is `None`.
pub(crate) fn number(chars: &[char]) -> Option<Number> {
    let (mut total, mut part, mut last) = (0u128, 0u128, None::<u128>);
    let (mut length, mut fraction) = (0, 0u32);
    while let Some(c) = chars.get(length) {
        let next = || chars.get(length + 1).is_some_and(char::is_ascii_digit);
        if let Some(d) = digit(*c) {
            if fraction > 0 {
                let step = MILLION.checked_div(10u128.checked_pow(fraction)?)?;
                last = Some(last?.checked_add(d * step)?);
                fraction += 1;
            } else {
                last = Some(last.unwrap_or(0).checked_mul(10)?.checked_add(d * MILLION)?);
            }
        } else if let Some(u) = unit(*c) {
            part = part.checked_add(last.take().unwrap_or(MILLION).checked_mul(u)?)?;
            fraction = 0;
        } else if let Some(u) = large(*c).filter(|_| length > 0) {
            total = total.checked_add(part.checked_add(last.take().unwrap_or(0))?.checked_mul(u)?)?;
            part = 0;
            fraction = 0;
        } else if *c == '.' && last.is_some() && fraction == 0 && next() {
            fraction = 1;
        } else if !(*c == ',' && last.is_some() && fraction == 0 && is_grouping(&chars[length..])) {
            break;
        }
        length += 1;
    }
    let value = total.checked_add(part)?.checked_add(last.unwrap_or(0))?;
    (length > 0).then_some(Number { value, length })
}

/// Whether a comma parts thousands: exactly three digits follow.
fn is_grouping(chars: &[char]) -> bool {
    chars[1..].iter().take_while(|c| c.is_ascii_digit()).count() == 3
}

/// Words that begin like a number in kanji.
const WORDS: &[&str] = &[
    "一般",
    "一部",
    "一番",
    "一方",
    "一定",
    "一緒",
    "一覧",
    "一括",
    "一律",
    "一切",
    "一種",
    "一体",
    "一言",
    "一致",
    "一旦",
    "一応",
    "一層",
    "一生",
    "一家",
    "一見",
    "一戸",
    "一環",
    "一元",
    "一斉",
    "一連",
    "一因",
    "一様",
    "一新",
    "一目",
    "一気",
    "一瞬",
    "一通り",
    "一人暮らし",
    "一人ひとり",
    "万一",
    "万が一",
    "万全",
    "三者",
    "四季",
    "七五三",
    "八百屋",
    "二重",
    "二次",
    "三角",
    "六法",
    "千葉",
    "百貨",
    "十分な",
    "十分に",
    "十分で",
    "十二分",
    "二世帯",
    "一日も早",
    "一度",
    "一時的",
    "一時金",
    "一時保",
    "一時預",
    "一時停",
    "一つ",
    "一貫",
    "一挙",
    "一同",
    "一変",
    "一助",
    "一端",
];

/// Whether what reads as a number and does not begin with a digit is one: before a counter, behind 第, or of several
/// characters with 十, 百, 千, 万 among them.
pub(crate) fn is_kanji_number(
    chars: &[char],
    length: usize,
    before: Option<char>,
    counter: Option<&str>,
    not_after_one: &[&str],
) -> bool {
    let start: String = chars.iter().take(6).collect();
    if WORDS.iter().any(|word| start.starts_with(word)) {
        return false;
    }
    let long = length > 1 && chars[..length].iter().any(|c| unit(*c).is_some() || large(*c).is_some());
    let counts = counter.is_some_and(|word| length > 1 || chars[0] != '一' || !not_after_one.contains(&word));
    long || counts || length > 2 || before == Some('第')
}

/// An English number word with its length: fourteen, twenty-one, two hundred.
pub(crate) fn english(chars: &[char]) -> Option<(u32, usize)> {
    let (mut value, mut length, mut at) = (None::<u32>, 0, 0);
    loop {
        let word: String = chars[at..].iter().take_while(|c| c.is_ascii_alphabetic()).collect();
        let Some((_, n)) = ENGLISH_NUMBERS.iter().find(|(w, _)| *w == word) else { break };
        value = match (value, n) {
            (None, n) => Some(*n),
            (Some(v), 100 | 1000) => v.checked_mul(*n),
            (Some(v), n) => v.checked_add(*n),
        };
        length = at + word.len();
        match chars.get(length) {
            Some(' ' | '-') => at = length + 1,
            _ => break,
        }
    }
    Some((value?, length))
}

const KANA_DIGITS: &[(&str, u32)] = &[
    ("いっ", 1),
    ("いち", 1),
    ("に", 2),
    ("さん", 3),
    ("よん", 4),
    ("し", 4),
    ("ご", 5),
    ("ろっ", 6),
    ("ろく", 6),
    ("なな", 7),
    ("しち", 7),
    ("はっ", 8),
    ("はち", 8),
    ("きゅう", 9),
    ("く", 9),
];
const KANA_UNITS: &[(&str, u32)] = &[
    ("じゅう", 10),
    ("じゅっ", 10),
    ("ひゃく", 100),
    ("びゃく", 100),
    ("ぴゃく", 100),
    ("せん", 1_000),
    ("ぜん", 1_000),
    ("まん", 10_000),
];
const KANA_COUNTERS: &[(&str, &str)] = &[
    ("えん", "円"),
    ("ねん", "年"),
    ("かげつ", "か月"),
    ("がつ", "月"),
    ("にち", "日"),
    ("じかん", "時間"),
    ("ふん", "分"),
    ("ぷん", "分"),
    ("まい", "枚"),
    ("にん", "人"),
    ("さい", "歳"),
    ("ぱーせんと", "%"),
    ("しゅうかん", "週間"),
];
/// Days that are no number and にち; only before a word of time, since いつか and ようか are other words.
const KANA_DAYS: &[(&str, u32)] = &[
    ("ふつか", 2),
    ("みっか", 3),
    ("よっか", 4),
    ("いつか", 5),
    ("むいか", 6),
    ("なのか", 7),
    ("ようか", 8),
    ("ここのか", 9),
    ("とおか", 10),
    ("じゅうよっか", 14),
    ("はつか", 20),
    ("にじゅうよっか", 24),
];

/// A number in kana with its counter: ごひゃくえん, さんかげつ, みっかいない.
pub(crate) fn kana_number(chars: &[char], before: Option<char>) -> Option<(String, &'static str, usize)> {
    if !text::normal::is_kana(*chars.first()?) {
        return None;
    }
    let start: String = chars.iter().take(24).map(|c| text::normal::fold_kana_char(*c)).collect();
    for (word, day) in KANA_DAYS {
        let Some(rest) = start.strip_prefix(word) else { continue };
        if ["いない", "以内", "まで", "まえ", "前", "かん", "間", "後"].iter().any(|w| rest.starts_with(w))
        {
            return Some((day.to_string(), "日", word.chars().count()));
        }
    }
    let (mut total, mut last, mut rest, mut has_unit) = (0u32, None::<u32>, start.as_str(), false);
    // し, ご and く are more often something else: しえん.
    let mut long = false;
    loop {
        if let Some((word, unit)) = KANA_UNITS.iter().find(|(w, _)| rest.starts_with(w)) {
            total = match unit {
                10_000 => (total + last.take().unwrap_or(0)).max(1).checked_mul(10_000)?,
                unit => total.checked_add(last.take().unwrap_or(1).checked_mul(*unit)?)?,
            };
            has_unit = true;
            rest = &rest[word.len()..];
        } else if let Some((word, n)) = KANA_DIGITS.iter().find(|(w, _)| last.is_none() && rest.starts_with(w)) {
            last = Some(*n);
            long = word.chars().count() > 1;
            rest = &rest[word.len()..];
        } else {
            break;
        }
    }
    let (word, counter) = KANA_COUNTERS.iter().find(|(word, _)| rest.starts_with(word))?;
    let value = total + last.unwrap_or(0);
    // しえん and にねん stand in the middle of other words.
    let is_one = has_unit || (last.is_some() && long && !before.is_some_and(text::normal::is_kana) && *word != "にち");
    let length = start.chars().count() - rest.chars().count() + word.chars().count();
    is_one.then(|| (value.to_string(), *counter, length))
}
