//! What is known after each way in which a delivery can end.

use std::time::Duration;

use mail::smtp::{Outcome, Security, Server, Stage, check, greet, send};
use store::Secret;

use crate::support::{Certificates, MailServer, letter};

const FROM: &str = "madoguchi@minamo.example";

async fn send_to(server: &Server, to: &str) -> Outcome {
    send(server, FROM, to, &letter(to, "お知らせ", "本文\n")).await
}

#[track_caller]
fn deferred(outcome: &Outcome, code: Option<u16>, part: &str) {
    let Outcome::Deferred { code: given, detail } = outcome else { panic!("{outcome:?}") };
    assert_eq!(*given, code, "{detail}");
    assert!(detail.contains(part), "{part:?} is not in {detail:?}");
    assert!(!detail.contains('@'), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_accepted_plainly_with_starttls_and_with_tls() {
    let certificates = Certificates::make();
    for (name, security) in [("none", Security::None), ("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let files = ["--certificate", &certificates.certificate, "--key", &certificates.key];
        let mut arguments = vec!["--security", name, "--login"];
        arguments.extend(files.iter().filter(|_| security != Security::None));
        let mail = MailServer::start(&arguments);
        let mut server = mail.settings(security);
        server.ca_file = Some(certificates.authority.clone());
        server.login = Some(("madoguchi".into(), Secret::new("right".into())));
        assert_eq!(send_to(&server, "dare@example.jp").await, Outcome::Accepted { code: 250 }, "{name}");
        let read = mail.event("read");
        assert_eq!(read["secure"], security != Security::None, "{name}");
        assert_eq!(read["login"], true);
        assert_eq!((read["from"].as_str(), read["to"].as_str()), (Some(FROM), Some("dare@example.jp")));
        assert_eq!(mail.event("accepted")["id"], "<0192f0c1@minamo.example>");
        assert_eq!(check(&server), Ok(()));
        assert_eq!(greet(&server).await, Ok(()));
        // Nothing was said about a message when the password was wrong: it waits for a better one.
        server.login = Some(("madoguchi".into(), Secret::new("wrong".into())));
        deferred(&send_to(&server, "dare@example.jp").await, Some(535), "login: ");
        assert!(greet(&server).await.expect_err("refused").starts_with("login: 535"));
        // Without a login it is our configuration again that is wrong.
        server.login = None;
        deferred(&send_to(&server, "dare@example.jp").await, Some(530), "sender: ");
        mail.is_quiet();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_trusted_gets_nothing() {
    let (certificates, others) = (Certificates::make(), Certificates::make());
    for (name, security) in [("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let files = ["--security", name, "--certificate", &certificates.certificate, "--key", &certificates.key];
        let mail = MailServer::start(&files);
        let mut server = mail.settings(security);
        // Neither the public authorities nor another one signed it.
        for authority in [None, Some(others.authority.clone())] {
            server.ca_file = authority;
            deferred(&send_to(&server, "dare@example.jp").await, None, "certificate");
        }
        // Its certificate is for another name.
        server.ca_file = Some(certificates.authority.clone());
        server.host = "127.0.0.1".into();
        deferred(&send_to(&server, "dare@example.jp").await, None, "certificate");
        mail.is_quiet();
    }
    let plain = MailServer::start(&[]);
    deferred(&send_to(&plain.settings(Security::StartTls), "dare@example.jp").await, None, "STARTTLS");
    plain.is_quiet();
    let mut server = plain.settings(Security::Tls);
    server.ca_file = Some("/nowhere/ca.pem".into());
    assert!(check(&server).expect_err("no file").contains("/nowhere/ca.pem"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_no_refusal() {
    let mut server = MailServer::start(&[]).settings(Security::None);
    // Its server has ended, so the port is closed.
    deferred(&send_to(&server, "dare@example.jp").await, None, "connect: ");
    server.host = "mail.invalid".into();
    deferred(&send_to(&server, "dare@example.jp").await, None, "connect: ");
    // Somebody takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    server.host = "127.0.0.1".into();
    server.port = silent.local_addr().expect("a port").port();
    server.timeout = Duration::from_millis(200);
    deferred(&send_to(&server, "dare@example.jp").await, None, "connect: no answer in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_refuses_or_puts_off_is_told_apart() {
    let mail = MailServer::start(&[]);
    let server = mail.settings(Security::None);
    let refused = |code, detail: &str| Outcome::Refused { code, detail: detail.into() };
    assert_eq!(send_to(&server, "refuse.me@example.jp").await, refused(Some(550), "5.1.1 … no mailbox … here"));
    mail.event("refused");
    let none = send(&server, FROM, "no address", b"Subject: x\r\n\r\nx\r\n").await;
    assert_eq!(none, refused(None, "this is no address of mail"));
    let later = send_to(&server, "grey@example.jp").await;
    deferred(&later, Some(451), "recipient: 4.7.1 … try again …");
    mail.event("greylisted");
    assert_eq!(send_to(&server, "grey@example.jp").await, Outcome::Accepted { code: 250 });
    assert_eq!(mail.event("read")["headers"]["Message-ID"], "<0192f0c1@minamo.example>");
    mail.event("accepted");
    assert_eq!(send_to(&server, "deny@example.jp").await, refused(Some(554), "5.7.1 not from you to …"));
    mail.event("read");
    deferred(&send_to(&server, "later@example.jp").await, Some(452), "4.3.1 no space");
    mail.event("read");
    // A name that this server does not take, because it does not announce that it could.
    let outcome = send(&server, FROM, "誰か@example.jp", b"Subject: x\r\n\r\nx\r\n").await;
    assert!(!matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_final_dot_nothing_is_in_doubt_and_after_it_everything() {
    let mut mail = MailServer::start(&[]);
    let mut server = mail.settings(Security::None);
    // More than the system takes into its buffers, so that writing fails before the dot.
    let long = letter("drop@example.jp", "お知らせ", &"長い本文です。\n".repeat(1_000_000));
    deferred(&send(&server, FROM, "drop@example.jp", &long).await, None, "data: ");
    mail.is_quiet();
    let unknown = Outcome::Unknown { stage: Stage::Reply };
    assert_eq!(send_to(&server, "cut@example.jp").await, unknown);
    mail.event("read");
    server.last_timeout = Duration::from_millis(500);
    assert_eq!(send_to(&server, "hold@example.jp").await, unknown);
    mail.event("read");
    mail.is_quiet();
    // The doubt was right: this server took it after all.
    mail.go();
    mail.event("accepted");
}
