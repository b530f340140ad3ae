//! The day before, the day, the day after; more time.

use access::inquiry::{self, Filter, Whose};
use testkit::on_both_engines;

use super::*;

async fn overdue(t: &TestDb, city: &Organisation, of: &Inquiry) -> usize {
    let mut tx = t.db.read().await.expect("read");
    let today = t.clock.now().jst_date();
    let (sections, counts) = inquiry::progress(&mut tx, city, today, &of.id).await.expect("progress");
    assert_eq!(sections.iter().filter(|s| s.overdue).count(), counts.overdue);
    let filter = Filter { whose: Whose::Asked, overdue: true, ..Filter::default() };
    let page = inquiry::list(&mut tx, &asker(), city, today, &filter).await.expect("list");
    assert_eq!(page.total > 0, counts.overdue > 0, "the list and the counts say the same");
    counts.overdue
}

on_both_engines! {
    async fn overdue_begins_when_the_last_day_has_passed(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        for (on, hour, expected) in [("2026-12-07", 23, 0), (DUE, 0, 0), (DUE, 23, 0), ("2026-12-09", 0, 2)] {
            at(&t, on, hour);
            assert_eq!(overdue(&t, &city, &of).await, expected, "{on} {hour}");
        }
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), Answer::Text("遅れました。")).await.expect("late");
        assert_eq!(overdue(&t, &city, &of).await, 1);
        assert!(target(&t, &city, &of, "gomi").await.was_late(&of));
        acting(&t, &city, &asker(), async |tx, by| inquiry::close(tx, by, &of.id).await).await.expect("closed");
        assert_eq!(overdue(&t, &city, &of).await, 0, "nothing is owed any more");
    }

    async fn an_answer_on_the_last_day_is_in_time(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        at(&t, DUE, 23);
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), Answer::Text("間に合いました。")).await.expect("ok");
        assert!(!target(&t, &city, &of, "gomi").await.was_late(&of));
    }

    async fn more_time_is_for_one_section(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let extend = async |due: &str, reason: &str| {
            let due = day(due);
            acting(&t, &city, &asker(), async |tx, by| {
                inquiry::extend(tx, by, &of.id, "gomi", (due, reason)).await
            })
            .await
        };
        assert_eq!(refused(extend("2026-12-11", "").await).0, "reason");
        assert_eq!(refused(extend(DUE, "会議のため").await).0, "due_on");
        assert_eq!(refused(extend("2026-12-12", "会議のため").await).0, "due_on");
        extend("2026-12-11", "会議のため").await.expect("extended");
        for (on, expected) in [("2026-12-08", 0), ("2026-12-09", 1), ("2026-12-11", 1), ("2026-12-12", 2)] {
            at(&t, on, 12);
            assert_eq!(overdue(&t, &city, &of).await, expected, "{on}");
        }
        // Who was writing meanwhile is not disturbed.
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), Answer::Text("できました。")).await.expect("ok");
        assert_eq!(refused(extend("2026-12-18", "会議のため").await).0, "state");
    }
}
