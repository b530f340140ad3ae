//! Numbers in one form: 三歳, 3才 and ３歳 are the same, as are 二〇二六年 and 令和8年.
//!
//! Only a number before a word that counts is rewritten. 一時保育, 十分 and 一番 are words, not numbers.

/// Words that count, the longer first; each in the form that all of a kind get.
const COUNTERS: &[(&str, &str)] = &[
    ("ヶ月", "か月"),
    ("カ月", "か月"),
    ("か月", "か月"),
    ("ケ月", "か月"),
    ("箇月", "か月"),
    ("ヶ所", "か所"),
    ("カ所", "か所"),
    ("か所", "か所"),
    ("箇所", "か所"),
    ("週間", "週間"),
    ("年間", "年間"),
    ("年度", "年度"),
    ("年生", "年生"),
    ("丁目", "丁目"),
    ("歳", "歳"),
    ("才", "歳"),
    ("年", "年"),
    ("円", "円"),
    ("級", "級"),
];
/// Words that count only after digits or a number of several characters: 一日 and 一月 are also words.
const AFTER_LONG: &[&str] = &["日", "月", "回", "人", "枚", "番", "時", "分"];
/// Counters with which 一 to 九 make other words: 一年中.
const NOT_BEFORE: &[&str] = &["中"];

/// First year of an era, counted as 1 (皇室典範 and its cabinet orders).
const ERAS: [(&str, u64); 3] = [("令和", 2019), ("平成", 1989), ("昭和", 1926)];

/// The largest number that is rewritten; more is a telephone number or a code.
const LARGEST: u64 = 999_999_999_999;

/// Rewrites the numbers of a text in normal form.
pub fn unify(normal: &str) -> String {
    let has_number = |c: char| c.is_ascii_digit() || digit(c).is_some() || unit(c).is_some();
    if !normal.contains(has_number) && !["半年", "はたち", "元年"].iter().any(|word| normal.contains(word)) {
        return normal.to_owned();
    }
    let chars: Vec<char> = normal.replace("半年", "6か月").replace("はたち", "20歳").chars().collect();
    let mut out = String::with_capacity(normal.len());
    let mut at = 0;
    while at < chars.len() {
        match era(&chars[at..]).or_else(|| counted(&chars[at..])) {
            Some((text, length)) => {
                out.push_str(&text);
                at += length;
            }
            None => {
                // A number that counts nothing stays whole.
                let length = number(&chars[at..]).map_or(1, |n| n.length);
                out.extend(&chars[at..at + length]);
                at += length;
            }
        }
    }
    out
}

fn begins(chars: &[char], word: &str) -> bool {
    let mut rest = chars.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// A year of an era as a year of our time: 令和8年, 令和元年度.
fn era(chars: &[char]) -> Option<(String, usize)> {
    let (name, first) = ERAS.iter().find(|(name, _)| begins(chars, name))?;
    let after = &chars[name.chars().count()..];
    let (year, length) = match after.first()? {
        '元' => (1, 1),
        _ => number(after).map(|n| (n.value, n.length))?,
    };
    let is_year = (1..=99).contains(&year) && after.get(length) == Some(&'年');
    is_year.then(|| (format!("{}年", first + year - 1), name.chars().count() + length + 1))
}

/// A number before a word that counts.
fn counted(chars: &[char]) -> Option<(String, usize)> {
    let n = number(chars)?;
    let after = &chars[n.length..];
    if let Some((word, same)) = COUNTERS.iter().find(|(word, _)| begins(after, word)) {
        let length = word.chars().count();
        // 千歳 is a place, 一円 is 'all over'.
        let is_other_word =
            n.length == 1 && ((*same == "歳" && chars[0] == '千') || (*same == "円" && chars[0] == '一'));
        if is_other_word && after.get(length) != Some(&'玉') {
            return None;
        }
        if n.length == 1 && NOT_BEFORE.iter().any(|not| begins(&after[length..], not)) {
            return None;
        }
        if *same == "歳" && after.get(length) == Some(&'半') {
            return Some((format!("{}歳6か月", n.value), n.length + length + 1));
        }
        return Some((format!("{}{same}", n.value), n.length + length));
    }
    let is_long = n.length > 1 || chars[0].is_ascii_digit();
    let counts = |word: &&&str| begins(after, word);
    // 二十人町 is a place.
    let is_place = begins(after, "人町");
    let word = AFTER_LONG.iter().find(counts).filter(|_| is_long && !is_place)?;
    Some((format!("{}{word}", n.value), n.length + 1))
}

struct Number {
    value: u64,
    length: usize,
}

const fn digit(c: char) -> Option<u64> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

const fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1_000,
        _ => return None,
    })
}

