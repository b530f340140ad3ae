//! `/articles/{code}` and `/topics/{code}`

use calendar::Clock;
use testkit::TestDb;

use crate::support::City;

#[tokio::test(flavor = "multi_thread")]
async fn an_article_has_its_facts_its_section_and_its_topic() {
    let city = City::new(TestDb::sqlite().await).await;
    let page = city.get("/articles/tennyu").await;
    assert_eq!(page.status, 200);
    for part in ["いつまで", "14日以内", "市民課", "000-123-4501", "に確認", "第1版", "/topics/moving"] {
        assert!(page.main().contains(part), "{part}: {}", page.main());
    }
    assert_eq!(city.get("/articles/no-such-thing").await.status, 404);
    assert_eq!(city.get("/articles/..%2F..%2Fetc%2Fpasswd").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untranslated_article_says_so_and_keeps_its_language() {
    let city = City::new(TestDb::sqlite().await).await;
    let japanese_only = city
        .state
        .library
        .snapshot()
        .articles
        .iter()
        .find(|a| a.content.texts.len() == 1)
        .map(|a| a.code.clone())
        .expect("an article without translation");
    let page = city.get(&format!("/en/articles/{japanese_only}")).await;
    assert!(page.main().contains("available only in Japanese") && page.main().contains("lang=\"ja\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_follow_the_clock_to_the_minute() {
    let city = City::new(TestDb::sqlite().await).await;
    let at = |text: &str| calendar::Instant::from_jst(text.parse().expect("moment"));
    for (moment, shown) in [
        ("2026-11-24T08:44:00", "いま閉まっています"),
        ("2026-11-24T08:45:00", "いま開いています"),
        ("2026-11-24T17:29:00", "17時30分まで"),
        ("2026-11-24T17:30:00", "11月25日（水） 8時45分"),
        // The second Sunday of the month, and the New Year closure.
        ("2026-12-13T09:30:00", "いま開いています"),
        ("2026-12-30T10:00:00", "1月4日（月）"),
    ] {
        city.test.clock.set(at(moment));
        assert_eq!(city.test.clock.now().iso_jst()[..19], *moment);
        let page = city.get("/articles/tennyu").await;
        assert!(page.main().contains(shown), "{moment}: {}", page.main());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_outside_its_days_is_not_there() {
    let city = City::new(TestDb::sqlite().await).await;
    let toml = "[[article]]\ncode='winter'\nquestion='年末のごみはいつまでですか'\nsummary='28日まで。'\nanswer='x'\ntopics=['waste']\nsection='kankyo'\nchecked_on=2026-11-01\nvalid_from=2026-12-01\nvalid_to=2026-12-31\n";
    let drafts = knowledge::import::read_toml(&[("winter.toml", toml)]).expect("draft");
    let (mut rng, clock) = (city.test.rng(), city.test.clock.clone());
    let today = clock.now().jst_date();
    knowledge::import::store(&city.test.db, clock.as_ref(), &mut rng, &drafts, today, false).await.expect("stored");
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    let at = |text: &str| calendar::Instant::from_jst(text.parse().expect("moment"));
    for (moment, status) in [
        ("2026-11-30T23:59:59", 404),
        ("2026-12-01T00:00:00", 200),
        ("2026-12-31T23:59:59", 200),
        ("2027-01-01T00:00:00", 404),
    ] {
        clock.set(at(moment));
        assert_eq!(city.get("/articles/winter").await.status, status, "{moment}");
        let shown = city.get("/topics/waste").await.main().contains("/articles/winter");
        assert_eq!(shown, status == 200, "{moment}");
        let csv = city.get("/opendata/faq.csv").await.body;
        assert_eq!(csv.contains("\nwinter,"), status == 200, "{moment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_data_come_back_through_the_import() {
    let city = City::new(TestDb::sqlite().await).await;
    let csv = city.get("/opendata/faq.csv").await;
    assert!(csv.body.starts_with("\u{FEFF}code,lang,question,summary,answer,topics,section,"));
    let drafts = knowledge::import::read_file("faq.csv", csv.body.as_bytes()).expect("drafts");
    assert_eq!(drafts.len(), city.state.library.snapshot().articles.len());
}
