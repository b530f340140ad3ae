//! Rich menus on the staff's face: made, planned, switched in an emergency, as far as LINE.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Simulator};
use line_account::menu::job;
use store::Secret;
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::line_records::{FORM, menu, png};
use crate::support::{City, Desk, Page};

const TOKEN: &str = "long-lived-token";

async fn line(city: &City) -> (Simulator, Arc<Client>) {
    let clock = city.test.clock.clone();
    let mut config = Config::new(clock.clone(), Box::new(city.test.rng()));
    config.long_lived_token = Some(Secret::new(TOKEN.into()));
    let simulator = Simulator::start(SocketAddr::from(([127, 0, 0, 1], 0)), config).await.expect("simulator");
    let settings = Settings::at(&simulator.base(), Credentials::Fixed(Secret::new(TOKEN.into())));
    let client = Client::new(settings, Limiter::off(), clock).expect("client");
    (simulator, Arc::new(client))
}

async fn work(city: &City, client: Option<&Arc<Client>>) {
    let mut registry = Registry::default();
    let client = client.cloned();
    registry.add(job::LANE, job::KIND, move |context| job::run(context, client.clone()));
    let (db, clock, entropy) = (city.test.db.clone(), city.test.clock.clone(), city.test.entropy_source());
    Worker { db, clock, entropy, registry }.drain().await.expect("work");
}

/// What stands on the bar of the menu that a new friend sees.
async fn bar(simulator: &Simulator, client: &Client) -> String {
    let user = simulator.add_friends(1).remove(0);
    let Some(id) = simulator.rich_menu_of(&user) else { return String::new() };
    client.rich_menu(&id).await.expect("a menu").value.chat_bar_text
}

fn id_of(page: &Page) -> String {
    let path = page.location().split('?').next().expect("path");
    path.trim_start_matches("/line/menus/").split('/').next().expect("id").to_owned()
}

/// The form of a menu with other values in the first field of each name.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = FORM.to_vec();
    for (name, value) in changes {
        match form.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = value,
            None => form.push((name, value)),
        }
    }
    form
}

