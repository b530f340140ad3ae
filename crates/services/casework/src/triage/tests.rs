use proptest::prelude::*;

use super::*;
use crate::CaseError;

fn seen(words: &str) -> Vec<String> {
    look(&standard(), words).into_iter().map(|(name, _)| name).collect()
}

fn rule(needs: Needs, words: &[&str], except: &[&str]) -> SignRule {
    SignRule {
        name: "規則".into(),
        needs,
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        except: except.iter().map(|w| (*w).to_owned()).collect(),
        hints_at: None,
        why: "理由".into(),
    }
}

#[test]
fn the_standard_list_may_be_kept_and_says_why() {
    checked(&standard()).expect("a list that is in order");
    for (name, why) in look(&standard(), "しにたい。お金をとられる。") {
        assert!(!name.is_empty() && why.ends_with('。'), "{name}: {why}");
    }
}

#[test]
fn each_word_of_the_list_is_seen_by_its_rule() {
    for rule in standard() {
        for word in &rule.words {
            let text = word.replace('＊', "").replace("{30}", "45").replace("{1}", "２");
            let names: Vec<String> =
                look(std::slice::from_ref(&rule), &text).into_iter().map(|(name, _)| name).collect();
            let is_exception = rule.except.iter().any(|e| normalise(e).contains(&normalise(&text)));
            assert!(names == [rule.name.clone()] || is_exception, "{} does not see {text}", rule.name);
        }
        for unmeant in &rule.except {
            let text = unmeant.replace("{30}", "45");
            assert_eq!(look(std::slice::from_ref(&rule), &text), [], "{} sees {unmeant}", rule.name);
        }
    }
}

#[test]
fn one_word_in_all_its_ways() {
    for words in [
        "しにたい",
        "死にたい",
        "シニタイ",
        "ｼﾆﾀｲ",
        "し に た い",
        "し・に・た・い",
        "しにたーい",
        "し\nに\nたい",
        "死\u{200b}にたい。",
    ] {
        assert_eq!(seen(words), ["しにたい・消えたい"], "{words:?}");
    }
}

#[test]
fn children_say_it_in_their_words() {
    for (words, wanted) in [
        ("もう消えたいです", "しにたい・消えたい"),
        ("まいにちたたかれる", "たたかれる・けられる"),
        ("おなかをけられた", "たたかれる・けられる"),
        ("先ぱいにお金をとられる", "お金や物をとられる"),
        ("3万円を渡しました", "お金や物をとられる"),
        ("いえにかえりたくない", "家に帰りたくない・家でたたかれる"),
        ("はだかの写真を送れと言われる", "写真や動画を求められる・広められる"),
        ("学校に30日行っていない", "長く学校に行っていない"),
        ("もう一ヶ月も学校に行っていません", "長く学校に行っていない"),
        ("死ぬと言っています", "死ぬと言っている"),
        ("しねって書かれた", "しねと言われる"),
    ] {
        assert!(seen(words).iter().any(|name| name == wanted), "{words}: {:?}", seen(words));
    }
}

#[test]
fn what_nobody_means_is_not_seen() {
    for words in [
        "死ぬほどおもしろい本でした",
        "しぬほど笑った",
        "席を見つけられた",
        "先生に助けられた",
        "学校に2日行っていない",
        "楽しみで眠れない",
        "体育館の使い方を教えてください",
        "給食のこんだてが知りたい",
        "",
    ] {
        assert_eq!(seen(words), Vec::<String>::new(), "{words}");
    }
    // What is meant beside it is seen.
    assert_eq!(seen("死ぬほどおもしろい本を読んでも、もう死ぬしかない"), ["しにたい・消えたい", "死ぬと言っている"]);
}

#[test]
fn all_of_some_words() {
    let both = [rule(Needs::All, &["親", "こわい人"], &[])];
    assert!(checked(&both).is_err(), "one letter sees too much");
    let both = [rule(Needs::All, &["お父さん", "こわい"], &["こわい話"])];
    assert_eq!(look(&both, "お父さんがこわい").len(), 1);
    assert_eq!(look(&both, "お父さんのこわい話").len(), 0);
    assert_eq!(look(&both, "こわい話をお父さんがしたので、こわい").len(), 1);
    assert_eq!(look(&both, "こわい").len(), 0);
}

#[test]
fn a_list_that_would_see_nothing_is_refused() {
    let field = |rules: &[SignRule]| match checked(rules) {
        Err(CaseError::Field { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let good = rule(Needs::Any, &["ことば"], &[]);
    assert_eq!(field(&[]), "rules");
    assert_eq!(field(&vec![good.clone(); MAX_RULES + 1]), "rules");
    assert_eq!(field(&[good.clone(), good.clone()]), "name");
    assert_eq!(field(&[SignRule { name: " ".into(), ..good.clone() }]), "name");
    assert_eq!(field(&[SignRule { why: String::new(), ..good.clone() }]), "why");
    assert_eq!(field(&[rule(Needs::Any, &[], &[])]), "words");
    assert_eq!(field(&[rule(Needs::Any, &["ことば", "。。"], &[])]), "words");
    assert_eq!(field(&[rule(Needs::Any, &["ことば"], &["＊"])]), "except");
    assert_eq!(field(&[rule(Needs::Any, &[&"あ".repeat(MAX_LENGTH + 1)], &[])]), "words");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn normalising_twice_changes_nothing(text in "(?s).{0,60}|[ァ-ヶぁ-ゖ゛゜゙゚ーｦ-ﾟ]{0,30}|[ᄀ-ᇿ.]{0,20}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn whatever_is_said_or_listed_is_looked_at(
        text in "(?s).{0,80}|[学校3十日休*{}＊]{0,80}",
        words in prop::collection::vec("(?s).{0,12}|[学校3十日休*{}＊]{0,12}", 0..4),
        all in any::<bool>(),
    ) {
        let rules = [SignRule { needs: if all { Needs::All } else { Needs::Any }, words, ..rule(Needs::Any, &[], &["学校"]) }];
        let seen = look(&rules, &text);
        prop_assert!(seen.len() <= 1);
        prop_assert!(look(&standard(), &text).len() <= standard().len());
        let _ = checked(&rules);
    }

    #[test]
    fn what_stands_between_letters_hides_nothing(between in "[ 　・。、\n\\-_!?…ー]{0,3}") {
        let text: String = "もうしにたい".chars().map(|c| format!("{c}{between}")).collect();
        prop_assert_eq!(seen(&text), ["しにたい・消えたい"]);
    }
}
