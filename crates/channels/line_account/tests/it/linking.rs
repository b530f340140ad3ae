//! Joining a user of LINE with a person of the city.

use city::Lang;
use line_account::link;

use crate::town::{Town, button, texts};

async fn person(town: &Town) -> String {
    let mut tx = town.test.db.write().await.expect("write");
    let new = people::person::NewPerson { name: None, lang: Lang::Ja };
    let new = people::person::create(&mut tx, town.test.clock.as_ref(), &mut town.test.rng(), "test", new).await;
    let id = new.expect("a person");
    tx.commit().await.expect("commit");
    id
}

async fn slip(town: &Town, person: &str) -> String {
    let mut tx = town.test.db.write().await.expect("write");
    let (_, code) = link::invite(&mut tx, town.test.clock.as_ref(), &mut town.test.rng(), person, "account:clerk")
        .await
        .expect("a slip");
    tx.commit().await.expect("commit");
    code
}

/// Token and nonce of the address that a user got.
fn tokens(address: &str) -> (String, String) {
    let query = address.split_once('?').expect("a query").1;
    let value =
        |name: &str| query.split('&').find_map(|p| p.strip_prefix(&format!("{name}="))).expect("there").to_owned();
    (value("linkToken"), value("nonce"))
}

testkit::on_both_engines! {
    async fn a_slip_joins_once_and_a_tap_ends_it(t: TestDb) {
        let town = Town::found(t).await;
        let (user, person) = (town.friend().await, person(&town).await);
        let code = slip(&town, &person).await;
        let said = town.say(&user, &format!("連携 {code}")).await;
        let address = button(&said[0], "内容を見て連携する")["uri"].as_str().expect("address").to_owned();
        assert!(address.starts_with("https://city.example/line/link?"), "{address}");
        assert!(town.contacts().await.is_empty(), "a code is no question");
        let (token, nonce) = tokens(&address);
        assert!(town.sim.link_account(&user, &token, &nonce));
        town.settle().await;
        assert_eq!(town.recipient(&user).await.person.as_deref(), Some(person.as_str()));
        assert!(texts(&town.received(&user).pop().expect("a sentence"))[0].contains("連携しました"));
        // The code is used up, for everybody.
        let other = town.friend().await;
        let refused = town.say(&other, &format!("連携 {code}")).await;
        assert!(texts(&refused[0])[0].contains("使えません"), "{refused:?}");
        town.sim.press_postback(&user, "unlink", None);
        town.settle().await;
        assert_eq!(town.recipient(&user).await.person, None);
    }

    async fn a_nonce_is_only_for_the_user_who_told_the_code(t: TestDb) {
        let town = Town::found(t).await;
        let (user, thief, person) = (town.friend().await, town.friend().await, person(&town).await);
        let code = slip(&town, &person).await;
        let said = town.say(&user, &format!("連携 {code}")).await;
        let (_, nonce) = tokens(button(&said[0], "内容を見て連携する")["uri"].as_str().expect("address"));
        // Somebody else gets a token of their own and uses a nonce that they saw.
        let token = town.account.client.link_token(&thief).await.expect("a token").value;
        assert!(town.sim.link_account(&thief, &token, &nonce));
        town.settle().await;
        assert_eq!(town.recipient(&thief).await.person, None);
        assert!(texts(&town.received(&thief).pop().expect("a sentence"))[0].contains("連携できませんでした"));
        // The nonce is still its owner's; after ten minutes it is nobody's.
        town.test.clock.advance(std::time::Duration::from_secs(601));
        let token = town.account.client.link_token(&user).await.expect("a token").value;
        assert!(town.sim.link_account(&user, &token, &nonce));
        town.settle().await;
        assert_eq!(town.recipient(&user).await.person, None);
    }

    async fn a_new_slip_ends_the_old_one(t: TestDb) {
        let town = Town::found(t).await;
        let (user, person) = (town.friend().await, person(&town).await);
        let (old, new) = (slip(&town, &person).await, slip(&town, &person).await);
        let said = town.say(&user, &format!("連携 {old}")).await;
        assert!(texts(&said[0])[0].contains("使えません"), "{said:?}");
        town.test.clock.advance(link::INVITATION_LIFE);
        let late = town.say(&user, &format!("連携 {new}")).await;
        assert!(texts(&late[0])[0].contains("使えません"), "{late:?}");
    }

    async fn the_page_of_ones_choices_opens_for_an_hour(t: TestDb) {
        let town = Town::found(t).await;
        let user = town.friend().await;
        town.sim.press_postback(&user, "choices", None);
        town.settle().await;
        let said = town.received(&user).pop().expect("a link");
        let address = button(&said, "お知らせを選ぶ")["uri"].as_str().expect("address").to_owned();
        let key = address.rsplit_once('/').expect("a key").1.to_owned();
        let clock = town.test.clock.as_ref();
        let mut tx = town.test.db.read().await.expect("read");
        let found = link::by_pass(&mut tx, clock, &key).await.expect("read").expect("opened");
        assert_eq!(found.id, town.recipient(&user).await.id);
        town.test.clock.advance(link::PASS_LIFE);
        assert!(link::by_pass(&mut tx, clock, &key).await.expect("read").is_none());
    }
}
