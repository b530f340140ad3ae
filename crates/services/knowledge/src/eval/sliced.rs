//! Figures of parts of the questions: where a ranking is good, and where it is not.

use serde::Serialize;

use super::{Each, Figures, figures};

/// Figures of some of the questions.
#[derive(Clone, Debug, Serialize)]
pub struct Slice {
    /// What they have in common.
    pub name: String,
    /// Their figures.
    pub figures: Figures,
}

/// Characters of a short question, and from which on it is long.
const SHORT: usize = 10;
const LONG: usize = 30;
/// Share of kana from which on a question counts as written in kana.
const KANA: f64 = 0.9;

fn length(query: &str) -> &'static str {
    match query.chars().count() {
        n if n <= SHORT => "短い（10文字まで）",
        n if n < LONG => "中くらい（11〜29文字）",
        _ => "長い（30文字から）",
    }
}

fn writing(query: &str) -> &'static str {
    let letters: Vec<char> = query.chars().filter(|c| c.is_alphanumeric()).collect();
    let kana = letters.iter().filter(|c| text::normal::is_kana(**c)).count() as f64;
    match kana / letters.len().max(1) as f64 {
        share if share >= KANA => "かなだけ",
        share if share > 0.5 => "かなが多い",
        _ => "漢字が多い",
    }
}

fn asks(query: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|w| query.contains(w));
    if has(&["いくら", "費用", "料金", "手数料", "金額"]) {
        "金額をたずねる"
    } else if has(&["いつ", "何時", "期限", "何日", "時間"]) {
        "時をたずねる"
    } else if has(&["どこ", "場所", "窓口"]) {
        "場所をたずねる"
    } else if has(&["必要なもの", "持ち物", "持って", "書類"]) {
        "持ち物をたずねる"
    } else {
        "そのほかをたずねる"
    }
}

/// What tells the name of the part in which a question is.
type Kind<'a> = &'a dyn Fn(&Each) -> Option<String>;

/// Figures by length, by writing, by what is asked, and by the style that stands before a colon in the id, if any.
pub fn slices(each: &[Each]) -> Vec<Slice> {
    let style = |e: &Each| e.id.split_once(':').map(|(style, _)| style.to_owned());
    let mut found: Vec<(usize, String, Vec<&Each>)> = Vec::new();
    let kinds: [Kind<'_>; 4] = [
        &|e| Some(length(&e.query).to_owned()),
        &|e| Some(writing(&e.query).to_owned()),
        &|e| Some(asks(&e.query).to_owned()),
        &style,
    ];
    for (kind, of) in kinds.iter().enumerate() {
        for e in each {
            let Some(name) = of(e) else { continue };
            match found.iter_mut().find(|(k, n, _)| *k == kind && *n == name) {
                Some((_, _, members)) => members.push(e),
                None => found.push((kind, name, vec![e])),
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().map(|(_, name, members)| Slice { name, figures: figures(members) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_in_one_slice_of_each_kind() {
        let e = |id: &str, query: &str, ndcg_10: f64| Each {
            id: id.into(),
            query: query.into(),
            ndcg_10,
            recall_10: 0.0,
            precision_10: 0.0,
            right_at: None,
            has_full: true,
            full_at: None,
            found: Vec::new(),
            wanted: Vec::new(),
        };
        let all = [e("kana:1", "ごみはいつ", 1.0), e("typo:1", "住民表の手数料", 0.0), e("kana:2", "そだいごみ", 0.5)];
        let slices = slices(&all);
        let of = |name: &str| slices.iter().find(|s| s.name == name).map(|s| (s.figures.queries, s.figures.ndcg_10));
        assert_eq!(of("かなだけ"), Some((2, 0.75)));
        assert_eq!(of("漢字が多い"), Some((1, 0.0)));
        assert_eq!(of("時をたずねる"), Some((1, 1.0)));
        assert_eq!(of("typo"), Some((1, 0.0)));
        assert_eq!(slices.iter().map(|s| s.figures.queries).sum::<usize>(), 4 * all.len());
    }
}
