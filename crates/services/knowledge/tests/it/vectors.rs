//! Vectors in the library: a static model in a folder that the test writes, and a service on this machine.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::vectors::{EmbedError, Embedder, StaticModel};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use calendar::Clock;
use city::Lang;
use embeddings::{Endpoint, Settings};
use knowledge::embed::Filled;
use knowledge::{Answer, Library, Outcome, VectorState, import};
use safetensors::tensor::{Dtype, TensorView};
use testkit::{TestDb, on_both_engines};

use crate::library::{READING, founded};

/// Pieces that the models of these tests know, with their vectors. ゴンドラ stands in no article, and means to them what
/// 粗大ごみ means.
const PIECES: [(&str, [f32; 4]); 7] = [
    ("<unk>", [9.0, 9.0, 9.0, 9.0]),
    ("粗大ごみ", [1.0, 0.0, 0.0, 0.0]),
    ("ゴンドラ", [2.0, 0.0, 0.0, 0.0]),
    ("引っ越し", [0.0, 1.0, 0.0, 0.0]),
    ("保険", [0.0, 0.0, 1.0, 0.0]),
    ("税", [0.0, 0.0, 0.0, 1.0]),
    ("。", [0.1, 0.1, 0.1, 0.1]),
];
const ASKED: &str = "ゴンドラ";

fn static_model() -> Embedder {
    let folder = tempfile::tempdir().expect("folder");
    let vocabulary: Vec<_> =
        (1..).zip(PIECES).map(|(i, (piece, _))| serde_json::json!([piece, -f64::from(i)])).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": null, "post_processor": null, "decoder": null,
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": false},
    });
    let numbers: Vec<u8> = PIECES.iter().flat_map(|(_, v)| v).flat_map(|v| v.to_le_bytes()).collect();
    let tensor = TensorView::new(Dtype::F32, vec![PIECES.len(), 4], &numbers).expect("tensor");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("tokenizer.json", tokenizer.to_string().as_bytes());
    write("config.json", b"{\"normalize\": true}");
    write("model.safetensors", &safetensors::serialize([("embeddings", tensor)], None).expect("file"));
    Embedder::Local(Arc::new(StaticModel::read(folder.path()).expect("model")))
}

/// A library of the test's articles that has read the database.
async fn library(test: &TestDb, embedder: Option<Embedder>) -> Arc<Library> {
    let mut reading = READING.clone();
    reading.vectors = embedder.map(|e| Arc::new(VectorState::new(e, test.clock.clone())));
    let library = Arc::new(Library::new(reading));
    library.refresh(&test.db).await.expect("refreshed");
    library
}

fn shown(answer: &Answer) -> (Vec<(String, u32)>, Outcome, u32) {
    let found = answer.found.iter().map(|f| (f.article.code.clone(), f.hit.score.to_bits())).collect();
    (found, answer.outcome, answer.probability.to_bits())
}

on_both_engines! {
    async fn what_shares_no_word_is_found_and_only_what_changed_is_embedded(test: TestDb) {
        let (without, mut incoming, today) = founded(&test).await;
        assert!(without.ask(ASKED, today, 3).found.is_empty(), "no article has such a word");
        assert_eq!(without.embed(&test.db).await.expect("nothing to do"), Filled::default());

        let library = library(&test, Some(static_model())).await;
        assert_eq!(library.snapshot().index.embedded(), 0);
        let filled = library.embed(&test.db).await.expect("embedded");
        let articles = library.snapshot().articles.len();
        assert!(filled.embedded > articles && filled.embedded <= 2 * articles, "{filled:?}");
        assert_eq!((filled.swept, filled.failed), (0, None));
        assert_eq!(library.snapshot().index.embedded(), articles);
        let answer = library.ask(ASKED, today, 3);
        let first = &answer.found.first().expect("found").article.text(Lang::Ja).0;
        assert!(format!("{}{}", first.question, first.summary).contains("粗大ごみ"), "{}", first.question);
        assert_eq!(answer.outcome, Outcome::Unsure, "nearness alone makes no answer");
        assert_eq!(library.embed(&test.db).await.expect("again"), Filled::default());

        // A restart embeds nothing.
        let after = self::library(&test, Some(static_model())).await;
        assert_eq!(after.snapshot().index.embedded(), articles);
        assert_eq!(shown(&after.ask(ASKED, today, 3)), shown(&answer));
        assert_eq!(after.embed(&test.db).await.expect("again"), Filled::default());

        // An article with another question has two other texts, and the old ones go.
        incoming[0].content.texts.get_mut(&Lang::Ja).expect("text").question = "ホバークラフトに乗れますか".into();
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(library.snapshot().index.embedded(), articles - 1);
        let filled = library.embed(&test.db).await.expect("embedded");
        assert_eq!(filled, Filled { embedded: 2, refused: 0, swept: 2, failed: None });
        assert_eq!(library.snapshot().index.embedded(), articles);
    }
}

