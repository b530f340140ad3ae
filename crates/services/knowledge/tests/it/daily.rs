//! Every morning: what ended, what must be checked.

use std::time::Duration;

use calendar::Clock;
use knowledge::daily::{self, NoticeKind, SectionNotice};
use knowledge::{draft, upkeep};
use store::jobs;
use store::worker::{Registry, Worker};
use testkit::{TestDb, on_both_engines};

use crate::town::{Town, bring_in, file, summarised, within};

fn worker(test: &TestDb) -> Worker {
    let mut registry = Registry::default();
    registry.add(daily::LANE, daily::DAILY, daily::run);
    Worker { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy_source(), registry }
}

async fn untold(test: &TestDb, town: &Town) -> Vec<SectionNotice> {
    let mut tx = test.db.read().await.expect("read");
    daily::untold(&mut tx, &town.organisation, test.clock.now().jst_date()).await.expect("untold")
}

async fn ready(test: &TestDb) -> i64 {
    let mut tx = test.db.read().await.expect("read");
    let counts = jobs::counts(&mut tx).await.expect("counts");
    counts.into_iter().find(|(state, _)| state == "ready").map_or(0, |(_, n)| n)
}

const DAY: Duration = Duration::from_secs(86_400);

on_both_engines! {
    async fn each_is_noticed_once(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["ended"], "一", "valid_to=2026-11-22\nreview_due=2026-11-23")).await;
        bring_in(&test, &file(&["last-day"], "一", "valid_to=2026-11-23")).await;
        bring_in(&test, &file(&["long-ago"], "一", "valid_to=2026-06-30")).await;
        bring_in(&test, &file(&["due"], "一", "review_due=2026-11-23")).await;
        bring_in(&test, &file(&["soon"], "一", "review_due=2026-12-23").replace("kankyo", "kokuho")).await;
        bring_in(&test, &file(&["far"], "一", "review_due=2026-12-24")).await;
        let run = worker(&test);
        for _ in 0..2 {
            within!(test.db, tx => daily::schedule(&mut tx, test.clock.as_ref(), &mut test.rng()).await).expect("scheduled");
        }
        assert_eq!(ready(&test).await, 1, "once for the day");
        assert_eq!(run.drain().await.expect("run"), 1);
        let notices = untold(&test, &town).await;
        let told: Vec<_> = notices
            .iter()
            .flat_map(|n| n.articles.iter().map(move |a| (n.section.as_str(), a.code.as_str(), a.kind)))
            .collect();
        let expected = [
            ("kankyo", "ended", NoticeKind::Expired),
            ("kankyo", "due", NoticeKind::ReviewDue),
            ("kokuho", "soon", NoticeKind::ReviewSoon),
        ];
        assert_eq!(told, expected);
        assert_eq!(notices[0].articles[0].question, "endedはいつですか");

        // A process that starts again on the same day finds nothing new, and the chain does not double.
        within!(test.db, tx => daily::schedule(&mut tx, test.clock.as_ref(), &mut test.rng()).await).expect("scheduled");
        run.drain().await.expect("run");
        assert_eq!((untold(&test, &town).await, ready(&test).await), (notices.clone(), 1));
        within!(test.db, tx => daily::told(&mut tx, test.clock.as_ref(), &notices[0]).await).expect("told");
        assert_eq!(untold(&test, &town).await, notices[1..]);

        // The next job waits for five in the morning.
        test.clock.advance(Duration::from_secs(18 * 3600));
        assert_eq!(run.drain().await.expect("run"), 0);
        test.clock.advance(Duration::from_secs(3600));
        assert_eq!(run.drain().await.expect("run"), 1);
        let news = untold(&test, &town).await;
        let told: Vec<_> = news[0].articles.iter().map(|a| (a.code.as_str(), a.kind)).collect();
        assert_eq!(told, [("last-day", NoticeKind::Expired), ("far", NoticeKind::ReviewSoon)]);
        // After a month without a process, one run makes up for all of it.
        test.clock.advance(DAY * 29);
        assert_eq!(run.drain().await.expect("run"), 1);
        let due: Vec<_> = untold(&test, &town).await.into_iter().flat_map(|n| n.articles).filter(|a| a.kind == NoticeKind::ReviewDue).map(|a| a.code).collect();
        assert_eq!(due, ["soon"]);
    }

    async fn nobody_is_told_what_they_did_and_a_new_day_is_noticed_anew(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        bring_in(&test, &file(&["b"], "一", "review_due=2026-11-23")).await;
        let manager = town.desk(&town.manager, &test);
        within!(test.db, tx => upkeep::withdraw(&mut tx, &manager, "a", "誤り").await).expect("off");
        let today = test.clock.now().jst_date();
        let noticed = within!(test.db, tx => daily::notice(&mut tx, today, test.clock.now()).await).expect("noticed");
        assert_eq!(noticed, 1, "the review of the other one");
        let later = "2026-12-01".parse().expect("day");
        within!(test.db, tx => upkeep::set_review_due(&mut tx, &manager, &["b".to_owned()], later).await).expect("set");
        let noticed = within!(test.db, tx => daily::notice(&mut tx, today, test.clock.now()).await).expect("noticed");
        assert_eq!(noticed, 1);
        let kinds: Vec<_> = untold(&test, &town).await.into_iter().flat_map(|n| n.articles).map(|a| (a.kind, a.due)).collect();
        assert_eq!(kinds, [(NoticeKind::ReviewDue, today), (NoticeKind::ReviewSoon, later)]);
    }

    async fn what_was_rescued_goes_a_month_after_its_draft(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let desk = town.desk(&town.author, &test);
        let mut rng = test.rng();
        let mut kept = Vec::new();
        for code in ["a", "b"] {
            let (draft, _) = town.written(&test, code, "二").await;
            let changes = summarised(&draft, "三");
            within!(test.db, tx => draft::save(&mut tx, &desk, &mut rng, &draft.id, 1, changes).await).expect("rescued");
            kept.push(draft.id);
        }
        within!(test.db, tx => draft::discard(&mut tx, &desk, &kept[0]).await).expect("discarded");
        within!(test.db, tx => daily::schedule(&mut tx, test.clock.as_ref(), &mut rng).await).expect("scheduled");
        for (days, expected) in [(30, [1, 1]), (2, [0, 1])] {
            test.clock.advance(DAY * days);
            worker(&test).drain().await.expect("run");
            for (id, expected) in kept.iter().zip(expected) {
                let left = within!(test.db, tx => draft::rescues(&mut tx, &desk, id).await).expect("rescues");
                assert_eq!(left.len(), expected, "{days}");
            }
        }
    }
}
