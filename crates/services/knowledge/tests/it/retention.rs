//! What is older than its rule is removed, and what is held stays.

use std::time::Duration;

use calendar::Clock;
use knowledge::question::NewAnswer;
use knowledge::retention;
use store::worker::{Registry, Worker};
use testkit::{TestDb, on_both_engines};

use crate::questions::{Desk, author};

const DAY: Duration = Duration::from_secs(86_400);

async fn morning(test: &TestDb) {
    let mut registry = Registry::default();
    registry.add(retention::LANE, retention::DAILY, retention::run);
    let (clock, entropy) = (test.clock.clone(), test.entropy_source());
    let mut tx = test.db.write().await.expect("write");
    retention::schedule(&mut tx, clock.as_ref(), &mut test.rng()).await.expect("scheduled");
    tx.commit().await.expect("commit");
    let worker = Worker { db: test.db.clone(), clock, entropy, registry };
    // The job of an earlier morning may wait as well.
    assert!(worker.drain().await.expect("run") >= 1);
}

async fn texts(test: &TestDb, sql: &'static str) -> Vec<Option<String>> {
    let mut tx = test.db.read().await.expect("read");
    tx.rows(sql, Vec::new()).await.expect("rows").iter().map(|r| r.get("v").expect("text")).collect()
}

async fn hold(test: &TestDb, value: &str) {
    let mut tx = test.db.write().await.expect("write");
    city::store::save_setting(&mut tx, "retention.hold", value).await.expect("setting");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn words_of_answered_questions_go_and_their_numbers_stay(test: TestDb) {
        let desk = Desk::new(test).await;
        let (_, answered) = desk.left("粗大ごみはいつですか", "minato@example.jp").await;
        let (_, open) = desk.left("ごみ袋はどこで買えますか", "").await;
        let section = {
            let mut tx = desk.test.db.read().await.expect("read");
            let row = tx.row("SELECT section FROM question WHERE id = $1", store::params![&answered]).await;
            row.expect("read").expect("there").get::<String>("section").expect("a section")
        };
        let new = NewAnswer { question: &answered, text: "水曜日です", article: None };
        desk.answer(&author(&section), new).await.expect("answered");
        desk.test.clock.advance(DAY * 1094);
        morning(&desk.test).await;
        const WORDS: &str = "SELECT body AS v FROM question ORDER BY id";
        assert_eq!(texts(&desk.test, WORDS).await[0].as_deref(), Some("粗大ごみはいつですか"), "one day before");
        hold(&desk.test, "questions").await;
        desk.test.clock.advance(DAY * 2);
        morning(&desk.test).await;
        assert_eq!(texts(&desk.test, WORDS).await[0].as_deref(), Some("粗大ごみはいつですか"), "held");
        hold(&desk.test, "").await;
        desk.test.clock.advance(DAY);
        morning(&desk.test).await;
        desk.test.clock.advance(DAY);
        morning(&desk.test).await;
        let words = texts(&desk.test, WORDS).await;
        assert_eq!(words, [Some(String::new()), Some("ごみ袋はどこで買えますか".into())], "{open} is open");
        assert_eq!(texts(&desk.test, "SELECT body AS v FROM question_answer").await, [None]);
        let numbers = texts(&desk.test, "SELECT number AS v FROM question").await;
        assert_eq!(numbers.iter().flatten().count(), 2);
        let steps = texts(&desk.test, "SELECT kind AS v FROM question_event WHERE kind = 'answered'").await;
        assert_eq!(steps.len(), 1);
        assert_eq!(texts(&desk.test, "SELECT person AS v FROM person_erasure").await.len(), 1, "who asked is gone");
        let retired = texts(&desk.test, "SELECT action AS v FROM audit_event WHERE action = 'question.retire'").await;
        assert_eq!(retired.len(), 1, "once");
    }

    async fn comments_go_and_their_counts_stay(test: TestDb) {
        let mut tx = test.db.write().await.expect("write");
        tx.execute(
            "INSERT INTO feedback (id, article, article_version, lang, query, helped, comment, created_at)
             VALUES ('f1', 'a', 1, 'ja', 'ごみ', $1, '分からない', $2)",
            store::params![false, test.clock.now()],
        )
        .await
        .expect("feedback");
        tx.commit().await.expect("commit");
        for (days, left) in [(729, 1), (2, 0), (1, 0)] {
            test.clock.advance(DAY * days);
            morning(&test).await;
            let comments = texts(&test, "SELECT comment AS v FROM feedback").await;
            assert_eq!((comments.len(), comments.iter().flatten().count()), (1, left), "{days}");
        }
    }

    async fn mails_of_the_mailbox_go_by_the_rule_of_messages(test: TestDb) {
        let (now, open) = (test.clock.now(), false);
        let mut tx = test.db.write().await.expect("write");
        for sql in [
            "INSERT INTO person (id, lang, secrecy, created_at, updated_at) VALUES ('p', 'ja', $2, $1, $1)",
            "INSERT INTO message (id, person, channel, pinned, purpose, basis, template, lang, about_kind, about_id, state,
                attempts, created_at) VALUES ('m', 'p', 'mail', $2, 'x', 'duty', 'x', 'ja', 'x', 'x', 'sent', 1, $1)",
        ] {
            tx.execute(sql, store::params![now, open]).await.expect("insert");
        }
        let mail = "INSERT INTO simulated_mail (id, message, sender, recipient_sealed, subject_sealed, body_sealed, at)
            VALUES ('s', 'm', 'city', 'x', 'x', 'x', $1)";
        tx.execute(mail, store::params![now]).await.expect("insert");
        let rule = city::store::save_setting(&mut tx, "retention.messages", "100").await;
        rule.expect("setting");
        tx.commit().await.expect("commit");
        for (days, left) in [(99, 1), (2, 0)] {
            test.clock.advance(DAY * days);
            morning(&test).await;
            assert_eq!(texts(&test, "SELECT id AS v FROM simulated_mail").await.len(), left, "{days}");
        }
        assert_eq!(texts(&test, "SELECT id AS v FROM message").await.len(), 1, "the ledger stays");
    }
}
