//! The city's key, and the chains of recorded events.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use store::audit::{self, Event};
use store::{Db, HouseKey, Sql, params};
use testkit::on_both_engines;

use crate::support::{City, code, dictionary, files};

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).expect("a file").permissions().mode() & 0o777
}

fn set_mode(file: &Path, mode: u32) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("changed");
}

fn read(file: impl AsRef<Path>) -> String {
    std::fs::read_to_string(file).expect("read")
}

/// Records events as a capability would, with the city's own key.
async fn record(city: &City, db: &Db, count: usize) {
    let key = HouseKey::parse(&read(city.path("minamo.key"))).expect("a key");
    let mut tx = db.clone().with_key(key).write().await.expect("write");
    for n in 0..count {
        let object = n.to_string();
        let event = Event {
            actor: "account:a1",
            action: "article.publish",
            object_kind: "article",
            object: &object,
            fields: &["answer"],
        };
        audit::record_in(&mut tx, &calendar::SystemClock, "article/00", event).await.expect("recorded");
    }
    tx.commit().await.expect("commit");
}

/// Does what the house never does.
async fn damage(db: &Db, statements: &[&str]) {
    let mut tx = db.write().await.expect("write");
    for statement in statements {
        assert!(tx.execute(Sql::built((*statement).to_owned()), params![]).await.expect(statement) > 0);
    }
    tx.commit().await.expect("commit");
}

#[test]
fn a_new_city_has_a_key_for_nobody_else() {
    for city in [City::demo(), City::bare()] {
        let file = city.path("minamo.key");
        let text = read(&file);
        assert!(text.len() == 65 && HouseKey::parse(&text).is_ok());
        assert_eq!(mode(&file), 0o600);
        assert!(city.run(["audit", "verify"]).done().contains("nothing wrong."));
        assert!(files(city.folder()).iter().all(|name| !name.contains(".part")));
        city.run(["key", "new"]).failed(code::REFUSED, &["there is a key already", "minamo.key", "--force"]);
        assert_eq!(read(&file), text);
    }
    assert_ne!(read(City::bare().path("minamo.key")), read(City::bare().path("minamo.key")));
}

#[test]
fn a_key_that_is_there_before_its_city_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("minamo.key");
    let demo = || crate::support::run(["demo".as_ref(), folder.path().as_os_str()]);
    std::fs::write(&file, "no key").expect("written");
    demo().failed(code::CONFIGURATION, &["minamo.key is damaged", "64 hexadecimal digits"]);
    assert_eq!(files(folder.path()), ["minamo.key"]);
    let key = "ab".repeat(32);
    std::fs::write(&file, &key).expect("written");
    let said = demo().done();
    assert!(said.contains("minamo.key, not part of backups"), "{said}");
    assert_eq!(read(&file), key);
    let config = folder.path().join("madoguchi.toml");
    crate::support::run(["--config".as_ref(), config.as_os_str(), "audit".as_ref(), "verify".as_ref()]).done();
}

