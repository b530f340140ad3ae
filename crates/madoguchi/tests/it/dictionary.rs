//! Dictionaries that are missing or wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{City, Said, code, dictionary};

/// The binary in a folder of its own, where no dictionary is beside it or in the home of anybody.
fn lonely(folder: &Path) -> Command {
    let binary = folder.join("madoguchi");
    if !binary.exists() {
        let own = env!("CARGO_BIN_EXE_madoguchi");
        if std::fs::hard_link(own, &binary).is_err() {
            std::fs::copy(own, &binary).expect("copied");
        }
    }
    let mut command = Command::new(binary);
    command.env_remove("MADOGUCHI_DICT").env_remove("MADOGUCHI_CONFIG").env_remove("XDG_DATA_HOME").env("HOME", folder);
    command.env("RUST_BACKTRACE", "0").current_dir(folder);
    command
}

#[test]
fn a_dictionary_that_is_not_there_is_told_with_the_places() {
    let city = City::demo();
    let folder = tempfile::tempdir().expect("a folder");
    let help = [
        "the Japanese dictionary was not found",
        "scripts/dictionary",
        "open-jtalk_1.11.orig.tar.gz",
        "SHA-256",
        "dictionary build",
    ];
    let places = ["named.dic", "beside", ".local/share/madoguchi/madoguchi.dic"].map(|place| match place {
        "beside" => folder.path().join("madoguchi.dic").display().to_string(),
        other => folder.path().join(other).display().to_string(),
    });
    let parts: Vec<&str> = help.into_iter().chain(places.iter().map(String::as_str)).collect();
    for arguments in [&["ask", "住民票"][..], &["serve"]] {
        let mut command = lonely(folder.path());
        command
            .arg("--config")
            .arg(&city.config)
            .args(arguments)
            .env("MADOGUCHI_DICT", folder.path().join("named.dic"));
        Said::of(command).failed(code::DICTIONARY, &parts);
    }
    let mut command = lonely(folder.path());
    command.args(["dictionary", "where"]);
    Said::of(command).failed(code::DICTIONARY, &help);
    // What needs none is checked all the same.
    let mut command = lonely(folder.path());
    command.args(["thesaurus", "check"]);
    let checked = Said::of(command).done();
    assert!(checked.contains("relations (same "), "{checked}");
    assert!(checked.contains("words were not looked up: the Japanese dictionary was not found"), "{checked}");
    // What needs no dictionary works without one.
    let mut command = lonely(folder.path());
    command.arg("--config").arg(&city.config).args(["export", "faq", "x.csv"]);
    Said::of(command).done();
    let mut command = lonely(folder.path());
    command.arg("--config").arg(&city.config).arg("doctor");
    let doctor = Said::of(command);
    doctor.status_is(code::NOTHING);
    assert!(doctor.out.contains("ERROR    dictionary") && doctor.out.contains("scripts/dictionary"), "{}", doctor.out);
}

#[test]
fn each_place_of_the_dictionary_is_looked_at_in_order() {
    let real = dictionary();
    let city = City::demo();
    let folder = tempfile::tempdir().expect("a folder");
    let put = |place: &str| -> PathBuf {
        let path = folder.path().join(place);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(&real, &path).expect("linked");
        path
    };
    let found = |configured: bool, named: bool| {
        let mut command = lonely(folder.path());
        if configured {
            command.arg("--config").arg(&city.config);
        }
        if named {
            command.env("MADOGUCHI_DICT", folder.path().join("named.dic"));
        }
        command.args(["dictionary", "where"]);
        PathBuf::from(Said::of(command).done().trim())
    };
    let home = put(".local/share/madoguchi/madoguchi.dic");
    assert_eq!(found(false, false), home);
    let beside = put("madoguchi.dic");
    assert_eq!(found(false, false), beside);
    let named = put("named.dic");
    assert_eq!((found(false, true), found(false, false)), (named, beside));
    let text = std::fs::read_to_string(&city.config).expect("read");
    std::fs::write(&city.config, format!("dictionary = \"own.dic\"\n{text}")).expect("written");
    std::os::unix::fs::symlink(&real, city.path("own.dic")).expect("linked");
    assert_eq!(found(true, true), city.path("own.dic"));
}

#[test]
fn a_wrong_dictionary_is_told_with_what_is_wrong() {
    let real = dictionary();
    let city = City::demo();
    let file = city.path("wrong.dic");
    let refused = |reason: &str| {
        for arguments in [&["ask", "住民票"][..], &["serve"], &["dictionary", "where"]] {
            let mut command = city.command(arguments.iter().copied());
            command.env("MADOGUCHI_DICT", &file);
            Said::of(command).failed(
                code::DICTIONARY,
                &["wrong.dic is not a dictionary of this version", reason, "make it again with `scripts/dictionary`"],
            );
        }
        let mut command = city.command(["doctor"]);
        command.env("MADOGUCHI_DICT", &file);
        let doctor = Said::of(command);
        doctor.status_is(code::NOTHING);
        assert!(doctor.out.contains(reason), "{}", doctor.out);
    };
    for (bytes, reason) in [
        (&b""[..], "it is too short"),
        (b"a text", "it is too short"),
        ("これは辞書ではなく文章です。".repeat(100).as_bytes(), "it does not begin like one"),
        (b"MADOGUCHI-DICT\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", "it has another format version"),
    ] {
        std::fs::write(&file, bytes).expect("written");
        refused(reason);
    }
    let whole = std::fs::read(&real).expect("read");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("written");
    refused("it was cut off");
    let mut flipped = whole;
    let at = flipped.len() / 2;
    flipped[at] ^= 1;
    std::fs::write(&file, &flipped).expect("written");
    refused("its check sum does not match, it is damaged");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a folder");
    let mut command = city.command(["ask", "住民票"]);
    command.env("MADOGUCHI_DICT", &file);
    Said::of(command).failed(code::DICTIONARY, &["wrong.dic"]);
}

#[test]
fn words_of_the_city_are_read_or_told() {
    dictionary();
    let city = City::demo();
    let text = std::fs::read_to_string(&city.config).expect("read");
    std::fs::write(&city.config, text.replacen("database = ", "words = \"words.csv\"\ndatabase = ", 1))
        .expect("written");
    city.run(["ask", "住民票"]).failed(code::DICTIONARY, &["words.csv cannot be read"]);
    for (line, reason) in [
        ("水面橋,ミナモバシ", "a line is: word,reading,class"),
        ("水面橋,みなもばし?,place", "the reading is written in katakana"),
        ("水面橋,ミナモバシ,bridge", "the class is noun, action or place"),
    ] {
        city.write("words.csv", format!("word,reading,class\n{line}\n"));
        city.run(["ask", "住民票"]).failed(code::DICTIONARY, &["words.csv, line 2: ", reason]);
    }
    city.write("words.csv", "word,reading,class\n水面橋,ミナモバシ,place\n");
    city.run(["ask", "住民票の写しがほしい"]).done();
}

#[test]
fn sources_that_are_not_there_make_no_dictionary() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = lonely(folder.path());
    command.args(["dictionary", "build", "--from", "nowhere", "--to", "new.dic"]);
    Said::of(command).failed(code::DICTIONARY, &["nowhere/naist-jdic.csv cannot be read"]);
    assert!(!folder.path().join("new.dic").exists());
}
