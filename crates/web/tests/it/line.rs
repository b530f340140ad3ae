//! The pages that people reach from LINE, the webhook, and LINE's simulator as a page.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use city::Lang;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Simulator};
use line_account::inbox::Inbox;
use line_account::{Account, link};
use outreach::recipient::{self, Channel};
use outreach::{Address, subscription};
use testkit::{TestDb, on_both_engines};
use web::Line;

use crate::support::{City, Page, send};

/// An account on LINE, and LINE's side, which tells nothing by itself.
pub(crate) async fn account(test: &TestDb) -> Line {
    let config = Config::new(test.clock.clone(), Box::new(test.rng()));
    let (channel_id, secret) = (config.channel_id.clone(), config.channel_secret.clone());
    let simulator = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.expect("simulator");
    simulator.add_user("市民", Some("ja"));
    let settings = Settings::at(&simulator.base(), Credentials::Stateless { channel_id, secret: secret.clone() });
    let client = Client::new(settings, Limiter::off(), test.clock.clone()).expect("client");
    let (inbox, task) = Inbox::new(test.db.clone(), test.clock.clone(), test.entropy_source());
    tokio::spawn(task);
    let account = Account {
        client: Arc::new(client),
        secret,
        pages: "https://minamo.example".into(),
        basic_id: "@minamo".into(),
        link_dialogue: "https://minamo.example/simulators/line/link".into(),
    };
    Line { account: Arc::new(account), inbox, simulator: Some(Arc::new(simulator)) }
}

/// A city with such an account.
pub(crate) async fn city(test: TestDb) -> City {
    let line = account(&test).await;
    City::with_line(test, line).await
}

async fn recipient(city: &City) -> String {
    let mut tx = city.test.db.write().await.expect("write");
    let address = Address::new("U0123456789abcdef0123456789abcdef");
    let (clock, mut rng) = (city.test.clock.as_ref(), city.test.rng());
    let found = recipient::learn(&mut tx, clock, &mut rng, Channel::Line, &address, Lang::Ja).await.expect("learnt");
    tx.commit().await.expect("commit");
    found.id
}

/// A key to the page of somebody's choices.
pub(crate) async fn pass(city: &City) -> String {
    let id = recipient(city).await;
    let mut tx = city.test.db.write().await.expect("write");
    let key = link::new_pass(&mut tx, city.test.clock.as_ref(), &mut city.test.rng(), &id).await.expect("a key");
    tx.commit().await.expect("commit");
    key
}

async fn person(city: &City) -> String {
    let mut tx = city.test.db.write().await.expect("write");
    let new = people::person::NewPerson { name: Some("みなも 花子"), lang: Lang::Ja };
    let id = people::person::create(&mut tx, city.test.clock.as_ref(), &mut city.test.rng(), "test", new).await;
    tx.commit().await.expect("commit");
    id.expect("a person")
}

/// The code of a slip.
pub(crate) async fn slip(city: &City) -> String {
    let person = person(city).await;
    let mut tx = city.test.db.write().await.expect("write");
    let made = link::invite(&mut tx, city.test.clock.as_ref(), &mut city.test.rng(), &person, "account:x").await;
    tx.commit().await.expect("commit");
    made.expect("a slip").1
}

async fn webhook(city: &City, body: Vec<u8>, signature: &str) -> Page {
    let request = Request::post("/line/webhook").header("x-line-signature", signature).header("host", "localhost");
    let request = request.body(Body::from(body)).expect("request");
    crate::support::answer(&city.public, request).await
}

fn secret(city: &City) -> &store::Secret<String> {
    &city.state.line.as_ref().expect("an account").account.secret
}

