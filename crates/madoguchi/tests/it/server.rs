//! `serve`: starting, stopping, following changes, and what it refuses.

use std::net::TcpListener;
use std::time::Duration;

use crate::support::http::{encode, request};
use crate::support::table::{row, table, with};
use crate::support::{City, Server, code, dictionary, tell, until};

/// The form of a question with a token of its own.
pub(crate) fn form(token: u128, body: &str) -> String {
    format!("submission={token:032x}&asked=&body={}", encode(body))
}

#[test]
fn a_port_in_use_is_told_before_anything_else() {
    let city = City::demo();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let text = std::fs::read_to_string(&city.config).expect("read");
    let listen = format!("{text}\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nfaces = [\"public\"]\n");
    std::fs::write(&city.config, listen).expect("written");
    city.run(["serve"]).failed(
        code::ADDRESS,
        &[
            &format!("127.0.0.1:{port} cannot be listened on"),
            "another program uses this port: stop it, or change `address`",
        ],
    );
    let doctor = city.run(["doctor"]);
    assert!(doctor.out.contains(&format!("127.0.0.1:{port} is in use")), "{}", doctor.out);
    let elsewhere = format!("{text}\n[[listen]]\naddress = \"192.0.2.1:8080\"\nfaces = [\"public\"]\n");
    std::fs::write(&city.config, elsewhere).expect("written");
    city.run(["serve"]).failed(code::ADDRESS, &["192.0.2.1:8080 cannot be listened on"]);
}

#[test]
fn it_serves_what_it_shall_and_stops_when_it_is_asked() {
    let city = City::demo();
    let server = Server::of(&city);
    server.get("/").is(200).is_page();
    let staff = |path: &str| request(server.staff, "GET", path, &[], "").expect("an answer");
    // Nobody is logged in yet.
    staff("/").is(303);
    staff("/login").is(200);
    assert_eq!(staff("/health").is(200).body, "ok\n");
    assert!(staff("/metrics").is(200).body.contains("madoguchi_articles{city=\"minamo\"}"));
    // The faces are apart.
    for path in ["/health", "/metrics"] {
        server.get(path).is(404).is_page();
    }
    staff("/ask?q=x").is(404);
    // Another one on the same database is no harm; asked to end, it ends well.
    let second = Server::of(&city);
    second.get("/").is(200);
    assert_eq!(second.terminate(), Some(0));
    server.get("/").is(200);
    assert_eq!(server.terminate(), Some(0));
    assert!(city.run(["doctor"]).out.contains("can be written to"));
}

#[test]
fn an_unknown_host_gets_no_city() {
    let city = City::demo();
    let server = Server::of(&city);
    let port = server.public.port();
    let as_host = |host: &str| server.request("GET", "/", &[("Host", host)], "").expect("an answer");
    for host in [
        "other.example",
        "",
        "localhost.evil.example",
        "evil.example:8080",
        "xn--",
        "[::2]:1",
        "localhost@evil",
        "みなも",
    ] {
        let answer = as_host(host);
        // What is not even a name may be refused before it is looked up.
        assert!(matches!(answer.status, 421 | 400), "{host}: {}", answer.status);
        assert!(!answer.body.contains("みなも市の窓口"), "{host}");
    }
    let stray = as_host("other.example");
    assert!(stray.is(421).body.contains("No city is served under this host name"), "{}", stray.body);
    for host in [
        "localhost".to_owned(),
        format!("localhost:{port}"),
        "LOCALHOST".into(),
        "127.0.0.1:80".into(),
        "[::1]".into(),
        "localhost.".into(),
    ] {
        as_host(&host).is(200);
    }
}

#[test]
fn an_import_is_found_by_the_running_server() {
    let city = City::demo();
    let server = Server::of(&city);
    let page = || server.get(&format!("/ask?q={}", encode("紫陽花の苗木")));
    assert!(!page().is(200).body.contains("/articles/kasa"));
    assert!(city.import("faq.csv", with(&[("question", "紫陽花の苗木をもらえますか")])).done().starts_with("1 new"));
    let (_, took) = until("the article is found", Duration::from_secs(30), || {
        page().body.contains("紫陽花の苗木をもらえますか").then_some(())
    });
    tell(&format!("a running server found an import {} ms after the command ended", took.as_millis()));
    server.get("/articles/kasa").is(200).is_page();
    // A change and the next version, in the open data as well.
    assert!(
        city.import("faq.csv", with(&[("question", "朝顔の種をもらえますか")])).done().starts_with("0 new, 1 changed")
    );
    let (page, _) = until("the change is seen", Duration::from_secs(30), || {
        Some(server.get("/articles/kasa")).filter(|page| page.body.contains("朝顔の種をもらえますか"))
    });
    assert!(page.body.contains("第2版"), "{}", page.body);
    assert!(server.get("/opendata/faq.csv").body.contains("朝顔の種をもらえますか"));
    // What is not yet or no longer valid is not shown.
    let hidden = [
        row("kasa").replace("2026-10-03", "2026-10-03,2999-01-01,"),
        row("kutsu").replace("2026-10-03", "2026-10-03,,2001-01-01"),
    ];
    let text = format!("{},valid_from,valid_to\n{}\n", crate::support::table::HEAD, hidden.join("\n"));
    city.import("faq.csv", text).done();
    until("the article is gone", Duration::from_secs(30), || {
        (server.get("/articles/kasa").status == 404).then_some(())
    });
    server.get("/articles/kutsu").is(404).is_page();
}