on_both_engines! {
    empty;

    async fn a_city_of_an_older_version_gets_its_key_from_migrate(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let file = city.path("minamo.key");
        // As an older version left it: no key, and nothing recorded.
        std::fs::remove_file(&file).expect("removed");
        damage(&t.db, &["DELETE FROM audit_event", "DELETE FROM audit_stream"]).await;
        city.run(["serve"]).failed(code::CONFIGURATION, &["minamo.key is not there", "madoguchi key new"]);
        city.run(["audit", "verify"]).failed(code::CONFIGURATION, &["minamo.key is not there"]);
        assert!(city.run(["export", "faq", "x.csv"]).done().contains("articles"), "who reads needs no key");
        let doctor = city.run(["doctor"]);
        doctor.status_is(code::NOTHING);
        assert!(doctor.out.contains("minamo.key is not there"), "{}", doctor.out);
        let said = city.run(["migrate", "--dry-run"]).done();
        assert!(said.contains("minamo: would make the city's key") && !file.exists(), "{said}");
        let said = city.run(["migrate"]).done();
        assert!(said.contains("minamo: made the city's key") && said.contains("keep a copy apart"), "{said}");
        assert_eq!(mode(&file), 0o600);
        let made = read(&file);
        let said = city.run(["migrate"]).done();
        assert!(!said.contains("key") && said.contains("nothing to do"), "{said}");
        assert_eq!(read(&file), made);
        assert!(city.run(["doctor"]).done().contains("the newest events were recorded with this key"));
        t.close().await;
    }

    async fn a_lost_key_is_not_replaced_unasked(t: TestDb) {
        let city = City::demo_in(&t.address);
        record(&city, &t.db, 5).await;
        let (file, copy) = (city.path("minamo.key"), read(city.path("minamo.key")));
        std::fs::remove_file(&file).expect("removed");
        let told = ["minamo.key is not there", "events were recorded with it: put back its copy", "--force"];
        for command in [&["migrate"][..], &["key", "new"]] {
            city.run(command.iter().copied()).failed(code::CONFIGURATION, &told);
            assert!(!file.exists());
        }
        let said = city.run(["--json", "key", "new", "--force"]).json();
        assert_eq!((&said["key_file"], &said["put_aside"]), (&file.display().to_string().into(), &serde_json::Value::Null));
        assert_ne!(read(&file), copy);
        // It works again, and what was recorded before cannot be checked.
        assert!(city.run(["doctor"]).out.contains("the newest events were recorded with this key"));
        city.run(["audit", "verify"]).status_is(code::NOTHING);
        // With the old key in its place again, this one is put aside.
        std::fs::write(&file, &copy).expect("written");
        let said = city.run(["key", "new", "--force"]).done();
        assert!(said.contains("The old key is ") && said.contains("minamo.key."), "{said}");
        let aside = files(city.folder()).into_iter().find(|name| name.starts_with("minamo.key.")).expect("put aside");
        assert_eq!(read(city.path(&aside)), copy);
        t.close().await;
    }

    async fn damage_is_told_with_its_place(t: TestDb) {
        let city = City::bare_in(&t.address);
        record(&city, &t.db, 9).await;
        let said = city.run(["audit", "heads", "--to", "heads.jsonl"]).done();
        assert!(said.contains("the heads of 2 streams, 10 events"), "{said}");
        record(&city, &t.db, 2).await;
        assert!(city.run(["audit", "heads", "--to", "heads.jsonl", "--json"]).json()["lines"] == 2);
        let verify = |heads: &[&str]| city.run(["audit", "verify"].iter().chain(heads).copied());
        let with_heads = ["--heads", "heads.jsonl"];
        let said = verify(&[]).done();
        assert!(said.contains("12 events in 2 streams: nothing wrong.") && said.contains("(--heads FILE)"), "{said}");
        let said = verify(&with_heads).done();
        assert!(said.contains("nothing wrong.") && said.contains("heads exported up to 20"), "{said}");
        // The last one goes neatly.
        damage(&t.db, &[
            "DELETE FROM audit_event WHERE stream = 'article/00' AND seq = 11",
            "UPDATE audit_stream SET events = 10, head = (SELECT mac FROM audit_event WHERE stream = 'article/00' AND seq = 10)
             WHERE stream = 'article/00'",
        ]).await;
        verify(&[]).done();
        let cut = "article/00, event 11: it had 11 events when its head was exported and has 10";
        let said = verify(&with_heads);
        said.status_is(code::NOTHING);
        assert!(said.out.starts_with(cut) && said.out.contains("11 events in 2 streams: 1 problem(s)."), "{}", said.out);
        // A later export hides nothing.
        city.run(["audit", "heads", "--to", "heads.jsonl"]).done();
        assert!(verify(&with_heads).out.starts_with(cut));
        damage(&t.db, &[
            "UPDATE audit_event SET actor = 'account:x' WHERE stream = 'article/00' AND seq = 3",
            "DELETE FROM audit_event WHERE stream = 'article/00' AND seq = 6",
        ]).await;
        let said = verify(&[]);
        said.status_is(code::NOTHING);
        assert_eq!(said.err, "");
        assert!(said.out.contains("article/00, event 3: event 3: do not match"), "{}", said.out);
        assert!(said.out.contains("article/00, event 6: event 6: removed"), "{}", said.out);
        let json: serde_json::Value = serde_json::from_str(&verify(&["--json"]).out).expect("JSON");
        let kinds: Vec<_> = json["problems"].as_array().expect("a list").iter().map(|p| p["kind"].clone()).collect();
        assert_eq!(kinds, ["changed", "removed"]);
        assert_eq!((&json["found"], &json["right_key"]), (&2.into(), &true.into()));
        t.close().await;
    }
}