const fn large(c: char) -> Option<u64> {
    Some(match c {
        '万' => 10_000,
        '億' => 100_000_000,
        _ => return None,
    })
}

/// The number with which a text begins: 1,500 and 千五百 and 3千 and 二〇二六.
fn number(chars: &[char]) -> Option<Number> {
    let (mut total, mut part, mut last) = (0u64, 0u64, None::<u64>);
    let mut length = 0;
    while let Some(c) = chars.get(length) {
        if let Some(d) = c.to_digit(10).map(u64::from).or_else(|| digit(*c)) {
            last = Some(last.unwrap_or(0).checked_mul(10)?.checked_add(d)?);
        } else if let Some(u) = unit(*c) {
            part = part.checked_add(last.take().unwrap_or(1).checked_mul(u)?)?;
        } else if let Some(u) = large(*c).filter(|_| length > 0) {
            total = total.checked_add(part.checked_add(last.take().unwrap_or(0))?.checked_mul(u)?)?;
            part = 0;
        } else if !(*c == ',' && is_grouping(&chars[length..]) && length > 0 && last.is_some()) {
            break;
        }
        length += 1;
        if last.unwrap_or(0) > LARGEST {
            return None;
        }
    }
    let value = total.checked_add(part)?.checked_add(last.unwrap_or(0))?;
    (length > 0 && value <= LARGEST).then_some(Number { value, length })
}

/// Whether a comma parts thousands: three digits and no more follow.
fn is_grouping(chars: &[char]) -> bool {
    let digits = chars[1..].iter().take_while(|c| c.is_ascii_digit()).count();
    digits == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_has_one_form() {
        for (written, one) in [
            ("三歳児健診", "3歳児健診"),
            ("3才の子", "3歳の子"),
            ("六十五歳以上", "65歳以上"),
            ("一歳半健診", "1歳6か月健診"),
            ("1歳6か月児健診", "1歳6か月児健診"),
            ("三か月", "3か月"),
            ("半年前", "6か月前"),
            ("はたちの集い", "20歳の集い"),
            ("1,500円", "1500円"),
            ("千五百円", "1500円"),
            ("3千円", "3000円"),
            ("1万2千円", "12000円"),
            ("十万円", "100000円"),
            ("令和8年度", "2026年度"),
            ("令和元年", "2019年"),
            ("平成三十年", "2018年"),
            ("二〇二六年", "2026年"),
            ("二十日まで", "20日まで"),
            ("十四日以内", "14日以内"),
            ("小学一年生", "小学1年生"),
        ] {
            assert_eq!(unify(written), one, "{written}");
        }
    }

    #[test]
    fn words_that_begin_like_numbers_stay() {
        for word in [
            "一時保育",
            "十分な広さ",
            "一番近い",
            "一人暮らし",
            "一日乗車券",
            "二世帯",
            "千早町",
            "百日咳",
            "一年中",
            "千歳町のごみ",
            "千歳飴",
            "市内一円",
            "二十人町",
            "万が一",
            "八百屋",
            "090-1234-5678",
            "0120,12,3",
            "九",
            "",
            "一般廃棄物",
            "99999999999999999999999円",
        ] {
            assert_eq!(unify(word), word, "{word}");
        }
    }
}
