//! Jobs with parts: the whole runs once, after the last of them.

use std::sync::Arc;

use store::Engine;
use store::jobs::{self, NewJob};
use testkit::{TestDb, on_both_engines};

use super::{claim, claim_one, complete, fail, get, job, put_parent, state};
use crate::support::somebody_waits_for_a_lock;

async fn progress(t: &TestDb, parent: &str) -> (i64, i64) {
    let mut tx = t.db.read().await.expect("read");
    jobs::progress(&mut tx, parent).await.expect("progress")
}

on_both_engines! {
    async fn the_whole_wakes_after_its_last_part(t: TestDb) {
        let (parent, parts) = put_parent(&t, 3).await;
        let claimed = claim(&t, 10).await;
        assert_eq!(claimed.len(), 3, "the whole waits");
        assert!(claimed.iter().all(|j| parts.contains(&j.id) && j.parent.as_deref() == Some(parent.as_str())));
        for (ended, part) in claimed.iter().enumerate() {
            assert_eq!(state(&t, &parent).await, "waiting");
            assert_eq!(progress(&t, &parent).await, (ended as i64, 3));
            complete(&t, part).await;
        }
        assert_eq!(progress(&t, &parent).await, (3, 3));
        let whole = claim_one(&t).await;
        assert_eq!((whole.id.as_str(), whole.attempts), (parent.as_str(), 1));
        complete(&t, &whole).await;
        assert_eq!(state(&t, &parent).await, "done");
    }

    async fn parts_that_failed_for_good_or_were_stopped_have_ended_too(t: TestDb) {
        let (parent, _) = put_parent(&t, 3).await;
        crate::support::execute(&t.db, "UPDATE job SET max_attempts = 1", store::params![]).await.expect("update");
        let claimed = claim(&t, 10).await;
        complete(&t, &claimed[0]).await;
        let mut tx = t.db.write().await.expect("write");
        jobs::complete_cancelled(&mut tx, &t.clock, &claimed[1]).await.expect("stopped");
        tx.commit().await.expect("commit");
        assert_eq!(state(&t, &parent).await, "waiting");
        fail(&t, &claimed[2], "no").await;
        assert_eq!(state(&t, &claimed[2].id).await, "dead");
        assert_eq!(progress(&t, &parent).await, (3, 3));
        assert_eq!(claim_one(&t).await.id, parent);
    }

    async fn a_part_that_is_tried_again_has_not_ended(t: TestDb) {
        let (parent, _) = put_parent(&t, 1).await;
        fail(&t, &claim_one(&t).await, "not yet").await;
        assert_eq!(state(&t, &parent).await, "waiting");
        assert_eq!(progress(&t, &parent).await, (0, 1));
    }

    async fn a_whole_without_parts_can_be_woken_at_once(t: TestDb) {
        let (parent, _) = put_parent(&t, 0).await;
        assert_eq!(claim(&t, 10).await, []);
        let mut tx = t.db.write().await.expect("write");
        jobs::wake_if_complete(&mut tx, &t.clock, &parent).await.expect("wake");
        tx.commit().await.expect("commit");
        assert_eq!(claim_one(&t).await.id, parent);
        assert_eq!(progress(&t, &parent).await, (0, 0));
    }

    async fn waking_does_nothing_to_what_does_not_wait(t: TestDb) {
        let (parent, _) = put_parent(&t, 1).await;
        complete(&t, &claim_one(&t).await).await;
        let running = claim_one(&t).await;
        let mut tx = t.db.write().await.expect("write");
        jobs::wake_if_complete(&mut tx, &t.clock, &parent).await.expect("wake");
        tx.commit().await.expect("commit");
        assert_eq!(get(&t, &parent).await, running);
    }

    /// Of two last parts that end at the same time, each sees the other as unfinished, unless one of
    /// them waits.
    async fn two_last_parts_at_once_wake_the_whole(t: TestDb) {
        let (parent, _) = put_parent(&t, 2).await;
        let claimed = claim(&t, 10).await;
        let t = Arc::new(t);

        let mut first = t.db.write().await.expect("write");
        jobs::complete(&mut first, &t.clock, &claimed[0]).await.expect("complete");
        let second = tokio::spawn({
            let (t, part) = (t.clone(), claimed[1].clone());
            async move { complete(&t, &part).await }
        });
        // On SQLite the second waits for the writer's place.
        if t.engine() == Engine::Postgres {
            somebody_waits_for_a_lock(&t).await;
        }
        first.commit().await.expect("commit");
        second.await.expect("no panic");

        let whole = claim_one(&t).await;
        assert_eq!((whole.id.as_str(), whole.attempts), (parent.as_str(), 1));
        complete(&t, &whole).await;
        assert_eq!(claim(&t, 10).await, []);
    }

    async fn many_parts_at_once_wake_the_whole_once(t: TestDb) {
        let (parent, _) = put_parent(&t, 12).await;
        let t = Arc::new(t);
        let mut parts = tokio::task::JoinSet::new();
        for part in claim(&t, 12).await {
            let t = t.clone();
            parts.spawn(async move { complete(&t, &part).await });
        }
        while let Some(part) = parts.join_next().await {
            part.expect("no panic");
        }
        let whole = claim_one(&t).await;
        assert_eq!((whole.id.as_str(), whole.fence), (parent.as_str(), 1));
    }

    async fn parts_of_parts_end_from_below(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        let mut rng = t.rng();
        let top = jobs::enqueue_parent(&mut tx, &t.clock, &mut rng, job(&t, "top")).await.expect("enqueue").expect("id");
        let middle = NewJob { parent: Some(&top), ..job(&t, "middle") };
        let middle = jobs::enqueue_parent(&mut tx, &t.clock, &mut rng, middle).await.expect("enqueue").expect("id");
        let bottom = NewJob { parent: Some(&middle), ..job(&t, "bottom") };
        jobs::enqueue(&mut tx, &t.clock, &mut rng, bottom).await.expect("enqueue");
        tx.commit().await.expect("commit");
        for kind in ["bottom", "middle", "top"] {
            let due = claim_one(&t).await;
            assert_eq!(due.kind, kind);
            complete(&t, &due).await;
        }
        assert_eq!(claim(&t, 10).await, []);
    }
}
