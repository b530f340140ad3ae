//! Groups of like texts: how well matters are told apart, and what holds for any texts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use search::{Cluster, LIKE, Short, Vocabulary, cluster};

use crate::ANALYZER;

/// Invented questions: 20 matters in four wordings each, as different people would type them. Several
/// matters share words on purpose (cards, dogs, parks, water, schools).
const MATTERS: [[&str; 4]; 20] = [
    [
        "公園でドローンを飛ばしてもいいですか",
        "ドローン 公園 飛行",
        "市の公園でドローンの撮影はできますか",
        "ドローンを飛ばせる場所",
    ],
    ["ドッグランはありますか", "犬を放して遊ばせられる場所", "ドッグラン 利用登録", "市営のドッグランを使いたい"],
    ["はちの巣を駆除してほしい", "スズメバチの巣 駆除", "庭に蜂の巣ができた", "ハチの巣を取ってもらえますか"],
    [
        "電動自転車の補助金",
        "電動アシスト自転車を買うと助成がありますか",
        "電動自転車 購入 助成金",
        "電動アシスト自転車の購入補助",
    ],
    [
        "マイナンバーカードの暗証番号を忘れた",
        "マイナカードの暗証番号がロックされた",
        "暗証番号 再設定 マイナンバー",
        "マイナンバーカード 暗証番号の変更",
    ],
    ["図書館で勉強できますか", "図書館の自習室の席を予約したい", "図書館 自習室", "自習できる図書館"],
    ["落ち葉を集めた袋はどこに出すの", "落ち葉の回収", "町内清掃の落ち葉の袋を回収してほしい", "落葉 ごみ 回収"],
    ["水道の水が濁っている", "蛇口から茶色い水が出る", "水道水 濁り", "水道から濁った水が出ます"],
    [
        "空き家の木がうちに伸びてきて困っている",
        "隣の空き家の草木が伸び放題",
        "空き家の庭木の苦情",
        "空き家の樹木が道路にはみ出している",
    ],
    ["成人式の日程", "二十歳のつどいはいつですか", "成人式 会場", "成人式に市外から出席したい"],
    ["給食費の払い方", "学校給食費の口座振替を変更したい", "給食費 口座振替", "給食費が払えない"],
    ["プールはいつから使えますか", "市民プール 料金", "市民プールの営業時間", "屋外プールの開場日"],
    ["投票所の場所を変えたい", "投票所はどこですか", "投票所入場券が届かない", "投票所の入場券をなくした"],
    [
        "コミュニティバスの時刻表",
        "コミュニティバス 停留所",
        "コミュニティバスの運賃はいくら",
        "市のバスの時刻を知りたい",
    ],
    [
        "野良猫の不妊手術の補助",
        "のらねこ 去勢 助成",
        "野良猫に避妊手術を受けさせたい",
        "地域猫の不妊去勢手術費用の助成",
    ],
    ["道路に穴があいている", "道路の陥没を知らせたい", "道路の穴 補修", "家の前の道路がへこんでいる"],
    ["街灯が切れている", "街路灯の電球が切れています", "街灯 交換", "防犯灯がつかない"],
    ["結婚記念日に婚姻届を出したい", "婚姻届 夜間", "婚姻届を日曜日に出せますか", "婚姻届の証人"],
    ["不登校の子の相談先", "子どもが学校に行きたがらない", "不登校 相談", "学校に行けない子どもの居場所"],
    ["アレルギー対応の給食はありますか", "学童保育の申し込み", "放課後に子どもを預けたい 学童", "学童クラブの利用料"],
];

fn shorts(texts: &[&str]) -> Vec<Short> {
    let vocabulary = Vocabulary::default();
    texts.iter().map(|t| Short::new(&ANALYZER, &vocabulary, t, 1)).collect()
}

/// Precision and recall over pairs of texts: of the pairs in one group, how many share a matter, and of the
/// pairs that share a matter, how many are in one group.
fn pairwise(clusters: &[Cluster], matter: impl Fn(usize) -> usize, texts: usize) -> (f64, f64) {
    let mut group = vec![0; texts];
    for (number, cluster) in clusters.iter().enumerate() {
        for member in &cluster.members {
            group[*member] = number;
        }
    }
    let (mut together, mut wanted, mut both) = (0.0, 0.0, 0.0);
    for a in 0..texts {
        for b in a + 1..texts {
            let (here, there) = (group[a] == group[b], matter(a) == matter(b));
            together += f64::from(u8::from(here));
            wanted += f64::from(u8::from(there));
            both += f64::from(u8::from(here && there));
        }
    }
    (both / f64::max(together, 1.0), both / f64::max(wanted, 1.0))
}

#[test]
fn wordings_of_one_matter_meet_and_other_matters_stay_out() {
    let texts: Vec<&str> = MATTERS.iter().flatten().copied().collect();
    let shorts = shorts(&texts);
    for threshold in [0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.3, 0.35] {
        let (precision, recall) = pairwise(&cluster(&shorts, None, threshold), |i| i / 4, texts.len());
        let f1 = 2.0 * precision * recall / (precision + recall);
        println!("{threshold:.3}: precision {precision:.3} recall {recall:.3} F1 {f1:.3}");
    }
    let found = cluster(&shorts, None, LIKE);
    let (precision, recall) = pairwise(&found, |i| i / 4, texts.len());
    assert!(precision >= 0.97, "precision {precision}");
    assert!(recall >= 0.55, "recall {recall}");
}

