//! `ask`: questions in the terminal.

use std::process::Stdio;

use crate::support::{City, code, dictionary};

const ASKED: &str = "住民票の写しがほしい";

#[test]
fn an_answer_is_printed_with_facts_section_and_date() {
    dictionary();
    let city = City::demo();
    let said = city.run(["ask", ASKED]).done();
    for part in [
        "住民票の写しがほしいのですが、どこで取れますか",
        "持ってくるもの",
        "\n市民課 ",
        "に確認 ・ 第1版",
        "ほかの答え",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    assert_eq!(
        city.run(["ask", "住民票の", "写しが", "ほしい"]).done(),
        city.run(["ask", "住民票の 写しが ほしい"]).done()
    );
    // Half-width kana, full-width letters and kana are the same words.
    let first = |asked: &str| city.run(["--json", "ask", asked]).json()["found"][0]["code"].clone();
    assert_eq!(first("マイナンバーカードをなくした"), first("ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞをなくした"));
}

#[test]
fn a_script_gets_json() {
    dictionary();
    let city = City::demo();
    let answer = city.run(["--json", "ask", ASKED]).json();
    assert_eq!(answer["outcome"], "answer");
    let first = &answer["found"][0];
    assert_eq!((&first["code"], &first["lang"], &first["version"]), (&"juminhyo".into(), &"ja".into(), &1.into()));
    for key in ["question", "summary", "answer", "section", "checked_on"] {
        assert!(first[key].as_str().is_some_and(|v| !v.is_empty()), "{key} in {first}");
    }
    assert!(first["facts"]["bring"].is_array() && first["score"].is_number() && first["features"].is_null(), "{first}");
    let found =
        |limit: &str| city.run(["--json", "ask", "--limit", limit, ASKED]).json()["found"].as_array().map(Vec::len);
    assert_eq!(found("1"), Some(1));
    assert!(found("3") <= Some(3) && found("3") > Some(1));
}

#[test]
fn an_answer_is_explained() {
    dictionary();
    let city = City::demo();
    let said = city.run(["ask", "--explain", ASKED]).done();
    for part in ["── juminhyo  得点", "住民票", "じゅうみんひょう", "→"] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    let features = city.run(["--json", "ask", "--explain", ASKED]).json()["found"][0]["features"].clone();
    assert!(
        features.as_array().is_some_and(|f| f.len() > 3 && f[0].as_array().is_some_and(|f| f.len() == 3)),
        "{features}"
    );
}

#[test]
fn the_answer_comes_in_the_language_that_is_asked_for() {
    dictionary();
    let city = City::demo();
    let said = city.run(["ask", "--lang", "en", "I need a copy of my residence record"]).done();
    assert!(said.contains("I need a copy of my residence record (jūminhyō). Where can I get it?"), "{said}");
    let easy = city.run(["--json", "ask", "--lang", "easy", ASKED]).json();
    assert_eq!(easy["found"][0]["lang"], "easy");
    city.run(["ask", "--lang", "fr", ASKED]).failed(code::REFUSED, &["--lang \"fr\"", "ja, easy or en"]);
    city.run(["ask", "--limit", "0", ASKED]).status_is(code::USAGE);
    city.run(["ask"]).status_is(code::USAGE);
}

#[test]
fn where_nothing_is_found_the_exit_code_says_so() {
    dictionary();
    let city = City::demo();
    for asked in ["火星人の飛行許可証", "", "　", "？！。", "zzzzqqqq"] {
        let said = city.run(["ask", asked]);
        assert_eq!((said.status.code(), said.err.as_str()), (Some(code::NOTHING), ""), "{asked:?} {}", said.out);
        assert!(said.out.contains("答えが見つかりませんでした"), "{}", said.out);
    }
    let said = city.run(["ask", "--lang", "en", "zzzzqqqq"]);
    assert_eq!(said.status.code(), Some(code::NOTHING), "{}", said.out);
    assert!(said.out.contains("No answer was found"), "{}", said.out);
    let said = city.run(["--json", "ask", "火星人の飛行許可証"]);
    assert_eq!(said.status.code(), Some(code::NOTHING));
    let said: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    // What is nearest is told, and that it is no answer.
    assert_eq!(said["outcome"], "unsure");
    assert!(said["found"].as_array().is_some_and(|found| found.len() <= 3), "{said}");
    let said = city.run(["--json", "ask", "zzzzqqqq"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&said.out).expect("JSON")["found"], serde_json::json!([]));
    // A city without articles answers the same.
    assert_eq!(City::bare().run(["ask", ASKED]).status.code(), Some(code::NOTHING));
}

#[test]
fn no_question_is_too_strange() {
    dictionary();
    let city = City::demo();
    let long = "住民票".repeat(10_000);
    let marks = "(".repeat(5_000);
    for asked in [
        long.as_str(),
        &marks,
        "👨‍👩‍👧‍👦🇯🇵🗑️",
        "\u{1}\u{7f}\u{85}\t\n住民票",
        "<script>alert(1)</script>'; DROP TABLE article; --",
        "\u{202e}票民住\u{200b}\u{feff}",
        "ｺﾞﾐﾞﾟ゛゜ーｰ",
        "か\u{3099}\u{3099}\u{3099}",
        "%s%n${jndi:ldap://x}",
        "--",
    ] {
        let said = city.run(["ask", "--explain", "--", asked]);
        assert!(matches!(said.status.code(), Some(0 | code::NOTHING)), "{asked:.40}: {}", said.err);
        assert_eq!(said.err, "", "{asked:.40}");
    }
}

#[test]
fn whoever_stops_reading_gets_no_complaint() {
    dictionary();
    let city = City::demo();
    let mut child =
        city.command(["ask", ASKED]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("ended");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_a_failure() {
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
    let city = City::demo();
    let ended = city.command(["migrate"]).stdout(full()).stderr(Stdio::piped()).output().expect("ended");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("the result cannot be printed") && said.contains("No space left"), "{said}");
    assert_eq!(ended.status.code(), Some(code::FILE));
    // Where not even that can be said, the exit code still tells.
    let status = city.command(["export", "faq", "x.doc"]).stdout(full()).stderr(full()).status().expect("ended");
    assert_eq!(status.code(), Some(code::REFUSED));
}
