//! x
use store::params;
use testkit::TestDb;
#[tokio::test(flavor = "multi_thread")]
async fn x() {
    for t in [TestDb::sqlite().await, TestDb::postgres().await] {
    let mut tx = t.db.write().await.expect("write");
    let at = std::time::Instant::now();
    let jobs = (0..10_000).map(|i| {
        params![
            format!("job {i:06}"), "mail", "letter", "{}", 0, None::<&str>, None::<&str>, "done",
            i, 0, 5, i, None::<i64>, i % 2 == 0, None::<&str>, 0, None::<i64>
        ]
    });
    tx.insert_many(
        "job",
        &[
            "id", "lane", "kind", "payload", "priority", "dedupe_key", "parent", "state", "run_at", "attempts",
            "max_attempts", "fence", "lease_until", "cancel_requested", "last_error", "created_at", "finished_at",
        ],
        jobs,
    )
    .await
    .expect("jobs");
    println!("{} {:?}", t.engine(), at.elapsed());
    }
}
