//! Reply, push, multicast, narrowcast, broadcast.

use std::time::Duration;

use line::client::{Limit, Narrowcast, Phase, Quota, Recipients};
use line::message::{Action, Block, Bubble, Message, flex};
use line::retry::KEY_LIFETIME;
use line::{Endpoint, Failure};

use crate::support::{Line, key, line, line_with};

fn hello() -> [Message; 1] {
    [Message::text("こんにちは")]
}

#[tokio::test]
async fn a_push_arrives_as_it_was_sent() {
    let Line { simulator, client, .. } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let bubble = Bubble::new(
        [Block::heading("粗大ごみ"), Block::fact("手数料", "400円"), Block::separator(), Block::text("電話で")],
        [Block::button(Action::uri("くわしく", "https://city.example/a"), flex::Style::Primary)],
    );
    let messages = [
        Message::text("🍎").with_quick_reply([Action::postback("はい", "y"), Action::message("いいえ", "いいえ")]),
        Message::image("https://city.example/1.png", "https://city.example/2.png"),
        Message::flex("粗大ごみ", bubble),
        Message::confirm("読みましたか", Action::postback("はい", "read=1"), Action::postback("まだ", "read=0")),
    ];
    let accepted = client.push(&user, &messages, Some("koho"), key(1)).await.expect("accepted");
    assert!(!accepted.before && accepted.request_id.is_some() && accepted.request_id == accepted.accepted_id);
    assert_eq!(accepted.sent.len(), 4);
    let inbox = simulator.inbox(&user);
    assert_eq!(inbox.len(), 1);
    let expected: Vec<_> = messages.iter().map(|m| serde_json::to_value(m).expect("JSON")).collect();
    assert_eq!(inbox[0].messages, expected);
    assert_eq!(Some(&inbox[0].request_id), accepted.request_id.as_ref());
    assert_eq!(
        (inbox[0].endpoint, inbox[0].key, inbox[0].unit.as_deref()),
        (Endpoint::Push, Some(key(1)), Some("koho"))
    );
    let ids: Vec<_> = accepted.sent.iter().map(|m| m.id.clone()).collect();
    assert_eq!(inbox[0].message_ids, ids);
    assert_eq!(simulator.consumption(), 1, "four bubbles are one message");
}

#[tokio::test]
async fn a_key_is_accepted_once_for_a_day() {
    let Line { simulator, client, clock } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let first = client.push(&user, &hello(), None, key(1)).await.expect("accepted");
    let second = client.push(&user, &hello(), None, key(1)).await.expect("accepted before");
    assert!(second.before && second.request_id != first.request_id);
    assert_eq!(second.accepted_id, first.request_id);
    assert_eq!(second.sent, first.sent, "a push tells its messages again");
    // LINE looks at the key alone: another text is lost, and the simulator says so.
    let other = client.push(&user, &[Message::text("別の文")], None, key(1)).await.expect("accepted before");
    assert!(other.before);
    assert_eq!((simulator.reused_keys(), simulator.inbox(&user).len()), (1, 1));
    clock.advance(KEY_LIFETIME);
    let late = client.push(&user, &hello(), None, key(1)).await.expect("accepted");
    assert!(!late.before, "the key is forgotten: this is why nothing may be repeated after a day");
    assert_eq!(simulator.inbox(&user).len(), 2);
}

#[tokio::test]
async fn every_way_of_sending_with_a_key_knows_it_again() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(60);
    let narrow = Narrowcast { messages: &hello(), recipients: None, limit: None };
    for before in [false, true] {
        let results = [
            client.multicast(&users, &hello(), None, key(1)).await,
            client.broadcast(&hello(), true, key(2)).await,
            client.narrowcast(&narrow, key(3)).await,
        ];
        for result in results {
            let accepted = result.expect("accepted");
            assert_eq!(accepted.before, before);
            assert!(accepted.accepted_id.is_some());
        }
    }
    assert!(simulator.counts().iter().all(|(_, count)| *count == 3));
    let keys = [(key(1), 60), (key(2), 60), (key(3), 60)];
    assert_eq!(simulator.accepted_keys(), keys);
}

