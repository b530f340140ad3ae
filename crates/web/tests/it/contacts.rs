//! `/contacts` of the citizens' face: talking with the city.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use city::Lang;
use contact::clarification;
use testkit::{TestDb, on_both_engines};

use crate::records::contacts::{Talk, window};
use crate::support::{City, Page, answer, encode, prefixes};

const DAY: Duration = Duration::from_secs(86_400);
const SCRIPT: &str = "<script>alert(1)</script>";

/// The citizen says something.
async fn say(city: &City, talk: &Talk, client: &str, words: &str) -> Page {
    city.post(&format!("{}/messages", talk.page()), &[("client_id", client), ("words", words)]).await
}

/// The same as the page's script does.
async fn say_by_script(city: &City, talk: &Talk, client: &str, words: &str) -> serde_json::Value {
    let form = [("client_id", client), ("words", words)];
    let page = city.post_with(&format!("{}/messages", talk.page()), &form, &[("x-requested-with", "chat")]).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    serde_json::from_str(&page.body).expect("JSON")
}

/// The conversation's page, after an act that leads there.
async fn then(city: &City, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.body);
    assert_eq!(page.headers["cache-control"], "no-store");
    city.get(page.location().split('#').next().expect("an address")).await
}

async fn act(city: &City, talk: &Talk, step: &str, form: &[(&str, &str)]) -> Page {
    let done = city.post(&format!("{}/{step}", talk.page()), form).await;
    then(city, &done).await
}

async fn messages(city: &City, talk: &Talk) -> Vec<contact::Message> {
    let id = talk.contact(city).await.id;
    let mut tx = city.test.db.read().await.expect("read");
    contact::message::since(&mut tx, &id, 0, 1000).await.expect("read")
}

