//! Jobs, the ledger of messages, the record of who did what, settings.

use axum::http::StatusCode;
use calendar::Clock;
use city::Lang;
use people::message::{self, Basis, NewMessage};
use people::person::{self, NewPerson};
use people::{Channel, address};
use store::jobs::{self, NewJob};
use testkit::TestDb;

use crate::support::City;

/// A message to an address whose attempt never ended.
async fn in_doubt(city: &City) -> String {
    let (mut rng, clock) = (city.test.rng(), city.test.clock.as_ref());
    let mut tx = city.test.db.write().await.expect("write");
    let new = NewPerson { name: Some("港の利用者"), lang: Lang::Ja };
    let person = person::create(&mut tx, clock, &mut rng, "citizen", new).await.expect("a person");
    let to = address::add(&mut tx, clock, &mut rng, "citizen", &person, Channel::Mail, "minato@example.jp").await;
    let new = NewMessage {
        person: &person,
        purpose: "test",
        basis: Basis::Duty,
        address: Some(&to.expect("an address")),
        template: "question.answered",
        lang: None,
        fields: &serde_json::json!({}),
        about: ("question", "q1"),
        dedupe: None,
    };
    let id = message::queue(&mut tx, clock, &mut rng, "citizen", new).await.expect("queued").id().to_owned();
    tx.commit().await.expect("commit");
    for _ in 0..2 {
        message::begin(&city.test.db, clock, &id, "minamo.example").await.expect("begun");
    }
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_repeated_once_and_that_is_recorded() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kanri-1").await;
    let clock = city.test.clock.as_ref();
    let mut tx = city.test.db.write().await.expect("write");
    let new = NewJob { max_attempts: 1, ..NewJob::new("mail", "message.send", "{\"message\":\"m1\"}", clock.now()) };
    let id = jobs::enqueue(&mut tx, clock, &mut city.test.rng(), new).await.expect("written").expect("new");
    tx.commit().await.expect("commit");
    let job = jobs::claim(&city.test.db, clock, "mail", 1).await.expect("claimed").remove(0);
    jobs::fail(&city.test.db, clock, &mut city.test.rng(), &job, "the server is away").await.expect("failed");
    let page = desk.get("/jobs?state=dead").await;
    for word in ["メールを送る", "the server is away", "m1", "やり直す"] {
        assert!(page.main().contains(word), "{word}");
    }
    let address = format!("/jobs/{id}/repeat");
    assert_eq!(desk.post(&address, &[]).await.location(), "/jobs?done=repeated");
    assert_eq!(desk.post(&address, &[]).await.status, StatusCode::CONFLICT, "it waits already");
    assert_eq!(desk.post(&format!("/jobs/{id}/cancel"), &[]).await.location(), "/jobs?done=cancelled");
    let actions = city.texts("SELECT action AS v FROM audit_event WHERE object_kind = 'job' ORDER BY seq").await;
    assert_eq!(actions, ["job.repeat", "job.cancel"]);
    assert!(desk.get("/jobs?lane=nowhere").await.main().contains("あてはまるジョブはありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_doubt_is_decided_by_a_person() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kanri-1").await;
    assert!(desk.get("/messages").await.main().contains("ここにはありません"));
    let id = in_doubt(&city).await;
    let list = desk.get("/messages?state=in_doubt").await;
    let page = desk.get(&format!("/messages/{id}")).await;
    assert!(page.main().contains("もう一度送る") && page.main().contains("届いたことにする"));
    for body in [&list.body, &page.body] {
        assert!(!body.contains("minato@") && !body.contains("港の利用者"), "neither address nor name");
    }
    let done = desk.post(&format!("/messages/{id}/resend"), &[]).await;
    assert_eq!(done.location(), format!("/messages/{id}?done=resent"));
    assert_eq!(desk.post(&format!("/messages/{id}/sent"), &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(desk.post(&format!("/messages/{id}/cancel"), &[]).await.status, StatusCode::SEE_OTHER);
    let states = city.texts("SELECT state AS v FROM message").await;
    assert_eq!(states, ["cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_the_record_stands_in_it() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kansa").await;
    desk.get("/audit").await;
    let page = desk.get("/audit?action=audit.read").await;
    assert!(page.main().contains("記録を見た") && page.main().contains("監査担当"), "{}", page.main());
    assert!(desk.get("/audit?object=nothing").await.main().contains("あてはまる記録はありません"));
    assert!(desk.get("/audit?from=yesterday").await.main().contains("日付ではありません"));
    let verified = desk.post("/audit/verify", &[]).await;
    assert!(verified.main().contains("おかしいところはありませんでした"));
    let csv = desk.get("/audit.csv?action=audit.read").await;
    assert!(csv.headers["content-type"].to_str().expect("text").starts_with("text/csv"));
    assert!(csv.body.lines().skip(1).all(|line| line.contains("\"audit.read\"")) && csv.body.lines().count() > 2);
    let mut tx = city.test.db.write().await.expect("write");
    tx.execute("UPDATE audit_event SET actor = 'citizen' WHERE action = 'audit.export'", Vec::new())
        .await
        .expect("forged");
    tx.commit().await.expect("commit");
    assert!(desk.post("/audit/verify", &[]).await.main().contains("おかしくなっています"));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_keep_their_bounds_and_shorter_waits_for_a_second_person() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kanri-1").await;
    let set = async |name: &str, value: &str, reason: &str| {
        desk.post("/settings", &[("name", name), ("value", value), ("reason", reason)]).await
    };
    let wrong = set("knowledge.review_months", "千", "").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.main().contains("1から120までの数") && wrong.main().contains("value=\"千\""), "it comes back filled");
    assert_eq!(set("knowledge.review_months", "6", "").await.location(), "/settings?done=saved");
    assert_eq!(set("retention.jobs", "60", "").await.location(), "/settings?done=saved");
    let without = set("retention.jobs", "10", "").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.main().contains("理由を書いてください"));
    assert_eq!(set("retention.jobs", "10", "場所が足りない").await.location(), "/settings?done=asked");
    assert_eq!(set("profile", "x", "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "not from this page");
    let values = city.texts("SELECT value AS v FROM setting WHERE name = 'retention.jobs'").await;
    assert_eq!(values, ["60"], "still the longer one");
    assert_eq!(city.texts("SELECT payload AS v FROM two_person_change").await, ["retention.jobs=10"]);
    // It holds as soon as the second person agrees.
    let second = city.staff("kanri-2").await;
    let asked = second.get("/changes").await;
    assert!(asked.main().contains("設定「終わったジョブ」を「10日」に変えます。"), "{}", asked.main());
    let change = city.texts("SELECT id AS v FROM two_person_change").await.pop().expect("a change");
    second.post(&format!("/changes/{change}/decide"), &[("decision", "approve")]).await;
    let values = city.texts("SELECT value AS v FROM setting WHERE name = 'retention.jobs'").await;
    assert_eq!(values, ["10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_set_by_the_names_that_people_read() {
    let city = City::new(TestDb::sqlite().await).await;
    let (first, second) = (city.staff("kanri-1").await, city.staff("kanri-2").await);
    let page = first.get("/settings").await;
    for label in ["電話（日）</label>", "手紙（日）</label>", "ごみ・環境（日）</label>"] {
        assert!(page.main().contains(label), "{label}");
    }
    let name = ("name", "retention.contact-channels");
    for (days, sentence) in [("9日", "「電話」の日数は、1から36500まで"), ("0", "「電話」の日数は、1から36500まで")]
    {
        let form = [name, ("days.web", "800"), ("days.phone", days), ("reason", "求めによる")];
        let wrong = first.post("/settings", &form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in [sentence, &format!("name=\"days.phone\" inputmode=\"numeric\" value=\"{days}\""), "value=\"800\""]
        {
            assert!(wrong.main().contains(part), "{part}: {}", wrong.main());
        }
    }
    let form = [name, ("days.web", ""), ("days.phone", "９０"), ("days.letter", "1,825"), ("reason", "求めによる")];
    assert_eq!(first.post("/settings", &form).await.location(), "/settings?done=asked");
    let asked = second.get("/changes").await;
    assert!(asked.main().contains("「手紙 1825日、電話 90日」"), "{}", asked.main());
    let change = city.texts("SELECT id AS v FROM two_person_change").await.pop().expect("a change");
    second.post(&format!("/changes/{change}/decide"), &[("decision", "approve")]).await;
    let stored = city.texts("SELECT value AS v FROM setting WHERE name = 'retention.contact-channels'").await;
    assert_eq!(stored, ["letter=1825,phone=90"]);
    let page = first.get("/settings").await;
    assert!(page.main().contains("name=\"days.letter\" inputmode=\"numeric\" value=\"1825\""), "{}", page.main());
}
