//! Profile, followers, content, webhook setting, account link, audiences, statistics.

use std::time::Duration;

use calendar::Date;
use hyper::body::Bytes;
use line::Failure;
use line::client::{AudienceStatus, Content, Overview, RequestOverview, Transcoding};
use line::message::{Action, Message};

use crate::support::{Line, key, line, line_with};

fn status<T: std::fmt::Debug>(result: Result<T, Failure>) -> u16 {
    result.expect_err("refused").rejection().expect("answered").status
}

#[tokio::test]
async fn profiles_of_friends_only() {
    let Line { simulator, client, .. } = line().await;
    let user = simulator.add_user("市民", Some("ja"));
    assert_eq!(status(client.profile(&user).await), 404);
    simulator.follow(&user);
    let profile = client.profile(&user).await.expect("profile");
    assert!(profile.request_id.is_some());
    assert_eq!((profile.value.display_name.as_str(), profile.value.language.as_deref()), ("市民", Some("ja")));
    simulator.block(&user);
    assert_eq!(status(client.profile(&user).await), 404);
    assert_eq!(status(client.profile("../../x").await), 404);
}

#[tokio::test]
async fn followers_come_in_pages() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(25);
    simulator.block(&users[3]);
    let (mut found, mut start) = (Vec::new(), None);
    loop {
        let page = client.followers(start.as_deref(), 10).await.expect("page").value;
        assert!(page.user_ids.len() <= 10);
        found.extend(page.user_ids);
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    let expected: Vec<_> = users.iter().filter(|u| **u != users[3]).cloned().collect();
    assert_eq!(found, expected);
    let info = client.bot_info().await.expect("info").value;
    assert!(line::message::is_user_id(&info.user_id));
}

#[tokio::test]
async fn content_is_fetched_prepared_and_gone() {
    let Line { simulator, client, clock } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let photo = Bytes::from(vec![7; 3_000]);
    let image = simulator.send_image(&user, "image/jpeg", photo.clone());
    let ready = Content::Ready { media_type: "image/jpeg".into(), bytes: photo };
    assert_eq!(client.content(&image, 10_000).await.expect("content").value, ready);
    assert_eq!(client.content_preview(&image, 10_000).await.expect("preview").value, ready);
    assert!(matches!(client.content(&image, 2_999).await, Err(Failure::Form(_))), "more than was asked for");
    let video = simulator.send_video(&user, "video/mp4", Bytes::from_static(b"film"));
    assert_eq!(client.content(&video, 100).await.expect("202").value, Content::NotYet);
    assert_eq!(client.transcoding(&video).await.expect("status").value, Transcoding::Processing);
    clock.advance(Duration::from_secs(5));
    assert_eq!(client.transcoding(&video).await.expect("status").value, Transcoding::Succeeded);
    assert!(
        matches!(client.content(&video, 100).await.expect("video").value, Content::Ready { bytes, .. } if bytes == "film")
    );
    simulator.unsend(&user, &video);
    assert_eq!(status(client.content(&video, 100).await), 404);
    clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(status(client.content(&image, 10_000).await), 410);
    assert_eq!(status(client.content("1", 100).await), 404);
}

#[tokio::test]
async fn the_webhook_is_set_and_tested() {
    let Line { simulator, client, .. } = line().await;
    assert_eq!(status(client.webhook_endpoint().await), 404);
    let (server, events) = crate::webhooks::server().await;
    client.set_webhook_endpoint(&server).await.expect("set");
    let set = client.webhook_endpoint().await.expect("get").value;
    assert!(set.active && set.endpoint == server);
    let test = client.test_webhook(None).await.expect("test").value;
    assert_eq!((test.success, test.status_code, test.reason.as_str()), (true, 200, "OK"));
    assert_eq!(events.calls(), 1, "a call without events, rightly signed");
    let wrong = client.test_webhook(Some(&format!("{server}/nowhere"))).await.expect("test").value;
    assert_eq!((wrong.success, wrong.status_code, wrong.reason.as_str()), (false, 404, "ERROR_STATUS_CODE"));
    let nobody = client.test_webhook(Some("http://127.0.0.1:1/")).await.expect("test").value;
    assert_eq!(nobody.reason, "COULD_NOT_CONNECT");
    assert!(matches!(client.set_webhook_endpoint("http://city.example/").await, Err(Failure::Invalid(_))));
    drop(simulator);
}

