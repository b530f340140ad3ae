//! `/board` and `/questions` of the staff's face.

use access::{Principal, account};
use calendar::Clock;
use city::Lang;
use knowledge::desk::Desk as At;
use knowledge::draft::{self, ApproveOutcome, Changes, SaveOutcome};
use testkit::{TestDb, on_both_engines};

use crate::support::{City, Desk};

const WORDS: &str = "粗大ごみを夜に出せますか";

/// Leaves a question as a citizen does and lets it find its section; its short number.
async fn left(city: &City, body: &str, mail: &str) -> String {
    let token = city.get("/questions/new").await.hidden("submission");
    let sent = city.post("/questions", &[("submission", &token), ("body", body), ("mail", mail)]).await;
    city.work().await;
    sent.location().split('/').nth(2).expect("number").to_owned()
}

/// The id of the first group on a page.
fn first_group(page: &str) -> String {
    let from = page.find("href=\"/board/").expect("a group") + 13;
    page[from..].split('"').next().expect("id").to_owned()
}

/// The values of all hidden fields of a name.
fn hidden_fields(page: &str, name: &str) -> Vec<String> {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).skip(1).map(|rest| rest.split('"').next().expect("value").to_owned()).collect()
}

/// Somebody of the staff, as policy sees them.
pub(crate) async fn principal(city: &City, login: &str) -> Principal {
    let mut tx = city.test.db.read().await.expect("read");
    let found = access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect("account");
    let today = city.test.clock.now().jst_date();
    account::principal(&mut tx, &city.state.organisation(), &found.id, today).await.expect("principal")
}

/// Writes a draft, asks for approval and publishes it, as the pages of drafts do.
async fn publish(city: &City, id: &str) {
    let (writer, approver) = (principal(city, "kankyo-sakusei").await, principal(city, "kankyo-shonin").await);
    let (organisation, clock, mut rng) = (city.state.organisation(), city.test.clock.as_ref(), city.test.rng());
    let at = |who| At { who, organisation: &organisation, clock };
    let snapshot = city.state.library.snapshot();
    let model = snapshot.by_code("gomi-no-hi").expect("article").content.clone();
    let mut tx = city.test.db.write().await.expect("write");
    let found = draft::get(&mut tx, &at(&writer), id).await.expect("draft");
    let mut content = model;
    content.texts.retain(|lang, _| *lang == Lang::Ja);
    let text = content.texts.get_mut(&Lang::Ja).expect("Japanese");
    text.question = found.content.texts[&Lang::Ja].question.clone();
    text.keywords = found.content.texts[&Lang::Ja].keywords.clone();
    let changes = Changes { code: "gomi-yoru".into(), content, note: String::new() };
    let saved = draft::save(&mut tx, &at(&writer), &mut rng, id, found.edit, changes).await.expect("saved");
    let SaveOutcome::Saved { edit } = saved else { panic!("nobody else wrote") };
    draft::submit(&mut tx, &at(&writer), id, edit).await.expect("submitted");
    let edit = draft::get(&mut tx, &at(&approver), id).await.expect("draft").edit;
    let done = draft::approve(&mut tx, &at(&approver), &mut rng, id, edit).await.expect("approved");
    let ApproveOutcome::Published(published) = done else { panic!("published") };
    let answered = knowledge::question::answered_by_article(
        &mut tx,
        clock,
        &mut rng,
        &published.questions,
        &published.code,
        "kankyo",
        &approver.actor(),
    )
    .await
    .expect("answered");
    assert_eq!(answered.len(), 1);
    tx.commit().await.expect("commit");
    city.state.library.refresh(&city.test.db).await.expect("read");
}

async fn drafts(city: &City) -> usize {
    city.texts("SELECT id AS v FROM draft").await.len()
}

