//! A person's path: follows, asks, chooses, talks with a person, says how it was, leaves.

use contact::{Author, Channel, EventKind, State};
use outreach::recipient::RecipientState;

use crate::town::{Town, button, texts};

testkit::on_both_engines! {
    async fn a_question_is_answered_with_its_facts_and_costs_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        let welcome = town.received(&user);
        assert_eq!(welcome.len(), 1);
        assert!(texts(&welcome[0])[0].contains("選んだものだけ"), "{welcome:?}");
        let said = town.say(&user, "住民票の写しがほしい").await;
        assert_eq!(said.len(), 1, "{said:?}");
        let words = texts(&said[0]).join("\n");
        assert!(words.contains("住民票") && words.contains("円"), "{words}");
        assert!(said[0]["altText"].as_str().expect("alt text").contains("住民票"));
        assert_eq!(button(&said[0], "くわしく見る")["uri"].as_str().expect("address").split_once("/articles/").expect("an article").0, "https://city.example");
        // Both were replies: nothing of the month's messages is used.
        let mut tx = town.test.db.read().await.expect("read");
        let now = calendar::Clock::now(town.test.clock.as_ref());
        let day = std::time::Duration::from_secs(86_400);
        let sums = line_account::call::sums(&mut tx, now.minus(day), now.plus(day)).await.expect("read");
        assert_eq!(sums.iter().map(|s| (s.way.as_str(), s.state.as_str(), s.calls, s.cost)).collect::<Vec<_>>(), [("reply", "accepted", 2, 0)]);
        drop(tx);
        let contact = town.contact().await;
        assert_eq!((contact.channel, contact.state), (Channel::Line, State::Bot));
    }

    async fn a_choice_is_taken_and_a_person_answers(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        let said = town.say(&user, "ペンギンの飼い方").await;
        let person = button(said.last().expect("an answer"), "職員と話す");
        town.sim.tap(&user, &person);
        town.settle().await;
        let contact = town.contact().await;
        assert_eq!(contact.state, State::Waiting);
        let promise = town.received(&user).pop().expect("a promise");
        assert!(texts(&promise)[0].contains("職員におつなぎします"), "{promise}");
        assert!(!texts(&promise)[0].contains("ページ"), "of pages nothing is said on LINE: {promise}");
        // Much later: the token is too old, so it is pushed.
        town.test.clock.advance(std::time::Duration::from_secs(600));
        town.pick_up(&contact.id).await;
        town.answer(&contact.id, "client-0001", "ペンギンは飼えません。", false).await;
        let answer = town.received(&user).pop().expect("an answer");
        assert!(texts(&answer)[0].ends_with("ペンギンは飼えません。"), "{answer}");
        // What the citizen writes now is the operator's, and the bot is silent.
        assert_eq!(town.say(&user, "わかりました").await, Vec::<serde_json::Value>::new());
        let last = town.messages(&contact.id).await.pop().expect("a message");
        assert_eq!((last.author, last.body.as_deref()), (Author::Citizen, Some("わかりました")));
    }

    async fn what_is_personal_is_a_notice_and_a_link_that_lives_a_day(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        town.pick_up(&contact.id).await;
        // The operator did not mark it, but it holds a telephone number.
        town.answer(&contact.id, "client-0001", "登録の電話は 080-1234-5678 ですね。", false).await;
        let notice = town.received(&user).pop().expect("a notice");
        assert!(!notice.to_string().contains("5678"), "{notice}");
        let address = button(&notice, "お返事を読む")["uri"].as_str().expect("address").to_owned();
        let (_, key) = address.rsplit_once('/').expect("a key");
        let mut tx = town.test.db.read().await.expect("read");
        let clock = town.test.clock.as_ref();
        let by = contact::contact::by_key(&mut tx, clock, &contact.number, key).await.expect("opened");
        assert_eq!(by.id, contact.id);
        town.test.clock.advance(contact::link::LIFE);
        let late = contact::contact::by_key(&mut tx, clock, &contact.number, key).await;
        assert!(matches!(late, Err(contact::ContactError::Expired)), "{late:?}");
        drop(tx);
        // A tap gives a new one.
        town.sim.tap(&user, &button(&notice, "リンクをもう一度"));
        town.settle().await;
        let again = town.received(&user).pop().expect("a link");
        assert_ne!(button(&again, "お返事を読む")["uri"].as_str().expect("address"), address);
        // Somebody else's tap of the same button gives nothing.
        let other = town.friend().await;
        town.sim.tap(&other, &button(&notice, "リンクをもう一度"));
        town.settle().await;
        let refused = town.received(&other).pop().expect("a sentence");
        assert!(texts(&refused)[0].contains("古くなっています"), "{refused}");
    }

    async fn words_beside_an_article_are_looked_at_as_well(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        town.pick_up(&contact.id).await;
        let code = town.house.library.snapshot().articles[0].code.clone();
        let new = contact::staff::reply::NewReply {
            client_id: "client-0001",
            words: "080-1234-5678 に電話します。",
            article: Some(&code),
            files: &[],
            on_page: false,
        };
        contact::staff::reply::reply(town.desk(), &mut town.test.rng(), &town.house.library, &contact.id, new)
            .await
            .expect("said");
        town.worker().drain().await.expect("drained");
        let notice = town.received(&user).pop().expect("a notice");
        assert!(!notice.to_string().contains("5678") && notice.to_string().contains("市からのお返事"), "{notice}");
    }

    async fn the_end_is_rated_and_the_next_day_begins_a_new_matter(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        let said = town.say(&user, "住民票の写しがほしい").await;
        town.sim.tap(&user, &button(&said[0], "終わる"));
        town.settle().await;
        let contact = town.contact().await;
        assert_eq!(contact.state, State::Resolved);
        let end = town.received(&user).pop().expect("an end");
        town.sim.tap(&user, &button(&end, "よかった"));
        town.settle().await;
        let mut tx = town.test.db.read().await.expect("read");
        let rated = contact::event::of(&mut tx, &contact.id).await.expect("read").pop().expect("an event");
        assert_eq!((rated.kind, rated.value), (EventKind::Rated, Some(4)));
        drop(tx);
        town.test.clock.advance(std::time::Duration::from_secs(2 * 86_400));
        town.say(&user, "ごみの日はいつですか").await;
        let all = town.contacts().await;
        assert_eq!(all.len(), 2, "a new matter");
        assert_eq!(all[0].state, State::Resolved);
    }

    async fn who_blocks_gets_nothing_and_who_comes_back_does(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        town.sim.block(&user);
        town.settle().await;
        assert_eq!(town.recipient(&user).await.state, RecipientState::Blocked);
        assert_eq!(town.contacts().await[0].state, State::Resolved, "nobody waits there");
        let before = town.received(&user).len();
        let mut tx = town.test.db.read().await.expect("read");
        let unsaid = line_account::call::unsaid(&mut tx, &contact.id).await.expect("read");
        assert_eq!(unsaid.last().map(|u| (u.state.as_str(), u.reason.as_deref())), Some(("refused", Some("blocked"))));
        drop(tx);
        assert_eq!(town.received(&user).len(), before);
        town.sim.follow(&user);
        town.settle().await;
        assert_eq!(town.recipient(&user).await.state, RecipientState::Active);
        assert!(town.received(&user).len() > before);
    }

    async fn pictures_files_places_and_stickers(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        // The smallest picture (GIF89a), what is none, and what is gone.
        let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
        town.sim.send_image(&user, "image/gif", gif.to_vec());
        town.settle().await;
        let mut tx = town.test.db.read().await.expect("read");
        let files = contact::attachment::between(&mut tx, &contact.id, 0, 100).await.expect("read");
        assert_eq!(files.iter().map(|f| f.kind.code()).collect::<Vec<_>>(), ["gif"]);
        drop(tx);
        town.sim.send_image(&user, "image/jpeg", b"<script>no picture</script>\x00".to_vec());
        town.settle().await;
        let refused = texts(&town.received(&user).pop().expect("a sentence")).join("");
        assert!(refused.contains("受け取れない種類"), "{refused}");
        let name = town.sim.send_file(&user, "名簿.pdf", "application/pdf", b"%PDF-1.4 broken".to_vec());
        town.sim.unsend(&user, &name);
        town.settle().await;
        let gone = texts(&town.received(&user).pop().expect("a sentence")).join("");
        assert!(gone.contains("取り出せませんでした"), "{gone}");
        town.sim.send_location(&user, "みなも市本町1", 35.123_456, 139.5);
        town.test.clock.advance(std::time::Duration::from_millis(5));
        town.sim.send_sticker(&user, "1", "2");
        town.settle().await;
        let words: Vec<String> = town.messages(&contact.id).await.into_iter().filter(|m| m.author == Author::Citizen).filter_map(|m| m.body).collect();
        assert!(words.iter().any(|w| w.contains("35.12346") && w.contains("本町1")), "{words:?}");
        assert_eq!(words.last().map(String::as_str), Some("（スタンプ）"));
        // Nothing is asked of somebody who sends a video; a sentence says what can be sent.
        town.sim.send_video(&user, "video/mp4", vec![0; 100]);
        town.settle().await;
        assert!(texts(&town.received(&user).pop().expect("a sentence"))[0].contains("動画"));
    }

    async fn what_is_taken_back_is_gone(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        town.say(&user, "まちがえて書いた秘密").await;
        let event = town.sim.events(Some(&user)).pop().expect("an event");
        town.sim.unsend(&user, event["message"]["id"].as_str().expect("an id"));
        town.settle().await;
        let messages = town.messages(&contact.id).await;
        assert!(!format!("{messages:?}").contains("秘密"));
        assert!(messages.iter().any(|m| m.author == Author::Citizen && m.body.is_none()));
        let mut tx = town.test.db.read().await.expect("read");
        let last = contact::event::of(&mut tx, &contact.id).await.expect("read").pop().expect("an event");
        assert_eq!(last.kind, EventKind::TakenBack);
    }

    async fn nothing_that_is_long_is_cut_off(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.say(&user, "職員と話したい").await;
        let contact = town.contact().await;
        let long: String = (0..4_900).map(|i| char::from_u32('あ' as u32 + i % 80).expect("a letter")).collect();
        town.say(&user, &long).await;
        let said: String = town.messages(&contact.id).await.into_iter().filter(|m| m.author == Author::Citizen).skip(1).filter_map(|m| m.body).collect();
        assert_eq!(said, long);
        town.pick_up(&contact.id).await;
        let answer: String = "答".repeat(3_900);
        town.answer(&contact.id, "client-0001", &answer, false).await;
        let got: String = town.received(&user).iter().flat_map(texts).collect();
        assert!(got.ends_with(&answer));
    }
}
