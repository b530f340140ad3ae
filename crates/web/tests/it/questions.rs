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

/// The address of a question's page without its query.
fn page_of(sent: &crate::support::Page) -> String {
    sent.location().trim_end_matches("?new=1").to_owned()
}

on_both_engines! {
    async fn an_answer_is_read_in_every_language_and_asked_again_once(test: TestDb) {
        let city = City::new(test).await;
        let sent = city.post("/questions", &[("submission", TOKEN), ("body", "粗大ごみを夜に出せますか")]).await;
        city.work().await;
        let address = page_of(&sent);
        // Nothing to judge yet.
        assert!(!city.get(&address).await.main().contains("/reopening"));
        city.answer("質問-2026-0001", "**夜**は出せません。\n\n<script>alert(1)</script>", Some("sodai-gomi-yoyaku")).await;
        for (prefix, words) in prefixes().into_iter().zip([
            ["答え", "環境事業課", "2026年11月23日", "まだ解決していない", "答えが出ました"],
            ["<ruby>答", "11<ruby>月", "まだ こまって います", "lang=\"ja\"", "/easy/articles/sodai-gomi-yoyaku"],
            ["Answer", "23 November 2026", "available only in Japanese", "My problem is not solved", "/en/articles/sodai-gomi-yoyaku"],
        ]) {
            let page = city.get(&format!("{prefix}{address}")).await;
            assert_eq!(page.status, 200);
            assert!(page.main().contains("<strong>夜</strong>は出せません。"), "{}", page.main());
            assert!(!page.main().contains("<script"), "{}", page.main());
            for part in words {
                assert!(page.main().contains(part), "{prefix} {part}: {}", page.main());
            }
        }
        // Asked again: empty comes back, words go to the section, a second time changes nothing.
        let empty = city.post(&format!("{address}/reopening"), &[("words", " ")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.main().contains("id=\"words-error\"") && empty.main().contains("<details class=\"noprint\" open>"), "{}", empty.main());
        city.test.clock.advance(std::time::Duration::from_secs(60));
        let again = city.post(&format!("{address}/reopening"), &[("words", "夜しか時間がありません")]).await;
        assert_eq!(again.location(), address);
        let page = city.get(&address).await;
        for part in ["もう一度聞きました", "夜しか時間がありません", "準備します"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        city.answer("質問-2026-0001", "戸別収集があります。", None).await;
        assert_eq!(city.post(&format!("{address}/reopening"), &[("words", "三度目")]).await.status, 303);
        let page = city.get(&address).await;
        assert!(!page.main().contains("三度目") && !page.main().contains("/reopening"), "{}", page.main());
        assert!(page.main().contains("戸別収集があります"));
        // Helped.
        assert_eq!(city.post(&format!("{address}/feedback"), &[]).await.location(), address);
        assert!(city.get(&address).await.main().contains("役に立ったと教えていただきました"));
        // Taken back, nothing of it is shown.
        city.post(&format!("{address}/withdrawal"), &[]).await;
        let page = city.get(&address).await;
        for gone in ["戸別収集", "夜", "粗大ごみ"] {
            assert!(!page.main().contains(gone), "{gone}: {}", page.main());
        }
    }

    async fn a_mail_address_is_kept_for_the_answer_and_shown_nowhere(test: TestDb) {
        let city = City::new(test).await;
        let form = [("submission", TOKEN), ("body", "粗大ごみを夜に出せますか"), ("mail", "left@example.jp")];
        let sent = city.post("/en/questions", &form).await;
        city.work().await;
        let address = page_of(&sent).replacen("/en", "", 1);
        let page = city.get(&address).await;
        assert!(page.main().contains("答えが出たら、メールでもお知らせします"), "{}", page.main());
        city.answer("質問-2026-0001", "出せません。", None).await;
        assert_eq!(city.texts("SELECT template || ' ' || lang || ' ' || state AS v FROM message").await, ["question.answered en waiting"]);
        let pages = [address.clone(), format!("/en{address}"), "/questions?number=2026-0001".to_owned()];
        for path in &pages {
            assert!(!city.get(path).await.body.contains("left@"), "{path}");
        }
        // The link of the mail fills in the number.
        assert!(city.get(&pages[2]).await.main().contains("value=\"2026-0001\""));
        city.post(&format!("{address}/withdrawal"), &[]).await;
        assert_eq!(city.texts("SELECT number AS v FROM question WHERE contact IS NOT NULL").await, Vec::<String>::new());
        let person = city.texts("SELECT p.id AS v FROM person p WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.person = p.id)").await.remove(0);
        let mut tx = city.test.db.read().await.expect("read");
        assert!(people::person::get(&mut tx, &person).await.expect("an id remains").erased_at.is_some());
        drop(tx);
        assert_eq!(city.texts("SELECT d.value_sealed AS v FROM address d WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.person = d.person)").await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_mail_address_comes_back_with_what_is_wrong() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    for (prefix, words) in prefixes().into_iter().zip(["「@」が1つ必要です", "1つ いります", "needs one “@”"])
    {
        let form = [("submission", TOKEN), ("body", "粗大ごみを夜に出せますか"), ("mail", "left.example.jp")];
        let page = city.post(&format!("{prefix}/questions"), &form).await;
        assert_eq!(page.status, 422);
        for part in [
            "id=\"mail-error\"",
            "value=\"left.example.jp\"",
            ">粗大ごみを夜に出せますか</textarea>",
            "aria-invalid=\"true\"",
            words,
        ] {
            assert!(page.main().contains(part), "{prefix} {part}: {}", page.main());
        }
        assert!(!page.main().contains("id=\"body-error\""));
    }
    for mail in ["a b@example.jp", "a..b@example.jp", "a@example", "a@b@example.jp"] {
        let page = city.post("/questions", &[("submission", TOKEN), ("body", "質問"), ("mail", mail)]).await;
        assert_eq!(page.status, 422, "{mail}");
    }
    assert_eq!(
        city.texts("SELECT p.id AS v FROM person p WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.person = p.id)")
            .await,
        Vec::<String>::new()
    );
}