#[test]
fn forms_of_other_sites_and_floods_are_refused_with_a_page() {
    let city = City::demo();
    let server = Server::of(&city);
    let post =
        |headers: &[(&str, &str)], body: &str| server.request("POST", "/questions", headers, body).expect("an answer");
    // Sent by another site.
    for headers in [
        &[("Sec-Fetch-Site", "cross-site")][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost")],
    ] {
        let answer = post(headers, &form(1, "質問です"));
        assert!(
            answer.is(403).is_page().body.contains("ほかのサイトから送られた内容は受け取れません"),
            "{}",
            answer.body
        );
    }
    // Too large, whether the length is said or not.
    let answer = post(&[], &form(1, &"あ".repeat(30_000)));
    assert!(answer.is(413).is_page().body.contains("送られた内容が大きすぎます"), "{}", answer.body);
    let chunks = format!(
        "POST /questions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{}0\r\n\r\n",
        format!("4000\r\n{}\r\n", "a".repeat(0x4000)).repeat(8)
    );
    crate::support::http::send(server.public, chunks.as_bytes()).expect("an answer").is(413).is_page();
    // What no form of ours sends.
    for (body, status) in [
        ("", 422),
        ("submission=x&body=y", 422),
        ("body=%FF%FE", 422),
        ("a=b&a=c", 422),
        (&form(2, " \n "), 422),
        (&form(3, &"あ".repeat(2001)), 422),
    ] {
        post(&[], body).is(status).is_page();
    }
    let json = server.request("POST", "/questions", &[("Content-Type", "application/json")], "{}");
    assert!(matches!(json.expect("an answer").status, 400..=422));
    server.get("/questions/lookup").is(405).is_page();
    server.request("DELETE", "/questions", &[], "").expect("an answer").is(405).is_page();
    // None of these left a question.
    let questions = async |db: &store::Db| {
        let mut tx = db.read().await.expect("read");
        knowledge::question::waiting(&mut tx).await.expect("counted")
    };
    assert_eq!(city.with_database(questions), 0);
    // A flood from one address: 30 in a minute pass at once, and one more every two seconds.
    let client = [("X-Forwarded-For", "203.0.113.7")];
    let mut passed = 0;
    let refused = (0..400).find_map(|n| {
        let answer = post(&client, &form(1000 + n, "質問です"));
        passed += i32::from(answer.status == 303);
        (answer.status != 303).then_some(answer)
    });
    let refused = refused.expect("a flood is stopped");
    assert!(refused.is(429).is_page().body.contains("少し待ってから、もう一度送ってください"), "{}", refused.body);
    assert!((30..400).contains(&passed), "{passed}");
    // Other addresses are not kept out by it.
    post(&[("X-Forwarded-For", "203.0.113.8")], &form(1, "質問です")).is(303);
    assert_eq!(city.with_database(questions), i64::from(passed) + 1);
}

#[test]
fn a_question_is_left_and_followed() {
    dictionary();
    let city = City::demo();
    let server = Server::of(&city);
    let body = "紫陽花<script>alert(1)</script>'; DROP TABLE question; --";
    let sent = server.request("POST", "/questions", &[], &form(42, body)).expect("an answer");
    let address = sent.is(303).header("location").expect("an address").to_owned();
    let page = server.get(&address);
    assert!(page.is(200).is_page().text().contains("紫陽花&lt;script&gt;alert(1)"), "{}", page.body);
    for header in ["no-store", "noindex", "referrer-policy: same-origin"] {
        assert!(page.head.contains(header), "{header} in {}", page.head);
    }
    // The same form again is the same question.
    let again = server.request("POST", "/questions", &[], &form(42, body)).expect("an answer");
    assert_eq!(again.is(303).header("location"), sent.header("location"));
    // The section is found by the worker of the same process.
    until("the section is found", Duration::from_secs(30), || server.get(&address).body.contains("課").then_some(()));
    // Without the key there is nothing to see.
    let number = address.split('/').nth(2).expect("a number");
    for key in ["AAAA-AAAA-AAAA-AAAA", "%00", "%FF", "'%20OR%201=1--", &"A".repeat(5000)] {
        let answer = server.get(&format!("/questions/{number}/{key}"));
        assert!(matches!(answer.status, 400 | 404), "{key:.20}: {}", answer.status);
        answer.is_page();
    }
    let wrong = format!("number={number}&key=AAAA");
    server.request("POST", "/questions/lookup", &[], &wrong).expect("an answer").is(422).is_page();
}

#[test]
fn a_table_without_articles_is_served_as_well() {
    let city = City::bare();
    let server = Server::of(&city);
    server.get("/").is(200).is_page();
    server.get(&format!("/ask?q={}", encode("住民票"))).is(200).is_page();
    assert!(city.import("faq.csv", table(["kasa"])).done().starts_with("1 new"));
    until("the article is there", Duration::from_secs(30), || {
        (server.get("/articles/kasa").status == 200).then_some(())
    });
}
