//! Words with the real dictionary, and what holds for any text at all.

mod private;

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use text::normal::{fold_kana, normalise, widen};
use text::{Analyzer, Class, strip_boilerplate};

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT").expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    Analyzer::load(&PathBuf::from(path), None).expect("dictionary")
});

fn reading_of(text: &str) -> String {
    ANALYZER.tokens(text).into_iter().map(|t| t.reading).collect()
}

#[test]
fn spellings_of_one_word_meet_in_their_reading() {
    for same in [
        &["引っ越し", "引越し", "引越", "ひっこし", "引っ越す", "ヒッコシ"][..],
        &["届け出", "届出", "とどけで"][..],
        &["支払い", "支払う"][..],
        &["申し込み", "申込み", "申込"][..],
    ] {
        let readings: Vec<String> = same.iter().map(|s| reading_of(s)).collect();
        assert!(readings.iter().all(|r| *r == readings[0]), "{same:?}: {readings:?}");
    }
}

#[test]
fn words_that_the_sources_lack_are_there() {
    for word in ["令和", "マイナンバーカード", "住民票", "転入届"] {
        let tokens = ANALYZER.tokens(word);
        assert_eq!(tokens.len(), 1, "{word}: {tokens:?}");
        assert_eq!(tokens[0].class, Class::Noun, "{word}");
    }
}

#[test]
fn widths_and_kinds_of_kana_make_no_difference() {
    let bases = |text: &str| ANALYZER.tokens(text).into_iter().map(|t| t.base).collect::<Vec<_>>();
    assert_eq!(bases("ｺﾞﾐﾉ日"), bases("ゴミノ日"));
    assert_eq!(bases("ＡＢＣ１２３"), bases("abc123"));
    assert_eq!(bases("ゴミ"), bases("ごみ"));
}

#[test]
fn a_city_adds_its_own_place_names() {
    let file = std::env::temp_dir().join(format!("madoguchi-words-{}.csv", std::process::id()));
    std::fs::write(&file, "word,reading,class\n水面原,ミナモバラ,place\n").expect("written");
    let path = PathBuf::from(std::env::var_os("MADOGUCHI_DICT").expect("dictionary"));
    let own = Analyzer::load(&path, Some(&file)).expect("dictionary");
    let tokens = own.tokens("水面原の図書館");
    assert_eq!((tokens[0].surface.as_str(), tokens[0].reading.as_str()), ("水面原", "みなもばら"));
    std::fs::write(&file, "word,reading,class\n水面原,みなもばら,town\n").expect("written");
    let error = Analyzer::load(&path, Some(&file)).err().expect("refused").to_string();
    assert!(error.contains("line 2"), "{error}");
    std::fs::remove_file(&file).expect("removed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_can_be_cut(text in any::<String>()) {
        for token in ANALYZER.tokens(&text) {
            prop_assert!(!token.surface.is_empty());
        }
    }

    #[test]
    fn normal_form_is_its_own_normal_form(text in "\\PC{0,60}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn folding_and_widening_keep_the_number_of_characters(text in any::<String>()) {
        prop_assert_eq!(fold_kana(&text).chars().count(), text.chars().count());
        prop_assert_eq!(widen(&text).chars().count(), text.chars().count());
    }

    #[test]
    fn what_is_left_of_a_question_stood_in_it(text in "[ぁ-んァ-ヶ一-龠。？、 ]{1,40}") {
        for part in strip_boilerplate(&text).split(' ').filter(|p| !p.is_empty()) {
            prop_assert!(text.contains(part), "{part:?} of {text:?}");
        }
    }
}

#[test]
fn what_the_dictionary_does_not_know_is_told() {
    assert_eq!(ANALYZER.unknown("住民票の写しを2通、コンビニで"), Vec::<String>::new());
    assert_eq!(ANALYZER.unknown("DV・SNSの相談"), Vec::<String>::new(), "Latin words need no dictionary");
    assert_eq!(ANALYZER.unknown("龘龗号の時刻表"), ["龘龗"]);
}
