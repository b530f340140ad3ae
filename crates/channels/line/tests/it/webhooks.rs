//! Webhooks from the simulator to a server, read by our own reader.

use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioIo};
use line::message::Message;
use line::signature;
use line::webhook::{Content, Event, Kind, Source, receive};
use store::Secret;

use crate::support::{Line, TOKEN, key, line, line_with};

/// What a server got.
#[derive(Default)]
pub(crate) struct Got {
    events: Mutex<Vec<Event>>,
    calls: Mutex<usize>,
    /// Statuses of the next answers; 200 when they are used up, 0 for no answer.
    next: Mutex<Vec<u16>>,
}

impl Got {
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().expect("lock"))
    }

    pub(crate) fn calls(&self) -> usize {
        *self.calls.lock().expect("lock")
    }

    fn answer_next(&self, statuses: &[u16]) {
        self.next.lock().expect("lock").extend(statuses.iter().rev());
    }
}

async fn answer(got: Arc<Got>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let header = head.headers.get(signature::HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let respond = |status: u16| Ok(Response::builder().status(status).body(Full::default()).expect("response"));
    if head.uri.path() != "/line" {
        return respond(404);
    }
    let Ok(delivery) = receive(&Secret::new("simulated-secret".into()), header, &body, 1 << 20) else {
        return respond(403);
    };
    assert_eq!(delivery.unread, []);
    *got.calls.lock().expect("lock") += 1;
    got.events.lock().expect("lock").extend(delivery.events);
    let status = got.next.lock().expect("lock").pop().unwrap_or(200);
    if status == 0 {
        std::future::pending::<()>().await;
    }
    respond(status)
}

/// A server for webhooks: its address, and what it got.
pub(crate) async fn server() -> (String, Arc<Got>) {
    let listener = tokio::net::TcpListener::bind(crate::support::nowhere()).await.expect("port");
    let address = listener.local_addr().expect("address");
    let got: Arc<Got> = Arc::default();
    let seen = got.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let got = seen.clone();
            let service = service_fn(move |request| answer(got.clone(), request));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (format!("http://{address}/line"), got)
}

/// A call without the client: status and body.
pub(crate) async fn raw(
    base: &str,
    path: &str,
    media_type: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> (u16, String) {
    let pool: Pool<_, Full<Bytes>> = Pool::builder(TokioExecutor::new()).build_http();
    let mut request = Request::post(format!("{base}{path}")).header("content-type", media_type);
    request = request.header("authorization", format!("Bearer {TOKEN}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = pool.request(request.body(Full::new(body)).expect("request")).await.expect("answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn with_server(change: impl FnOnce(&mut line::simulator::Config)) -> (Line, Arc<Got>) {
    let (address, got) = server().await;
    let line = line_with(|config| {
        config.webhook = Some(address);
        change(config);
    })
    .await;
    (line, got)
}

#[tokio::test]
async fn all_that_users_do_arrives() {
    let (Line { simulator, clock, .. }, got) = with_server(|_| {}).await;
    let user = simulator.add_user("市民", None);
    simulator.follow(&user);
    simulator.say(&user, "粗大ごみ");
    let image = simulator.send_image(&user, "image/jpeg", &b"x"[..]);
    simulator.send_video(&user, "video/mp4", &b"x"[..]);
    simulator.send_audio(&user, "audio/mp4", &b"x"[..]);
    simulator.send_file(&user, "申請書.pdf", "application/pdf", &b"xyz"[..]);
    simulator.send_location(&user, "港町1-1", 35.0, 139.0);
    simulator.send_sticker(&user, "1", "2");
    simulator.press_postback(&user, "read=1", None);
    simulator.unsend(&user, &image);
    simulator.link_account(&user, "none", "nonce");
    simulator.block(&user);
    simulator.follow(&user);
    let group = simulator.join_group(std::slice::from_ref(&user));
    simulator.leave_group(&group);
    simulator.settle().await;
    let events = got.take();
    let text = |text: &str| Content::Text(text.into());
    let contents: Vec<_> = events
        .iter()
        .filter_map(|e| match &e.kind {
            Kind::Message { content, .. } => Some(content.clone()),
            _ => None,
        })
        .collect();
    let expected = [
        text("粗大ごみ"),
        Content::Image { external: None },
        Content::Video { external: None, duration: Some(60_000) },
        Content::Audio { external: None, duration: Some(60_000) },
        Content::File { name: "申請書.pdf".into(), size: 3 },
        Content::Location { title: None, address: Some("港町1-1".into()), latitude: 35.0, longitude: 139.0 },
        Content::Sticker { package_id: "1".into(), sticker_id: "2".into(), keywords: vec![] },
    ];
    assert_eq!(contents, expected);
    let others: Vec<_> = events.iter().map(|e| &e.kind).filter(|k| !matches!(k, Kind::Message { .. })).collect();
    let postback = Kind::Postback { data: "read=1".into(), params: None };
    let unsend = Kind::Unsend { message_id: image };
    let link = Kind::AccountLink { ok: false, nonce: "nonce".into() };
    let (first, again) = (Kind::Follow { unblocked: false }, Kind::Follow { unblocked: true });
    let wanted = [&first, &postback, &unsend, &link, &Kind::Unfollow, &again, &Kind::Join, &Kind::Leave];
    assert_eq!(others, wanted);
    let now = calendar::Clock::now(&clock);
    assert!(events.iter().all(|e| e.timestamp == now && !e.redelivery && !e.standby));
    assert!(events[..9].iter().all(|e| e.source == Some(Source::User(user.clone())) && e.reply_token.is_some()));
    let unfollow = events.iter().find(|e| e.kind == Kind::Unfollow).expect("unfollow");
    assert_eq!(unfollow.reply_token, None);
    let kept = simulator.events(None);
    assert_eq!(kept.len(), events.len());
    assert!(kept.iter().zip(&events).all(|(kept, event)| kept["webhookEventId"] == event.id.as_str()));
    let own = simulator.events(Some(&user));
    assert_eq!(own.len(), events.len() - 2, "join and leave are the group's");
    assert_eq!(own[1]["message"]["text"], "粗大ごみ");
    assert!(simulator.events(Some("U1")).is_empty());
    let mut ids: Vec<_> = events.iter().map(|e| e.id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
    assert!(ids.iter().all(|id| id.len() == 26));
}

#[tokio::test]
async fn what_was_not_answered_comes_again_with_the_same_id() {
    let (Line { simulator, .. }, got) = with_server(|_| {}).await;
    let user = simulator.add_friends(1).remove(0);
    got.answer_next(&[500, 0, 200]);
    let id = simulator.say(&user, "もしもし");
    simulator.settle().await;
    let seen: Vec<_> = got.take().into_iter().map(|e| (e.id, e.redelivery)).collect();
    assert_eq!(seen, [(id.clone(), false), (id.clone(), true), (id.clone(), true)]);
    let outcomes: Vec<_> = simulator.webhook_attempts().into_iter().map(|a| (a.redelivery, a.outcome.ok())).collect();
    assert_eq!(outcomes, [(false, Some(500)), (true, None), (true, Some(200))]);
    got.answer_next(&[500; 9]);
    simulator.say(&user, "もしもし");
    simulator.settle().await;
    assert_eq!(got.take().len(), 4, "once and three times more");
}

#[tokio::test]
async fn doubled_mixed_and_several_in_one() {
    let (Line { simulator, .. }, got) = with_server(|_| {}).await;
    let users = simulator.add_friends(10);
    simulator.double_webhooks(1_000);
    let id = simulator.say(&users[0], "一");
    simulator.settle().await;
    let seen: Vec<_> = got.take().into_iter().map(|e| (e.id, e.redelivery)).collect();
    assert_eq!(seen, [(id.clone(), false), (id, true)]);
    simulator.double_webhooks(0);
    simulator.hold_webhooks();
    let said: Vec<String> = users.iter().map(|user| simulator.say(user, "二")).collect();
    simulator.settle().await;
    assert_eq!(got.take(), []);
    let before = got.calls();
    simulator.release_webhooks(4, true);
    simulator.settle().await;
    let seen: Vec<String> = got.take().into_iter().map(|e| e.id).collect();
    assert_eq!(got.calls() - before, 3, "4, 4 and 2");
    assert_ne!(seen, said);
    let sorted = |mut ids: Vec<String>| {
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted(seen), sorted(said));
}

#[tokio::test]
async fn an_event_of_tomorrow_is_passed_over() {
    let (Line { simulator, .. }, got) = with_server(|_| {}).await;
    let event = serde_json::json!({
        "type": "teleport", "mode": "active", "timestamp": 1, "webhookEventId": "X", "deliveryContext": {"isRedelivery": false},
    });
    simulator.send_event(event);
    simulator.settle().await;
    assert!(matches!(&got.take()[0].kind, Kind::Other { name, .. } if name == "teleport"));
}

#[tokio::test]
async fn the_same_seed_tells_the_same_story() {
    async fn story() -> (Vec<String>, Vec<String>) {
        let Line { simulator, client, .. } = line().await;
        let users = simulator.add_friends(3);
        client.push(&users[0], &[Message::text("a")], None, key(1)).await.expect("accepted");
        let ids = simulator.inbox(&users[0]).into_iter().map(|r| r.request_id).collect();
        (users, ids)
    }
    assert_eq!(story().await, story().await);
}
