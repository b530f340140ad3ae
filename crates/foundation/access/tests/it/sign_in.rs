//! Logging in.

use access::sign_in::{self, Client, IDLE, LONGEST, Outcome};
use access::{AccessError, Role, account, totp};
use calendar::{Clock, Instant};
use testkit::TestDb;

use crate::support::{PASSWORD, account as make, enrol};

const HERE: Client<'_> = Client { device: None, network: "192.0.2.1", label: "Firefox（Linux）" };

async fn try_password(test: &TestDb, login: &str, password: &str, client: Client<'_>) -> Outcome {
    sign_in::with_password(&test.db, test.clock.as_ref(), &mut test.rng(), login, password, client)
        .await
        .expect("tried")
}

async fn pass(test: &TestDb, login: &str, secret: &[u8], client: Client<'_>) -> String {
    let Outcome::Passed(pending) = try_password(test, login, PASSWORD, client).await else { panic!("password") };
    let code = totp::code(secret, test.clock.now()).expect("code");
    let outcome = sign_in::with_code(&test.db, test.clock.as_ref(), &mut test.rng(), &pending, &code, client)
        .await
        .expect("tried");
    let Outcome::Passed(token) = outcome else { panic!("code: {outcome:?}") };
    token
}

fn move_on(test: &TestDb, millis: i64) {
    test.clock.set(Instant::from_millis(test.clock.now().millis() + millis));
}