#[tokio::test]
async fn accounts_are_linked_once_within_ten_minutes() {
    let Line { simulator, client, clock } = line().await;
    let users = simulator.add_friends(2);
    let token = client.link_token(&users[0]).await.expect("token").value;
    assert!(!simulator.link_account(&users[1], &token, "n"), "somebody else's");
    let token = client.link_token(&users[0]).await.expect("token").value;
    assert!(simulator.link_account(&users[0], &token, "n"));
    assert!(!simulator.link_account(&users[0], &token, "n"), "used");
    let token = client.link_token(&users[0]).await.expect("token").value;
    clock.advance(Duration::from_secs(600));
    assert!(!simulator.link_account(&users[0], &token, "n"), "too late");
}

#[tokio::test]
async fn audiences_are_made_filled_and_taken_away() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(120);
    let id = client.create_audience("防災", &users[..60]).await.expect("made").value;
    client.add_to_audience(id, &users[50..]).await.expect("added");
    let audience = client.audience(id).await.expect("found").value;
    assert_eq!((audience.description.as_str(), audience.audience_count), ("防災", 120));
    assert_eq!(audience.status, AudienceStatus::Ready);
    client.delete_audience(id).await.expect("gone");
    assert_eq!(status(client.audience(id).await), 400);
    assert!(matches!(client.create_audience("a\nb", &[]).await, Err(Failure::Invalid(_))));
    assert!(matches!(client.add_to_audience(id, &["x".into()]).await, Err(Failure::Invalid(_))));
}

#[tokio::test]
async fn too_many_uploads_at_once() {
    let Line { simulator, client, .. } = line_with(|c| c.most_concurrent = 0).await;
    let users = simulator.add_friends(1);
    let failure = client.create_audience("a", &users).await.expect_err("full");
    assert!(matches!(failure, Failure::TooManyConcurrent(_)), "{failure}");
}

#[tokio::test]
async fn statistics_of_fewer_than_twenty_are_not_told() {
    let Line { simulator, client, clock } = line().await;
    let users = simulator.add_friends(30);
    let link = "https://city.example/koho";
    let confirm = Message::confirm("広報", Action::uri("読む", link), Action::postback("あとで", "later"));
    client.multicast(&users, &[Message::text("広報です"), confirm], Some("koho_11"), key(1)).await.expect("sent");
    for (i, user) in users.iter().enumerate().take(25) {
        simulator.see(user);
        if i < 19 {
            assert!(simulator.tap_link(user, link));
        }
    }
    let day = Date::constant(2026, 11, 28);
    let found = client.unit_statistics("koho_11", day, day).await.expect("statistics").value;
    assert_eq!(found.overview, Overview { unique_impression: Some(25), unique_click: None });
    assert_eq!(
        found.messages.iter().map(|m| (m.seq, m.impression)).collect::<Vec<_>>(),
        [(1, Some(25)), (2, Some(25))]
    );
    assert_eq!((found.clicks[0].seq, found.clicks[0].click), (2, None));
    simulator.tap_link(&users[19], link);
    let found = client.unit_statistics("koho_11", day, day).await.expect("statistics").value;
    assert_eq!((found.overview.unique_click, found.clicks[0].unique_click), (Some(20), Some(20)));
    assert_eq!(client.unit_usage().await.expect("units").value, 1);
    assert!(matches!(
        client.unit_statistics("koho_11", day, Date::constant(2026, 12, 29)).await,
        Err(Failure::Invalid(_))
    ));

    assert_eq!(client.delivery_statistics(day).await.expect("day").value.status, "unready");
    clock.advance(Duration::from_secs(86_400));
    let of_day = client.delivery_statistics(day).await.expect("day").value;
    assert_eq!((of_day.status.as_str(), of_day.api_multicast, of_day.api_push), ("ready", Some(30), Some(0)));
}

#[tokio::test]
async fn a_broadcast_has_statistics_of_its_own() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(30);
    let link = "https://city.example/alert";
    let confirm = Message::confirm("避難情報", Action::uri("見る", link), Action::postback("見た", "seen"));
    let sent = client.broadcast(&[confirm], false, key(1)).await.expect("sent");
    let id = sent.accepted_id.expect("id");
    for user in &users[..20] {
        simulator.see(user);
        assert!(simulator.tap_link(user, link));
    }
    let found = client.request_statistics(&id).await.expect("statistics").value;
    let overview = RequestOverview { delivered: Some(30), unique_impression: Some(20), unique_click: Some(20) };
    assert_eq!(found.overview, overview);
    assert_eq!((found.messages[0].impression, found.messages[0].unique_impression), (Some(20), None));
    assert_eq!((found.clicks[0].url.as_str(), found.clicks[0].click), (link, Some(20)));
    client.push(&users[0], &[Message::text(link)], None, key(2)).await.expect("sent");
    assert!(!simulator.tap_link(&users[0], link), "a push without a unit is not counted");
    assert_eq!(status(client.request_statistics("x").await), 400);
}
