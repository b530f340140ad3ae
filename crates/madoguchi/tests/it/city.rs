//! `init`, `demo`, `migrate`: a new city.

use std::path::Path;

use store::migrate;

use crate::support::{City, code, files, run};

fn demo(folder: &Path) -> crate::support::Said {
    run(["demo".as_ref(), folder.as_os_str()])
}

fn init(folder: &Path) -> crate::support::Said {
    run(["init".as_ref(), folder.as_os_str()])
}

#[test]
fn the_demo_is_made_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("new/demo");
    let said = demo(&place).done();
    for part in ["みなも市 is ready", "sections", "articles", "madoguchi serve --config"] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(
        files(&place),
        ["madoguchi.toml", "minamo.db", "minamo.key", "minamo.outer-keys", "minamo.sealed-files"]
    );
    let before =
        ["madoguchi.toml", "minamo.db", "minamo.key"].map(|name| std::fs::read(place.join(name)).expect("read"));
    demo(&place).failed(code::REFUSED, &["there is a city in", "already", "choose another folder"]);
    assert_eq!(
        files(&place),
        ["madoguchi.toml", "minamo.db", "minamo.key", "minamo.outer-keys", "minamo.sealed-files"]
    );
    let after =
        ["madoguchi.toml", "minamo.db", "minamo.key"].map(|name| std::fs::read(place.join(name)).expect("read"));
    assert!(before == after, "a refused command changes nothing");
}

#[test]
fn the_demo_tells_scripts_what_it_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(["--json".as_ref(), "demo".as_ref(), folder.path().as_os_str()]).json();
    assert!(made["sections"].as_u64() >= Some(40), "{made}");
    assert!(made["articles"].as_u64() >= Some(300), "{made}");
    assert_eq!(made["config"], folder.path().join("madoguchi.toml").display().to_string());
    assert_eq!(made["database"], format!("sqlite:{}", folder.path().join("minamo.db").display()));
}

#[test]
fn init_writes_examples_and_then_makes_the_city() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = init(folder.path()).done();
    assert!(
        said.contains("city.toml, sections.toml, closures.toml") && said.contains("run the same command again"),
        "{said}"
    );
    assert_eq!(files(folder.path()), ["city.toml", "closures.toml", "sections.toml"]);
    let said = init(folder.path()).done();
    assert!(said.contains(" sections, 0 articles"), "{said}");
    let made = ["city.toml", "closures.toml", "madoguchi.toml", "minamo.db", "minamo.key", "sections.toml"];
    assert_eq!(files(folder.path()), made);
    init(folder.path()).failed(code::REFUSED, &["there is a city in", "choose another folder"]);
}

#[test]
fn a_city_without_closures_can_be_made() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path()).done();
    std::fs::remove_file(folder.path().join("closures.toml")).expect("removed");
    assert!(init(folder.path()).done().contains("is ready"));
}

#[test]
fn wrong_files_of_a_city_are_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    init(folder.path()).done();
    let file = |name: &str| folder.path().join(name);
    let right = |name: &str| std::fs::read_to_string(file(name)).expect("read");
    let (city, sections, closures) = (right("city.toml"), right("sections.toml"), right("closures.toml"));
    let refused = |name: &str, text: &str, parts: &[&str]| {
        let before = right(name);
        assert_ne!(before, text, "{parts:?}: the test changed nothing");
        std::fs::write(file(name), text).expect("written");
        let said = init(folder.path()).failed(code::REFUSED, parts);
        assert!(said.contains(name), "{said}");
        assert_eq!(files(folder.path()), ["city.toml", "closures.toml", "sections.toml"], "{said}");
        std::fs::write(file(name), before).expect("written");
    };
    refused("city.toml", &city.replace("#00428c", "blue"), &["colour \"blue\" is not of the form #rrggbb"]);
    refused("city.toml", &city.replace("#00428c", "#00428"), &["colour"]);
    let line = |word: &str| {
        let place = city.lines().position(|l| l.starts_with(word)).expect("a line");
        format!("line {},", place + 1)
    };
    refused("city.toml", &city.replace("colour", "colur"), &[&line("colour"), "colur"]);
    refused("city.toml", &city.replace("name_en", "# name_en"), &["missing field `name_en`"]);
    refused("city.toml", &city.replace("400000", "many"), &[&line("population")]);
    refused("city.toml", "", &["missing field"]);
    refused("sections.toml", &sections.replacen("\"17:30\"", "\"25:30\"", 1), &["line", "25:30"]);
    refused("sections.toml", &sections.replacen("\"17:30\"", "\"08:00\"", 1), &["section hisho"]);
    refused(
        "sections.toml",
        &sections.replacen("days = [1", "days = [8", 1),
        &["day 8: days are 1 (Monday) to 7 (Sunday)"],
    );
    refused(
        "sections.toml",
        &sections.replacen("code = \"koho\"", "code = \"hisho\"", 1),
        &["section hisho stands twice"],
    );
    refused("sections.toml", &sections.replacen("phone", "fone", 1), &["line", "fone"]);
    refused("closures.toml", &closures.replacen("from = 20", "from = 30", 1), &["ends on", "before it begins"]);
    refused("closures.toml", "[[closure]]\nfrom = 1\n", &["line 2"]);
    std::fs::remove_file(file("sections.toml")).expect("removed");
    init(folder.path()).failed(code::FILE, &["sections.toml cannot be read"]);
    assert_eq!(files(folder.path()), ["city.toml", "closures.toml"]);
}