/// The questions of the demo city's articles, one matter each: what a full board puts between the wordings.
fn demo_questions() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo/faq");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("folder").map(|f| f.expect("file").path()).collect();
    files.sort();
    let mut questions = Vec::new();
    for file in files {
        let mut translated = false;
        for line in std::fs::read_to_string(file).expect("text").lines() {
            translated = if line.starts_with("[[") { false } else { translated || line.starts_with('[') };
            if let Some(question) = line.strip_prefix("question = \"").filter(|_| !translated) {
                questions.push(question.trim_end_matches('"').to_owned());
            }
        }
    }
    questions
}

#[test]
fn wordings_meet_in_a_full_board_too() {
    let others = demo_questions();
    assert!(others.len() > 300, "{}", others.len());
    let texts: Vec<&str> = MATTERS.iter().flatten().copied().chain(others.iter().map(String::as_str)).collect();
    let mut found = cluster(&shorts(&texts), None, LIKE);
    for group in &mut found {
        group.members.retain(|i| *i < 80);
    }
    let (precision, recall) = pairwise(&found, |i| i / 4, 80);
    println!("among {} others: precision {precision:.3} recall {recall:.3}", others.len());
    assert!(precision >= 0.94, "precision {precision}");
    assert!(recall >= 0.6, "recall {recall}");
}

#[test]
fn the_centre_and_the_words_say_what_the_group_is_about() {
    let texts = ["ドッグランはありますか", "ドッグランの場所", "市内にドッグランを作ってほしい"];
    let found = cluster(&shorts(&texts), None, LIKE);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].words.first().map(String::as_str), Some("ドッグラン"));
    // What many people wrote is the centre, even where another wording is nearer to all.
    let vocabulary = Vocabulary::default();
    let many: Vec<Short> =
        texts.iter().zip([1, 1, 50]).map(|(t, n)| Short::new(&ANALYZER, &vocabulary, t, n)).collect();
    assert_eq!(cluster(&many, None, LIKE)[0].central, 2);
}

#[test]
fn politeness_spelling_and_writing_make_no_difference() {
    let texts = ["ドッグランはどこですか", "すみません、ﾄﾞｯｸﾞﾗﾝはどこですか？", "どっぐらん", "ドッグラン"];
    let found = cluster(&shorts(&texts), None, LIKE);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn five_thousand_texts_of_few_words_are_grouped() {
    let places = ["公園", "駅前", "小学校", "市役所", "図書館", "体育館", "川沿い", "団地", "商店街", "神社"];
    let things = ["ドッグラン", "駐輪場", "街灯", "ベンチ", "トイレ", "看板", "掲示板", "落書き", "カラス", "水たまり"];
    let verbs = ["を直してほしい", "がこわれている", "はありますか", "を増やして", "で困っています"];
    let texts: Vec<String> = (0..5000)
        .map(|i| {
            let (a, b, c) = (i % 10, i / 10 % 10, i / 100 % 5);
            format!("{}の{}{} {}丁目", places[a], things[b], verbs[c], i / 500)
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let shorts = shorts(&texts);
    let start = std::time::Instant::now();
    let found = cluster(&shorts, None, LIKE);
    println!("{} groups of {} texts in {:?}", found.len(), texts.len(), start.elapsed());
    assert_eq!(found.iter().map(|c| c.members.len()).sum::<usize>(), texts.len());
}

/// Texts made of a few words, so that many are alike and many are equal.
fn some_texts() -> impl Strategy<Value = Vec<String>> {
    let word =
        prop::sample::select(vec!["粗大ごみ", "引っ越し", "犬", "公園", "ドローン", "図書館", "夜", "予約", "?", ""]);
    let text = prop::collection::vec(word, 0..4).prop_map(|words| words.join("の"));
    prop::collection::vec(prop_oneof![4 => text, 1 => any::<String>()], 0..24)
}

/// Groups as sets of texts, without their numbers.
fn as_sets(texts: &[String], clusters: &[Cluster]) -> BTreeMap<Vec<String>, String> {
    let group = |c: &Cluster| {
        let mut members: Vec<String> = c.members.iter().map(|i| texts[*i].clone()).collect();
        members.sort();
        members
    };
    clusters.iter().map(|c| (group(c), c.words.join(" "))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_text_is_in_exactly_one_group(texts in some_texts()) {
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = cluster(&shorts(&refs), None, LIKE);
        let mut seen: Vec<usize> = found.iter().flat_map(|c| c.members.iter().copied()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..texts.len()).collect::<Vec<_>>());
        prop_assert!(found.iter().all(|c| c.members.contains(&c.central)));
    }

    #[test]
    fn the_order_of_texts_changes_nothing(texts in some_texts(), turn in 0usize..24) {
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut turned = texts.clone();
        turned.reverse();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        let turned_refs: Vec<&str> = turned.iter().map(String::as_str).collect();
        let (one, other) = (cluster(&shorts(&refs), None, LIKE), cluster(&shorts(&turned_refs), None, LIKE));
        prop_assert_eq!(as_sets(&texts, &one), as_sets(&turned, &other));
    }

    #[test]
    fn equal_texts_are_together(texts in some_texts()) {
        let twice: Vec<&str> = texts.iter().chain(&texts).map(String::as_str).collect();
        for group in cluster(&shorts(&twice), None, LIKE) {
            let members: BTreeSet<usize> = group.members.iter().copied().collect();
            prop_assert!(members.iter().all(|i| members.contains(&((i + texts.len()) % twice.len()))));
        }
    }
}
