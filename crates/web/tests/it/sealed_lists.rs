//! The desk's lists: danger signs and leaflets.

use axum::http::StatusCode;
use calendar::Clock;
use testkit::on_both_engines;

use crate::bureau::Bureau;
use crate::support::{City, Page};

fn refused(page: &Page, sentence: &str) {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
    assert!(page.main().contains(sentence), "{sentence}: {}", page.main());
}

/// A rule as it is typed.
fn rule<'a>(version: &'a str, was: &'a str, name: &'a str, words: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("version", version),
        ("was", was),
        ("name", name),
        ("words", words),
        ("except", ""),
        ("needs", "any"),
        ("hint", "first"),
        ("why", "すぐに場所を確かめてください。"),
    ]
}

on_both_engines! {
    async fn the_desk_changes_its_danger_signs(test: TestDb) {
        let city = City::new(test).await;
        let _bureau = Bureau::founded(&city).await;
        let (one, two) = (city.staff("ijime-1").await, city.staff("ijime-2").await);
        assert_eq!(city.staff("kaifuku-1").await.get("/sealed/signs").await.status, StatusCode::NOT_FOUND);
        let list = one.get("/sealed/signs").await;
        for part in ["しにたい・消えたい", "1号のおそれ", "まだだれも変えていません", "安全とはかぎりません"] {
            assert!(list.main().contains(part), "{part}");
        }
        // Tried out: which sign, and why; nothing of the words is kept.
        let tried = one.post("/sealed/signs/trial", &[("words", "もう消えたい")]).await;
        assert!(tried.main().contains("個のしるしが付きます") && tried.main().contains("命にかかわることばです"));
        assert!(one.post("/sealed/signs/trial", &[("words", "やねのうえにいる")]).await.main().contains("しるしは付きません"));

        refused(&one.post("/sealed/signs/rule", &rule("0", "", "屋上", "")).await, "ことばがありません");
        let wrong = one.post("/sealed/signs/rule", &rule("0", "", "しにたい・消えたい", "おくじょう")).await;
        refused(&wrong, "2つあります");
        assert!(wrong.main().contains("おくじょう") && wrong.main().contains("すぐに場所を確かめてください。"));
        let added = one.post("/sealed/signs/rule", &rule("0", "", "屋上", "屋上\nおくじょう\nやねのうえ")).await;
        assert_eq!(added.location(), "/sealed/signs?done=signs-changed");
        assert!(one.post("/sealed/signs/trial", &[("words", "やねのうえにいる")]).await.main().contains("1個のしるしが付きます"));
        let page = one.get("/sealed/signs").await;
        for part in ["第1版", "加えた：屋上", "いじめ相談 相談員 1"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }

        // Two change at once: the second is told, and keeps what they typed.
        let path = format!("/sealed/signs/rule?name={}", crate::support::encode("屋上"));
        let (mine, theirs) = (one.get(&path).await.hidden("version"), two.get(&path).await.hidden("version"));
        let saved = one.post("/sealed/signs/rule", &rule(&mine, "屋上", "屋上・高い所", "屋上\nベランダ")).await;
        assert_eq!(saved.location(), "/sealed/signs?done=signs-changed");
        let late = two.post("/sealed/signs/rule", &rule(&theirs, "屋上", "屋上", "屋上\nはしのうえ")).await;
        refused(&late, "ほかの人が先に、このしるしを外しました");
        assert!(late.main().contains("はしのうえ"));
        let late = two.post("/sealed/signs/rule", &rule(&theirs, "屋上・高い所", "屋上・高い所", "屋上\nはしのうえ")).await;
        refused(&late, "いまの内容");
        assert!(late.main().contains("はしのうえ") && late.main().contains("ベランダ"));
        let version = late.hidden("version");
        let again = two.post("/sealed/signs/rule", &rule(&version, "屋上・高い所", "屋上・高い所", "屋上\nはしのうえ")).await;
        assert_eq!(again.location(), "/sealed/signs?done=signs-changed");
        let gone = [("version", version.as_str()), ("was", "屋上・高い所")];
        assert_eq!(one.post("/sealed/signs/removal", &gone).await.status, StatusCode::CONFLICT, "an old version");
        let version = one.get("/sealed/signs/rule").await.hidden("version");
        let gone = [("version", version.as_str()), ("was", "屋上・高い所")];
        assert_eq!(one.post("/sealed/signs/removal", &gone).await.location(), "/sealed/signs?done=signs-changed");
        let page = one.get("/sealed/signs").await;
        assert!(page.main().contains("外した：屋上・高い所") && page.main().contains("いじめ相談 相談員 2"));
        let versions = city.texts("SELECT changed_by AS v FROM case_sign_list").await;
        assert_eq!(versions.len(), 4);
    }

    async fn leaflets_are_made_printed_counted_and_ended(test: TestDb) {
        let city = City::new(test).await;
        let _bureau = Bureau::founded(&city).await;
        let desk = city.staff("ijime-1").await;
        assert_eq!(city.staff("kaifuku-1").await.get("/sealed/leaflets").await.status, StatusCode::NOT_FOUND);
        assert!(desk.get("/sealed/leaflets").await.main().contains("チラシは、まだありません"));
        refused(&desk.post("/sealed/leaflets", &[("school", " ")]).await, "学校の名前を書いてください");
        assert_eq!(desk.post("/sealed/leaflets", &[("school", "=みなも<東>小学校")]).await.location(), "/sealed/leaflets?done=made");
        let page = desk.get("/sealed/leaflets").await;
        assert!(page.main().contains("=みなも&#60;東&#62;小学校"), "{}", page.main());
        let id = city.texts("SELECT id AS v FROM leaflet").await.remove(0);
        let code = city.texts("SELECT code AS v FROM leaflet").await.remove(0);
        let sheet = format!("/sealed/leaflets/{id}");
        refused(&desk.get(&sheet).await, "市民のページのアドレス");
        for address in ["", "madoguchi.example", "http://madoguchi.example", "https://a b", "https://"] {
            let wrong = desk.post("/sealed/leaflets/address", &[("address", address)]).await;
            refused(&wrong, "https:// からはじまるアドレス");
        }
        let saved = desk.post("/sealed/leaflets/address", &[("address", "https://madoguchi.example/")]).await;
        assert_eq!(saved.location(), "/sealed/leaflets?done=saved");
        let printed = desk.get(&sheet).await;
        for part in ["madoguchi.example/room", "<svg class=\"qr\"", "<ruby>読<rp>(</rp><rt>よ</rt>", "0120-0-78310"] {
            assert!(printed.main().contains(part), "{part}: {}", printed.main());
        }
        assert!(desk.get(&format!("{sheet}?size=a5")).await.main().contains("deskleaflet a5"));
        assert_eq!(desk.get("/sealed/leaflets/nothing").await.status, StatusCode::NOT_FOUND);

        let day = city.test.clock.now().jst_date();
        for path in ["/room", "/easy/room", "/en/room"] {
            assert_eq!(city.get(&format!("{path}?from={code}")).await.status, StatusCode::OK);
        }
        // Unknown codes open the room all the same, and count nowhere.
        assert_eq!(city.get("/room?from=00000000").await.status, StatusCode::OK);
        assert_eq!(city.get("/room").await.status, StatusCode::OK);
        let page = desk.get("/sealed/leaflets").await;
        assert!(page.main().contains(&format!("data-label=\"{}月\">3</td>", day.month())), "{}", page.main());
        let file = desk.get("/sealed/leaflets/counts.csv").await;
        assert!(file.body.starts_with("\u{feff}\"学校\",\"コード\",\"日\",\"来た数\""), "{}", file.body);
        assert!(file.body.contains(&format!("\"'=みなも<東>小学校\",\"{code}\",\"{day}\",\"3\"")), "{}", file.body);
        assert_eq!(file.headers["cache-control"], "no-store");
        assert_eq!(desk.post(&format!("{sheet}/end"), &[]).await.location(), "/sealed/leaflets?done=ended");
        let page = desk.get("/sealed/leaflets").await;
        assert!(page.main().contains("終わったチラシ") && page.main().contains("あわせて3"), "{}", page.main());
    }

    async fn a_consultant_sees_what_helping_does(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        assert_eq!(bureau.open("kaifuku-1").await.get("/sealed/effect").await.status, StatusCode::NOT_FOUND);
        let closed = city.staff("ijime-1").await.get("/sealed/effect").await;
        assert_eq!(closed.location(), "/sealed/unlock?next=/sealed/effect");
        let desk = bureau.open("ijime-1").await;
        assert!(desk.get("/sealed/effect").await.main().contains("この期間に受けた事案はありません"));
        let case = bureau.case("ijime-1", "はなしたくないことば").await;
        let who = bureau.unlocked("ijime-1").await;
        city.test.clock.advance(std::time::Duration::from_secs(5 * 3_600));
        let what = vec![casework::entry::What::FirstAction { done: "本人に会った".into() }];
        let mut rng = (city.test.entropy_source())();
        casework::case::add(bureau.premises.house(), rng.as_mut(), &who, &case, 1, what).await.expect("written");
        let desk = bureau.open("ijime-1").await;
        let page = desk.get("/sealed/effect?by=school").await;
        for part in ["だれのことか分かります", "まんなかの値 <b>5時間</b>", "みなも東小学校", "<b>1件</b>"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert!(!page.body.contains("はなしたくないことば") && !page.body.contains("本人に会った"), "figures only");
        assert_eq!(page.headers["cache-control"], "no-store");
        let wrong = desk.get("/sealed/effect?from=2026-12-01&to=2026-11-01").await;
        refused(&wrong, "はじめの日が、終わりの日より後です");
    }
}
