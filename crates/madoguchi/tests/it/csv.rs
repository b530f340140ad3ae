//! `import faq` of CSV: what is taken, and what is refused with file, row, column and reason.

use std::time::Instant;

use crate::support::http::encode;
use crate::support::table::{HEAD, lines, row, table, with};
use crate::support::{City, Server, code, tell};

/// A file that is refused with all of these words, and nothing else beside them.
#[track_caller]
fn refused(city: &City, bytes: impl AsRef<[u8]>, parts: &[&str]) {
    let said = city.import("faq.csv", bytes).failed(code::REFUSED, parts);
    let errors = said.lines().filter(|line| line.starts_with("  faq.csv")).count();
    assert!(said.starts_with(&format!("madoguchi: {errors} error(s), nothing was stored:\n")), "{said}");
    assert_eq!(errors, parts.len(), "each of the words tells one error: {said}");
}

/// A file of which one article is taken.
#[track_caller]
fn taken(city: &City, bytes: impl AsRef<[u8]>) {
    assert!(city.import("faq.csv", bytes).done().starts_with("1 new, 0 changed, 0 unchanged"));
}

#[test]
fn heads_that_are_wrong_are_told() {
    let city = City::bare();
    let before = city.articles();
    let rows = format!("{}\n", row("kasa"));
    refused(
        &city,
        format!("{HEAD},colour\n{rows}"),
        &["faq.csv, row 1, column colour: is not a column; the columns are code, lang"],
    );
    refused(&city, format!("{HEAD},code\n{rows}"), &["row 1, column code: stands twice in the head"]);
    refused(
        &city,
        format!("{}\n{rows}", HEAD.replace("question,", "").replace(",section", "")),
        &["row 1, column question: is missing from the head", "row 1, column section: is missing from the head"],
    );
    let long = "x".repeat(100_000);
    refused(&city, format!("{HEAD},{long}\n"), &["is not a column"]);
    let all = ["code", "question", "summary", "answer", "topics", "section", "checked_on"];
    let missing: Vec<String> = all.iter().map(|c| format!("column {c}: is missing from the head")).collect();
    let mut parts: Vec<&str> = missing.iter().map(String::as_str).collect();
    parts.push("column 質問: is not a column");
    refused(&city, "質問\nx\n", &parts);
    // Saved with another separator than the comma.
    refused(&city, HEAD.replace(',', ";"), &["row 1: parts its cells by semicolons; save the file as CSV with commas"]);
    refused(
        &city,
        table(["kasa"]).replace(',', "\t"),
        &["row 1: parts its cells by tabs; save the file as CSV with commas"],
    );
    // Nothing at all.
    for empty in ["", "\n\n\r\n", "\u{feff}"] {
        refused(&city, empty, &["faq.csv: the file is empty; its first row names the columns"]);
    }
    for head_only in [format!("{HEAD}\n"), HEAD.to_owned(), format!("{HEAD}\n,,,,,,,\n \n")] {
        city.import("faq.csv", head_only).failed(code::REFUSED, &["faq.csv: there is no article in it"]);
    }
    assert_eq!(city.articles(), before);
}

