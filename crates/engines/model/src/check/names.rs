//! Names: of sections, offices, places, forms, persons and brands. One that no source holds is invented.

use text::normal::{fold_kana, is_kanji};
use text::{Analyzer, Class};
use unicode_normalization::UnicodeNormalization;

use super::ground::Piece;
use super::plain::{flat, plain};

/// Ends of names of sections, offices, places and institutions.
const PLACES: &[&str] = &[
    "課",
    "係",
    "室",
    "センター",
    "支所",
    "出張所",
    "窓口",
    "市",
    "区",
    "町",
    "村",
    "県",
    "省",
    "庁",
    "局",
    "署",
    "館",
    "院",
    "駅",
    "銀行",
    "協会",
    "組合",
    "事務所",
    "役所",
    "公園",
    "学校",
    "保健所",
    "保育園",
    "幼稚園",
    "郵便局",
    "広場",
    "プラザ",
    "ホール",
    "クリニック",
    "コーナー",
    "委員会",
    "財団",
    "法人",
    "会社",
];

/// Ends of names of forms and papers.
const FORMS: &[&str] = &[
    "届",
    "届出書",
    "申請書",
    "証明書",
    "請求書",
    "申込書",
    "申告書",
    "同意書",
    "委任状",
    "手帳",
    "通知書",
    "納付書",
    "受給者証",
    "許可証",
    "保険証",
    "免許証",
    "名簿",
];

/// Ends of persons' titles.
const PERSONS: &[&str] = &["さん", "様", "氏", "課長", "部長", "係長", "市長", "主任", "先生", "議員"];

/// Words that end like a name and name nobody and nothing in particular.
const GENERIC: &[&str] = &[
    "課",
    "係",
    "室",
    "センター",
    "窓口",
    "市",
    "区",
    "町",
    "村",
    "県",
    "局",
    "館",
    "市役所",
    "役所",
    "区役所",
    "役場",
    "担当課",
    "担当係",
    "担当窓口",
    "各課",
    "各窓口",
    "当市",
    "本市",
    "他市",
    "市町",
    "市町村",
    "市区町村",
    "関係",
    "教室",
    "個室",
    "都市",
    "地区",
    "学区",
    "来庁",
    "本庁",
    "県庁",
    "開庁",
    "閉庁",
    "官庁",
    "部署",
    "結局",
    "薬局",
    "入院",
    "退院",
    "通院",
    "病院",
    "医院",
    "学校",
    "公園",
    "会社",
    "証明書",
    "申請書",
    "届",
    "届出",
    "届出書",
    "請求書",
    "申込書",
    "通知書",
    "転校",
    "皆さん",
    "みなさん",
    "皆様",
    "みなさま",
    "お客様",
    "奥様",
    "お子さん",
    "子さん",
    "お子様",
    "子様",
    "赤ちゃん",
    "お母さん",
    "お父さん",
    "母さん",
    "父さん",
    "家族様",
    "者様",
    "仕様",
    "同様",
    "多様",
    "一様",
    "有様",
    "模様",
    "市民の皆さん",
    "区市町村",
    "前住所地の市区町村",
    "図書館",
    "美術館",
    "体育館",
    "駅",
];

/// Katakana words that name no thing one could go to, pay with, buy or apply for.
const COMMON: &[&str] = &[
    "ページ",
    "ケース",
    "タイミング",
    "ポイント",
    "チェック",
    "スムーズ",
    "トラブル",
    "メモ",
    "リスト",
    "パターン",
    "ルール",
    "セット",
    "マーク",
    "サービス",
    "ホームページ",
    "サイト",
    "リンク",
    "グループ",
    "プラス",
    "マイナス",
    "ゼロ",
];

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

/// Names of a sentence that no piece holds.
pub(crate) fn invented(sentence: &str, pieces: &[&Piece], words: &Analyzer) -> Vec<String> {
    let holds = |name: &str| pieces.iter().any(|p| p.flat.contains(&flat(name)));
    let mut names = runs_with_ends(sentence, words);
    names.retain(|name| !is_known(name, &holds));
    names.extend(quoted(sentence).into_iter().filter(|q| !flat(q).is_empty() && !holds(q)));
    names.extend(foreign(sentence, pieces, words));
    names
}

