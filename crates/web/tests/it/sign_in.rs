//! Logging in through the pages.

use access::totp;
use axum::http::{Request, StatusCode, header};
use calendar::{Clock, Instant};
use testkit::TestDb;

use crate::support::{City, Page, post_staff, send};

const PASSWORD: &str = "minamo-demo-2026";

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(page: &Page) -> String {
    let set = page.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs: Vec<&str> = set.filter(|c| !c.contains("Max-Age=0")).filter_map(|c| c.split(';').next()).collect();
    pairs.join("; ")
}

async fn get(city: &City, path: &str, cookies: &str) -> Page {
    send(&city.staff, Request::get(path).header(header::COOKIE, cookies)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn password_and_code_open_the_page_that_was_wanted() {
    let city = City::new(TestDb::sqlite().await).await;
    let asked = get(&city, "/me?x=1", "").await;
    assert_eq!(asked.location(), "/login?next=/me%3Fx%3D1");
    let form = [("login", "shimin-sakusei"), ("password", PASSWORD), ("next", "/me")];
    let first = post_staff(&city, "/login", &form, "").await;
    assert_eq!(first.location(), "/login/code?next=/me");
    let half = cookies(&first);
    assert_eq!(get(&city, "/me", &half).await.status, StatusCode::SEE_OTHER, "half a log-in opens nothing");
    let page = get(&city, "/login/code?next=/me", &half).await;
    let from = page.body.find("class=\"code\">").expect("the demo shows the code") + 13;
    let code = &page.body[from..from + 6];
    let wrong = post_staff(&city, "/login/code", &[("code", "000000"), ("next", "/me")], &half).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("コードがちがいます"));
    let second = post_staff(&city, "/login/code", &[("code", code), ("next", "/me")], &half).await;
    assert_eq!(second.location(), "/me");
    for value in second.headers.get_all(header::SET_COOKIE) {
        let text = value.to_str().expect("text");
        for word in ["__Host-", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(text.contains(word), "{text}");
        }
    }
    let page = get(&city, "/me", &cookies(&second)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("市民課 作成者"));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_log_in_nobody_is_sent_to_another_site() {
    let city = City::new(TestDb::sqlite().await).await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let form = [("login", "shimin-sakusei"), ("password", PASSWORD), ("next", next)];
        let page = post_staff(&city, "/login", &form, "").await;
        assert_eq!(page.location(), "/login/code?next=/", "{next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_wrongly_keeps_the_name_and_learns_nothing() {
    let city = City::new(TestDb::sqlite().await).await;
    let known = post_staff(&city, "/login", &[("login", "chosei"), ("password", "ちがいます")], "").await;
    let unknown = post_staff(&city, "/login", &[("login", "daremo"), ("password", "ちがいます")], "").await;
    assert_eq!(known.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(known.body.contains("value=\"chosei\""));
    assert_eq!(known.body.replace("chosei\" auto", "daremo\" auto"), unknown.body);
    assert!(!known.body.contains("ちがいます\""), "no password comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_sets_up_an_account() {
    let city = City::new(TestDb::sqlite().await).await;
    let mut rng = city.test.rng();
    let mut tx = city.test.db.write().await.expect("write");
    let clock = city.test.clock.as_ref();
    let id =
        access::account::make(&mut tx, clock, &mut rng, "command-line", "shinnin", "新任", None).await.expect("made");
    let token = access::account::invite(&mut tx, clock, &mut rng, "command-line", &id).await.expect("invited");
    tx.commit().await.expect("commit");
    let address = format!("/invitations/{token}");
    let page = get(&city, &address, "").await;
    assert!(page.body.contains("shinnin") && page.body.contains("<svg class=\"qr\""));
    let secret = page.hidden("secret");
    let bytes: Vec<u8> =
        (0..20).map(|i| u8::from_str_radix(&secret[2 * i..2 * i + 2], 16).expect("hexadecimal")).collect();
    let code = totp::code(&bytes, clock.now()).expect("code");
    let form = |password: &'static str, again: &'static str, code: &str| {
        vec![("secret", secret.clone()), ("password", password.into()), ("again", again.into()), ("code", code.into())]
    };
    for (password, again, typed, told) in [
        ("あたらしい ことばの列", "ちがう ことばの列です", code.as_str(), "2つのパスワードがちがいます"),
        ("みじかい", "みじかい", code.as_str(), "12文字以上"),
        ("あたらしい ことばの列です", "あたらしい ことばの列です", "000000", "コードがちがいます"),
    ] {
        let form = form(password, again, typed);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let refused = post_staff(&city, &address, &form, "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(told), "{told}");
        assert_eq!(refused.hidden("secret"), secret, "the app need not be set up again");
    }
    let form = form("あたらしい ことばの列です", "あたらしい ことばの列です", &code);
    let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(post_staff(&city, &address, &form, "").await.location(), "/login?done=enrolled");
    assert_eq!(get(&city, &address, "").await.status, StatusCode::NOT_FOUND, "an invitation opens once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_can_be_ended_from_another_device() {
    let city = City::new(TestDb::sqlite().await).await;
    let (here, lost) = (city.staff("chosei").await, city.staff("chosei").await);
    let stranger = city.staff("shimin-sakusei").await;
    let page = here.get("/me").await;
    let from = page.body.find("/me/sessions/").expect("the other session") + 13;
    let id = &page.body[from..from + 64];
    stranger.post(&format!("/me/sessions/{id}/end"), &[]).await;
    assert_eq!(lost.get("/me").await.status, StatusCode::OK, "nobody ends another person's session");
    here.post(&format!("/me/sessions/{id}/end"), &[]).await;
    assert_eq!(lost.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/me").await.status, StatusCode::OK);
    here.post("/logout", &[]).await;
    assert_eq!(here.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_staff_face_keep_its_menu() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("shimin-sakusei").await;
    let refused = desk.get("/status").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("この操作はできません") && refused.body.contains("ログアウト"));
    let missing = desk.get("/nowhere").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.contains("見つかりません"));
    let policy = missing.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    let later = Instant::from_millis(city.test.clock.now().millis() + access::sign_in::LONGEST);
    city.test.clock.set(later);
    assert_eq!(desk.get("/me").await.status, StatusCode::SEE_OTHER, "the day is over");
}
