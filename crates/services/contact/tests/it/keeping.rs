//! What is looked at every minute, and how long words are kept.

use std::time::Duration;

use calendar::Clock;
use contact::staff::{hold, transfer};
use contact::{EventKind, State, call_back, minute, retention};
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::town::Town;

async fn work(town: &Town) {
    let mut registry = Registry::default();
    registry.add(minute::LANE, minute::JOB, minute::run);
    registry.add(retention::LANE, retention::DAILY, retention::run);
    let (clock, entropy) = (town.test.clock.clone(), town.test.entropy_source());
    let worker = Worker { db: town.test.db.clone(), clock, entropy, registry };
    worker.step(minute::LANE).await.expect("work");
    worker.step(retention::LANE).await.expect("work");
}

async fn schedule(town: &Town) {
    let mut tx = town.test.db.write().await.expect("write");
    minute::schedule(&mut tx, town.test.clock.as_ref(), &mut town.test.rng()).await.expect("scheduled");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn a_clock_that_was_set_back_turns_no_log_round(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let (clock, before) = (town.test.clock.clone(), town.test.clock.now());
        clock.set(before.minus(Duration::from_secs(3_600)));
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        clock.set(before);
        clock.advance(Duration::from_secs(60));
        town.say(&receipt.id, 1, "まだですか").await;
        let mut tx = town.test.db.read().await.expect("read");
        let events = contact::event::of(&mut tx, &receipt.id).await.expect("read");
        let at: Vec<i64> = events.iter().map(|e| e.at.millis()).collect();
        assert!(at.is_sorted(), "{at:?}");
        assert_eq!(events.last().expect("an event").at, clock.now(), "the clock has caught up");
    }

    async fn a_clock_that_ran_out_is_told_once(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        schedule(&town).await;
        schedule(&town).await;
        // Ten minutes for the first reply: one minute before, nothing.
        for (seconds, wanted) in [(9 * 60, 0), (60, 1), (60, 1), (60, 1)] {
            town.test.clock.advance(Duration::from_secs(seconds));
            // The citizen's page stays open.
            contact::citizen::seen(&town.test.db, town.test.clock.as_ref(), &receipt.id, 0).await.expect("seen");
            work(&town).await;
            let escalated = town.events(&receipt.id).await.iter().filter(|k| **k == EventKind::Escalated).count();
            assert_eq!(escalated, wanted, "after {seconds} seconds more");
        }
        let mut rng = town.test.rng();
        let desk = town.desk(&town.operator);
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        transfer::offer(desk, &mut rng, &receipt.id, "shimin", "転入の相談").await.expect("offered");
        town.test.clock.advance(Duration::from_secs(15 * 60));
        work(&town).await;
        let escalated = town.events(&receipt.id).await.iter().filter(|k| **k == EventKind::Escalated).count();
        assert_eq!(escalated, 2, "the section has not decided");
    }

    async fn whoever_left_is_marked_by_the_job(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        schedule(&town).await;
        town.test.clock.advance(Duration::from_secs(181));
        work(&town).await;
        assert_eq!(town.contact(&receipt.id).await.state, State::Resolved);
        assert!(town.events(&receipt.id).await.contains(&EventKind::Abandoned));
    }

    async fn whoever_was_told_to_come_back_waits_with_a_closed_page(t: TestDb) {
        let town = Town::found(t).await;
        // Twelve hours after ten in the morning the office is closed.
        town.test.clock.advance(Duration::from_secs(12 * 3600));
        let receipt = town.waiting().await;
        for hours in [1, 10, 2] {
            schedule(&town).await;
            town.test.clock.advance(Duration::from_secs(hours * 3600));
            work(&town).await;
            assert_eq!(town.contact(&receipt.id).await.state, State::Waiting, "{hours} hours later");
        }
    }

    async fn words_go_after_their_time_and_events_stay(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("転入届の持ち物は？ 電話は 090-1234-5678 です").await;
        let events = town.events(&receipt.id).await;
        let mut tx = town.test.db.write().await.expect("write");
        city::store::save_setting(&mut tx, retention::CHANNELS, "web=30").await.expect("set");
        retention::schedule(&mut tx, town.test.clock.as_ref(), &mut town.test.rng()).await.expect("scheduled");
        tx.commit().await.expect("commit");
        town.test.clock.advance(Duration::from_secs(29 * 86_400));
        work(&town).await;
        assert!(town.contact(&receipt.id).await.erased_at.is_none());
        town.test.clock.advance(Duration::from_secs(2 * 86_400));
        work(&town).await;
        let contact = town.contact(&receipt.id).await;
        assert!(contact.erased_at.is_some(), "{contact:?}");
        assert!(town.messages(&receipt.id).await.iter().all(|m| m.body.is_none() && m.content.answer.is_none()));
        let after = town.events(&receipt.id).await;
        assert_eq!(&after[..events.len()], &events[..]);
        // Nothing can be said there any more.
        let mut rng = town.test.rng();
        let said = contact::citizen::say(town.window(), &mut rng, &receipt.id, "client-0001", "もう一度").await;
        assert!(matches!(said, Err(contact::ContactError::Invalid(contact::Invalid::Closed))), "{said:?}");
    }

    async fn an_erased_person_takes_the_words_along(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("折り返しをお願いします").await;
        let now = town.test.clock.now();
        let windows = call_back::windows(&town.organisation, &town.contact(&receipt.id).await.section, now);
        let mut rng = town.test.rng();
        let new = call_back::NewCallBack { phone: "090-1234-5678", window_from: windows[0].0, actor: "citizen" };
        contact::citizen::ask_call_back(town.window(), &mut rng, &receipt.id, new).await.expect("asked");
        let person = town.contact(&receipt.id).await.person.expect("a person");
        let mut tx = town.test.db.write().await.expect("write");
        let clock = town.test.clock.as_ref();
        let erased = retention::erase_person(&mut tx, clock, &mut rng, &person, "account:a").await.expect("erased");
        people::erasure::erase(&mut tx, clock, "account:a", &person).await.expect("erased");
        tx.commit().await.expect("commit");
        assert_eq!(erased, 1);
        let contact = town.contact(&receipt.id).await;
        assert!(contact.person.is_none() && contact.erased_at.is_some());
        assert!(town.events(&receipt.id).await.contains(&EventKind::CallBackAsked), "figures stay");
        let again = retention::replay(&town.test.db, clock, &mut rng, "job:x").await.expect("replayed");
        assert_eq!(again, 0);
    }
}