#[tokio::test]
async fn what_is_against_the_limits_is_not_sent() {
    let Line { simulator, client, .. } = line_with(|c| c.record = true).await;
    let users = simulator.add_friends(501);
    let place = |failure: Failure| match failure {
        Failure::Invalid(invalid) => invalid.place,
        other => panic!("{other:?}"),
    };
    let twice = vec![users[0].clone(), users[0].clone()];
    assert_eq!(place(client.multicast(&twice, &hello(), None, key(1)).await.expect_err("twice")), "to[1]");
    assert_eq!(place(client.multicast(&users, &hello(), None, key(1)).await.expect_err("501")), "to");
    assert_eq!(place(client.multicast(&[], &hello(), None, key(1)).await.expect_err("nobody")), "to");
    let nobody = ["市民".to_owned()];
    assert_eq!(place(client.multicast(&nobody, &hello(), None, key(1)).await.expect_err("no id")), "to[0]");
    assert_eq!(place(client.push("x", &hello(), None, key(1)).await.expect_err("no id")), "to");
    assert_eq!(place(client.push("", &hello(), None, key(1)).await.expect_err("no id")), "to");
    let wrong = client.push(&users[0], &hello(), Some("広報"), key(1)).await.expect_err("no unit");
    assert_eq!(place(wrong), "customAggregationUnits");
    assert_eq!(place(client.broadcast(&[], false, key(1)).await.expect_err("nothing")), "messages");
    assert_eq!(place(client.reply("", &hello()).await.expect_err("no token")), "replyToken");
    assert_eq!(simulator.take_exchanges(), []);
}

#[tokio::test]
async fn the_month_ends_when_it_is_used_up() {
    let Line { simulator, client, clock } = line_with(|c| c.quota = Some(3)).await;
    let users = simulator.add_friends(2);
    assert_eq!(client.quota().await.expect("quota").value, Quota::Limited(3));
    client.multicast(&users, &hello(), None, key(1)).await.expect("two of three");
    let failure = client.multicast(&users, &hello(), None, key(2)).await.expect_err("two are too many");
    assert!(matches!(failure, Failure::QuotaUsedUp(_)), "{failure}");
    assert!(failure.request_id().is_some());
    assert_eq!(client.consumption().await.expect("consumption").value, 2);
    assert_eq!(simulator.counts().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 1], "all or nothing");
    // An accepted key is known even when nothing is left.
    simulator.set_quota(Some(2));
    assert!(client.multicast(&users, &hello(), None, key(1)).await.expect("accepted").before);
    // The month is Japan's: midnight there is 15 o'clock of the 30th of November in UTC.
    clock.advance(Duration::from_secs((2 * 24 + 14) * 3_600 - 1));
    assert_eq!(client.consumption().await.expect("consumption").value, 2);
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.consumption().await.expect("consumption").value, 0);
    client.multicast(&users, &hello(), None, key(2)).await.expect("a new month");
    simulator.set_quota(None);
    assert_eq!(client.quota().await.expect("quota").value, Quota::Unlimited);
}

#[tokio::test]
async fn who_blocks_gets_nothing_and_costs_nothing() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(2);
    let stranger = simulator.add_user("よそのひと", None);
    simulator.block(&users[0]);
    let all = vec![users[0].clone(), users[1].clone(), stranger.clone()];
    client.multicast(&all, &hello(), None, key(1)).await.expect("accepted all the same");
    client.push(&users[0], &hello(), None, key(2)).await.expect("accepted all the same");
    client.broadcast(&hello(), false, key(3)).await.expect("accepted");
    let counts: Vec<u32> = all.iter().map(|user| simulator.inbox(user).len() as u32).collect();
    assert_eq!(counts, [0, 2, 0]);
    assert_eq!(simulator.consumption(), 2);
    let unknown = format!("U{}", "0".repeat(32));
    let failure = client.push(&unknown, &hello(), None, key(4)).await.expect_err("nobody");
    assert!(matches!(&failure, Failure::Refused(r) if r.status == 400), "{failure}");
}

#[tokio::test]
async fn a_reply_token_works_once_and_not_for_long() {
    let Line { simulator, client, clock } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let refused = |result: Result<_, Failure>| match result {
        Err(Failure::Refused(r)) => assert_eq!(r.message, "Invalid reply token"),
        other => panic!("{other:?}"),
    };
    let (server, events) = crate::webhooks::server().await;
    simulator.set_webhook(Some(&server));
    simulator.say(&user, "ごみの日は？");
    simulator.say(&user, "もしもし");
    simulator.settle().await;
    let tokens: Vec<String> = events.take().into_iter().map(|e| e.reply_token.expect("token")).collect();
    let accepted = client.reply(&tokens[0], &hello()).await.expect("replied");
    assert_eq!(accepted.sent.len(), 1);
    refused(client.reply(&tokens[0], &hello()).await);
    refused(client.reply("made-up", &hello()).await);
    clock.advance(Duration::from_secs(60));
    refused(client.reply(&tokens[1], &hello()).await);
    assert_eq!((simulator.inbox(&user).len(), simulator.consumption()), (1, 0), "replies are free");
}

