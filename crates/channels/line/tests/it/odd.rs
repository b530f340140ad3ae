//! Answers that LINE never gives and that come all the same: cut, garbled, from a proxy on the way.

use std::sync::Arc;

use calendar::FrozenClock;
use line::Failure;
use line::client::{Client, Settings};
use line::limits::Limiter;
use line::message::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{fixed, key, morning, nowhere};

/// A client of a server that answers everything with these bytes and hangs up.
async fn client_of(answer: &'static str) -> Client {
    let listener = tokio::net::TcpListener::bind(nowhere()).await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                // All requests of these tests have a body of JSON or none; both end so.
                while !request.ends_with(b"}") && !request.ends_with(b"\r\n\r\n") {
                    let mut part = [0; 4_096];
                    match stream.read(&mut part).await {
                        Ok(n) if n > 0 => request.extend_from_slice(&part[..n]),
                        _ => return,
                    }
                }
                stream.write_all(answer.as_bytes()).await.expect("written");
                stream.shutdown().await.expect("closed");
            });
        }
    });
    let settings = Settings::at(&format!("http://{address}"), fixed());
    Client::new(settings, Limiter::off(), Arc::new(FrozenClock::new(morning()))).expect("client")
}

fn hello() -> [Message; 1] {
    [Message::text("こんにちは")]
}

fn user() -> String {
    format!("U{}", "0".repeat(32))
}

#[tokio::test]
async fn an_answer_that_breaks_off_after_its_status() {
    let client = client_of("HTTP/1.1 200 OK\r\nx-line-request-id: r\r\ncontent-length: 99\r\n\r\n{\"sent").await;
    // Asking again with the key tells, and brings the request id.
    let push = client.push(&user(), &hello(), None, key(1)).await.expect_err("unsure");
    assert!(matches!(push, Failure::Unsure(_)), "{push:?}");
    let reply = client.reply("token", &hello()).await.expect("said");
    assert_eq!((reply.before, reply.sent.len()), (false, 0));
    let info = client.bot_info().await.expect_err("cut");
    assert!(matches!(info, Failure::Form(_)), "{info:?}");
}

#[tokio::test]
async fn accepted_is_accepted_whatever_is_said() {
    let client = client_of("HTTP/1.1 200 OK\r\nx-line-request-id: r\r\ncontent-length: 6\r\n\r\n<html>").await;
    let push = client.push(&user(), &hello(), None, key(1)).await.expect("accepted");
    assert_eq!((push.accepted_id.as_deref(), push.sent.len()), (Some("r"), 0));
    assert_eq!(client.bot_info().await, Err(Failure::Form("line 1, column 1".into())));
}

#[tokio::test]
async fn a_conflict_counts_as_accepted_only_where_a_key_was_given_and_known() {
    let known = "HTTP/1.1 409 Conflict\r\ncontent-length: 44\r\n\r\n{\"message\":\"The retry key already accepted\"} ";
    let client = client_of(known).await;
    let push = client.push(&user(), &hello(), None, key(1)).await.expect("accepted before");
    assert_eq!((push.before, push.accepted_id), (true, None));
    assert!(matches!(client.reply("token", &hello()).await, Err(Failure::Refused(r)) if r.status == 409));
    let other = client_of("HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}").await;
    assert!(matches!(other.push(&user(), &hello(), None, key(1)).await, Err(Failure::Refused(r)) if r.status == 409));
}

#[tokio::test]
async fn a_proxy_on_the_way() {
    type Expected = fn(&Failure) -> bool;
    let cases: [(&'static str, Expected); 4] = [
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            |f| matches!(f, Failure::Refused(r) if r.status == 302),
        ),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>", |f| matches!(f, Failure::Server(_))),
        ("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 6\r\n\r\n<html>", |f| matches!(f, Failure::RateLimited(_))),
        ("SSH-2.0-OpenSSH\r\n", |f| matches!(f, Failure::Unsure(_))),
    ];
    for (answer, expected) in cases {
        let failure = client_of(answer).await.push(&user(), &hello(), None, key(1)).await.expect_err("no success");
        assert!(expected(&failure), "{answer}: {failure:?}");
    }
}
