//! What the staff and citizens read where the search has vectors.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ::vectors::{EmbedError, Embedder, Pending, Remote};
use testkit::TestDb;

use crate::support::City;

/// A service that can be taken away.
#[derive(Default)]
struct Service {
    away: AtomicBool,
    asked: AtomicUsize,
}

impl Service {
    fn answer(&self, texts: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            return Err(EmbedError::Status(503));
        }
        Ok((0..texts).map(|i| vec![1.0, i as f32]).collect())
    }
}

impl Remote for Service {
    fn identity(&self) -> String {
        "test".into()
    }

    fn batch(&self) -> usize {
        8
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> Pending<'a> {
        Box::pin(async { self.answer(texts.len()) })
    }

    fn embed_question<'a>(&'a self, _: &'a str) -> Pending<'a> {
        Box::pin(async { self.answer(1) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_read_since_when_and_why_there_are_no_vectors() {
    let service = Arc::new(Service::default());
    let city = City::with_vectors(TestDb::sqlite().await, Embedder::Remote(service.clone())).await;
    city.state.library.embed(&city.test.db).await.expect("embedded");
    let (desk, author) = (city.staff("kanri-1").await, city.staff("shimin-sakusei").await);
    let articles = city.state.library.snapshot().articles.len();
    let page = desk.get("/status").await;
    assert!(page.main().contains(&format!("{articles} 件のFAQ（外部のサービス）")), "{}", page.main());
    assert!(!page.main().contains("文章ベクトルを使えません"));
    assert!(!desk.get("/").await.main().contains("文章ベクトルを使えません"));

    service.away.store(true, Ordering::SeqCst);
    let before = service.asked.load(Ordering::SeqCst);
    assert!(city.get("/ask?q=引っ越しの届け出").await.main().contains("引"), "answered all the same");
    assert_eq!(service.asked.load(Ordering::SeqCst), before + 1, "what a citizen sends is embedded");
    city.get("/suggestions?q=引っ越").await;
    assert_eq!(service.asked.load(Ordering::SeqCst), before + 1, "what is typed is not");
    for address in ["/status", "/"] {
        let page = desk.get(address).await;
        for part in ["文章ベクトルを使えません", "ことばだけで答えています", "HTTP 503"] {
            assert!(page.main().contains(part), "{part} on {address}");
        }
    }
    assert!(!author.get("/").await.main().contains("文章ベクトル"), "an author cannot do anything about it");
    let metrics = desk.get("/metrics").await.body;
    for line in ["madoguchi_vectors_up{city=\"minamo\"} 0", "madoguchi_vector_failures_total 1"] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }

    service.away.store(false, Ordering::SeqCst);
    city.get("/ask?q=住民票").await;
    assert!(!desk.get("/status").await.main().contains("文章ベクトルを使えません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn citizens_are_told_when_what_they_ask_is_sent_out() {
    let told = [("/about", "外部のサービス"), ("/easy/about", "サービスに"), ("/en/about", "outside service")];
    let city = City::with_vectors(TestDb::sqlite().await, Embedder::Remote(Arc::new(Service::default()))).await;
    for (page, part) in told {
        assert!(city.get(page).await.main().contains(part), "{page}");
    }
    let city = City::new(TestDb::sqlite().await).await;
    for (page, part) in told {
        assert!(!city.get(page).await.main().contains(part), "{page}");
    }
}
