//! The desk of the contact centre.

use std::time::Duration;

use testkit::{TestDb, on_both_engines};

use crate::records::contacts::{Talk, window};
use crate::support::{City, Desk, Page, encode};

const DAY: Duration = Duration::from_secs(86_400);

/// A working day, on which the contact centre is open.
async fn open_city(test: TestDb) -> City {
    let city = City::new(test).await;
    city.test.clock.advance(DAY);
    city
}

/// Somebody who waits for a person.
async fn waiting(city: &City) -> Talk {
    Talk::begin(city, "人と話したいです").await
}

/// Somebody whom this person of the staff has.
async fn held(city: &City, desk: &Desk<'_>) -> Talk {
    let talk = waiting(city).await;
    led(&desk.post(&format!("{}/pick-up", talk.desk()), &[]).await);
    talk
}

fn led(page: &Page) -> &str {
    assert_eq!(page.status, 303, "{}", page.body);
    page.location()
}

/// A form that comes back with a sentence, which stands there once, and with what was typed.
fn refused(page: &Page, parts: &[&str]) {
    assert_eq!(page.status, 422, "{}", page.body);
    for part in parts {
        assert!(page.main().contains(part), "{part}: {}", page.main());
    }
    assert_eq!(page.main().matches(parts[0]).count(), 1, "{}: {}", parts[0], page.main());
}

async fn act(desk: &Desk<'_>, talk: &Talk, step: &str, form: &[(&str, &str)]) -> Page {
    desk.post(&format!("{}/{step}", talk.desk()), form).await
}

