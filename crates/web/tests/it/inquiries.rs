//! `/inquiries`

use testkit::{TestDb, on_both_engines};

use crate::support::{City, Desk};

/// The value of the field of a day.
fn due_of(page: &str) -> String {
    let from = page.find("name=\"due_on\" type=\"date\" value=\"").expect("field") + 33;
    page[from..].split('"').next().expect("value").to_owned()
}

/// Asks 市民課 and 環境事業課; the address of the inquiry.
pub(crate) async fn asked(desk: &Desk<'_>) -> String {
    let due = due_of(desk.get("/inquiries/new").await.main());
    let form = [
        ("asker", "kocho"),
        ("title", "窓口の混みぐあい"),
        ("body", "**月ごと**に教えてください。"),
        ("due_on", due.as_str()),
        ("section", "shimin"),
        ("section", "kankyo"),
    ];
    let made = desk.post("/inquiries/new", &form).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.location().trim_end_matches("?done=made").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_inquiry_comes_back_filled() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    assert!(desk.get("/inquiries").await.main().contains("照会はありません"));
    let form = [("asker", "kocho"), ("title", "件名"), ("body", "内容"), ("section", "shimin")];
    for (due, told) in [("", "期限を入れて"), ("2026-11-28", "閉庁日"), ("あした", "日付ではありません")]
    {
        let mut form = form.to_vec();
        form.push(("due_on", due));
        let wrong = desk.post("/inquiries/new", &form).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.main().contains(told), "{due}: {}", wrong.main());
        assert!(wrong.main().contains("value=\"件名\"") && wrong.main().contains(">内容</textarea>"));
        assert!(wrong.main().contains("value=\"shimin\" checked"));
    }
    assert_eq!(city.staff("shimin-sakusei").await.get("/inquiries/new").await.status, 403);
    // A manager asks for their own section only.
    let manager = city.staff("shimin-kanri").await;
    let mut foreign = form.to_vec();
    foreign.push(("due_on", "2026-12-10"));
    assert_eq!(manager.post("/inquiries/new", &foreign).await.status, 403);
}

on_both_engines! {
    async fn a_section_answers_and_the_answer_is_returned_and_accepted(test: TestDb) {
        let city = City::new(test).await;
        let (asker, section, other) =
            (city.staff("chosei").await, city.staff("shimin-sakusei").await, city.staff("kankyo-sakusei").await);
        let address = asked(&asker).await;
        assert!(section.get("/inquiries").await.main().contains("窓口の混みぐあい"));
        let page = section.get(&address).await;
        assert!(page.main().contains("<strong>月ごと</strong>") && !page.main().contains("課ごとの進み具合"));
        assert_eq!(page.hidden("counter"), "1");
        let send = |desk, step: &'static str, counter: &'static str, answer: &'static str| {
            let address = format!("{address}/answer");
            async move {
                let form = [("section", "shimin"), ("counter", counter), ("answer", answer), ("step", step)];
                Desk::post(desk, &address, &form).await
            }
        };
        assert_eq!(send(&other, "save", "1", "よその課").await.status, 403);
        assert!(send(&section, "save", "1", "一人目の文").await.location().ends_with("done=saved"));
        let clash = send(&section, "save", "1", "二人目の文").await;
        assert_eq!(clash.status, 409);
        assert!(clash.main().contains("一人目の文") && clash.main().contains(">二人目の文</textarea>"), "both are shown");
        assert_eq!(clash.hidden("counter"), "2");
        assert!(!asker.get(&address).await.main().contains("一人目の文"), "a draft stays in its section");
        assert!(!asker.get(&format!("{address}/answers.csv")).await.body.contains("一人目の文"));
        let empty = send(&section, "send", "2", " ").await;
        assert_eq!(empty.status, 422);
        assert!(empty.main().contains("回答を入力してください"));
        assert!(send(&section, "send", "2", "=30分").await.location().ends_with("done=answered"));
        assert!(asker.get(&address).await.main().contains("=30分"));
        let file = asker.get(&format!("{address}/answers.csv")).await;
        assert!(
            file.body.contains("\"'=30分\"") && file.headers["content-disposition"].to_str().expect("text").contains("csv")
        );
        assert_eq!(section.get(&format!("{address}/answers.csv")).await.status, 403);
        // Returned, answered again, accepted.
        let form = [("section", "shimin"), ("counter", "3"), ("reason", "")];
        let wrong = asker.post(&format!("{address}/return"), &form).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.main().contains("差し戻しの理由を入力してください"));
        let form = [("section", "shimin"), ("counter", "3"), ("reason", "月ごとに")];
        assert!(asker.post(&format!("{address}/return"), &form).await.location().ends_with("done=returned"));
        let page = section.get(&address).await;
        assert!(page.main().contains("差し戻しの理由") && page.main().contains("月ごとに"));
        assert!(send(&section, "none", "4", "数えていません").await.location().ends_with("done=answered"));
        let form = [("section", "shimin"), ("counter", "5")];
        assert!(asker.post(&format!("{address}/accept"), &form).await.location().ends_with("done=accepted"));
        let page = asker.get(&address).await;
        for part in ["市民課に差し戻した", "市民課が該当なしと回答した", "市民課の回答を受け付けた"]
        {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_gives_time_reminds_and_closes() {
    let city = City::new(TestDb::sqlite().await).await;
    let (asker, section) = (city.staff("chosei").await, city.staff("shimin-sakusei").await);
    let address = asked(&asker).await;
    let form = [("section", "kankyo"), ("due_on", "2026-11-24"), ("reason", "忙しい")];
    let wrong = asker.post(&format!("{address}/extend"), &form).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.main().contains("いまの期限は") && wrong.main().contains("value=\"忙しい\""), "{}", wrong.main());
    let form = [("section", "kankyo"), ("due_on", "2026-12-25"), ("reason", "忙しい")];
    assert!(asker.post(&format!("{address}/extend"), &form).await.location().ends_with("done=extended"));
    let form = [("section", "shimin"), ("section", "kankyo")];
    assert!(asker.post(&format!("{address}/remind"), &form).await.location().ends_with("done=reminded"));
    assert!(asker.post(&format!("{address}/remind"), &form).await.location().ends_with("done=reminded-before"));
    assert_eq!(section.post(&format!("{address}/close"), &[]).await.status, 403);
    // A day after the last one it stands first, with words.
    city.test.clock.set(calendar::Instant::start_of("2026-12-20".parse().expect("date")));
    let (asker, section) = (city.staff("chosei").await, city.staff("shimin-sakusei").await);
    assert!(section.get("/inquiries").await.main().contains("期限切れ"));
    assert!(asker.get("/inquiries?tab=asked").await.main().contains("期限切れ 1課"));
    assert!(asker.post(&format!("{address}/close"), &[]).await.location().ends_with("done=closed"));
    let form = [("section", "shimin"), ("counter", "1"), ("answer", "おそい"), ("step", "send")];
    let late = section.post(&format!("{address}/answer"), &form).await;
    assert_eq!(late.status, 422);
    assert!(late.main().contains("もう締め切られています"));
    assert!(section.get("/inquiries").await.main().contains("答える照会はありません"));
    let cancelled = asked(&asker).await;
    assert_eq!(asker.post(&format!("{cancelled}/cancel"), &[("reason", "")]).await.status, 422);
    assert!(asker.post(&format!("{cancelled}/cancel"), &[("reason", "不要")]).await.location().ends_with("done=ended"));
    assert!(asker.get("/inquiries?tab=asked&state=cancelled").await.main().contains("取りやめ"));
}
