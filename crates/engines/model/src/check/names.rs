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

/// Names of a sentence that no piece holds.
pub(crate) fn invented(sentence: &str, pieces: &[&Piece], words: &Analyzer) -> Vec<String> {
    let holds = |name: &str| pieces.iter().any(|p| p.flat.contains(&flat(name)));
    let mut names = runs_with_ends(sentence, words);
    names.retain(|name| !is_known(name, &holds));
    names.extend(quoted(sentence).into_iter().filter(|q| !flat(q).is_empty() && !holds(q)));
    names.extend(foreign(sentence, pieces, words));
    names
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
        let time = |w: &str| super::units::MONTHS.contains(&w) || super::times::is_weekday(w.trim_end_matches('s'));
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
    fn names_end_where_the_run_ends() {
        assert_eq!(names_in("市民福祉課", 'の'), ["市民福祉課"]);
        assert!(names_in("市民", 'の').is_empty());
        assert!(names_in("転入届", 'け').is_empty());
        assert_eq!(persons("総務の山田さん、皆さん"), ["山田さん", "皆さん"]);
    }
}
