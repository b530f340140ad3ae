//! Calls of LINE, and of others who pretend to be it.

use line::webhook::WebhookError;
use line_account::inbox;
use serde_json::json;

use crate::town::{Town, call};

testkit::on_both_engines! {
    async fn what_line_did_not_sign_is_not_looked_at(t: TestDb) {
        let town = Town::found(t).await;
        let secret = &town.account.secret;
        let body = call(&[]);
        let signature = line::signature::sign(secret, &body);
        assert_eq!(inbox::read(secret, &signature, &body), Ok(Vec::new()), "LINE's own test call");
        for wrong in ["", "x", "AAAA", &signature[1..], &line::signature::sign(secret, b"other")] {
            assert_eq!(inbox::read(secret, wrong, &body), Err(WebhookError::Signature), "{wrong:?}");
        }
        let long = vec![b' '; inbox::MOST_BYTES + 1];
        let signed = line::signature::sign(secret, &long);
        assert!(matches!(inbox::read(secret, &signed, &long), Err(WebhookError::TooLong { .. })));
        for (text, part) in [("{", "no JSON"), ("[]", "destination"), ("{\"destination\":\"U\"}", "events"), ("\u{feff}", "no JSON")] {
            let signed = line::signature::sign(secret, text.as_bytes());
            let error = inbox::read(secret, &signed, text.as_bytes()).expect_err("refused").to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    async fn an_event_that_is_told_again_is_carried_out_once(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.sim.say(&user, "住民票の写しがほしい");
        let news = town.news();
        town.tell(&news).await;
        town.tell(&news).await;
        let mut again = news.clone();
        again[0]["deliveryContext"]["isRedelivery"] = true.into();
        town.tell(&again).await;
        town.settle().await;
        town.tell(&again).await;
        town.settle().await;
        assert_eq!(town.received(&user).len(), 2, "a welcome and one answer");
        let contact = town.contact().await;
        assert_eq!(town.messages(&contact.id).await.len(), 2);
    }

    async fn events_are_carried_out_in_the_order_in_which_they_happened(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        let mut written = Vec::new();
        for i in 0..6 {
            town.test.clock.advance(std::time::Duration::from_millis(10));
            town.sim.say(&user, &format!("{i}番目のことば"));
            written.push(format!("{i}番目のことば"));
        }
        let mut news = town.news();
        news.reverse();
        news.swap(1, 4);
        town.tell(&news[..3]).await;
        town.tell(&news[3..]).await;
        town.settle().await;
        let said: Vec<String> = town.messages(&contact.id).await.into_iter().filter_map(|m| m.body).filter(|b| b.contains("番目")).collect();
        assert_eq!(said, written);
    }

    async fn a_block_that_is_told_late_blocks_nobody(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.test.clock.advance(std::time::Duration::from_secs(1));
        town.sim.block(&user);
        town.test.clock.advance(std::time::Duration::from_secs(1));
        town.sim.follow(&user);
        let news = town.news();
        assert_eq!(news.len(), 2);
        town.tell(&news[1..]).await;
        town.settle().await;
        town.tell(&news[..1]).await;
        town.settle().await;
        assert_eq!(town.recipient(&user).await.state, outreach::recipient::RecipientState::Active);
    }

    async fn what_nobody_knows_is_kept_and_passed_over(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        let source = json!({"type": "user", "userId": user});
        let odd = [
            json!({"type": "mindReading", "webhookEventId": "01HODD", "timestamp": 1, "source": source, "mode": "active"}),
            json!({"type": "message", "timestamp": 1, "source": source}),
            json!({"type": "message", "webhookEventId": "01HGROUP", "timestamp": 1, "mode": "active",
                   "source": {"type": "group", "groupId": "Cx", "userId": user}, "message": {"type": "text", "id": "1", "text": "a"}}),
            json!({"type": "message", "webhookEventId": "01HSTANDBY", "timestamp": 1, "mode": "standby",
                   "source": source, "message": {"type": "text", "id": "2", "text": "b"}}),
            json!({"type": "postback", "webhookEventId": "01HPOST", "timestamp": 1, "mode": "active", "source": source,
                   "postback": {"data": "';--"}}),
            json!({"type": "message", "webhookEventId": "01\u{0}HNUL\u{7}", "timestamp": 1, "mode": "active", "source": source,
                   "message": {"type": "text", "id": "3", "text": "\u{0}\u{0}"}}),
        ];
        town.sim.say(&user, "住民票の写しがほしい");
        let mut all = odd.to_vec();
        all.extend(town.news());
        town.tell(&all).await;
        let before = town.received(&user).len();
        town.settle().await;
        assert_eq!(town.received(&user).len(), before + 1, "the question between them is answered");
        let contact = town.contact().await;
        assert_eq!(town.messages(&contact.id).await.len(), 2);
        let mut tx = town.test.db.read().await.expect("read");
        let rows = tx.rows("SELECT state, count(*) AS n FROM line_event GROUP BY state ORDER BY state", store::params![]).await.expect("read");
        let counts: Vec<(String, i64)> = rows.iter().map(|r| (r.get("state").expect("state"), r.get("n").expect("n"))).collect();
        // Follow, question, odd button, empty words; the unknown, the unread, the group's, the standby's.
        assert_eq!(counts, [("done".to_owned(), 4), ("passed".to_owned(), 4)]);
    }

    async fn words_are_not_kept_twice(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "住民票の写しがほしい").await;
        let mut tx = town.test.db.write().await.expect("write");
        let kept = tx.rows("SELECT body FROM line_event WHERE body IS NOT NULL", store::params![]).await.expect("read");
        assert!(kept.is_empty(), "what was carried out keeps no words beside the contact");
        town.test.clock.advance(std::time::Duration::from_secs(31 * 86_400));
        line_account::daily::sweep(&mut tx, town.test.clock.as_ref()).await.expect("swept");
        let left = tx.rows("SELECT id FROM line_event", store::params![]).await.expect("read");
        assert!(left.is_empty());
    }
}