#[test]
fn a_database_that_is_in_use_is_never_filled_a_second_time() {
    let city = City::demo();
    let before = city.articles();
    let folder = tempfile::tempdir().expect("a folder");
    run(["demo".as_ref(), folder.path().as_os_str(), "--database".as_ref(), city.database().as_ref()])
        .failed(code::DATABASE, &["the database is not empty", "choose another one", "nothing was changed"]);
    assert_eq!(files(folder.path()), [""; 0]);
    assert_eq!(city.articles(), before);
}

#[test]
fn a_folder_that_cannot_be_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), "").expect("written");
    demo(&folder.path().join("file/demo")).failed(code::FILE, &["the folder", "file/demo cannot be made"]);
    demo(&folder.path().join("file")).failed(code::FILE, &["the folder", "file cannot be made"]);
}

#[test]
fn an_address_that_toml_must_quote_is_written_so_that_it_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    // The mark of か + ゛ as macOS writes it, a quotation mark, and a backslash.
    for name in ["か\u{3099}.db", "a\"b.db", "a\\b.db", "a b#c.db"] {
        let place = folder.path().join(name).join("city");
        let database = format!("sqlite:../{name}");
        run(["demo".as_ref(), place.as_os_str(), "--database".as_ref(), database.as_ref()]).done();
        let config = place.join("madoguchi.toml");
        let out = place.join("out.csv");
        run(["--config".as_ref(), config.as_os_str(), "export".as_ref(), "faq".as_ref(), out.as_os_str()]).done();
    }
}

#[test]
fn an_address_of_no_known_kind_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for address in ["minamo.db", "mysql://localhost/x", "sqlite", "postgres:/x"] {
        run(["demo".as_ref(), folder.path().as_os_str(), "--database".as_ref(), address.as_ref()])
            .failed(code::DATABASE, &[address, "use sqlite:PATH or postgres://USER@HOST/NAME"]);
        assert_eq!(files(folder.path()), [""; 0]);
    }
}

#[test]
fn migrate_says_what_it_would_do_and_then_does_it() {
    let city = City::demo();
    assert!(city.run(["migrate"]).done().contains("minamo: nothing to do, the schema is at"));
    // A database as an older version left it.
    let steps = migrate::MIGRATIONS.len();
    let older = City::configured("sqlite:older.db");
    let address = format!("sqlite:{}", older.path("older.db").display());
    crate::support::city::with_database(&address, async |db| {
        let mut tx = db.write().await.expect("write");
        migrate::apply_until(&mut tx, &calendar::SystemClock, 2).await.expect("migrated");
        tx.commit().await.expect("commit");
    });
    let waiting = format!("{} migration(s) are waiting", steps - 2);
    for command in [&["export", "faq", "x.csv"][..], &["import", "faq", "x.toml"], &["backup", "b"]] {
        older.write("x.toml", "");
        older.run(command.iter().copied()).failed(code::DATABASE, &[&waiting, "madoguchi migrate", "--dry-run"]);
    }
    for _ in ["once", "twice"] {
        let said = older.run(["migrate", "--dry-run"]).done();
        assert!(said.contains("minamo: would apply 3 knowledge"), "{said}");
    }
    let planned = older.run(["migrate", "--dry-run", "--json"]).json();
    assert_eq!((&planned[0]["from"], &planned[0]["applied"]), (&2.into(), &false.into()));
    assert_eq!(planned[0]["steps"].as_array().map(Vec::len), Some(steps - 2));
    assert!(older.run(["migrate"]).done().contains("minamo: applied 3 knowledge"));
    assert!(older.run(["migrate"]).done().contains("minamo: nothing to do"));
    crate::support::city::with_database(&address, async |db| migrate::require_current(db).await.expect("ready"));
}