async fn make(desk: &Desk<'_>, changes: &[(&str, &str)]) -> String {
    let picture = png(2_500, 843);
    let made = desk.post_files("/line/menus", &with(changes), "files", &[("menu.png", &picture)]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    id_of(&made)
}

on_both_engines! {
    async fn a_menu_is_made_planned_and_shown_at_line(test: TestDb) {
        let city = City::new(test).await;
        let (simulator, client) = line(&city).await;
        let desk = city.staff("chosei").await;
        assert!(desk.get("/line/menus").await.main().contains("メニューは、まだありません"));
        // Without a picture it cannot be planned.
        let made = desk.post("/line/menus", FORM).await;
        let id = id_of(&made);
        let one = format!("/line/menus/{id}");
        assert!(desk.get(&one).await.main().contains("絵がない"));
        assert_eq!(desk.get(&format!("{one}/picture")).await.status, StatusCode::NOT_FOUND);
        assert!(!desk.get(&format!("{one}/plans")).await.main().contains("予定に入れる"));
        let version = desk.get(&one).await.hidden("version");
        let picture = png(2_500, 843);
        let fields = with(&[("version", &version)]);
        let saved = desk.post_files(&one, &fields, "files", &[("menu.png", &picture)]).await;
        assert!(saved.location().ends_with("done=menu-saved"), "{}", saved.body);
        let shown = desk.get(&format!("{one}/picture")).await;
        assert_eq!((shown.headers["content-type"].as_bytes(), shown.bytes), (&b"image/png"[..], picture));
        desk.post(&format!("{one}/plans"), &[("kind", "default")]).await;
        let page = desk.get("/line/menus").await;
        assert!(page.main().contains("LINEに反映中"), "{}", page.main());
        work(&city, Some(&client)).await;
        assert_eq!(bar(&simulator, &client).await, "メニュー");
        assert!(desk.get("/line/menus").await.main().contains("LINEに反映済み"));
        // Another one for the end of the year.
        let other = make(&desk, &[("name", "年末年始"), ("bar", "年末年始")]).await;
        let form = [("kind", "scheduled"), ("from_day", "2026-12-29"), ("from_time", "09:00"), ("until_day", "2027-01-03")];
        let planned = desk.post(&format!("/line/menus/{other}/plans"), &form).await;
        assert_eq!(planned.status, StatusCode::SEE_OTHER, "{}", planned.body);
        let page = desk.get("/line/menus").await;
        let when = "12月29日 9時から、2027年1月3日の終わりまで";
        assert!(page.main().contains(when), "{}", page.main());
        city.test.clock.advance(Duration::from_secs(37 * 86_400));
        work(&city, Some(&client)).await;
        assert_eq!(bar(&simulator, &client).await, "年末年始");
        let refused = city.staff("chosei").await.post(&format!("/line/menus/{other}/removal"), &[]).await;
        assert!(refused.body.contains("先に予定を取り消してください"), "{}", refused.body);
    }

    async fn an_emergency_takes_two_looks_and_one_button_back(test: TestDb) {
        let city = City::new(test).await;
        let (simulator, client) = line(&city).await;
        let desk = city.staff("supervisor").await;
        let everyday = make(&desk, &[]).await;
        desk.post(&format!("/line/menus/{everyday}/plans"), &[("kind", "default")]).await;
        let page = desk.get("/line/emergency").await;
        assert!(page.main().contains("緊急メニューが、まだ用意されていません"));
        let new = desk.get("/line/menus/new?kind=emergency").await;
        for label in ["避難所", "警報・避難情報", "安否の確認", "電話をかける"] {
            assert!(new.main().contains(label), "{label}");
        }
        let storm = make(&desk, &[("name", "大雨"), ("bar", "災害のとき"), ("emergency", "on")]).await;
        work(&city, Some(&client)).await;
        let no_reason = desk.post("/line/emergency", &[("menu", &storm), ("hours", "3"), ("drill", "on")]).await;
        assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in ["理由を書いてください", "value=\"3\" selected", "エラー: "] {
            assert!(no_reason.body.contains(part), "{part}: {}", no_reason.main());
        }
        let not_one = desk.post("/line/emergency", &[("menu", &everyday), ("reason", "大雨警報")]).await;
        assert!(not_one.main().contains("どの緊急メニューに切り替えるか"));
        let wish = [("menu", storm.as_str()), ("reason", "大雨警報"), ("drill", "on")];
        let look = desk.post("/line/emergency", &wish).await;
        assert_eq!(look.status, StatusCode::OK);
        for part in ["切り替えますか", "【訓練】災害のとき", "大雨警報"] {
            assert!(look.main().contains(part), "{part}: {}", look.main());
        }
        work(&city, Some(&client)).await;
        assert_eq!(bar(&simulator, &client).await, "メニュー", "nothing is switched yet");
        let switch = [&wish[..], &[("step", "switch")]].concat();
        assert_eq!(desk.post("/line/emergency", &switch).await.location(), "/line/emergency?done=menu-emergency");
        work(&city, Some(&client)).await;
        assert_eq!(bar(&simulator, &client).await, "【訓練】災害のとき");
        let page = desk.get("/line/emergency").await;
        assert!(page.main().contains("緊急メニューを出しています（訓練）"), "{}", page.main());
        city.test.clock.advance(Duration::from_secs(60));
        desk.post("/line/emergency/end", &[]).await;
        work(&city, Some(&client)).await;
        assert_eq!(bar(&simulator, &client).await, "メニュー");
        let list = desk.get("/line/menus").await;
        for part in ["緊急メニューに切り替えた（訓練）", "大雨警報", "通常に戻した", "LINEに反映した"] {
            assert!(list.main().contains(part), "{part}: {}", list.main());
        }
        let audited = city.texts("SELECT action AS v FROM audit_event WHERE object_kind = 'line_menu' ORDER BY at").await;
        for action in ["line_menu.make", "line_menu.default", "line_menu.drill", "line_menu.calm"] {
            assert!(audited.iter().any(|a| a == action), "{action} {audited:?}");
        }
    }

    async fn what_is_wrong_comes_back_with_what_was_typed(test: TestDb) {
        let city = City::new(test).await;
        let desk = city.staff("chosei").await;
        let picture = png(2_500, 1_686);
        let long = "長".repeat(21);
        for (changes, sentence) in [
            (vec![("name", " ")], "メニューの名前を書いてください"),
            (vec![("bar", "十五文字よりもずっと長いバーの文字")], "メニューバーの文字は14文字まで"),
            (vec![("label", long.as_str())], "ボタン1: ラベルは20文字まで"),
            (vec![("value", "")], "ボタン1: 市民が言うことばを書いてください"),
            (vec![("act", "open"), ("value", "http://example.jp/")], "ボタン1: 開くページは"),
            (vec![("act", "call"), ("value", "市役所")], "ボタン1: 電話番号を"),
            (vec![("act", "switch")], "ボタン1: どのメニューに切り替えるか"),
            (vec![("icon", "あいう")], "ボタン1: 絵文字は1つだけ"),
            (vec![("colour", "pink")], "ボタン1: 色を選んでください"),
            (vec![], "横2500×縦1686です。横2500×縦843にしてください"),
        ] {
            let page = desk.post_files("/line/menus", &with(&changes), "files", &[("menu.png", &picture)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}: {}", page.body);
            for part in [sentence, "エラー: ", "value=\"職員と話す\"", "value=\"two\" selected"] {
                assert!(page.body.contains(part), "{part}: {}", page.main());
            }
        }
        for (bytes, sentence) in [(b"GIF89a".to_vec(), "JPEGかPNGに"), (vec![0; 1_000_001], "1MBより大きい")] {
            let page = desk.post_files("/line/menus", FORM, "files", &[("menu.gif", &bytes)]).await;
            assert!(page.main().contains(sentence), "{sentence}: {}", page.main());
        }
        assert!(city.texts("SELECT id AS v FROM line_menu").await.is_empty());
        // Without script, another layout is shown with what was typed.
        let page = desk.post("/line/menus", &with(&[("layout", "three"), ("step", "layout")])).await;
        assert_eq!(page.status, StatusCode::OK);
        let shown = |n: usize| !page.main().contains(&format!("data-tile=\"{n}\" hidden"));
        assert!(page.main().contains("value=\"ごみの出し方を知りたい\"") && shown(3) && !shown(4), "{}", page.main());
        // A time that is over.
        let id = make(&desk, &[]).await;
        let form = [("kind", "scheduled"), ("from_day", "2026-12-29"), ("until_day", "2026-12-01"), ("until_time", "9時")];
        let page = desk.post(&format!("/line/menus/{id}/plans"), &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.main().contains("時刻「9時」が読み取れません") && page.main().contains("value=\"2026-12-29\""));
        let page = desk.post(&format!("/line/menus/{id}/plans"), &form[..3]).await;
        assert!(page.main().contains("終わりは、始まりと、いまの時刻より後に"), "{}", page.main());
        // Two people at one menu.
        let one = format!("/line/menus/{id}");
        desk.post(&one, &with(&[("version", "1")])).await;
        let late = desk.post(&one, &with(&[("version", "1"), ("name", "わたしの版")])).await;
        assert!(late.main().contains("ほかの人が先に保存しました") && late.main().contains("わたしの版"));
        assert_eq!(late.hidden("version"), "2");
    }

    async fn a_menu_may_have_twenty_buttons(test: TestDb) {
        let city = City::new(test).await;
        let (simulator, client) = line(&city).await;
        let desk = city.staff("chosei").await;
        let mut form = vec![("name", "すべて"), ("bar", "メニュー"), ("layout", "twenty"), ("source", "own")];
        for _ in 0..20 {
            let tile = [("label", "ごみ"), ("icon", "♻️"), ("colour", "green"), ("act", "say"), ("value", "ごみの日"), ("to", "")];
            form.extend(tile);
        }
        let made = desk.post_files("/line/menus", &form, "files", &[("menu.png", &png(2_500, 1_686))]).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let id = id_of(&made);
        desk.post(&format!("/line/menus/{id}/plans"), &[("kind", "default")]).await;
        work(&city, Some(&client)).await;
        let user = simulator.add_friends(1).remove(0);
        // The last one in the lower right.
        simulator.tap_menu(&user, 2_499, 1_685);
        let said = simulator.events(Some(&user));
        assert!(said.iter().any(|e| e["message"]["text"] == "ごみの日"), "{said:?}");
    }

    async fn without_an_account_on_line_the_page_says_so(test: TestDb) {
        let city = City::new(test).await;
        let desk = city.staff("kanri-1").await;
        let id = menu(&city, "ふだん", false).await;
        desk.post(&format!("/line/menus/{id}/plans"), &[("kind", "default")]).await;
        work(&city, None).await;
        let page = desk.get("/line/menus").await;
        assert!(page.main().contains("まだ設定されていません"), "{}", page.main());
        assert_eq!(desk.post("/line/attempts", &[]).await.location(), "/line/menus?done=repeated");
        work(&city, None).await;
        assert!(desk.get("/line/menus").await.main().contains("まだ設定されていません"));
    }
}
