//! What nobody may find: in the browser, in the database, in the log. And what everybody can read: ruby.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use store::{Sql, params};
use testkit::TestDb;

use super::{desk, hidden, opened, press, receipt, told};
use crate::secrecy::Log;
use crate::support::{City, Page, answer, encode, prefixes};

/// What stands on every page of the room.
fn is_quiet(page: &Page, what: &str) {
    assert_eq!(page.headers["cache-control"], "no-store", "{what}");
    assert_eq!(page.headers["referrer-policy"], "no-referrer", "{what}");
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow", "{what}");
    assert!(page.headers["content-security-policy"].to_str().expect("text").contains("default-src 'none'"), "{what}");
    for name in ["set-cookie", "location", "etag", "last-modified"] {
        assert!(!page.headers.contains_key(name), "{what}: {name}");
    }
}

/// The city's name and nothing else, whatever the page is.
fn is_neutral(page: &Page, what: &str) {
    let title = page.body.split("<title>").nth(1).expect("a title").split("</title>").next().expect("an end");
    assert!(["みなも市", "Minamo City"].contains(&title), "{what}: {title}");
    // Nothing from elsewhere, nothing inline, and a way out.
    assert!(!page.body.contains("http://") && !page.body.contains("https://"), "{what}");
    assert!(
        !page.body.contains(" style=") && !page.body.contains("<script>") && !page.body.contains(" onclick"),
        "{what}"
    );
    assert!(page.body.contains("rel=\"noreferrer\" data-leave"), "{what}");
}

