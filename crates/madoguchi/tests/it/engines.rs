//! The same city on SQLite and on PostgreSQL, and from one to the other.

use store::Engine;
use testkit::{TestDb, on_both_engines};

use crate::support::{self, City, code, dictionary};

on_both_engines! {
    empty;

    async fn a_city_is_made_fed_asked_and_brought_home(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        support::run(["demo", &city.path("again").display().to_string(), "--database", &t.address])
            .failed(code::DATABASE, &["the database is not empty"]);
        let all = city.articles();
        for form in ["csv", "xlsx", "toml"] {
            let file = format!("faq.{form}");
            city.run(["export", "faq", &file]).done();
            assert!(city.run(["import", "faq", &file]).done().starts_with("0 new, 0 changed, "), "{form}");
        }
        // A wrong file changes nothing, on any engine.
        city.import("faq.csv", all.replacen(",shimin,", ",nowhere,", 1)).failed(code::REFUSED, &["\"nowhere\" is no section"]);
        city.import("faq.csv", all.replace("住民票の写し", "住民票の\u{0}写し")).failed(code::REFUSED, &["U+0000"]);
        assert_eq!(city.articles(), all);
        let changed = all.replace("住民票の写しがほしいのですが、どこで取れますか", "紫陽花の苗木をもらえますか");
        assert!(city.import("faq.csv", &changed).done().starts_with("0 new, 1 changed, "));
        let answer = city.run(["--json", "ask", "紫陽花の苗木がほしい"]).json();
        assert_eq!((&answer["found"][0]["code"], &answer["found"][0]["version"]), (&"juminhyo".into(), &2.into()));
        let doctor = city.run(["doctor"]).done();
        assert!(doctor.contains(&format!("{}, schema", t.engine())), "{doctor}");
        assert!(city.run(["migrate", "--dry-run"]).done().contains("nothing to do"));
        t.close().await;
    }

    async fn a_backup_goes_to_the_other_engine_and_back(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let changed = city.articles().replace("住民票の写しがほしいのですが、どこで取れますか", "紫陽花の苗木をもらえますか");
        city.import("faq.csv", changed).done();
        city.run(["backup", "first.backup"]).done();
        let other = match t.engine() {
            Engine::Sqlite => TestDb::empty_postgres().await,
            Engine::Postgres => TestDb::empty_sqlite().await,
        };
        let moved = City::configured(&other.address);
        moved.run(["restore", &city.path("first.backup").display().to_string()]).done();
        moved.run(["backup", "second.backup"]).done();
        let home = TestDb::empty_on(t.engine()).await;
        let returned = City::configured(&home.address);
        returned.run(["restore", &moved.path("second.backup").display().to_string()]).done();
        for form in ["csv", "toml"] {
            let file = format!("faq.{form}");
            let bytes = [&city, &moved, &returned].map(|c| {
                c.run(["export", "faq", &file]).done();
                std::fs::read(c.path(&file)).expect("read")
            });
            assert!(bytes[0].len() > 100_000 && bytes[0] == bytes[1] && bytes[1] == bytes[2], "{form}");
        }
        let answer = |c: &City| c.run(["--json", "ask", "紫陽花の苗木がほしい"]).json();
        assert_eq!(answer(&city), answer(&moved));
        assert_eq!(answer(&moved)["found"][0]["version"], 2);
        // The restored one is not restored into again.
        moved.run(["restore", "second.backup"]).failed(code::DATABASE, &["the database is not empty"]);
        for db in [t, other, home] {
            db.close().await;
        }
    }
}
