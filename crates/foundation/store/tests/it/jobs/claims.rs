//! Claiming: in order, each job by one worker.

use std::collections::BTreeSet;
use std::time::Duration;

use calendar::Clock;
use store::jobs::{self, LEASE, NewJob};
use testkit::on_both_engines;

use super::{LANE, claim, claim_one, get, job, put, put_one, seconds};
use crate::support::number;

on_both_engines! {
    async fn the_urgent_go_first_then_the_oldest(t: TestDb) {
        let now = t.clock.now();
        // Written in another order than they are due.
        for (kind, priority, run_at) in [
            ("5th", 0, now),
            ("7th", -1, now.minus(Duration::from_secs(99))),
            ("3rd", 5, now.minus(Duration::from_secs(1))),
            ("1st", 9, now),
            ("2nd", 5, now.minus(Duration::from_secs(2))),
            ("4th", 0, now.minus(Duration::from_secs(1))),
            ("never", 9, now.plus(Duration::from_millis(1))),
        ] {
            put(&t, NewJob { priority, run_at, ..job(&t, kind) }).await;
        }
        let kinds = async |limit| claim(&t, limit).await.into_iter().map(|j| j.kind).collect::<Vec<_>>();
        assert_eq!(kinds(1).await, ["1st"]);
        assert_eq!(kinds(3).await, ["2nd", "3rd", "4th"]);
        assert_eq!(kinds(10).await, ["5th", "7th"]);
        assert!(kinds(10).await.is_empty());
    }

    /// A worker runs them in the order in which it gets them.
    async fn a_claim_comes_in_order(t: TestDb) {
        for i in 0..40 {
            let priority = i * 7 % 40;
            put(&t, NewJob { priority, payload: priority.to_string(), ..job(&t, "mail") }).await;
        }
        let order: Vec<i64> = claim(&t, 40).await.iter().map(|j| j.payload.parse().expect("priority")).collect();
        assert_eq!(order, (0..40).rev().collect::<Vec<_>>());
    }

    async fn nothing_is_claimed_before_its_time(t: TestDb) {
        let now = t.clock.now();
        put(&t, NewJob { run_at: seconds(now, 10), ..job(&t, "mail") }).await;
        t.clock.set(seconds(now, 10).minus(Duration::from_millis(1)));
        assert_eq!(claim(&t, 10).await, []);
        t.clock.set(seconds(now, 10));
        assert_eq!(claim(&t, 10).await.len(), 1);
    }

    async fn lanes_know_nothing_of_each_other(t: TestDb) {
        put(&t, NewJob { lane: "mail", ..job(&t, "mail") }).await;
        assert_eq!(claim(&t, 10).await, []);
        assert_eq!(jobs::claim(&t.db, &t.clock, "mail", 10).await.expect("claim").len(), 1);
    }

    async fn a_claimed_job_is_running(t: TestDb) {
        let id = put_one(&t, "mail").await;
        let claimed = claim_one(&t).await;
        assert_eq!(claimed.id, id);
        assert_eq!((claimed.state.as_str(), claimed.attempts, claimed.fence), ("running", 1, 1));
        assert_eq!(claimed, get(&t, &id).await);
        let until = crate::support::column::<i64>(&t.db, "SELECT lease_until FROM job", "lease_until").await;
        assert_eq!(until, [t.clock.now().plus(LEASE).millis()]);
    }

    /// None may hear that there is nothing while there is something: that another claims at the same
    /// moment is no reason to rest.
    async fn eight_claimers_share_five_hundred_jobs(t: TestDb) {
        let mut tx = t.db.write().await.expect("write");
        let mut rng = t.rng();
        for i in 0..500 {
            let job = NewJob { priority: i % 3, ..job(&t, "mail") };
            jobs::enqueue(&mut tx, &t.clock, &mut rng, job).await.expect("enqueue");
        }
        tx.commit().await.expect("commit");

        let other = t.again().await;
        let mut claimers = tokio::task::JoinSet::new();
        for i in 0..8 {
            let (db, clock) = (if i % 2 == 0 { t.db.clone() } else { other.clone() }, t.clock.clone());
            claimers.spawn(async move {
                let mut got = Vec::new();
                loop {
                    let claimed = jobs::claim(&db, &clock, LANE, 7).await.expect("claim");
                    if claimed.is_empty() {
                        assert_eq!(number(&db, "SELECT count(*) AS n FROM job WHERE state = 'ready'").await, 0);
                        return got;
                    }
                    got.extend(claimed.into_iter().map(|j| (j.id, j.fence)));
                }
            });
        }
        let mut all = BTreeSet::new();
        while let Some(got) = claimers.join_next().await {
            for (id, fence) in got.expect("no panic") {
                assert_eq!(fence, 1);
                assert!(all.insert(id), "claimed twice");
            }
        }
        assert_eq!(all.len(), 500);
    }
}