#[tokio::test]
async fn a_narrowcast_goes_to_audiences() {
    let Line { simulator, client, clock } = line().await;
    let users = simulator.add_friends(120);
    let north = client.create_audience("北地区", &users[..80]).await.expect("audience").value;
    let south = client.create_audience("南地区", &users[40..100]).await.expect("audience").value;
    let both =
        Recipients::All(vec![Recipients::Audience(north), Recipients::Not(Box::new(Recipients::Audience(south)))]);
    let narrow = Narrowcast { messages: &hello(), recipients: Some(both), limit: None };
    let accepted = client.narrowcast(&narrow, key(1)).await.expect("accepted");
    let id = accepted.accepted_id.expect("id");
    let progress = client.narrowcast_progress(&id).await.expect("progress").value;
    assert_eq!((progress.phase, progress.success_count), (Phase::Sending, None));
    clock.advance(Duration::from_secs(10));
    let progress = client.narrowcast_progress(&id).await.expect("progress").value;
    assert_eq!((progress.phase, progress.success_count, progress.target_count), (Phase::Succeeded, Some(40), Some(40)));
    assert_eq!(progress.accepted_time, "2026-11-28T01:00:00.000Z");
    let counts: Vec<u32> = simulator.counts().into_iter().map(|(_, n)| n).collect();
    assert_eq!((&counts[..40], &counts[40..]), (&[1; 40][..], &[0; 80][..]));
    let limit = Some(Limit { max: Some(5), up_to_remaining_quota: false });
    let any = Some(Recipients::Any(vec![Recipients::Audience(north), Recipients::Audience(south)]));
    client.narrowcast(&Narrowcast { messages: &hello(), recipients: any, limit }, key(2)).await.expect("accepted");
    assert_eq!(simulator.consumption(), 45);
}

#[tokio::test]
async fn a_narrowcast_to_few_fails_afterwards() {
    let Line { simulator, client, clock } = line().await;
    let users = simulator.add_friends(60);
    let few = client.create_audience("役員", &users[..49]).await.expect("audience").value;
    let narrow = Narrowcast { messages: &hello(), recipients: Some(Recipients::Audience(few)), limit: None };
    let id = client.narrowcast(&narrow, key(1)).await.expect("accepted").accepted_id.expect("id");
    clock.advance(Duration::from_secs(10));
    let progress = client.narrowcast_progress(&id).await.expect("progress").value;
    assert_eq!((progress.phase, progress.error_code), (Phase::Failed, Some(4)));
    assert_eq!(simulator.consumption(), 0);
    assert!(client.narrowcast(&narrow, key(1)).await.expect("known").before);
    let missing = Narrowcast { recipients: Some(Recipients::Audience(1)), ..narrow };
    assert!(matches!(client.narrowcast(&missing, key(2)).await, Err(Failure::Refused(_))));
    assert!(matches!(client.narrowcast_progress("x").await, Err(Failure::Refused(r)) if r.status == 404));
}

#[tokio::test]
async fn messages_are_looked_at_without_being_sent() {
    let Line { simulator, client, .. } = line().await;
    simulator.add_friends(1);
    let kinds = [Endpoint::Reply, Endpoint::Push, Endpoint::Multicast, Endpoint::Narrowcast, Endpoint::Broadcast];
    for kind in kinds {
        client.validate(kind, &hello()).await.expect("good");
    }
    assert!(matches!(client.validate(Endpoint::Quota, &hello()).await, Err(Failure::Invalid(_))));
    assert_eq!(simulator.consumption(), 0);
}

#[tokio::test]
async fn groups() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(3);
    let group = simulator.join_group(&users);
    client.push(&group, &hello(), None, key(1)).await.expect("accepted");
    assert_eq!(simulator.consumption(), 3, "each member counts");
    assert!(users.iter().all(|user| simulator.inbox(user).len() == 1));
    simulator.leave_group(&group);
    assert!(matches!(client.push(&group, &hello(), None, key(2)).await, Err(Failure::Refused(_))));
}
