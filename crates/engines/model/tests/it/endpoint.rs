//! The real client against services on this machine, good and bad.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use model::{Chat, Endpoint, Finish, Key, MOST_BYTES, Message, ModelError, Reply, Request, Role, Settings};

/// What a service got: authorisation and body.
type Got = Arc<Mutex<Vec<(Option<String>, serde_json::Value)>>>;

async fn service(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> (String, Got) {
    let got: Got = Arc::default();
    let seen = got.clone();
    let handler = move |headers: HeaderMap, body: String| {
        let (seen, answer) = (seen.clone(), answer.clone());
        async move {
            let key = headers.get("authorization").map(|v| v.to_str().expect("text").to_owned());
            seen.lock().expect("lock").push((key, serde_json::from_str(&body).expect("JSON")));
            answer()
        }
    };
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
    let base = format!("http://{}/v1", listener.local_addr().expect("address"));
    let router = Router::new().route("/v1/chat/completions", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, got)
}

fn endpoint(base: &str, millis: u64) -> Endpoint {
    let key = Some(Key::new("k-1".into()));
    let settings = Settings { base: base.into(), model: "m-1".into(), key, timeout: Duration::from_millis(millis) };
    Endpoint::new(settings).expect("endpoint")
}

fn request() -> Request {
    let messages = vec![
        Message { role: Role::System, content: "規則".into() },
        Message { role: Role::User, content: "秘密の質問".into() },
    ];
    Request { messages, temperature: 0.0, max_tokens: 9 }
}

fn json(text: impl Into<String>) -> Response {
    ([("content-type", "application/json")], text.into()).into_response()
}

/// A body in pieces.
fn in_pieces(pieces: Vec<Vec<u8>>) -> Response {
    let all = pieces.into_iter().map(|p| Ok::<_, std::io::Error>(Bytes::from(p)));
    Body::from_stream(futures_util::stream::iter(all)).into_response()
}

/// A service that promises 500 bytes, sends a few and hangs up.
async fn hangs_up(begun: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
    let base = format!("http://{}/v1", listener.local_addr().expect("address"));
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.expect("connection");
        let mut asked = [0; 4096];
        let _ = line.read(&mut asked).await.expect("request");
        line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n").await.expect("head");
        line.write_all(begun).await.expect("body");
        line.shutdown().await.expect("end");
    });
    base
}

const WHOLE: &str = r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"転入届です。"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}"#;

fn streamed() -> String {
    let piece = |text: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\r\n\r\n")
    };
    [
        ": keep-alive\n\n".to_owned(),
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n".to_owned(),
        piece("転入"),
        piece("届で"),
        piece("す。𠮷"),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned(),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5}}\n\n".to_owned(),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat()
}

#[tokio::test]
async fn the_request_is_as_described_and_the_reply_comes_whole() {
    let (base, got) = service(|| json(WHOLE)).await;
    let reply = endpoint(&format!("{base}/"), 20_000).complete(&request()).await.expect("reply");
    let expected =
        Reply { text: "転入届です。".into(), tokens_in: Some(12), tokens_out: Some(5), finish: Finish::Stop };
    assert_eq!(reply, expected);
    let got = got.lock().expect("lock");
    let body = serde_json::json!({
        "model": "m-1", "temperature": 0.0, "max_tokens": 9, "stream": false,
        "messages": [{"role": "system", "content": "規則"}, {"role": "user", "content": "秘密の質問"}],
    });
    assert_eq!(got[0], (Some("Bearer k-1".into()), body));
}

#[tokio::test]
async fn a_stream_may_be_parted_at_any_byte() {
    for size in [1, 2, 3, 5, 7, 64, 4096] {
        let (base, got) =
            service(move || in_pieces(streamed().as_bytes().chunks(size).map(<[u8]>::to_vec).collect())).await;
        let mut pieces = Vec::new();
        let endpoint = endpoint(&base, 20_000);
        let asked = request();
        let mut piece = |text: &str| pieces.push(text.to_owned());
        let reply = endpoint.stream(&asked, &mut piece).await.expect("reply");
        assert_eq!(pieces, ["転入", "届で", "す。𠮷"], "{size}");
        let expected =
            Reply {
                text: "転入届です。𠮷".into(), tokens_in: Some(12), tokens_out: Some(5), finish: Finish::Stop
            };
        assert_eq!(reply, expected);
        assert_eq!(got.lock().expect("lock")[0].1["stream"], true);
    }
}

