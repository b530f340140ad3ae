//! The ranking model and the thesaurus: learnt, checked, damaged.

use crate::support::{City, code, dictionary, run};

const RELATIONS: &str = "乳児\tcolloquial\t赤ちゃん\n赤ちゃん\tsame\t乳児\n家庭ごみ\tbroader\t物\n";

#[test]
fn a_thesaurus_is_told_what_is_wrong_with_it() {
    let city = City::demo();
    let own = run(["thesaurus", "check"]).done();
    assert!(own.contains("relations (same "), "{own}");
    city.write("words.tsv", RELATIONS);
    let checked = city.run(["thesaurus", "check", "words.tsv"]);
    checked.status_is(code::NOTHING);
    assert!(checked.out.contains("1 relations"), "{}", checked.out);
    assert!(checked.out.contains("words.tsv, line 2: these two words stand already in words.tsv, line 1"));
    assert!(checked.out.contains("line 3: \"broader\" is no relation; say same, colloquial, narrower or see"));
    city.write("rare.tsv", "龘龗号\tsame\t龘龗バス\n印鑑\tsame\t判子\n");
    let checked = city.run(["thesaurus", "check", "rare.tsv"]).done();
    assert!(checked.contains("1 words that the dictionary does not know; they are no fault:"), "{checked}");
    assert!(checked.contains("龘龗 in 龘龗号、龘龗バス"), "{checked}");
    let checked: serde_json::Value =
        serde_json::from_str(&city.run(["thesaurus", "check", "rare.tsv", "--json"]).done()).expect("JSON");
    assert_eq!(checked["unknown"], serde_json::json!({ "龘龗": ["龘龗号", "龘龗バス"] }));
    city.run(["thesaurus", "check", "nowhere.tsv"]).failed(code::FILE, &["nowhere.tsv cannot be read"]);
}

#[test]
fn a_model_is_learnt_used_and_its_damage_told() {
    dictionary();
    let city = City::demo();
    city.run(["export", "faq", "faq.csv"]).done();
    let line = |n: usize, code: &str, asked: &str| format!("colloquial\t{code}\t\t{asked} {n}\n");
    let lines: String = (0..8)
        .flat_map(|n| [line(n, "gomi-no-hi", "ごみはいつ出すの"), line(n, "tennyu", "引っ越してきたんだけど")])
        .collect();
    city.write("asked.tsv", lines);
    city.run(["train"]).failed(code::REFUSED, &["there is nothing to learn from", "--paraphrases"]);
    city.run(["train", "--feedback"]).failed(code::REFUSED, &["0 words of citizens", "at least twice"]);
    city.run(["train", "--feedback", "--examination", "9"]).failed(code::REFUSED, &["--examination 9", "from 0 to 3"]);
    let learnt = ["train", "--articles", "faq.csv", "--paraphrases", "asked.tsv", "--model", "own.model"];
    let said = city.run(learnt).done();
    assert!(said.contains("paraphrases, first half: 8 questions over") && said.contains("calibration error"), "{said}");
    assert!(said.contains("all parts together, ") && said.contains("questions: calibration error 0."), "{said}");
    assert!(said.contains("becomes (first fully right / one of five): answer "), "{said}");
    city.write("wrong.tsv", "colloquial\tnowhere\t\tx\n");
    let wrong = ["train", "--articles", "faq.csv", "--paraphrases", "wrong.tsv"];
    city.run(wrong).failed(code::REFUSED, &["wrong.tsv, line 1", "there is no article \"nowhere\""]);

    let config = std::fs::read_to_string(&city.config).expect("read");
    std::fs::write(&city.config, format!("ranking_model = \"own.model\"\n{config}")).expect("written");
    let doctor = city.run(["doctor"]);
    assert!(doctor.out.contains("8 questions: paraphrases, first half"), "{}", doctor.out);
    let asked = city.run(["ask", "ごみの日を逃した"]).done();
    // Damaged, it is told, and the program's own model answers.
    let text = std::fs::read_to_string(city.path("own.model")).expect("read");
    city.write("own.model", text.replacen("tree ", "tree 0 ", 1));
    let doctor = city.run(["doctor"]);
    assert!(doctor.out.contains("ERROR") && doctor.out.contains("check sum does not fit"), "{}", doctor.out);
    let still = city.run(["ask", "ごみの日を逃した"]);
    still.status_is(0);
    assert!(still.out.contains("ごみ") && asked.contains("ごみ"), "{}", still.out);
}
