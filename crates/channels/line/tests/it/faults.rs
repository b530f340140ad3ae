//! Each fault of the simulator, and what the client says of it.

use std::time::Duration;

use line::client::{Client, Settings};
use line::limits::Limiter;
use line::message::Message;
use line::retry::{Advice, Course};
use line::simulator::Fault;
use line::{Endpoint, Failure};

use crate::support::{Line, fixed, hasty, key, line, line_with};

/// Pushes into a fault, and again with the same key: what the first try said, and how many the user received in all.
async fn through(fault: Fault) -> (Failure, bool) {
    let all = line().await;
    let hasty = hasty(&all);
    let Line { simulator, clock, client } = all;
    let user = simulator.add_friends(1).remove(0);
    simulator.inject(Endpoint::Push, fault, 1);
    let mut course = Course::default();
    course.begin(calendar::Clock::now(&clock));
    let first = if matches!(fault, Fault::HangBefore | Fault::HangAfter) { &hasty } else { &client };
    let failure = first.push(&user, &[Message::text("一度だけ")], None, key(1)).await.expect_err("fault");
    let advice = course.after(Endpoint::Push, &failure, calendar::Clock::now(&clock));
    if advice == Advice::WaitForQuota {
        assert_eq!(fault, Fault::QuotaUsedUp);
    } else {
        assert_eq!(advice, Advice::Again(Duration::from_secs(1)), "{fault:?}");
    }
    let accepted = client.push(&user, &[Message::text("一度だけ")], None, key(1)).await.expect("accepted");
    assert_eq!(simulator.inbox(&user).len(), 1, "{fault:?}");
    assert_eq!(simulator.reused_keys(), 0);
    (failure, accepted.before)
}

#[tokio::test]
async fn each_fault_is_told_apart_and_nothing_comes_twice() {
    for (fault, before) in [(Fault::ErrorBefore, false), (Fault::ErrorAfter, true)] {
        let (failure, was) = through(fault).await;
        assert!(matches!(&failure, Failure::Server(r) if r.status == 500 && r.request_id.is_some()), "{failure:?}");
        assert_eq!(was, before, "{fault:?}");
    }
    for (fault, before) in
        [(Fault::HangBefore, false), (Fault::HangAfter, true), (Fault::CloseBefore, false), (Fault::CloseAfter, true)]
    {
        let (failure, was) = through(fault).await;
        assert!(matches!(failure, Failure::Unsure(_)), "{fault:?} {failure:?}");
        assert_eq!(was, before, "{fault:?}");
    }
    assert!(matches!(through(Fault::RateLimited).await, (Failure::RateLimited(_), false)));
    assert!(matches!(through(Fault::QuotaUsedUp).await, (Failure::QuotaUsedUp(_), false)));
    assert!(matches!(through(Fault::TooManyConcurrent).await, (Failure::TooManyConcurrent(_), false)));
}

#[tokio::test]
async fn a_fault_does_not_hide_a_refusal() {
    let Line { simulator, client, .. } = line().await;
    let unknown = format!("U{}", "0".repeat(32));
    simulator.inject(Endpoint::Push, Fault::ErrorAfter, 1);
    let failure = client.push(&unknown, &[Message::text("a")], None, key(1)).await.expect_err("refused");
    assert!(matches!(failure, Failure::Refused(_)));
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let Line { simulator, client, .. } = line().await;
    let user = simulator.add_friends(1).remove(0);
    simulator.inject(Endpoint::Push, Fault::Slow(Duration::from_millis(50)), 1);
    client.push(&user, &[Message::text("a")], None, key(1)).await.expect("accepted");
}

#[tokio::test]
async fn who_is_not_there_got_nothing() {
    let all = line().await;
    let settings = Settings::at("http://127.0.0.1:1", fixed());
    let client = Client::new(settings, Limiter::off(), all.clock.clone()).expect("client");
    let failure = client.broadcast(&[Message::text("a")], false, key(1)).await.expect_err("nobody");
    assert!(matches!(failure, Failure::NotSent(_)) && !failure.in_doubt(), "{failure:?}");
}

