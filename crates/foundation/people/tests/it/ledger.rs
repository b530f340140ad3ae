//! Queueing and policy: who gets a message, at which address, and what stands in the ledger.

use people::message::{self, Basis, Begin, Filter, Page, Queued, Reason, SendPayload, State};
use people::secrecy::{self, Reason as Why};
use people::{PeopleError, Viewing, address, consent};
use store::jobs;

use crate::support::{ACTOR, House, PURPOSE, to};

fn withheld(queued: &Queued) -> Option<Reason> {
    match queued {
        Queued::Withheld { reason, .. } => Some(*reason),
        _ => None,
    }
}

testkit::on_both_engines! {
    async fn a_queued_message_has_a_job_that_carries_its_id_alone(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable("minato@example.jp").await;
        let id = h.waiting(&person).await;
        let claimed = jobs::claim(&h.t.db, &*h.clock(), message::MAIL_LANE, 10).await.expect("claimed");
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].kind, message::SEND);
        assert_eq!(serde_json::from_str::<SendPayload>(&claimed[0].payload).expect("payload"), SendPayload { message: id.clone() });
        let sending = h.ready(&id).await;
        assert_eq!(sending.message_id, format!("<{id}@minamo.example>"));
        assert_eq!(sending.fields["number"], "質問-2026-0012");
        assert_eq!(sending.name.expect("a name").reveal(Viewing::letter()).to_string(), "港の利用者");
        assert_eq!(sending.about, ("question".to_owned(), "q1".to_owned()));
    }

    async fn each_reason_to_hold_a_message_back_stands_in_the_ledger(t: TestDb) {
        let mut h = House::new(t);
        let person = h.person(None).await;
        assert_eq!(withheld(&h.queue(&person).await), Some(Reason::NoConsent));
        h.agree(&person).await;
        assert_eq!(withheld(&h.queue(&person).await), Some(Reason::NoAddress));
        let (mut tx, clock) = (h.tx().await, h.clock());
        let mail = address::Channel::Mail;
        let id = address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &person, mail, "a1@example.jp").await.expect("added");
        tx.commit().await.expect("commit");
        assert_eq!(withheld(&h.queue(&person).await), Some(Reason::Unverified));
        // The confirmation of an address goes to the address that is to be confirmed, and nowhere else.
        let pinned = h.queue_with(&person, |m| { m.address = Some(&id); m.basis = Basis::Duty; }).await;
        assert_eq!(to(&h.ready(pinned.id()).await), "a1@example.jp");
        let mut tx = h.tx().await;
        address::verify(&mut tx, &*clock, ACTOR, &id).await.expect("verified");
        tx.commit().await.expect("commit");
        assert!(matches!(h.queue(&person).await, Queued::Queued { .. }));
        let mut tx = h.tx().await;
        secrecy::set(&mut tx, &*clock, ACTOR, &person, Why::Support).await.expect("set");
        tx.commit().await.expect("commit");
        let held = h.queue(&person).await;
        assert_eq!(withheld(&held), Some(Reason::Secrecy));
        assert_eq!(withheld(&h.queue_with(&person, |m| m.basis = Basis::Duty).await), Some(Reason::Secrecy));

        let entry = h.entry(held.id()).await;
        assert_eq!((entry.state, entry.reason, entry.attempts), (State::Withheld, Some(Reason::Secrecy), 0));
        assert_eq!(h.jobs().await, 2, "one job for each of the two that were let out");
    }

    async fn secrecy_between_queueing_and_sending_holds_the_message_back(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable("minato@example.jp").await;
        let id = h.waiting(&person).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        secrecy::set(&mut tx, &*clock, ACTOR, &person, Why::Support).await.expect("set");
        tx.commit().await.expect("commit");
        assert!(matches!(h.begin(&id).await, Begin::Withheld(Reason::Secrecy)));
        assert_eq!(h.entry(&id).await.state, State::Withheld);
        let mut tx = h.tx().await;
        assert!(message::attempts(&mut tx, &id).await.expect("attempts").is_empty());
    }

    async fn secrecy_leads_to_the_safe_address(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable("minato@example.jp").await;
        let id = h.waiting(&person).await;
        let safe = h.address(&person, "safe@example.jp").await;
        h.t.clock.advance(std::time::Duration::from_secs(60));
        h.address(&person, "newest@example.jp").await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        address::set_safe(&mut tx, &*clock, ACTOR, &safe, true).await.expect("safe");
        secrecy::set(&mut tx, &*clock, ACTOR, &person, Why::Request).await.expect("set");
        tx.commit().await.expect("commit");
        let sending = h.ready(&id).await;
        assert_eq!(to(&sending), "safe@example.jp");
        assert_eq!(sending.name.expect("a name").reveal(Viewing::letter()).to_string(), "秘匿");
    }

    async fn consent_taken_back_holds_for_messages_that_wait(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable("minato@example.jp").await;
        let id = h.waiting(&person).await;
        let duty = h.queue_with(&person, |m| m.basis = Basis::Duty).await.id().to_owned();
        let (mut tx, clock) = (h.tx().await, h.clock());
        consent::withdraw(&mut tx, &*clock, ACTOR, &person, PURPOSE).await.expect("withdrawn");
        tx.commit().await.expect("commit");
        assert!(matches!(h.begin(&id).await, Begin::Withheld(Reason::NoConsent)));
        h.ready(&duty).await;
    }

    async fn the_same_word_twice_is_one_message(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable("minato@example.jp").await;
        let first = h.queue_with(&person, |m| m.dedupe = Some("question q1 answered")).await;
        let second = h.queue_with(&person, |m| m.dedupe = Some("question q1 answered")).await;
        assert_eq!(second, Queued::Already { id: first.id().to_owned() });
        let other = h.queue_with(&person, |m| m.dedupe = Some("question q2 answered")).await;
        assert!(matches!(other, Queued::Queued { .. }));
        assert_eq!(h.jobs().await, 2);
    }

    async fn the_ledger_is_read_page_by_page_and_filtered(t: TestDb) {
        let mut h = House::new(t);
        let (one, two) = (h.reachable("a1@example.jp").await, h.reachable("b1@example.jp").await);
        let mut ids = Vec::new();
        for person in [&one, &two, &one, &one] {
            h.t.clock.advance(std::time::Duration::from_secs(1));
            ids.push(h.waiting(person).await);
        }
        ids.reverse();
        let (mut tx, clock) = (h.tx().await, h.clock());
        message::cancel(&mut tx, &*clock, ACTOR, &ids[0]).await.expect("cancelled");
        assert!(matches!(message::cancel(&mut tx, &*clock, ACTOR, &ids[0]).await, Err(PeopleError::State)));
        assert!(matches!(message::cancel(&mut tx, &*clock, ACTOR, "none").await, Err(PeopleError::NotFound)));
        let read = async |tx: &mut store::Tx, filter: Filter<'_>, before: Option<&str>, limit| {
            let page = Page { before, limit };
            let found = message::list(tx, filter, page).await.expect("list");
            found.into_iter().map(|e| e.id).collect::<Vec<_>>()
        };
        assert_eq!(read(&mut tx, Filter::default(), None, 3).await, ids[..3]);
        assert_eq!(read(&mut tx, Filter::default(), Some(&ids[2]), 3).await, ids[3..]);
        let of_two = Filter { person: Some(&two), ..Filter::default() };
        assert_eq!(read(&mut tx, of_two, None, 9).await, [ids[2].clone()]);
        let waiting = Filter { state: Some(State::Waiting), purpose: Some(PURPOSE), ..Filter::default() };
        assert_eq!(read(&mut tx, waiting, None, 9).await, ids[1..]);
        let about = Filter { about: Some(("question", "q9")), ..Filter::default() };
        assert!(read(&mut tx, about, None, 9).await.is_empty());
        assert_eq!(message::counts(&mut tx).await.expect("counts"), [(State::Cancelled, 1), (State::Waiting, 3)]);
        tx.commit().await.expect("commit");
        assert!(matches!(h.begin(&ids[0]).await, Begin::Nothing(State::Cancelled)));
    }
}
