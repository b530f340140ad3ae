//! The real client against a service on this machine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use embeddings::{Endpoint, Settings};
use store::Secret;
use vectors::{EmbedError, Embedder};

/// What a service got: authorisation and body.
type Got = Arc<Mutex<Vec<(Option<String>, serde_json::Value)>>>;

async fn service(answer: impl Fn(&serde_json::Value) -> Response + Clone + Send + Sync + 'static) -> (String, Got) {
    let got: Got = Arc::default();
    let seen = got.clone();
    let handler = move |headers: HeaderMap, body: String| {
        let (seen, answer) = (seen.clone(), answer.clone());
        async move {
            let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            let key = headers.get("authorization").map(|v| v.to_str().expect("text").to_owned());
            let reply = answer(&body);
            seen.lock().expect("lock").push((key, body));
            reply
        }
    };
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
    let base = format!("http://{}/v1", listener.local_addr().expect("address"));
    let router = Router::new().route("/v1/embeddings", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, got)
}

fn json(text: impl Into<String>) -> Response {
    ([("content-type", "application/json")], text.into()).into_response()
}

/// Vectors (number of the text, its characters), the last text first.
fn right(body: &serde_json::Value) -> Response {
    let texts = body["input"].as_array().expect("texts");
    let item = |(i, text): (usize, &serde_json::Value)| serde_json::json!({"object": "embedding", "index": i, "embedding": [i, text.as_str().expect("text").chars().count()]});
    let data: Vec<_> = texts.iter().enumerate().rev().map(item).collect();
    json(serde_json::json!({"object": "list", "data": data, "model": "m", "usage": {}}).to_string())
}

fn embedder(base: &str, key: Option<&str>) -> Embedder {
    let settings = Settings {
        base: base.into(),
        model: "ruri-v3".into(),
        key: key.map(|k| Secret::new(k.into())),
        timeout: Duration::from_secs(20),
        question_timeout: Duration::from_secs(20),
        batch: 8,
    };
    Embedder::Remote(Arc::new(Endpoint::new(settings).expect("endpoint")))
}

fn texts() -> Vec<String> {
    ["ごみ", "粗大ごみ", "鍵"].map(String::from).to_vec()
}

#[tokio::test]
async fn the_request_is_as_described_and_vectors_come_in_the_order_of_the_texts() {
    let (base, got) = service(right).await;
    let found = embedder(&base, Some("k-1")).embed(&texts()).await.expect("vectors");
    assert_eq!(found, [[0.0, 2.0], [1.0, 4.0], [2.0, 1.0]]);
    assert_eq!(embedder(&format!("{base}/"), None).embed_question("いつ").await.expect("vector"), [0.0, 2.0]);
    let got = got.lock().expect("lock");
    let expected = serde_json::json!({"model": "ruri-v3", "input": texts(), "encoding_format": "float"});
    assert_eq!(got[0], (Some("Bearer k-1".into()), expected));
    assert_eq!(got[1].0, None, "no key, no authorisation");
    assert_eq!(got[1].1["input"], serde_json::json!(["いつ"]));
}

#[tokio::test]
async fn each_kind_of_failure_is_told() {
    let size = |body: &serde_json::Value| match body["input"].as_array().map(Vec::len) {
        Some(3) => {
            json(r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]},{"index":2,"embedding":[1]}]}"#)
        }
        _ => json("{}"),
    };
    type Reply = fn(&serde_json::Value) -> Response;
    let cases: [(Reply, EmbedError); 6] = [
        (|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), EmbedError::Status(500)),
        (|_| (StatusCode::FOUND, [("location", "/v1/embeddings")]).into_response(), EmbedError::Status(302)),
        (|_| json("<html>ごみ</html>"), EmbedError::Form("line 1, column 1".into())),
        (|_| json(r#"{"data":[]}"#), EmbedError::Count { sent: 3, got: 0 }),
        (size, EmbedError::Size { expected: 1, got: 2 }),
        (|_| json("x".repeat(embeddings::MOST_BYTES + 1)), EmbedError::TooLong(embeddings::MOST_BYTES)),
    ];
    for (reply, expected) in cases {
        let (base, _) = service(reply).await;
        assert_eq!(embedder(&base, None).embed(&texts()).await, Err(expected));
    }
    let huge = |_: &serde_json::Value| json(r#"{"data":[{"index":0,"embedding":[1e39]}]}"#);
    let (base, _) = service(huge).await;
    assert_eq!(embedder(&base, None).embed_question("鍵").await, Err(EmbedError::NoNumber));
}

#[tokio::test]
async fn who_does_not_answer_or_is_not_there_is_not_waited_for() {
    // Takes connections and says nothing.
    let mute = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
    let address = mute.local_addr().expect("address");
    let settings = |base: String| Settings {
        base,
        model: "m".into(),
        key: None,
        timeout: Duration::from_millis(60),
        question_timeout: Duration::from_millis(20),
        batch: 8,
    };
    let slow = Embedder::Remote(Arc::new(Endpoint::new(settings(format!("http://{address}"))).expect("endpoint")));
    assert_eq!(slow.embed(&texts()).await, Err(EmbedError::Slow(60)));
    assert_eq!(slow.embed_question("鍵").await, Err(EmbedError::Slow(20)));
    drop(mute);
    let gone = embedder(&format!("http://{address}"), None);
    assert!(matches!(gone.embed(&texts()).await, Err(EmbedError::Down(_))));
}

#[test]
fn a_key_with_a_line_break_is_refused() {
    let settings = Settings {
        base: "http://127.0.0.1:1".into(),
        model: "m".into(),
        key: Some(Secret::new("a\nb".into())),
        timeout: Duration::from_secs(1),
        question_timeout: Duration::from_secs(1),
        batch: 1,
    };
    assert!(Endpoint::new(settings).err().expect("refused").contains("no HTTP header"));
}
