//! Reminders: on their days, once, also when workers are killed.

use access::inquiry::{self, DueReminder};
use store::jobs;
use store::worker::JobContext;
use testkit::on_both_engines;

use super::*;

async fn due(t: &TestDb) -> Vec<DueReminder> {
    let mut tx = t.db.read().await.expect("read");
    inquiry::due_reminders(&mut tx, t.clock.now().jst_date()).await.expect("reminders")
}

/// Goes to nine in the morning of a day, runs what is due, sends all reminders, and tells which.
async fn morning(t: &TestDb, on: &str) -> Vec<(String, String)> {
    at(t, on, 9);
    worker(t).drain().await.expect("drained");
    let mut sent = Vec::new();
    for reminder in due(t).await {
        let mut tx = t.db.write().await.expect("write");
        assert!(inquiry::mark_reminded(&mut tx, t.clock.as_ref(), &reminder).await.expect("marked"));
        tx.commit().await.expect("commit");
        sent.push((reminder.section, reminder.kind));
    }
    sent
}

fn both(kind: &str) -> Vec<(String, String)> {
    ["gomi", "kosodate"].map(|s| (s.to_owned(), kind.to_owned())).to_vec()
}

on_both_engines! {
    async fn who_owes_an_answer_is_reminded_until_it_is_there(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        for (on, expected) in [
            (TODAY, vec![]),
            ("2026-11-30", vec![]),
            ("2026-12-01", both("week_before")),
            ("2026-12-02", vec![]),
            ("2026-12-07", both("day_before")),
            (DUE, both("due")),
            ("2026-12-09", vec![]),
        ] {
            assert_eq!(morning(&t, on).await, expected, "{on}");
        }
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), Answer::Text("答え")).await.expect("answered");
        let left = vec![("kosodate".to_owned(), "overdue".to_owned())];
        assert_eq!(morning(&t, "2026-12-15").await, left);
        assert_eq!(morning(&t, "2026-12-22").await, left);
        // 29 December is closed.
        assert_eq!(morning(&t, "2026-12-29").await, vec![]);
        assert_eq!(morning(&t, "2027-01-04").await, left);
        let now = target(&t, &city, &of, "kosodate").await;
        assert_eq!((now.reminders, now.reminded_at.map(|at| at.jst_date())), (6, Some(day("2027-01-04"))));
        answered(&t, &city, &author("kosodate"), (&of.id, "kosodate", 1), Answer::Text("答え")).await.expect("answered");
        assert_eq!(morning(&t, "2027-01-05").await, vec![]);
        assert_eq!(morning(&t, "2027-01-12").await, vec![]);
        // A returned one is owed again.
        acting(&t, &city, &asker(), async |tx, by| {
            inquiry::return_with_reason(tx, by, &of.id, "gomi", (2, "足りません。")).await
        })
        .await
        .expect("returned");
        assert_eq!(morning(&t, "2027-01-19").await, vec![("gomi".to_owned(), "overdue".to_owned())]);
        acting(&t, &city, &asker(), async |tx, by| inquiry::close(tx, by, &of.id).await).await.expect("closed");
        assert_eq!(morning(&t, "2027-01-26").await, vec![]);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM job WHERE state IN ('ready', 'running', 'dead')").await, 0);
    }

    async fn more_time_moves_the_reminders_of_that_section(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        acting(&t, &city, &asker(), async |tx, by| {
            inquiry::extend(tx, by, &of.id, "gomi", (day("2026-12-15"), "会議のため")).await
        })
        .await
        .expect("extended");
        let only = |section: &str, kind: &str| (section.to_owned(), kind.to_owned());
        assert_eq!(morning(&t, "2026-12-01").await, [only("kosodate", "week_before")]);
        assert_eq!(morning(&t, "2026-12-07").await, [only("kosodate", "day_before")]);
        assert_eq!(morning(&t, DUE).await, [only("gomi", "week_before"), only("kosodate", "due")]);
        assert_eq!(morning(&t, "2026-12-14").await, [only("gomi", "day_before")]);
        assert_eq!(morning(&t, "2026-12-15").await, [only("gomi", "due"), only("kosodate", "overdue")]);
        assert_eq!(morning(&t, "2026-12-22").await, both("overdue"));
    }

    async fn a_house_that_was_closed_down_sends_one_reminder_and_not_four(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        assert_eq!(morning(&t, "2026-12-10").await, both("due"));
        assert_eq!(target(&t, &city, &of, "gomi").await.reminders, 1);
        assert_eq!(morning(&t, "2026-12-11").await, vec![]);
        assert_eq!(morning(&t, "2026-12-15").await, both("overdue"));
    }

    async fn a_worker_that_is_killed_leaves_nothing_twice(t: TestDb) {
        let city = founded(&t).await;
        opened(&t, &city).await;
        at(&t, "2026-12-01", 9);
        // The first worker does everything but end: its effects go with it.
        let job = jobs::claim(&t.db, t.clock.as_ref(), inquiry::LANE, 1).await.expect("claimed").remove(0);
        let clock = Arc::clone(&t.clock) as Arc<dyn Clock>;
        let context = JobContext { db: t.db.clone(), clock, entropy: t.entropy_source(), job };
        let lost = inquiry::remind_job(context.clone()).await.expect("effects");
        lost.rollback().await.expect("killed");
        assert!(due(&t).await.is_empty());
        // After its lease the next one does it; a third that does the same once more changes nothing.
        at(&t, "2026-12-01", 10);
        worker(&t).drain().await.expect("drained");
        let first = due(&t).await;
        assert_eq!(first.len(), 2);
        let again = inquiry::remind_job(context).await.expect("effects");
        again.commit().await.expect("stored");
        assert_eq!(due(&t).await, first);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM inquiry_reminder").await, 2);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM job WHERE state = 'ready'").await, 2, "the day before, the day");
        assert_eq!(count(&t, "SELECT count(*) AS n FROM audit_event WHERE action = 'inquiry.remind'").await, 1);
    }

    async fn of_two_that_send_one_does(t: TestDb) {
        let city = founded(&t).await;
        opened(&t, &city).await;
        at(&t, "2026-12-01", 9);
        worker(&t).drain().await.expect("drained");
        let reminder = due(&t).await.remove(0);
        let send = async || {
            let mut tx = t.db.write().await.expect("write");
            let first = inquiry::mark_reminded(&mut tx, t.clock.as_ref(), &reminder).await.expect("marked");
            tx.commit().await.expect("commit");
            first
        };
        let (a, b) = tokio::join!(send(), send());
        assert!(a != b);
        assert_eq!(due(&t).await.len(), 1);
    }

    async fn by_hand_once_a_day(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), Answer::Text("答え")).await.expect("answered");
        let remind = async |who: &Principal| {
            let all = ["gomi".to_owned(), "kosodate".into()];
            acting(&t, &city, who, async |tx, by| inquiry::remind_now(tx, by, &of.id, &all).await).await
        };
        assert!(matches!(remind(&author("gomi")).await, Err(AccessError::Forbidden)));
        assert_eq!(remind(&asker()).await.expect("reminded"), 1, "only who owes an answer");
        assert_eq!(remind(&asker()).await.expect("reminded"), 0, "not twice a day");
        assert!(due(&t).await.is_empty(), "the messages were written with it");
        let mut tx = t.db.read().await.expect("read");
        let sql = "SELECT kind, section FROM inquiry_reminder WHERE sent_at IS NOT NULL";
        let sent = tx.rows(sql, Vec::new()).await.expect("rows");
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].get::<String>("kind").expect("kind"), "by_hand");
        assert_eq!(sent[0].get::<String>("section").expect("section"), "kosodate");
    }
}