on_both_engines! {
    async fn who_waits_is_in_the_queue_and_is_taken_once(test: TestDb) {
        let city = open_city(test).await;
        let (one, two) = (city.staff("operator-1").await, city.staff("operator-2").await);
        assert_eq!(led(&one.post("/contacts/next", &[]).await), "/contacts?done=nobody-waits");
        let talk = waiting(&city).await;
        city.test.clock.advance(Duration::from_secs(161));
        let list = one.get("/contacts").await;
        for part in ["人と話したいです", "2:41", "待っている", &talk.desk(), "画面を閉じている"] {
            assert!(list.main().contains(part), "{part}: {}", list.main());
        }
        let stranger = city.staff("kankyo-sakusei").await.get("/contacts").await;
        assert!(!stranger.main().contains(&talk.number), "{}", stranger.main());
        let filtered = one.get("/contacts?state=resolved&channel=line&section=kankyo&topic=waste").await;
        assert!(filtered.main().contains("あてはまる応対はありません"), "{}", filtered.main());
        // Two who press at once: one gets it, the other is told.
        let (a, b) = tokio::join!(act(&one, &talk, "pick-up", &[]), act(&two, &talk, "pick-up", &[]));
        let (has, late, second) = if a.status == 303 { (&one, b, &two) } else { (&two, a, &one) };
        refused(&late, &["ほかの人が先に引き受けました"]);
        let form = [("client_id", "client-0001"), ("words", "お待たせしました。")];
        refused(&act(second, &talk, "reply", &form).await, &["ほかの人が応対しています"]);
        led(&act(has, &talk, "reply", &form).await);
        assert_eq!(led(&act(has, &talk, "pick-up", &[]).await), talk.desk(), "one's own");
        refused(&act(second, &talk, "take-over", &[]).await, &["引き受ける理由を選んでください"]);
        led(&act(second, &talk, "take-over", &[("reason", "absent")]).await);
        refused(&act(has, &talk, "reply", &[("client_id", "client-0002"), ("words", "まだ")]).await, &["ほかの人が応対しています"]);
        for (step, form, told) in [
            ("hold", vec![("waits", "true")], "少しお待ちください"),
            ("hold", vec![("waits", "false")], "お待たせしました。"),
            ("put-back", vec![], "職員におつなぎします"),
        ] {
            // The button that fits, and no other.
            let page = second.get(&talk.desk()).await;
            let waits = form == [("waits", "false")];
            for (words, there) in [("保留にする</button>", !waits), ("再開する</button>", waits), ("保留中", waits)] {
                assert_eq!(page.main().contains(words), there, "{words}: {}", page.main());
            }
            led(&act(second, &talk, step, &form).await);
            assert!(city.get(&talk.page()).await.main().contains(told), "{told}");
        }
        let taken = two.post("/contacts/next", &[]).await;
        assert!(led(&taken).starts_with(&talk.desk()), "{}", taken.location());
        assert!(two.get("/contacts").await.main().contains("わたしの応対 <span class=\"tag\">1"));
    }

    async fn a_section_takes_it_or_says_who_would_be_better(test: TestDb) {
        let city = open_city(test).await;
        let (operator, clerk) = (city.staff("operator-1").await, city.staff("shimin-sakusei").await);
        let talk = held(&city, &operator).await;
        assert_eq!(clerk.get(&talk.desk()).await.status, 403);
        let long = "長".repeat(1_001);
        for (section, summary, said) in [
            ("shimin", "", "次の課への要約を書いてください"),
            ("shimin", long.as_str(), "いま1001文字です"),
            ("nowhere", "転入届", "取り次ぐ課を一覧から選んでください"),
            ("kocho", "転入届", "いま担当している課です"),
        ] {
            let wrong = act(&operator, &talk, "transfers", &[("section", section), ("summary", summary)]).await;
            refused(&wrong, &[said, summary]);
        }
        let offer = [("section", "shimin"), ("summary", "転入届の持ち物")];
        led(&act(&operator, &talk, "transfers", &offer).await);
        refused(&act(&operator, &talk, "transfers", &offer).await, &["すでに取り次ぎを頼んでいます"]);
        refused(&act(&operator, &talk, "resolution", &[("wrap_up", "answered")]).await, &["取り次ぎの返事を待っています"]);
        let asked = clerk.get("/contacts").await;
        assert!(asked.main().contains("取り次ぎの頼み") && asked.main().contains("転入届の持ち物"), "{}", asked.main());
        let page = clerk.get(&talk.desk()).await;
        assert!(page.main().contains("広聴相談課から、取り次ぎを頼まれています"), "{}", page.main());
        let decide = format!("transfers/{}", talk.newest(&city, "contact_transfer").await);
        for (reason, better, said) in [
            ("", "kankyo", "受けられない理由を書いてください"),
            ("担当ちがい", "", "担当と思う課を選んでください"),
            ("担当ちがい", "shimin", "自分の課以外の課を選んでください"),
        ] {
            let form = [("decision", "decline"), ("reason", reason), ("better", better)];
            refused(&act(&clerk, &talk, &decide, &form).await, &[said, reason]);
        }
        let form = [("decision", "decline"), ("reason", "ごみの話です"), ("better", "kankyo")];
        assert_eq!(led(&act(&clerk, &talk, &decide, &form).await), "/contacts?done=transfer-declined");
        assert_eq!(clerk.get(&talk.desk()).await.status, 403, "it is none of theirs any more");
        let page = operator.get(&talk.desk()).await;
        for part in ["市民課は受けませんでした", "環境事業課", "ごみの話です"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert!(!city.get(&talk.page()).await.body.contains("ごみの話です"), "the citizen hears nothing of it");
        city.test.clock.advance(Duration::from_secs(1));
            led(&act(&operator, &talk, "transfers", &offer).await);
        let decide = format!("transfers/{}", talk.newest(&city, "contact_transfer").await);
        led(&act(&operator, &talk, &decide, &[("decision", "withdraw")]).await);
        assert_eq!(act(&clerk, &talk, &decide, &[("decision", "accept")]).await.status, 403);
        city.test.clock.advance(Duration::from_secs(1));
            led(&act(&operator, &talk, "transfers", &offer).await);
        let decide = format!("transfers/{}", talk.newest(&city, "contact_transfer").await);
        led(&act(&clerk, &talk, &decide, &[("decision", "accept")]).await);
        let page = city.get(&talk.page()).await;
        assert!(page.main().contains("市民課が代わってお答えします"), "{}", page.main());
        assert_eq!(operator.get(&talk.desk()).await.status, 403);
        assert!(clerk.get(&talk.desk()).await.main().contains("取り次ぎ 1回"));
    }

    async fn a_call_back_is_tried_and_kept_or_given_up(test: TestDb) {
        let city = open_city(test).await;
        let (operator, other) = (city.staff("operator-1").await, city.staff("operator-2").await);
        for ends in ["reached", "give_up"] {
            let talk = held(&city, &operator).await;
            let at = window(&city, "kocho");
            refused(&act(&operator, &talk, "call-backs", &[("phone", "12"), ("window", &at)]).await, &["市外局番から", "value=\"12\""]);
            let late = act(&operator, &talk, "call-backs", &[("phone", "072-123-4567"), ("window", "x")]).await;
            refused(&late, &["時間を一覧から選んでください"]);
            led(&act(&operator, &talk, "call-backs", &[("phone", "072-123-4567"), ("window", &at)]).await);
            let twice = act(&operator, &talk, "call-backs", &[("phone", "072-123-4567"), ("window", &at)]).await;
            refused(&twice, &["もう頼まれています"]);
            assert!(operator.get(&talk.desk()).await.main().contains("0721234567"), "who has it calls");
            let seen = other.get(&talk.desk()).await;
            assert!(!seen.body.contains("1234567") && seen.main().contains("•••"), "{}", seen.main());
            assert!(operator.get("/contacts").await.main().contains("折り返しの電話"));
            let call = format!("call-backs/{}", talk.newest(&city, "contact_call_back").await);
            refused(&act(&operator, &talk, &call, &[("outcome", "weather")]).await, &["つながらなかった理由を選んでください"]);
            led(&act(&operator, &talk, &call, &[("outcome", "busy")]).await);
            assert!(operator.get(&talk.desk()).await.main().contains("電話をかけました（話し中）"));
            led(&act(&operator, &talk, &call, &[("outcome", ends)]).await);
            assert_eq!(act(&operator, &talk, &call, &[("outcome", "reached")]).await.status, 409, "it is over");
            let missed = city.get(&talk.page()).await.main().contains("つながりませんでした");
            assert_eq!(missed, ends == "give_up");
        }
    }

    async fn matters_are_merged_and_parted(test: TestDb) {
        let city = open_city(test).await;
        let operator = city.staff("operator-1").await;
        let (a, b) = (held(&city, &operator).await, held(&city, &operator).await);
        let at = window(&city, "kocho");
        led(&act(&operator, &b, "call-backs", &[("phone", "072-123-4567"), ("window", &at)]).await);
        refused(&act(&operator, &b, "merge", &[("number", "2026-9999")]).await, &["この番号の応対はありません", "2026-9999"]);
        refused(&act(&operator, &b, "merge", &[("number", &b.number)]).await, &["同じ応対です"]);
        let merged = act(&operator, &b, "merge", &[("number", &a.number)]).await;
        assert_eq!(led(&merged), format!("{}?done=contacts-merged", a.desk()));
        let page = operator.get(&a.desk()).await;
        assert!(page.main().contains("0721234567"), "the promise came along: {}", page.main());
        led(&act(&operator, &a, &format!("call-backs/{}", a.newest(&city, "contact_call_back").await), &[("outcome", "reached")]).await);
        refused(&act(&operator, &b, "note", &[("client_id", "client-0001"), ("words", "x")]).await, &["ほかの応対にまとめられています"]);
        // Either key opens the whole.
        let said = [("client_id", "client-0002"), ("words", "ごみの日も知りたい")];
        assert_eq!(city.post(&format!("{}/messages", b.page()), &said).await.status, 303);
        for talk in [&a, &b] {
            assert!(city.get(&talk.page()).await.main().contains("ごみの日も知りたい"));
        }
        let last = a.contact(&city).await.last_seq.to_string();
        let token = "5".repeat(32);
        refused(&act(&operator, &a, "split", &[("from", "1"), ("submission", &token)]).await, &["最初のメッセージからは分けられません"]);
        let split = act(&operator, &a, "split", &[("from", &last), ("submission", &token)]).await;
        let made = led(&split).split('?').next().expect("an address").to_owned();
        assert!(operator.get(&made).await.main().contains("ごみの日も知りたい"));
        let page = city.get(&a.page()).await;
        assert!(!page.main().contains("ごみの日も知りたい") && page.main().contains("別のご用件を分けました"));
        assert!(!operator.get(&a.desk()).await.main().contains("0000-") && operator.get(&a.desk()).await.main().contains("••••"));
        // The citizen finds the new one with what the old page says.
        let key = page.main().split("合い言葉は ").nth(1).expect("a key").chars().take(19).collect::<String>();
        let found = city.get(&format!("{made}/{key}")).await;
        assert!(found.main().contains("ごみの日も知りたい"), "{}", found.main());
    }

    async fn harassment_is_flagged_warned_and_decided(test: TestDb) {
        let city = open_city(test).await;
        let (operator, supervisor) = (city.staff("operator-1").await, city.staff("supervisor").await);
        let talk = held(&city, &operator).await;
        refused(&act(&operator, &talk, "incidents", &[("kind", ""), ("words", "大声")]).await, &["何があったかを選んでください", "大声"]);
        led(&act(&operator, &talk, "incidents", &[("kind", "threat"), ("words", "大声で脅した")]).await);
        assert!(supervisor.get("/incidents").await.main().contains("大声で脅した"));
        let id = talk.newest(&city, "contact_incident").await;
        let decision = format!("/incidents/{id}/decision");
        for (remark, rest, said) in [("続いた", "30", "先に警告を送ってください"), ("", "30", "判断の理由を"), ("続いた", "900", "240分まで")] {
            let form = [("decision", "end"), ("remark", remark), ("rest", rest)];
            refused(&supervisor.post(&decision, &form).await, &[said, &format!("{remark}</textarea>")]);
        }
        for _ in 0..2 {
            let form = [("number", talk.number.as_str())];
            assert_eq!(led(&operator.post(&format!("/incidents/{id}/warning"), &form).await), format!("{}?done=warned", talk.desk()));
        }
        let page = city.get(&talk.page()).await;
        assert_eq!(page.main().matches("職員を傷つけることば").count(), 1, "{}", page.main());
        assert_eq!(operator.post(&decision, &[("decision", "end"), ("remark", "続いた")]).await.status, 403);
        let form = [("decision", "end"), ("remark", "警告のあとも続いた"), ("rest", "30")];
        assert_eq!(led(&supervisor.post(&decision, &form).await), "/incidents?done=decided");
        assert_eq!(supervisor.post(&decision, &form).await.status, 409);
        let past = supervisor.get("/incidents").await;
        assert!(past.main().contains("警告のあとも続いた") && past.main().contains("まで休み"), "{}", past.main());
        let page = city.get(&talk.page()).await;
        assert!(page.main().contains("この応対を終わります") && !page.body.contains("大声で脅した"), "{}", page.main());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_carries_an_article_and_a_note_stays_in_the_house() {
    let city = open_city(TestDb::sqlite().await).await;
    let operator = city.staff("operator-1").await;
    let talk = held(&city, &operator).await;
    let mut stream = city.stream(&format!("{}/stream?after=99", talk.page())).await;
    stream.next_of("state").await;
    let note = [("client_id", "client-note"), ("words", "怒っているので注意")];
    led(&act(&operator, &talk, "note", &note).await);
    let article = [("client_id", "client-0001"), ("words", ""), ("article", "tennyu")];
    let sent = operator.post_script(&format!("{}/reply", talk.desk()), &article).await;
    let seq = serde_json::from_str::<serde_json::Value>(&sent.body).expect("JSON")["seq"].as_i64().expect("a place");
    let again = operator.post_script(&format!("{}/reply", talk.desk()), &article).await;
    assert_eq!(again.body, sent.body, "sent twice, stored once");
    let page = city.get(&talk.page()).await;
    assert!(
        page.main().contains("/articles/tennyu") && page.main().contains(&format!("id=\"m{seq}\"")),
        "{}",
        page.main()
    );
    assert!(!page.body.contains("怒っている"), "{}", page.body);
    let desk = operator.get(&talk.desk()).await;
    assert!(
        desk.main().contains("怒っているので注意") && desk.main().contains("メモ オペレーター 1"),
        "{}",
        desk.main()
    );
    // Whoever was there from the beginning heard nothing of it either.
    let mut all = city.stream(&format!("{}/stream", talk.page())).await;
    let mut heard = String::new();
    loop {
        let (name, data) = all.next().await;
        heard.push_str(&data.to_string());
        if name == "state" {
            break;
        }
    }
    assert!(heard.contains("tennyu") && !heard.contains("怒っている"), "{heard}");
    for (form, said) in [
        ([("client_id", "client-0002"), ("words", " "), ("article", "")], "送ることばを書いてください"),
        ([("client_id", "client-0002"), ("words", "どうぞ"), ("article", "nothing")], "このFAQは公開されていません"),
        ([("client_id", "x"), ("words", "どうぞ"), ("article", "")], "このページを開き直してから"),
    ] {
        refused(&act(&operator, &talk, "reply", &form).await, &[said, form[1].1]);
        let script = operator.post_script(&format!("{}/reply", talk.desk()), &form).await;
        assert_eq!(script.status, 422);
        assert!(script.body.contains(said), "{}", script.body);
    }
    led(&act(&operator, &talk, "again", &[]).await);
    assert!(operator.get(&talk.desk()).await.main().contains("説明のくり返し 1回"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_is_asked_without_seeing_the_conversation() {
    let city = open_city(TestDb::sqlite().await).await;
    let (operator, clerk) = (city.staff("operator-1").await, city.staff("kankyo-sakusei").await);
    let talk = held(&city, &operator).await;
    refused(
        &act(&operator, &talk, "side-questions", &[("section", ""), ("question", "夜でも？")]).await,
        &["確認する課を", "夜でも？"],
    );
    refused(
        &act(&operator, &talk, "side-questions", &[("section", "kankyo"), ("question", "")]).await,
        &["文章を書いてください"],
    );
    let ask = [("section", "kankyo"), ("question", "夜でも出せますか")];
    led(&act(&operator, &talk, "side-questions", &ask).await);
    let list = clerk.get("/contacts").await;
    assert!(list.main().contains("夜でも出せますか") && !list.body.contains("人と話したい"), "{}", list.main());
    assert!(!city.staff("shimin-sakusei").await.get("/contacts").await.main().contains("夜でも出せますか"));
    assert_eq!(clerk.get(&talk.desk()).await.status, 403);
    assert_eq!(clerk.get(&format!("{}/suggestions", talk.desk())).await.status, 403);
    assert_eq!(clerk.get(&format!("/contacts/stream?contact={}", talk.number)).await.status, 403);
    let answer = format!("/side-questions/{}", talk.newest(&city, "contact_side_question").await);
    let empty = clerk.post(&answer, &[("answer", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.main().contains("文章を書いてください"), "{}", empty.main());
    // What was written is not lost, whatever is wrong with it.
    let long = "朝に出してください。".repeat(201);
    let refused_once = clerk.post(&answer, &[("answer", &long)]).await;
    refused(&refused_once, &["2000文字", &long]);
    assert!(refused_once.body.contains("<title>エラー: 応対"), "{}", refused_once.body);
    led(&clerk.post(&answer, &[("answer", "朝に出してください")]).await);
    let twice = clerk.post(&answer, &[("answer", "夜でよい")]).await;
    refused(&twice, &["ほかの人が先に答えました", "夜でよい"]);
    assert!(operator.get(&talk.desk()).await.main().contains("朝に出してください"));
    assert!(!city.get(&talk.page()).await.body.contains("朝に出してください"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_ends_with_how_and_may_be_looked_at_again() {
    let city = open_city(TestDb::sqlite().await).await;
    let operator = city.staff("operator-1").await;
    let talk = held(&city, &operator).await;
    for (form, said) in [
        ([("wrap_up", ""), ("follow_up_on", "")], "終わり方を選んでください"),
        ([("wrap_up", "answered"), ("follow_up_on", "あした")], "「あした」は日付ではありません"),
        ([("wrap_up", "answered"), ("follow_up_on", "2026-11-01")], "過ぎた日です"),
    ] {
        refused(&act(&operator, &talk, "resolution", &form).await, &[said]);
    }
    for (day, said) in [("2026-02-30", "は日付ではありません"), ("2026-11-01", "過ぎた日です")] {
        refused(&act(&operator, &talk, "follow-up", &[("follow_up_on", day)]).await, &[said]);
    }
    refused(&act(&operator, &talk, "topic", &[("topic", "mars")]).await, &["分類を一覧から選んでください"]);
    led(&act(&operator, &talk, "topic", &[("topic", "waste")]).await);
    let form = [("wrap_up", "answered"), ("follow_up_on", "2026-11-25")];
    led(&act(&operator, &talk, "resolution", &form).await);
    assert!(city.get(&talk.page()).await.main().contains("職員が応対を終わりました"));
    assert!(!operator.get("/contacts").await.main().contains("もう一度見る日 <span"));
    city.test.clock.advance(DAY);
    let operator = city.staff("operator-1").await;
    assert!(operator.get("/contacts").await.main().contains("もう一度見る日 <span"));
    led(&act(&operator, &talk, "pick-up", &[]).await);
    assert!(operator.get(&talk.desk()).await.main().contains("また始まりました"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_by_telephone_is_typed_in() {
    let city = open_city(TestDb::sqlite().await).await;
    let operator = city.staff("operator-1").await;
    let token = operator.get("/contacts/new").await.hidden("submission");
    let form = |channel, words, topic| {
        [("submission", token.as_str()), ("channel", channel), ("section", "kocho"), ("words", words), ("topic", topic)]
    };
    for (fields, said) in [
        (form("phone", " ", ""), "聞いたことを、1文字から"),
        (form("web", "住民票", ""), "受けた方法を選んでください"),
        (form("", "住民票", ""), "受けた方法を選んでください"),
        (form("phone", "住民票", "mars"), "分類を一覧から選んでください"),
    ] {
        let page = operator.post("/contacts/new", &fields).await;
        refused(&page, &[said, fields[3].1]);
        assert_eq!(page.hidden("submission"), token);
    }
    let made = operator.post("/contacts/new", &form("counter", "住民票の取り方", "registry")).await;
    let twice = operator.post("/contacts/new", &form("counter", "住民票の取り方", "registry")).await;
    assert_eq!(led(&twice), led(&made));
    let page = operator.get(led(&made)).await;
    for part in ["窓口", "住民票の取り方", "市民への返事"] {
        assert!(page.main().contains(part), "{part}: {}", page.main());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_and_answers_are_at_hand() {
    let city = open_city(TestDb::sqlite().await).await;
    let (operator, other) = (city.staff("operator-1").await, city.staff("operator-2").await);
    let talk = Talk::begin(&city, "転入届の持ち物は何ですか").await;
    city.post(&format!("{}/hand-over", talk.page()), &[]).await;
    led(&act(&operator, &talk, "pick-up", &[]).await);
    let kept = act(&operator, &talk, "draft", &[("kind", "reply"), ("words", "書きかけの返事")]).await;
    assert_eq!((kept.status.as_u16(), kept.body.contains("\"at\"")), (200, true), "{}", kept.body);
    act(&operator, &talk, "draft", &[("kind", "note"), ("words", "書きかけのメモ")]).await;
    assert_eq!(act(&operator, &talk, "draft", &[("kind", "poem"), ("words", "x")]).await.status, 404);
    let page = city.staff("operator-1").await.get(&talk.desk()).await;
    assert!(page.main().contains("書きかけの返事</textarea>") && page.main().contains("書きかけのメモ</textarea>"));
    assert!(!other.get(&talk.desk()).await.body.contains("書きかけの"), "a draft is the writer's own");
    led(&act(&operator, &talk, "reply", &[("client_id", "client-0001"), ("words", "書きかけの返事")]).await);
    act(&operator, &talk, "draft", &[("kind", "note"), ("words", " ")]).await;
    let page = operator.get(&talk.desk()).await;
    assert!(!page.main().contains("書きかけの返事</textarea>") && !page.main().contains("書きかけのメモ"));
    let path = format!("{}/suggestions", talk.desk());
    let offered = operator.get(&path).await;
    assert_eq!(offered.headers["cache-control"], "no-store");
    assert!(
        offered.body.contains("data-insert=\"tennyu\"") && offered.body.contains("<dl class=\"brief\">"),
        "{}",
        offered.body
    );
    let found = operator.get(&format!("{path}?q={}", encode("粗大ごみ"))).await;
    assert!(found.body.contains("/articles/") && !found.body.contains("data-insert=\"tennyu\" "), "{}", found.body);
    let nothing = operator.get(&format!("{path}?q={}", encode(&"あ".repeat(2_000)))).await;
    assert_eq!(nothing.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sentences_are_kept_by_who_looks_after_a_section() {
    let city = open_city(TestDb::sqlite().await).await;
    let (supervisor, operator) = (city.staff("supervisor").await, city.staff("operator-1").await);
    let form = |name, body| [("name", name), ("body", body), ("section", "kocho"), ("lang", "ja")];
    for (fields, said) in [
        (form("", "お待ちください。"), "名前を、1文字から"),
        (form("おわび", " "), "文章を、1文字から"),
        (form("おわび", "{氏名}さま"), "「{氏名}」という差し込みはありません"),
    ] {
        let page = supervisor.post("/macros", &fields).await;
        refused(&page, &[said, fields[1].1.trim()]);
    }
    led(&supervisor.post("/macros", &form("おわび\u{0}", "{課}です。{番号}のことでお待たせしています。")).await);
    assert!(!operator.get("/macros").await.main().contains("直す</a>"));
    let everywhere = [("name", "全市"), ("body", "はい。"), ("section", ""), ("lang", "ja")];
    assert_eq!(supervisor.post("/macros", &everywhere).await.status, 403);
    let coordinator = city.staff("chosei").await;
    led(&coordinator.post("/macros", &everywhere).await);
    let talk = held(&city, &operator).await;
    let page = operator.get(&talk.desk()).await;
    let filled = format!("広聴相談課です。応対-{}のことでお待たせしています。", talk.number);
    assert!(page.main().contains(&format!("value=\"{filled}\">おわび<")), "{}", page.main());
    led(&act(&operator, &talk, "reply", &[("client_id", "client-0001"), ("words", &filled)]).await);
    assert!(city.get(&talk.page()).await.main().contains(&filled));
    let id = city.texts("SELECT id AS v FROM contact_macro WHERE section = 'kocho'").await.remove(0);
    assert!(supervisor.get(&format!("/macros/{id}")).await.main().contains("value=\"おわび\""));
    led(&supervisor.post(&format!("/macros/{id}"), &form("おわび 2", "お待ちください。")).await);
    led(&supervisor.post(&format!("/macros/{id}/removal"), &[]).await);
    assert!(!operator.get("/macros").await.main().contains("おわび"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_hears_what_happens_and_who_is_there() {
    let city = open_city(TestDb::sqlite().await).await;
    let operator = city.staff("operator-1").await;
    // Who takes somebody is there, and is told that.
    let away = waiting(&city).await;
    let taken = act(&operator, &away, "pick-up", &[]).await;
    assert_eq!(led(&taken), format!("{}?done=now-available", away.desk()));
    let page = operator.get(taken.location()).await;
    assert!(page.main().contains("「受付可」に変えました") && page.main().contains("value=\"available\" selected"));
    led(&act(&operator, &away, "put-back", &[]).await);
    led(&operator.post("/presence", &[("state", "break")]).await);
    let next = operator.post("/contacts/next", &[]).await;
    assert_eq!(led(&next), format!("{}?done=now-available", away.desk()));
    led(&act(&operator, &away, "resolution", &[("wrap_up", "answered")]).await);
    led(&operator.post("/presence", &[("state", "available")]).await);
    assert!(operator.get("/contacts").await.main().contains("value=\"available\" selected"));
    assert_eq!(operator.post("/presence", &[("state", "asleep")]).await.status, 422);
    let talk = held(&city, &operator).await;
    let mut desk = operator.stream("/contacts/stream").await;
    let mut one = operator.stream(&format!("/contacts/stream?contact={}", talk.number)).await;
    let first = one.next_of("contact").await;
    assert_eq!(first["last"], talk.contact(&city).await.last_seq);
    city.post(&format!("{}/typing", talk.page()), &[]).await;
    assert_eq!(one.next_of("contact").await["typing"], true);
    let said = [("client_id", "client-0001"), ("words", "もしもし")];
    city.post(&format!("{}/messages", talk.page()), &said).await;
    loop {
        let told = one.next_of("contact").await;
        if told["last"].as_i64() > first["last"].as_i64() {
            assert_eq!(told["typing"], false);
            break;
        }
    }
    assert_eq!(desk.next().await.0, "desk");
    let mut citizen = city.stream(&format!("{}/stream?after=99", talk.page())).await;
    assert_eq!(citizen.next_of("state").await["typing"], false);
    assert_eq!(act(&operator, &talk, "typing", &[]).await.status, 204);
    assert_eq!(citizen.next_of("state").await["typing"], true);
    let last = talk.contact(&city).await.last_seq.to_string();
    assert_eq!(city.post(&format!("{}/reading", talk.page()), &[("seq", &last)]).await.status, 204);
    assert_eq!(act(&operator, &talk, "reading", &[("seq", &last)]).await.status, 204);
    let now = talk.contact(&city).await;
    assert_eq!((now.citizen_seen_seq, now.staff_seen_seq), (now.last_seq, now.last_seq));
    // Beyond the last there is nothing that can have been read.
    city.post(&format!("{}/reading", talk.page()), &[("seq", "9999")]).await;
    assert_eq!(talk.contact(&city).await.citizen_seen_seq, now.last_seq);
    // As many as one person can have.
    for _ in 1..contact::presence::MOST {
        held(&city, &operator).await;
    }
    waiting(&city).await;
    let full = operator.post("/contacts/next", &[]).await;
    assert_eq!(full.status, 422);
    refused(&full, &["一度に受け持てるのは4件までです"]);
}