/// Chinese characters that stand outside of ruby and of what people wrote.
fn unread(page: &Page) -> String {
    let (_, body) = page.body.split("<body").nth(1).and_then(|rest| rest.split_once('>')).expect("a body");
    let cut = |text: &str, from: &str, to: &str| -> String {
        text.split(from)
            .enumerate()
            .map(|(i, part)| if i == 0 { part } else { part.split_once(to).map_or("", |(_, rest)| rest) })
            .collect()
    };
    let body = cut(body, "<ruby>", "</ruby>");
    let body = cut(&body, "<textarea", "</textarea>");
    let body = cut(&body, "<span class=\"quote\"", "</span>");
    let body = cut(&body, "<p class=\"quote\"", "</p>");
    cut(&body, "<", ">").chars().filter(|c| ('\u{3400}'..='\u{9fff}').contains(c) || *c == '々').collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_quiet_neutral_and_has_ruby_on_every_character() {
    let city = City::new(TestDb::sqlite().await).await;
    let mut pages: Vec<(String, Page)> = Vec::new();
    for prefix in prefixes() {
        let mut keep = |what: &str, page: Page| {
            pages.push((format!("{prefix} {what}"), page));
        };
        keep("shut", city.get(&format!("{prefix}/room")).await);
    }
    desk(&city).await;
    for prefix in prefixes() {
        let path = format!("{prefix}/room");
        let start = city.get(&path).await;
        for speaker in ["child", "parent", "friend", "teacher", "other"] {
            let what = press(&city, prefix, (&start, "name=\"speaker\""), &[("speaker", speaker)]).await;
            let empty = press(&city, prefix, (&what, "textarea"), &[("go", "wishes")]).await;
            let wishes = press(
                &city,
                prefix,
                (&what, "textarea"),
                &[("words", "もう死にたい"), ("grade", "high"), ("go", "wishes")],
            )
            .await;
            pages.extend([
                (format!("{path} what"), what),
                (format!("{path} empty"), empty),
                (format!("{path} wishes"), wishes),
            ]);
        }
        let check = told(&city, prefix).await;
        let sent = press(&city, prefix, (&check, "value=\"send\""), &[("go", "send")]).await;
        let digits = receipt(&sent);
        let ask = city.post(&path, &[("go", "return")]).await;
        let talk = press(&city, prefix, (&ask, "name=\"work\""), &[("receipt", &digits), ("go", "open")]).await;
        let said = press(&city, prefix, (&talk, "textarea"), &[("words", "つづきです")]).await;
        let nothing = press(&city, prefix, (&talk, "textarea"), &[("words", " ")]).await;
        let wishes = press(&city, prefix, (&talk, "value=\"my-wishes\""), &[("go", "my-wishes")]).await;
        let wished = press(&city, prefix, (&wishes, "unwanted"), &[("wanted", "a"), ("go", "wish")]).await;
        let again = press(&city, prefix, (&talk, "value=\"talk\""), &[("go", "talk")]).await;
        let old = city
            .post(&path, &[("go", "say"), ("session", &talk.hidden("session")), ("words", "x"), ("form", "x")])
            .await;
        let closed = press(&city, prefix, (&talk, "value=\"close\""), &[("go", "close")]).await;
        let locked = press(&city, prefix, (&talk, "textarea"), &[("words", "x")]).await;
        for (what, page) in [
            ("start", start),
            ("check", check),
            ("sent", sent),
            ("return", ask),
            ("talk", talk),
            ("said", said),
            ("nothing", nothing),
            ("wishes", wishes),
            ("wished", wished),
            ("again", again),
            ("old", old),
            ("closed", closed),
            ("locked", locked),
            ("wrong", opened_in(&city, &path, "123").await),
            ("short", opened_in(&city, &path, "1234 5678").await),
        ] {
            pages.push((format!("{path} {what}"), page));
        }
        // Errors are as quiet.
        let long = "a".repeat(300_000);
        let foreign = city.post_with(&path, &[("go", "start")], &[("sec-fetch-site", "cross-site")]).await;
        let large = city.post(&path, &[("words", &long)]).await;
        let missing = city.get(&format!("{path}/x")).await;
        let verb = Request::put(&path).header("sec-fetch-site", "same-origin").header(header::HOST, "localhost");
        let verb = answer(&city.public, verb.body(Body::empty()).expect("request")).await;
        for (status, page) in [(403, foreign), (413, large), (404, missing), (405, verb)] {
            assert_eq!(page.status.as_u16(), status, "{}", page.body);
            pages.push((format!("{path} {status}"), page));
        }
        let here = ([10, 202, 0, prefix.len() as u8], 1).into();
        let mut last = None;
        for _ in 0..40 {
            let fields = [("go", "open"), ("receipt", digits.as_str())];
            last = Some(city.post_from(here, &path, &fields).await).filter(|page| page.status == 429);
            if last.is_some() {
                break;
            }
        }
        pages.push((format!("{path} often"), last.expect("somebody who tries too often is stopped")));
    }
    for (what, page) in &pages {
        is_quiet(page, what);
        is_neutral(page, what);
        assert_eq!(unread(page), if what.contains("/en") { unread(page) } else { String::new() }, "{what}");
    }
}

async fn opened_in(city: &City, path: &str, receipt: &str) -> Page {
    city.post(path, &[("go", "open"), ("receipt", receipt)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_tells_nobody_where_it_was_can_be_sent_without_encryption() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    // A browser says neither a site nor an origin of a page with no-referrer over plain http.
    let page = city.post_with("/room", &[("go", "return")], &[("origin", "null")]).await;
    assert_eq!(page.status, 200);
    for headers in
        [&[("origin", "http://elsewhere.example")][..], &[("origin", "null"), ("sec-fetch-site", "cross-site")]]
    {
        assert_eq!(city.post_with("/room", &[("go", "return")], headers).await.status, 403);
    }
    assert_eq!(
        city.post_with("/questions", &[("body", "x")], &[("origin", "null")]).await.status,
        403,
        "only the room"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_room_are_not_kept_by_the_browser() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    let page = city.get("/room").await;
    for name in ["room.css", "room.js"] {
        let from = page.body.find(&format!("/{name}\"")).expect(name);
        let address = &page.body[page.body[..from].rfind('"').expect("an address") + 1..from];
        let file = city.get(&format!("{address}/{name}")).await;
        assert_eq!(
            (file.status.as_u16(), file.headers["cache-control"].to_str().ok()),
            (200, Some("no-store")),
            "{name}"
        );
    }
}

const AGENT: &str = "Tablet-Of-A-Child/7.31";
const REFERRER: &str = "https://search.example/?q=ijime-soudan";
const ADDRESS: [u8; 4] = [203, 0, 113, 77];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_address_browser_or_way_is_stored_or_logged() {
    let log = Log::kept();
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    let send = async |fields: &[(&str, &str)]| {
        let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        let mut request = Request::post("/room")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::USER_AGENT, AGENT)
            .header(header::REFERER, REFERRER)
            .header("x-forwarded-for", "203.0.113.77")
            .header(header::ACCEPT_LANGUAGE, "ja-JP-x-child")
            .body(Body::from(body.join("&")))
            .expect("request");
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((ADDRESS, 40_077))));
        answer(&city.public, request).await
    };
    let check = told(&city, "").await;
    let fields = hidden(&check, "value=\"send\"");
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("go", "send"));
    let sent = send(&fields).await;
    let digits = receipt(&sent);
    assert_eq!(send(&[("go", "open"), ("receipt", &super::near(&digits, 13))]).await.status, 422);
    let talk = opened(&city, &digits).await;
    let session = talk.hidden("session");
    let said =
        send(&[("go", "say"), ("session", &session), ("form", &talk.hidden("form")), ("words", "ひみつの話です")])
            .await;
    assert_eq!(said.status, 200, "{}", said.body);
    let mut all = String::new();
    let mut tx = city.test.db.read().await.expect("read");
    for table in store::schema::read(&mut tx).await.expect("tables").into_keys() {
        for row in tx.rows(Sql::built(format!("SELECT * FROM {table}")), params![]).await.expect("rows") {
            all.push_str(&format!("{table} {row:?}\n"));
        }
    }
    drop(tx);
    let logged = log.text();
    assert!(all.contains("sealed_case "), "the database was looked at");
    assert!(logged.contains("/room"), "the log was looked at");
    let secret = session.rsplit('.').next().expect("a secret");
    let grouped: Vec<&str> =
        digits.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).expect("digits")).collect();
    for needle in [
        AGENT,
        "Tablet-Of-A-Child",
        REFERRER,
        "search.example",
        "203.0.113.77",
        "203, 0, 113, 77",
        "x-child",
        &digits,
        &digits[6..22],
        &grouped.join(" "),
        secret,
        "ひみつの話です",
        "休み時間に",
        "親に言わないで",
        "EAST7",
    ] {
        assert!(!all.contains(needle), "{needle} is in the database");
        assert!(!logged.contains(needle), "{needle} is in the log");
    }
}
