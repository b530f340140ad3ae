//! How processes learn of changes.

use store::{Db, changes};
use testkit::on_both_engines;

use crate::support::soon;

async fn bump(db: &Db, topic: &str) {
    let mut tx = db.write().await.expect("write");
    changes::bump(&mut tx, topic).await.expect("bump");
    tx.commit().await.expect("commit");
}

async fn version(db: &Db, topic: &str) -> Option<i64> {
    changes::versions(db).await.expect("versions").get(topic).copied()
}

on_both_engines! {
    async fn a_bump_is_seen_when_committed(t: TestDb) {
        let other = t.again().await;
        assert_eq!(version(&other, "city").await, None);
        let mut tx = t.db.write().await.expect("write");
        changes::bump(&mut tx, "city").await.expect("bump");
        assert_eq!(version(&other, "city").await, None, "not yet");
        tx.commit().await.expect("commit");
        assert_eq!(version(&other, "city").await, Some(1));
        bump(&other, "city").await;
        bump(&other, "articles").await;
        assert_eq!(version(&t.db, "city").await, Some(2));
        assert_eq!(version(&t.db, "articles").await, Some(1));
    }

    async fn a_bump_given_up_is_none(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        changes::bump(&mut tx, "city").await.expect("bump");
        drop(tx);
        assert_eq!(version(&t.db, "city").await, None);
    }

    async fn no_bump_is_lost_among_many(t: TestDb) {
        let mut bumps = tokio::task::JoinSet::new();
        for _ in 0..30 {
            let db = t.db.clone();
            bumps.spawn(async move { bump(&db, "city").await });
        }
        while let Some(done) = bumps.join_next().await {
            done.expect("no panic");
        }
        assert_eq!(version(&t.db, "city").await, Some(30));
    }

    async fn who_waits_wakes_up(t: TestDb) {
        let other = t.again().await;
        let waiting = tokio::spawn(async move { changes::changed(&other, "city", 0).await.expect("change") });
        // Neither of these is what it waits for.
        bump(&t.db, "articles").await;
        let mut tx = t.db.write().await.expect("write");
        changes::bump(&mut tx, "city").await.expect("bump");
        drop(tx);
        bump(&t.db, "city").await;
        assert_eq!(soon("the change", waiting).await.expect("no panic"), 1);
    }

    async fn what_changed_already_is_not_waited_for(t: TestDb) {
        bump(&t.db, "city").await;
        bump(&t.db, "city").await;
        assert_eq!(soon("the change", changes::changed(&t.db, "city", 1)).await.expect("change"), 2);
        let back = soon("the change", changes::changed(&t.db, "city", 7)).await.expect("change");
        assert_eq!(back, 2, "also backwards, after a restore");
    }

    async fn who_waits_is_told_of_trouble(t: TestDb) {
        let other = t.again().await;
        other.close().await;
        soon("the error", changes::changed(&other, "city", 0)).await.expect_err("closed");
    }
}
