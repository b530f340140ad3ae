//! Organisation, accounts, and what two persons decide, through the pages.

use axum::http::{Request, StatusCode};
use calendar::Instant;
use testkit::TestDb;

use crate::support::{City, Desk, Page, send};

/// The id of the account with a log-in name.
async fn account(city: &City, login: &str) -> String {
    let mut tx = city.test.db.read().await.expect("read");
    access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect("account").id
}

/// What follows `before` on a page up to the next quote or slash.
fn after<'a>(page: &'a Page, before: &str) -> &'a str {
    let from = page.body.find(before).expect(before) + before.len();
    page.body[from..].split(['"', '/', '?']).next().expect("value")
}

/// The id of the open change on the page of who decides.
async fn open_change(desk: &Desk<'_>) -> String {
    let page = desk.get("/changes").await;
    after(&page, "action=\"/changes/").to_owned()
}

async fn decide(desk: &Desk<'_>, id: &str, decision: &str, remark: &str) -> Page {
    desk.post(&format!("/changes/{id}/decide"), &[("decision", decision), ("remark", remark)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entrance_shows_what_one_may_do() {
    let city = City::new(TestDb::sqlite().await).await;
    let page = city.staff("kanri-1").await.get("/admin").await;
    for link in ["/organisation", "/reorganisations", "/accounts", "/changes", "/jobs", "/messages", "/settings"] {
        assert!(page.body.contains(&format!("<a href=\"{link}\"")), "{link}");
    }
    assert!(!page.body.contains("<a href=\"/audit\""));
    let auditor = city.staff("kansa").await.get("/admin").await;
    assert!(auditor.body.contains("<a href=\"/audit\"") && !auditor.body.contains("<a href=\"/organisation\""));
    let author = city.staff("shimin-sakusei").await.get("/admin").await;
    assert!(author.body.contains("ここでできることは、まだありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_replaced_by_two_persons() {
    let city = City::new(TestDb::sqlite().await).await;
    let (first, second) = (city.staff("kanri-1").await, city.staff("kanri-2").await);
    let desk = city.staff("shimin-sakusei").await;
    let id = account(&city, "shimin-sakusei").await;
    let address = format!("/accounts/{id}");
    let refused = first.post(&format!("{address}/invitation"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody alone invites over a device");
    let refused = first.post(&format!("{address}/reset"), &[("reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("理由を書いてください"));
    let asked = first.post(&format!("{address}/reset"), &[("reason", "本人が端末をなくしました")]).await;
    assert_eq!(asked.location(), format!("{address}?done=asked"));
    let again = first.post(&format!("{address}/reset"), &[("reason", "もう一度")]).await;
    assert!(again.body.contains("もう一人の承認を待っています") && again.body.contains(">もう一度</textarea>"));

    let page = first.get("/changes").await;
    assert!(page.body.contains("あなたが頼んだ変更です") && !page.body.contains("承認する</button>"));
    let change = open_change(&second).await;
    assert_eq!(decide(&first, &change, "approve", "").await.status, StatusCode::FORBIDDEN);
    let privacy = city.staff("kojin").await;
    for page in ["/changes", "/"] {
        assert!(!privacy.get(page).await.body.contains("本人が端末をなくしました"), "{page}");
    }
    assert_eq!(decide(&privacy, &change, "approve", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.get("/me").await.status, StatusCode::OK, "nothing was done yet");
    assert!(second.get("/admin").await.body.contains("<span class=\"tag warn\">1件</span>"));

    let refused = decide(&second, &change, "refuse", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("却下する理由を書いてください"));
    let shown = decide(&second, &change, "approve", "電話で本人を確かめました").await;
    assert_eq!(shown.status, StatusCode::OK);
    let token = after(&shown, "http://localhost/invitations/").to_owned();
    assert_eq!(desk.get("/me").await.status, StatusCode::SEE_OTHER, "the sessions ended");
    let opened = send(&city.staff, Request::get(format!("/invitations/{token}"))).await;
    assert!(opened.body.contains("shimin-sakusei"));
    assert_eq!(decide(&second, &change, "approve", "").await.status, StatusCode::CONFLICT);
    let page = second.get("/changes").await;
    assert!(page.body.contains("電話で本人を確かめました") && !page.body.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dangerous_role_needs_a_second_person() {
    let city = City::new(TestDb::sqlite().await).await;
    let (first, second) = (city.staff("kanri-1").await, city.staff("kanri-2").await);
    let id = account(&city, "chosei").await;
    let address = format!("/accounts/{id}/roles");
    let today = [("role", "auditor"), ("from", "2026-11-23")];
    let refused = first.post(&address, &today).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("<option value=\"auditor\" selected>"), "the form is filled");
    let asked = first.post(&address, &[today[0], today[1], ("reason", "監査の担当になります")]).await;
    assert!(asked.location().ends_with("?done=asked"));
    let desk = city.staff("chosei").await;
    assert_eq!(desk.get("/accounts").await.status, StatusCode::FORBIDDEN);
    let change = open_change(&second).await;
    assert_eq!(decide(&second, &change, "approve", "").await.location(), "/changes?done=decided");
    assert_eq!(desk.get("/accounts").await.status, StatusCode::OK);

    // One that is taken back is done by nobody.
    first.post(&address, &[("role", "privacy"), today[1], ("reason", "まちがい")]).await;
    let change = open_change(&second).await;
    assert_eq!(second.post(&format!("/changes/{change}/withdraw"), &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(first.post(&format!("/changes/{change}/withdraw"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(decide(&second, &change, "approve", "").await.status, StatusCode::CONFLICT);
    assert!(!desk.get("/me").await.body.contains("個人情報管理"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let city = City::new(TestDb::sqlite().await).await;
    let first = city.staff("kanri-1").await;
    let (own, other) = (account(&city, "kanri-1").await, account(&city, "kanri-2").await);
    let grant = async |account: &str| {
        let mut tx = city.test.db.read().await.expect("read");
        access::store::account::grants(&mut tx, Some(account)).await.expect("grants").remove(0).id
    };
    let (own_grant, other_grant) = (grant(&own).await, grant(&other).await);
    let ending = [("grant", other_grant.as_str()), ("last", "2026-12-31")];
    let done = first.post(&format!("/accounts/{other}/roles/end"), &ending).await;
    assert_eq!(done.location(), format!("/accounts/{other}?done=ended"), "another one is left");
    let ending = [("grant", own_grant.as_str()), ("last", "2027-01-31")];
    let refused = first.post(&format!("/accounts/{own}/roles/end"), &ending).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("システム管理者がほかにいなくなります"), "{}", refused.main());
    // One whose days are counted does not count as another one, nor does one who is stopped.
    let second = city.staff("kanri-2").await;
    let refused = second.post(&format!("/accounts/{own}/stop"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(first.get("/me").await.status == StatusCode::OK, "nobody was put out");
}

/// Divides a section from the first day of the next fiscal year on: prepared by one, decided by another.
async fn divide(city: &City, section: &str, into: [&str; 2]) {
    let (first, second) = (city.staff("kanri-1").await, city.staff("kanri-2").await);
    let made = first.post("/reorganisations", &[("name", "令和9年度"), ("takes_effect_on", "2027-04-01")]).await;
    let address = made.location().trim_end_matches("?done=made").to_owned();
    let split = [("kind", "split"), ("section", section), ("into", into[0]), ("into", into[1])];
    let step = first.post(&format!("{address}/steps"), &split).await;
    assert_eq!(step.status, StatusCode::SEE_OTHER, "{}", step.main());
    first.post(&format!("{address}/schedule"), &[("reason", "議決ずみ")]).await;
    let change = open_change(&second).await;
    assert_eq!(decide(&second, &change, "approve", "").await.location(), "/changes?done=decided");
}

/// The section that answers meanwhile hands to those that took over, and to nobody else; nor what is its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_heir_hands_to_the_others() {
    let city = City::new(TestDb::sqlite().await).await;
    divide(&city, "kankyo", ["shimin", "kokuho"]).await;
    city.test.clock.set(Instant::from_jst("2027-04-01T09:00:00".parse().expect("moment")));
    let heir = city.staff("shimin-shonin").await;
    let list = heir.get("/articles?section=kankyo").await;
    assert!(list.main().contains("<option value=\"kokuho\">"), "{}", list.main());
    let hand = async |code: &str, to: &str| {
        heir.post("/articles/bulk", &[("act", "section"), ("to_section", to), ("code", code)]).await
    };
    assert_eq!(hand("gomi-no-hi", "kokuho").await.status, StatusCode::SEE_OTHER);
    assert_eq!(hand("gomi-bunbetsu", "hisho").await.status, StatusCode::FORBIDDEN);
    let refused = hand("tennyu", "kokuho").await;
    assert!(refused.main().contains("移す先の課の承認者ではありません"), "{}", refused.main());
    let gone = hand("gomi-no-hi", "shimin").await;
    assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY, "it is another section's now");
    let citizen = city.get("/articles/gomi-no-hi").await;
    assert!(citizen.main().contains("国保年金課"), "{}", citizen.main());
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_of_a_divided_section_are_handed_out() {
    let city = City::new(TestDb::sqlite().await).await;
    divide(&city, "shimin", ["katsudo", "kokuho"]).await;
    let chosei = city.staff("chosei").await;
    assert!(!chosei.get("/").await.main().contains("受け持つ課を決めるFAQ"), "not before its day");

    city.test.clock.set(Instant::from_jst("2027-04-01T09:00:00".parse().expect("moment")));
    let first = city.staff("kanri-1").await;
    let notice = first.get("/organisation").await;
    assert!(notice.main().contains("「市民課」のFAQの受け持ちが決まっていません"), "{}", notice.main());
    let manager = city.staff("shimin-kanri").await;
    let today = manager.get("/").await;
    assert!(today.main().contains("受け持つ課を決めるFAQ"), "{}", today.main());
    let list = manager.get("/articles?section=shimin").await;
    assert!(list.main().contains("市民課（3月31日まで）") && list.main().contains("/articles/tennyu"));
    let snapshot = city.state.library.snapshot();
    let codes: Vec<&str> =
        snapshot.articles.iter().filter(|a| a.content.section == "shimin").map(|a| a.code.as_str()).collect();
    let chosei = city.staff("chosei").await;
    let mut form: Vec<(&str, &str)> = vec![("act", "section"), ("to_section", "katsudo")];
    form.extend(codes.iter().map(|c| ("code", *c)));
    let moved = chosei.post("/articles/bulk", &form).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.main());
    city.state.library.refresh(&city.test.db).await.expect("read");
    assert!(!first.get("/organisation").await.main().contains("受け持ちが決まっていません"));
    assert!(!manager.get("/").await.main().contains("受け持つ課を決めるFAQ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganisation_is_in_force_on_its_day() {
    let city = City::new(TestDb::sqlite().await).await;
    let (first, second) = (city.staff("kanri-1").await, city.staff("kanri-2").await);
    let refused = first.post("/reorganisations", &[("name", "令和9年度"), ("takes_effect_on", "2026-11-23")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"令和9年度\"") && refused.body.contains("明日以降の日"));
    let made = first.post("/reorganisations", &[("name", "令和9年度"), ("takes_effect_on", "2027-04-01")]).await;
    let address = made.location().trim_end_matches("?done=made").to_owned();
    let steps = format!("{address}/steps");

    let merge = [("kind", "merge"), ("section", "shimin"), ("into", "shimin")];
    let refused = first.post(&steps, &merge).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("同じ課には引き継げません"));
    assert!(refused.body.contains("<option value=\"shimin\" selected>"));
    let merge = [("kind", "merge"), ("section", "shimin"), ("into", "katsudo")];
    assert_eq!(first.post(&steps, &merge).await.status, StatusCode::SEE_OTHER);
    let form = first.get(&format!("{steps}/new?kind=rename&section=katsudo")).await;
    assert!(form.body.contains("value=\"市民活動課\""));
    let rename = [
        ("kind", "rename"),
        ("section", "katsudo"),
        ("name", "市民総合課"),
        ("name_easy", "市民総合課"),
        ("name_en", "Citizens"),
    ];
    assert_eq!(first.post(&steps, &rename).await.status, StatusCode::SEE_OTHER);
    let page = first.get(&address).await;
    assert!(page.body.contains("「市民課」を「市民活動課」に統合します。"), "{}", page.main());
    assert!(page.body.contains("「市民活動課」を「市民総合課」に改称します。") && page.body.contains("関係する課"));

    // What was approved is what was asked for: a step more makes it void.
    first.post(&format!("{address}/schedule"), &[("reason", "議決ずみ")]).await;
    let stale = open_change(&second).await;
    let end = [("kind", "end"), ("section", "sports"), ("successor", "bunka")];
    assert_eq!(first.post(&steps, &end).await.status, StatusCode::SEE_OTHER);
    let refused = decide(&second, &stale, "approve", "").await;
    assert!(refused.body.contains("内容が変わりました"));
    assert_eq!(decide(&second, &stale, "refuse", "頼み直してください").await.status, StatusCode::SEE_OTHER);
    let asked = first.post(&format!("{address}/schedule"), &[("reason", "議決ずみ")]).await;
    assert_eq!(asked.location(), format!("{address}?done=asked"));
    let change = open_change(&second).await;
    assert_eq!(decide(&first, &change, "approve", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(decide(&second, &change, "approve", "").await.location(), "/changes?done=decided");

    let now = first.get("/organisation").await;
    assert!(now.body.contains("市民活動課") && now.body.contains("「市民総合課」に改称"));
    assert!(now.body.contains("2027年3月31日で終わり（市民総合課へ）"), "{}", now.main());
    let later = first.get("/organisation?on=2027-04-01").await;
    assert!(later.body.contains("市民総合課") && !later.body.contains("href=\"/organisation/shimin\""));
    assert!(city.staff("shimin-sakusei").await.get("/me").await.body.contains("市民課"));

    city.test.clock.set(Instant::from_jst("2027-04-01T09:00:00".parse().expect("moment")));
    let desk = city.staff("shimin-sakusei").await;
    let me = desk.get("/me").await;
    assert!(me.body.contains("市民総合課"), "the roles follow the section");
    let first = city.staff("kanri-1").await;
    let section = first.get("/organisation/shimin").await;
    assert!(section.body.contains("この課は終わりました。いまは「市民総合課」"));
    let mut tx = city.test.db.read().await.expect("read");
    let organisation = city::Organisation::read(&mut tx).await.expect("city");
    let id = account(&city, "shimin-sakusei").await;
    let today = calendar::Clock::now(city.test.clock.as_ref()).jst_date();
    let who = access::account::principal(&mut tx, &organisation, &id, today).await.expect("principal");
    drop(tx);
    let snapshot = city.state.library.snapshot();
    let old = snapshot.articles.iter().filter(|a| a.content.section == "shimin").count();
    assert!(old > 0 && who.may_in(access::Action::ArticleWrite, "katsudo"));
    let successor = first.get("/organisation/katsudo").await;
    assert!(successor.body.contains(&format!("<dd>{old}件</dd>")), "{}", successor.main());
    let refused = first.post(&format!("{address}/unschedule"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("施行されました"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_and_closures_change_from_a_day_on() {
    let city = City::new(TestDb::sqlite().await).await;
    let first = city.staff("kanri-1").await;
    let page = first.get("/organisation/shimin").await;
    assert!(page.body.contains("value=\"2026-11-23\"") && page.body.contains("08:45-17:30"));
    let form = |from: &'static str, monday: &'static str| {
        let mut form = vec![("from", from), ("phone", "000-999-0000"), ("place", "本庁1階"), ("place_easy", "1階")];
        form.extend([("place_en", "1st floor"), ("duties", "住民票"), ("hours_1", monday)]);
        form
    };
    let refused = first.post("/organisation/shimin", &form("2027-01-04", "9時から")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("月曜日の「9時から」") && refused.body.contains("value=\"000-999-0000\""));
    let refused = first.post("/organisation/shimin", &form("2026-01-04", "09:00-17:00")).await;
    assert!(refused.body.contains("過ぎた日からは変えられません"));
    let saved = first.post("/organisation/shimin", &form("2027-01-04", "09:00-17:00")).await;
    assert_eq!(saved.location(), "/organisation/shimin?done=saved");
    assert!(!first.get("/organisation").await.body.contains("000-999-0000"));
    let later = first.get("/organisation?on=2027-01-04").await;
    assert!(later.body.contains("000-999-0000") && later.body.contains("09:00-17:00"));
    assert!(first.get("/organisation/sections.toml").await.body.contains("000-999-0000"));
    assert!(first.get("/organisation?on=yesterday").await.body.contains("日付ではありません"));
    assert_eq!(first.get("/organisation/nowhere").await.status, StatusCode::NOT_FOUND);

    let refused = first.post("/closures", &[("from", "2027-02-01"), ("reason", "配線工事")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"配線工事\"") && refused.body.contains("やさしい日本語"));
    let form = [
        ("from", "2027-02-01"),
        ("reason", "配線工事"),
        ("reason_easy", "配線工事(はいせんこうじ)"),
        ("reason_en", "Check"),
    ];
    assert_eq!(first.post("/closures", &form).await.status, StatusCode::SEE_OTHER);
    let day = first.get("/organisation?on=2027-02-01").await;
    assert!(!day.body.contains("08:45-17:30"), "the city is closed on that day");
    let page = first.get("/closures").await;
    let row = page.body.split("<tr>").find(|r| r.contains("配線工事")).expect("row");
    let from = row.find("action=\"").expect("form") + 8;
    let address = row[from..].split('"').next().expect("address");
    assert_eq!(first.post(address, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!first.get("/closures").await.body.contains("配線工事"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_found_transferred_and_stopped() {
    let city = City::new(TestDb::sqlite().await).await;
    let first = city.staff("kanri-1").await;
    let form = |login: &'static str, role: &'static str| {
        vec![("login", login), ("name", "新任 作成者"), ("section", "kankyo"), ("from", "2026-11-23"), ("role", role)]
    };
    let refused = first.post("/accounts", &form("SHIN NIN", "author")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"SHIN NIN\"") && refused.body.contains("value=\"author\" checked"));
    let refused = first.post("/accounts", &form("shinnin", "administrator")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a dangerous role is not given alone");
    let made = first.post("/accounts", &form("shinnin", "author")).await;
    assert!(made.body.contains("http://localhost/invitations/") && made.body.contains("いまだけ見られます"));
    let id = account(&city, "shinnin").await;
    let address = format!("/accounts/{id}");
    let found = first.get("/accounts?q=shinnin&section=kankyo&role=author&state=invited").await;
    assert!(found.body.contains(&address));
    assert!(first.get("/accounts?q=daremo").await.body.contains("あてはまるアカウントはありません"));

    let refused = first.post(&format!("{address}/transfer"), &[("section", ""), ("from", "2026-12-01")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"2026-12-01\""), "the form is filled");
    let done = first.post(&format!("{address}/transfer"), &[("section", "shimin"), ("from", "2026-12-01")]).await;
    assert_eq!(done.location(), format!("{address}?done=saved"));
    let page = first.get(&address).await;
    assert!(page.body.contains("11月23日 〜 11月30日") && page.body.contains("12月1日 から"), "{}", page.main());

    let refused = first.post(&format!("{address}/mail"), &[("mail", "shinnin")]).await;
    assert!(refused.body.contains("「@」が1つ必要です") && refused.body.contains("value=\"shinnin\""));
    let done = first.post(&format!("{address}/mail"), &[("mail", "shinnin@city.example.jp")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = first.get(&address).await;
    assert!(page.body.contains("お知らせの届くアドレス") && !page.body.contains("shinnin@city.example.jp"));

    let session = city.staff("kankyo-sakusei").await;
    let other = format!("/accounts/{}", account(&city, "kankyo-sakusei").await);
    first.post(&format!("{other}/stop"), &[]).await;
    assert_eq!(session.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(first.get(&other).await.body.contains("停止中"));
    first.post(&format!("{other}/start"), &[]).await;
    assert!(first.get(&other).await.body.contains("使えます"));
    let auditor = city.staff("kansa").await.get(&other).await;
    assert!(auditor.status == StatusCode::OK && !auditor.body.contains("止める</button>"));
}
