//! Erasures outlive a restore.

use city::Lang;
use people::person::{self, NewPerson};
use store::HouseKey;

use crate::support::{City, code, with_database};

/// A new person, whose backup is taken and who is erased afterwards.
fn erased_after_a_backup(city: &City) -> String {
    let key = std::fs::read_to_string(city.path("minamo.key")).expect("a key");
    let keyed = |db: &store::Db| db.clone().with_key(HouseKey::parse(&key).expect("a key"));
    let clock = calendar::SystemClock;
    let id = city.with_database(async |db| {
        let mut rng = testkit::Randomness::new(u64::from(std::process::id())).rng();
        let mut tx = keyed(db).write().await.expect("write");
        let new = NewPerson { name: Some("港の利用者"), lang: Lang::Ja };
        let id = person::create(&mut tx, &clock, &mut rng, "command-line", new).await.expect("made");
        tx.commit().await.expect("commit");
        id
    });
    city.run(["backup", "old.backup"]).done();
    city.with_database(async |db| {
        let mut tx = keyed(db).write().await.expect("write");
        people::erasure::erase(&mut tx, &clock, "command-line", &id).await.expect("erased");
        tx.commit().await.expect("commit");
    });
    id
}

fn is_erased(city: &City, name: &str, id: &str) -> bool {
    let key = std::fs::read_to_string(city.path("minamo.key")).expect("a key");
    with_database(&format!("sqlite:{}", city.path(name).display()), async |db| {
        let db = db.clone().with_key(HouseKey::parse(&key).expect("a key"));
        person::get(&mut db.read().await.expect("read"), id).await.expect("there").erased_at.is_some()
    })
}

#[test]
fn whoever_was_erased_after_a_backup_is_erased_again() {
    let city = City::demo();
    let id = erased_after_a_backup(&city);
    let said = city.run(["people", "erasures", "--to", "erasures"]).done();
    assert!(said.contains("1 erasure(s) added, 1 in all"), "{said}");
    assert!(city.run(["people", "erasures", "--to", "erasures"]).done().contains("0 erasure(s) added, 1 in all"));
    let to = |name: &str| format!("sqlite:{}", city.path(name).display());
    let said = city.run(["restore", "old.backup", "--database", &to("plain.db")]).done();
    assert!(said.contains("madoguchi people replay FILE"), "{said}");
    assert!(!is_erased(&city, "plain.db", &id), "the backup is older");
    let restore = ["restore", "old.backup", "--erasures", "erasures", "--database", &to("again.db")];
    let said = city.run(restore).done();
    assert!(said.contains("1 person(s) were erased again"), "{said}");
    assert!(is_erased(&city, "again.db", &id));
    let said = city.run(["people", "replay", "erasures"]).done();
    assert!(said.contains("0 of 1 person(s)"), "already erased there: {said}");
}

#[test]
fn a_damaged_file_of_erasures_is_told_before_anything_is_restored() {
    let city = City::demo();
    city.run(["backup", "old.backup"]).done();
    let to = format!("sqlite:{}", city.path("new.db").display());
    let restore = ["restore", "old.backup", "--erasures", "erasures", "--database", &to];
    city.run(restore).failed(code::FILE, &["erasures is not there"]);
    city.write("erasures", "{\"person\":\"a\",\"erased_at\":1}\n{\"pers");
    city.run(restore).failed(code::REFUSED, &["erasures, line 2", "cut off"]);
    city.write("erasures", "nobody\n");
    city.run(restore).failed(code::REFUSED, &["erasures, line 1", "no erasure"]);
    assert!(!city.path("new.db").exists());
}
