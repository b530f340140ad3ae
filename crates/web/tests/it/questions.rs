//! `/questions`

use testkit::on_both_engines;

use crate::support::{City, prefixes};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

on_both_engines! {
    async fn a_question_is_left_followed_and_taken_back(test: TestDb) {
        let city = City::new(test).await;
        let form = city.get("/questions/new?q=%E7%B2%97%E5%A4%A7%E3%81%94%E3%81%BF").await;
        assert!(form.main().contains(">粗大ごみ</textarea>"));
        let token = form.hidden("submission");
        let sent = city.post("/questions", &[("submission", &token), ("asked", "粗大ごみ"), ("body", "粗大ごみを夜に出せますか")]).await;
        assert_eq!(sent.status, 303);
        let page = city.get(sent.location()).await;
        assert_eq!(page.status, 200);
        for part in ["質問-2026-0001", "受け付けました", "粗大ごみを夜に出せますか", "まもなく担当の課に届きます"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        city.work().await;
        let page = city.get(sent.location()).await;
        assert!(page.main().contains("担当の課に届きました") && page.main().contains("環境事業課"), "{}", page.main());
        // Looked up by hand, as people type.
        let parts: Vec<&str> = sent.location().trim_end_matches("?new=1").split('/').collect();
        let key = parts[3].to_lowercase().replace('-', " ");
        let found = city.post("/en/questions/lookup", &[("number", "２０２６-0001"), ("key", &key)]).await;
        assert_eq!(found.location(), format!("/en/questions/2026-0001/{}", parts[3]));
        let withdrawn = city.post(&format!("/questions/2026-0001/{}/withdrawal", parts[3]), &[]).await;
        let page = city.get(withdrawn.location()).await;
        assert!(page.main().contains("取り下げました") && !page.main().contains("粗大ごみを夜に"), "{}", page.main());
    }

    async fn the_same_form_twice_is_one_question(test: TestDb) {
        let city = City::new(test).await;
        let form = [("submission", TOKEN), ("body", "街灯が切れています")];
        let (first, second) = tokio::join!(city.post("/questions", &form), city.post("/questions", &form));
        assert_eq!(first.location(), second.location());
        let mut tx = city.test.db.read().await.expect("read");
        assert_eq!(knowledge::question::waiting(&mut tx).await.expect("count"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_an_error_comes_back_filled() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    for prefix in prefixes() {
        let path = format!("{prefix}/questions");
        let empty = city.post(&path, &[("submission", TOKEN), ("body", " \n ")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.main().contains("id=\"body-error\"") && empty.main().contains("aria-invalid=\"true\""));
        let long = "あ".repeat(2_001);
        let too_long = city.post(&path, &[("submission", TOKEN), ("body", &long)]).await;
        assert_eq!(too_long.status, 422);
        assert!(too_long.main().contains(&long) && too_long.main().contains("2001"));
        let forged = city.post(&path, &[("submission", "x"), ("body", "質問")]).await;
        assert_eq!(forged.status, 422);
        assert!(forged.main().contains(">質問</textarea>"));
    }
    let mut tx = city.test.db.read().await.expect("read");
    assert_eq!(knowledge::question::waiting(&mut tx).await.expect("count"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_a_wrong_number_are_alike() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    let sent = city.post("/questions", &[("submission", TOKEN), ("body", "質問")]).await;
    let key = sent.location().split(['/', '?']).nth(3).expect("key").to_owned();
    let wrong_key = city.post("/questions/lookup", &[("number", "2026-0001"), ("key", "AAAA-AAAA-AAAA-AAAA")]).await;
    let wrong_number = city.post("/questions/lookup", &[("number", "2026-9999"), ("key", &key)]).await;
    assert_eq!(
        (wrong_key.status, wrong_number.status),
        (422.try_into().expect("status"), 422.try_into().expect("status"))
    );
    assert_eq!(wrong_key.main().replace("2026-0001", ""), wrong_number.main().replace("2026-9999", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_is_text_and_never_markup() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    let body = "<img src=x onerror=alert(1)> '; DROP TABLE question; --\r\n二行目 \u{202E}&amp;";
    let sent = city.post("/questions", &[("submission", TOKEN), ("body", body)]).await;
    let page = city.get(sent.location()).await;
    assert!(!page.main().contains("<img"), "{}", page.main());
    assert!(
        page.main().contains("&lt;img src=x onerror=alert(1)&gt;") || page.main().contains("&#60;img"),
        "{}",
        page.main()
    );
    assert!(page.main().contains("二行目"));
}
