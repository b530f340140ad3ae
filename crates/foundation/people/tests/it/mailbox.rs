//! The mailbox in the house: what holds for a person holds for the mails that went to them.

use std::time::Duration;

use people::message::mailbox::{self, NewMail};
use people::secrecy::{self, Reason};
use people::{Viewing, address, erasure, merge, message};

use crate::support::{ACTOR, House};

const MAIL: &str = "minato@example.jp";

/// To whom the mails went, as a page says it.
async fn recipients(h: &House) -> Vec<String> {
    h.mails().await.iter().map(|m| m.recipient.reveal(Viewing::letter()).to_string()).collect()
}

testkit::on_both_engines! {
    async fn a_mail_is_read_as_it_was_sent(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable(MAIL).await;
        let message = h.in_mailbox(&id, MAIL).await;
        let mails = h.mails().await;
        assert_eq!((mails.len(), mails[0].message.as_str()), (1, message.as_str()));
        assert_eq!((mails[0].subject.as_str(), mails[0].body.as_str()), ("転入届の窓口から", "転入届の窓口です。"));
        assert_eq!(recipients(&h).await, [MAIL]);
    }

    async fn secrecy_holds_for_earlier_mails_and_for_safe_addresses(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable(MAIL).await;
        h.in_mailbox(&id, MAIL).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let own = address::of_person(&mut tx, &id).await.expect("addresses").remove(0);
        address::set_safe(&mut tx, &*clock, ACTOR, &own.id, true).await.expect("safe");
        secrecy::set(&mut tx, &*clock, ACTOR, &id, Reason::Support).await.expect("set");
        tx.commit().await.expect("commit");
        // To the safe address it is still sent, and nobody reads there where.
        h.in_mailbox(&id, MAIL).await;
        assert_eq!(recipients(&h).await, ["秘匿", "秘匿"]);
    }

    async fn secrecy_of_a_merged_record_holds_for_its_mails(t: TestDb) {
        let mut h = House::new(t);
        let (kept, gone) = (h.reachable(MAIL).await, h.reachable("second@example.jp").await);
        h.in_mailbox(&kept, MAIL).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        secrecy::set(&mut tx, &*clock, ACTOR, &gone, Reason::Support).await.expect("set");
        merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &kept, &gone).await.expect("merged");
        tx.commit().await.expect("commit");
        assert_eq!(recipients(&h).await, ["秘匿"]);
    }

    async fn an_erasure_takes_the_mails_of_every_record_of_the_person(t: TestDb) {
        let mut h = House::new(t);
        let (kept, gone) = (h.reachable(MAIL).await, h.reachable("second@example.jp").await);
        let other = h.reachable("other@example.jp").await;
        for (person, mail) in [(&kept, MAIL), (&gone, "second@example.jp"), (&other, "other@example.jp")] {
            h.in_mailbox(person, mail).await;
        }
        let (mut tx, clock) = (h.tx().await, h.clock());
        merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &kept, &gone).await.expect("merged");
        erasure::erase(&mut tx, &*clock, ACTOR, &kept).await.expect("erased");
        tx.commit().await.expect("commit");
        assert_eq!(recipients(&h).await, ["other@example.jp"]);
    }

    async fn of_somebody_who_is_erased_while_it_is_sent_nothing_is_kept(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable(MAIL).await;
        let message = h.waiting(&id).await;
        let sending = h.ready(&message).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        erasure::erase(&mut tx, &*clock, ACTOR, &id).await.expect("erased");
        let new = NewMail { sender: "city", recipient: MAIL, subject: "x", body: "x" };
        mailbox::keep(&mut tx, &*clock, &mut h.rng, &sending.attempt, new).await.expect("taken");
        tx.commit().await.expect("commit");
        assert!(h.mails().await.is_empty());
    }

    async fn mails_go_by_the_rule_of_messages(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable(MAIL).await;
        h.in_mailbox(&id, MAIL).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        message::retire(&mut tx, clock.now()).await.expect("retired");
        tx.commit().await.expect("commit");
        assert_eq!(h.mails().await.len(), 1, "not before its time");
        h.t.clock.advance(Duration::from_secs(1));
        let mut tx = h.tx().await;
        message::retire(&mut tx, clock.now()).await.expect("retired");
        tx.commit().await.expect("commit");
        assert!(h.mails().await.is_empty());
    }
}
