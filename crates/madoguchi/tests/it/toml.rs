//! `import faq` of TOML.

use crate::support::{City, Server, code};

const RIGHT: &str = r#"[[article]]
code = "kasa"
question = "傘はどこですか"
summary = "ここです。"
answer = """
一行目
二行目
"""
topics = ["waste"]
section = "shimin"
checked_on = 2026-10-03
"#;

#[test]
fn errors_are_told_with_their_line() {
    let city = City::bare();
    let before = city.articles();
    let refused = |text: &str, parts: &[&str]| {
        assert_ne!(text, RIGHT, "{parts:?}: the test changed nothing");
        city.import("faq.toml", text)
            .failed(code::REFUSED, &[&["1 error(s), nothing was stored:\n  faq.toml"], parts].concat());
    };
    refused(&RIGHT.replace("topics = [\"waste\"]", "topics = [\"waste\""), &["row 10: ", "array"]);
    refused(&RIGHT.replace("summary = ", "summary "), &["row 4: ", "="]);
    refused(&RIGHT.replace("\"\"\"\ntopics", "topics"), &["row"]);
    refused(
        &RIGHT.replace("[[article]]", "[[artikle]]"),
        &["row 1, column artikle: is not known here; a file holds tables [[article]]"],
    );
    refused(&format!("title = \"x\"\n{RIGHT}"), &["row 1, column title: is not known here"]);
    refused(&RIGHT.replace("[[article]]", "[article]"), &["row 1, column article: is not known here"]);
    refused(&RIGHT.replace("section", "sektion"), &["row 10: unknown field `sektion`", "`section`"]);
    refused(&RIGHT.replace("section = \"shimin\"\n", ""), &["row 1: missing field `section`"]);
    refused(&RIGHT.replace("\"ここです。\"", "5"), &["row 4: invalid type"]);
    refused(&RIGHT.replace("2026-10-03", "\"2026-10-03\""), &["row 11: invalid type", "2026-10-03"]);
    refused(&RIGHT.replace("2026-10-03", "2026-02-29"), &["row 11"]);
    refused(
        &RIGHT.replace("2026-10-03", "2026-10-03T10:00:00Z"),
        &["row 1, column checked_on: 2026-10-03T10:00:00Z is not a day like 2026-10-03"],
    );
    refused(&RIGHT.replace("section", "code = \"x\"\nsection"), &["row 10: duplicate key"]);
    refused(&format!("{RIGHT}[article.facts]\nwho = \"a\"\nwhen = \"b\"\n"), &["row 14: unknown field `when`"]);
    refused(&format!("{RIGHT}[article.fr]\nquestion = \"a\"\n"), &["row 12: unknown field `fr`"]);
    refused(&format!("{RIGHT}[article.en]\nquestion = \"a\"\n"), &["row 12: missing field `summary`"]);
    refused(&RIGHT.replace("二行目", "\\u0007"), &["row 1, column answer: (ja) holds the control character U+0007"]);
    refused(&RIGHT.replace("二行目", "\\u0000"), &["(ja) holds the control character U+0000"]);
    refused(&RIGHT.replace("\"waste\"", "\"\""), &["row 1, column topics: is empty"]);
    refused(&RIGHT.replace("shimin", "nowhere"), &["row 1, column section: \"nowhere\" is no section"]);
    // Several articles: each with its own line, one error each.
    let three = format!(
        "{RIGHT}{}{}",
        RIGHT.replace("shimin", "").replace("kasa", "a"),
        RIGHT.replace("傘", "\\u0001").replace("kasa", "b")
    );
    city.import("faq.toml", three)
        .failed(code::REFUSED, &["2 error(s)", "row 12, column section", "row 23, column question"]);
    refused(&format!("{RIGHT}{RIGHT}"), &["row 12, column code: \"kasa\" stands already in faq.toml, row 1"]);
    let cp932 = encoding_rs::SHIFT_JIS.encode(RIGHT).0.into_owned();
    city.import("faq.toml", cp932).failed(code::REFUSED, &["faq.toml, row 3: is not UTF-8; save it as UTF-8"]);
    for empty in ["", "# nothing\n", "article = []\n"] {
        city.import("faq.toml", empty).failed(code::REFUSED, &["faq.toml: there is no article in it"]);
    }
    assert_eq!(city.articles(), before);
}

#[test]
fn files_of_every_system_are_taken() {
    let city = City::bare();
    assert!(city.import("faq.toml", RIGHT).done().starts_with("1 new"));
    for text in [RIGHT.replace('\n', "\r\n"), format!("\u{feff}{RIGHT}"), RIGHT.replace("ここです。", " ここです。 ")]
    {
        assert!(city.import("faq.toml", text).done().starts_with("0 new, 0 changed, 1 unchanged"));
    }
}

#[test]
fn html_in_an_answer_never_becomes_a_part_of_the_page() {
    let city = City::bare();
    let answer = "前\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(2)> <b onmouseover=alert(3)>太字</b>\n\n[x](javascript:alert(4)) [y](data:text/html,z)\n\n# 大きい\n\n後";
    assert!(city.import("faq.toml", RIGHT.replace("一行目", answer)).done().starts_with("1 new"));
    let page = Server::of(&city).get("/articles/kasa");
    page.is(200).is_page();
    for text in ["前", "太字", "後"] {
        assert!(page.body.contains(text), "{}", page.body);
    }
    // HTML is shown as the text that it is.
    assert!(page.body.contains("&lt;b onmouseover=alert(3)&gt;"), "{}", page.body);
    for active in ["<b ", "<img", "href=\"data:", "href=\"javascript:", "<h1>大きい"] {
        assert!(!page.body.contains(active), "{active} in {}", page.body);
    }
}
