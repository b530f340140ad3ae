//! A citizen talks with the bot.

use std::time::Duration;

use city::Lang;
use contact::citizen;
use contact::clarification;
use contact::{ContactError, EventKind, Invalid, MessageKind, State};
use testkit::on_both_engines;

use crate::town::{Town, client};

on_both_engines! {
    async fn a_question_is_answered_with_its_source_and_asked_on(t: TestDb) {
        let town = Town::found(t).await;
        let question = town.library.snapshot().by_code("tennyu").expect("there").text(Lang::Ja).0.question.clone();
        let receipt = town.begin(&question).await;
        let answer = town.last(&receipt.id).await;
        assert_eq!(answer.kind, MessageKind::Answer);
        let told = answer.content.answer.expect("an answer");
        assert_eq!((told.article.as_str(), told.version), ("tennyu", 1));
        assert!(told.checked_on().is_some() && told.facts.iter().any(|f| f.kind == "bring"));
        town.say(&receipt.id, 1, "いくらですか？").await;
        let fee = town.last(&receipt.id).await.content.answer.expect("an answer");
        assert_eq!((fee.article.as_str(), fee.focus.as_deref()), ("tennyu", Some("fee")));
        let contact = town.contact(&receipt.id).await;
        assert_eq!((contact.state, contact.topic.as_deref()), (State::Bot, Some("moving")));
        assert_eq!(
            town.events(&receipt.id).await,
            [EventKind::Opened, EventKind::CitizenWrote, EventKind::AnsweredByBot, EventKind::CitizenWrote,
             EventKind::AnsweredByBot]
        );
    }

    async fn an_open_question_is_asked_back(t: TestDb) {
        let town = Town::found(t).await;
        let file = "[[clarification]]\ncode='moving'\nwords=['引っ越し']\nquestion='どのお引っ越しですか'\n\
                    choices=[{label='市外から みなも市へ',article='tennyu'},{label='市内で',article='tenkyo'}]";
        let all = clarification::read(file, &|code| town.library.snapshot().by_code(code).is_some()).expect("read");
        let mut tx = town.test.db.write().await.expect("write");
        clarification::replace(&mut tx, town.test.clock.as_ref(), &all).await.expect("stored");
        tx.commit().await.expect("commit");
        let receipt = town.begin("引っ越しします").await;
        let asked = town.last(&receipt.id).await;
        assert_eq!((asked.kind, asked.body.as_deref()), (MessageKind::Choices, Some("どのお引っ越しですか")));
        let choice = &asked.content.choices[1];
        let mut rng = town.test.rng();
        citizen::choose(town.window(), &mut rng, &receipt.id, &client(1), &choice.value, &choice.label)
            .await
            .expect("chosen");
        assert_eq!(town.last(&receipt.id).await.content.answer.expect("an answer").article, "tenkyo");
        // Typed instead of pressed, by its number.
        let again = town.begin("引っ越し").await;
        town.say(&again.id, 2, "１").await;
        assert_eq!(town.last(&again.id).await.content.answer.expect("an answer").article, "tennyu");
    }

    async fn what_is_not_known_gets_ways_on(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("火星人の飛行許可証").await;
        let offer = town.last(&receipt.id).await;
        assert_eq!((offer.kind, offer.content.told.as_deref()), (MessageKind::Offer, Some("unsure")));
        let values: Vec<&str> = offer.content.choices.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(values, ["person", "call-back", "leave"]);
        assert!(town.events(&receipt.id).await.contains(&EventKind::Refused));
    }

    async fn the_same_message_is_stored_and_answered_once(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("").await;
        assert!(town.messages(&receipt.id).await.is_empty());
        let first = town.say(&receipt.id, 1, "住民票の取り方").await;
        let count = town.messages(&receipt.id).await.len();
        assert_eq!(town.say(&receipt.id, 1, "住民票の取り方").await, first);
        assert_eq!(town.messages(&receipt.id).await.len(), count);
        // The same form begins one conversation.
        let submission = "0".repeat(32);
        let mut rng = town.test.rng();
        let a = citizen::begin(town.window(), &mut rng, &submission, Lang::Ja, "こんにちは").await.expect("begun");
        let b = citizen::begin(town.window(), &mut rng, &submission, Lang::Ja, "こんにちは").await.expect("begun");
        assert_eq!(a, b);
        assert_eq!(town.messages(&a.id).await.len(), 2);
    }

    async fn what_cannot_be_taken_is_refused_and_nothing_is_stored(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("").await;
        let long = "あ".repeat(4_001);
        let mut rng = town.test.rng();
        for (id, words, wanted) in [
            ("client-0001", " \u{0}\n", Invalid::Empty),
            ("client-0001", long.as_str(), Invalid::TooLong(4_000)),
            ("短い", "住民票", Invalid::Form),
        ] {
            let refused = citizen::say(town.window(), &mut rng, &receipt.id, id, words).await.expect_err("refused");
            assert!(matches!(refused, ContactError::Invalid(w) if w == wanted), "{refused:?}");
        }
        assert!(town.messages(&receipt.id).await.is_empty());
        let mut tx = town.test.db.read().await.expect("read");
        let wrong = contact::contact::by_key(&mut tx, &town.test.clock, &receipt.number, "0000-0000-0000-0000").await;
        assert!(matches!(wrong, Err(ContactError::NotFound)));
        let found = contact::contact::by_key(&mut tx, &town.test.clock, &receipt.number, &receipt.key.to_lowercase()).await;
        assert_eq!(found.expect("found").id, receipt.id);
    }

    async fn who_waits_is_told_when_and_may_give_up(t: TestDb) {
        let town = Town::found(t).await;
        // Ten o'clock on a working day: somebody is there.
        let receipt = town.waiting().await;
        assert_eq!(town.last(&receipt.id).await.content.told.as_deref(), Some("queued"));
        let due = town.contact(&receipt.id).await.reply_due_at.expect("a clock");
        assert_eq!(due.millis_since(calendar::Clock::now(town.test.clock.as_ref())), 10 * 60_000);
        citizen::close(town.window(), &mut town.test.rng(), &receipt.id).await.expect("closed");
        assert!(town.events(&receipt.id).await.contains(&EventKind::Abandoned));
        // At night the promise is for the morning, and the clock begins there.
        town.test.clock.advance(Duration::from_secs(12 * 3600));
        let night = town.waiting().await;
        let told = town.last(&night.id).await.content;
        assert_eq!(told.told.as_deref(), Some("queued-day"));
        assert_eq!(told.args.get("time").map(String::as_str), Some("08:45"));
        let due = town.contact(&night.id).await.reply_due_at.expect("a clock");
        assert!(due.jst_date() > calendar::Clock::now(town.test.clock.as_ref()).jst_date());
    }

    async fn whoever_closed_the_page_while_waiting_has_left(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        town.test.clock.advance(Duration::from_secs(600));
        let (stays, now) = (town.waiting().await, calendar::Clock::now(town.test.clock.as_ref()));
        let before = now.minus(Duration::from_secs(300));
        let source = town.test.entropy_source();
        let left = contact::queue::sweep_abandoned(&town.test.db, town.test.clock.as_ref(), &town.organisation, &source, before)
            .await
            .expect("swept");
        assert_eq!(left, std::slice::from_ref(&receipt.id));
        assert_eq!(town.contact(&receipt.id).await.state, State::Resolved);
        assert_eq!(town.contact(&stays.id).await.state, State::Waiting);
        // Coming back opens it again.
        town.say(&receipt.id, 5, "転居届の持ち物は？").await;
        assert!(town.events(&receipt.id).await.contains(&EventKind::Reopened));
    }

    async fn a_closed_topic_is_for_a_person(t: TestDb) {
        let town = Town::found(t).await;
        let closed = |topic: &str| topic != "moving";
        let window = citizen::Window { is_live: &closed, ..town.window() };
        let mut rng = town.test.rng();
        let begun = citizen::begin(window, &mut rng, &"1".repeat(32), Lang::Ja, "転入届はいつまで").await.expect("begun");
        let said = town.last(&begun.id).await;
        assert_eq!(said.content.told.as_deref(), Some("topic-closed"));
        assert!(said.content.answer.is_none());
        assert!(town.events(&begun.id).await.contains(&EventKind::TopicClosed));
    }
}
