//! Retrieval on a handful of articles: what meets, what counts more, and what holds for any question.

mod cluster;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use search::thesaurus::{self, Lexicon, Relation, Remark, Side};
use search::{Feature, Field, Index, Model, Query, Texts, Vocabulary, analyse_all};
use text::Analyzer;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT").expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    Analyzer::load(&PathBuf::from(path), None).expect("dictionary")
});

/// Nothing is learnt: what holds for any city.
static MODEL: LazyLock<Model> = LazyLock::new(Model::default);

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let text = "保育所\tcolloquial\tこどもを預ける所\n登録\tsee\t廃止\n印鑑\tsame\t判子\nペット\tnarrower\t子犬\n";
    Lexicon::new(&ANALYZER, &thesaurus::read(&[("test", text)]).0)
});

const ARTICLES: [(&str, &str, &str); 6] = [
    ("市外から引っ越してきたときの手続きを知りたい", "転入届 住所変更", "14日以内に市民課で届け出てください。"),
    ("粗大ごみはどう出しますか", "大型ゴミ 家具", "受付センターに申し込み、処理券をはって出します。"),
    ("印鑑登録をしたい", "はんこ", "本人が窓口に来てください。引っ越しのときは新しい市で登録します。"),
    ("保育所に入りたい", "保育園 待機児童", "保育課に申し込んでください。"),
    ("犬が死んだときの手続き", "ペット", "登録をやめる届けを出してください。"),
    ("図書館のカードを作りたい", "利用者登録 本", "どの図書館でも作れます。"),
];

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let texts: Vec<Texts> = ARTICLES
        .iter()
        .map(|(question, keywords, answer)| {
            let mut texts = Texts::default();
            texts.push(Field::Question, *question);
            texts.push(Field::Keywords, *keywords);
            texts.push(Field::Answer, *answer);
            texts
        })
        .collect();
    let mut vocabulary = Arc::new(Vocabulary::default());
    let documents = analyse_all(&ANALYZER, &mut vocabulary, &texts);
    let kin = LEXICON.kin(Arc::make_mut(&mut vocabulary));
    Index::new(vocabulary, documents, &kin)
});

fn read(question: &str) -> Query {
    Query::new(&ANALYZER, INDEX.vocabulary(), &LEXICON, question)
}

fn ask(question: &str) -> Vec<u32> {
    INDEX.search(&read(question), &MODEL, 10).into_iter().map(|h| h.doc).collect()
}

#[test]
fn spellings_meet() {
    for question in ["引っ越し", "引越し", "ひっこしたい", "ﾋｯｺｼ", "引っ越したんだけど何すればいい？"]
    {
        assert_eq!(ask(question).first(), Some(&0), "{question}");
    }
    for question in ["ソダイゴミ", "粗大ゴミを捨てたいです", "そだいごみ"] {
        assert_eq!(ask(question).first(), Some(&1), "{question}");
    }
    // イン｜カン is cut too small by the dictionary and joined again.
    assert_eq!(ask("インカン").first(), Some(&2));
}

#[test]
fn the_question_counts_more_than_the_answer() {
    let found = ask("引っ越し");
    assert_eq!(found.first(), Some(&0));
    assert!(found.contains(&2), "the answer of the seal article speaks of it too: {found:?}");
}

#[test]
fn politeness_finds_nothing_and_changes_nothing() {
    assert!(ask("教えてください").is_empty());
    assert_eq!(ask("保育園"), ask("すみません、保育園について教えていただけますでしょうか。"));
}

#[test]
fn other_words_for_the_same_are_found() {
    for (question, article) in [("こどもを預ける所", 3), ("判子", 2), ("子犬", 4)] {
        let query = read(question);
        assert!(!query.substitutes.is_empty(), "{question}");
        let hits = INDEX.search(&query, &MODEL, 10);
        let hit = hits.iter().find(|h| h.doc == article);
        let covered = hit.map(|h| h.features[Feature::CoveredOrSubstituted as usize]);
        assert!(covered.is_some_and(|c| c > 0.2), "{question}: {hits:?}");
    }
}

