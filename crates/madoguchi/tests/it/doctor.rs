//! `doctor`: all well, and each thing that is not.

use store::{Sql, params};

use crate::support::table::row;
use crate::support::{City, Said, code, dictionary};

#[test]
fn a_city_that_is_well_gets_no_error() {
    dictionary();
    let city = City::demo();
    let said = city.run(["doctor"]).done();
    for part in
        ["configuration", "dictionary     reads and cuts", "SQLite, schema", "articles", "can be written to", "listen"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    // It looked at the configuration that was named.
    assert!(said.contains(&city.config.display().to_string()), "{said}");
    // Articles of the demo may be past their review date by now, which is a warning.
    assert!(said.lines().all(|line| line.starts_with("ok ") || line.contains("past their review date")), "{said}");
    let findings = city.run(["--json", "doctor"]).json();
    let findings = findings.as_array().expect("a list");
    assert!(findings.iter().all(|f| f["level"] != "error") && findings.len() > 5, "{findings:?}");
    // Looking leaves no trace.
    let before = std::fs::read(city.path("minamo.db")).expect("read");
    city.run(["doctor"]).done();
    assert!(std::fs::read(city.path("minamo.db")).expect("read") == before);
}

#[test]
fn the_folders_of_sealed_desks_are_looked_at() {
    dictionary();
    let city = City::demo();
    let said = city.run(["doctor"]).done();
    for part in
        ["0 case(s), each with its outer key", "leave it out of the main backup", "sealed files can be written to"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    let keys = city.path("minamo.outer-keys");
    let case = "3f9a12c0-77aa-4b1c-9d2e-0123456789ab";
    city.with_database(async |db| {
        let mut tx = db.write().await.expect("write");
        let made = "INSERT INTO sealed_case (id, desk, version, records, has_news, is_open, has_hold)
            VALUES ($1, 'bullying', 1, 0, $2, $3, $2)";
        tx.execute(made, params![case, false, true]).await.expect("a case");
        tx.commit().await.expect("commit");
    });
    ill(&city.run(["doctor"]), &["1 of 1 case(s) have no outer key"]);
    std::fs::write(keys.join(format!("{case}.key")), b"no key").expect("written");
    ill(&city.run(["doctor"]), &["1 of 1 case(s) have no outer key"]);
    std::fs::remove_dir_all(&keys).expect("removed");
    ill(&city.run(["doctor"]), &["the folder of the outer keys", "put it back from its own copy"]);
    assert!(!keys.exists(), "doctor makes nothing");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let files = city.path("minamo.sealed-files");
        std::fs::set_permissions(&files, std::fs::Permissions::from_mode(0o755)).expect("opened to others");
        let said = city.run(["doctor"]);
        assert!(said.out.contains("others may look into") && said.out.contains("mode 755"), "{}", said.out);
    }
}

#[test]
fn desks_that_have_cases_are_looked_at() {
    dictionary();
    let city = City::demo();
    // Of 「kurashi」, as in the name of its key: the code in hexadecimal digits.
    let key = city.path("minamo.outer-keys").join("de5c-6b757261736869.key");
    assert!(key.exists(), "the demo city's desk has its key");
    city.with_database(async |db| {
        let mut tx = db.write().await.expect("write");
        for (id, desk) in
            [("3f9a12c0-77aa-4b1c-9d2e-0123456789ab", "kurashi"), ("4f9a12c0-77aa-4b1c-9d2e-0123456789ab", "gone")]
        {
            let made = "INSERT INTO sealed_case (id, desk, version, records, has_news, is_open, has_hold)
                VALUES ($1, $2, 1, 0, $3, $4, $3)";
            tx.execute(made, params![id, desk, false, true]).await.expect("a case");
        }
        tx.commit().await.expect("commit");
    });
    ill(&city.run(["doctor"]), &["the desk gone has cases and no [[city.desk]]"]);
    std::fs::remove_file(&key).expect("removed");
    ill(&city.run(["doctor"]), &["the key of the desk kurashi", "put it back from its copy"]);
    // A new key beside cases that want the old one would hide that it is lost; nor does a desk change hands.
    city.run(["serve"]).failed(code::REFUSED, &["kurashi", "its key is lost"]);
    assert!(!key.exists());
}

#[test]
fn a_desk_does_not_change_hands() {
    dictionary();
    let city = City::demo();
    let config = std::fs::read_to_string(&city.config).expect("read");
    std::fs::write(&city.config, config.replace("sealed = false", "sealed = true")).expect("written");
    city.run(["serve"]).failed(code::REFUSED, &["kurashi", "cannot be sealed to readers afterwards"]);
}

#[track_caller]
fn ill(said: &Said, parts: &[&str]) {
    said.status_is(code::NOTHING);
    assert_eq!(said.err, "");
    for part in parts {
        // What a finding says may take several lines.
        let errors = said.out.split("\nok ").flat_map(|p| p.split("\nwarning")).filter(|p| p.contains("ERROR  "));
        assert!(errors.clone().any(|e| e.contains(part)), "{part} in {}", said.out);
    }
}

#[test]
fn what_is_wrong_is_told_with_how_to_mend_it() {
    dictionary();
    let city = City::bare();
    let right = std::fs::read_to_string(&city.config).expect("read");
    let with = |text: &str| {
        std::fs::write(&city.config, text).expect("written");
        city.run(["doctor"])
    };
    std::fs::remove_file(&city.config).expect("removed");
    ill(&city.run(["doctor"]), &["cannot be read", "make a city with `madoguchi demo`"]);
    ill(&with("nonsense = 1\n"), &["nonsense"]);
    ill(&with(""), &["the configuration has no [[city]]; make one with `madoguchi init`"]);
    ill(&with(&right.replace("minamo.db", "none.db")), &["there is no database at"]);
    ill(
        &with(&format!("{right}\n[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = []\n")),
        &["no face is mounted; write faces = [\"public\"]"],
    );
    ill(
        &with(&format!("{right}\n[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = [\"public\", \"staff\"]\n")),
        &["the citizens' face has a listener of its own; give the others another"],
    );
    ill(
        &with(&format!("{right}\n[[listen]]\naddress = \"192.0.2.1:80\"\nfaces = [\"public\"]\n")),
        &["192.0.2.1:80: "],
    );
    let vectors = |lines: &str| with(&format!("{right}\n[search.vectors]\n{lines}\n"));
    ill(&vectors(""), &["name an endpoint with its model"]);
    ill(&vectors("folder = \"no-model\""), &["no-model/config.json: it cannot be read"]);
    let plain = vectors("endpoint = \"http://vectors.example/v1\"\nmodel = \"m\"").done();
    assert!(plain.contains("goes to vectors.example without encryption; use https"), "{plain}");
    let said = with(&format!("{right}\n[[listen]]\naddress = \"0.0.0.0:0\"\nfaces = [\"staff\"]\n")).done();
    assert!(
        said.contains("warning  listen         0.0.0.0:0: browsers keep the cookies of the faces behind a log-in only over https or on localhost"),
        "{said}"
    );
    std::fs::write(&city.config, &right).expect("written");
    // Articles without a section, a number without one, and work that gave up.
    assert!(
        city.import("faq.csv", format!("{}\n{}\n", crate::support::table::HEAD, row("kasa")))
            .done()
            .starts_with("1 new")
    );
    for statement in [
        "UPDATE article SET section = 'ended'",
        "UPDATE setting SET value = replace(value, '\"phone_section\":\"kocho\"', '\"phone_section\":\"nobody\"')",
        "INSERT INTO job (id, lane, kind, payload, priority, state, run_at, attempts, max_attempts, fence, cancel_requested, created_at)
         VALUES ('j', 'l', 'k', '{}', 0, 'dead', 0, 5, 5, 5, 0, 0)",
    ] {
        city.with_database(async |db| {
            let mut tx = db.write().await.expect("write");
            assert_eq!(tx.execute(Sql::built(statement.into()), params![]).await.expect("changed"), 1);
            tx.commit().await.expect("commit");
        });
    }
    ill(
        &city.run(["doctor"]),
        &[
            "1 article(s) belong to no present section: kasa",
            "phone_section \"nobody\" is no section",
            "1 job(s) gave up; see the operation page",
        ],
    );
    let findings: serde_json::Value = serde_json::from_str(&city.run(["--json", "doctor"]).out).expect("JSON");
    assert_eq!(findings.as_array().map(|f| f.iter().filter(|f| f["level"] == "error").count()), Some(3), "{findings}");
}
