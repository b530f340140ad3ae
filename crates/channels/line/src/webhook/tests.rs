//! Reading of webhooks: each kind, what is missing, anything at all.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const MOST: usize = 1 << 20;

fn call(events: Value) -> Result<Delivery, WebhookError> {
    parse(json!({"destination": "U0", "events": events}).to_string().as_bytes(), MOST)
}

fn with(extra: Value) -> Value {
    let mut event = json!({
        "type": "message", "mode": "active", "timestamp": 1_700_000_000_123_i64, "webhookEventId": "01H",
        "deliveryContext": {"isRedelivery": false}, "source": {"type": "user", "userId": "U1"}, "replyToken": "r",
    });
    for (name, value) in extra.as_object().expect("object") {
        event[name] = value.clone();
    }
    event
}

fn kind_of(extra: Value) -> Kind {
    let delivery = call(json!([with(extra)])).expect("read");
    assert_eq!(delivery.unread, []);
    delivery.events[0].kind.clone()
}

fn content_of(message: Value) -> Content {
    match kind_of(json!({"message": message})) {
        Kind::Message { id, content, .. } => {
            assert_eq!(id, "5");
            content
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_with_all_around_it() {
    let mention = json!({"mentionees": [{"index": 0, "length": 3, "type": "user"}]});
    let message =
        json!({"type": "text", "id": "5", "text": "ごみの日は？", "quoteToken": "q", "mention": mention, "emojis": []});
    let event = with(json!({"message": message, "deliveryContext": {"isRedelivery": true}, "mode": "standby"}));
    let delivery = call(json!([event])).expect("read");
    let expected = Event {
        id: "01H".into(),
        redelivery: true,
        timestamp: Instant::from_millis(1_700_000_000_123),
        standby: true,
        source: Some(Source::User("U1".into())),
        reply_token: Some("r".into()),
        kind: Kind::Message {
            id: "5".into(),
            quote_token: Some("q".into()),
            content: Content::Text("ごみの日は？".into()),
        },
    };
    assert_eq!(delivery, Delivery { destination: "U0".into(), events: vec![expected], unread: vec![] });
}

#[test]
fn every_kind_of_content() {
    let outside = json!({"type": "external", "originalContentUrl": "https://a.example/1"});
    let at_line = json!({"type": "line", "originalContentUrl": "https://not.this"});
    let image = content_of(json!({"type": "image", "id": "5", "contentProvider": at_line}));
    assert_eq!(image, Content::Image { external: None });
    let video = content_of(json!({"type": "video", "id": "5", "duration": 60, "contentProvider": outside}));
    assert_eq!(video, Content::Video { external: Some("https://a.example/1".into()), duration: Some(60) });
    assert_eq!(content_of(json!({"type": "audio", "id": "5"})), Content::Audio { external: None, duration: None });
    let file = content_of(json!({"type": "file", "id": "5", "fileName": "申請書.pdf", "fileSize": 2138}));
    assert_eq!(file, Content::File { name: "申請書.pdf".into(), size: 2138 });
    let place =
        content_of(json!({"type": "location", "id": "5", "latitude": 35.68, "longitude": 139.7, "address": "a"}));
    let expected = Content::Location { title: None, address: Some("a".into()), latitude: 35.68, longitude: 139.7 };
    assert_eq!(place, expected);
    let sticker = json!({"type": "sticker", "id": "5", "packageId": "1", "stickerId": "2", "keywords": ["ok", 1]});
    let expected = Content::Sticker { package_id: "1".into(), sticker_id: "2".into(), keywords: vec!["ok".into()] };
    assert_eq!(content_of(sticker), expected);
    assert!(
        matches!(content_of(json!({"type": "hologram", "id": "5"})), Content::Other { name, .. } if name == "hologram")
    );
}

#[test]
fn every_kind_of_event() {
    assert_eq!(kind_of(json!({"type": "follow", "follow": {"isUnblocked": true}})), Kind::Follow { unblocked: true });
    assert_eq!(kind_of(json!({"type": "follow"})), Kind::Follow { unblocked: false });
    assert_eq!(kind_of(json!({"type": "unfollow"})), Kind::Unfollow);
    assert_eq!(kind_of(json!({"type": "join"})), Kind::Join);
    assert_eq!(kind_of(json!({"type": "leave"})), Kind::Leave);
    let unsend = kind_of(json!({"type": "unsend", "unsend": {"messageId": "5"}}));
    assert_eq!(unsend, Kind::Unsend { message_id: "5".into() });
    let params = json!({"date": "2026-11-28"});
    let postback = kind_of(json!({"type": "postback", "postback": {"data": "read=1", "params": params}}));
    assert_eq!(postback, Kind::Postback { data: "read=1".into(), params: Some(params) });
    let link = kind_of(json!({"type": "accountLink", "link": {"result": "failed", "nonce": "n"}}));
    assert_eq!(link, Kind::AccountLink { ok: false, nonce: "n".into() });
    assert!(matches!(kind_of(json!({"type": "beacon"})), Kind::Other { name, .. } if name == "beacon"));
}

#[test]
fn groups_and_rooms() {
    let source = |source: Value| call(json!([with(json!({"type": "join", "source": source}))])).expect("read");
    let group = source(json!({"type": "group", "groupId": "C1", "userId": "U1"}));
    let from = group.events[0].source.as_ref().expect("source");
    assert_eq!(from, &Source::Group { id: "C1".into(), user: Some("U1".into()) });
    assert_eq!(from.user(), Some("U1"));
    let room = source(json!({"type": "room", "roomId": "R1"}));
    assert_eq!(room.events[0].source, Some(Source::Room { id: "R1".into(), user: None }));
    let nobody = source(Value::Null);
    assert_eq!(nobody.events[0].source, None);
}

#[test]
fn a_bad_event_does_not_take_the_others_along() {
    let mut no_id = with(json!({"type": "follow"}));
    no_id.as_object_mut().expect("object").remove("webhookEventId");
    let events = json!([
        with(json!({"type": "follow"})),
        no_id,
        7,
        with(json!({"message": {"type": "text", "id": "5"}})),
        with(json!({"type": "follow", "source": {"type": "moon"}})),
        with(json!({"type": "unfollow", "timestamp": "soon"})),
        with(json!({"type": "unfollow"})),
    ]);
    let delivery = call(events).expect("read");
    let kinds: Vec<_> = delivery.events.iter().map(|e| &e.kind).collect();
    assert_eq!(kinds, [&Kind::Follow { unblocked: false }, &Kind::Unfollow]);
    let unread: Vec<_> = delivery.unread.iter().map(|u| (u.index, u.why)).collect();
    let whys = ["webhookEventId", "webhookEventId", "message.text", "source.type", "timestamp"];
    assert_eq!(unread, (1..=5).zip(whys).collect::<Vec<_>>());
}

#[test]
fn no_events_is_fine_and_no_json_is_told() {
    assert_eq!(call(json!([])).expect("read").events, []);
    let wrong = |text: &str| parse(text.as_bytes(), MOST).expect_err("refused");
    assert_eq!(wrong("{\"destination\":\n!"), WebhookError::Json { line: 2, column: 1 });
    assert_eq!(wrong("[]"), WebhookError::Form("destination"));
    assert_eq!(wrong(r#"{"destination":"U0","events":{}}"#), WebhookError::Form("events"));
    assert!(matches!(wrong(&"[".repeat(100_000)), WebhookError::Json { .. }));
    assert_eq!(parse(b"{}", 1), Err(WebhookError::TooLong { got: 2, most: 1 }));
}

#[test]
fn length_then_signature_then_events() {
    let secret = Secret::new("s".to_owned());
    let body = br#"{"destination":"U0","events":[]}"#;
    let signature = signature::sign(&secret, body);
    assert!(receive(&secret, &signature, body, MOST).is_ok());
    assert_eq!(receive(&secret, "AAAA", body, MOST), Err(WebhookError::Signature));
    assert_eq!(receive(&secret, &signature, b"!", MOST), Err(WebhookError::Signature));
    assert!(matches!(receive(&secret, &signature, body, 3), Err(WebhookError::TooLong { .. })));
}

fn some_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "type",
        "id",
        "text",
        "message",
        "source",
        "userId",
        "timestamp",
        "webhookEventId",
        "events",
        "destination",
        "postback",
        "data",
        "link",
        "result",
        "follow",
        "deliveryContext",
        "latitude",
    ]);
    let words = prop::sample::select(vec!["message", "text", "user", "group", "follow", "location", "sticker", "ok"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes: Vec<u8>) {
        let _ = parse(&bytes, MOST);
    }

    /// Every event is either read or told, in its place.
    #[test]
    fn any_event_is_read_or_told(events in prop::collection::vec(some_json(), 0..4), patch in some_json()) {
        let mut events = events;
        if let Value::Object(_) = patch {
            events.push(with(patch));
        }
        let count = events.len();
        let delivery = call(Value::from(events)).expect("a call");
        prop_assert_eq!(delivery.events.len() + delivery.unread.len(), count);
        prop_assert!(delivery.unread.windows(2).all(|w| w[0].index < w[1].index));
    }

    #[test]
    fn a_text_comes_out_as_it_was_written(text in ".{0,40}") {
        let message = json!({"type": "text", "id": "5", "text": text});
        prop_assert_eq!(content_of(message), Content::Text(text));
    }
}