#[tokio::test]
async fn the_simulator_keeps_lines_rates() {
    let Line { simulator, client, clock } = line_with(|c| c.rates = true).await;
    for n in 0..60 {
        client.broadcast(&[Message::text("a")], false, key(n)).await.expect("sixty an hour");
    }
    let failure = client.broadcast(&[Message::text("a")], false, key(60)).await.expect_err("one more");
    assert!(matches!(failure, Failure::RateLimited(_)), "{failure:?}");
    client.bot_info().await.expect("another call");
    clock.advance(Duration::from_secs(3_600));
    client.broadcast(&[Message::text("a")], false, key(60)).await.expect("an hour later");
    simulator.set_rates(false);
}

#[tokio::test]
async fn our_own_limiter_keeps_us_below_them() {
    let all = line_with(|c| c.rates = true).await;
    let settings = Settings::at(&all.simulator.base(), fixed());
    let client = Client::new(settings, Limiter::new(50), all.clock.clone()).expect("client");
    let mut sent = 0;
    for n in 0..100 {
        match client.broadcast(&[Message::text("a")], false, key(n)).await {
            Ok(_) => sent += 1,
            Err(Failure::Paced(wait)) => {
                let advice =
                    Course::default().after(Endpoint::Broadcast, &Failure::Paced(wait), crate::support::morning());
                assert_eq!(advice, Advice::Again(wait));
                all.clock.advance(wait);
                client.broadcast(&[Message::text("a")], false, key(n)).await.expect("after the wait");
                sent += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(sent, 100);
}

/// The simulator by itself: calls that the client would never make.
#[tokio::test]
async fn wrong_requests_are_refused_as_line_does() {
    let Line { simulator, .. } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let push = |body: serde_json::Value| ("/v2/bot/message/push", body.to_string());
    let text = |text: serde_json::Value| serde_json::json!([{"type": "text", "text": text}]);
    let long = "あ".repeat(5_001);
    let cases = [
        (push(serde_json::json!({"to": user, "messages": []})), 400, "messages"),
        (push(serde_json::json!({"to": user, "messages": text("".into())})), 400, "messages[0].text"),
        (push(serde_json::json!({"to": user, "messages": text(long.into())})), 400, "between 0 and 5000"),
        (push(serde_json::json!({"to": user, "messages": [{"type": "tetx"}]})), 400, "messages[0].type"),
        (push(serde_json::json!({"to": "U1", "messages": text("a".into())})), 400, "'to'"),
        (
            push(serde_json::json!({"to": user, "messages": text("a".into()), "customAggregationUnits": ["a", "b"]})),
            400,
            "customAggregationUnits",
        ),
        (
            push(
                serde_json::json!({"to": user, "messages": [{"type": "flex", "altText": "a", "contents": {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": ""}]}}}]}),
            ),
            400,
            "/body/contents/0/text",
        ),
        (("/v2/bot/message/push", "{".to_owned()), 400, "could not be parsed as JSON (line: 1, column: 1)"),
        (("/v2/bot/message/nothing", "{}".to_owned()), 404, "Not found"),
        (("/v2/bot/message/validate/nothing", "{}".to_owned()), 404, "Not found"),
    ];
    for ((path, body), status, words) in cases {
        let (got, answer) = crate::webhooks::raw(&simulator.base(), path, "application/json", &[], body.into()).await;
        assert_eq!(got, status, "{answer}");
        assert!(answer.contains(words), "{words}: {answer}");
    }
    let good = || serde_json::json!({"to": user, "messages": text("a".into())}).to_string();
    let with = |media: &'static str, headers: &'static [(&'static str, &'static str)], body: String| {
        let base = simulator.base();
        async move { crate::webhooks::raw(&base, "/v2/bot/message/push", media, headers, body.into()).await.0 }
    };
    assert_eq!(with("text/plain", &[], good()).await, 415);
    assert_eq!(with("application/json", &[("x-line-retry-key", "nonsense")], good()).await, 400);
    assert_eq!(with("application/json", &[], format!("{}{}", good(), " ".repeat(2 << 20))).await, 413);
    assert_eq!(with("application/json; charset=utf-8", &[], good()).await, 200);
    let key = [("x-line-retry-key", "123e4567-e89b-12d3-a456-426614174000")];
    let reply = serde_json::json!({"replyToken": "r", "messages": text("a".into())}).to_string();
    let (status, _) =
        crate::webhooks::raw(&simulator.base(), "/v2/bot/message/reply", "application/json", &key, reply.into()).await;
    assert_eq!(status, 400, "a reply takes no retry key");
}
