//! 原稿 at the desk: written, handed in, sent back, approved; two people at once.

use axum::http::StatusCode;
use testkit::TestDb;

use crate::support::{City, Desk, Page};

/// The fields of an editor, with a summary of one's own.
fn form<'a>(edit: &'a str, summary: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("edit", edit),
        ("code", "atarashii"),
        ("section", "shimin"),
        ("main_topic", "moving"),
        ("question_ja", "転入届はいつまでですか"),
        ("summary_ja", summary),
        ("answer_ja", "**窓口**で届けてください。"),
        ("bring_ja", "本人確認書類\n転出証明書"),
        ("note", "要約を直した"),
    ]
}

async fn opened(desk: &Desk<'_>) -> (String, Page) {
    let made = desk.post("/articles/tennyu/draft", &[]).await;
    let address = made.location().to_owned();
    let page = desk.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    (address, page)
}

pub(crate) async fn submitted(desk: &Desk<'_>, summary: &str) -> String {
    let (address, page) = opened(desk).await;
    let sent = desk.post(&format!("{address}/submission"), &form(&page.hidden("edit"), summary)).await;
    assert_eq!(sent.location(), format!("{address}?done=submitted"));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_from_the_writer_to_the_public() {
    let city = City::new(TestDb::sqlite().await).await;
    let (author, approver) = (city.staff("shimin-sakusei").await, city.staff("shimin-shonin").await);
    let (address, page) = opened(&author).await;
    assert!(page.main().contains("やさしい日本語") && page.main().contains("市民の画面での見え方"));
    let edit = page.hidden("edit");
    let saved = author.post_script(&address, &form(&edit, "書きかけ")).await;
    assert!(saved.body.contains(r#""state":"saved""#) && saved.body.contains(r#""at":""#), "{}", saved.body);
    let edit = author.get(&address).await.hidden("edit");
    let shown = author.post_script(&format!("{address}/preview"), &form(&edit, "下書きの<b>要約</b>")).await;
    assert!(shown.body.contains("下書きの&lt;b&gt;要約") && shown.body.contains("<strong>窓口</strong>"));
    assert!(!shown.body.contains("<html"), "a fragment");
    let shown = author.post(&format!("{address}/preview"), &form(&edit, "下書きの要約")).await;
    assert!(shown.body.contains("<html") && shown.body.contains("下書きの要約"), "without a script a whole page");

    let mut bad = form(&edit, "");
    bad.push(("valid_to", "あした"));
    let refused = author.post(&address, &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("は日付ではありません") && refused.main().contains("value=\"あした\""));
    let refused = author.post(&format!("{address}/submission"), &form(&edit, "")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("href=\"#summary_ja\"") && refused.main().contains("本人確認書類\n転出証明書"));
    let edit = refused.hidden("edit");
    let sent = author.post(&format!("{address}/submission"), &form(&edit, "14日のうちに。")).await;
    assert_eq!(sent.location(), format!("{address}?done=submitted"));
    let waiting = author.get(&address).await;
    assert!(!waiting.main().contains("承認して公開") && waiting.main().contains("取り下げて書き直す"));

    assert!(approver.get("/drafts").await.main().contains(&address), "what can be approved stands first");
    let page = approver.get(&address).await;
    assert!(page.main().contains("承認して公開") && page.main().contains("<ins>"), "{}", page.main());
    let refused = approver.post(&format!("{address}/return"), &[("remark", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.main().contains("差し戻す理由を書いてください"));
    approver.post(&format!("{address}/return"), &[("remark", "期限も書いてください")]).await;
    let page = author.get(&address).await;
    assert!(page.main().contains("差し戻されました") && page.main().contains("期限も書いてください"));
    let edit = page.hidden("edit");
    author.post(&format!("{address}/submission"), &form(&edit, "引っ越しから14日のうちに。")).await;
    let edit = approver.get(&address).await.hidden("edit");
    let done = approver.post(&format!("{address}/approval"), &[("edit", &edit)]).await;
    assert_eq!(done.location(), "/articles/tennyu?done=published");
    let page = author.get("/articles/tennyu").await;
    assert!(page.main().contains("第2版") && page.main().contains("承認：市民課 承認者"), "{}", page.main());
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    assert!(city.get("/articles/tennyu").await.main().contains("引っ越しから14日のうちに。"));
    let history = city.get("/articles/tennyu/history").await;
    assert!(history.main().contains("第2版") && history.main().contains("変わったところ"), "{}", history.main());
    assert!(!history.main().contains("要約を直した"), "notes are for the staff");
    assert!(city.get("/articles/tennyu").await.main().contains("この答えの変更の記録"));
    assert!(city.get("/en/articles/tennyu/history").await.main().contains("Published"));
    assert!(city.get("/easy/articles/tennyu/history").await.main().contains("<ruby>"));
    let compared = author.get("/articles/tennyu/compare?a=2&b=1").await;
    assert!(compared.main().contains("第1版と第2版") && compared.main().contains("［ここから追加］"));
    let restored = author.post("/articles/tennyu/versions/1/restoration", &[]).await;
    assert!(restored.location().starts_with("/drafts/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_and_another_section_sees_nothing() {
    let city = City::new(TestDb::sqlite().await).await;
    let manager = city.staff("shimin-kanri").await;
    let address = submitted(&manager, "14日のうちに。").await;
    let page = manager.get(&address).await;
    assert!(page.main().contains("あなたが書いた原稿なので") && !page.main().contains("承認して公開"));
    let edit = page.hidden("csrf");
    assert!(!edit.is_empty());
    let refused = manager.post(&format!("{address}/approval"), &[("edit", "2")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let other = city.staff("kankyo-sakusei").await;
    assert_eq!(other.get(&address).await.status, StatusCode::FORBIDDEN);
    assert_eq!(other.post(&address, &form("2", "x")).await.status, StatusCode::FORBIDDEN);
    assert!(!other.get("/drafts?state=submitted").await.main().contains(&address));
    let article = other.get("/articles/tennyu").await;
    assert!(!article.main().contains(&address) && !article.main().contains("公開を止める"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_at_once_and_nothing_is_lost() {
    let city = City::new(TestDb::sqlite().await).await;
    let (author, manager) = (city.staff("shimin-sakusei").await, city.staff("shimin-kanri").await);
    let (address, page) = opened(&author).await;
    let edit = page.hidden("edit");
    assert_eq!(opened(&manager).await.0, address, "one 原稿 for both");
    manager.post_script(&format!("{address}/presence"), &[]).await;
    let present = author.post_script(&format!("{address}/presence"), &[]).await;
    assert!(present.body.contains("市民課 課の管理者"), "{}", present.body);
    assert!(author.get(&address).await.main().contains("課の管理者さんも、この原稿を開いています"));
    manager.post(&address, &form(&edit, "管理者の要約")).await;
    let conflict = author.post_script(&address, &form(&edit, "作成者の要約")).await;
    assert!(conflict.body.contains(r#""state":"conflict""#), "{}", conflict.body);
    let conflict = author.post(&address, &form(&edit, "作成者の要約2")).await;
    let rescue = conflict.location().to_owned();
    let page = author.get(&rescue).await;
    assert!(page.main().contains("管理者の要約") && page.main().contains("作成者の要約2"), "{}", page.main());
    assert_eq!(manager.get(&rescue).await.status, StatusCode::NOT_FOUND, "kept for the writer alone");
    let edit = page.hidden("edit");
    let merged = author.post(&rescue, &[("edit", &edit), ("take.summary.ja", "mine")]).await;
    assert_eq!(merged.location(), format!("{address}?done=saved"));
    let page = author.get(&address).await;
    assert!(page.main().contains("作成者の要約2") && page.main().contains("保存できなかった、あなたの文章"));
    manager.post(&format!("{address}/discard"), &[]).await;
    assert!(author.get(&address).await.main().contains("元に戻す"));
    author.post(&format!("{address}/undo"), &[]).await;
    assert!(author.get(&address).await.main().contains("作成者の要約2"));
    let refused = author.post(&format!("{address}/comment"), &[("remark", "")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    author.post(&format!("{address}/comment"), &[("remark", "税務課にも聞きました")]).await;
    assert!(manager.get(&address).await.main().contains("税務課にも聞きました"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_behind_the_published_article_is_brought_up_to_it() {
    let city = City::new(TestDb::sqlite().await).await;
    let (author, approver) = (city.staff("shimin-sakusei").await, city.staff("shimin-shonin").await);
    let (address, page) = opened(&author).await;
    let codes = [("act", "review"), ("code", "tennyu"), ("review_due", "2027-02-01")];
    assert!(approver.post("/articles/bulk", &codes).await.location().contains("done=saved"));
    let sent = author.post(&format!("{address}/submission"), &form(&page.hidden("edit"), "14日のうちに。")).await;
    assert_eq!(sent.location(), format!("{address}/rebase"));
    let page = author.get(&format!("{address}/rebase")).await;
    assert!(page.main().contains("見直し期限") && page.main().contains("14日のうちに"), "{}", page.main());
    let published = page.hidden("published");
    author.post(&format!("{address}/rebase"), &[("published", &published)]).await;
    let page = author.get(&address).await;
    assert!(!page.main().contains("ちがいを見て取り込む"));
    let sent = author.post(&format!("{address}/submission"), &form(&page.hidden("edit"), "14日のうちに。")).await;
    assert_eq!(sent.location(), format!("{address}?done=submitted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_article_answers_the_questions_for_which_it_was_written() {
    let city = City::new(TestDb::sqlite().await).await;
    let (author, approver) = (city.staff("shimin-sakusei").await, city.staff("shimin-shonin").await);
    let token = "0123456789abcdef0123456789abcdef";
    let left = city.post("/questions", &[("submission", token), ("body", "転入届に印鑑は要りますか")]).await;
    let question = left.location().trim_end_matches("?new=1").to_owned();
    city.work().await;
    let made = author.post("/drafts", &[("section", "shimin")]).await;
    let address = made.location().to_owned();
    let id = address.rsplit('/').next().expect("id");
    let ids = city.texts("SELECT id AS v FROM question").await;
    let mut tx = city.test.db.write().await.expect("write");
    let row = store::params![id, &ids[0]];
    tx.execute("INSERT INTO draft_source (draft, question) VALUES ($1, $2)", row).await.expect("source");
    tx.commit().await.expect("commit");
    let edit = author.get(&address).await.hidden("edit");
    author.post(&format!("{address}/submission"), &form(&edit, "印鑑は要りません。")).await;
    let edit = approver.get(&address).await.hidden("edit");
    let done = approver.post(&format!("{address}/approval"), &[("edit", &edit)]).await;
    assert_eq!(done.location(), "/articles/atarashii?done=published", "{}", done.body);
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    let page = city.get(&question).await;
    assert!(page.main().contains("/articles/atarashii"), "{}", page.main());
}
