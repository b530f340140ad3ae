//! LINE fails, or its answer is lost: what was to be said is said once.

use line::Endpoint;
use line::simulator::Fault;
use std::time::Duration;

use crate::town::{Town, texts};

/// Lets time go on and jobs run until nothing comes any more.
async fn wait(town: &Town) {
    for _ in 0..12 {
        town.test.clock.advance(Duration::from_secs(40));
        town.worker().drain().await.expect("drained");
    }
}

async fn with_operator(town: &Town) -> (String, contact::Contact) {
    let user = town.friend().await;
    town.say(&user, "職員と話したい").await;
    let contact = town.contact().await;
    town.pick_up(&contact.id).await;
    wait(town).await;
    (user, contact)
}

fn how_often(town: &Town, user: &str, words: &str) -> usize {
    town.received(user).iter().filter(|m| texts(m).iter().any(|t| t.contains(words))).count()
}

testkit::on_both_engines! {
    async fn a_push_whose_answer_is_lost_is_received_once(t: TestDb) {
        let town = Town::found(t).await;
        let (user, contact) = with_operator(&town).await;
        for (i, fault) in [Fault::HangAfter, Fault::CloseAfter, Fault::ErrorAfter, Fault::ErrorBefore, Fault::CloseBefore, Fault::HangBefore].into_iter().enumerate() {
            town.sim.inject(Endpoint::Push, fault, 2);
            let words = format!("{i}番目の答え");
            town.answer(&contact.id, &format!("client-{i:04}"), &words, false).await;
            wait(&town).await;
            assert_eq!(how_often(&town, &user, &words), 1, "{fault:?}");
        }
        assert_eq!(town.sim.reused_keys(), 0);
    }

    async fn the_limits_of_rate_and_month_are_kept_apart(t: TestDb) {
        let town = Town::found(t).await;
        let (user, contact) = with_operator(&town).await;
        town.sim.inject(Endpoint::Push, Fault::RateLimited, 3);
        town.answer(&contact.id, "client-0001", "すこし待てば届く答え", false).await;
        wait(&town).await;
        assert_eq!(how_often(&town, &user, "すこし待てば"), 1);
        town.sim.inject(Endpoint::Push, Fault::QuotaUsedUp, 1);
        town.answer(&contact.id, "client-0002", "今月は届かない答え", false).await;
        wait(&town).await;
        assert_eq!(how_often(&town, &user, "今月は"), 0);
        let mut tx = town.test.db.read().await.expect("read");
        let unsaid = line_account::call::unsaid(&mut tx, &contact.id).await.expect("read");
        assert!(unsaid.last().is_some_and(|u| u.reason.as_deref().is_some_and(|r| r.contains("used up"))), "{unsaid:?}");
        drop(tx);
        // What comes after it is said.
        town.answer(&contact.id, "client-0003", "つぎの答え", false).await;
        wait(&town).await;
        assert_eq!(how_often(&town, &user, "つぎの"), 1);
    }

    async fn a_reply_that_is_too_late_is_pushed(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.sim.inject(Endpoint::Reply, Fault::CloseBefore, 1);
        town.sim.say(&user, "住民票の写しがほしい");
        town.settle().await;
        wait(&town).await;
        assert_eq!(how_often(&town, &user, "住民票"), 1);
    }

    /// What LINE keeps putting off is given up after a day; what the same user says afterwards is heard.
    async fn an_event_does_not_wait_for_ever(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        for endpoint in [Endpoint::Reply, Endpoint::Push] {
            town.sim.inject_by_chance(endpoint, vec![(Fault::RateLimited, 1_000)]);
        }
        town.sim.send_sticker(&user, "1", "2");
        town.settle().await;
        let waiting = async || {
            let mut tx = town.test.db.read().await.expect("read");
            line_account::inbox::counts(&mut tx, calendar::Instant::from_millis(0)).await.expect("read").waiting
        };
        for _ in 0..12 {
            town.test.clock.advance(Duration::from_secs(2 * 3600 - 1));
            town.worker().drain().await.expect("drained");
        }
        assert_eq!(waiting().await, 1, "it waits for a day");
        for _ in 0..24 {
            town.test.clock.advance(Duration::from_secs(3600));
            town.worker().drain().await.expect("drained");
        }
        assert_eq!(waiting().await, 0, "and then is given up");
        town.sim.clear_faults();
        town.say(&user, "住民票の写しがほしい").await;
        wait(&town).await;
        assert_eq!(how_often(&town, &user, "住民票"), 1);
    }

    async fn a_token_that_ran_out_is_renewed(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.sim.revoke_tokens();
        town.say(&user, "住民票の写しがほしい").await;
        assert_eq!(how_often(&town, &user, "住民票"), 1);
    }

    async fn an_event_that_fails_every_time_is_put_aside_and_the_next_ones_go_on(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        town.sim.inject(Endpoint::Content, Fault::ErrorBefore, 1_000);
        town.sim.send_image(&user, "image/png", vec![1; 10]);
        town.sim.say(&user, "写真は見えましたか");
        town.settle().await;
        for _ in 0..12 {
            town.test.clock.advance(Duration::from_secs(3_600));
            town.worker().drain().await.expect("drained");
        }
        let contact = town.contact().await;
        let words: Vec<String> = town.messages(&contact.id).await.into_iter().filter_map(|m| m.body).collect();
        assert!(words.iter().any(|w| w == "写真は見えましたか"), "{words:?}");
        let mut tx = town.test.db.read().await.expect("read");
        let dead = tx.rows("SELECT id FROM line_event WHERE state = 'dead'", store::params![]).await.expect("read");
        assert_eq!(dead.len(), 1);
    }
}
