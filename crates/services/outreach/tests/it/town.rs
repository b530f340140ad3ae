//! A city with recipients, and a channel in memory.

use city::Lang;
use outreach::sending::{self, Draft, Sending, Texts};
use outreach::subscription::{self, Choices};
use outreach::{Address, Channel, Outcome, Outgoing, Pace, Pending, Quota, Transport, approval, planning, recipient};
use testkit::TestDb;

pub(crate) const PACE: Pace = Pace { per_batch: 500, per_second: 10 };
pub(crate) const AUTHOR: &str = "author";
pub(crate) const APPROVER: &str = "approver";

pub(crate) struct Town {
    pub(crate) test: TestDb,
}

/// Takes everything.
pub(crate) struct Takes;

impl Transport for Takes {
    fn channel(&self) -> Channel {
        Channel::Line
    }
    fn send<'a>(&'a self, _: &'a Outgoing) -> Pending<'a, Outcome> {
        Box::pin(async { Outcome::Accepted { request_id: Some("r".into()) } })
    }
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
}
