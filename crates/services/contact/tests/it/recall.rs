//! From a wrong answer to everyone who was told it.

use contact::recall::{self, Reach, Recall, Typed};
use contact::staff::hold;
use contact::staff::reply::{self, NewReply};
use contact::{ContactError, EventKind, MessageKind, State};
use store::Db;
use store::worker::{JobContext, Registry, Worker};
use testkit::on_both_engines;

use crate::town::Town;

fn typed() -> Typed {
    Typed {
        article: "tennyu".into(),
        version_from: "1".into(),
        version_to: "1".into(),
        reason: "手数料がちがっていた".into(),
        ja: "手数料はかかりません。".into(),
        ..Typed::default()
    }
}

async fn prepare(town: &Town, typed: &Typed) -> Result<String, ContactError> {
    let coordinator = town.coordinator();
    let library = town.library.snapshot();
    let knows = |code: &str| library.by_code(code).is_some();
    let mut tx = town.test.db.write().await.expect("write");
    let id = recall::prepare(&mut tx, town.desk(&coordinator), &mut town.test.rng(), &knows, typed).await?;
    tx.commit().await.expect("commit");
    Ok(id)
}

async fn confirm(town: &Town, id: &str) -> Result<usize, ContactError> {
    let coordinator = town.coordinator();
    let mut tx = town.test.db.write().await.expect("write");
    let n = recall::confirm(&mut tx, town.desk(&coordinator), &mut town.test.rng(), id).await?;
    tx.commit().await.expect("commit");
    Ok(n)
}

fn worker(town: &Town) -> Worker {
    let mut registry = Registry::default();
    registry.add(recall::LANE, recall::PART, recall::tell_part);
    registry.add(recall::LANE, recall::END, recall::end);
    let (db, clock) = (town.test.db.clone(), town.test.clock.clone());
    Worker { db, clock, entropy: town.test.entropy_source(), registry }
}

async fn one(db: &Db, id: &str) -> (Recall, Vec<recall::Told>) {
    let mut tx = db.read().await.expect("read");
    let found = recall::get(&mut tx, id).await.expect("read").expect("there");
    (found, recall::contacts(&mut tx, id).await.expect("read"))
}

/// How many messages of a contact tell a correction.
async fn corrections(town: &Town, contact: &str) -> usize {
    let messages = town.messages(contact).await;
    messages.iter().filter(|m| m.content.told.as_deref().is_some_and(|t| t.starts_with("corrected"))).count()
}

async fn make_typed_in(town: &Town, contact: &str) {
    let mut tx = town.test.db.write().await.expect("write");
    let mut found = contact::contact::lock(&mut tx, contact).await.expect("there");
    found.channel = contact::Channel::Phone;
    contact::contact::save(&mut tx, town.test.clock.as_ref(), &mut found).await.expect("saved");
    tx.commit().await.expect("commit");
}

const ASKED: &str = "市外から引っ越してきたとき、どんな手続きが必要ですか";

