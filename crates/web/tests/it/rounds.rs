//! `/rounds`

use testkit::{TestDb, on_both_engines};

use crate::support::{City, Desk, Page};

async fn opened(desk: &Desk<'_>) {
    let form = [
        ("fiscal_year", "2026"),
        ("asker", "kocho"),
        ("due_on", "2026-12-18"),
        ("which", "some"),
        ("section", "kankyo"),
    ];
    let made = desk.post("/rounds/new", &form).await;
    assert_eq!(made.location(), "/rounds/2026?done=made", "{}", made.body);
}

/// Ids of the articles that are left.
fn left(page: &Page) -> Vec<String> {
    page.main().split("<tr id=\"item-").skip(1).map(|r| r.split('"').next().expect("id").to_owned()).collect()
}

async fn act(desk: &Desk<'_>, id: &str, step: &str, note: &str) -> Page {
    desk.post(&format!("/rounds/2026/items/{id}/{step}"), &[("section", "kankyo"), ("note", note)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_round_comes_back_filled_and_only_the_city_opens_one() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    assert!(desk.get("/rounds").await.main().contains("年次確認はまだありません"));
    for (year, due, told) in [
        ("令和8", "2026-12-18", "西暦の4けた"),
        ("2026", "2027-04-05", "2026年度のうち"),
        ("2026", "2026-11-28", "閉庁日"),
        ("2026", "", "期限を入れて"),
    ] {
        let form = [("fiscal_year", year), ("due_on", due), ("asker", "kocho"), ("body", "よく見てください")];
        let wrong = desk.post("/rounds/new", &form).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.main().contains(told), "{told}: {}", wrong.main());
        assert!(wrong.main().contains(&format!("value=\"{year}\"")) && wrong.main().contains("よく見てください"));
    }
    assert_eq!(city.staff("shimin-kanri").await.get("/rounds/new").await.status, 403);
}

on_both_engines! {
    async fn a_section_goes_through_its_articles_and_answers(test: TestDb) {
        let city = City::new(test).await;
        let (asker, writer, approver) =
            (city.staff("chosei").await, city.staff("kankyo-sakusei").await, city.staff("kankyo-shonin").await);
        opened(&asker).await;
        assert_eq!(city.staff("shimin-sakusei").await.get("/rounds/2026").await.status, 404, "it was not asked");
        let page = writer.get("/rounds/2026").await;
        let items = left(&page);
        assert_eq!(items.len(), 17);
        assert!(page.main().contains("変わりなし") && !page.main().contains("課ごとの進み具合"));
        // 変わりなし: the article and its item in one step.
        let checked = "SELECT checked_on AS v FROM article WHERE checked_on = '2026-11-23'";
        let before = city.texts(checked).await.len();
        assert!(act(&writer, &items[0], "confirm", "").await.location().ends_with("done=rechecked#rest"));
        assert_eq!(city.texts(checked).await.len(), before + 1);
        assert_eq!(act(&writer, &items[0], "confirm", "").await.status, 409, "somebody was faster");
        // 直す: a draft.
        let changed = act(&writer, &items[1], "change", "").await;
        assert!(changed.location().starts_with("/drafts/"), "{}", changed.body);
        assert_eq!(act(&approver, &items[2], "change", "").await.status, 403, "an approver writes no drafts");
        // やめる: with a reason; whoever may not take it off asks for it, whoever may does it.
        let wrong = act(&writer, &items[2], "end", " ").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.main().contains("やめる理由を入力してください"));
        assert_eq!(act(&writer, &items[2], "end", "制度が終わった").await.status, 303);
        let submitted = city.texts("SELECT id AS v FROM draft WHERE state = 'submitted'").await;
        assert_eq!(submitted.len(), 1, "another person approves the end");
        let ended = "SELECT valid_to AS v FROM article WHERE valid_to = '2026-11-22'";
        assert_eq!(act(&approver, &items[3], "end", "制度が終わった").await.status, 303);
        assert_eq!(city.texts(ended).await.len(), 1);
        // An answer before the end is refused; an item can be opened again.
        let page = writer.get("/rounds/2026").await;
        let answer = |counter: String| {
            let writer = &writer;
            async move { writer.post("/rounds/2026/answer", &[("section", "kankyo"), ("counter", &counter), ("answer", "1件は残しました")]).await }
        };
        let early = answer("0".into()).await;
        assert_eq!(early.status, 422);
        assert!(early.main().contains("13件"), "{}", early.main());
        assert_eq!(left(&page).len(), 13);
        act(&writer, &items[0], "reopen", "").await;
        city.state.library.refresh(&city.test.db).await.expect("read");
        assert_eq!(left(&writer.get("/rounds/2026").await).len(), 14);
        let progress = asker.get("/rounds/2026").await;
        assert!(progress.main().contains("3 / 17") && progress.main().contains("環境事業課"), "{}", progress.main());
        for id in left(&writer.get("/rounds/2026").await) {
            let done = act(&writer, &id, "confirm", "").await;
            assert_eq!(done.status, 303, "{}", done.body);
        }
        let page = writer.get("/rounds/2026").await;
        assert!(page.main().contains("課として回答する"));
        let done = answer(page.hidden("counter")).await;
        assert!(done.location().ends_with("done=answered"), "{}", done.body);
        for desk in [&asker, &writer] {
            assert!(desk.get("/rounds/2026").await.main().contains("1件は残しました"), "what the section told");
        }
        assert_eq!(asker.get("/rounds/2025").await.status, 404);
        assert!(asker.get("/rounds/2026").await.main().contains("受け付ける"));
        let file = asker.get("/rounds/2026/progress.csv").await;
        assert!(file.body.contains("環境事業課,回答済み"), "{}", file.body);
        assert_eq!(writer.get("/rounds/2026/progress.csv").await.status, 403);
        assert!(writer.get("/rounds").await.main().contains("2026年度"));
    }
}
