//! Who is told what, in the ledger of messages.

use access::inquiry::{self, Acting, NewInquiry};
use access::{Role, account};
use people::message::{self, Filter, Page};
use testkit::TestDb;

use crate::support::{account as make, day, organisation, principal};

const TODAY: &str = "2026-11-23";

async fn with_mail(test: &TestDb, login: &str, section: &str, roles: &[Role]) -> String {
    let id = make(test, login, section, roles).await;
    let mut tx = test.db.write().await.expect("write");
    let mail = format!("{login}@minamo.example");
    account::set_mail(&mut tx, test.clock.as_ref(), &mut test.rng(), "command-line", &id, &mail).await.expect("set");
    tx.commit().await.expect("commit");
    enrolled(test, &id).await;
    id
}

async fn enrolled(test: &TestDb, id: &str) {
    crate::support::enrol(test, id).await;
}

async fn told(test: &TestDb) -> Vec<(String, String)> {
    let mut tx = test.db.read().await.expect("read");
    let listed = message::list(&mut tx, Filter::default(), Page { before: None, limit: 100 }).await.expect("list");
    let mut told: Vec<(String, String)> = listed.into_iter().map(|m| (m.template, m.person)).collect();
    told.sort();
    told
}

testkit::on_both_engines! {
    async fn a_new_inquiry_reaches_everybody_of_the_section_who_may_answer(test: TestDb) {
        let asker = with_mail(&test, "kikite", "kocho", &[Role::Manager]).await;
        with_mail(&test, "sakusei", "shimin", &[Role::Author]).await;
        with_mail(&test, "shonin", "shimin", &[Role::Approver]).await;
        with_mail(&test, "yakunashi", "shimin", &[]).await;
        with_mail(&test, "yosono", "kankyo", &[Role::Author]).await;
        let (who, organisation) = (principal(&test, &asker, TODAY).await, organisation());
        let mut rng = test.rng();
        let mut by =
            Acting { principal: &who, organisation: &organisation, clock: test.clock.as_ref(), entropy: &mut rng };
        let mut tx = test.db.write().await.expect("write");
        let new = NewInquiry {
            kind: "free",
            period: None,
            title: "窓口の混み具合",
            body: "教えてください。",
            section: "kocho",
            due_on: day("2026-12-01"),
            targets: &["shimin".to_owned()],
            items: &[],
        };
        inquiry::open(&mut tx, &mut by, new).await.expect("opened");
        tx.commit().await.expect("commit");
        let messages = told(&test).await;
        assert_eq!(messages.iter().map(|(t, _)| t.as_str()).collect::<Vec<_>>(), ["staff.inquiry", "staff.inquiry"]);
        assert_ne!(messages[0].1, messages[1].1, "one to each");
        test.close().await;
    }

    async fn a_new_address_takes_the_place_of_the_old_one(test: TestDb) {
        let id = with_mail(&test, "kawaru", "shimin", &[Role::Author]).await;
        let mut tx = test.db.write().await.expect("write");
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        account::set_mail(&mut tx, clock, &mut rng, "account:a", &id, "atarashii@minamo.example").await.expect("set");
        let person = access::store::account::get(&mut tx, &id).await.expect("read").expect("there").person.expect("person");
        let states: Vec<_> =
            people::address::of_person(&mut tx, &person).await.expect("read").into_iter().map(|a| a.state).collect();
        assert_eq!(states.iter().filter(|s| **s == people::address::State::Active).count(), 1, "{states:?}");
        let wrong = account::set_mail(&mut tx, clock, &mut rng, "account:a", &id, "no address").await;
        assert!(wrong.is_err());
        drop(tx);
        test.close().await;
    }
}