on_both_engines! {
    async fn everybody_is_told_once_however_often_it_is_tried(t: TestDb) {
        let town = Town::found(t).await;
        let mut told = Vec::new();
        // More than one part.
        for _ in 0..23 {
            told.push(town.begin(ASKED).await.id);
        }
        let other = town.begin("粗大ごみはどうやって出しますか").await.id;
        let id = prepare(&town, &typed()).await.expect("prepared");
        let (prepared, none) = one(&town.test.db, &id).await;
        assert!(prepared.state == "prepared" && none.is_empty());
        assert_eq!(corrections(&town, &told[0]).await, 0, "nobody is told before it is confirmed");
        assert_eq!(confirm(&town, &id).await.expect("confirmed"), 23);
        assert!(matches!(confirm(&town, &id).await, Err(ContactError::Changed)), "not twice");

        // A part that is killed before it ends has told some; what it told stays, and it is tried again from the start.
        let jobs = store::jobs::claim(&town.test.db, town.test.clock.as_ref(), recall::LANE, 1).await.expect("claimed");
        let context = JobContext { db: town.test.db.clone(), clock: town.test.clock.clone(), entropy: town.test.entropy_source(), job: jobs[0].clone() };
        let tx = recall::tell_part(context.clone()).await.expect("told");
        tx.rollback().await.expect("killed");
        // Twice at once.
        let (a, b) = tokio::join!(recall::tell_part(context.clone()), async {
            tokio::task::yield_now().await;
        });
        a.expect("told").rollback().await.expect("killed");
        let () = b;
        for contact in &told {
            recall::tell(&town.test.db, town.test.clock.as_ref(), &mut town.test.rng(), &id, contact).await.expect("told");
        }
        town.test.clock.advance(store::jobs::LEASE * 2);
        assert!(worker(&town).drain().await.expect("work") >= 3, "two parts and the end");

        let (done, contacts) = one(&town.test.db, &id).await;
        assert!(done.state == "done" && done.finished_at.is_some());
        assert_eq!(contacts.len(), 23);
        assert!(contacts.iter().all(|c| c.told_at.is_some() && c.reach == Reach::Thread && !c.is_read()));
        for contact in &told {
            assert_eq!(corrections(&town, contact).await, 1);
            let events = town.events(contact).await;
            for kind in [EventKind::WrongAnswer, EventKind::Corrected] {
                assert_eq!(events.iter().filter(|k| **k == kind).count(), 1, "{kind:?}");
            }
        }
        let said = town.last(&told[0]).await;
        assert_eq!((said.kind, said.body.as_deref()), (MessageKind::Told, Some("手数料はかかりません。")));
        assert_eq!(said.content.args.get("question").map(String::as_str), Some(ASKED));
        assert_eq!(town.contact(&told[0]).await.state, State::Bot, "it goes on as it was");
        assert_eq!(corrections(&town, &other).await, 0);
        let mut tx = town.test.db.read().await.expect("read");
        let audit = tx.rows("SELECT action FROM audit_event WHERE object_kind = 'recall'", Vec::new()).await.expect("audit");
        assert_eq!(audit.len(), 2);
    }

    async fn whoever_cannot_be_reached_is_on_a_list(t: TestDb) {
        let town = Town::found(t).await;
        let (web, phone) = (town.begin(ASKED).await.id, town.begin(ASKED).await.id);
        make_typed_in(&town, &phone).await;
        let id = prepare(&town, &typed()).await.expect("prepared");
        let mut tx = town.test.db.read().await.expect("read");
        let recalled = recall::get(&mut tx, &id).await.expect("read").expect("there");
        let concerned = recall::concerned(&mut tx, &recalled).await.expect("read");
        drop(tx);
        let counted = recall::counted(&concerned);
        assert_eq!(counted[&(Reach::Thread, State::Bot)], 1);
        assert_eq!(counted[&(Reach::Staff, State::Bot)], 1);
        confirm(&town, &id).await.expect("confirmed");
        let coordinator = town.coordinator();
        let mark = async |contact: &str| {
            let mut tx = town.test.db.write().await.expect("write");
            recall::mark_told(&mut tx, town.desk(&coordinator), &mut town.test.rng(), &id, contact).await?;
            tx.commit().await.expect("commit");
            Ok::<_, ContactError>(())
        };
        assert!(matches!(mark(&phone).await, Err(ContactError::Rule(_))), "its log does not say so yet");
        worker(&town).drain().await.expect("work");
        assert_eq!((corrections(&town, &web).await, corrections(&town, &phone).await), (1, 0));
        assert!(town.events(&phone).await.contains(&EventKind::WrongAnswer));
        assert!(!town.events(&phone).await.contains(&EventKind::Corrected));
        assert!(matches!(mark(&web).await, Err(ContactError::Rule(_))));
        assert!(matches!(mark("nobody").await, Err(ContactError::NotFound)));
        for _ in 0..2 {
            mark(&phone).await.expect("marked");
        }
        let corrected = town.events(&phone).await.into_iter().filter(|k| *k == EventKind::Corrected).count();
        assert_eq!(corrected, 1);
        let (_, contacts) = one(&town.test.db, &id).await;
        let by_hand = contacts.iter().find(|c| c.contact == phone).expect("there");
        assert!(by_hand.told_at.is_some() && by_hand.told_seq.is_none());
        assert_eq!(by_hand.told_by.as_deref(), Some("account:coordinator"));
    }

    async fn words_of_the_staff_are_taken_back_too(t: TestDb) {
        let town = Town::found(t).await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        let mut contacts = Vec::new();
        for n in 0..2 {
            let waiting = town.waiting().await.id;
            hold::pick_up(desk, &mut rng, &waiting).await.expect("picked up");
            let client = format!("client-1{n:03}");
            let words = NewReply { client_id: &client, words: "手数料は300円です。", article: None, files: &[], on_page: false };
            reply::reply(desk, &mut rng, &town.library, &waiting, words).await.expect("replied");
            contacts.push(waiting);
        }
        // With an article, by its version.
        let with = NewReply { client_id: "client-2000", words: "", article: Some("tennyu"), files: &[], on_page: false };
        reply::reply(desk, &mut rng, &town.library, &contacts[1], with).await.expect("replied");
        let wrong = town.messages(&contacts[0]).await.into_iter().rfind(|m| m.kind == MessageKind::Text && m.body.as_deref() == Some("手数料は300円です。")).expect("told");
        let id = prepare(&town, &Typed { article: String::new(), message: wrong.id.clone(), ..typed() }).await.expect("prepared");
        assert_eq!(confirm(&town, &id).await.expect("confirmed"), 2, "the same words to two");
        let by_article = prepare(&town, &typed()).await.expect("prepared");
        assert_eq!(confirm(&town, &by_article).await.expect("confirmed"), 1);
        worker(&town).drain().await.expect("work");
        assert_eq!((corrections(&town, &contacts[0]).await, corrections(&town, &contacts[1]).await), (1, 2));
        // What a citizen wrote is nothing that was told.
        let own = town.messages(&contacts[0]).await.into_iter().find(|m| m.author == contact::Author::Citizen).expect("asked");
        let none = prepare(&town, &Typed { article: String::new(), message: own.id, ..typed() }).await;
        assert!(matches!(none, Err(ContactError::NotFound)));
    }

    async fn what_cannot_be_recalled_is_said(t: TestDb) {
        let town = Town::found(t).await;
        for (wrong, wanted) in [
            (Typed { article: "nothing".into(), ..typed() }, "article"),
            (Typed { article: String::new(), ..typed() }, "article"),
            (Typed { version_from: "x".into(), ..typed() }, "version_from"),
            (Typed { version_from: "3".into(), version_to: "2".into(), ..typed() }, "version_to"),
            (Typed { reason: " ".into(), ..typed() }, "reason"),
            (Typed { ja: String::new(), ..typed() }, "ja"),
            (Typed { en: "a".repeat(4_001), ..typed() }, "en"),
        ] {
            let refused = prepare(&town, &wrong).await;
            assert!(matches!(&refused, Err(ContactError::Field { field, .. }) if *field == wanted), "{refused:?}");
        }
        let id = prepare(&town, &typed()).await.expect("prepared");
        assert!(matches!(confirm(&town, &id).await, Err(ContactError::Rule(_))), "nobody was told");
        assert_eq!(one(&town.test.db, &id).await.0.state, "prepared");
        let coordinator = town.coordinator();
        let mut tx = town.test.db.write().await.expect("write");
        recall::give_up(&mut tx, town.desk(&coordinator), &id).await.expect("given up");
        tx.commit().await.expect("commit");
        assert!(matches!(confirm(&town, &id).await, Err(ContactError::Changed)));
        let mut tx = town.test.db.write().await.expect("write");
        let stranger = recall::confirm(&mut tx, town.desk(&town.operator), &mut town.test.rng(), &id).await;
        assert!(matches!(stranger, Err(ContactError::Forbidden)));
    }
}
