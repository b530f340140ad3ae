//! What is removed, and what stays.

use std::time::Duration;

use calendar::{Clock, Instant};
use store::jobs::{self, NewJob};
use store::params;
use testkit::{TestDb, on_both_engines};

use super::{cancel, claim, claim_one, complete, fail, job, put, put_one, put_parent};
use crate::support::{column, execute};

async fn sweep(t: &TestDb, before: Instant) -> u64 {
    let mut tx = t.db.write().await.expect("write");
    let swept = jobs::sweep(&mut tx, before).await.expect("sweep");
    tx.commit().await.expect("commit");
    swept
}

async fn left(t: &TestDb) -> Vec<String> {
    column(&t.db, "SELECT kind FROM job ORDER BY kind", "kind").await
}

on_both_engines! {
    async fn the_old_and_finished_go(t: TestDb) {
        put_one(&t, "done").await;
        complete(&t, &claim_one(&t).await).await;
        let id = put_one(&t, "cancelled").await;
        cancel(&t, &id).await;
        put(&t, NewJob { max_attempts: 1, ..job(&t, "dead") }).await;
        fail(&t, &claim_one(&t).await, "no").await;
        put_one(&t, "running").await;
        claim_one(&t).await;
        put_one(&t, "ready").await;
        put_parent(&t, 1).await;

        assert_eq!(sweep(&t, t.clock.now()).await, 0, "what ended at that very moment stays");
        assert_eq!(sweep(&t, t.clock.now().plus(Duration::from_millis(1))).await, 2);
        assert_eq!(left(&t).await, ["dead", "part", "ready", "running", "whole"]);
    }

    async fn parts_stay_as_long_as_the_whole_is_counted_by_them(t: TestDb) {
        let (parent, _) = put_parent(&t, 2).await;
        let claimed = claim(&t, 10).await;
        complete(&t, &claimed[0]).await;
        t.clock.advance(Duration::from_secs(3600));
        assert_eq!(sweep(&t, t.clock.now()).await, 0);
        jobs::renew(&t.db, &t.clock, &claimed[1]).await.expect("renew");
        complete(&t, &claimed[1]).await;
        complete(&t, &claim_one(&t).await).await;
        t.clock.advance(Duration::from_secs(3600));
        assert_eq!(sweep(&t, t.clock.now()).await, 3, "{parent} and its parts");
        assert!(left(&t).await.is_empty());
    }

    async fn a_dead_part_keeps_the_whole(t: TestDb) {
        put_parent(&t, 2).await;
        execute(&t.db, "UPDATE job SET max_attempts = 1", params![]).await.expect("update");
        let claimed = claim(&t, 10).await;
        complete(&t, &claimed[0]).await;
        fail(&t, &claimed[1], "no").await;
        complete(&t, &claim_one(&t).await).await;
        t.clock.advance(Duration::from_secs(3600));
        assert_eq!(sweep(&t, t.clock.now()).await, 1);
        assert_eq!(left(&t).await, ["part", "whole"]);
    }

    /// The whole was stopped at once, a part of it only when its worker had heard.
    async fn a_whole_that_ended_before_its_part_waits_for_it(t: TestDb) {
        let (parent, _) = put_parent(&t, 1).await;
        let running = claim_one(&t).await;
        cancel(&t, &parent).await;
        t.clock.advance(Duration::from_secs(30));
        let between = t.clock.now();
        t.clock.advance(Duration::from_secs(30));
        let mut tx = t.db.write().await.expect("write");
        jobs::complete_cancelled(&mut tx, &t.clock, &running).await.expect("stopped");
        tx.commit().await.expect("commit");

        assert_eq!(sweep(&t, between).await, 0);
        assert_eq!(sweep(&t, t.clock.now().plus(Duration::from_secs(1))).await, 2);
    }

    async fn a_dead_part_of_a_part_keeps_both(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        let mut rng = t.rng();
        let top = jobs::enqueue_parent(&mut tx, &t.clock, &mut rng, job(&t, "top")).await.expect("enqueue").expect("id");
        let middle = NewJob { parent: Some(&top), ..job(&t, "middle") };
        let middle = jobs::enqueue_parent(&mut tx, &t.clock, &mut rng, middle).await.expect("enqueue").expect("id");
        let bottom = NewJob { parent: Some(&middle), max_attempts: 1, ..job(&t, "bottom") };
        jobs::enqueue(&mut tx, &t.clock, &mut rng, bottom).await.expect("enqueue");
        tx.commit().await.expect("commit");
        fail(&t, &claim_one(&t).await, "no").await;
        complete(&t, &claim_one(&t).await).await;
        complete(&t, &claim_one(&t).await).await;
        t.clock.advance(Duration::from_secs(3600));

        assert_eq!(sweep(&t, t.clock.now()).await, 0);
        execute(&t.db, "UPDATE job SET state = 'done' WHERE kind = 'bottom'", params![]).await.expect("looked at");
        assert_eq!(sweep(&t, t.clock.now()).await, 3);
    }
}