#[test]
fn a_damaged_file_of_heads_is_told_with_its_line() {
    let city = City::bare();
    let heads = |to: &str| city.run(["audit", "heads", "--to", to]);
    let verify = || city.run(["audit", "verify", "--heads", "h"]);
    verify().failed(code::FILE, &["h is not there or holds no heads", "madoguchi audit heads --to FILE"]);
    city.write("h", "");
    verify().failed(code::FILE, &["h is not there or holds no heads"]);
    for _ in 0..3 {
        heads("h").done();
    }
    let whole = read(city.path("h"));
    assert_eq!(whole.lines().count(), 3);
    verify().done();
    let (lines, forged): (Vec<&str>, _) = (whole.lines().collect(), whole.replacen("\"events\":1", "\"events\":2", 1));
    for (text, line, part) in [
        (forged.clone(), "line 1", "its seal is wrong"),
        (format!("{}\n{}\n", lines[0], &lines[1][..40]), "line 2", "damaged"),
        (whole[..whole.len() - 9].to_owned(), "line 3", "cut off"),
    ] {
        city.write("h", &text);
        verify().failed(code::REFUSED, &[line, part, "the copy of this file"]);
        heads("h").failed(code::REFUSED, &[line, part]);
        assert_eq!(read(city.path("h")), text, "nothing was added");
    }
    heads("nowhere/h").failed(code::FILE, &["nowhere/h cannot be written"]);
    heads(".").failed(code::FILE, &[". cannot be"]);
    // Another city's.
    let other = City::bare();
    other.write("h", &whole);
    other.run(["audit", "verify", "--heads", "h"]).failed(code::REFUSED, &["line 1", "another city's key"]);
}

#[test]
fn a_wrong_or_open_key_is_told() {
    dictionary();
    let city = City::demo();
    let file = city.path("minamo.key");
    let right = read(&file);
    set_mode(&file, 0o644);
    let said = city.run(["doctor"]).done();
    assert!(said.contains("warning  minamo") && said.contains("mode 644") && said.contains("chmod 600"), "{said}");
    set_mode(&file, 0o600);
    std::fs::write(&file, "cd".repeat(32)).expect("written");
    let wrong = "none of the newest recorded events was made with the key";
    city.run(["serve"]).failed(code::CONFIGURATION, &[wrong, "put back the city's own key"]);
    let doctor = city.run(["doctor"]);
    doctor.status_is(code::NOTHING);
    assert!(doctor.out.contains(wrong), "{}", doctor.out);
    let said = city.run(["audit", "verify"]);
    said.status_is(code::NOTHING);
    assert!(said.out.contains("None of the newest events was made with this key"), "{}", said.out);
    std::fs::write(&file, &right[..20]).expect("written");
    for command in [&["serve"][..], &["audit", "verify"], &["export", "faq", "x.csv"]] {
        city.run(command.iter().copied())
            .failed(code::CONFIGURATION, &["minamo.key is damaged", "put back the copy", "`key_file`"]);
    }
    assert!(city.run(["doctor"]).out.contains("minamo.key is damaged"));
    // It does not keep a city from being saved.
    let said = city.run(["backup", "b"]).done();
    assert!(said.contains("The city's key is not part of it: keep a copy of") && said.contains("minamo.key"), "{said}");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a folder");
    city.run(["serve"]).failed(code::CONFIGURATION, &["minamo.key cannot be read"]);
}

#[test]
fn a_key_may_lie_elsewhere_and_a_restored_city_needs_it() {
    let city = City::demo();
    let config = read(&city.config).replace("hosts =", "key_file = \"safe/the key\"\nhosts =");
    city.write("madoguchi.toml", &config);
    std::fs::create_dir(city.path("safe")).expect("a folder");
    city.run(["audit", "verify"]).failed(code::CONFIGURATION, &["safe/the key is not there"]);
    std::fs::rename(city.path("minamo.key"), city.path("safe/the key")).expect("moved");
    city.run(["audit", "verify"]).done();
    city.run(["backup", "b"]).done();
    let other = City::configured("sqlite:new.db");
    std::fs::copy(city.path("b"), other.path("b")).expect("copied");
    let said = other.run(["restore", "b"]).done();
    assert!(said.contains("The city's key is not part of a backup"), "{said}");
    other.run(["migrate"]).failed(code::CONFIGURATION, &["minamo.key is not there", "put back its copy"]);
    std::fs::copy(city.path("safe/the key"), other.path("minamo.key")).expect("copied");
    other.run(["migrate"]).done();
    assert!(other.run(["audit", "verify"]).done().contains("nothing wrong."));
}