/// Words of time and days of the week that no piece holds.
pub(crate) fn invented_times(sentence: &str, pieces: &[&Piece]) -> Vec<String> {
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

/// Whether the source holds a name, or its last part behind another name or a general word: 本庁市民課.
fn is_known(name: &str, holds: &impl Fn(&str) -> bool) -> bool {
    if holds(name) || GENERIC.contains(&name) {
        return true;
    }
    let starts: Vec<usize> = name.char_indices().map(|(at, _)| at).skip(1).collect();
    starts.into_iter().any(|at| {
        let (head, tail) = name.split_at(at);
        let tail_is_name = (tail.chars().count() > 2 && holds(tail)) || GENERIC.contains(&tail);
        let ends = |ends: &[&str]| ends.iter().any(|e| head.ends_with(e));
        tail_is_name && (GENERIC.contains(&head) || (holds(head) && (ends(PLACES) || ends(FORMS))))
    })
}

/// Stretches that end like the name of a place, form or person: as runs of kanji and katakana, and as the words that
/// the dictionary sees, which finds names that begin with hiragana.
fn runs_with_ends(sentence: &str, words: &Analyzer) -> Vec<String> {
    let plain_text = plain(sentence);
    let mut out = Vec::new();
    let mut run = String::new();
    for c in plain_text.chars().chain(['\n']) {
        if is_kanji(c) || matches!(c, 'ァ'..='ヶ' | 'ー' | '々') {
            run.push(c);
        } else {
            out.extend(names_in(&run, c));
            run.clear();
        }
    }
    let mut joined = String::new();
    for token in words.tokens_of_normal(&plain_text) {
        let joins = match token.class {
            Class::Noun | Class::Latin => true,
            Class::Suffix => !joined.is_empty(),
            _ => false,
        };
        if joins {
            joined.push_str(&token.surface);
            out.extend(PLACES.iter().chain(FORMS).any(|end| joined.ends_with(end)).then(|| joined.clone()));
        } else {
            joined.clear();
        }
    }
    out.extend(persons(&plain_text));
    out.sort();
    out.dedup();
    out
}

/// Names in a run: up to each end that nothing but another end or the run's end follows.
fn names_in(run: &str, next: char) -> Vec<String> {
    let ends = PLACES.iter().chain(FORMS);
    let mut found: Vec<usize> = ends.flat_map(|end| run.match_indices(end).map(|(at, e)| at + e.len())).collect();
    found.sort_unstable();
    found.dedup();
    // 市民 and 町内 hold an end that ends nothing; 届け goes on in hiragana.
    found.retain(|at| *at == run.len() && !(run.ends_with('届') && next == 'け'));
    found.into_iter().map(|at| run[..at].to_owned()).collect()
}

/// 山田さん, 山田課長: kanji or katakana before a title.
fn persons(plain: &str) -> Vec<String> {
    let mut out = Vec::new();
    for title in PERSONS {
        for (at, _) in plain.match_indices(title) {
            let name: String = plain[..at]
                .chars()
                .rev()
                .take_while(|c| is_kanji(*c) || matches!(c, 'ァ'..='ヶ' | 'ー'))
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            if !name.is_empty() {
                out.push(format!("{name}{title}"));
            }
        }
    }
    out
}

/// What stands in quotation marks.
fn quoted(sentence: &str) -> Vec<String> {
    let marks = [('「', '」'), ('『', '』'), ('“', '”'), ('"', '"'), ('‘', '’'), ('【', '】'), ('《', '》')];
    let mut out = Vec::new();
    for (open, close) in marks {
        let mut rest = sentence;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inner, behind)) = after.split_once(close) else { break };
            out.push(inner.to_owned());
            rest = behind;
        }
    }
    out
}

