//! `/ask`

use testkit::on_both_engines;

use crate::support::{City, Page, encode, prefixes};

async fn ask(city: &City, prefix: &str, question: &str) -> Page {
    city.get(&format!("{prefix}/ask?q={}", encode(question))).await
}

on_both_engines! {
    async fn people_find_the_answer_in_their_own_words(test: TestDb) {
        let city = City::new(test).await;
        for (prefix, question, code) in [
            ("", "ごみの日を逃した", "gomi-no-hi-nogashita"),
            ("", "住民票を郵送してほしい", "juminhyo-yuso"),
            ("", "ｿﾀﾞｲｺﾞﾐ 出したい", "sodai-gomi-yoyaku"),
            ("/easy", "そだいごみ", "sodai-gomi-yoyaku"),
            ("/en", "I lost my My Number Card", "mynumber-nakushita"),
        ] {
            let page = ask(&city, prefix, question).await;
            assert_eq!(page.status, 200);
            assert!(page.main().contains(code), "{question}: {}", page.main());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_page_shows_facts_section_hours_and_check() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    for prefix in prefixes() {
        let page = ask(&city, prefix, "転入届").await;
        let name = format!("answer{}", prefix.replace('/', "-"));
        insta::assert_snapshot!(name, page.main());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_offers_to_leave_the_question_with_its_words() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    let page = ask(&city, "", "火星への移住補助金").await;
    assert!(
        page.main().contains("答えが見つかりませんでした") || page.main().contains("どれに近いですか"),
        "{}",
        page.main()
    );
    let page = ask(&city, "", "ﾆｬﾝﾆｬﾝ xyzzy").await;
    assert!(page.main().contains("答えが見つかりませんでした"), "{}", page.main());
    assert!(
        page.main().contains(">ニャンニャン xyzzy</textarea>") || page.main().contains("xyzzy</textarea>"),
        "{}",
        page.main()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_page_stands() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    // The longest address that HTTP libraries take is 64 KiB; the box itself stops at 1,000 characters.
    let long = "引っ越し".repeat(1_700);
    for question in [
        "",
        " ",
        "　",
        "?",
        "。。。",
        "🏠📦",
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "\u{0}\u{7}\u{202E}住民票",
        "a",
        long.as_str(),
        "ｶﾞｽ",
        "\u{3099}",
        "１",
        "%",
    ] {
        let page = ask(&city, "", question).await;
        assert_eq!(page.status, 200, "{question:?}");
        assert!(!page.main().contains("<script") && page.body.matches("<script").count() == 1, "{question:?}");
        assert!(!page.body.contains('\u{0}') && !page.body.contains('\u{202E}'), "{question:?}");
    }
    let page = city.get("/ask?q=%FF%FE").await;
    assert!(page.status == 200 || page.status == 400, "{}", page.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_found_after_a_refresh() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    let toml = "[[article]]\ncode='new'\nquestion='ドローンを公園で飛ばせますか'\nsummary='飛ばせません。'\nanswer='x'\ntopics=['culture']\nsection='koen'\nchecked_on=2026-11-01\n";
    let drafts = knowledge::import::read_toml(&[("new.toml", toml)]).expect("draft");
    let (mut rng, clock) = (city.test.rng(), city.test.clock.clone());
    let today = "2026-11-23".parse().expect("date");
    knowledge::import::store(&city.test.db, clock.as_ref(), &mut rng, &drafts, today, false).await.expect("stored");
    assert!(!ask(&city, "", "ドローン").await.main().contains("/articles/new"));
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    let page = ask(&city, "", "ドローン").await;
    assert!(page.main().contains("/articles/new/feedback"), "{}", page.main());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_word_is_enough_for_a_suggestion() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    let suggested = async |path: &str| {
        let page = city.get(path).await;
        assert_eq!(page.headers["content-type"], "application/json", "{path}");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&page.body).expect("JSON");
        rows.iter().map(|r| r["url"].as_str().expect("an address").to_owned()).collect::<Vec<_>>()
    };
    let typed = |words: &str| format!("/suggestions?q={}", encode(words));
    for half in ["転入", "てんに", "ﾃﾝﾆ", "てんにゅうt"] {
        let found = suggested(&typed(half)).await;
        assert!(found.iter().any(|url| url == "/articles/tennyu"), "{half}: {found:?}");
        assert!(found.len() <= 6);
    }
    let easy = suggested(&format!("/easy{}", typed("ひっこ"))).await;
    assert!(easy.iter().any(|url| url == "/easy/articles/tennyu"), "{easy:?}");
    for nothing in ["", "？", "zzqq", "龘龘龘龘"] {
        assert_eq!(suggested(&typed(nothing)).await, [""; 0], "{nothing}");
    }
    suggested(&typed(&"あ".repeat(2_000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_typing_is_stopped_and_asking_goes_on() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    // Twenty more are let through each second; so many at once no machine answers.
    let client = "192.0.2.7:4000".parse().expect("address");
    let mut given = 0;
    while city.get_from(client, "/suggestions?q=x").await.status != 429 {
        given += 1;
        assert!(given < 100_000, "nothing is refused");
    }
    assert!(given >= 1_200, "{given}");
    assert_eq!(city.get_from(client, &format!("/ask?q={}", encode("引っ越した"))).await.status, 200);
}
