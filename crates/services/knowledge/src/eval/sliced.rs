//! Figures of parts of the questions: where a ranking is good, and where it is not.

use std::collections::{BTreeMap, HashMap};

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
    let kinds: [Kind<'_>; 4] = [
        &|e| Some(length(&e.query).to_owned()),
        &|e| Some(writing(&e.query).to_owned()),
        &|e| Some(asks(&e.query).to_owned()),
        &style,
    ];
    kinds.iter().flat_map(|kind| by(each, kind)).collect()
}

/// What parts of a city's articles a question can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The main topic.
    pub topic: Option<String>,
    /// Whether there are facts: whom, by when, what to bring and so on.
    pub has_facts: bool,
}

/// Figures by topic and by whether there are facts, of the article that is right.
pub fn slices_of_articles(each: &[Each], labels: &HashMap<String, Labels>) -> Vec<Slice> {
    let of = |e: &Each| labels.get(e.wanted.first()?);
    let facts = |e: &Each| Some(if of(e)?.has_facts { "事実のある記事" } else { "事実のない記事" }.to_owned());
    let topic = |e: &Each| Some(format!("分野 {}", of(e)?.topic.as_ref()?));
    let kinds: [Kind<'_>; 2] = [&facts, &topic];
    kinds.iter().flat_map(|kind| by(each, kind)).collect()
}

/// Figures of the parts of one kind, in the order of their names.
fn by(each: &[Each], kind: Kind<'_>) -> Vec<Slice> {
    let mut found: BTreeMap<String, Vec<&Each>> = BTreeMap::new();
    for e in each {
        if let Some(name) = kind(e) {
            found.entry(name).or_default().push(e);
        }
    }
    found.into_iter().map(|(name, members)| Slice { name, figures: figures(members) }).collect()
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

    #[test]
    fn articles_give_topic_and_facts_and_what_nobody_knows_is_in_no_slice() {
        let e = |wanted: &[&str]| Each {
            id: String::new(),
            query: String::new(),
            ndcg_10: 1.0,
            recall_10: 0.0,
            precision_10: 0.0,
            right_at: None,
            has_full: true,
            full_at: None,
            found: Vec::new(),
            wanted: wanted.iter().map(|w| (*w).to_owned()).collect(),
        };
        let label = |topic: Option<&str>, has_facts| Labels { topic: topic.map(str::to_owned), has_facts };
        let labels = HashMap::from([
            ("a".to_owned(), label(Some("gomi"), true)),
            ("b".to_owned(), label(Some("gomi"), false)),
            ("c".to_owned(), label(None, true)),
        ]);
        let slices = slices_of_articles(&[e(&["a"]), e(&["b", "a"]), e(&["c"]), e(&["x"]), e(&[])], &labels);
        let told: Vec<(&str, usize)> = slices.iter().map(|s| (s.name.as_str(), s.figures.queries)).collect();
        assert_eq!(told, [("事実のある記事", 2), ("事実のない記事", 1), ("分野 gomi", 2)]);
    }
}