#[test]
fn cells_that_are_wrong_are_told_with_row_and_column() {
    let city = City::bare();
    let before = city.articles();
    let long = |n: usize| "あ".repeat(n);
    let cell = |column: &str, value: &str, reason: &str| {
        refused(&city, with(&[(column, value)]), &[&format!("faq.csv, row 2, column {column}: {reason}")]);
    };
    cell("code", "", "\"\": a code is 1 to 60 characters of a–z, 0–9 and single hyphens");
    cell("code", "Kasa", "\"Kasa\": a code is");
    cell("code", "../etc", "\"../etc\": a code is");
    cell("code", &"k".repeat(61), "\"kkk");
    cell("lang", "fr", "\"fr\" is not ja, easy or en");
    cell("question", "", "(ja) is empty");
    cell("question", &long(201), "(ja) has 201 characters, at most 200");
    cell("summary", " ", "(ja) is empty");
    cell("summary", &long(101), "(ja) has 101 characters, at most 100");
    cell("answer", &long(10_001), "(ja) has 10001 characters, at most 10000");
    cell("answer", &long(33_001), "has more than 33000 characters");
    cell("topics", "", "is empty; give at least one topic");
    cell("topics", "waste;gomi", "\"gomi\" is not a topic of the service catalogue");
    cell("section", "", "is empty; give the code of the responsible section");
    cell("section", "nowhere", "\"nowhere\" is no section of this city on 2");
    cell("related", "nothing", "there is no article \"nothing\", here or in the database");
    cell("checked_on", "", "is empty; give the day of the last check");
    for wrong in [
        "yesterday",
        "2026-13-01",
        "2026-02-29",
        "2026-00-10",
        "26-10-03",
        "令和8年10月3日",
        "46298",
        "2026-10-03T10:00",
    ] {
        cell("checked_on", wrong, &format!("{wrong:?} is not a day like 2026-10-03"));
    }
    cell("review_due", "2026-1", "\"2026-1\" is not a day like 2026-10-03");
    cell("review_due", "2026-10-02", "is before checked_on 2026-10-03");
    cell("valid_from", "x", "\"x\" is not a day");
    refused(
        &city,
        with(&[("online_url", "javascript:alert(1)"), ("online_label", "x")]),
        &["column online_url: (ja) \"javascript:alert(1)\" is not an address that begins with https://"],
    );
    cell("keywords", &vec!["k"; 51].join(";"), "(ja) has 51 items, at most 50");
    cell("keywords", &long(501), "(ja) an item is longer than 500 characters");
    cell("bring", &long(501), "(ja) an item is longer than 500 characters");
    for fact in ["who", "deadline", "fee", "place", "hours", "online_label"] {
        cell(fact, &long(501), "(ja) an item is longer than 500 characters");
        cell(fact, "a\nb", "(ja) \"a\\nb\" holds a line break or control character");
    }
    for column in ["question", "summary", "answer"] {
        cell(column, "a\u{1}b", "(ja) holds the control character U+0001");
        cell(column, "a\u{9b}b", "(ja) holds the control character U+009B");
        cell(column, "a\rb", "(ja) holds the control character U+000D");
    }
    cell("who", "\u{1b}[2Jx", "(ja) \"\\u{1b}[2Jx\" holds a line break or control character");
    refused(
        &city,
        with(&[("valid_from", "2027-01-01"), ("valid_to", "2026-12-31")]),
        &["column valid_to: 2026-12-31 is before valid_from"],
    );
    refused(
        &city,
        with(&[("online_url", "https://a.example/ b")]),
        &[
            "column online_url: (ja) \"https://a.example/ b\" is not",
            "column online_label: (ja) is empty although there is an online_url",
        ],
    );
    // One row tells all that is wrong with it, also what its translations would need.
    refused(
        &city,
        lines(["Kasa,ja,,s,a,gomi,shimin,never", "Kasa,en,q,s,a,,,"]),
        &["row 2, column code", "row 2, column question", "row 2, column topics", "row 2, column checked_on"],
    );
    // Long values do not make long messages.
    let said = city.import("faq.csv", with(&[("section", &long(30_000))])).failed(code::REFUSED, &["is no section"]);
    assert!(said.len() < 1000, "{}", said.len());
    assert_eq!(city.articles(), before);
}

#[test]
fn rows_that_do_not_fit_together_are_told() {
    let city = City::bare();
    let before = city.articles();
    refused(
        &city,
        table(["kasa", "kutsu", "kasa"]),
        &["row 4, column code: \"kasa\" stands already in faq.csv, row 2"],
    );
    refused(&city, lines(["kasa,en,q,s,a,,,"]), &["row 2, column code: \"kasa\" has no Japanese row in this file"]);
    refused(
        &city,
        lines([row("kasa").as_str(), "kasa,en,q,s,a,,,", "kasa,en,q2,s,a,,,"]),
        &["row 4, column lang: \"kasa\" has two rows in en"],
    );
    let text = |lang, n: usize| lines([row("kasa"), format!("kasa,{lang},q,{},a,,,", "s".repeat(n))]);
    refused(&city, text("easy", 161), &["row 2, column summary: (easy) has 161 characters, at most 160"]);
    refused(&city, text("en", 261), &["row 2, column summary: (en) has 261 characters, at most 260"]);
    // Cells beyond the head, or below a name that is empty.
    refused(
        &city,
        format!("{}{},more\n", table(["a"]), row("b")),
        &["row 3: has a cell in column 9, which the head does not name (\"more\")"],
    );
    refused(
        &city,
        format!("{HEAD},\n{},more\n", row("b")),
        &["row 2: has a cell in column 9, which the head does not name"],
    );
    assert_eq!(city.articles(), before);
}

