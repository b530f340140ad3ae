//! Sends to many on the staff's face, as far as the talks in which they arrive.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::StatusCode;
use city::Lang;
use line::Endpoint;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Fault, Simulator};
use line_account::inbox::Inbox;
use line_account::sending::Multicast;
use store::Secret;
use store::worker::{Registry, Worker};
use testkit::{TestDb, on_both_engines};

use crate::send_records::{FORM, follower, in_doubt, key};
use crate::support::{City, Desk, Page};

const TOKEN: &str = "long-lived-token";

async fn on_line(test: TestDb) -> (City, Simulator) {
    let clock = test.clock.clone();
    let mut config = Config::new(clock.clone(), Box::new(test.rng()));
    config.long_lived_token = Some(Secret::new(TOKEN.into()));
    config.quota = Some(1_000);
    let sim = Simulator::start(SocketAddr::from(([127, 0, 0, 1], 0)), config).await.expect("simulator");
    let settings = Settings::at(&sim.base(), Credentials::Fixed(Secret::new(TOKEN.into())));
    let client = Arc::new(Client::new(settings, Limiter::off(), clock.clone()).expect("client"));
    let account = line_account::Account {
        client,
        secret: Secret::new("secret".into()),
        pages: "https://city.example".into(),
        basic_id: "@city".into(),
        link_dialogue: "https://line.example/link".into(),
    };
    // Nothing comes in here.
    let (inbox, _) = Inbox::new(test.db.clone(), clock, test.entropy_source());
    let line = web::Line { account: Arc::new(account), inbox, simulator: None };
    (City::with_line(test, line).await, sim)
}

/// Somebody who follows the account at LINE, with what they chose. Gives their user id and the recipient's id.
async fn friend(city: &City, sim: &Simulator, lang: Lang, topics: &[&str], district: Option<&str>) -> (String, String) {
    let user = sim.add_friends(1).remove(0);
    let id = follower(city, &user, lang, topics, district).await;
    (user, id)
}

async fn work(city: &City) {
    let mut registry = Registry::default();
    let client = city.state.line.as_ref().expect("an account").account.client.clone();
    outreach::dispatch::register(&mut registry, Arc::new(Multicast { client }));
    let (db, clock, entropy) = (city.test.db.clone(), city.test.clock.clone(), city.test.entropy_source());
    Worker { db, clock, entropy, registry }.drain().await.expect("work");
}

/// The texts that somebody received, call by call.
fn received(sim: &Simulator, user: &str) -> Vec<String> {
    sim.inbox(user).into_iter().map(|r| serde_json::json!(r.messages).to_string()).collect()
}

/// The form of a send with other values.
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

