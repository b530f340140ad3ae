//! `backup` and `restore`.

use std::io::Write;
use std::path::Path;

use crate::support::{City, Said, code, files, run};

/// Restores a file into a new database of a city's folder.
fn restore(file: &Path, database: &str) -> Said {
    run(["restore".as_ref(), file.as_os_str(), "--database".as_ref(), database.as_ref()])
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).expect("packed");
    out.finish().expect("packed")
}

#[test]
fn a_backup_is_restored_into_a_new_database() {
    let city = City::demo();
    let all = city.articles();
    let said = city.run(["backup", "city.backup"]).done();
    assert!(said.contains("city.backup: ") && said.contains(" rows of ") && said.contains(" tables, "), "{said}");
    assert_eq!(
        files(city.folder()),
        [
            "city.backup",
            "madoguchi.toml",
            "minamo.db",
            "minamo.db.index",
            "minamo.key",
            "minamo.outer-keys",
            "minamo.sealed-files",
        ]
    );
    // Into the database of the configuration, which is not there, and into one that is named.
    let other = City::configured("sqlite:deep/down/new.db");
    std::fs::copy(city.path("city.backup"), other.path("city.backup")).expect("copied");
    let said = other.run(["restore", "city.backup"]).done();
    assert!(said.contains(" rows of ") && said.contains("deep/down/new.db"), "{said}");
    assert_eq!(other.articles(), all);
    let named = City::configured("sqlite:named.db");
    let json = run([
        "--json".as_ref(),
        "restore".as_ref(),
        city.path("city.backup").as_os_str(),
        "--database".as_ref(),
        format!("sqlite:{}", named.path("named.db").display()).as_ref(),
    ]);
    assert!(json.json()["restored"]["rows"].as_u64() > Some(700));
    assert_eq!(named.articles(), all);
    assert!(named.run(["doctor"]).out.contains("SQLite, schema"));
    // The restored city is a city: it takes changes and gives the same backup again, but for its moment.
    named.run(["backup", "again"]).done();
    assert_eq!(contents(&named.path("again")), contents(&city.path("city.backup")));
}

/// The lines of a backup below the first, which holds its moment, without the last, its check sum.
fn contents(file: &Path) -> Vec<String> {
    let mut text = String::new();
    let mut packed = flate2::read::GzDecoder::new(std::fs::File::open(file).expect("a backup"));
    std::io::Read::read_to_string(&mut packed, &mut text).expect("unpacked");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1..lines.len() - 1].to_vec()
}

#[test]
fn a_backup_never_goes_over_something_else() {
    let city = City::demo();
    city.write("city.backup", "mine");
    let before = files(city.folder());
    city.run(["backup", "city.backup"])
        .failed(code::REFUSED, &["city.backup is there already", "another name", "--force"]);
    assert_eq!(std::fs::read(city.path("city.backup")).expect("read"), b"mine");
    city.run(["backup", "nowhere/city.backup"])
        .failed(code::FILE, &["nowhere/city.backup cannot be written", "check the folder"]);
    std::fs::create_dir(city.path("folder")).expect("a folder");
    city.run(["backup", "--force", "folder"]).failed(code::FILE, &["folder cannot be written"]);
    std::fs::remove_dir(city.path("folder")).expect("removed");
    assert_eq!(files(city.folder()), before);
    city.run(["backup", "--force", "city.backup"]).done();
    assert!(std::fs::metadata(city.path("city.backup")).expect("a backup").len() > 10_000);
    assert_eq!(files(city.folder()), before);
}

#[test]
fn a_restore_goes_into_an_empty_database_only() {
    let city = City::demo();
    city.run(["backup", "city.backup"]).done();
    let before = city.articles();
    for said in [city.run(["restore", "city.backup"]), restore(&city.path("city.backup"), &city.database())] {
        said.failed(code::DATABASE, &["the database is not empty: choose another one, nothing was changed"]);
    }
    assert_eq!(city.articles(), before);
    restore(&city.path("none.backup"), "sqlite:x.db").failed(code::FILE, &["none.backup cannot be read"]);
    restore(&city.path("city.backup"), "mysql:x")
        .failed(code::DATABASE, &["\"mysql:x\" is not understood: use sqlite:PATH"]);
    // Something that is no database stands where it shall be.
    let text = city.write("text.db", "this is no database, and it is long enough to look at".repeat(100));
    restore(&city.path("city.backup"), &format!("sqlite:{}", text.display()))
        .failed(code::DATABASE, &["not a database"]);
    assert!(std::fs::read_to_string(&text).expect("read").starts_with("this is no database"));
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let city = City::demo();
    city.run(["backup", "city.backup"]).done();
    let whole = std::fs::read(city.path("city.backup")).expect("read");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x");
    let database = format!("sqlite:{}", folder.path().join("new.db").display());
    let refused = |bytes: &[u8], parts: &[&str]| {
        std::fs::write(&file, bytes).expect("written");
        let said = restore(&file, &database).failed(code::REFUSED, parts);
        assert!(said.contains("the database was left as it was; take another backup"), "{said}");
        assert_eq!(files(folder.path()), ["x"], "{said}");
    };
    for share in [0.0, 0.001, 0.1, 0.5, 0.9, 0.999] {
        refused(&whole[..(whole.len() as f64 * share) as usize], &["the file ends too early: it was cut off"]);
    }
    refused(b"not a backup at all, but a text", &["the file is damaged or not a backup of madoguchi"]);
    refused(&gzip("not a backup\n"), &["a line is not what a backup holds"]);
    refused(
        &gzip(
            "{\"format\":\"other\",\"format_version\":1,\"schema_version\":1,\"binary\":\"1\",\"made_at\":1,\"tables\":{}}\n",
        ),
        &["this is not a backup of madoguchi"],
    );
    refused(&std::fs::read(city.path("minamo.db")).expect("read"), &["not a backup of madoguchi"]);
    // A changed byte anywhere is found, or changes nothing that is stored.
    let all = city.articles();
    let (mut found, mut harmless) = (0, 0);
    for at in (10..whole.len()).step_by(whole.len() / 50) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        std::fs::write(&file, &flipped).expect("written");
        let said = restore(&file, &database);
        if said.status.success() {
            let restored = City::configured(&database);
            assert_eq!(restored.articles(), all, "byte {at}");
            std::fs::remove_file(folder.path().join("new.db")).expect("removed");
            harmless += 1;
        } else {
            said.failed(code::REFUSED, &["backup: "]);
            assert_eq!(files(folder.path()), ["x"], "byte {at}");
            found += 1;
        }
    }
    assert!(found > 45, "{found} found, {harmless} harmless");
    // The whole one is taken after all of that.
    std::fs::write(&file, &whole).expect("written");
    restore(&file, &database).done();
}

#[test]
fn a_backup_of_a_newer_version_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x");
    let head = r#"{"format":"madoguchi-backup","format_version":1,"schema_version":99,"binary":"99.0.0","made_at":1,"tables":{}}"#;
    for head in [head.to_owned(), head.replace("_version\":1", "_version\":2").replace(":99,", ":1,")] {
        std::fs::write(&file, gzip(&format!("{head}\n"))).expect("written");
        restore(&file, &format!("sqlite:{}", folder.path().join("new.db").display()))
            .failed(code::DATABASE, &["99.0.0 or newer", "install the newer version"]);
        assert_eq!(files(folder.path()), ["x"]);
    }
}
