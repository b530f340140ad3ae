//! What a reader of mail sees: messages parsed back by Python's `email`.

use mail::MailError;
use mail::mime::{Letter, Sender, check_sender, write};
use mail::smtp::{Outcome, Security, send};
use mail::template::Text;

use crate::support::{MailServer, at_ten, letter, sender};

async fn read_back(mail: &MailServer, message: &[u8]) -> serde_json::Value {
    let outcome = send(&mail.settings(Security::None), "madoguchi@minamo.example", "dare@example.jp", message).await;
    assert_eq!(outcome, Outcome::Accepted { code: 250 });
    let read = mail.event("read");
    mail.event("accepted");
    assert_eq!(read["defects"].as_array().expect("a list").len(), 0, "{read}");
    assert_eq!(read["ascii"], true);
    assert_eq!(read["kind"], "text/plain");
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_text_arrive_as_they_were_written() {
    let mail = MailServer::start(&[]);
    let long = "【みなも市の窓口】照会の期限のお知らせ　照会-2026-0012（期限 令和8年12月1日）".repeat(3);
    for (subject, body) in [
        ("みなも市からのお知らせ", "本文です。\n\n.\n..点で始まる行\nおわり\n".to_owned()),
        (long.as_str(), "長い行。".repeat(400) + "\n"),
        ("A notice from Minamo City", "Plain words.\n.\nFrom here on\n".to_owned()),
        ("𠮷野家と㈱と①と👍", "𠮷 ㈱ ① 👍 ～ －\n".to_owned()),
    ] {
        let read = read_back(&mail, &letter("dare@example.jp", subject, &body)).await;
        // RFC 5322 §2.1.1: lines of at most 78 characters.
        assert!(read["longest"].as_u64().expect("a number") <= 78, "{read}");
        let header = |name: &str| read["headers"][name].as_str().unwrap_or_default().to_owned();
        assert_eq!(header("Subject"), subject);
        assert_eq!(read["body"].as_str().map(|b| b.replace("\r\n", "\n")), Some(body));
        assert_eq!(header("From"), "みなも市の窓口 <madoguchi@minamo.example>");
        assert_eq!(header("To"), "dare@example.jp");
        assert_eq!(header("Message-ID"), "<0192f0c1@minamo.example>");
        assert_eq!(header("Date"), "Mon, 23 Nov 2026 10:00:00 +0900");
        assert_eq!(header("Auto-Submitted"), "auto-generated");
        assert_eq!(header("Content-Language"), "ja");
        assert_eq!(header("MIME-Version"), "1.0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_adds_a_header() {
    let mail = MailServer::start(&[]);
    let evil = "お知らせ\r\nBcc: evil@example.net\r\n\r\n<b>\u{0}\u{b}x";
    let from = Sender { name: evil.into(), address: "madoguchi@minamo.example".into() };
    let text = Text { subject: evil.into(), body: "本文\n".into(), lang: city::Lang::En };
    let new =
        |to, from| Letter { message_id: "a@minamo.example", at: at_ten(), from, to, lang: city::Lang::En, text: &text };
    let message = write(&new("dare@example.jp", &from)).expect("a message");
    let read = read_back(&mail, &message).await;
    let names: Vec<&String> = read["headers"].as_object().expect("headers").keys().collect();
    assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{names:?}");
    assert_eq!(read["headers"]["Subject"], "お知らせ Bcc: evil@example.net <b> x");
    assert_eq!(read["body"], "本文\r\n");
    assert_eq!(read["headers"]["Content-Language"], "en");
    for to in ["a@example.jp\r\nBcc: b@example.net", "a@example.jp, b@example.net", "<a@example.jp>", ""] {
        assert!(matches!(write(&new(to, &from)), Err(MailError::Recipient)), "{to}");
    }
    for message_id in ["a@b\r\nBcc: c", "a", "", "<a@b>", "あ@b"] {
        let letter = Letter { message_id, ..new("dare@example.jp", &from) };
        assert!(matches!(write(&letter), Err(MailError::Message(_))), "{message_id}");
    }
    let nobody = Sender { address: "nobody".into(), ..sender() };
    assert!(matches!(check_sender(&nobody), Err(MailError::Sender)));
    assert!(check_sender(&from).is_ok());
}

#[test]
fn every_attempt_is_the_same_bytes() {
    let one = || letter("dare@example.jp", "みなも市からのお知らせ", "本文\n");
    assert_eq!(one(), one());
}