async fn write(desk: &Desk<'_>, changes: &[(&str, &str)]) -> String {
    let made = desk.post("/sends", &with(changes)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    made.location().split('?').next().expect("path").to_owned()
}

async fn done(desk: &Desk<'_>, address: &str, form: &[(&str, &str)]) -> Page {
    let page = desk.post(address, form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{address}: {}", page.body);
    page
}

async fn add_tester(city: &City, desk: &Desk<'_>, recipient: &str) {
    let key = key(city, recipient).await;
    done(desk, "/sends/staff", &[("key", &key)]).await;
}

/// Approves what is shown to an approver.
async fn approve(desk: &Desk<'_>, one: &str) -> Page {
    let page = desk.get(one).await;
    let (version, run) = (page.hidden("version"), page.hidden("run"));
    desk.post(&format!("{one}/approval"), &[("version", &version), ("run", &run)]).await
}

/// A send that another person approved.
async fn approved(city: &City, sim: &Simulator, changes: &[(&str, &str)]) -> String {
    let author = city.staff("shimin-sakusei").await;
    let (_, tester) = friend(city, sim, Lang::Ja, &[], None).await;
    add_tester(city, &author, &tester).await;
    let one = write(&author, changes).await;
    done(&author, &format!("{one}/plan"), &[]).await;
    done(&author, &format!("{one}/trial"), &[]).await;
    let got = approve(&city.staff("shimin-shonin").await, &one).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    one
}

on_both_engines! {
    async fn a_notice_goes_to_the_right_people_once_after_two_persons_looked(test: TestDb) {
        let (city, sim) = on_line(test).await;
        let mut tx = city.test.db.write().await.expect("write");
        city::store::save_setting(&mut tx, knowledge::setting::DISTRICTS, "東町,西町").await.expect("set");
        tx.commit().await.expect("commit");
        let (east, _) = friend(&city, &sim, Lang::Ja, &["waste"], Some("東町")).await;
        let (west, _) = friend(&city, &sim, Lang::En, &["waste"], Some("西町")).await;
        let (both, _) = friend(&city, &sim, Lang::Easy, &["waste", "tax"], Some("東町")).await;
        let (north, _) = friend(&city, &sim, Lang::Ja, &["waste"], Some("北町")).await;
        let (other, _) = friend(&city, &sim, Lang::Ja, &["tax"], Some("東町")).await;
        let (own, tester) = friend(&city, &sim, Lang::Ja, &[], None).await;
        let author = city.staff("shimin-sakusei").await;
        let page = author.get("/sends").await;
        assert!(page.main().contains("配信は、まだありません"), "{}", page.main());
        let page = author.get("/sends/new").await;
        assert!(page.main().contains("（4人）") && page.main().contains("東町"), "how many chose it, and where");
        let changes = [("en", "There is no collection tomorrow."), ("district", "東町")];
        let mut form = with(&changes);
        form.push(("district", "西町"));
        let made = author.post("/sends", &form).await;
        let one = made.location().split('?').next().expect("path").to_owned();
        assert!(author.get(&one).await.main().contains("<b>3人</b>"), "whom it would reach now");
        done(&author, &format!("{one}/plan"), &[]).await;
        let page = author.get(&one).await;
        for words in ["<b>3人</b>", "日本語 2人、English 1人", "今月の残り1,000通 → 送ると997通", "試し送りの相手が、まだいません"] {
            assert!(page.main().contains(words), "{words}: {}", page.main());
        }
        let refused = author.post(&format!("{one}/trial"), &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = author.post("/sends/staff", &[("key", "0000-0000-0000-0000")]).await;
        assert!(wrong.main().contains("この番号のLINEが見つかりません"), "{}", wrong.main());
        add_tester(&city, &author, &tester).await;
        // Planned, but nobody has seen it on a telephone yet.
        let approver = city.staff("shimin-shonin").await;
        assert!(!approver.get(&one).await.main().contains("この内容で承認する"));
        done(&author, &format!("{one}/trial"), &[]).await;
        assert_eq!(received(&sim, &own).len(), 2, "a trial in each language that was written");
        assert!(received(&sim, &east).is_empty());
        let page = author.get(&one).await;
        assert!(!page.main().contains("この内容で承認する") && page.main().contains("べつの、承認できる人に"));
        let manager = city.staff("shimin-kanri").await;
        for stranger in ["kankyo-sakusei", "kankyo-shonin", "operator-1"] {
            let desk = city.staff(stranger).await;
            assert_eq!(desk.get(&one).await.status, StatusCode::FORBIDDEN, "{stranger}");
            let got = desk.post(&format!("{one}/approval"), &[("version", "1"), ("run", "1")]).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{stranger}");
        }
        assert!(approver.get("/").await.main().contains("承認を待つ配信"));
        assert!(manager.get("/sends").await.main().contains("あなたの承認を待っています"));
        let got = approve(&approver, &one).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
        assert!(received(&sim, &east).is_empty(), "approved is not sent");
        done(&author, &format!("{one}/start"), &[]).await;
        assert!(author.get(&one).await.main().contains("data-live"));
        work(&city).await;
        for (user, words) in [(&east, "あすの収集はありません。"), (&both, "あすの収集はありません。"), (&west, "There is no collection tomorrow.")] {
            let got = received(&sim, user);
            assert_eq!(got.len(), 1, "once");
            assert!(got[0].contains(words), "{got:?}");
        }
        assert!(received(&sim, &north).is_empty() && received(&sim, &other).is_empty());
        let page = author.get(&one).await;
        assert!(page.main().contains("3人のうち3人の分を、LINEが受け取りました。"), "{}", page.main());
        for words in ["承認した", "送信を始めた", "送り終わった"] {
            assert!(page.main().contains(words), "{words}");
        }
        let file = author.get(&format!("{one}/report.csv")).await;
        assert_eq!(file.body.matches("LINEが受け取った").count(), 2, "a batch for each language: {}", file.body);
        assert!(!file.body.contains(&east) && !page.body.contains(&east), "no address");
        assert!(author.get("/sends").await.main().contains("3 / 3人"));
    }

    async fn whoever_wrote_or_changed_it_does_not_approve_it(test: TestDb) {
        let (city, sim) = on_line(test).await;
        friend(&city, &sim, Lang::Ja, &["waste"], None).await;
        // May write and approve.
        let manager = city.staff("shimin-kanri").await;
        let (_, tester) = friend(&city, &sim, Lang::Ja, &[], None).await;
        add_tester(&city, &manager, &tester).await;
        let one = write(&manager, &[]).await;
        done(&manager, &format!("{one}/plan"), &[]).await;
        done(&manager, &format!("{one}/trial"), &[]).await;
        let page = manager.get(&one).await;
        assert!(page.main().contains("承認できません") && !page.main().contains("この内容で承認する"));
        let got = manager.post(&format!("{one}/approval"), &[("version", "1"), ("run", "1")]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.main().contains("書いた人は承認できません"), "{}", got.main());
        // What the approver did not read is not approved.
        let approver = city.staff("shimin-shonin").await;
        let got = approver.post(&format!("{one}/approval"), &[("version", "1"), ("run", "0")]).await;
        assert!(got.main().contains("ほかの人がこの配信を変えました"), "{}", got.main());
        let none = approver.post(&format!("{one}/return"), &[("reason", " ")]).await;
        assert!(none.main().contains("理由を"), "{}", none.main());
        done(&approver, &format!("{one}/return"), &[("reason", "日付を入れてください")]).await;
        let page = manager.get(&one).await;
        assert!(page.main().contains("日付を入れてください") && page.main().contains("下書き"));
    }

    async fn a_change_makes_it_a_draft_again_and_nothing_typed_is_lost(test: TestDb) {
        let (city, sim) = on_line(test).await;
        friend(&city, &sim, Lang::Ja, &["waste"], None).await;
        let author = city.staff("shimin-sakusei").await;
        let wrong = author.post("/sends", &with(&[("title", ""), ("en", "typed"), ("urgent", "on"), ("starts_time", "09:00")])).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.main().contains("日も入れてください") && wrong.main().contains(">typed</textarea>"), "{}", wrong.main());
        let wrong = author.post("/sends", &with(&[("starts_day", "2026-12-01")])).await;
        assert!(wrong.main().contains("時刻も入れてください"), "{}", wrong.main());
        let wrong = author.post("/sends", &with(&[("title", ""), ("en", "typed")])).await;
        assert!(wrong.main().contains("件名を100文字以内") && wrong.main().contains(">typed</textarea>"));
        let long = "a".repeat(2_001);
        let wrong = author.post("/sends", &with(&[("en", &long)])).await;
        assert!(wrong.main().contains("id=\"send-en-error\""), "the field that is too long");
        let wrong = author.post("/sends", &with(&[("urgent", "on")])).await;
        assert!(wrong.main().contains("緊急に送る理由"), "{}", wrong.main());
        let one = write(&author, &[("starts_day", "2026-12-01"), ("starts_time", "09:30")]).await;
        assert!(author.get(&one).await.main().contains("12月1日 9時30分"));
        done(&author, &format!("{one}/plan"), &[]).await;
        let version = author.get(&one).await.hidden("version");
        let saved = done(&author, &one, &with(&[("title", "ちがう件名"), ("version", &version)])).await;
        assert!(saved.location().ends_with("done=send-draft-again"));
        let page = author.get(saved.location()).await;
        assert!(page.body.contains("下書きに戻りました") && page.main().contains("ちがう件名"), "{}", page.body);
        // Somebody else was quicker.
        let late = author.post(&one, &with(&[("title", "おそい件名"), ("version", &version)])).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.main().contains("ほかの人がこの配信を直しました") && late.main().contains("おそい件名"));
    }

    async fn what_cannot_be_sent_is_told_with_figures(test: TestDb) {
        let (city, sim) = on_line(test).await;
        let author = city.staff("shimin-sakusei").await;
        let one = write(&author, &[]).await;
        let plan = format!("{one}/plan");
        let nobody = author.post(&plan, &[]).await;
        assert!(nobody.main().contains("受け取る人がいません"), "{}", nobody.main());
        for _ in 0..3 {
            friend(&city, &sim, Lang::Ja, &["waste"], None).await;
        }
        sim.set_quota(Some(2));
        let over = author.post(&plan, &[]).await;
        assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(over.main().contains("この配信は3通ですが、今月使えるのは残り2通です"), "{}", over.main());
        // What is kept for urgent ones is not used by others.
        sim.set_quota(Some(10));
        let mut tx = city.test.db.write().await.expect("write");
        city::store::save_setting(&mut tx, knowledge::setting::RESERVE, "8").await.expect("set");
        tx.commit().await.expect("commit");
        assert!(author.post(&plan, &[]).await.main().contains("緊急用の予備8通"));
        sim.inject(Endpoint::Quota, Fault::ErrorBefore, 20);
        assert!(author.post(&plan, &[]).await.main().contains("LINEに聞けませんでした"));
        sim.clear_faults();
        let urgent = write(&author, &[("urgent", "on"), ("urgent_reason", "台風のため")]).await;
        done(&author, &format!("{urgent}/plan"), &[]).await;
        assert!(author.get(&urgent).await.main().contains("台風のため"));
    }

    async fn without_an_account_it_can_be_written(test: TestDb) {
        let city = City::new(test).await;
        let author = city.staff("shimin-sakusei").await;
        let one = write(&author, &[]).await;
        let got = author.post(&format!("{one}/plan"), &[]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.main().contains("LINE公式アカウントが、まだ設定されていない"), "{}", got.main());
    }

    async fn what_runs_is_paused_resumed_stopped_and_decided(test: TestDb) {
        let (city, sim) = on_line(test).await;
        let (user, _) = friend(&city, &sim, Lang::Ja, &["waste"], None).await;
        let one = approved(&city, &sim, &[]).await;
        let author = city.staff("shimin-sakusei").await;
        done(&author, &format!("{one}/start"), &[]).await;
        // LINE says that the month is used up.
        sim.inject(Endpoint::Multicast, Fault::QuotaUsedUp, 1);
        work(&city).await;
        let page = author.get(&one).await;
        assert!(page.main().contains("今月の通数を使い切ったので") && page.main().contains("送信を再開する"), "{}", page.main());
        done(&author, &format!("{one}/resumption"), &[]).await;
        let none = author.post(&format!("{one}/pause"), &[("reason", "")]).await;
        assert!(none.main().contains("理由を"), "{}", none.main());
        done(&author, &format!("{one}/pause"), &[("reason", "本文を確かめる")]).await;
        work(&city).await;
        assert!(received(&sim, &user).is_empty());
        assert!(author.get(&one).await.main().contains("まだ送っていない<b>1人</b>"));
        done(&author, &format!("{one}/stop"), &[("reason", "まちがい")]).await;
        let page = author.get(&one).await;
        assert!(page.main().contains("中止で送らない") && page.main().contains("まちがい"), "{}", page.main());
        let again = author.post(&format!("{one}/resumption"), &[]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        // In doubt: a person who approves decides.
        let one = approved(&city, &sim, &[("title", "二つ目")]).await;
        done(&author, &format!("{one}/start"), &[]).await;
        let id = city.texts("SELECT id AS v FROM outreach_send WHERE title = '二つ目'").await.remove(0);
        in_doubt(&city, &id).await;
        let approver = city.staff("shimin-shonin").await;
        assert!(approver.get(&one).await.main().contains("届いたかどうか分からない 1人"));
        let decision = format!("{one}/batches/1/decision");
        let got = author.post(&decision, &[("decision", "again"), ("reason", "なし")]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        let got = approver.post(&decision, &[("reason", "なし")]).await;
        assert!(got.main().contains("3つの中から"), "{}", got.main());
        done(&approver, &decision, &[("decision", "again"), ("reason", "LINEの通数が増えていない")]).await;
        work(&city).await;
        assert_eq!(received(&sim, &user).len(), 1);
        assert!(approver.get(&one).await.main().contains("送り終わりました"));
    }
}