#[tokio::test]
async fn each_kind_of_failure_is_told_and_quotes_nothing() {
    type Answer = fn() -> Response;
    let length = r#"{"choices":[{"message":{"content":"途中"},"finish_reason":"length"}]}"#;
    let cases: Vec<(Answer, ModelError)> = vec![
        (|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), ModelError::Status(500)),
        (|| (StatusCode::TOO_MANY_REQUESTS, "秘密の質問").into_response(), ModelError::Status(429)),
        (|| (StatusCode::FOUND, [("location", "/v1/chat/completions")]).into_response(), ModelError::Status(302)),
        (|| json("<html>秘密の質問</html>"), ModelError::Form("line 1, column 1".into())),
        (|| json(r#"{"choices":[]}"#), ModelError::Form("no choice".into())),
        (|| json(r#"{"choices":[{"message":{"content":null}}]}"#), ModelError::Form("no content".into())),
        (|| json(r#"{"choices":"秘密の質問"}"#), ModelError::Form("line 1, column 27".into())),
        (|| json(r#"{"error":{"message":"秘密の質問"}}"#), ModelError::Form("line 1, column 40".into())),
        (|| json("x".repeat(MOST_BYTES + 1)), ModelError::TooLong(MOST_BYTES)),
    ];
    for (answer, expected) in cases {
        let (base, _) = service(answer).await;
        let error = endpoint(&base, 20_000).complete(&request()).await.expect_err("an error");
        match (&error, &expected) {
            // Where a reader gives up is its own affair; that it tells a place and no text is ours.
            (ModelError::Form(got), ModelError::Form(_)) => assert!(!got.is_empty()),
            _ => assert_eq!(error, expected),
        }
        assert!(!error.to_string().contains("秘密"), "{error}");
    }
    let base = hangs_up(&WHOLE.as_bytes()[..40]).await;
    assert_eq!(endpoint(&base, 20_000).complete(&request()).await, Err(ModelError::Cut));
    let (base, _) = service(move || json(length)).await;
    assert_eq!(endpoint(&base, 20_000).complete(&request()).await.expect("reply").finish, Finish::Length);
}

#[tokio::test]
async fn a_stream_that_breaks_is_no_reply() {
    let stream = |text: &'static [u8]| move || in_pieces(vec![text.to_vec()]);
    let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"転入\"}}]}\n\n".as_bytes();
    for (answer, expected) in [
        (stream(begun), ModelError::Cut),
        (stream(b"data: garbage\n\n"), ModelError::Form("line 1, column 1".into())),
        (stream(b"data: \xff\xfe\n\n"), ModelError::Form("line 1, column 1".into())),
        (stream(b""), ModelError::Cut),
    ] {
        let (base, _) = service(answer).await;
        let mut ignore = |_: &str| ();
        assert_eq!(endpoint(&base, 20_000).stream(&request(), &mut ignore).await, Err(expected));
    }
    let base = hangs_up(begun).await;
    let mut ignore = |_: &str| ();
    assert_eq!(endpoint(&base, 20_000).stream(&request(), &mut ignore).await, Err(ModelError::Cut));
    let (base, _) = service(|| in_pieces(vec![b"data: ".to_vec(), vec![b'x'; MOST_BYTES]])).await;
    let mut ignore = |_: &str| ();
    assert_eq!(endpoint(&base, 20_000).stream(&request(), &mut ignore).await, Err(ModelError::TooLong(MOST_BYTES)));
}

#[tokio::test]
async fn who_does_not_answer_or_is_not_there_is_not_waited_for() {
    // Takes connections and says nothing.
    let mute = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
    let base = format!("http://{}", mute.local_addr().expect("address"));
    assert_eq!(endpoint(&base, 40).complete(&request()).await, Err(ModelError::Slow(40)));
    // Begins to speak and never ends.
    let (slow, _) = service(|| {
        let first: Result<Bytes, std::io::Error> = Ok(Bytes::from_static(b"data: {\"choices\":[]}\n\n"));
        let begun = futures_util::stream::iter([first]);
        let stream = futures_util::StreamExt::chain(begun, futures_util::stream::pending());
        Body::from_stream(stream).into_response()
    })
    .await;
    let mut ignore = |_: &str| ();
    assert_eq!(endpoint(&slow, 200).stream(&request(), &mut ignore).await, Err(ModelError::Slow(200)));
    drop(mute);
    let gone = endpoint(&base, 20_000).complete(&request()).await;
    assert!(matches!(gone, Err(ModelError::Network(_))), "{gone:?}");
}

#[test]
fn a_key_with_a_line_break_is_refused() {
    let key = Some(Key::new("a\nb".into()));
    let settings =
        Settings { base: "http://127.0.0.1:1".into(), model: "m".into(), key, timeout: Duration::from_secs(1) };
    assert!(Endpoint::new(settings).err().expect("refused").contains("no HTTP header"));
}