testkit::on_both_engines! {
    async fn both_factors_open_and_each_alone_does_not(test: TestDb) {
        let id = make(&test, "sakusei", "shimin", &[Role::Author]).await;
        let secret = enrol(&test, &id).await;
        move_on(&test, 60_000);
        let clock = test.clock.as_ref();
        let Outcome::Passed(pending) = try_password(&test, "sakusei", PASSWORD, HERE).await else { panic!("password") };
        assert!(sign_in::session_of(&test.db, clock, &pending).await.expect("read").is_none(), "half a log-in is none");
        let wrong = sign_in::with_code(&test.db, clock, &mut test.rng(), &pending, "000000", HERE).await.expect("tried");
        assert_eq!(wrong, Outcome::Wrong);
        let code = totp::code(&secret, clock.now()).expect("code");
        let Outcome::Passed(token) =
            sign_in::with_code(&test.db, clock, &mut test.rng(), &pending, &code, HERE).await.expect("tried")
        else {
            panic!("code")
        };
        let session = sign_in::session_of(&test.db, clock, &token).await.expect("read").expect("a session");
        assert_eq!(session.account, id);
        assert_ne!(session.id, token, "only a digest is stored");
        let again = sign_in::with_code(&test.db, clock, &mut test.rng(), &pending, &code, HERE).await;
        assert!(matches!(again, Err(AccessError::NotFound)), "the first half is used up: {again:?}");
        test.close().await;
    }
    async fn a_code_is_good_once(test: TestDb) {
        let id = make(&test, "sakusei", "shimin", &[]).await;
        let secret = enrol(&test, &id).await;
        move_on(&test, 60_000);
        pass(&test, "sakusei", &secret, HERE).await;
        let Outcome::Passed(pending) = try_password(&test, "sakusei", PASSWORD, HERE).await else { panic!("password") };
        let code = totp::code(&secret, test.clock.now()).expect("code");
        let seen =
            sign_in::with_code(&test.db, test.clock.as_ref(), &mut test.rng(), &pending, &code, HERE).await.expect("tried");
        assert_eq!(seen, Outcome::Wrong, "somebody looked over a shoulder");
        test.close().await;
    }
    async fn who_guesses_waits_and_nobody_else(test: TestDb) {
        let id = make(&test, "nerawareta", "shimin", &[]).await;
        let secret = enrol(&test, &id).await;
        move_on(&test, 60_000);
        // The owner logged in on this device before.
        pass(&test, "nerawareta", &secret, HERE).await;
        let device = sign_in::device_cookie(test.db.key().expect("key"), "nerawareta", &mut test.rng());
        let stranger = Client { network: "198.51.100.9", ..HERE };
        for _ in 0..5 {
            assert_eq!(try_password(&test, "nerawareta", "まちがったパスワード", stranger).await, Outcome::Wrong);
        }
        assert_eq!(try_password(&test, "nerawareta", "まちがったパスワード", stranger).await, Outcome::Wait(60));
        assert_eq!(
            try_password(&test, "nerawareta", PASSWORD, stranger).await,
            Outcome::Wait(60),
            "not even the right one"
        );
        // From elsewhere, and from the owner's own device behind the stranger's network, the door is open.
        assert!(matches!(try_password(&test, "nerawareta", PASSWORD, HERE).await, Outcome::Passed(_)));
        let own = Client { device: Some(&device), ..stranger };
        assert!(matches!(try_password(&test, "nerawareta", PASSWORD, own).await, Outcome::Passed(_)));
        let forged = Client { device: Some("00.00"), ..stranger };
        assert_eq!(try_password(&test, "nerawareta", PASSWORD, forged).await, Outcome::Wait(60));
        move_on(&test, 60_000);
        assert!(matches!(try_password(&test, "nerawareta", PASSWORD, stranger).await, Outcome::Passed(_)));
        test.close().await;
    }
    async fn an_unknown_login_and_a_wrong_password_are_alike(test: TestDb) {
        let id = make(&test, "aru", "shimin", &[]).await;
        enrol(&test, &id).await;
        for login in ["aru", "nai"] {
            for _ in 0..5 {
                assert_eq!(try_password(&test, login, "まちがったパスワード", HERE).await, Outcome::Wrong, "{login}");
            }
            assert_eq!(try_password(&test, login, "まちがったパスワード", HERE).await, Outcome::Wait(60), "{login}");
        }
        test.close().await;
    }
    async fn a_session_ends_when_unused_and_at_the_latest_after_a_day_of_work(test: TestDb) {
        let id = make(&test, "sakusei", "shimin", &[]).await;
        let secret = enrol(&test, &id).await;
        move_on(&test, 60_000);
        let token = pass(&test, "sakusei", &secret, HERE).await;
        let clock = test.clock.as_ref();
        let begun = clock.now().millis();
        while clock.now().millis() - begun + IDLE / 2 < LONGEST {
            move_on(&test, IDLE / 2);
            assert!(sign_in::session_of(&test.db, clock, &token).await.expect("read").is_some(), "in use");
        }
        test.clock.set(Instant::from_millis(begun + LONGEST));
        assert!(sign_in::session_of(&test.db, clock, &token).await.expect("read").is_none(), "the day is over");
        let second = pass(&test, "sakusei", &secret, HERE).await;
        move_on(&test, IDLE);
        assert!(sign_in::session_of(&test.db, clock, &second).await.expect("read").is_none(), "unused");
        test.close().await;
    }
    async fn another_password_ends_the_other_sessions(test: TestDb) {
        let id = make(&test, "sakusei", "shimin", &[]).await;
        let secret = enrol(&test, &id).await;
        move_on(&test, 60_000);
        let lost = pass(&test, "sakusei", &secret, HERE).await;
        move_on(&test, 60_000);
        let here = pass(&test, "sakusei", &secret, HERE).await;
        let clock = test.clock.as_ref();
        let session = sign_in::session_of(&test.db, clock, &here).await.expect("read").expect("open");
        let mut rng = test.rng();
        let wrong =
            sign_in::change_password(&test.db, clock, &mut rng, &session, "ちがうパスワード", "あたらしい ことばの列")
                .await;
        assert!(matches!(wrong, Err(AccessError::Invalid { field: "old", .. })));
        sign_in::change_password(&test.db, clock, &mut rng, &session, PASSWORD, "あたらしい ことばの列です")
            .await
            .expect("changed");
        assert!(sign_in::session_of(&test.db, clock, &here).await.expect("read").is_some());
        assert!(sign_in::session_of(&test.db, clock, &lost).await.expect("read").is_none());
        assert_eq!(try_password(&test, "sakusei", PASSWORD, HERE).await, Outcome::Wrong);
        test.close().await;
    }
    async fn an_invitation_opens_once_and_seven_days(test: TestDb) {
        let id = make(&test, "shinnin", "shimin", &[]).await;
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        let mut tx = test.db.write().await.expect("write");
        let token = account::invite(&mut tx, clock, &mut rng, "account:a", &id).await.expect("invited");
        tx.commit().await.expect("commit");
        let secret = totp::new_secret(&mut rng);
        let code = || totp::code(&secret, test.clock.now()).expect("code");
        let short = sign_in::enrol(&test.db, clock, &mut rng, &token, "みじかい", &secret, &code()).await;
        assert!(matches!(short, Err(AccessError::Invalid { field: "password", .. })));
        let unproved = sign_in::enrol(&test.db, clock, &mut rng, &token, PASSWORD, &secret, "000000").await;
        assert!(matches!(unproved, Err(AccessError::Invalid { field: "code", .. })));
        sign_in::enrol(&test.db, clock, &mut rng, &token, PASSWORD, &secret, &code()).await.expect("enrolled");
        let twice = sign_in::enrol(&test.db, clock, &mut rng, &token, PASSWORD, &secret, &code()).await;
        assert!(matches!(twice, Err(AccessError::NotFound)), "{twice:?}");
        let mut tx = test.db.write().await.expect("write");
        let late = account::invite(&mut tx, clock, &mut rng, "account:a", &id).await.expect("invited");
        tx.commit().await.expect("commit");
        move_on(&test, 7 * 24 * 60 * 60 * 1000);
        let mut tx = test.db.read().await.expect("read");
        assert!(matches!(account::invited(&mut tx, clock, &late).await, Err(AccessError::NotFound)));
        drop(tx);
        test.close().await;
    }
}
