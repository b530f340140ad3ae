//! A send to a whole city, while the program is killed again and again and LINE fails in every way: each citizen
//! receives it once, and the ledger says what LINE says.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use calendar::SystemClock;
use city::Lang;
use line::Endpoint;
use line::simulator::{Config, Fault, Simulator};
use line_account::sending::PACE;
use outreach::sending::{self, Draft, State, Texts};
use outreach::{Address, Channel, Quota, approval, control, ledger, planning, recipient};
use store::{Db, Engine, params};
use testkit::{TestDb, on_both_engines};

use crate::kills::let_leases_end;
use crate::support::{City, Server, dictionary};

/// How often the program is killed, each time after LINE has accepted a tenth of all batches from it.
const KILLS: usize = 6;
/// Longest wait for each tenth, and for the rest.
const LIMIT: Duration = Duration::from_secs(240);

/// From now on a share of the calls goes wrong.
fn let_calls_fail(sim: &Simulator) {
    let faults = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::CloseBefore, Fault::CloseAfter, Fault::RateLimited];
    sim.inject_by_chance(Endpoint::Multicast, faults.into_iter().map(|fault| (fault, 50)).collect());
}

/// Friends who want notices about waste, at any hour.
async fn followers(db: &Db, t: &TestDb, ids: &[String]) {
    let (clock, now) = (SystemClock, calendar::Clock::now(&SystemClock));
    for part in ids.chunks(10_000) {
        let mut tx = db.write().await.expect("write");
        let found = part.iter().map(|id| (Address::new(id.clone()), Lang::Ja));
        let made = recipient::import(&mut tx, &clock, &mut t.rng(), "account:a", Channel::Line, found).await;
        let made = made.expect("imported");
        let rows = made.iter().map(|id| params![id, "waste", now]);
        tx.insert_many("outreach_subscription", &["recipient", "topic", "since"], rows).await.expect("subscriptions");
        let columns = ["recipient", "quiet_from", "quiet_until", "declines_urgent", "updated_at"];
        let rows = made.iter().map(|id| params![id, 0_i64, 0_i64, false, now]);
        tx.insert_many("outreach_preference", &columns, rows).await.expect("preferences");
        tx.commit().await.expect("commit");
    }
}

/// A send that is planned, tried out, approved and begun.
async fn begun(db: &Db, t: &TestDb, staff: &str, transport: &dyn outreach::Transport) -> String {
    let (clock, mut rng) = (SystemClock, t.rng());
    let draft = Draft {
        channel: Channel::Line,
        title: "ごみ収集のお休み".into(),
        texts: Texts { ja: "明日は収集を休みます。".into(), easy: None, en: None },
        topic: "waste".into(),
        districts: Vec::new(),
        section: "kankyo".into(),
        urgent: None,
        starts_at: None,
    };
    let id = sending::draft(db, &clock, &mut rng, "author", &draft).await.expect("drafted").id;
    planning::plan(db, &clock, &mut rng, "author", &id, PACE, Quota::default()).await.expect("planned");
    let mut tx = db.write().await.expect("write");
    let tester = recipient::learn(&mut tx, &clock, &mut rng, Channel::Line, &Address::new(staff), Lang::Ja).await;
    recipient::set_staff_test(&mut tx, &clock, "account:a", &tester.expect("learnt").id, true).await.expect("set");
    tx.commit().await.expect("commit");
    approval::test(db, &clock, &mut rng, transport, "author", &id).await.expect("tried out");
    let mut tx = db.read().await.expect("read");
    let seen = sending::get(&mut tx, &id).await.expect("read").expect("there");
    drop(tx);
    approval::approve(db, &clock, &mut rng, "approver", &seen).await.expect("approved");
    control::start(db, &clock, &mut rng, "author", &id, Quota::default()).await.expect("begun");
    id
}

async fn state(db: &Db, id: &str) -> State {
    let mut tx = db.read().await.expect("read");
    sending::get(&mut tx, id).await.expect("read").expect("there").state
}