/// What the service does with the next requests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Right,
    Slow,
    Status,
    NoJson,
    Count,
    Size,
    /// Texts with 粗大ごみ are too long for it.
    TooLong,
}

/// A service that embeds as the static model does, and counts.
struct Service {
    mood: Mutex<Mood>,
    requests: AtomicUsize,
    texts: AtomicUsize,
    /// What came last.
    last: Mutex<String>,
}

impl Service {
    async fn start() -> (Arc<Service>, String) {
        let service = Arc::new(Service {
            mood: Mutex::new(Mood::Right),
            requests: AtomicUsize::new(0),
            texts: AtomicUsize::new(0),
            last: Mutex::default(),
        });
        let own = service.clone();
        let handler = move |body: String| {
            let own = own.clone();
            async move { own.answer(&body).await }
        };
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
        let base = format!("http://{}/v1", listener.local_addr().expect("address"));
        let router = axum::Router::new().route("/v1/embeddings", axum::routing::post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (service, base)
    }

    async fn answer(&self, body: &str) -> Response {
        body.clone_into(&mut self.last.lock().expect("lock"));
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let texts = body["input"].as_array().expect("texts");
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.texts.fetch_add(texts.len(), Ordering::SeqCst);
        let mood = *self.mood.lock().expect("lock");
        let item = |(i, text): (usize, &serde_json::Value)| {
            let text = text.as_str().expect("text");
            let mut sum = vec![0.0f32; if mood == Mood::Size { 5 } else { 4 }];
            for (piece, vector) in &PIECES[1..] {
                let times = text.matches(piece).count() as f32;
                sum.iter_mut().zip(vector).for_each(|(s, v)| *s += times * v);
            }
            serde_json::json!({"index": i, "embedding": sum})
        };
        let mut data: Vec<_> = texts.iter().enumerate().map(item).collect();
        match mood {
            Mood::TooLong if body["input"].to_string().contains("粗大ごみ") => {
                return StatusCode::PAYLOAD_TOO_LARGE.into_response();
            }
            Mood::Right | Mood::Size | Mood::TooLong => {}
            Mood::Slow => std::future::pending().await,
            Mood::Status => return StatusCode::BAD_GATEWAY.into_response(),
            Mood::NoJson => return "<html>".into_response(),
            Mood::Count => {
                data.pop();
            }
        }
        serde_json::json!({"object": "list", "data": data}).to_string().into_response()
    }

    fn is_now(&self, mood: Mood) {
        *self.mood.lock().expect("lock") = mood;
    }

    fn counted(&self) -> (usize, usize) {
        (self.requests.load(Ordering::SeqCst), self.texts.load(Ordering::SeqCst))
    }
}

fn endpoint(base: &str) -> Embedder {
    let settings = Settings {
        base: base.into(),
        model: "test".into(),
        key: None,
        timeout: Duration::from_secs(30),
        question_timeout: Duration::from_millis(500),
        batch: 16,
    };
    Embedder::Remote(Arc::new(Endpoint::new(settings).expect("endpoint")))
}

fn fault(library: &Library) -> Option<EmbedError> {
    library.reading().vectors.as_ref().expect("vectors").fault().map(|f| f.why)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_service_fails_in_any_way_answers_by_words_continue() {
    let test = TestDb::sqlite().await;
    let (plain, _, today) = founded(&test).await;
    let (service, base) = Service::start().await;
    let library = library(&test, Some(endpoint(&base))).await;
    let articles = library.snapshot().articles.len();

    // While it is down, articles stay without vectors, and come when it is there again.
    service.is_now(Mood::Status);
    let filled = library.embed(&test.db).await.expect("tried");
    assert_eq!((filled.embedded, filled.failed), (0, Some(EmbedError::Status(502))));
    assert_eq!(service.counted().0, 1, "the rest is not tried in vain");
    service.is_now(Mood::Right);
    let filled = library.embed(&test.db).await.expect("embedded");
    assert_eq!((service.counted().1 - 16, filled.failed, fault(&library)), (filled.embedded, None, None));
    assert_eq!(library.snapshot().index.embedded(), articles);
    library.prepare(ASKED).await;
    assert!(!library.ask(ASKED, today, 3).found.is_empty());
    let before = service.counted();
    library.prepare(ASKED).await;
    assert_eq!(service.counted(), before, "a question is remembered");

    let down = {
        let closed = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("port");
        format!("http://{}", closed.local_addr().expect("address"))
    };
    for (mood, told) in [
        (Some(Mood::Slow), EmbedError::Slow(500)),
        (Some(Mood::Status), EmbedError::Status(502)),
        (Some(Mood::NoJson), EmbedError::Form("line 1, column 1".into())),
        (Some(Mood::Count), EmbedError::Count { sent: 1, got: 0 }),
        (Some(Mood::Size), EmbedError::Size { expected: 4, got: 5 }),
        (None, EmbedError::Down(String::new())),
    ] {
        // A library of its own for each, so that no question is remembered; its articles have their vectors.
        let library = self::library(&test, Some(endpoint(if mood.is_some() { &base } else { &down }))).await;
        service.is_now(mood.unwrap_or(Mood::Right));
        for question in ["引っ越したときの手続きは", "粗大ごみを出したい", "税金はいつまで", ASKED]
        {
            library.prepare(question).await;
            assert_eq!(shown(&library.ask(question, today, 7)), shown(&plain.ask(question, today, 7)), "{told:?}");
        }
        match (fault(&library), told) {
            (Some(EmbedError::Down(_)), EmbedError::Down(_)) => {}
            (got, told) => assert_eq!(got, Some(told)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_is_left_alone_and_tried_again() {
    let test = TestDb::sqlite().await;
    founded(&test).await;
    let (service, base) = Service::start().await;
    let library = library(&test, Some(endpoint(&base))).await;
    service.is_now(Mood::Status);
    let since = test.clock.now();
    let ask = |question: String| {
        let library = library.clone();
        async move { library.prepare(&question).await }
    };
    for n in 0..10 {
        test.clock.advance(Duration::from_millis(100));
        ask(format!("質問{n}")).await;
    }
    assert_eq!(service.counted().0, 3, "after three failures it rests");
    let state = library.reading().vectors.clone().expect("vectors");
    assert_eq!(state.fault().expect("fault").since, since.plus(Duration::from_millis(100)));
    assert_eq!(state.counts(), (3, 3));
    test.clock.advance(Duration::from_secs(30));
    ask("また".into()).await;
    assert_eq!(service.counted().0, 4, "one tries after half a minute");
    test.clock.advance(Duration::from_secs(31));
    ask("まだ".into()).await;
    assert_eq!(service.counted().0, 4, "now it rests twice as long");
    for n in 0..20 {
        test.clock.advance(Duration::from_secs(300));
        ask(format!("ずっと{n}")).await;
    }
    assert_eq!(service.counted().0, 24, "but never longer than five minutes");
    service.is_now(Mood::Right);
    test.clock.advance(Duration::from_secs(300));
    ask("やっと".into()).await;
    assert_eq!(state.fault(), None);
    ask("つぎ".into()).await;
    assert_eq!(service.counted().0, 26, "and then each is asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_typed_is_sent_nowhere() {
    let test = TestDb::sqlite().await;
    let (_, _, today) = founded(&test).await;
    let (service, base) = Service::start().await;
    let library = library(&test, Some(endpoint(&base))).await;
    for typed in ["ご", "ごみ", "粗大ごみ", ASKED] {
        library.suggest(typed, Lang::Ja, today, 5);
        library.ask(typed, today, 5);
    }
    for nothing in ["", &"長".repeat(401)] {
        library.prepare(nothing).await;
    }
    assert_eq!(service.counted(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_follower_embeds_what_comes() {
    let test = TestDb::sqlite().await;
    let (_, mut incoming, today) = founded(&test).await;
    let library = library(&test, Some(static_model())).await;
    let follower = tokio::spawn(library.clone().follow_vectors(test.db.clone()));
    let articles = library.snapshot().articles.len();
    let all_embedded = || async {
        while library.snapshot().index.embedded() < articles {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all_embedded()).await.expect("embedded at the start");
    incoming[0].content.texts.get_mut(&Lang::Ja).expect("text").question = "ホバークラフトに乗れますか".into();
    let (mut rng, clock) = (test.rng(), test.clock.clone());
    import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
    library.refresh(&test.db).await.expect("refreshed");
    tokio::time::timeout(Duration::from_secs(60), all_embedded()).await.expect("embedded after a change");
    follower.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_model_does_not_take_keeps_no_other_from_its_vector() {
    let test = TestDb::sqlite().await;
    founded(&test).await;
    let (service, base) = Service::start().await;
    let library = library(&test, Some(endpoint(&base))).await;
    let articles = library.snapshot().articles.len();
    service.is_now(Mood::TooLong);
    let filled = library.embed(&test.db).await.expect("embedded");
    assert!(filled.refused > 0 && filled.embedded > articles, "{filled:?}");
    assert_eq!((filled.failed, fault(&library)), (None, None), "the service itself is well");
    let embedded = library.snapshot().index.embedded();
    assert!(embedded < articles && embedded > articles / 2, "{embedded} of {articles}");
    let before = service.counted();
    assert_eq!(library.embed(&test.db).await.expect("again"), Filled::default());
    assert_eq!(service.counted(), before, "what was refused is not tried again and again");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_addresses_of_people_do_not_leave_the_house() {
    let test = TestDb::sqlite().await;
    founded(&test).await;
    let (service, base) = Service::start().await;
    let library = library(&test, Some(endpoint(&base))).await;
    let question = "粗大ごみの件、090-1234-5678 か taro@example.jp まで";
    library.prepare(question).await;
    let sent = service.last.lock().expect("lock").clone();
    assert!(sent.contains("粗大ごみの件") && !sent.contains("1234") && !sent.contains("example.jp"), "{sent}");
    let before = service.counted();
    library.prepare(question).await;
    assert_eq!(service.counted(), before, "it is remembered under what was sent");
}

on_both_engines! {
    async fn a_damaged_row_is_embedded_again(test: TestDb) {
        founded(&test).await;
        let first = library(&test, Some(static_model())).await;
        let all = first.embed(&test.db).await.expect("embedded").embedded;
        let mut tx = test.db.write().await.expect("write");
        tx.execute("UPDATE vector SET numbers = $1 WHERE hash = (SELECT min(hash) FROM vector)", store::params![vec![1u8, 2, 3]])
            .await
            .expect("damaged");
        tx.commit().await.expect("commit");
        let second = library(&test, Some(static_model())).await;
        assert_eq!(second.embed(&test.db).await.expect("again").embedded, 1);
        let third = library(&test, Some(static_model())).await;
        assert_eq!(third.embed(&test.db).await.expect("nothing").embedded, 0, "{all} are whole");
    }
}