#[test]
fn quotation_marks_that_are_not_closed_are_told_with_their_row() {
    let city = City::bare();
    let before = city.articles();
    let open = row("b").replace("bの答え", "\"bの答え");
    for rest in ["", "\n", "\n\n", &format!("\n{}\n{}\n", row("c"), row("d"))] {
        let text = format!("{}{open}{rest}", table(["a"]));
        refused(&city, text, &["row 3: opens a quotation mark (\") that is never closed"]);
    }
    refused(&city, "\"code,lang", &["row 1: opens a quotation mark"]);
    // Closed by the next one that comes, rows later.
    let text = format!("{}{open}\n{}\n{}\n", table(["a"]), row("c"), row("d").replace("dの答え", "\"dの答え\""));
    refused(
        &city,
        text,
        &["row 3: has text after a quotation mark (\") that closes a cell; inside of a cell, write it twice"],
    );
    refused(
        &city,
        lines([row("a").replace("aの答え", "\"これは\"答え\"")]),
        &["row 2: has text after a quotation mark"],
    );
    assert_eq!(city.articles(), before);
    // A mark inside of a cell is a mark.
    taken(&city, lines([row("e").replace("eの答え", "5\" の管")]));
    assert!(city.articles().contains("\"5\"\" の管です。\""));
}

#[test]
fn rows_are_counted_as_a_spreadsheet_shows_them() {
    let city = City::bare();
    for end in ["\n", "\r\n"] {
        let answer = row("a").replace("aの答えです。", &format!("\"一行目{end}{end}三行目\""));
        let wrong = row("b").replace("2026-10-03", "never");
        let text = [HEAD, "", &answer, ",,,,,,,", "", &wrong, ""].join(end);
        refused(&city, text, &["row 6, column checked_on"]);
    }
}

#[test]
fn encodings_are_understood_or_told() {
    let city = City::bare();
    let before = city.articles();
    let text = table(["kasa"]);
    let (cp932, _, unknown) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unknown);
    let utf16 = |big: bool| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    for bytes in [utf16(false), utf16(true)] {
        refused(&city, bytes, &["faq.csv: is UTF-16 (“Unicode text”); save it as “CSV UTF-8”"]);
    }
    // UTF-16 without its mark, and NUL alone.
    refused(&city, &utf16(false)[2..], &["row 1: holds the character U+0000"]);
    let ascii: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&city, ascii, &["row 1: holds the character U+0000; the file is UTF-16 or damaged"]);
    refused(&city, text.replace("の答え", "\0"), &["row 2: holds the character U+0000"]);
    // A byte that neither encoding knows; the row is a spreadsheet's, not the line of the file.
    let two_lines = row("b").replace("bの答えです。", "\"一\n二\"");
    let (rows, _, _) = encoding_rs::SHIFT_JIS.encode(&two_lines);
    let broken = [&*cp932, &*rows, b"\n", &*encoding_rs::SHIFT_JIS.encode(&row("c")).0, b"\xFF\xFD\n"].concat();
    refused(&city, broken, &["row 4: is neither UTF-8 nor CP932 (Shift_JIS); save the file as UTF-8"]);
    let cut = [b"\xEF\xBB\xBF", text.as_bytes(), b"\xE3\x81"].concat();
    refused(&city, cut, &["row 3: holds bytes that are not UTF-8; the file is damaged"]);
    refused(&city, vec![0x80, 0x81, 0xFE, 0xFF], &["row 1: is neither UTF-8 nor CP932"]);
    assert_eq!(city.articles(), before);
    // The same article by every encoding that is taken.
    taken(&city, &text);
    let all = city.articles();
    for bytes in
        [cp932.into_owned(), [b"\xEF\xBB\xBF", text.as_bytes()].concat(), text.replace('\n', "\r\n").into_bytes()]
    {
        assert!(city.import("faq.csv", bytes).done().starts_with("0 new, 0 changed, 1 unchanged"));
    }
    assert_eq!(city.articles(), all);
    // Letters that only Microsoft's Shift_JIS has.
    let text = with(&[("code", "ms"), ("answer", "①髙﨑")]);
    let (special, _, unknown) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unknown && special.len() < text.len());
    taken(&city, special);
    assert!(city.articles().contains("①髙﨑"));
}

#[test]
fn what_spreadsheets_write_is_taken() {
    let city = City::bare();
    // Columns in another order and case, empty rows and columns, spaces, dates with slashes, no language.
    let text = "Section, CHECKED_ON ,answer,summary,question,code,topics,lang,\n\n,,,,,,,,\nshimin,2026/4/1, 答え ,要約,質問,kasa,waste；moving;,,\n";
    taken(&city, text);
    let all = city.articles();
    assert!(all.contains("kasa,ja,質問,要約,答え,waste;moving,shimin,,,2026-04-01,"), "{all}");
    // A translation before its article, with cells of the article that do not count.
    let text = lines(["kutsu,en,q,s,a,nonsense,nowhere,never", &row("kutsu")]);
    taken(&city, text);
    assert!(city.articles().contains("kutsu,en,q,s,a,,,"));
    // As long as can be.
    let cells = [
        ("code", "k".repeat(60)),
        ("question", "あ".repeat(200)),
        ("summary", "い".repeat(100)),
        ("answer", "う".repeat(10_000)),
    ];
    let cells: Vec<(&str, &str)> = cells.iter().map(|(column, value)| (*column, value.as_str())).collect();
    taken(&city, with(&cells));
}