on_both_engines! {
    empty;

    async fn a_city_is_told_once_while_the_program_is_killed_again_and_again(t: TestDb) {
        dictionary();
        // SQLite is what most cities have; the other engine goes the same way with fewer.
        let count = if t.db.engine() == Engine::Sqlite { 100_000 } else { 20_000 };
        let city = City::demo_in(&t.address);
        let config = Config::new(Arc::new(SystemClock), Box::new(t.rng()));
        let sim = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.expect("simulator");
        let folder = city.config.parent().expect("a folder");
        std::fs::write(folder.join("line.secret"), "simulated-secret\n").expect("written");
        let config = std::fs::read_to_string(&city.config).expect("read");
        let line = format!(
            "\n[city.line]\nchannel_id = \"1000000001\"\nchannel_secret_file = \"line.secret\"\n\
             pages = \"http://localhost:8080\"\napi = \"{}\"\n",
            sim.base()
        );
        std::fs::write(&city.config, format!("{config}{line}")).expect("written");
        // What the program seals it opens with the city's own key.
        let key = store::HouseKey::parse(&std::fs::read_to_string(folder.join("minamo.key")).expect("a key"));
        let db = t.again().await.with_key(key.expect("a key"));
        let friends = sim.add_friends(count);
        let staff = sim.add_friends(1).remove(0);
        followers(&db, &t, &friends).await;
        let secret = store::Secret::new("simulated-secret".to_owned());
        let credentials = line::client::Credentials::Stateless { channel_id: "1000000001".into(), secret };
        let settings = line::client::Settings::at(&sim.base(), credentials);
        let client = line::client::Client::new(settings, line::limits::Limiter::off(), Arc::new(SystemClock));
        let multicast = line_account::sending::Multicast { client: Arc::new(client.expect("client")) };
        let id = begun(&db, &t, &staff, &multicast).await;
        let_calls_fail(&sim);
        let tenth = count / PACE.per_batch / 10;
        let mut killed_at_work = 0;
        for _ in 0..KILLS {
            let enough = sim.accepted_keys().len() + tenth;
            let server = Server::of(&city);
            let started = std::time::Instant::now();
            while sim.accepted_keys().len() < enough && state(&db, &id).await == State::Running {
                assert!(started.elapsed() < LIMIT, "nothing is sent");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            server.kill();
            killed_at_work += usize::from(state(&db, &id).await == State::Running);
            let_leases_end(&db).await;
        }
        assert!(killed_at_work >= KILLS / 2, "only {killed_at_work} kills came while it was sending");
        let server = Server::of(&city);
        let started = std::time::Instant::now();
        while state(&db, &id).await != State::Done {
            assert!(started.elapsed() < LIMIT, "the send does not end: {:?}", state(&db, &id).await);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        server.kill();

        let counts: BTreeMap<String, u32> = sim.counts().into_iter().collect();
        let wrong: Vec<_> = friends.iter().map(|id| counts[id]).filter(|n| *n != 1).collect();
        assert!(wrong.is_empty(), "{} of {count} did not receive it exactly once: {:?}", wrong.len(), &wrong[..wrong.len().min(10)]);
        assert_eq!(sim.reused_keys(), 0, "no key ever came with another text");
        let mut tx = db.read().await.expect("read");
        let figures = ledger::figures(&mut tx, &id).await.expect("figures");
        assert_eq!(figures.accepted, i64::try_from(count).expect("a count"), "{figures:?}");
        assert_eq!(figures.all(), figures.accepted);
        // Each key that LINE accepted is a batch of the ledger, of the same size; the trial's own is none.
        let rows = tx.rows("SELECT retry_key AS k, size AS n FROM outreach_batch WHERE state = 'accepted'", params![]).await;
        let batches: BTreeMap<String, i64> =
            rows.expect("rows").iter().map(|r| (r.get("k").expect("key"), r.get("n").expect("size"))).collect();
        let accepted: BTreeMap<String, i64> =
            sim.accepted_keys().into_iter().filter(|(_, n)| *n > 1).map(|(k, n)| (k.to_string(), i64::from(n))).collect();
        assert_eq!(batches, accepted);
        drop(tx);
        db.close().await;
        t.close().await;
    }
}

/// The doctor asks LINE whether it knows the account and where it sends events, and says how to mend what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_line() {
    dictionary();
    let clock = Arc::new(SystemClock);
    let entropy = Box::new(<rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(7));
    let config = Config { record: true, ..Config::new(clock, entropy) };
    let secret = config.channel_secret.reveal().clone();
    let (id, sim) = (config.channel_id.clone(), Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config));
    let sim = sim.await.expect("simulator");
    let city = City::demo();
    let right = std::fs::read_to_string(&city.config).expect("read");
    let line = format!(
        "\n[city.line]\nchannel_id = \"{id}\"\nchannel_secret_file = \"line.secret\"\n\
         pages = \"https://madoguchi.example\"\napi = \"{}\"\n",
        sim.base()
    );
    std::fs::write(city.path("line.secret"), secret).expect("written");
    std::fs::write(&city.config, right + &line).expect("written");
    let asked = |webhook: Option<&str>| {
        sim.set_webhook(webhook);
        city.run(["doctor", "--connect"]).out
    };
    let said = asked(Some("https://madoguchi.example/line/webhook"));
    for part in ["events are to come to https://madoguchi.example/line/webhook", "LINE knows the account @"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains("LINE sends events here"), "{said}");
    let said = asked(Some("https://old.example/hook"));
    assert!(said.contains("LINE sends events to https://old.example/hook, not to"), "{said}");
    std::fs::write(city.path("line.secret"), "another").expect("written");
    let said = asked(None);
    assert!(said.contains("ERROR    line"), "{said}");
    // Without --connect nobody is called.
    let calls = sim.take_exchanges().len();
    city.run(["doctor"]);
    assert_eq!((calls > 0, sim.take_exchanges().len()), (true, 0));
}