on_both_engines! {
    async fn a_conversation_from_the_first_words_to_the_rating(test: TestDb) {
        let city = City::new(test).await;
        let form = city.get(&format!("/contacts/new?q={}", encode("転入届の持ち物"))).await;
        assert!(form.main().contains(">転入届の持ち物</textarea>"), "{}", form.main());
        let question = city.state.library.snapshot().by_code("tennyu").expect("there").text(Lang::Ja).0.question.clone();
        let begun = [("submission", &*form.hidden("submission")), ("words", &question)];
        let sent = city.post("/contacts", &begun).await;
        assert_eq!(city.post("/contacts", &begun).await.location(), sent.location(), "sent twice, begun once");
        let page = then(&city, &sent).await;
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
        let checked = city.state.library.snapshot().by_code("tennyu").expect("there").content.checked_on;
        let checked = format!("{}年{}月{}日", checked.year(), checked.month(), checked.day());
        for part in [question.as_str(), "/articles/tennyu", "第1版", "市民課", &checked, "class=\"facts\""] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let parts: Vec<&str> = sent.location().split('/').collect();
        let talk = Talk { number: parts[2].into(), key: parts[3].into() };
        let page = then(&city, &say(&city, &talk, "client-0001", "いくらですか？").await).await;
        assert!(page.main().contains("<div class=\"focus\">"), "{}", page.main());
        // The day is a holiday: the promise is for the next morning.
        let page = act(&city, &talk, "hand-over", &[]).await;
        for part in ["いまは受付時間の外です", "11月24日", "8時45分", "開いてから、順にお返事します"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let again = act(&city, &talk, "hand-over", &[]).await;
        assert_eq!(again.main().matches("8時45分から、順に").count(), 1, "asked twice, queued once");
        let page = act(&city, &talk, "closing", &[]).await;
        for part in ["応対を終わりました", "この応対は終わりました", "/rating\""] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let page = act(&city, &talk, "rating", &[("score", "4")]).await;
        assert!(page.main().contains("value=\"4\" aria-pressed=\"true\""), "{}", page.main());
        assert_eq!(city.post(&format!("{}/rating", talk.page()), &[("score", "6")]).await.status, 422);
        // Words open it again.
        let page = then(&city, &say(&city, &talk, "client-0002", "転入届の持ち物は？").await).await;
        assert!(!page.main().contains("/rating\"") && page.main().contains("自動応答がお返事します"));
    }

    async fn a_call_is_promised_once_and_errors_stand_beside_their_fields(test: TestDb) {
        let city = City::new(test).await;
        let talk = Talk::begin(&city, "火星人の飛行許可証").await;
        let path = format!("{}/call-back", talk.page());
        let form = city.get(&path).await;
        assert_eq!(form.headers["cache-control"], "no-store");
        assert!(form.main().matches("name=\"window\"").count() >= 5, "{}", form.main());
        let window = window(&city, &talk.contact(&city).await.section);
        let wrong = city.post(&path, &[("phone", "<b>12"), ("window", &window)]).await;
        assert_eq!(wrong.status, 422);
        for part in ["id=\"phone-error\"", "072-123-4567", "value=\"&#60;b&#62;12\"", "required checked"] {
            assert!(wrong.main().contains(part), "{part}: {}", wrong.main());
        }
        assert!(wrong.body.contains("<title>エラー"), "the title tells it");
        for gone in ["", "0", "99999999999999"] {
            let form: &[(&str, &str)] = &[("phone", "072-765-4321"), ("window", gone)];
            let late = city.post(&path, if gone.is_empty() { &form[..1] } else { form }).await;
            assert_eq!(late.status, 422, "{gone}");
            assert!(late.main().contains("この時間はもう選べません") && late.main().contains("value=\"072-765-4321\""));
        }
        let page = act(&city, &talk, "call-back", &[("phone", "072-765-4321"), ("window", &window)]).await;
        assert!(page.main().contains("お電話します"), "{}", page.main());
        assert!(!page.body.contains("4321"), "the number is not on the page");
        let twice = city.post(&path, &[("phone", "072-765-4321"), ("window", &window)]).await;
        assert_eq!(twice.status, 422);
        assert!(twice.main().contains("もう頼まれています"), "{}", twice.main());
        assert_eq!(city.texts("SELECT id AS v FROM contact_call_back").await.len(), 1);
    }

    async fn what_comes_at_the_same_time_gets_one_order(test: TestDb) {
        let city = City::new(test).await;
        let talk = Talk::begin(&city, "").await;
        // Two tabs, later names first, and one of them sent twice.
        let (a, b, c, again) = tokio::join!(
            say_by_script(&city, &talk, "tab-2-0002", "こんにちは 2"),
            say_by_script(&city, &talk, "tab-1-0009", "こんにちは 9"),
            say_by_script(&city, &talk, "tab-1-0001", "こんにちは 1"),
            say_by_script(&city, &talk, "tab-2-0002", "こんにちは 2"),
        );
        assert_eq!(a, again, "one message");
        let all = messages(&city, &talk).await;
        assert_eq!(all.iter().map(|m| m.seq).collect::<Vec<_>>(), (1..=6).collect::<Vec<_>>(), "and an answer to each");
        for (told, words) in [(a, "こんにちは 2"), (b, "こんにちは 9"), (c, "こんにちは 1")] {
            let seq = told["seq"].as_i64().expect("a place");
            assert_eq!(all[seq as usize - 1].body.as_deref(), Some(words));
        }
        let before = all.len();
        assert_eq!(say_by_script(&city, &talk, "tab-2-0002", "こんにちは 2").await["seq"], again["seq"]);
        assert_eq!(messages(&city, &talk).await.len(), before, "sent again much later: the same place");
        // The form of an old page with other words is no repetition: nothing that somebody wrote is lost silently.
        let page = say(&city, &talk, "tab-2-0002", "転入届の持ち物").await;
        assert_eq!(page.status, 422);
        assert!(page.main().contains(">転入届の持ち物</textarea>"), "{}", page.main());
        assert_ne!(page.hidden("client_id"), "tab-2-0002", "sent from here it is taken");
    }

    async fn the_stream_tells_what_happens_and_takes_up_where_it_was(test: TestDb) {
        let city = City::new(test).await;
        let talk = Talk::begin(&city, SCRIPT).await;
        let mut stream = city.stream(&format!("{}/stream", talk.page())).await;
        let first = stream.next().await;
        assert_eq!((first.0.as_str(), &first.1["seq"]), ("message", &serde_json::json!(1)));
        let html = first.1["html"].as_str().expect("HTML");
        assert!(!html.contains("<script") && html.contains("&#60;script"), "{html}");
        let state = stream.next_of("state").await;
        assert_eq!(state["state"], "bot");
        then(&city, &say(&city, &talk, "client-0001", "人と話したいです").await).await;
        let said = stream.next_of("message").await;
        assert_eq!(said["client"], "client-0001");
        assert_eq!(stream.next_of("state").await["state"], "waiting");
        let last = talk.contact(&city).await.last_seq;
        let mut later = city.stream(&format!("{}/stream?after={}", talk.page(), last - 1)).await;
        let (name, data) = later.next().await;
        assert_eq!((name.as_str(), &data["seq"]), ("message", &serde_json::json!(last)));
        assert_eq!(later.next().await.0, "state", "nothing twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_question_is_asked_back_and_a_choice_is_a_plain_form() {
    let city = City::new(TestDb::sqlite().await).await;
    let file = "[[clarification]]\ncode='moving'\nwords=['引っ越し']\nquestion='どのお引っ越しですか'\n\
                choices=[{label='市外から <b>市へ</b>',article='tennyu'},{label='市内で',article='tenkyo'}]";
    let all = clarification::read(file, &|_| true).expect("read");
    let mut tx = city.test.db.write().await.expect("write");
    clarification::replace(&mut tx, city.test.clock.as_ref(), &all).await.expect("stored");
    tx.commit().await.expect("commit");
    let talk = Talk::begin(&city, "引っ越しします").await;
    let page = city.get(&talk.page()).await;
    for part in ["どのお引っ越しですか", "市外から &lt;b&gt;市へ&lt;/b&gt;", "市内で", "職員と話す"]
    {
        assert!(page.main().contains(part), "{part}: {}", page.main());
    }
    let form = [("client_id", "choice-2-2"), ("value", "article:tenkyo"), ("label", "市内で")];
    for (name, value) in &form {
        assert!(page.main().contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}: {}", page.main());
    }
    let page = act(&city, &talk, "choice", &form).await;
    assert!(page.main().contains("<p class=\"written\">市内で</p>") && page.main().contains("/articles/tenkyo"));
    assert!(!page.main().contains("choice-2-2\"><button"), "what was asked is not asked any more");
    let length = messages(&city, &talk).await.len();
    act(&city, &talk, "choice", &form).await;
    assert_eq!(messages(&city, &talk).await.len(), length, "pressed twice, taken once");
    // A choice that nobody offered does no harm.
    let forged = [("client_id", "choice-9-9"), ("value", SCRIPT), ("label", SCRIPT)];
    let page = act(&city, &talk, "choice", &forged).await;
    assert!(!page.body.contains(SCRIPT) && page.main().contains("確かな答えが見つかりません"), "{}", page.main());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_gets_ways_on_in_every_language() {
    let city = City::new(TestDb::sqlite().await).await;
    city.test.clock.advance(DAY);
    for (prefix, unsure, queued, wrong) in [
        ("", "確かな答えが見つかりませんでした", "そのままお待ちください", "番号か合い言葉"),
        ("/easy", "つかりませんでした", "つなぎます。このまま", "が ちがいます。もう"),
        ("/en", "no certain answer", "getting a person for you", "The number or the key is not right"),
    ] {
        let talk = Talk::begin_in(&city, prefix, "火星人の飛行許可証").await;
        let at = format!("{prefix}{}", talk.page());
        let page = city.get(&at).await;
        assert_eq!(page.headers["cache-control"], "no-store");
        let leave = format!("{prefix}/questions/new");
        for part in [unsure, &format!("{at}/hand-over"), &format!("{at}/call-back"), &leave, "data-state=\"bot\""] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        // In the hours of the contact centre somebody is there at once.
        let done = city.post(&format!("{at}/hand-over"), &[]).await;
        assert_eq!(done.location(), format!("{at}#latest"));
        let page = city.get(&at).await;
        assert!(page.main().contains(queued) && page.main().contains("data-state=\"waiting\""), "{}", page.main());
        for key in ["told-", "chat-", "error-"] {
            assert!(!page.main().contains(&format!(">{key}")), "every sentence is there in {prefix}: {}", page.main());
        }
        let lost = city.post(&format!("{prefix}/contacts/lookup"), &[("number", &talk.number), ("key", "0000")]).await;
        assert_eq!(lost.status, 422);
        assert_eq!(lost.headers["cache-control"], "no-store");
        assert!(lost.main().contains("id=\"wrong\"") && lost.main().contains(&format!("value=\"{}\"", talk.number)));
        assert!(lost.main().contains(wrong), "{}", lost.main());
        let typed = talk.key.to_lowercase().replace('-', " ");
        let found = city.post(&format!("{prefix}/contacts/lookup"), &[("number", &talk.number), ("key", &typed)]).await;
        assert_eq!(found.location(), at);
        assert_eq!(found.headers["cache-control"], "no-store");
        assert_eq!(city.get(&format!("{prefix}/contacts/{}/0000-0000-0000-0000", talk.number)).await.status, 404);
    }
}

/// A body as it stands, for what no page of ours would send.
async fn raw(city: &City, path: &str, kind: &str, body: Vec<u8>) -> Page {
    let request = Request::post(path).header(header::HOST, "localhost").header(header::CONTENT_TYPE, kind);
    answer(&city.public, request.body(Body::from(body)).expect("request")).await
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_no_form_gets_a_page_with_a_sentence() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, "").await;
    for (prefix, sentence) in prefixes().into_iter().zip(["大きすぎます", "長", "too large"]) {
        let path = format!("{prefix}{}/messages", talk.page());
        let mut body = b"client_id=client-0001&words=".to_vec();
        body.resize(100_000, b'a');
        let large = raw(&city, &path, FORM, body).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(large.main().contains(sentence), "{}", large.main());
        for (kind, body) in
            [("application/json", b"{\"words\":\"a\"}".to_vec()), ("application/octet-stream", vec![0, 255, 254, 1])]
        {
            let refused = raw(&city, &path, kind, body).await;
            assert!(refused.status.is_client_error(), "{kind}: {}", refused.status);
            assert!(refused.main().contains("<h1"), "{kind}: {}", refused.body);
        }
        let long = "a".repeat(10_000);
        let page = city.post(&path, &[("client_id", "client-0001"), ("words", &long)]).await;
        assert_eq!(page.status, 422);
        assert!(page.main().contains(&long) && page.main().contains("10000"), "the words come back");
        assert!(page.main().contains("id=\"words-error\" role=\"alert\">"));
        let by_script = [("x-requested-with", "chat")];
        let told = city.post_with(&path, &[("client_id", "client-0001"), ("words", " ")], &by_script).await;
        assert_eq!((told.status.as_u16(), told.body.starts_with("{\"error\":\"")), (422, true), "{}", told.body);
        for (client, words) in [("client-0001", "\u{0}\u{1}\u{7f} \n"), ("no name!", "質問"), ("", "質問")] {
            let refused = city.post(&path, &[("client_id", client), ("words", words)]).await;
            assert_eq!(refused.status, 422, "{client:?} {words:?}");
            assert!(refused.main().contains("id=\"words-error\" role=\"alert\">"), "{}", refused.main());
        }
    }
    assert!(messages(&city, &talk).await.is_empty());
    // Bytes that are no text, and control characters among words.
    let body = b"client_id=client-0002&words=%FF%FE%00%E3%81%93%E3%82%93%1Bx%0D%0A%07y".to_vec();
    let taken = raw(&city, &format!("{}/messages", talk.page()), FORM, body).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let body = messages(&city, &talk).await[0].body.clone().expect("words");
    assert!(body.ends_with("こんx\ny") && !body.contains(['\u{0}', '\u{1b}', '\u{7}']), "{body:?}");
    for (name, value) in [("submission", "\u{0}"), ("words", "\u{0}")] {
        let page = city.post("/contacts", &[(name, value)]).await;
        assert_eq!(page.status, 422, "{}", page.body);
    }
    let address = format!("/contacts/%00/{}", talk.key);
    assert!(city.get(&address).await.status.is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_is_told_so_and_nobody_else_is_kept_out() {
    let city = City::new(TestDb::sqlite().await).await;
    let (talk, other) = (Talk::begin(&city, "").await, Talk::begin(&city, "").await);
    let (here, there) = (SocketAddr::from(([10, 200, 0, 1], 1)), SocketAddr::from(([10, 200, 0, 2], 1)));
    let mut refused = None;
    for n in 0..400 {
        let form = [("client_id", format!("client-{n:04}")), ("words", "こんにちは".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let page = city.post_from(here, &format!("{}/messages", talk.page()), &form).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(page);
            break;
        }
        assert_eq!(page.status, 303, "{}", page.body);
    }
    let refused = refused.expect("an end of it");
    assert!(refused.main().contains("<h1") && refused.headers.contains_key("retry-after"), "{}", refused.body);
    let form = [("client_id", "client-0001"), ("words", "こんにちは")];
    assert_eq!(city.post_from(there, &format!("{}/messages", other.page()), &form).await.status, 303);
    // Whoever pretends to type without end is not passed on, and writes all the same.
    let mut typed = 0;
    while city.post_from(there, &format!("{}/typing", other.page()), &[]).await.status == StatusCode::NO_CONTENT {
        typed += 1;
        assert!(typed < 1_000, "no end of it");
    }
    assert!(typed >= 30, "who types a whole minute is passed on: {typed}");
    let form = [("client_id", "client-0002"), ("words", "こんにちは")];
    assert_eq!(city.post_from(there, &format!("{}/messages", other.page()), &form).await.status, 303);
    // Acts that write are counted as well.
    let mut last = StatusCode::SEE_OTHER;
    for _ in 0..400 {
        last = city.post_from(there, &format!("{}/rating", other.page()), &[("score", "1")]).await.status;
        if last != StatusCode::SEE_OTHER {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_changes_no_order() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, "はじめの言葉").await;
    let now = calendar::Clock::now(city.test.clock.as_ref());
    city.test.clock.set(now.minus(Duration::from_secs(3_600)));
    then(&city, &say(&city, &talk, "client-0001", "つぎの言葉").await).await;
    city.test.clock.set(now);
    let page = then(&city, &say(&city, &talk, "client-0002", "おわりの言葉").await).await;
    let staff = city.staff("operator-1").await.get(&talk.desk()).await;
    for page in [&page, &staff] {
        let log = &page.main()[page.main().rfind("<ol").expect("the talk")..];
        let places = ["はじめの言葉", "つぎの言葉", "おわりの言葉"].map(|w| log.find(w).expect(w));
        assert!(places.is_sorted(), "{places:?} {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_is_never_markup() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, &format!("{SCRIPT} '\" onload=x &amp;")).await;
    act(&city, &talk, "choice", &[("client_id", "choice-9-9"), ("value", SCRIPT), ("label", SCRIPT)]).await;
    let desk = city.staff("operator-1").await;
    desk.post(&format!("{}/pick-up", talk.desk()), &[]).await;
    let at = talk.desk();
    for (step, form) in [
        ("reply", vec![("client_id", "client-0001"), ("words", SCRIPT)]),
        ("note", vec![("client_id", "client-0002"), ("words", SCRIPT)]),
        ("draft", vec![("kind", "reply"), ("words", "</textarea><script>alert(1)</script>")]),
        ("transfers", vec![("section", "shimin"), ("summary", SCRIPT)]),
        ("side-questions", vec![("section", "shimin"), ("question", SCRIPT)]),
        ("incidents", vec![("kind", "abuse"), ("words", SCRIPT)]),
    ] {
        let done = desk.post(&format!("{at}/{step}"), &form).await;
        assert!(!done.status.is_client_error(), "{step}: {}", done.body);
    }
    let supervisor = city.staff("supervisor").await;
    let kept = [("name", SCRIPT), ("body", SCRIPT), ("section", "kocho"), ("lang", "ja")];
    assert_eq!(supervisor.post("/macros", &kept).await.status, 303);
    let clerk = city.staff("shimin-sakusei").await;
    let search = format!("{at}?q={}", encode(SCRIPT));
    let mut pages = vec![city.get(&talk.page()).await, clerk.get("/contacts").await, clerk.get(&at).await];
    for path in [at.as_str(), "/contacts", "/macros", &search, &format!("{at}/suggestions?q={}", encode(SCRIPT))] {
        pages.push(desk.get(path).await);
    }
    pages.push(supervisor.get("/incidents").await);
    pages.push(city.post("/contacts", &[("submission", "x"), ("words", SCRIPT)]).await);
    for page in &pages {
        assert!(page.status == 200 || page.status == 422, "{}", page.body);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("\" onload"), "{}", page.body);
    }
    assert!(pages[0].main().contains("&#60;script&#62;alert(1)"), "{}", pages[0].main());
    let mut stream = city.stream(&format!("{}/stream", talk.page())).await;
    let mut seen = 0;
    loop {
        let (name, data) = stream.next().await;
        assert!(!data.to_string().contains("<script"), "{data}");
        if name != "message" {
            break;
        }
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}
