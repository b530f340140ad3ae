//! Sends of 市民課 that are there, for the routes and the tests of their pages.

use std::collections::BTreeSet;

use city::Lang;
use outreach::recipient::{self, Channel};
use outreach::sending::{self, Draft, Texts};
use outreach::{Address, Choices, Outcome, Outgoing, Pace, Pending, Quota, Transport};
use outreach::{approval, control, planning, subscription};
use store::params;

use crate::records::{Made, next};
use crate::support::City;

/// The fields of a send.
pub(crate) const FORM: &[(&str, &str)] =
    &[("topic", "waste"), ("section", "shimin"), ("title", "収集日が変わります"), ("ja", "あすの収集はありません。")];

/// A channel that takes everything.
struct Takes;

impl Transport for Takes {
    fn channel(&self) -> Channel {
        Channel::Line
    }

    fn send<'a>(&'a self, _: &'a Outgoing) -> Pending<'a, Outcome> {
        Box::pin(async { Outcome::Accepted { request_id: None } })
    }
}

/// Somebody who follows the account, and what they chose. Gives their id.
pub(crate) async fn follower(city: &City, user: &str, lang: Lang, topics: &[&str], district: Option<&str>) -> String {
    let (clock, mut entropy) = (city.test.clock.clone(), (city.test.entropy_source())());
    let mut tx = city.test.db.write().await.expect("write");
    let address = Address::new(user);
    let found = recipient::learn(&mut tx, clock.as_ref(), entropy.as_mut(), Channel::Line, &address, lang)
        .await
        .expect("learnt");
    let topics: BTreeSet<String> = topics.iter().map(|t| (*t).to_owned()).collect();
    let choices = Choices { topics, district: district.map(str::to_owned), ..Choices::none(lang) };
    subscription::choose(&mut tx, clock.as_ref(), &found.id, &choices).await.expect("chosen");
    tx.commit().await.expect("commit");
    found.id
}

/// A key to the page of somebody's choices.
pub(crate) async fn key(city: &City, recipient: &str) -> String {
    let (clock, mut entropy) = (city.test.clock.clone(), (city.test.entropy_source())());
    let mut tx = city.test.db.write().await.expect("write");
    let made = line_account::link::new_pass(&mut tx, clock.as_ref(), entropy.as_mut(), recipient).await;
    tx.commit().await.expect("commit");
    made.expect("a key")
}

async fn account(city: &City, login: &str) -> String {
    let mut tx = city.test.db.write().await.expect("write");
    access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect(login).id
}

/// How far a send is to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Until {
    Written,
    Tested,
    Approved,
    Running,
    Paused,
    InDoubt,
}

async fn send(city: &City, until: Until) -> String {
    let n = next();
    let own = follower(city, &format!("U{n:032x}"), Lang::Ja, &["waste"], None).await;
    let (author, approver) = (account(city, "shimin-sakusei").await, account(city, "kanri-1").await);
    let (db, clock, mut entropy) = (&city.test.db, city.test.clock.clone(), (city.test.entropy_source())());
    let (clock, entropy) = (clock.as_ref(), entropy.as_mut());
    let draft = Draft {
        channel: Channel::Line,
        title: format!("収集日が変わります（{n}）"),
        texts: Texts { ja: "あすの収集はありません。".into(), ..Texts::default() },
        topic: "waste".into(),
        districts: Vec::new(),
        section: "shimin".into(),
        urgent: None,
        starts_at: None,
    };
    let made = sending::draft(db, clock, entropy, &author, &draft).await.expect("written");
    let (id, quota) = (made.id.as_str(), Quota::default());
    let now = async || {
        let mut tx = db.read().await.expect("read");
        sending::get(&mut tx, id).await.expect("read").expect("there")
    };
    if until >= Until::Tested {
        let mut tx = db.write().await.expect("write");
        recipient::set_staff_test(&mut tx, clock, "account:a", &own, true).await.expect("a tester");
        tx.commit().await.expect("commit");
        let pace = Pace { per_batch: 500, per_second: 10 };
        planning::plan(db, clock, entropy, &author, id, pace, quota).await.expect("planned");
        approval::test(db, clock, entropy, &Takes, &author, id).await.expect("tried out");
        let mut tx = db.write().await.expect("write");
        recipient::set_staff_test(&mut tx, clock, "account:a", &own, false).await.expect("no tester");
        tx.commit().await.expect("commit");
    }
    if until >= Until::Approved {
        approval::approve(db, clock, entropy, &approver, &now().await).await.expect("approved");
    }
    if until >= Until::Running {
        control::start(db, clock, entropy, &approver, id, quota).await.expect("started");
    }
    if until >= Until::Paused {
        control::pause(db, clock, entropy, &approver, id, "本文を確かめる").await.expect("paused");
    }
    if until == Until::InDoubt {
        in_doubt(city, id).await;
    }
    sending::short_number(&made.number).to_owned()
}

/// The first batch of a send may have been accepted, and nothing is tried any more.
pub(crate) async fn in_doubt(city: &City, id: &str) {
    let now = calendar::Clock::now(city.test.clock.as_ref());
    let mut tx = city.test.db.write().await.expect("write");
    tx.execute(
        "UPDATE outreach_batch SET state = 'unsure', ended_at = $2, first_attempt_at = $2, reason = 'key_expired'
         WHERE send = $1 AND n = 1",
        params![id, now],
    )
    .await
    .expect("in doubt");
    tx.commit().await.expect("commit");
}

/// What a route of the sends needs.
pub(crate) async fn made(city: &City, path: &str) -> Made {
    let with = |form: &[(&'static str, &str)]| form.iter().map(|(n, v)| (*n, (*v).to_owned())).collect::<Vec<_>>();
    let until = match path {
        "/sends" => return (Vec::new(), with(FORM)),
        "/sends/staff" => {
            let own = follower(city, &format!("U{:032x}", next()), Lang::Ja, &[], None).await;
            return (Vec::new(), vec![("key", key(city, &own).await)]);
        }
        "/sends/{number}" | "/sends/{number}/plan" => Until::Written,
        "/sends/{number}/start" => Until::Approved,
        "/sends/{number}/pause" | "/sends/{number}/stop" | "/sends/{number}/progress" => Until::Running,
        "/sends/{number}/resumption" => Until::Paused,
        "/sends/{number}/report.csv" | "/sends/{number}/batches/{n}/decision" => Until::InDoubt,
        _ if path.contains("{number}") => Until::Tested,
        _ => return Default::default(),
    };
    let number = send(city, until).await;
    let mut form = with(FORM);
    form.extend(with(&[("version", "1"), ("run", "1"), ("reason", "確かめたため"), ("decision", "accepted")]));
    (vec![("{number}", number), ("{n}", "1".into())], form)
}
