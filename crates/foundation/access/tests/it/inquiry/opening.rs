//! Who may ask whom, by when.

use access::inquiry;
use access::{AccessError, Role};
use testkit::on_both_engines;

use super::*;

async fn open_due(t: &TestDb, city: &Organisation, due: &str) -> Result<Inquiry, AccessError> {
    let targets = ["gomi".to_owned()];
    acting(t, city, &asker(), async |tx, by| inquiry::open(tx, by, new(due, &targets)).await).await
}

on_both_engines! {
    async fn numbers_count_and_everything_is_written_together(t: TestDb) {
        let city = founded(&t).await;
        let first = opened(&t, &city).await;
        assert_eq!(first.number, "照会-2026-0001");
        assert_eq!(opened(&t, &city).await.number, "照会-2026-0002");
        assert_eq!(count(&t, "SELECT count(*) AS n FROM inquiry_target").await, 4);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM job WHERE kind = 'inquiry.remind'").await, 6);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM audit_event WHERE action = 'inquiry.open'").await, 2);
    }

    async fn the_last_day_is_a_business_day_after_today(t: TestDb) {
        let city = founded(&t).await;
        for (due, words) in [
            ("2026-11-23", "いちばん早い日は2026年11月25日（水）です"),
            (TODAY, "いちばん早い日は2026年11月25日（水）です"),
            ("2026-12-05", "次の開庁日は2026年12月7日（月）です"),
            ("2026-12-30", "2026年12月30日（水）は閉庁日です。次の開庁日は2027年1月4日（月）です"),
        ] {
            let (field, reason) = refused(open_due(&t, &city, due).await);
            assert_eq!(field, "due_on", "{due}");
            assert!(reason.contains(words), "{due}: {reason}");
        }
        open_due(&t, &city, "2026-11-25").await.expect("tomorrow");
        assert_eq!(count(&t, "SELECT count(*) AS n FROM inquiry").await, 1, "what is refused leaves nothing");
    }

    async fn forms_are_told_what_is_wrong(t: TestDb) {
        let city = founded(&t).await;
        let (gomi, nobody, ended) = (["gomi".to_owned()], [], ["mukashi".to_owned()]);
        let long = "あ".repeat(inquiry::MAX_TITLE + 1);
        for (wrong, field) in [
            (NewInquiry { title: " ", ..new(DUE, &gomi) }, "title"),
            (NewInquiry { title: &long, ..new(DUE, &gomi) }, "title"),
            (NewInquiry { body: "", ..new(DUE, &gomi) }, "body"),
            (new(DUE, &nobody), "targets"),
            (new(DUE, &ended), "targets"),
            (NewInquiry { items: &[("kosodate".into(), "article", "1")], ..new(DUE, &gomi) }, "items"),
        ] {
            let outcome = acting(&t, &city, &asker(), async |tx, by| inquiry::open(tx, by, wrong).await).await;
            assert_eq!(refused(outcome).0, field);
        }
    }

    async fn only_who_may_asks(t: TestDb) {
        let city = founded(&t).await;
        let targets = ["gomi".to_owned()];
        for (who, may) in [
            (asker(), true),
            (holder("c", Role::Coordinator, "koho"), true),
            (holder("m", Role::Manager, "gomi"), false),
            (author("koho"), false),
            (holder("a", Role::Administrator, "koho"), false),
        ] {
            let outcome = acting(&t, &city, &who, async |tx, by| inquiry::open(tx, by, new(DUE, &targets)).await).await;
            match may {
                true => assert!(outcome.is_ok(), "{who:?}: {outcome:?}"),
                false => assert!(matches!(outcome, Err(AccessError::Forbidden)), "{who:?}: {outcome:?}"),
            }
        }
    }

    async fn two_codes_of_one_section_are_asked_once(t: TestDb) {
        let city = founded(&t).await;
        at(&t, "2027-04-01", 10);
        let targets = ["gomi".to_owned(), "kankyo".into()];
        let of = acting(&t, &city, &asker(), async |tx, by| inquiry::open(tx, by, new("2027-04-30", &targets)).await)
            .await
            .expect("opened");
        assert_eq!(of.number, "照会-2027-0001");
        let mut tx = t.db.read().await.expect("read");
        let detail = inquiry::detail(&mut tx, &asker(), &city, day("2027-04-01"), &of.number).await.expect("detail");
        assert_eq!(detail.targets.iter().map(|t| t.section.as_str()).collect::<Vec<_>>(), ["kankyo"]);
    }

    async fn one_of_a_period_is_open_at_a_time(t: TestDb) {
        let city = founded(&t).await;
        let targets = ["gomi".to_owned()];
        let open = async |period: &str| {
            let new = NewInquiry { kind: "round", period: Some(period), ..new(DUE, &targets) };
            acting(&t, &city, &asker(), async |tx, by| inquiry::open(tx, by, new).await).await
        };
        let (a, b) = tokio::join!(open("2026"), open("2026"));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
        assert_eq!(refused(lost).0, "period");
        open("2027").await.expect("another period");
        acting(&t, &city, &asker(), async |tx, by| inquiry::close(tx, by, &won.expect("won").id).await)
            .await
            .expect("closed");
        open("2026").await.expect("again, since none is open");
    }
}
