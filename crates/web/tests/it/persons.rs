//! Persons on the pages of those who look after personal data.

use axum::http::StatusCode;
use city::Lang;
use people::person::{self, NewPerson};
use people::{Channel, address, consent};
use testkit::TestDb;

use crate::support::City;

const MAIL: &str = "minato@example.jp";

/// A person with an address and a consent; ids of both.
async fn person(city: &City, mail: &str) -> (String, String) {
    let (mut rng, clock) = (city.test.rng(), city.test.clock.as_ref());
    city.test.clock.advance(std::time::Duration::from_secs(1));
    let mut tx = city.test.db.write().await.expect("write");
    let new = NewPerson { name: Some("港の利用者"), lang: Lang::Ja };
    let id = person::create(&mut tx, clock, &mut rng, "citizen", new).await.expect("a person");
    let to = address::add(&mut tx, clock, &mut rng, "citizen", &id, Channel::Mail, mail).await.expect("an address");
    consent::give(&mut tx, clock, &mut rng, "citizen", &id, "news", "form/1").await.expect("consent");
    tx.commit().await.expect("commit");
    (id, to)
}

#[tokio::test(flavor = "multi_thread")]
async fn under_secrecy_the_address_stands_nowhere() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kojin").await;
    let (id, to) = person(&city, MAIL).await;
    let at = format!("/people/{id}");
    assert_eq!(desk.post("/people", &[("q", MAIL)]).await.location(), at);
    assert!(desk.get(&at).await.main().contains(MAIL), "without secrecy it is shown");
    assert_eq!(desk.post(&format!("{at}/secrecy"), &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let set = desk.post(&format!("{at}/secrecy"), &[("why", "support")]).await;
    assert_eq!(set.location(), format!("{at}?done=secrecy-set"));
    desk.post(&format!("{at}/safe"), &[("address", &to), ("safe", "true")]).await;
    let (other, _) = person(&city, "other@example.jp").await;
    let refused = desk.post(&format!("{at}/secrecy/lift"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut pages = vec![refused];
    for path in [at.clone(), "/people".into(), format!("/people/{other}/merge?other={id}"), format!("/people/{other}")]
    {
        pages.push(desk.get(&path).await);
    }
    for page in &pages {
        assert!(!page.body.contains("minato@"), "{}", page.body);
    }
    assert!(pages[2].main().contains("支援措置") && pages[1].main().contains("秘匿"));
    let asked = desk.post(&format!("{at}/secrecy/lift"), &[("reason", "期間が終わった")]).await;
    assert_eq!(asked.location(), format!("{at}?done=asked"));
    assert!(desk.get(&at).await.main().contains("支援措置"), "it stands until somebody else decides");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_browses_and_every_look_is_recorded() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kojin").await;
    let (id, _) = person(&city, MAIL).await;
    let empty = desk.get("/people").await;
    assert!(!empty.body.contains(&id) && empty.main().contains("全員の一覧はありません"));
    assert!(desk.post("/people", &[("q", "minato")]).await.main().contains("見つかりませんでした"));
    desk.get(&format!("/people/{id}")).await;
    let seen = city.texts("SELECT action AS v FROM audit_event WHERE action = 'person.read'").await;
    assert_eq!(seen.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_merge_and_erasure_go_through_the_page() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kojin").await;
    let ((kept, _), (gone, foreign)) = (person(&city, MAIL).await, person(&city, "second@example.jp").await);
    let at = format!("/people/{kept}");
    let wrong = desk.post(&format!("{at}/safe"), &[("address", &foreign), ("safe", "true")]).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND, "another person's address");
    desk.post(&format!("{at}/withdrawal"), &[("purpose", "news")]).await;
    assert!(desk.get(&at).await.main().contains("取り消し"));
    let refused = desk.get(&format!("{at}/merge?other={kept}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let preview = desk.get(&format!("{at}/merge?other={gone}")).await;
    assert!(preview.main().contains(MAIL) && preview.main().contains("second@example.jp"));
    let merged = desk.post(&format!("{at}/merge"), &[("other", &gone)]).await;
    assert_eq!(merged.location(), format!("{at}?done=merged"));
    assert_eq!(desk.get(&format!("/people/{gone}")).await.location(), at);
    let asked = desk.post(&format!("{at}/erasure"), &[("reason", "本人の求め")]).await;
    assert_eq!(asked.location(), format!("{at}?done=asked"));
    assert_eq!(city.texts("SELECT kind AS v FROM two_person_change").await, ["person.erase"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_part_what_was_merged() {
    let city = City::new(TestDb::sqlite().await).await;
    let (desk, second) = (city.staff("kojin").await, city.staff("kojin-2").await);
    let ((kept, _), (gone, _)) = (person(&city, MAIL).await, person(&city, "second@example.jp").await);
    let at = format!("/people/{kept}");
    assert!(!desk.get(&at).await.main().contains("まとめたのをやめる"), "nothing was merged");
    assert_eq!(desk.post(&format!("{at}/merge/undo"), &[("reason", "別人")]).await.status, StatusCode::CONFLICT);
    desk.post(&format!("{at}/merge"), &[("other", &gone)]).await;
    assert!(desk.get(&at).await.main().contains("second@example.jp"));
    let refused = desk.post(&format!("{at}/merge/undo"), &[("reason", " ")]).await;
    assert!(refused.main().contains("理由を書いてください"));
    let asked = desk.post(&format!("{at}/merge/undo"), &[("reason", "同姓の別の人でした")]).await;
    assert_eq!(asked.location(), format!("{at}?done=asked"));
    assert!(desk.get(&at).await.main().contains("second@example.jp"), "nobody has decided yet");
    let changes = second.get("/changes").await;
    assert!(changes.main().contains("まとめた2人を、元の2人に分けます。"), "{}", changes.main());
    let change = city.texts("SELECT id AS v FROM two_person_change").await.remove(0);
    let decision = [("decision", "approve"), ("remark", "")];
    let own = desk.post(&format!("/changes/{change}/decide"), &decision).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "nobody decides on what they asked for");
    let done = second.post(&format!("/changes/{change}/decide"), &decision).await;
    assert_eq!(done.location(), "/changes?done=decided", "{}", done.body);
    assert!(!desk.get(&at).await.main().contains("second@example.jp"));
    assert!(desk.get(&format!("/people/{gone}")).await.main().contains("second@example.jp"));
}