#[test]
fn relations_over_a_lexicon_add_to_it_and_leave_it_as_it_is() {
    let below = Arc::new(Lexicon::new(&ANALYZER, &thesaurus::read(&[("below", "印鑑\tsame\t判子\n")]).0));
    let added = thesaurus::read(&[("over", "印鑑\tcolloquial\tぽんと押すもの\n保育所\tsame\t子どもの家\n")]).0;
    let over = Lexicon::over(below.clone(), &ANALYZER, &added);
    let shown = |lexicon: &Lexicon, question: &str| -> Vec<String> {
        let query = Query::new(&ANALYZER, INDEX.vocabulary(), lexicon, question);
        query.substitutes.into_iter().map(|s| s.shown).collect()
    };
    assert_eq!(shown(&over, "判子"), ["印鑑"], "what is below is there");
    assert_eq!(shown(&over, "ぽんと押すもの"), ["印鑑"]);
    assert_eq!(shown(&over, "子どもの家"), ["保育所"]);
    for question in ["ぽんと押すもの", "子どもの家"] {
        assert_eq!(shown(&below, question), Vec::<String>::new(), "{question}");
    }
    assert!(shown(&over, "はんこ").contains(&"印鑑".to_owned()), "by its sound: {:?}", shown(&over, "はんこ"));
    assert_eq!((below.len(), over.len()), (2, 5));
    let (mut one, mut other) = (Vocabulary::default(), Vocabulary::default());
    let together = [thesaurus::read(&[("below", "印鑑\tsame\t判子\n")]).0, added].concat();
    assert_eq!(over.kin(&mut one), Lexicon::new(&ANALYZER, &together).kin(&mut other));
}

#[test]
fn what_a_relation_cannot_do_is_told() {
    let remarks = |line: &str| thesaurus::remarks(&ANALYZER, &Relation::from_line(line).expect("a relation"));
    assert_eq!(remarks("印鑑\tsame\t判子"), []);
    assert_eq!(remarks("時刻表\tsame\t龘龗"), [Remark::Unknown(vec!["龘龗".into()])]);
    assert_eq!(remarks("印鑑\tsame\tこれ"), [Remark::Silent(Side::Other)]);
    assert_eq!(remarks("引っ越し\tsame\t引っ越しを"), [Remark::Alike]);
    let long = "住民票と戸籍と印鑑と税金と保険";
    assert_eq!(remarks(&format!("証明\tsee\t{long}")), [Remark::Long(Side::Other)]);
}

#[test]
fn words_are_heard_over_the_borders_at_which_kana_were_cut() {
    for question in ["いんかんとうろくのやりかた", "いんかんのとうろくってどこでやるんですか"]
    {
        assert_eq!(ask(question).first(), Some(&2), "{question}");
    }
}

#[test]
fn an_explanation_says_what_each_word_did() {
    let query = read("引っ越しの手続き");
    let hits = INDEX.search(&query, &MODEL, 10);
    for hit in &hits {
        let explanation = INDEX.explain(&query, &MODEL, hit, &hits);
        let words: f32 = explanation.terms.iter().map(|t| t.by_word).sum();
        assert!((words - hit.features[Feature::Words as usize]).abs() < 1e-3, "{words} {:?}", hit.features);
        assert!(explanation.features.windows(2).all(|w| w[0].2.abs() >= w[1].2.abs()));
    }
}

#[test]
fn one_thread_may_search_indexes_of_different_size() {
    let mut vocabulary = Arc::new(Vocabulary::default());
    let mut one = Texts::default();
    one.push(Field::Question, "粗大ごみ");
    let documents = analyse_all(&ANALYZER, &mut vocabulary, &[one]);
    let small = Index::new(vocabulary, documents, &[]);
    let before = ask("粗大ごみ");
    let query = Query::new(&ANALYZER, small.vocabulary(), &LEXICON, "粗大ごみ");
    assert_eq!(small.search(&query, &MODEL, 10).len(), 1);
    assert_eq!(ask("粗大ごみ"), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_question_gets_an_ordered_answer_and_the_same_one_again(question in any::<String>()) {
        let query = read(&question);
        let hits = INDEX.search(&query, &MODEL, 10);
        prop_assert!(hits.windows(2).all(|w| w[0].score >= w[1].score));
        prop_assert!(hits.iter().all(|h| h.score.is_finite()));
        prop_assert_eq!(&hits, &INDEX.search(&query, &MODEL, 10));
    }
}
