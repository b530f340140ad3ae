//! What holds around every page: hosts, forms from elsewhere, headers, errors, limits.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use testkit::TestDb;

use crate::support::{City, answer, prefixes, send};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_gets_421_and_sees_no_city() {
    let city = City::new(TestDb::sqlite().await).await;
    for (host, status) in [
        ("minamo.example", 200),
        ("MINAMO.example:8080", 200),
        ("minamo.example.", 200),
        ("evil.example", 421),
        ("", 421),
    ] {
        let request = Request::get("/").header(header::HOST, host).body(Body::empty()).expect("request");
        let page = answer(&city.public, request).await;
        assert_eq!(page.status.as_u16(), status, "{host}");
        assert_eq!(page.body.contains("みなも"), status == 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_from_other_sites_are_refused() {
    let city = City::new(TestDb::sqlite().await).await;
    let form = [("submission", "0123456789abcdef0123456789abcdef"), ("body", "x")];
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")][..],
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")][..],
    ] {
        let page = city.post_with("/questions", &form, headers).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(page.body.contains("ほかのサイトから"), "{headers:?}");
    }
    for headers in [&[("origin", "http://localhost")][..], &[][..]] {
        assert_eq!(city.post_with("/questions", &form, headers).await.status, StatusCode::SEE_OTHER, "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers() {
    let city = City::new(TestDb::sqlite().await).await;
    for path in ["/", "/ask?q=x", "/nothing", "/robots.txt", "/en/questions/new"] {
        let page = city.get(path).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self';"), "{path}");
        for name in ["x-content-type-options", "referrer-policy", "permissions-policy", "cache-control"] {
            assert!(page.headers.contains_key(name), "{path}: {name}");
        }
        assert!(!page.headers.contains_key(header::SET_COOKIE), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_pages_in_the_language_of_the_address() {
    let city = City::new(TestDb::sqlite().await).await;
    for (prefix, words) in
        prefixes().into_iter().zip(["ページが見つかりません", "ページが ありません", "Page not found"])
    {
        let page = city.get(&format!("{prefix}/no/such/page")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.body.contains(words) && page.body.contains("name=\"q\""), "{}", page.body);
    }
    let large = "x".repeat(70_000);
    let page = city.post("/questions", &[("body", &large)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("大きすぎます"), "{}", page.body);
    let wrong_method = send(&city.public, Request::delete("/questions")).await;
    assert!(wrong_method.status.is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forms_gets_a_page_that_says_wait() {
    let city = City::new(TestDb::sqlite().await).await;
    let client = "192.0.2.7:40000".parse().expect("address");
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        let page = city.post_from(client, "/articles/tennyu/feedback", &[("helped", "yes")]).await;
        last = page.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert!(page.body.contains("少し待ってから"), "{}", page.body);
            assert_eq!(page.headers["retry-after"], "60");
            return;
        }
    }
    panic!("never stopped, last {last}");
}

/// What the database holds of what was asked: day, language, words, count of everything that found nothing.
async fn misses(city: &City) -> Vec<String> {
    city.state.misses.flush(&city.test.db).await.expect("written");
    city.texts(
        "SELECT day || ' ' || lang || ' ' || words || ' ' || CAST(times AS TEXT) AS v FROM miss ORDER BY words, lang",
    )
    .await
}

/// How many rows there are in what a question must not touch.
async fn rows(city: &City) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["question", "feedback", "person", "job", "audit_event"] {
        let mut tx = city.test.db.read().await.expect("read");
        let sql = store::Sql::built(format!("SELECT count(*) AS n FROM {table}"));
        counts.push(tx.row(sql, Vec::new()).await.expect("row").expect("row").get::<i64>("n").expect("n"));
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_asked_only_words_that_found_nothing_are_kept_and_masked() {
    let city = City::new(TestDb::sqlite().await).await;
    let before = rows(&city).await;
    // An answer was found: nothing is kept.
    assert!(city.get("/ask?q=%E7%B2%97%E5%A4%A7%E3%81%94%E3%81%BF").await.main().contains("sodai-gomi"));
    assert_eq!(misses(&city).await, Vec::<String>::new());
    for path in ["/ask?q=xyzzy+090-1234-5678+a@b.jp", "/ask?q=XYZZY+03-9999-0000+c@d.jp", "/en/ask?q=xyzzy"] {
        assert_eq!(city.get(path).await.status, 200);
    }
    assert_eq!(misses(&city).await, ["2026-11-23 en xyzzy 1", "2026-11-23 ja xyzzy ＊ ＊ 2"]);
    assert_eq!(rows(&city).await, before, "questions, feedback, persons, jobs, events");
    // A program that tries many words from one address is not counted for long.
    let client: std::net::SocketAddr = "192.0.2.9:40000".parse().expect("address");
    for letter in 'b'..='z' {
        let mut request = Request::get(format!("/ask?q=qqq{letter}"))
            .header(header::HOST, "localhost")
            .body(Body::empty())
            .expect("request");
        request.extensions_mut().insert(axum::extract::ConnectInfo(client));
        assert_eq!(answer(&city.public, request).await.status, StatusCode::OK);
    }
    assert_eq!(misses(&city).await.len(), 2 + 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_about_the_site_says_what_is_kept() {
    let city = City::new(TestDb::sqlite().await).await;
    for (prefix, parts) in prefixes().into_iter().zip([
        ["180日間", "見つからなかったときは", "伏せ字"],
        ["180", "だけを", "かくします"],
        ["180 days", "If nothing is found", "masked"],
    ]) {
        let page = city.get(&format!("{prefix}/about")).await;
        for part in parts {
            assert!(page.main().contains(part), "{prefix} {part}: {}", page.main());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_kept_for_ever_under_their_digest() {
    let city = City::new(TestDb::sqlite().await).await;
    let home = city.get("/").await.body;
    for name in ["app.css", "icons.svg"] {
        let at = home.find(&format!("/{name}")).expect("named");
        let start = home[..at].rfind("\"").expect("quote") + 1;
        let page = city.get(&home[start..at + name.len() + 1]).await;
        assert_eq!(page.status, 200, "{name}");
        assert!(page.headers["cache-control"].to_str().expect("text").contains("immutable"));
    }
    assert_eq!(city.get("/assets/x/..%2f..%2fCargo.toml").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operation_page_shows_state_and_no_words_of_people() {
    let city = City::new(TestDb::sqlite().await).await;
    city.post("/questions", &[("submission", "0123456789abcdef0123456789abcdef"), ("body", "秘密の言葉")]).await;
    let administrator = city.staff("kanri-1").await;
    for path in ["/status", "/metrics", "/health"] {
        let page = administrator.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("秘密"), "{path}");
    }
    let status = administrator.get("/status").await;
    assert!(status.body.contains("SQLite") && status.body.contains("待ち 1"), "{}", status.body);
    let metrics = send(&city.staff, Request::get("/metrics")).await;
    assert!(metrics.body.contains("madoguchi_jobs{city=\"minamo\",state=\"ready\"} 1"), "{}", metrics.body);
}
