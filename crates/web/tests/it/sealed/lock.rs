//! The key, the unlock on top of the log-in, and the lock.

use std::time::Duration;

use axum::http::{StatusCode, header};
use casework::member::DeskRole;
use testkit::TestDb;

use super::office::{Office, PASSPHRASE, WORDS, desk_cookie, seen};

testkit::on_both_engines! {
    async fn a_first_key_opens_the_desk(test: TestDb) {
        let office = Office::open(test).await;
        office.join("kankyo-sakusei", DeskRole::Consultant).await;
        let desk = office.city.staff("kankyo-sakusei").await;
        let page = desk.get("/sealed").await;
        assert_eq!(page.location(), "/sealed/unlock?next=/sealed");
        assert_eq!(desk.get(page.location()).await.location(), "/sealed/key");
        let page = desk.get("/sealed/key").await;
        assert!(page.main().contains("忘れると、あなたの鍵では二度と読めません"), "{}", page.main());
        for (form, sentence) in [
            (vec![("passphrase", "みじかい"), ("again", "みじかい"), ("understood", "on")], "4つ以上の単語"),
            (vec![("passphrase", PASSPHRASE), ("again", "ちがう"), ("understood", "on")], "2つのパスフレーズがちがいます"),
            (vec![("passphrase", PASSPHRASE), ("again", PASSPHRASE)], "忘れたときにどうなるかを読んで"),
        ] {
            let page = desk.post("/sealed/key", &form).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.main().contains(sentence), "{sentence}: {}", page.main());
            assert!(!page.body.contains(PASSPHRASE), "a secret is typed again");
        }
        let form = [("passphrase", PASSPHRASE), ("again", PASSPHRASE), ("understood", "on")];
        let page = desk.post("/sealed/key", &form).await;
        assert_eq!(page.location(), "/sealed?done=key-made", "{}", page.body);
        let mut desk = desk;
        desk.cookie = format!("{}; {}", desk.cookie, desk_cookie(&page).expect("open"));
        assert_eq!(desk.get("/sealed").await.status, StatusCode::OK);
        // A second key would take the first one's place: there is none.
        assert_eq!(desk.post("/sealed/key", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_desk_opens_with_its_passphrase_and_locks(test: TestDb) {
        let office = Office::open(test).await;
        let mut desk = office.city.staff("ijime-1").await;
        let page = desk.get("/sealed?tab=mine").await;
        assert_eq!(page.location(), "/sealed/unlock?next=/sealed%3Ftab%3Dmine");
        let page = desk.post("/sealed/unlock", &[("passphrase", "ちがう"), ("next", "/sealed?tab=mine")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.main().contains("パスフレーズがちがいます") && page.main().contains("/sealed?tab=mine"));
        assert!(desk_cookie(&page).is_none());
        for next in ["https://evil.example/", "//evil.example", "/people"] {
            let page = desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE), ("next", next)]).await;
            assert_eq!(page.location(), "/sealed", "{next}");
        }
        let page = desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE), ("next", "/sealed?tab=mine")]).await;
        assert_eq!(page.location(), "/sealed?tab=mine");
        let set = page.headers[header::SET_COOKIE].to_str().expect("text");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(set.contains(part), "{set}");
        }
        assert!(!set.contains("Max-Age") && !set.contains("Expires"), "{set}");
        let logged_in = desk.cookie.clone();
        desk.cookie = format!("{logged_in}; {}", desk_cookie(&page).expect("open"));
        assert_eq!(desk.get("/sealed").await.status, StatusCode::OK);
        // Somebody else's cookie opens nothing.
        let mut other = office.city.staff("ijime-2").await;
        other.cookie = format!("{}; {}", other.cookie, desk_cookie(&page).expect("open"));
        assert_eq!(other.get("/sealed").await.status, StatusCode::SEE_OTHER);
        let page = desk.post("/sealed/lock", &[]).await;
        assert_eq!(page.location(), "/sealed/unlock?done=desk-locked");
        assert!(page.headers[header::SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
        assert_eq!(desk.get("/sealed").await.status, StatusCode::SEE_OTHER, "the cookie is worth nothing now");
    }

    async fn an_idle_desk_locks_itself_and_a_log_out_locks_it(test: TestDb) {
        let office = Office::open(test).await;
        let mut desk = office.at_desk("ijime-1").await;
        let clock = office.city.test.clock.clone();
        let minute = Duration::from_secs(60);
        for _ in 0..3 {
            clock.advance(14 * minute);
            assert_eq!(desk.get("/sealed").await.status, StatusCode::OK, "each request begins the time anew");
        }
        clock.advance(14 * minute);
        assert_eq!(desk.post("/sealed/pulse", &[]).await.status, StatusCode::NO_CONTENT);
        clock.advance(15 * minute - Duration::from_millis(1));
        assert_eq!(desk.get("/sealed").await.status, StatusCode::OK);
        clock.advance(15 * minute);
        assert_eq!(desk.get("/sealed").await.location(), "/sealed/unlock?next=/sealed");
        assert_eq!(desk.post("/sealed/pulse", &[]).await.status, StatusCode::UNAUTHORIZED);
        let bare = desk.cookie.split("; ").next().expect("a cookie").to_owned();
        desk.cookie = bare;
        office.unlock(&mut desk).await;
        let page = desk.post("/logout", &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let gone = page.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
        assert!(gone.filter(|v| v.contains("madoguchi-desk=;") && v.contains("Max-Age=0")).count() == 1);
        assert_eq!(office.city.texts("SELECT id AS v FROM desk_session").await, Vec::<String>::new());
    }

    /// Pages that need no open desk have the button where it is open; a look at them keeps it open no longer.
    async fn every_page_of_the_desk_can_lock_it(test: TestDb) {
        let office = Office::open(test).await;
        for (login, paths) in [
            ("ijime-1", &["/sealed", "/sealed/members", "/sealed/recovery", "/sealed/recovery/set", "/sealed/signs", "/sealed/signs/rule", "/sealed/leaflets", "/sealed/agenda", "/sealed/passphrase"][..]),
            ("ijime-kantoku", &["/sealed/overdue", "/sealed/members"]),
            ("kaifuku-1", &["/sealed/glass", "/sealed/recovery"]),
        ] {
            let mut desk = office.at_desk(login).await;
            for path in paths {
                let page = desk.get(path).await;
                assert_eq!(page.status, StatusCode::OK, "{login} {path}");
                assert!(page.main().contains("action=\"/sealed/lock\"") && page.main().contains("data-rest=\"900\""), "{login} {path}: {}", page.main());
            }
            office.city.test.clock.advance(Duration::from_secs(600));
            for _ in 0..2 {
                assert!(desk.get("/sealed/members").await.main().contains("data-rest=\"300\" data-stays"), "{login}");
            }
            office.city.test.clock.advance(Duration::from_secs(300));
            assert!(!desk.get("/sealed/members").await.main().contains("/sealed/lock"), "{login}: it has locked itself");
            desk.cookie = desk.cookie.split("; ").next().expect("a cookie").to_owned();
            assert!(!desk.get("/sealed/members").await.main().contains("/sealed/lock"), "{login}");
        }
        // Nobody sees that somebody else's desk is open.
        let (desk, mut other) = (office.at_desk("ijime-1").await, office.city.staff("ijime-2").await);
        other.cookie = format!("{}; {}", other.cookie, desk.cookie.split("; ").nth(1).expect("the desk's"));
        assert!(!other.get("/sealed/members").await.main().contains("/sealed/lock"));
        assert!(!office.city.staff("kanri-1").await.get("/sealed/members").await.main().contains("/sealed/lock"));
    }

    async fn what_comes_while_the_desk_is_locked_is_kept(test: TestDb) {
        let office = Office::open(test).await;
        let (case, reporter) = office.told(WORDS).await;
        let mut desk = office.at_desk("ijime-1").await;
        let (version, last) = seen(&desk, &case).await;
        office.city.test.clock.advance(Duration::from_secs(15 * 60));
        let address = format!("/sealed/cases/{case}/messages");
        let form = [("words", "読みました。<b>いっしょ</b>に考えます。"), ("version", version.as_str()), ("seen", last.as_str())];
        let page = desk.post(&address, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        assert!(page.main().contains("書いたものは、この画面に残っています"), "{}", page.main());
        assert!(page.main().contains("読みました。&#60;b&#62;いっしょ"), "{}", page.main());
        assert!(!page.headers.contains_key(header::LOCATION), "nothing of it in an address");
        assert!(!office.talk(&reporter).await.contains("いっしょ"));
        // A wrong passphrase keeps it too.
        let wrong = [&form[..], &[("_passphrase", "ちがう")]].concat();
        let page = desk.post(&address, &wrong).await;
        assert!(page.main().contains("パスフレーズがちがいます") && page.main().contains("いっしょ"), "{}", page.main());
        assert!(!page.main().contains("value=\"ちがう\""));
        let right = [&form[..], &[("_passphrase", PASSPHRASE)]].concat();
        let page = desk.post(&address, &right).await;
        assert_eq!(page.location(), format!("/sealed/cases/{case}?done=case-said"), "{}", page.body);
        assert!(office.talk(&reporter).await.contains("いっしょ"));
        let bare = desk.cookie.split("; ").next().expect("a cookie").to_owned();
        desk.cookie = format!("{bare}; {}", desk_cookie(&page).expect("the desk is open"));
        assert_eq!(desk.get(&format!("/sealed/cases/{case}")).await.status, StatusCode::OK);
        // The page's script says that the time is over: the desk is locked, and the form comes back to be sent.
        let (version, last) = seen(&desk, &case).await;
        let held = [("words", "まだ書きかけ"), ("version", &version), ("seen", &last), ("_hold", "on")];
        let page = desk.post(&address, &held).await;
        assert!(page.main().contains("まだ書きかけ") && page.main().contains("_again"), "{}", page.main());
        assert_eq!(desk.get("/sealed").await.status, StatusCode::SEE_OTHER, "locked");
        let again = [("words", "まだ書きかけ"), ("version", &version), ("seen", &last), ("_again", "on"), ("_passphrase", PASSPHRASE)];
        let page = desk.post(&address, &again).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains("まだ書きかけ</textarea>"), "{}", page.main());
        assert!(!office.talk(&reporter).await.contains("書きかけ"), "it was not carried out");
    }

    async fn a_passphrase_is_changed(test: TestDb) {
        let office = Office::open(test).await;
        let mut desk = office.at_desk("ijime-1").await;
        let next = "あおい 石が 川を わたる";
        for (form, sentence) in [
            ([("old", "ちがう"), ("passphrase", next), ("again", next)], "いまのパスフレーズがちがいます"),
            ([("old", PASSPHRASE), ("passphrase", next), ("again", "x")], "2つのパスフレーズがちがいます"),
            ([("old", PASSPHRASE), ("passphrase", "x"), ("again", "x")], "4つ以上の単語"),
        ] {
            let page = desk.post("/sealed/passphrase", &form).await;
            assert!(page.status == 422 && page.main().contains(sentence), "{}", page.main());
        }
        let form = [("old", PASSPHRASE), ("passphrase", next), ("again", next)];
        assert_eq!(desk.post("/sealed/passphrase", &form).await.location(), "/sealed/unlock?done=passphrase");
        assert_eq!(desk.get("/sealed").await.status, StatusCode::SEE_OTHER, "every open desk is locked");
        desk.cookie = desk.cookie.split("; ").next().expect("a cookie").to_owned();
        assert_eq!(desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE)]).await.status, 422);
        assert_eq!(desk.post("/sealed/unlock", &[("passphrase", next)]).await.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passphrases_are_not_tried_in_bulk() {
    let office = Office::open(TestDb::sqlite().await).await;
    let desk = office.city.staff("ijime-1").await;
    let mut told = false;
    for _ in 0..15 {
        let page = desk.post("/sealed/unlock", &[("passphrase", "ちがう")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        told |= page.main().contains("何度もためしました");
    }
    assert!(told);
    // The right one must wait as well, and somebody else need not.
    assert_eq!(desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE)]).await.status, 422);
    let other = office.city.staff("ijime-2").await;
    assert_eq!(other.post("/sealed/unlock", &[("passphrase", PASSPHRASE)]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_passphrase_of_a_demo_city() {
    let office = Office::open(TestDb::sqlite().await).await;
    let desk = office.city.staff("ijime-1").await;
    assert!(!desk.get("/sealed/unlock").await.main().contains("デモの"));
    let mut tx = office.city.test.db.write().await.expect("write");
    city::store::save_setting(&mut tx, casework::premises::DEMO_SETTING, "みなも の ことば").await.expect("saved");
    tx.commit().await.expect("commit");
    assert!(desk.get("/sealed/unlock").await.main().contains("みなも の ことば"));
}