on_both_engines! {
    async fn a_left_question_becomes_a_draft_and_the_draft_answers_it(test: TestDb) {
        let city = City::new(test).await;
        let desk = city.staff("kankyo-sakusei").await;
        let empty = desk.get("/board").await;
        assert!(empty.main().contains("答えのなかった質問はありません"), "{}", empty.main());
        let number = left(&city, WORDS, "").await;
        // Groups are kept for a minute.
        city.test.clock.advance(std::time::Duration::from_secs(61));
        let page = desk.get("/board").await;
        for part in [WORDS, "原稿をつくる", "環境事業課", "週ごとの人数", &format!("/questions/{number}")]
        {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let id = first_group(page.main());
        let made = desk.post(&format!("/board/{id}/draft"), &[]).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let draft = made.location().trim_start_matches("/drafts/").trim_end_matches("?done=made").to_owned();
        assert!(desk.get("/board").await.main().contains(&format!("/drafts/{draft}")), "the draft is offered again");
        let again = desk.post(&format!("/board/{id}/draft"), &[]).await;
        assert_eq!(again.location(), format!("/drafts/{draft}"), "one draft for one matter");
        assert_eq!(drafts(&city).await, 1);
        let question = desk.get(&format!("/questions/{number}")).await;
        assert!(question.main().contains("原稿</a>を作っています"), "{}", question.main());
        publish(&city, &draft).await;
        let question = desk.get(&format!("/questions/{number}")).await;
        assert!(question.main().contains("/articles/gomi-yoru"), "{}", question.main());
        assert!(!question.main().contains("回答する</button>"), "answered once");
        assert!(desk.get("/board").await.main().contains("答えのなかった質問はありません"));
        let listed = desk.get("/questions?state=answered").await;
        assert!(listed.main().contains(WORDS) && listed.main().contains("回答した"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_a_later_day_answers_on_that_day() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kankyo-sakusei").await;
    let number = left(&city, WORDS, "asked@example.jp").await;
    city.test.clock.advance(std::time::Duration::from_secs(61));
    let id = first_group(desk.get("/board").await.main());
    let made = desk.post(&format!("/board/{id}/draft"), &[]).await;
    let draft = made.location().trim_start_matches("/drafts/").trim_end_matches("?done=made").to_owned();
    let (writer, approver) = (principal(&city, "kankyo-sakusei").await, principal(&city, "kankyo-shonin").await);
    let (organisation, clock, mut rng) = (city.state.organisation(), city.test.clock.as_ref(), city.test.rng());
    let at = |who| At { who, organisation: &organisation, clock };
    let mut content = city.state.library.snapshot().by_code("gomi-no-hi").expect("article").content.clone();
    content.valid_from = Some("2026-12-01".parse().expect("day"));
    let mut tx = city.test.db.write().await.expect("write");
    let edit = draft::get(&mut tx, &at(&writer), &draft).await.expect("draft").edit;
    let changes = Changes { code: "gomi-yoru".into(), content, note: String::new() };
    let saved = draft::save(&mut tx, &at(&writer), &mut rng, &draft, edit, changes).await.expect("saved");
    let SaveOutcome::Saved { edit } = saved else { panic!("nobody else wrote") };
    draft::submit(&mut tx, &at(&writer), &draft, edit).await.expect("submitted");
    tx.commit().await.expect("commit");
    let mut tx = city.test.db.read().await.expect("read");
    let edit = draft::get(&mut tx, &at(&approver), &draft).await.expect("draft").edit.to_string();
    drop(tx);
    let shonin = city.staff("kankyo-shonin").await;
    let done = shonin.post(&format!("/drafts/{draft}/approval"), &[("edit", &edit)]).await;
    assert_eq!(done.location(), "/articles/gomi-yoru?done=published", "{}", done.main());
    let page = format!("/questions/{number}");
    assert!(!desk.get(&page).await.main().contains("/articles/gomi-yoru"), "not before its day");
    let mut tx = city.test.db.write().await.expect("write");
    knowledge::daily::schedule(&mut tx, clock, &mut rng).await.expect("scheduled");
    tx.commit().await.expect("commit");
    assert!(!city.mails().await.iter().any(|m| m.body.contains(&number)), "nobody is told before its day");
    city.test.clock.set(calendar::Instant::from_jst("2026-12-01T05:00:00".parse().expect("moment")));
    city.state.library.refresh(&city.test.db).await.expect("read");
    let mails = city.mails().await;
    assert!(mails.iter().any(|m| m.to == "asked@example.jp" && m.body.contains(&number)), "{mails:?}");
    let desk = city.staff("kankyo-sakusei").await;
    assert!(desk.get(&page).await.main().contains("/articles/gomi-yoru"));
    let mut tx = city.test.db.write().await.expect("write");
    let today = clock.now().jst_date();
    let answered = knowledge::daily::answer_begun(&mut tx, clock, &mut rng, &organisation, today).await;
    assert!(answered.expect("read").is_empty(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_answers_no_question_of_another_section() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kankyo-sakusei").await;
    let (own, other) = (left(&city, WORDS, "").await, left(&city, WORDS, "").await);
    let form = [("section", "shimin"), ("remark", "そちらの仕事です")];
    led(&desk.post(&format!("/questions/{other}/hand-over"), &form).await);
    let id = first_group(desk.get("/board").await.main());
    led(&desk.post(&format!("/board/{id}/draft"), &[]).await);
    let answers = "SELECT number AS v FROM question WHERE id IN (SELECT question FROM draft_source)";
    assert_eq!(city.texts(answers).await, [format!("質問-{own}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_section_sees_its_own_questions_and_dismisses_for_nobody_else() {
    let city = City::new(TestDb::sqlite().await).await;
    let (waste, registry, all) =
        (city.staff("kankyo-sakusei").await, city.staff("shimin-sakusei").await, city.staff("chosei").await);
    let (own, other) = (format!("{WORDS}か"), format!("{WORDS}。"));
    left(&city, &own, "").await;
    let number = left(&city, &other, "").await;
    let form = [("section", "shimin"), ("remark", "そちらの仕事です")];
    led(&waste.post(&format!("/questions/{number}/hand-over"), &form).await);
    let page = waste.get("/board").await;
    assert!(page.main().contains("2人") && page.main().contains(&own) && !page.main().contains(&other));
    let id = first_group(page.main());
    let page = registry.get(&format!("/board/{id}")).await;
    assert!(page.main().contains(&other) && !page.main().contains(&own), "{}", page.main());
    let reason = [("reason", "市の仕事ではない")];
    for desk in [&waste, &registry] {
        assert!(!desk.get("/board").await.main().contains("対応不要にする"));
        assert_eq!(desk.post(&format!("/board/{id}/dismissal"), &reason).await.status, 403);
    }
    led(&all.post(&format!("/board/{id}/dismissal"), &reason).await);
}

fn led(page: &crate::support::Page) {
    assert_eq!(page.status, 303, "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_article_answers_what_stood_on_the_page() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kankyo-shonin").await;
    let number = left(&city, WORDS, "").await;
    let page = desk.get("/board").await;
    let (id, article) = (first_group(page.main()), page.hidden("article"));
    assert!(!page.main().contains("原稿をつくる"), "an approver writes no drafts");
    let questions = hidden_fields(page.main(), "question");
    let address = format!("/board/{id}/answer");
    let unseen = desk.post(&address, &[("article", &article)]).await;
    assert_eq!(unseen.status, 422, "what was not on the page is not answered");
    let done = desk.post(&address, &[("article", &article), ("question", &questions[0])]).await;
    assert_eq!(done.location(), "/board?done=answered", "{}", done.body);
    let question = desk.get(&format!("/questions/{number}")).await;
    assert!(question.main().contains(&format!("/articles/{article}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_dismissed_with_a_reason_and_put_back() {
    let city = City::new(TestDb::sqlite().await).await;
    let (desk, other) = (city.staff("kankyo-sakusei").await, city.staff("shimin-sakusei").await);
    left(&city, WORDS, "").await;
    let id = first_group(desk.get("/board").await.main());
    assert_eq!(other.get(&format!("/board/{id}")).await.status, 403);
    assert_eq!(other.post(&format!("/board/{id}/dismissal"), &[("reason", "x")]).await.status, 403);
    assert!(!other.get("/board").await.main().contains(WORDS));
    let long = "長".repeat(201);
    let wrong = desk.post(&format!("/board/{id}/dismissal"), &[("reason", &long)]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.main().contains(&long) && wrong.main().contains("200文字まで"), "the form comes back filled");
    let done = desk.post(&format!("/board/{id}/dismissal"), &[("reason", "市の仕事ではない")]).await;
    assert_eq!(done.location(), "/board?done=dismissed");
    assert!(!desk.get("/board").await.main().contains(WORDS));
    let page = desk.get("/board?dismissed=1").await;
    assert!(page.main().contains("市の仕事ではない") && page.main().contains("環境事業課 作成者"), "{}", page.main());
    desk.post(&format!("/board/{id}/restoration"), &[]).await;
    assert!(desk.get("/board").await.main().contains(WORDS));
    assert!(desk.get("/board?kind=miss").await.main().contains("しぼり込みをやめる"));
}

async fn answer_form(desk: &Desk<'_>, number: &str, form: &[(&str, &str)]) -> crate::support::Page {
    desk.post(&format!("/questions/{number}/answer"), form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_by_hand() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("kankyo-sakusei").await;
    let number = left(&city, WORDS, "kimi@example.jp").await;
    let page = desk.get(&format!("/questions/{number}")).await;
    assert!(page.main().contains("メールで知らせます") && !page.body.contains("kimi@"), "{}", page.main());
    let wrong = answer_form(&desk, &number, &[("step", "answer"), ("text", " ")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.main().contains("答えの文章を書くか"));
    let search = [("step", "search"), ("q", "転入届"), ("text", "書きかけ <b>です")];
    let found = answer_form(&desk, &number, &search).await;
    assert_eq!(found.status, 200);
    assert!(found.main().contains("書きかけ &#60;b&#62;です"), "what was typed stays: {}", found.main());
    assert!(found.main().contains("value=\"tennyu\""), "{}", found.main());
    let hidden = answer_form(&desk, &number, &[("article", "nai"), ("text", "")]).await;
    assert_eq!(hidden.status, 422);
    let done = answer_form(&desk, &number, &[("step", "answer"), ("text", "朝に **出して** ください。")]).await;
    assert_eq!(done.location(), format!("/questions/{number}?done=answered"));
    let page = desk.get(done.location()).await;
    assert!(page.main().contains("<strong>出して</strong>") && page.main().contains("回答しました。"));
    let late = answer_form(&desk, &number, &[("step", "answer"), ("text", "もう一度")]).await;
    assert_eq!(late.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_handed_over_and_its_way_is_seen() {
    let city = City::new(TestDb::sqlite().await).await;
    let (waste, registry) = (city.staff("kankyo-sakusei").await, city.staff("shimin-sakusei").await);
    let number = left(&city, WORDS, "").await;
    let address = format!("/questions/{number}");
    assert_eq!(registry.get(&address).await.status, 403);
    let wrong = waste.post(&format!("{address}/hand-over"), &[("section", "shimin"), ("remark", "")]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.main().contains("引き継ぐ理由を書いてください") && wrong.main().contains("value=\"shimin\" selected")
    );
    for (i, (desk, to)) in [(&waste, "shimin"), (&registry, "kankyo")].into_iter().enumerate() {
        city.test.clock.advance(std::time::Duration::from_secs(60));
        let form = [("section", to), ("remark", "そちらの仕事です")];
        let done = desk.post(&format!("{address}/hand-over"), &form).await;
        assert_eq!(done.location(), "/questions?done=handed-over", "{i}");
        assert_eq!(desk.get(&address).await.status, 403, "it is another section's now");
    }
    let page = waste.get(&address).await;
    for part in ["たらい回し 2回", "そちらの仕事です", "環境事業課から市民課へ引き継いだ", "市民課 作成者"]
    {
        assert!(page.main().contains(part), "{part}: {}", page.main());
    }
    assert!(waste.get("/questions").await.main().contains("たらい回し 2回"));
    assert!(waste.get("/questions?age=7").await.main().contains("あてはまる質問はありません"));
}
