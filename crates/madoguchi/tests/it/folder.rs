//! `import faq FOLDER`, and paths that are none.

use crate::support::table::table;
use crate::support::{City, code};

#[test]
fn a_folder_is_read_as_one() {
    let city = City::bare();
    std::fs::create_dir(city.path("faq")).expect("a folder");
    // Upper case as some systems write it; related articles in another file; what programs put beside it.
    city.write("faq/A.CSV", table(["a1", "a2"]));
    city.write("faq/b.toml", toml("b1", "related = [\"a1\"]"));
    city.write("faq/~$b.xlsx", "a lock");
    city.write("faq/.hidden.csv", "hidden");
    city.write("faq/notes.txt", "not an article");
    assert!(city.run(["import", "faq", "faq"]).done().starts_with("3 new, 0 changed, 0 unchanged"));
    // One wrong file, and nothing of the folder is stored.
    let before = city.articles();
    city.write("faq/c.csv", table(["c1"]));
    city.write("faq/d.csv", table(["a1"]));
    city.run(["import", "faq", "faq"]).failed(
        code::REFUSED,
        &["1 error(s), nothing was stored", "d.csv, row 2, column code: \"a1\" stands already in", "A.CSV, row 2"],
    );
    assert_eq!(city.articles(), before);
}

fn toml(code: &str, more: &str) -> String {
    format!(
        "[[article]]\ncode = \"{code}\"\nquestion = \"q\"\nsummary = \"s\"\nanswer = \"a\"\ntopics = [\"waste\"]\nsection = \"shimin\"\nchecked_on = 2026-10-03\n{more}\n"
    )
}

#[test]
fn paths_that_hold_no_article_are_told() {
    let city = City::bare();
    std::fs::create_dir(city.path("empty")).expect("a folder");
    std::fs::create_dir(city.path("folder.csv")).expect("a folder");
    city.write("empty/readme.txt", "");
    city.run(["import", "faq", "empty"])
        .failed(code::REFUSED, &["empty: the folder holds no .toml, .csv or .xlsx file"]);
    city.run(["import", "faq", "folder.csv"]).failed(code::REFUSED, &["the folder holds no"]);
    city.run(["import", "faq", "nowhere.csv"]).failed(code::FILE, &["nowhere.csv is not there"]);
    for name in ["faq.doc", "faq", "faq.xls", "faq.csv.gz"] {
        city.import(name, "x").failed(code::REFUSED, &[name, ".csv, .xlsx and .toml are understood"]);
    }
}

#[test]
fn a_dry_run_stores_nothing() {
    let city = City::demo();
    let before = (city.articles(), std::fs::read(city.path("minamo.db")).expect("read"));
    city.write("new.csv", table(["kasa", "kutsu"]));
    let said = city.run(["import", "faq", "--dry-run", "new.csv"]).done();
    assert!(said.starts_with("Nothing was stored (--dry-run). It would be: 2 new, 0 changed, 0 unchanged"), "{said}");
    let said = city.run(["--json", "import", "faq", "--dry-run", "new.csv"]).json();
    assert_eq!((&said["stored"], &said["result"]["added"]), (&false.into(), &2.into()));
    assert_eq!(city.articles(), before.0);
    assert!(std::fs::read(city.path("minamo.db")).expect("read") == before.1);
    // It finds the same errors.
    city.write("bad.csv", table(["kasa", "kasa"]));
    city.run(["import", "faq", "--dry-run", "bad.csv"]).failed(code::REFUSED, &["row 3, column code"]);
    let said = city.run(["--json", "import", "faq", "new.csv"]).json();
    assert_eq!((&said["stored"], &said["result"]["added"]), (&true.into(), &2.into()));
}
