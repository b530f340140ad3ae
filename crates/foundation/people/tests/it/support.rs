//! What several modules of these tests say.

use std::sync::LazyLock;

use calendar::Clock;
use city::Lang;
use people::address::{self, Channel};
use people::message::mailbox::{self, NewMail};
use people::message::{self, Basis, Begin, NewMessage, Queued, Sending};
use people::person::{self, NewPerson};
use people::{Viewing, consent};
use rand::rngs::ChaCha8Rng;
use serde_json::{Value, json};
use store::{Tx, jobs};
use testkit::TestDb;

/// Who acts in these tests.
pub(crate) const ACTOR: &str = "account:privacy";
/// What messages of these tests are for.
pub(crate) const PURPOSE: &str = "question.answer";
/// The right-hand side of message ids.
pub(crate) const HOST: &str = "minamo.example";

/// What the template of these tests is given.
static FIELDS: LazyLock<Value> = LazyLock::new(|| json!({ "number": "質問-2026-0012", "title": "転入届の窓口" }));

/// A test's database with a generator at hand.
pub(crate) struct House {
    pub(crate) t: TestDb,
    pub(crate) rng: ChaCha8Rng,
}

impl House {
    pub(crate) fn new(t: TestDb) -> Self {
        let rng = t.rng();
        House { t, rng }
    }

    pub(crate) fn clock(&self) -> std::sync::Arc<dyn Clock> {
        self.t.clock.clone()
    }

    pub(crate) async fn tx(&self) -> Tx {
        self.t.db.write().await.expect("write")
    }

    /// A person without anything.
    pub(crate) async fn person(&mut self, name: Option<&str>) -> String {
        let (mut tx, clock) = (self.tx().await, self.clock());
        let new = NewPerson { name, lang: Lang::Ja };
        let id = person::create(&mut tx, &*clock, &mut self.rng, ACTOR, new).await.expect("a person");
        tx.commit().await.expect("commit");
        id
    }

    /// An address that was verified.
    pub(crate) async fn address(&mut self, person: &str, mail: &str) -> String {
        let (mut tx, clock) = (self.tx().await, self.clock());
        let id =
            address::add(&mut tx, &*clock, &mut self.rng, ACTOR, person, Channel::Mail, mail).await.expect("added");
        address::verify(&mut tx, &*clock, ACTOR, &id).await.expect("verified");
        tx.commit().await.expect("commit");
        id
    }

    pub(crate) async fn agree(&mut self, person: &str) {
        let (mut tx, clock) = (self.tx().await, self.clock());
        consent::give(&mut tx, &*clock, &mut self.rng, ACTOR, person, PURPOSE, "form/1").await.expect("consent");
        tx.commit().await.expect("commit");
    }

    /// A person who can be written to: verified address, consent.
    pub(crate) async fn reachable(&mut self, mail: &str) -> String {
        let id = self.person(Some("港の利用者")).await;
        self.address(&id, mail).await;
        self.agree(&id).await;
        id
    }

    pub(crate) async fn queue(&mut self, person: &str) -> Queued {
        self.queue_with(person, |_| {}).await
    }

    pub(crate) async fn queue_with<'a>(&mut self, person: &'a str, change: impl FnOnce(&mut NewMessage<'a>)) -> Queued {
        let (mut tx, clock) = (self.tx().await, self.clock());
        let mut new = NewMessage {
            person,
            purpose: PURPOSE,
            basis: Basis::Consent,
            address: None,
            template: "question_answered",
            lang: None,
            fields: &FIELDS,
            about: ("question", "q1"),
            dedupe: None,
        };
        change(&mut new);
        let queued =
            message::queue(&mut tx, &*clock, &mut self.rng, "job:question.answered", new).await.expect("queued");
        tx.commit().await.expect("commit");
        queued
    }

    /// Queues a message that must be sendable; returns its id.
    pub(crate) async fn waiting(&mut self, person: &str) -> String {
        match self.queue(person).await {
            Queued::Queued { id } => id,
            other => panic!("expected a waiting message, got {other:?}"),
        }
    }

    pub(crate) async fn begin(&self, id: &str) -> Begin {
        message::begin(&self.t.db, &*self.clock(), id, HOST).await.expect("begun")
    }

    pub(crate) async fn ready(&self, id: &str) -> Sending {
        match self.begin(id).await {
            Begin::Ready(sending) => *sending,
            other => panic!("expected an attempt, got {other:?}"),
        }
    }

    /// Sends a message to a person into the mailbox in the house; returns the message's id.
    pub(crate) async fn in_mailbox(&mut self, person: &str, recipient: &str) -> String {
        let id = self.waiting(person).await;
        let sending = self.ready(&id).await;
        let (mut tx, clock) = (self.tx().await, self.clock());
        let new = NewMail {
            sender: "city", recipient, subject: "転入届の窓口から", body: "転入届の窓口です。"
        };
        mailbox::keep(&mut tx, &*clock, &mut self.rng, &sending.attempt, new).await.expect("kept");
        let accepted = message::Outcome::Accepted { code: Some(250) };
        message::finish(&mut tx, &*clock, &mut self.rng, sending.attempt, accepted).await.expect("sent");
        tx.commit().await.expect("commit");
        id
    }

    /// The mails of the mailbox, newest first.
    pub(crate) async fn mails(&self) -> Vec<mailbox::Mail> {
        let mut tx = self.tx().await;
        mailbox::list(&mut tx, message::Page { before: None, limit: 100 }).await.expect("mails")
    }

    pub(crate) async fn entry(&self, id: &str) -> message::Entry {
        let mut tx = self.tx().await;
        message::get(&mut tx, id).await.expect("in the ledger")
    }

    /// How many jobs wait to be run.
    pub(crate) async fn jobs(&self) -> i64 {
        let mut tx = self.tx().await;
        let counts = jobs::counts(&mut tx).await.expect("counts");
        counts.into_iter().filter(|(state, _)| state == "ready").map(|(_, n)| n).sum()
    }
}

/// Where an attempt goes.
pub(crate) fn to(sending: &Sending) -> String {
    sending.to.reveal(Viewing::deliver()).text().expect("an address to deliver to").to_owned()
}
