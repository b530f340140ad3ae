//! Persons, the messages to them, and the work in the background.

use calendar::Clock;
use city::Lang;
use people::message::{self, Basis, NewMessage};
use people::person::{self, NewPerson};
use people::secrecy::{self, Reason};
use people::{Channel, address, consent};
use store::jobs::{self, NewJob};

use super::{Made, Records, form, next};

impl Records<'_> {
    /// A person with an address and a consent; ids of person and address.
    async fn person(&self) -> (String, String) {
        let (mut rng, clock) = (self.city.test.rng(), self.city.test.clock.as_ref());
        let mail = format!("minato{}@example.jp", next());
        let mut tx = self.city.test.db.write().await.expect("write");
        let new = NewPerson { name: Some("港の利用者"), lang: Lang::Ja };
        let id = person::create(&mut tx, clock, &mut rng, "citizen", new).await.expect("a person");
        let to = address::add(&mut tx, clock, &mut rng, "citizen", &id, Channel::Mail, &mail).await;
        consent::give(&mut tx, clock, &mut rng, "citizen", &id, "news", "form/1").await.expect("consent");
        tx.commit().await.expect("commit");
        (id, to.expect("an address"))
    }

    pub(super) async fn person_of(&self, path: &str) -> Made {
        if path == "/people" {
            return Default::default();
        }
        let (id, address) = self.person().await;
        let form = match path {
            "/people/{id}/merge" => vec![("other", self.person().await.0)],
            "/people/{id}/secrecy" => form(&[("why", "support")]),
            "/people/{id}/safe" => form(&[("address", &address), ("safe", "true")]),
            "/people/{id}/withdrawal" => form(&[("purpose", "news")]),
            _ => form(&[("reason", "本人の求め")]),
        };
        if path.ends_with("merge/undo") {
            let (other, _) = self.person().await;
            let (mut rng, clock) = (self.city.test.rng(), self.city.test.clock.as_ref());
            let mut tx = self.city.test.db.write().await.expect("write");
            people::merge::merge(&mut tx, clock, &mut rng, "citizen", &id, &other).await.expect("merged");
            tx.commit().await.expect("commit");
        }
        if path.ends_with("lift") {
            let clock = self.city.test.clock.as_ref();
            let mut tx = self.city.test.db.write().await.expect("write");
            secrecy::set(&mut tx, clock, "citizen", &id, Reason::Support).await.expect("secrecy");
            tx.commit().await.expect("commit");
        }
        (vec![("{id}", id)], form)
    }

    /// A message that waits.
    async fn message(&self) -> String {
        let (person, to) = self.person().await;
        let (mut rng, clock) = (self.city.test.rng(), self.city.test.clock.as_ref());
        let mut tx = self.city.test.db.write().await.expect("write");
        let new = NewMessage {
            person: &person,
            purpose: "test",
            basis: Basis::Duty,
            address: Some(&to),
            template: "question.answered",
            lang: None,
            fields: &serde_json::json!({ "number": "質問-2026-0001", "path": "/questions" }),
            about: ("question", "q1"),
            dedupe: None,
        };
        let id = message::queue(&mut tx, clock, &mut rng, "citizen", new).await.expect("queued").id().to_owned();
        tx.commit().await.expect("commit");
        id
    }

    /// A job that waits, or one that gave up.
    async fn job(&self, is_dead: bool) -> String {
        let (mut rng, clock, db) = (self.city.test.rng(), self.city.test.clock.as_ref(), &self.city.test.db);
        let lane = format!("test-{}", next());
        let new = NewJob { max_attempts: 1, ..NewJob::new(&lane, "test", "{}", clock.now()) };
        let mut tx = db.write().await.expect("write");
        let id = jobs::enqueue(&mut tx, clock, &mut rng, new).await.expect("written").expect("new");
        tx.commit().await.expect("commit");
        if is_dead {
            let job = jobs::claim(db, clock, &lane, 1).await.expect("claimed").remove(0);
            jobs::fail(db, clock, &mut rng, &job, "the server is away").await.expect("failed");
        }
        id
    }

    /// Work in the background: jobs, messages, mails.
    pub(super) async fn sent(&self, path: &str) -> Made {
        if !path.contains('{') {
            return Default::default();
        }
        if path.starts_with("/jobs") {
            return (vec![("{id}", self.job(path.ends_with("repeat")).await)], Vec::new());
        }
        let mut id = self.message().await;
        if path.starts_with("/simulators") {
            self.city.mails().await;
            let mut tx = self.city.test.db.read().await.expect("read");
            let page = message::Page { before: None, limit: 10_000 };
            let mails = message::mailbox::list(&mut tx, page).await.expect("mails");
            id = mails.into_iter().find(|m| m.message == id).expect("the mail").id;
        } else if !path.ends_with("cancel") {
            // An attempt that never ended.
            for _ in 0..2 {
                let begun = message::begin(&self.city.test.db, self.city.test.clock.as_ref(), &id, "minamo.example");
                begun.await.expect("begun");
            }
        }
        (vec![("{id}", id)], Vec::new())
    }
}
