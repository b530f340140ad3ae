//! Automatic answers on the staff's face: tests, switches, the disaster mode, recalls.

use axum::http::StatusCode;
use contact::recall;
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::control_records::{RECALL, answered, answered_by_phone, prepared};
use crate::support::City;

async fn work(city: &City) {
    let mut registry = Registry::default();
    registry.add(recall::LANE, recall::PART, recall::tell_part);
    registry.add(recall::LANE, recall::END, recall::end);
    let (db, clock, entropy) = (city.test.db.clone(), city.test.clock.clone(), city.test.entropy_source());
    Worker { db, clock, entropy, registry }.drain().await.expect("work");
}

on_both_engines! {
    async fn a_topic_is_opened_by_its_questions_and_closed_by_one_click(t: TestDb) {
        let city = City::gated(t).await;
        let desk = city.staff("chosei").await;
        let home = desk.get("/answers").await;
        assert!(home.main().contains("28分類のうち0分類に自動で答えています"), "{}", home.main());
        let empty = desk.get("/answers/topics/moving").await;
        assert!(empty.main().contains("試験問題は、まだありません") && empty.main().contains("試験問題がない"));
        assert!(!city.state.gates.is_live("moving"));

        let wrong = [("topic", "moving"), ("lang", "ja"), ("words", "よその町から来た"), ("articles", "nothing")];
        let refused = desk.post("/answers/questions", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let main = refused.main();
        assert!(main.contains("「nothing」というコードのFAQはありません") && main.contains("value=\"よその町から来た\""));
        assert!(main.contains("aria-describedby=\"question-articles-hint question-articles-error\""));
        let good = [("topic", "moving"), ("lang", "ja"), ("words", "転入届はいつまでに出せばいいですか"), ("articles", "tennyu hikkoshi-kigen")];
        let saved = desk.post("/answers/questions", &good).await;
        assert_eq!(saved.location(), "/answers/topics/moving?done=golden-saved");
        let topic = desk.get(saved.location()).await;
        assert!(topic.main().contains("1問のうち1問（100%）") && topic.main().contains("自動で答える"), "{}", topic.main());
        assert!(city.state.gates.is_live("moving"), "this process knows at once");

        // A question that fails closes it, and the page says what came.
        let bad = [("topic", "moving"), ("lang", "ja"), ("words", "住民票の写しがほしい"), ("articles", "tennyu")];
        desk.post("/answers/questions", &bad).await;
        let topic = desk.get("/answers/topics/moving").await;
        assert!(topic.main().contains("合格点に届かない") && topic.main().contains("2問のうち1問（50%）"));
        assert!(topic.main().contains("href=\"/articles/juminhyo"), "{}", topic.main());
        assert!(!city.state.gates.is_live("moving"));
        let id = city.texts("SELECT id AS v FROM golden_question WHERE articles = 'tennyu'").await.pop().expect("a question");
        desk.post(&format!("/answers/questions/{id}/removal"), &[]).await;
        assert!(city.state.gates.is_live("moving"));

        assert_eq!(desk.post("/answers/off", &[("topic", "moving")]).await.location(), "/answers?done=answers-off");
        assert!(!city.state.gates.is_live("moving"));
        let silent = desk.post("/answers/on", &[("topic", "moving"), ("reason", " ")]).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(silent.main().contains("理由を書いてください") && silent.main().contains("止めている"));
        desk.post("/answers/on", &[("topic", "moving"), ("reason", "FAQを直した")]).await;
        assert!(city.state.gates.is_live("moving"));
        desk.post("/answers/off", &[("topic", "")]).await;
        assert!(!city.state.gates.is_live("moving"));
        assert!(desk.get("/answers").await.main().contains("自動応答をすべて止めています"));
        let silent = desk.post("/answers/on", &[("topic", ""), ("reason", "")]).await;
        assert!(silent.status == 422 && silent.main().contains("自動応答をすべて止めています"));
        desk.post("/answers/on", &[("topic", ""), ("reason", "確かめた")]).await;
        let home = desk.get("/answers").await;
        for said in ["FAQを直した", "確かめた", "自動応答を止めた", "自動応答を再開した"] {
            assert!(home.main().contains(said), "{said}");
        }
        assert_eq!(desk.post("/answers/off", &[("topic", "moon")]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.post("/answers/runs", &[("topic", "moon")]).await.status, StatusCode::NOT_FOUND);
    }

    async fn the_pass_mark_is_the_citys_or_the_topics(t: TestDb) {
        let city = City::gated(t).await;
        let (desk, admin) = (city.staff("chosei").await, city.staff("kanri-1").await);
        for (words, articles) in [("転入届はいつまでに出せばいいですか", "tennyu hikkoshi-kigen"), ("住民票の写しがほしい", "tennyu")] {
            desk.post("/answers/questions", &[("topic", "moving"), ("lang", "ja"), ("words", words), ("articles", articles)]).await;
        }
        assert!(!city.state.gates.is_live("moving"));
        let set = admin.post("/settings", &[("name", "contact.pass_mark"), ("value", "50")]).await;
        assert!(set.location().contains("done=saved"));
        city.state.gates.refresh(&city.test.db).await.expect("read");
        assert!(city.state.gates.is_live("moving"));
        let path = "/answers/topics/moving/test";
        let wrong = desk.post(path, &[("mark", "多い"), ("reason", "きびしく見る")]).await;
        assert!(wrong.status == 422 && wrong.main().contains("50から100まで") && wrong.main().contains("value=\"多い\""));
        desk.post(path, &[("mark", "60"), ("reason", "きびしく見る")]).await;
        assert!(!city.state.gates.is_live("moving"));
        desk.post("/answers/topics/tax/test", &[("mark", ""), ("untested", "on"), ("reason", "試験はこれから")]).await;
        assert!(city.state.gates.is_live("tax"));
        assert!(desk.get("/answers").await.main().contains("試験なしで答える"));
    }

    async fn in_a_disaster_every_page_of_citizens_says_so(t: TestDb) {
        let city = City::gated(t).await;
        let desk = city.staff("chosei").await;
        assert!(!city.get("/").await.body.contains("class=\"emergency\""));
        assert!(desk.get("/answers").await.main().contains("折り返しの電話を頼んでください"), "a text is proposed");
        let texts = [("ja", "大雨です。<b>"), ("easy", "大雨(おおあめ)です。"), ("en", "Heavy rain.")];
        let empty = desk.post("/answers/disaster", &[("ja", "大雨です。"), ("easy", ""), ("en", "Heavy rain.")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(desk.post("/answers/disaster", &texts).await.location(), "/answers?done=disaster-on");
        for (path, said) in [
            ("/", "大雨です。&lt;b&gt;"),
            ("/ask?q=%E8%BB%A2%E5%85%A5", "大雨です。"),
            ("/articles/nothing", "大雨です。"),
            ("/easy/about", "<ruby>大雨<rp>(</rp><rt>おおあめ</rt>"),
            ("/en/questions", "Heavy rain."),
        ] {
            let page = city.get(path).await;
            assert!(page.body.contains("class=\"emergency\"") && page.body.contains(said), "{path}: {}", page.body);
        }
        let silent = desk.post("/answers/disaster/end", &[]).await;
        assert!(silent.status == 422 && silent.main().contains("理由を書いてください"));
        desk.post("/answers/disaster/end", &[("reason", "おさまった")]).await;
        assert!(!city.get("/").await.body.contains("class=\"emergency\""));
    }

    async fn a_wrong_answer_is_found_shown_and_taken_back(t: TestDb) {
        let city = City::gated(t).await;
        let desk = city.staff("chosei").await;
        assert!(desk.get("/recalls").await.main().contains("訂正は、まだありません"));
        let (web, phone) = (answered(&city).await, answered_by_phone(&city).await);
        let record = city.texts("SELECT id AS v FROM answer_record").await.pop().expect("a record");
        let page = desk.get(&format!("/answers/{record}")).await;
        assert!(page.main().contains("FAQの文をそのまま") && page.main().contains("同じFAQを答えます"), "{}", page.main());
        let link = "/recalls/new?article=tennyu&amp;version=1";
        assert!(page.main().contains(link));
        let new = desk.get(&link.replace("&amp;", "&")).await;
        assert!(new.main().contains("value=\"tennyu\"") && new.main().contains("name=\"version_to\" value=\"1\""), "{}", new.main());
        // From the message that was told.
        let message = city.texts("SELECT message AS v FROM answer_record").await.pop().expect("a message");
        assert!(desk.get(&format!("/recalls/new?message={message}")).await.main().contains("value=\"tennyu\""));
        assert_eq!(desk.get("/recalls/new?message=nothing").await.status, StatusCode::NOT_FOUND);
        let wrong = desk.post("/recalls", &[("article", "tennyu"), ("version_from", "1"), ("version_to", "1"), ("reason", "手数料")]).await;
        assert!(wrong.status == 422 && wrong.main().contains("正しい内容を書いてください"));

        let id = prepared(&desk).await;
        let address = format!("/recalls/{id}");
        let shown = desk.get(&address).await;
        assert!(shown.main().contains("<b>2件</b>") && shown.main().contains("会話の中で自動で伝わる"), "{}", shown.main());
        assert!(shown.main().contains("職員が電話などで伝える"));
        desk.post(&format!("{address}/confirmation"), &[]).await;
        assert_eq!(desk.post(&format!("{address}/confirmation"), &[]).await.status, StatusCode::CONFLICT);
        work(&city).await;
        let shown = desk.get(&address).await;
        assert!(shown.main().contains("伝え終わった") && shown.main().contains("1 / 1件"), "{}", shown.main());
        let told = city.texts("SELECT contact AS v FROM contact_message WHERE body = '手数料はかかりません。'").await;
        assert_eq!(told, [web.id.as_str()]);
        let number = contact::contact::short_number(&web.number);
        let chat = city.get(&format!("/contacts/{number}/{}", web.key)).await;
        assert!(chat.body.contains("まちがいがありました") && chat.body.contains("手数料はかかりません。"), "{}", chat.body);
        assert_eq!(shown.hidden("contact"), phone);
        desk.post(&format!("{address}/told"), &[("contact", &phone)]).await;
        assert!(desk.get(&address).await.main().contains("すべて伝えました"));
        // One that is not sent.
        let other = prepared(&desk).await;
        desk.post(&format!("/recalls/{other}/withdrawal"), &[]).await;
        assert!(desk.get(&format!("/recalls/{other}")).await.main().contains("だれにも伝わっていません"));
        assert!(desk.get("/recalls").await.main().contains(RECALL[3].1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_coordinator_has_these_pages() {
    use testkit::TestDb;
    use web::{Access, Face, route_table};
    let city = City::new(TestDb::sqlite().await).await;
    let is_control = |a: &Access| *a == Access::Staff(access::Action::AnswerControl);
    let routes: Vec<_> = route_table().into_iter().filter(|r| r.face == Face::Staff && is_control(&r.access)).collect();
    assert!(routes.len() >= 21, "{}", routes.len());
    for login in ["shimin-kanri", "kanri-1", "kansa", "kojin"] {
        let desk = city.staff(login).await;
        for route in &routes {
            let address = route.path.replace("{id}", "x").replace("{code}", "tax");
            let got = if route.method == "GET" { desk.get(&address).await } else { desk.post(&address, &[]).await };
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{login} {address}");
        }
    }
}
