//! A city with recipients, and a channel in memory.

use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use city::Lang;
use outreach::ledger::{self, Figures};
use outreach::sending::{self, Draft, Sending, Texts};
use outreach::subscription::{self, Choices};
use outreach::{Address, Channel, Pace, Quota, Transport, approval, control, planning, recipient};
use store::worker::{Registry, Worker};
use store::{Db, params};
use testkit::TestDb;

use crate::peer::Peer;

pub(crate) const PACE: Pace = Pace { per_batch: 500, per_second: 10 };
pub(crate) const AUTHOR: &str = "author";
pub(crate) const APPROVER: &str = "approver";

pub(crate) struct Town {
    pub(crate) test: TestDb,
}

pub(crate) fn waste() -> Draft {
    Draft {
        channel: Channel::Line,
        title: "年末年始のごみ".into(),
        texts: Texts {
            ja: "12月31日は休みます。".into(),
            easy: None,
            en: Some("No collection on 31 December.".into()),
        },
        topic: "waste".into(),
        districts: vec![],
        section: "kankyo".into(),
        urgent: None,
        starts_at: None,
    }
}

pub(crate) fn choosing(topics: &[&str], lang: Lang) -> Choices {
    let mut choices = Choices::none(lang);
    choices.topics = topics.iter().map(|t| (*t).to_owned()).collect();
    choices
}

impl Town {
    pub(crate) fn found(test: TestDb) -> Town {
        Town { test }
    }

    /// Somebody who follows the account and has chosen something.
    pub(crate) async fn follower(&self, address: &str, choices: &Choices) -> String {
        let mut tx = self.test.db.write().await.expect("write");
        let clock = self.test.clock.as_ref();
        let address = Address::new(address);
        let learnt = recipient::learn(&mut tx, clock, &mut self.test.rng(), Channel::Line, &address, Lang::Ja)
            .await
            .expect("learnt");
        subscription::choose(&mut tx, clock, &learnt.id, choices).await.expect("chosen");
        tx.commit().await.expect("commit");
        learnt.id
    }

    /// One of the staff for trials.
    pub(crate) async fn tester(&self) -> String {
        let id = self.follower("U-staff", &Choices::none(Lang::Ja)).await;
        let mut tx = self.test.db.write().await.expect("write");
        recipient::set_staff_test(&mut tx, self.test.clock.as_ref(), "account:a", &id, true).await.expect("set");
        tx.commit().await.expect("commit");
        id
    }

    pub(crate) async fn draft(&self, draft: &Draft) -> Sending {
        sending::draft(&self.test.db, self.test.clock.as_ref(), &mut self.test.rng(), AUTHOR, draft)
            .await
            .expect("drafted")
    }

    pub(crate) async fn plan(&self, id: &str, quota: Quota) -> outreach::Result<outreach::Plan> {
        planning::plan(&self.test.db, self.test.clock.as_ref(), &mut self.test.rng(), AUTHOR, id, PACE, quota).await
    }

    pub(crate) async fn try_out(&self, id: &str, transport: &dyn Transport) {
        approval::test(&self.test.db, self.test.clock.as_ref(), &mut self.test.rng(), transport, AUTHOR, id)
            .await
            .expect("tried out");
    }

    pub(crate) async fn approve(&self, who: &str, id: &str) -> outreach::Result<()> {
        let seen = self.sending(id).await;
        approval::approve(&self.test.db, self.test.clock.as_ref(), &mut self.test.rng(), who, &seen).await
    }

    pub(crate) async fn sending(&self, id: &str) -> Sending {
        let mut tx = self.test.db.read().await.expect("read");
        sending::get(&mut tx, id).await.expect("read").expect("there")
    }

    /// Many followers who want to hear of waste; every third has no quiet hours, every fifth reads English.
    pub(crate) async fn many(&self, count: usize) {
        let mut tx = self.test.db.write().await.expect("write");
        let now = self.test.clock.now();
        let lang = |n| if n % 5 == 0 { Lang::En } else { Lang::Ja };
        let found = (0..count).map(|n| (Address::new(format!("M{n}")), lang(n)));
        let clock = self.test.clock.as_ref();
        let mut rng = self.test.rng();
        let ids =
            recipient::import(&mut tx, clock, &mut rng, "account:a", Channel::Line, found).await.expect("imported");
        assert_eq!(ids.len(), count);
        let id = |n: usize| ids[n].clone();
        let rows = (0..count).map(|n| params![id(n), "waste", now]);
        tx.insert_many("outreach_subscription", &["recipient", "topic", "since"], rows).await.expect("subscriptions");
        let columns = ["recipient", "quiet_from", "quiet_until", "declines_urgent", "updated_at"];
        let rows = (0..count).step_by(3).map(|n| params![id(n), 0_i64, 0_i64, false, now]);
        tx.insert_many("outreach_preference", &columns, rows).await.expect("preferences");
        tx.commit().await.expect("commit");
    }

    /// A send that was planned in batches of a size, tried out and approved.
    pub(crate) async fn approved(&self, draft: &Draft, per_batch: usize, peer: &Arc<Peer>) -> String {
        let id = self.draft(draft).await.id;
        let (db, clock) = (&self.test.db, self.test.clock.as_ref());
        let pace = Pace { per_batch, per_second: 10 };
        planning::plan(db, clock, &mut self.test.rng(), AUTHOR, &id, pace, Quota::default()).await.expect("planned");
        self.tester().await;
        self.try_out(&id, peer.as_ref()).await;
        peer.forget();
        self.approve(APPROVER, &id).await.expect("approved");
        id
    }

    /// The same, started.
    pub(crate) async fn started(&self, draft: &Draft, per_batch: usize, peer: &Arc<Peer>) -> String {
        let id = self.approved(draft, per_batch, peer).await;
        let (db, clock) = (&self.test.db, self.test.clock.as_ref());
        control::start(db, clock, &mut self.test.rng(), APPROVER, &id, Quota::default()).await.expect("started");
        id
    }

    /// A process that sends.
    pub(crate) fn worker(&self, db: Db, peer: &Arc<Peer>) -> Worker {
        let mut registry = Registry::default();
        outreach::dispatch::register(&mut registry, peer.clone());
        Worker { db, clock: self.test.clock.clone(), entropy: self.test.entropy_source(), registry }
    }

    /// Works off what is due, again and again with some time between, until nothing is left or the send stands still.
    pub(crate) async fn work(&self, id: &str, peer: &Arc<Peer>, step: Duration) {
        let worker = self.worker(self.test.db.clone(), peer);
        for _ in 0..2_000 {
            worker.drain().await.expect("work");
            if self.sending(id).await.state != sending::State::Running {
                return;
            }
            self.test.clock.advance(step);
        }
        panic!("does not come to an end");
    }

    pub(crate) async fn figures(&self, id: &str) -> Figures {
        let mut tx = self.test.db.read().await.expect("read");
        ledger::figures(&mut tx, id).await.expect("figures")
    }
}
