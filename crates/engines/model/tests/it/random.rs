//! Any text may come from a model.

use model::{Source, Style, Task, check, prompt, render};
use proptest::prelude::*;

use crate::support::{WORDS, checked, codes, source};

/// Bits of which replies and attacks are made.
fn bits() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        "\\PC{0,6}",
        "[ -~]{0,8}",
        "[0-9０-９一二三十百千万,.:/-]{1,8}",
        "[ぁ-ん]{1,6}",
        Just("{{a1.fee}}".to_owned()),
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("令和".to_owned()),
        Just("午後".to_owned()),
        Just("月".to_owned()),
        Just("日(にち)".to_owned()),
        Just("円。\n".to_owned()),
        Just("「".to_owned()),
        Just("](".to_owned()),
        Just(" p.m. March ".to_owned()),
    ];
    proptest::collection::vec(bit, 0..14).prop_map(|bits| bits.concat())
}

/// Ways to write a number.
fn written(n: u32, form: u8) -> String {
    let digits = n.to_string();
    let kanji = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match form {
        0 => digits,
        1 => digits.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).expect("a digit")).collect(),
        2 => digits.chars().map(|c| kanji[c.to_digit(10).expect("a digit") as usize]).collect(),
        3 => {
            let mut out = String::new();
            for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
                match (n / unit % 10, unit) {
                    (0, _) => {}
                    (1, 2..) => out.push_str(name),
                    (d, _) => out.push_str(&format!("{}{name}", kanji[d as usize])),
                }
            }
            out
        }
        _ => digits.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0x1D7CE).expect("a digit")).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_check_fall_over(reply in bits(), said in bits()) {
        let mut source = source(&["inu-toroku"], Style::Plain);
        source.articles[0].answer = said;
        let made = prompt(&Task::Rephrase { style: Style::Plain }, &source, &reply);
        let checked = check(&reply, &Task::Rephrase { style: Style::Plain }, &source, &made.instruction, &WORDS);
        prop_assert_eq!(checked.passed, checked.faults.is_empty());
        prop_assert!(checked.support.iter().all(|(_, s)| (0.0..=1.0).contains(s)));
        // What passes can be filled in.
        prop_assert!(!checked.passed || render(&reply, &source).is_ok());
        let _ = check(&reply, &Task::Rephrase { style: Style::English }, &Source::default(), "", &WORDS);
    }

    #[test]
    fn a_number_in_any_script_is_found(n in 12u32..9_999, form in 0u8..5, counter in prop_oneof![Just("円"), Just("日以内"), Just("歳"), Just("枚")]) {
        let source = source(&["inu-fun-nakigoe"], Style::Plain);
        let reply = format!("飼い主は{}{counter}です。", written(n, form));
        let checked = checked(&reply, &source, Style::Plain);
        prop_assert!(checked.faults.iter().any(|f| f.kind == model::Kind::Number), "{} {:?}", reply, checked);
    }

    #[test]
    fn a_number_means_the_same_in_any_script(n in 12u32..9_999, one in 0u8..5, other in 0u8..5) {
        let mut source = source(&["inu-fun-nakigoe"], Style::Plain);
        source.articles[0].answer = format!("飼い主は{}円を払います。", written(n, one));
        let reply = format!("飼い主は{}円を払います。", written(n, other));
        let checked = checked(&reply, &source, Style::Plain);
        prop_assert!(checked.passed, "{} {:?}", reply, checked);
    }
}

#[test]
fn every_article_of_the_demo_city_may_be_repeated() {
    let (mut told, mut refused) = (0, Vec::new());
    for code in codes().into_iter().step_by(5) {
        for style in [Style::Plain, Style::Easy, Style::English] {
            let source = source(&[code], style);
            let article = &source.articles[0];
            let japanese = article.question.chars().any(text::normal::is_kana);
            if japanese == (style == Style::English) {
                continue;
            }
            told += 1;
            let checked = checked(&article.summary, &source, style);
            if !checked.passed {
                refused.push((code, style, checked.faults));
            }
        }
    }
    println!("summaries of articles refused: {} of {told}: {refused:#?}", refused.len());
    assert!(told > 100 && refused.len() * 50 <= told, "{} of {told}", refused.len());
}
