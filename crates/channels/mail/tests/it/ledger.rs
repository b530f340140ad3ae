//! From the ledger to a real server and back: what is known after each end, on both engines.

use std::sync::Arc;
use std::time::Duration;

use city::{Lang, Profile};
use mail::bounce::{self, Action, Report, Taken};
use mail::mailbox::{self, Page};
use mail::smtp::Security;
use mail::{NOT_SET_UP, Post};
use people::message::{self, Basis, MAIL_LANE, NewMessage, Queued, Resolution, SEND, State};
use people::person::{self, NewPerson};
use people::{Channel, Viewing, address};
use store::worker::{Registry, Worker};
use testkit::{TestDb, on_both_engines};

use crate::support::{MailServer, sender};

const ACTOR: &str = "command-line";

/// Makes the city, a person with an address, and a message to it. Returns the ids of the message and the address.
async fn queue_to(t: &TestDb, to: &str) -> (String, String) {
    let profile =
        Profile::from_toml(include_str!("../../../../../demo/minamo/city.toml"), "city.toml").expect("a profile");
    let (clock, mut rng) = (t.clock.as_ref(), t.rng());
    let mut tx = t.db.write().await.expect("write");
    city::store::save_profile(&mut tx, &profile).await.expect("a city");
    let new = NewPerson { name: None, lang: Lang::Easy };
    let person = person::create(&mut tx, clock, &mut rng, ACTOR, new).await.expect("a person");
    let address = address::add(&mut tx, clock, &mut rng, ACTOR, &person, Channel::Mail, to).await.expect("an address");
    address::verify(&mut tx, clock, ACTOR, &address).await.expect("verified");
    let fields = serde_json::json!({ "number": "質問-2026-0012", "link": "https://madoguchi.minamo.example/q" });
    let new = NewMessage {
        person: &person,
        purpose: "question.answer",
        basis: Basis::Duty,
        address: None,
        template: "question.answered",
        lang: None,
        fields: &fields,
        about: ("question", "1"),
        dedupe: None,
    };
    let queued = message::queue(&mut tx, clock, &mut rng, ACTOR, new).await.expect("queued");
    tx.commit().await.expect("commit");
    assert!(matches!(queued, Queued::Queued { .. }), "{queued:?}");
    (queued.id().to_owned(), address)
}

/// Runs everything that is due.
async fn work(t: &TestDb, post: &Arc<Post>) {
    let mut registry = Registry::default();
    let post = post.clone();
    registry.add(MAIL_LANE, SEND, move |context| mail::send(context, post.clone()));
    let worker = Worker { db: t.again().await, clock: t.clock.clone(), entropy: t.entropy_source(), registry };
    worker.drain().await.expect("worked");
    worker.db.close().await;
}

async fn state(t: &TestDb, id: &str) -> State {
    message::get(&mut t.db.read().await.expect("read"), id).await.expect("a message").state
}

fn post(mail: &MailServer) -> Arc<Post> {
    Arc::new(Post::Server { server: mail.settings(Security::None), sender: sender() })
}

