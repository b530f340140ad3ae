//! Databases that are missing, damaged, too new, or elsewhere.

use store::{Sql, params};

use crate::support::{City, Said, code, dictionary, files, madoguchi};

const COMMANDS: [&[&str]; 5] =
    [&["ask", "住民票"], &["import", "faq", "faq.toml"], &["export", "faq", "x.csv"], &["backup", "b"], &["migrate"]];

#[test]
fn a_database_that_is_not_there_is_told() {
    dictionary();
    let city = City::configured("sqlite:none.db");
    city.write("faq.toml", "");
    for command in COMMANDS.into_iter().chain([&["serve"][..]]) {
        city.run(command.iter().copied())
            .failed(code::DATABASE, &["there is no database at", "none.db", "madoguchi init", "correct `database`"]);
    }
    assert_eq!(files(city.folder()), ["faq.toml", "madoguchi.toml"], "looking for a database makes none");
    let city = City::configured("file:none.db");
    city.run(["export", "faq", "x.csv"]).failed(code::DATABASE, &["\"file:none.db\" is not understood", "sqlite:PATH"]);
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_alone() {
    dictionary();
    let city = City::demo();
    city.write("faq.toml", "");
    for bytes in
        [b"this is no database".repeat(1000), std::fs::read(city.path("minamo.db")).expect("read")[..5000].to_vec()]
    {
        std::fs::write(city.path("minamo.db"), &bytes).expect("written");
        for command in COMMANDS {
            city.run(command.iter().copied()).failed(code::DATABASE, &["database", "restore a backup"]);
        }
        let doctor = city.run(["doctor"]);
        doctor.status_is(code::NOTHING);
        assert!(doctor.out.contains("ERROR"), "{}", doctor.out);
        assert!(std::fs::read(city.path("minamo.db")).expect("read") == bytes);
    }
    // Empty as a crash may leave it: a database without a step of the schema.
    std::fs::write(city.path("minamo.db"), "").expect("written");
    city.run(["export", "faq", "x.csv"]).failed(code::DATABASE, &["migration(s) are waiting", "madoguchi migrate"]);
    city.run(["migrate"]).done();
    city.run(["ask", "住民票"]).failed(code::DATABASE, &["the database holds no city yet", "madoguchi init"]);
}

#[test]
fn a_database_of_a_newer_version_is_told() {
    dictionary();
    let city = City::demo();
    city.write("faq.toml", "");
    let add = |version: i64, min_binary: &'static str| {
        city.with_database(async |db| {
            let mut tx = db.write().await.expect("write");
            tx.execute(
                "INSERT INTO schema_migration (version, name, min_binary, applied_at) VALUES ($1, 'later', $2, 1)",
                params![version, min_binary],
            )
            .await
            .expect("inserted");
            tx.commit().await.expect("commit");
        });
    };
    // A later step that this version may still work with.
    add(1001, "0.1.0");
    assert!(city.run(["migrate"]).done().contains("nothing to do"));
    let before = city.articles();
    // One that it may not.
    add(1002, "99.0.0");
    for command in COMMANDS.into_iter().chain([&["serve"][..]]) {
        city.run(command.iter().copied()).failed(
            code::DATABASE,
            &[
                "the database needs madoguchi 99.0.0 or newer",
                "install the newer version, or restore a backup of the older one",
            ],
        );
    }
    let doctor = city.run(["doctor"]);
    doctor.status_is(code::NOTHING);
    assert!(doctor.out.contains("needs madoguchi 99.0.0"), "{}", doctor.out);
    city.with_database(async |db| {
        let mut tx = db.write().await.expect("write");
        tx.execute(Sql::built("DELETE FROM schema_migration WHERE version > 1000".into()), params![])
            .await
            .expect("deleted");
        tx.commit().await.expect("commit");
    });
    assert_eq!(city.articles(), before);
}

#[test]
fn a_server_that_does_not_answer_is_told() {
    // A port that was free a moment ago, so that nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let city = City::configured(&format!("postgres://nobody@127.0.0.1:{port}/none"));
    let said = city.run(["export", "faq", "x.csv"]);
    said.failed(code::DATABASE, &["database"]);
    let mut command = madoguchi();
    command.args(["demo", "new", "--database", "postgres://nobody@127.0.0.1:x/none"]).current_dir(city.folder());
    Said::of(command).failed(code::DATABASE, &["database address", "postgres://USER@HOST/NAME"]);
}
