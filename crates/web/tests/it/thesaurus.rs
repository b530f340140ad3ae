//! The city's own thesaurus on the staff's face.

use axum::http::StatusCode;
use testkit::TestDb;

use crate::support::{City, Page, encode};

/// Words that stand in no article and no thesaurus.
const WORD: &str = "ぽよぽよん";

fn form<'a>(term: &'a str, kind: &'a str, other: &'a str, act: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("term", term), ("kind", kind), ("other", other), ("note", "冬だけ"), ("act", act)]
}

/// The address of the first relation that a list shows.
fn first(page: &Page) -> String {
    let main = page.main();
    let from = main.find("href=\"/thesaurus/0").unwrap_or_else(|| panic!("no relation in {main}")) + 6;
    main[from..].split('"').next().expect("address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_added_used_changed_taken_away_and_put_back() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    let empty = desk.get("/thesaurus").await;
    assert!(empty.main().contains("市の言葉は、まだありません") && empty.main().contains("href=\"/thesaurus/new\""));
    assert!(!empty.main().contains("標準の辞書では"), "nothing was looked up");
    let asked = format!("/ask?q={}", encode(WORD));
    assert!(!city.get(&asked).await.main().contains("粗大ごみ"), "no article has it");
    let done = desk.post("/thesaurus", &form("粗大ごみ", "same", WORD, "save")).await;
    assert_eq!(done.location(), format!("/thesaurus?q={}&done=relation-added", encode("粗大ごみ")));
    let list = desk.get(done.location()).await;
    assert!(list.main().contains("加えました。") && list.main().contains(WORD) && list.main().contains("同じ意味"));
    assert!(list.main().contains("冬だけ") && list.main().contains("標準の辞書では"));
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    let found = city.get(&asked).await;
    assert!(found.main().contains("粗大ごみ"), "{}", found.main());
    // Another kind and another word.
    let own = first(&list);
    let page = desk.get(&own).await;
    assert!(page.main().contains(&format!("value=\"{WORD}\"")) && page.main().contains("value=\"same\""));
    assert!(page.main().contains("name=\"act\" value=\"try-without\"") && page.main().contains("外す</button>"));
    let done = desk.post(&own, &form("資源ごみ", "see", WORD, "save")).await;
    assert!(done.location().ends_with("done=relation-changed"), "{}", done.location());
    assert!(desk.get("/thesaurus").await.main().contains("資源ごみ"));
    // Away, and back by the form that the list offers.
    let gone = desk.post(&format!("{own}/removal"), &[]).await;
    let page = desk.get(gone.location()).await;
    assert!(page.main().contains("外しました。") && page.main().contains("元に戻す"), "{}", page.main());
    assert!(page.main().contains("市の言葉は、まだありません"));
    let undo = ["term", "kind", "other", "note"].map(|name| (name, page.hidden(name)));
    let undo: Vec<(&str, &str)> = undo.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(desk.post("/thesaurus", &undo).await.location().ends_with("done=relation-added"));
    assert!(desk.get("/thesaurus").await.main().contains("資源ごみ"));
    assert_eq!(desk.get(&own).await.status, StatusCode::NOT_FOUND, "it is another record");
    let mut told = city.texts("SELECT action AS v FROM audit_event WHERE object_kind = 'relation'").await;
    told.sort();
    assert_eq!(told, ["thesaurus.add", "thesaurus.add", "thesaurus.change", "thesaurus.remove"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_lost() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    for act in ["save", "try"] {
        let page = desk.post("/thesaurus", &form("", "", WORD, act)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("<title>エラー: "));
        for said in ["id=\"term-error\">役所の言葉を書いてください。", "id=\"kind-error\">つながりを4つの中から"]
        {
            assert!(page.main().contains(said), "{said}: {}", page.main());
        }
        assert!(page.main().contains(&format!("value=\"{WORD}\"")) && page.main().contains("value=\"冬だけ\""));
        assert!(page.main().contains("aria-invalid=\"true\""));
    }
    let twice = desk.post("/thesaurus", &form("赤ちゃん", "same", "乳児", "save")).await;
    assert!(
        twice.main().contains("もう標準の辞書にあります（乳児 と 赤ちゃん、「くだけた言い方」）"),
        "{}",
        twice.main()
    );
    assert!(twice.main().contains("value=\"same\" aria-describedby=\"kind-same-hint\" checked"));
    let lone = [("term", "<b>"), ("kind", "same"), ("other", "&x"), ("act", "save")];
    let shown = desk.get(desk.post("/thesaurus", &lone).await.location()).await;
    assert!(shown.main().contains("&#60;b&#62;") && !shown.main().contains("<b>&x"), "{}", shown.main());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_change_is_seen_before_it_is_saved() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    // Without questions the two words themselves are asked.
    let page = desk.post("/thesaurus", &form("粗大ごみ", "same", WORD, "try")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.main().contains(&format!("<h3>{WORD}</h3>")) && page.main().contains("<h3>粗大ごみ</h3>"));
    assert!(page.main().contains("<span class=\"tag ok\">新しく出る</span>"), "{}", page.main());
    assert!(page.main().contains("保存したあと") && page.main().contains("この質問では、何も変わりません。"));
    assert!(page.main().contains(&format!("value=\"{WORD}\"")), "the form is kept");
    assert!(city.texts("SELECT id AS v FROM thesaurus_relation").await.is_empty(), "nothing was saved");
    // Questions of one's own; what the dictionary does not know is remarked.
    let mut asked = form("粗大ごみ", "same", "龘龗", "try");
    asked.push(("questions", "龘龗を捨てたい\n\n転入届はいつまで"));
    let page = desk.post("/thesaurus", &asked).await;
    assert!(page.main().contains("「龘龗」は、検索の辞書にない言葉です"), "{}", page.main());
    assert_eq!(page.main().matches("<h3>").count(), 2);
    assert!(page.main().contains("龘龗を捨てたい\n\n転入届はいつまで</textarea>"));
    // What would be without one that is there.
    let list = desk.post("/thesaurus", &form("粗大ごみ", "same", WORD, "save")).await;
    city.state.library.refresh(&city.test.db).await.expect("refreshed");
    let own = first(&desk.get(list.location()).await);
    let page = desk.post(&own, &form("粗大ごみ", "same", WORD, "try-without")).await;
    assert!(page.main().contains("外したあと") && page.main().contains("<span class=\"tag bad\">出なくなる</span>"));
    assert_eq!(city.texts("SELECT id AS v FROM thesaurus_relation").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_and_shows_what_the_program_says() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    let lines: String = (0..60).map(|i| format!("みなもバス{i}\tsame\tぽよん{i}号\n")).collect();
    let lines = format!("{lines}みなもの湯\tcolloquial\tざぶん\n");
    let done = desk.post("/thesaurus/import", &[("lines", &lines), ("act", "take")]).await;
    assert_eq!(done.location(), "/thesaurus?done=imported");
    let page = desk.get("/thesaurus").await;
    assert!(page.main().contains("61件のうち 1〜50件目") && page.main().contains("/thesaurus?page=2"));
    let page = desk.get(&format!("/thesaurus?page=2&q={}", encode("ポヨン"))).await;
    assert!(page.main().contains("60件のうち 51〜60件目"), "kana meet: {}", page.main());
    let page = desk.get("/thesaurus?kind=colloquial").await;
    assert!(page.main().contains("ざぶん") && !page.main().contains("みなもバス"));
    // The program's own, with its warning, for whoever reads.
    let reader = city.staff("shimin-sakusei").await;
    let page = reader.get(&format!("/thesaurus?q={}", encode("妊娠"))).await;
    assert!(page.main().contains("あてはまる言葉は、市の辞書にありません") && page.main().contains("おめでた"));
    assert!(page.main().contains("<span class=\"tag warn\">検索だけ</span>"));
    assert!(!page.main().contains("/thesaurus/new") && !page.main().contains("/thesaurus/import"));
    let undo = format!("/thesaurus?undo_term={}&undo_other=x&undo_kind=same", encode("ごみ"));
    assert!(!reader.get(&undo).await.main().contains("元に戻す"), "who may not add puts nothing back");
    let page = reader.get(&format!("/thesaurus?q={}", encode("ゅゅゅ"))).await;
    assert!(page.main().contains("標準の辞書にありません"));
    assert!(reader.get("/articles").await.main().contains("href=\"/thesaurus\""), "there is a way to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_checked_and_come_in_together_and_go_out_again() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    let none = desk.post("/thesaurus/import", &[("lines", " \n")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.main().contains("行を貼りつけてください"));
    let wrong = "みなも号\tsame\tぽよん号\nごみ\tbroader\t物\n赤ちゃん\tsame\t乳児\n";
    for act in ["check", "take"] {
        let page = desk.post("/thesaurus/import", &[("lines", wrong), ("act", act)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.main().contains("直すところが2か所あります"), "{}", page.main());
        assert!(page.main().contains("<td class=\"n\">2</td><td>「broader」というつながりはありません"));
        assert!(page.main().contains("<td class=\"n\">3</td><td>この2つの言葉は、もう標準の辞書に"));
        assert!(page.main().contains("みなも号\tsame\tぽよん号"), "nothing is lost");
    }
    assert!(city.texts("SELECT id AS v FROM thesaurus_relation").await.is_empty());
    let right = "# 乗り物\nみなも号\tsame\tぽよん号\t夏だけ\n";
    let page = desk.post("/thesaurus/import", &[("lines", right), ("act", "check")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.main().contains("まだ何も変えていません") && page.main().contains("<td>ぽよん号</td>"));
    assert!(city.texts("SELECT id AS v FROM thesaurus_relation").await.is_empty(), "only checked");
    desk.post("/thesaurus/import", &[("lines", right), ("act", "take")]).await;
    let file = desk.get("/thesaurus/export.tsv").await;
    assert_eq!(file.headers["content-type"], "text/tab-separated-values; charset=utf-8");
    assert!(file.headers["content-disposition"].to_str().expect("text").contains("thesaurus-2026-"));
    assert!(file.body.ends_with("みなも号\tsame\tぽよん号\t夏だけ\n") && file.body.starts_with("# "), "{}", file.body);
    let again = desk.post("/thesaurus/import", &[("lines", &file.body), ("act", "check")]).await;
    assert!(again.main().contains("取り込んでも何も変わりません"), "{}", again.main());
}
