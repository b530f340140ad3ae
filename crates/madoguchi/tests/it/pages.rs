//! Pages for questions that nobody expects: a page or a proper refusal, never a failure of ours.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::http::{encode, send};
use crate::support::{City, Server};

#[test]
fn any_question_gets_a_page() {
    let city = City::demo();
    let server = Server::of(&city);
    let long_latin = "juminhyo ".repeat(1_200);
    let long_kana = "ごみ".repeat(3_000);
    let questions = [
        "",
        " ",
        "　\u{3000}",
        "？",
        "あ",
        &long_latin,
        &long_kana,
        "👨‍👩‍👧‍👦🇯🇵🗑️❓",
        "ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞｦ ﾅｸｼﾏｼﾀ",
        "ﾞﾟ゛゜\u{3099}\u{309a}",
        "\u{0}\u{1}\u{7f}\u{85}\u{9f}\t\r\n",
        "\u{202e}\u{200b}\u{feff}\u{ffff}\u{10ffff}",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' OR 1=1; DROP TABLE article; --",
        "{{7*7}}${7*7}<%= 7*7 %>",
        "javascript:alert(1)",
        "%00%ff%2e%2e%2f",
        "../../../../etc/passwd",
        "(((((((((((((((((((((((((((((((((",
        "-----------------------------------",
        "0000000000000000000000000000000000000000",
    ];
    for prefix in ["", "/easy", "/en"] {
        for question in questions {
            for page in ["ask", "questions/new", "articles/juminhyo"] {
                let answer = server.get(&format!("{prefix}/{page}?q={}", encode(question)));
                assert!(matches!(answer.status, 200), "{page} {question:.40}: {}", answer.status);
                if question != "javascript:alert(1)" {
                    answer.is_page();
                }
                assert!(!answer.body.contains("href=\"javascript:"), "{question}");
            }
        }
    }
    // The question stands on the page as text.
    let page = server.get(&format!("/ask?q={}", encode("<script>alert(1)</script>")));
    assert!(page.text().contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{}", page.body);
    let page = server.get(&format!("/ask?q={}", encode(&long_kana)));
    assert!(page.body.contains("はじめの400文字で調べました") && page.body.len() < 100_000, "{}", page.body.len());
    // Half-width letters ask the same as full-width ones.
    for asked in ["ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞをなくした", "マイナンバーカードをなくした"] {
        let page = server.get(&format!("/ask?q={}", encode(asked)));
        assert!(page.body.contains("いちばん近い答え"), "{asked}");
    }
}

#[test]
fn any_address_gets_an_answer() {
    let city = City::demo();
    let server = Server::of(&city);
    // Escapes that are no UTF-8, or none at all, and queries that are no form.
    for (target, status) in [
        ("/ask?q=%FF%FE", 200),
        ("/ask?q=%E3%81", 200),
        ("/ask?q=%00", 200),
        ("/ask?q=%", 200),
        ("/ask?q=%zz", 200),
        ("/ask?", 200),
        ("/ask?&&&=&q", 200),
        ("/ask?x=1", 200),
        ("/ask?q[]=1", 200),
        ("/easy", 200),
        ("/easy/", 200),
        ("/en/ask?q=garbage", 200),
        ("/articles/juminhyo?rank=999999999999999999999999", 200),
        ("/articles/nothing", 404),
        ("/articles/%00", 404),
        ("/articles/..%2f..%2fetc%2fpasswd", 404),
        ("/articles/juminhyo/", 404),
        ("/topics/nothing", 404),
        ("/topics/%3Cscript%3E", 404),
        ("/no/such/page", 404),
        ("/easy/no-such-page", 404),
        ("/articles/%FF", 400),
        ("/questions/%FF/%FF", 400),
        ("/questions/2026-0001/%00", 404),
        ("/articles/juminhyo/feedback/%00", 400),
        ("/articles/juminhyo/feedback/nothing", 404),
        ("/theme/x.css", 200),
    ] {
        let answer = server.get(target);
        assert_eq!(answer.status, status, "{target}\n{}", answer.body);
        answer.is_harmless();
        if status >= 400 {
            answer.is_page();
        }
    }
    // The same word twice is no question; whatever it gets is a page.
    let twice = server.get("/ask?q=a&q=b");
    assert!(matches!(twice.status, 200 | 400), "{}", twice.status);
    twice.is_page();
    assert!(matches!(server.get("/assets/x/nothing").status, 404));
    // 10,000 letters of three bytes are more than an address may have; 20,000 of one byte are not.
    let answer = server.get(&format!("/ask?q={}", encode(&"住".repeat(10_000))));
    assert!(matches!(answer.status, 200 | 414), "{}", answer.status);
    server.get(&format!("/ask?q={}", "a".repeat(20_000))).is(200).is_page();
    for length in [100_000, 1_000_000] {
        let answer = send(
            server.public,
            format!("GET /{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "a".repeat(length)).as_bytes(),
        );
        assert!(answer.is_none_or(|a| (400..500).contains(&a.status)));
    }
    // What is no HTTP at all ends with that connection.
    let hello = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    for noise in [
        &hello[..],
        b"GET / HTTP/1.1\r\n\r\n",
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET \xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"",
    ] {
        let mut stream = TcpStream::connect(server.public).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        stream.write_all(noise).expect("sent");
        stream.shutdown(Shutdown::Write).expect("no more to say");
        let mut bytes = Vec::new();
        // Closed before all was read is an answer as well.
        let _closed = stream.read_to_end(&mut bytes);
        let said = String::from_utf8_lossy(&bytes);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.0 4"),
            "{noise:?}: {said}"
        );
    }
    server.get("/").is(200).is_page();
    let health = crate::support::http::request(server.staff, "GET", "/health", &[], "").expect("an answer");
    assert_eq!(health.is(200).body, "ok\n");
}