on_both_engines! {
    async fn the_webhook_stores_what_line_signed_and_nothing_else(t: TestDb) {
        let city = self::city(t).await;
        let user = "U0123456789abcdef0123456789abcdef";
        let event = serde_json::json!({
            "type": "message", "mode": "active", "timestamp": 1_795_000_000_000_i64, "webhookEventId": "01HTEST",
            "deliveryContext": {"isRedelivery": false}, "replyToken": "t", "source": {"type": "user", "userId": user},
            "message": {"type": "text", "id": "1", "text": "住民票", "quoteToken": "q"},
        });
        let body = serde_json::json!({"destination": "U1", "events": [event]}).to_string().into_bytes();
        let signed = line::signature::sign(secret(&city), &body);
        let kept = async || city.texts("SELECT id AS v FROM line_event").await;
        assert_eq!(webhook(&city, body.clone(), "AAAA").await.status, StatusCode::FORBIDDEN);
        assert_eq!(webhook(&city, body.clone(), "").await.status, StatusCode::FORBIDDEN);
        let mut other = body.clone();
        other[20] ^= 1;
        assert_eq!(webhook(&city, other, &signed).await.status, StatusCode::FORBIDDEN);
        assert!(kept().await.is_empty());
        for _ in 0..2 {
            assert_eq!(webhook(&city, body.clone(), &signed).await.status, StatusCode::OK);
        }
        assert_eq!(kept().await, ["01HTEST"]);
        let sign = |text: &str| line::signature::sign(secret(&city), text.as_bytes());
        for (text, status) in [("{\"events\":", 400), ("[]", 400), ("{\"destination\":\"U\",\"events\":[]}", 200)] {
            assert_eq!(webhook(&city, text.into(), &sign(text)).await.status.as_u16(), status, "{text}");
        }
        let huge = vec![b'x'; 10 << 20];
        assert_eq!(webhook(&city, huge, &signed).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(kept().await.len(), 1);
    }

    async fn what_is_chosen_is_kept_and_all_that_is_stored_is_shown(t: TestDb) {
        let city = self::city(t).await;
        let mut tx = city.test.db.write().await.expect("write");
        city::store::save_setting(&mut tx, knowledge::setting::DISTRICTS, "本町,港町").await.expect("set");
        tx.commit().await.expect("commit");
        let key = pass(&city).await;
        let page = city.get(&format!("/line/choices/{key}")).await;
        assert!(page.main().contains("港町") && page.main().contains("だれのLINEかは、持っていません"), "{}", page.main());
        let form = [("topic", "waste"), ("topic", "disaster"), ("district", "港町"), ("lang", "en"), ("quiet", "on"), ("from", "1260"), ("until", "420"), ("urgent", "on")];
        let saved = city.post(&format!("/line/choices/{key}"), &form).await;
        assert_eq!(saved.location(), format!("/en/line/choices/{key}?done=saved"));
        let id = recipient(&city).await;
        let mut tx = city.test.db.read().await.expect("read");
        let choices = subscription::of(&mut tx, &id).await.expect("read").expect("there");
        assert_eq!(choices.topics.iter().map(String::as_str).collect::<Vec<_>>(), ["disaster", "waste"]);
        assert_eq!((choices.district.as_deref(), choices.lang, choices.declines_urgent), (Some("港町"), Lang::En, false));
        drop(tx);
        // Nothing ticked: nothing is sent any more, and at no hour.
        city.post(&format!("/line/choices/{key}"), &[("lang", "ja")]).await;
        let mut tx = city.test.db.read().await.expect("read");
        let choices = subscription::of(&mut tx, &id).await.expect("read").expect("there");
        assert!(choices.topics.is_empty() && choices.declines_urgent && choices.quiet.length() == 0);
        drop(tx);
        for wrong in [&[("topic", "mindreading"), ("lang", "ja")][..], &[("quiet", "on"), ("from", "7"), ("until", "99999")]] {
            let refused = city.post(&format!("/line/choices/{key}"), wrong).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
            assert!(refused.main().contains("role=\"alert\""));
        }
        city.test.clock.advance(link::PASS_LIFE);
        assert_eq!(city.get(&format!("/line/choices/{key}")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_slip_is_shown_once_and_its_code_is_stored_nowhere(t: TestDb) {
        let city = self::city(t).await;
        let person = person(&city).await;
        let privacy = city.staff("kojin").await;
        let page = privacy.post(&format!("/people/{person}/slips"), &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        let at = page.body.find("連携 ").expect("a code") + "連携 ".len();
        let code = page.body[at..at + 19].to_owned();
        assert!(!page.main().contains("花子"), "a slip that is found names nobody");
        let opened = city.get(&format!("/line/invitations/{code}")).await;
        assert!(opened.main().contains(&format!("連携 {code}")) && opened.main().contains("/simulators/line?text="));
        let kept = city.texts("SELECT code_hash AS v FROM line_invitation").await;
        assert!(kept.len() == 1 && !kept[0].contains(&code));
        let list = privacy.get(&format!("/people/{person}")).await;
        assert!(list.main().contains("招待-2026-0001") && list.main().contains("渡した紙を使えなくする"));
        privacy.post(&format!("/people/{person}/slips/withdrawal"), &[]).await;
        assert_eq!(city.get(&format!("/line/invitations/{code}")).await.status, StatusCode::NOT_FOUND);
        privacy.post(&format!("/people/{person}/secrecy"), &[("why", "support")]).await;
        let refused = privacy.post(&format!("/people/{person}/slips"), &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("秘匿の人には"), "{}", refused.body);
    }

    async fn line_asks_before_it_links(t: TestDb) {
        let city = self::city(t).await;
        let good = "/line/link?linkToken=abcDEF_0123-xyz&nonce=AAAA-BBBB-CCCC-DDDD";
        let page = city.get(good).await;
        assert!(page.main().contains("https://minamo.example/simulators/line/link?linkToken=abcDEF_0123-xyz&amp;nonce=AAAA-BBBB-CCCC-DDDD"));
        for wrong in ["/line/link?linkToken=a&nonce=b", "/line/link?linkToken=abcdefghij%22onload&nonce=AAAA-BBBB-CCCC"] {
            assert_eq!(city.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    }

    async fn the_simulator_lets_its_users_act(t: TestDb) {
        let city = self::city(t).await;
        let line = city.state.line.clone().expect("an account");
        let sim = line.simulator.expect("a simulator");
        let user = sim.users()[0].0.clone();
        let multipart = |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n");
        let act = async |name: &str, value: &str| {
            let request = Request::post(format!("/simulators/line/{user}")).header("host", "localhost").header("content-type", "multipart/form-data; boundary=b");
            crate::support::answer(&city.public, request.body(Body::from(multipart(name, value))).expect("request")).await
        };
        assert_eq!(act("act", "follow").await.status, StatusCode::SEE_OTHER);
        act("text", "<b>住民票</b>").await;
        act("tap", "{\"type\":\"postback\",\"data\":\"person\"}").await;
        let kinds: Vec<String> = sim.events(Some(&user)).iter().map(|e| e["type"].as_str().expect("type").to_owned()).collect();
        assert_eq!(kinds, ["follow", "message", "postback"]);
        let page = city.get(&format!("/simulators/line?user={user}&text=%3Cx")).await;
        assert!(page.main().contains("&lt;b&gt;住民票&lt;/b&gt;") && page.main().contains("&#60;x</textarea>"), "{}", page.main());
        assert_eq!(send(&city.public, Request::get(format!("/simulators/line/{user}/talk"))).await.status, StatusCode::OK);
    }
}