#[test]
fn scripts_read_the_errors_as_json() {
    let city = City::bare();
    city.write("faq.csv", lines([row("a"), row("b").replace("waste", "gomi")]));
    let said = city.run(["--json", "import", "faq", "faq.csv"]);
    said.status_is(code::REFUSED);
    let errors: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&errors["stored"], &errors["count"]), (&false.into(), &1.into()));
    let expected = serde_json::json!([{
        "file": "faq.csv", "row": 3, "column": "topics", "reason": "\"gomi\" is not a topic of the service catalogue"
    }]);
    assert_eq!(errors["errors"], expected);
}

#[test]
fn a_hundred_thousand_good_rows_are_imported() {
    let city = City::bare();
    let text = lines((0..100_000).map(|n| row(&format!("row-{n}"))));
    city.write("faq.csv", &text);
    let started = Instant::now();
    let said = city.run(["import", "faq", "faq.csv"]);
    tell(&format!(
        "100,000 rows ({:.1} MB) were imported in {:.1} s with at most {} MB of memory",
        text.len() as f64 / 1e6,
        started.elapsed().as_secs_f64(),
        said.peak_mb
    ));
    assert!(said.done().starts_with("100000 new, 0 changed, 0 unchanged"));
    assert!(city.import("one.csv", table(["row-99999"])).done().starts_with("0 new, 0 changed, 1 unchanged"));
}

#[test]
fn a_hundred_thousand_bad_rows_are_told_in_a_page() {
    let city = City::bare();
    let bad = |n: usize| row(&format!("row-{n}")).replace("2026-10-03", "never");
    let said = city.import("faq.csv", lines((0..100_000).map(bad))).failed(
        code::REFUSED,
        &[
            "100000 error(s), nothing was stored:",
            "row 2, column checked_on",
            "row 201, column checked_on",
            "  and 99800 more",
        ],
    );
    assert!(said.lines().count() < 210 && !said.contains("row 202,"), "{}", said.lines().count());
    // Errors that only the city knows are bounded as well.
    let homeless = |n: usize| row(&format!("row-{n}")).replace("shimin", "nowhere");
    let said = city.import("faq.csv", lines((0..1_000).map(homeless)));
    let said = said.failed(code::REFUSED, &["1000 error(s)", "faq.csv, row 201, column section", "  and 800 more"]);
    assert!(said.lines().count() < 210);
    assert_eq!(city.articles().lines().count(), 1);
}

#[test]
fn sql_and_html_are_text_wherever_they_stand() {
    let city = City::bare();
    let evil = "'; DROP TABLE article; --<script>alert(\"x\")</script>&amp;";
    let url = "https://a.example/?q=\"><script>alert(1)</script>'";
    let columns = [
        "question",
        "summary",
        "answer",
        "keywords",
        "who",
        "deadline",
        "bring",
        "fee",
        "place",
        "hours",
        "online_label",
    ];
    let mut cells: Vec<(&str, &str)> = columns.iter().map(|c| (*c, evil)).collect();
    cells.extend([("code", "evil"), ("online_url", url)]);
    taken(&city, with(&cells));
    // Stored as it was written: the export brings it back.
    city.run(["export", "faq", "evil.toml"]).done();
    assert!(city.run(["import", "faq", "evil.toml"]).done().starts_with("0 new, 0 changed, 1 unchanged"));
    let server = Server::of(&city);
    for prefix in ["", "/easy", "/en"] {
        for page in
            ["/articles/evil".to_owned(), "/topics/waste".into(), format!("/ask?q={}", encode("DROP TABLE article"))]
        {
            let page = server.get(&format!("{prefix}{page}"));
            page.is(200).is_page();
            assert!(page.text().contains("&#39;; DROP TABLE article; --&lt;script&gt;"), "{}", page.body);
        }
    }
    let page = server.get("/articles/evil");
    // Title, question, summary, and six facts; the semicolons part what to bring into three items.
    let text = page.text();
    assert_eq!(text.matches("--&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;<").count(), 8, "{text}");
    assert!(text.contains("<title>&#39;; DROP TABLE article; --&lt;script&gt;"), "{text}");
    assert!(
        text.contains("href=\"https://a.example/?q=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;\""),
        "{text}"
    );
    server.get("/sitemap.xml").is(200).is_harmless();
    let data = server.get("/opendata/faq.csv");
    data.is(200);
    assert!(data.header("content-type").is_some_and(|v| v.starts_with("text/csv")));
    assert_eq!(data.header("x-content-type-options"), Some("nosniff"));
    assert!(city.articles().lines().count() > 1, "the table is still there");
}
