//! Short numbers: none twice, none left out.

use std::time::Duration;

use calendar::{Clock, Date, Instant};
use store::number;
use testkit::{TestDb, on_both_engines};

async fn take(t: &TestDb, kind: &str) -> String {
    let mut tx = t.db.write().await.expect("write");
    let taken = number::next(&mut tx, kind, t.clock.now()).await.expect("number");
    tx.commit().await.expect("commit");
    taken
}

on_both_engines! {
    async fn numbers_count_per_kind(t: TestDb) {
        assert_eq!(take(&t, "質問").await, "質問-2026-0001");
        assert_eq!(take(&t, "質問").await, "質問-2026-0002");
        assert_eq!(take(&t, "申請").await, "申請-2026-0001");
        assert_eq!(take(&t, "質問").await, "質問-2026-0003");
    }

    async fn fifty_takers_at_once(t: TestDb) {
        // Two handles, as two processes have them.
        let handles = [t.db.clone(), t.again().await];
        let now = t.clock.now();
        let mut takers = tokio::task::JoinSet::new();
        for i in 0..50usize {
            let db = handles[i % 2].clone();
            takers.spawn(async move {
                // Every taker first gives one up, in the midst of the others.
                let mut tx = db.write().await.expect("write");
                number::next(&mut tx, "質問", now).await.expect("number");
                tx.rollback().await.expect("rollback");
                let mut tx = db.write().await.expect("write");
                let taken = number::next(&mut tx, "質問", now).await.expect("number");
                tx.commit().await.expect("commit");
                taken
            });
        }
        let mut taken = Vec::new();
        while let Some(taker) = takers.join_next().await {
            taken.push(taker.expect("no panic"));
        }
        taken.sort_unstable();
        let all: Vec<String> = (1..=50).map(|n| format!("質問-2026-{n:04}")).collect();
        assert_eq!(taken, all);
    }

    async fn a_number_given_up_is_free_again(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        assert_eq!(number::next(&mut tx, "質問", t.clock.now()).await.expect("number"), "質問-2026-0001");
        assert_eq!(number::next(&mut tx, "質問", t.clock.now()).await.expect("number"), "質問-2026-0002");
        drop(tx);
        assert_eq!(take(&t, "質問").await, "質問-2026-0001");
    }

    /// At that moment it is still three in the afternoon of 31 December in UTC.
    async fn the_year_changes_at_midnight_in_japan(t: TestDb) {
        let midnight = Instant::start_of(Date::constant(2027, 1, 1));
        t.clock.set(midnight.minus(Duration::from_millis(1)));
        assert_eq!(take(&t, "質問").await, "質問-2026-0001");
        t.clock.set(midnight);
        assert_eq!(take(&t, "質問").await, "質問-2027-0001");
        assert_eq!(take(&t, "質問").await, "質問-2027-0002");
        // Another process whose clock is a little late still counts on in the old year.
        t.clock.set(midnight.minus(Duration::from_millis(1)));
        assert_eq!(take(&t, "質問").await, "質問-2026-0002");
    }

    async fn the_ten_thousandth_has_five_digits(t: TestDb) {
        take(&t, "質問").await;
        crate::support::execute(&t.db, "UPDATE number SET last = 9998", store::params![]).await.expect("update");
        assert_eq!(take(&t, "質問").await, "質問-2026-9999");
        assert_eq!(take(&t, "質問").await, "質問-2026-10000");
    }
}