on_both_engines! {
    async fn a_message_is_sent_once(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "dare@example.jp").await;
        work(&t, &post(&mail)).await;
        let read = mail.event("read");
        assert_eq!(read["headers"]["Subject"], "みなも市(し)からの お知(し)らせ");
        assert!(read["body"].as_str().expect("a text").contains("質問-2026-0012"));
        assert_eq!(read["headers"]["Message-ID"], format!("<{id}@minamo.example>"));
        mail.event("accepted");
        assert_eq!(state(&t, &id).await, State::Sent);
        t.clock.advance(Duration::from_secs(86400));
        work(&t, &post(&mail)).await;
        mail.is_quiet();
        t.close().await;
    }

    async fn greylisted_it_is_tried_again_under_the_same_id(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "grey@example.jp").await;
        work(&t, &post(&mail)).await;
        mail.event("greylisted");
        let mut tx = t.db.read().await.expect("read");
        let entry = message::get(&mut tx, &id).await.expect("a message");
        assert_eq!((entry.state, entry.last_code.as_deref()), (State::Waiting, Some("451")));
        assert!(!entry.last_error.expect("what it said").contains('@'));
        drop(tx);
        work(&t, &post(&mail)).await;
        mail.is_quiet();
        t.clock.set(entry.next_at.expect("a time"));
        work(&t, &post(&mail)).await;
        assert_eq!(mail.event("read")["headers"]["Message-ID"].as_str(), entry.message_id.as_deref());
        mail.event("accepted");
        let tried = message::attempts(&mut t.db.read().await.expect("read"), &id).await.expect("attempts");
        let outcomes: Vec<_> = tried.iter().map(|a| a.outcome.as_deref().unwrap_or("open")).collect();
        assert_eq!(outcomes, ["deferred", "accepted"]);
        assert_eq!(state(&t, &id).await, State::Sent);
        t.close().await;
    }

    async fn refused_it_stays_refused(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "refuse.me@example.jp").await;
        work(&t, &post(&mail)).await;
        mail.event("refused");
        let entry = message::get(&mut t.db.read().await.expect("read"), &id).await.expect("a message");
        assert_eq!((entry.state, entry.last_code.as_deref()), (State::Refused, Some("550")));
        let said = entry.last_error.expect("what it said");
        assert!(!said.contains('@') && !said.contains("refuse.me"), "{said}");
        t.clock.advance(Duration::from_secs(7 * 86400));
        work(&t, &post(&mail)).await;
        mail.is_quiet();
        t.close().await;
    }

    async fn in_doubt_it_waits_for_a_person(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "cut@example.jp").await;
        work(&t, &post(&mail)).await;
        let message_id = mail.event("read")["headers"]["Message-ID"].clone();
        assert_eq!(state(&t, &id).await, State::InDoubt);
        t.clock.advance(Duration::from_secs(7 * 86400));
        work(&t, &post(&mail)).await;
        mail.is_quiet();
        let mut tx = t.db.write().await.expect("write");
        let resend = Resolution::Resend;
        message::resolve(&mut tx, t.clock.as_ref(), &mut t.rng(), ACTOR, &id, resend).await.expect("resolved");
        tx.commit().await.expect("commit");
        work(&t, &post(&mail)).await;
        assert_eq!(mail.event("read")["headers"]["Message-ID"], message_id, "who gets it twice sees one");
        t.close().await;
    }

    async fn an_attempt_that_ended_unseen_is_in_doubt(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "dare@example.jp").await;
        // As by a process that was killed.
        drop(message::begin(&t.db, t.clock.as_ref(), &id, "minamo.example").await.expect("begun"));
        work(&t, &post(&mail)).await;
        assert_eq!(state(&t, &id).await, State::InDoubt);
        mail.is_quiet();
        t.close().await;
    }

    async fn without_a_server_it_waits_until_there_is_one(t: TestDb) {
        let (id, _) = queue_to(&t, "dare@example.jp").await;
        let nowhere = Arc::new(Post::NotSetUp);
        for _ in 0..3 {
            work(&t, &nowhere).await;
            let entry = message::get(&mut t.db.read().await.expect("read"), &id).await.expect("a message");
            assert_eq!((entry.state, entry.attempts), (State::Waiting, 0));
            assert_eq!(entry.next_at, Some(calendar::Clock::now(t.clock.as_ref()).plus(NOT_SET_UP)));
            t.clock.advance(NOT_SET_UP);
        }
        let mail = MailServer::start(&[]);
        work(&t, &post(&mail)).await;
        mail.event("read");
        assert_eq!(state(&t, &id).await, State::Sent);
        t.close().await;
    }

    async fn a_text_that_cannot_be_made_is_not_lost(t: TestDb) {
        let mail = MailServer::start(&[]);
        let (id, _) = queue_to(&t, "dare@example.jp").await;
        let mut tx = t.db.write().await.expect("write");
        tx.execute("UPDATE message SET template = 'of.tomorrow'", store::params![]).await.expect("changed");
        tx.commit().await.expect("commit");
        work(&t, &post(&mail)).await;
        let entry = message::get(&mut t.db.read().await.expect("read"), &id).await.expect("a message");
        assert_eq!(entry.state, State::Waiting);
        assert!(entry.last_error.expect("a sentence").contains("there is no mail template"));
        mail.is_quiet();
        t.close().await;
    }

    async fn the_mailbox_in_the_house_keeps_it(t: TestDb) {
        let (id, address) = queue_to(&t, "dare@example.jp").await;
        let (second, _) = queue_to(&t, "hoka@example.jp").await;
        let post = Arc::new(Post::Mailbox);
        work(&t, &post).await;
        let mut tx = t.db.write().await.expect("write");
        let all = mailbox::list(&mut tx, Page { before: None, limit: 10 }).await.expect("a list");
        let messages: Vec<&str> = all.iter().map(|m| m.message.as_str()).collect();
        assert_eq!(messages.len(), 2);
        assert!(messages.contains(&id.as_str()) && messages.contains(&second.as_str()));
        let older = mailbox::list(&mut tx, Page { before: Some(&all[0].id), limit: 10 }).await.expect("a list");
        assert_eq!(older.iter().map(|m| &m.id).collect::<Vec<_>>(), [&all[1].id]);
        let mine = all.iter().find(|m| m.message == id).expect("mine");
        assert_eq!(mine.recipient.reveal(Viewing::letter()).to_string(), "dare@example.jp");
        assert_eq!(mine.sender, "みなも市の窓口 <madoguchi@minamo.example>");
        assert_eq!(mine.subject, "みなも市(し)からの お知(し)らせ");
        assert!(mine.body.contains("質問-2026-0012"));
        assert_eq!(mailbox::open(&mut tx, &mine.id).await.expect("opened").map(|m| m.body).as_ref(), Some(&mine.body));
        assert_eq!(message::get(&mut tx, &id).await.expect("a message").state, State::Sent);
        // It comes back, once.
        let clock = t.clock.as_ref();
        assert!(mailbox::bounce(&mut tx, clock, ACTOR, &mine.id).await.expect("bounced"));
        assert!(!mailbox::bounce(&mut tx, clock, ACTOR, &mine.id).await.expect("bounced before"));
        assert!(!mailbox::bounce(&mut tx, clock, ACTOR, "none").await.expect("nothing"));
        assert_eq!(message::get(&mut tx, &id).await.expect("a message").state, State::Bounced);
        assert_eq!(address::get(&mut tx, &address).await.expect("an address").state, address::State::Bounced);
        assert_eq!(message::get(&mut tx, &second).await.expect("a message").state, State::Sent);
        tx.commit().await.expect("commit");
        t.close().await;
    }

    async fn a_report_finds_its_message(t: TestDb) {
        let (id, address) = queue_to(&t, "dare@example.jp").await;
        work(&t, &Arc::new(Post::Mailbox)).await;
        let clock = t.clock.as_ref();
        let mut tx = t.db.write().await.expect("write");
        let message_id = message::get(&mut tx, &id).await.expect("a message").message_id.expect("an id");
        let mut report = Report {
            message_id: message_id.trim_matches(['<', '>']).to_owned(),
            action: Action::Delayed,
            status: "5.4.1".into(),
            detail: "still trying".into(),
        };
        for (action, status, taken, after) in [
            (Action::Delayed, "5.4.1", Taken::Noted(id.clone()), State::Sent),
            (Action::Failed { permanent: false }, "4.4.7", Taken::Noted(id.clone()), State::Sent),
            (Action::Delivered, "2.1.5", Taken::Nothing, State::Sent),
            (Action::Failed { permanent: true }, "5.1.1", Taken::Bounced(id.clone()), State::Bounced),
            (Action::Failed { permanent: true }, "5.1.1", Taken::Bounced(id.clone()), State::Bounced),
        ] {
            report = Report { action, status: status.into(), ..report };
            assert_eq!(bounce::take(&mut tx, clock, ACTOR, &report).await.expect("taken"), taken);
            assert_eq!(message::get(&mut tx, &id).await.expect("a message").state, after);
        }
        assert_eq!(address::get(&mut tx, &address).await.expect("an address").state, address::State::Bounced);
        report.message_id = "somebody@elsewhere.example".into();
        assert_eq!(bounce::take(&mut tx, clock, ACTOR, &report).await.expect("taken"), Taken::NotOurs);
        tx.commit().await.expect("commit");
        t.close().await;
    }
}