/// Words in katakana and Latin letters that no piece holds.
fn foreign(sentence: &str, pieces: &[&Piece], words: &Analyzer) -> Vec<String> {
    let plain_text = plain(sentence);
    let japanese = plain_text.chars().any(|c| text::normal::is_kana(c) || is_kanji(c));
    let mut out = Vec::new();
    let mut run = String::new();
    for c in plain_text.chars().chain(['\n']) {
        if matches!(c, 'ァ'..='ヺ' | 'ー') {
            run.push(c);
            continue;
        }
        let known = pieces.iter().any(|p| p.flat.contains(&fold_kana(&run))) || COMMON.contains(&run.as_str());
        if run.chars().count() > 2 && !known {
            out.push(run.clone());
        }
        run.clear();
    }
    if japanese && !mostly_english(&plain_text) {
        let latin = words.tokens_of_normal(&plain_text).into_iter().filter(|t| t.class == Class::Latin);
        let known = |t: &text::Token| pieces.iter().any(|p| p.latin.contains(&t.surface) || p.latin.contains(&t.base));
        out.extend(latin.filter(|t| t.surface.chars().count() > 1 && !known(t)).map(|t| t.surface));
    } else {
        out.extend(capitals(sentence, pieces));
    }
    out
}

/// Whether there are more Latin letters than others.
pub(crate) fn mostly_english(plain: &str) -> bool {
    let latin = plain.chars().filter(char::is_ascii_alphabetic).count();
    latin > plain.chars().filter(|c| c.is_alphabetic()).count() / 2
}

const APOSTROPHES: [char; 2] = ['\'', '’'];

/// Names of an English sentence: words with a capital that is not the sentence's, one by one and side by side.
fn capitals(sentence: &str, pieces: &[&Piece]) -> Vec<String> {
    let cleaned: String = sentence.nfkc().collect();
    let all: Vec<&str> = cleaned.split_whitespace().collect();
    let bare = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let is_capital =
        |w: &str| bare(w).chars().next().is_some_and(char::is_uppercase) && !["I", "ID"].contains(&bare(w).as_str());
    let holds = |phrase: &str| {
        let low = plain(phrase).replace(APOSTROPHES, "");
        low.is_empty() || pieces.iter().any(|p| contains_name(&p.plain.replace(APOSTROPHES, ""), &low))
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if !is_capital(all[at]) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < all.len()
            && is_capital(all[end])
            && !all[end].starts_with('(')
            && !all[end - 1].ends_with([',', '.', ':', ';', ')', '!', '?'])
        {
            end += 1;
        }
        // The first word of a sentence has its capital from there.
        let from = at + usize::from(at == 0);
        let name = all[from..end].iter().map(|w| bare(w)).collect::<Vec<_>>().join(" ");
        let single_first = at == 0 && end == 1;
        let with_first = all[at..end].iter().map(|w| bare(w)).collect::<Vec<_>>().join(" ");
        let time =
            |w: &str| super::units::MONTHS.contains(&w) || WEEKDAYS.iter().any(|(_, n)| w.trim_end_matches('s') == *n);
        let is_time = time(&name.to_lowercase());
        let acronym = single_first && with_first.len() > 1 && with_first.chars().all(char::is_uppercase);
        if (!single_first || acronym) && !holds(&name) && !holds(&with_first) && !is_time {
            out.push(if acronym { with_first } else { name });
        }
        at = end;
    }
    out
}

fn contains_name(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let after = text[at + name.len()..].chars().next().is_some_and(|c| c.is_ascii_alphanumeric() && c != 's');
        !before && !after
    })
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

    #[test]
    fn names_end_where_the_run_ends() {
        assert_eq!(names_in("市民福祉課", 'の'), ["市民福祉課"]);
        assert!(names_in("市民", 'の').is_empty());
        assert!(names_in("転入届", 'け').is_empty());
        assert_eq!(persons("総務の山田さん、皆さん"), ["山田さん", "皆さん"]);
    }
}
