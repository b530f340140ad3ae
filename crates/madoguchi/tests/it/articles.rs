//! `export faq` and what comes back by `import faq`.

use crate::support::{City, code, dictionary, files};

const FORMS: [&str; 3] = ["csv", "xlsx", "toml"];

#[track_caller]
fn all_unchanged(city: &City, file: &str) {
    let result = &city.run(["--json", "import", "faq", file]).json()["result"];
    assert_eq!((&result["added"], &result["changed"]), (&0.into(), &0.into()), "{file}: {result}");
    assert!(result["unchanged"].as_u64() > Some(0), "{result}");
}

#[test]
fn what_is_exported_comes_back_unchanged() {
    let city = City::demo();
    for form in FORMS {
        let file = format!("faq.{form}");
        let said = city.run(["export", "faq", &file]).done();
        assert!(said.contains(&file) && said.contains("articles"), "{said}");
        all_unchanged(&city, &file);
        // The same contents give the same file, so that a person can compare two of them.
        if form != "xlsx" {
            let before = std::fs::read(city.path(&file)).expect("read");
            city.run(["export", "faq", &file]).done();
            assert!(before == std::fs::read(city.path(&file)).expect("read"), "{file}");
        }
    }
    // A city that never saw them gets the same from each.
    let all = city.articles();
    for form in FORMS {
        let other = City::bare();
        let file = format!("faq.{form}");
        std::fs::copy(city.path(&file), other.path(&file)).expect("copied");
        other.run(["import", "faq", &file]).done();
        assert_eq!(other.articles(), all, "{form}");
    }
}

#[test]
fn texts_that_a_table_could_mistake_survive_every_form() {
    let city = City::bare();
    let article = r#"
[[article]]
code = "a1"
question = " 「はい」と、\"いいえ\"; どちらですか　"
summary = "+1-2=3; '=SUM(A1)' @x"
answer = """

行 1

|表|の|中|
|-|-|-|
|a;b|c,d|"e"|

- 最後の行 \\ \\; \\n
  """
topics = [" waste", "moving"]
section = "shimin"
keywords = ["a; b", "全角；区切り", "\\", "\\;", "c,d", "\"q\"", "", "  間  "]
checked_on = 2026-10-03
review_due = 2027-04-30
valid_from = 2026-04-01
valid_to = 9999-12-31
[article.facts]
who = ""
deadline = " 14日; 以内 "
bring = ["Form (申請書; at the counter)", "ID"]
fee = "0300"
place = "TRUE"
hours = "8:45"
online_label = "=1+1"
online_url = "https://example.jp/?a=1;b=2&c=%E3%81%82#d"
[article.easy]
question = "引っ越(ひっこ)し"
summary = "1e5"
answer = "2026-01-02"
[article.en]
question = "Don't; panic"
summary = "A, \"b\""
answer = "C"
keywords = ["x;y"]
"#;
    assert!(city.import("in.toml", article).done().starts_with("1 new, 0 changed, 0 unchanged"));
    let all = city.articles();
    for part in ["+1-2=3", "a\\; b;全角\\；区切り;\\\\;\\\\\\;;", "Form (申請書\\; at the counter);ID", "0300", "TRUE"]
    {
        assert!(all.contains(part), "{part} in {all}");
    }
    for form in FORMS {
        let file = format!("out.{form}");
        city.run(["export", "faq", &file]).done();
        all_unchanged(&city, &file);
    }
}

#[test]
fn a_changed_row_is_a_new_version_that_is_found() {
    dictionary();
    let city = City::demo();
    let before = city.articles();
    let after = before.replace("住民票の写しがほしいのですが、どこで取れますか", "紫陽花の苗木をもらえますか");
    assert_ne!(before, after);
    let asked = |expected| {
        let answer = city.run(["--json", "ask", "紫陽花の苗木がほしい"]);
        assert_eq!(answer.status.code(), Some(expected), "{}", answer.err);
        serde_json::from_str::<serde_json::Value>(&answer.out).expect("JSON")["found"][0].clone()
    };
    assert_ne!(asked(code::NOTHING)["code"], "juminhyo");
    assert!(city.import("faq.csv", &after).done().starts_with("0 new, 1 changed, "));
    let found = asked(0);
    assert_eq!((&found["code"], &found["version"]), (&"juminhyo".into(), &2.into()));
    assert_eq!(city.articles(), after);
    // The same file again changes nothing, and the old one brings a third version.
    all_unchanged(&city, "faq.csv");
    assert!(city.import("faq.csv", &before).done().starts_with("0 new, 1 changed, "));
    assert_eq!(city.articles(), before);
    assert_eq!(city.run(["--json", "ask", "住民票の写しがほしい"]).json()["found"][0]["version"], 3);
}

#[test]
fn an_export_that_cannot_be_is_told_and_leaves_nothing() {
    let city = City::demo();
    let before = files(city.folder());
    for name in ["faq.doc", "faq", "faq.xls", "faq.csv.gz"] {
        city.run(["export", "faq", name]).failed(code::REFUSED, &[name, "the ending must be .csv, .xlsx or .toml"]);
    }
    city.run(["export", "faq", "nowhere/faq.csv"])
        .failed(code::FILE, &["nowhere/faq.csv cannot be written", "check the folder"]);
    std::fs::create_dir(city.path("folder.csv")).expect("a folder");
    city.run(["export", "faq", "folder.csv"]).failed(code::FILE, &["folder.csv cannot be written"]);
    std::fs::remove_dir(city.path("folder.csv")).expect("removed");
    assert_eq!(files(city.folder()), before);
}

#[test]
fn an_empty_city_exports_empty_tables() {
    let city = City::bare();
    for form in FORMS {
        city.run(["export", "faq", &format!("faq.{form}")]).done();
        city.run(["import", "faq", &format!("faq.{form}")])
            .failed(code::REFUSED, &["faq.", "there is no article in it"]);
    }
}
