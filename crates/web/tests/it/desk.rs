//! The list of articles, many at once, files.

use axum::http::StatusCode;
use testkit::TestDb;

use crate::support::City;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_ones_own_sections_and_finds_the_others() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("shimin-sakusei").await;
    let page = desk.get("/articles?q=tennyu").await;
    assert!(page.main().contains("/articles/tennyu") && page.main().contains("役に立った（90日）"));
    let snapshot = city.state.library.snapshot();
    let other = snapshot.articles.iter().find(|a| a.content.section == "kankyo").expect("an article").code.clone();
    let link = format!("href=\"/articles/{other}\"");
    assert!(!desk.get(&format!("/articles?q={other}")).await.main().contains(&link));
    assert!(desk.get(&format!("/articles?q={other}&section=all")).await.main().contains(&link));
    assert!(desk.get("/articles?missing=en&state=public&sort=question&topic=moving").await.status.is_success());
    let empty = desk.get("/articles?q=zzzzzz").await;
    assert!(empty.main().contains("あてはまるFAQがありません") && empty.main().contains("しぼり込みを外す"));
    assert!(!page.main().contains("/articles/import") && page.body.contains("class=\"keys\""));
    assert!(desk.get("/drafts?state=returned").await.main().contains("差し戻された原稿はありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_kept_and_let_go() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("shimin-sakusei").await;
    let refused = desk.post("/articles/views", &[("query", "state=review-due"), ("name", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("名前を入れてください"));
    let kept = desk.post("/articles/views", &[("query", "state=review-due"), ("name", "期限切れ")]).await;
    assert_eq!(kept.location(), "/articles?state=review-due&done=saved");
    let page = desk.get("/articles").await;
    assert!(page.main().contains("href=\"/articles?state=review-due\">期限切れ"), "{}", page.main());
    let stranger = city.staff("kankyo-sakusei").await;
    assert!(!stranger.get("/articles").await.main().contains("期限切れ</a>"));
    let from = page.body.find("/articles/views/").expect("removal");
    let action = page.body[from..].split('"').next().expect("address").to_owned();
    assert_eq!(stranger.post(&action, &[]).await.status, StatusCode::NOT_FOUND);
    desk.post(&action, &[]).await;
    assert!(!desk.get("/articles").await.body.contains("/articles/views/0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_articles_change_together_or_not_at_all() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("shimin-kanri").await;
    let snapshot = city.state.library.snapshot();
    let other = snapshot.articles.iter().find(|a| a.content.section == "kankyo").expect("an article").code.clone();
    let refused = desk.post("/articles/bulk", &[("act", "recheck"), ("code", "tennyu"), ("code", &other)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("1件が変えられない") && refused.main().contains("担当課の権限がありません"));
    assert!(refused.main().contains(&format!("<a href=\"/articles/{other}\">{other}</a>")));
    let marked = "value=\"tennyu\" aria-label=";
    assert!(refused.main().contains(marked), "the marks stay: {}", refused.main());
    let none = desk.post("/articles/bulk", &[("act", "review"), ("code", "tennyu")]).await;
    assert!(none.main().contains("見直し期限の日付を入れてください"));
    let nowhere = desk.post("/articles/bulk", &[("act", "section"), ("code", "tennyu"), ("to_section", "")]).await;
    assert!(nowhere.main().contains("どの課に移すかを選んでください"), "{}", nowhere.main());
    let done = desk.post("/articles/bulk", &[("act", "recheck"), ("code", "tennyu"), ("query", "q=tennyu")]).await;
    assert_eq!(done.location(), "/articles?q=tennyu&done=rechecked");
    assert!(desk.get("/articles/tennyu").await.main().contains("確認（内容に変わりなし）"));
    let form = [("act", "end"), ("code", "tennyu"), ("valid_to", "2026-12-31")];
    desk.post("/articles/bulk", &form).await;
    assert!(desk.get("/articles/tennyu").await.main().contains("12月31日"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_taken_off_with_a_reason() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("shimin-shonin").await;
    let refused = desk.post("/articles/tennyu/withdrawal", &[("reason", "  ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("理由を書いてください") && refused.main().contains("aria-invalid"));
    let done = desk.post("/articles/tennyu/withdrawal", &[("reason", "制度が終わった")]).await;
    assert_eq!(done.location(), "/articles/tennyu?done=withdrawn");
    let page = desk.get(done.location()).await;
    assert!(page.main().contains("掲載終了") && page.main().contains("制度が終わった"));
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    assert_eq!(city.get("/articles/tennyu").await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("/articles/tennyu/history").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_citizens_said_is_for_the_section() {
    let city = City::new(TestDb::sqlite().await).await;
    let said = city.post("/articles/tennyu/feedback", &[("helped", "no"), ("q", "")]).await;
    city.post(said.location(), &[("comment", "持ち物が分からない")]).await;
    let (desk, other) = (city.staff("shimin-sakusei").await, city.staff("kankyo-sakusei").await);
    assert!(desk.get("/articles/tennyu").await.main().contains("持ち物が分からない"));
    let page = other.get("/articles/tennyu").await;
    assert!(!page.main().contains("持ち物が分からない") && page.main().contains("ちがう・足りない <b>1</b>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_out_is_checked_and_comes_in() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    let csv = desk.get("/articles/export.csv?q=tennyu").await;
    assert!(csv.headers["content-disposition"].to_str().expect("text").contains("faq-2026-"));
    assert!(csv.body.starts_with('\u{FEFF}') && csv.body.contains("tennyu,ja,"));
    assert_eq!(desk.get("/articles/export.xlsx").await.status, StatusCode::OK);
    let changed = csv.body.replacen("転入", "てんにゅう", 1);
    assert_ne!(changed, csv.body);
    let checked = desk.post_file("/articles/import", &[], "faq.csv", changed.as_bytes()).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    assert!(checked.main().contains("まだ何も変えていません") && checked.main().contains("<dd>1件</dd>"));
    assert!(checked.main().contains("href=\"/articles/tennyu\""), "which article would change: {}", checked.main());
    let added = changed.replace("tennyu,", "atarashii,");
    let preview = desk.post_file("/articles/import", &[], "faq.csv", added.as_bytes()).await;
    assert!(preview.main().contains("新しい</span>") && preview.main().contains(">atarashii<"));
    assert!(!preview.main().contains("href=\"/articles/atarashii\""), "there is no page of it yet");
    assert_eq!(city.texts("SELECT code AS v FROM article WHERE version > 1").await.len(), 0, "a dry run");
    let digest = checked.hidden("digest");
    let other = desk.post_file("/articles/import", &[("digest", &digest)], "faq.csv", csv.body.as_bytes()).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.main().contains("確かめたファイルと中身がちがいます"));
    let done = desk.post_file("/articles/import", &[("digest", &digest)], "faq.csv", changed.as_bytes()).await;
    assert!(done.location().contains("done=imported"));
    assert_eq!(city.texts("SELECT code AS v FROM article WHERE version > 1").await, ["tennyu"]);
    assert_eq!(city.texts("SELECT object AS v FROM audit_event WHERE action = 'article.import'").await, ["faq.csv"]);
    let wrong = changed.replacen(",moving", ",nowhere", 1);
    let refused = desk.post_file("/articles/import", &[], "faq.csv", wrong.as_bytes()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("topics") && refused.main().contains("何も取り込んでいません"));
    let none = desk.post_file("/articles/import", &[], "", b"").await;
    assert!(none.main().contains("ファイルを選んでください"));
    let large = desk.post_file("/articles/import", &[], "faq.csv", &vec![b'x'; 21 * 1024 * 1024]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let author = city.staff("shimin-sakusei").await;
    let refused = author.post_file("/articles/import", &[], "faq.csv", changed.as_bytes()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
