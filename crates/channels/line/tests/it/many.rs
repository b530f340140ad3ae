//! A hundred thousand recipients through random faults: whoever repeats by the policy with the same key reaches
//! everybody exactly once.

use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use line::client::{Client, Settings};
use line::limits::Limiter;
use line::message::Message;
use line::retry::{Advice, Course};
use line::simulator::Fault;
use line::{Endpoint, Failure};
use tokio::task::JoinSet;

use crate::support::{fixed, key, line_with};

const RECIPIENTS: usize = 100_000;

/// Sends one piece as a careful caller does, and says how often it tried. Waiting moves the clock, and nobody waits.
async fn send(client: &Client, clock: &calendar::FrozenClock, to: &[String], n: u128) -> Result<u32, Failure> {
    let messages = [Message::text("明日はごみの収集がありません。")];
    let mut course = Course::default();
    loop {
        course.begin(clock.now());
        match client.multicast(to, &messages, Some("koho"), key(n)).await {
            Ok(_) => return Ok(course.tries),
            Err(failure) => match course.after(Endpoint::Multicast, &failure, clock.now()) {
                Advice::Again(wait) => clock.advance(wait),
                _ => return Err(failure),
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_it_exactly_once() {
    let all = line_with(|c| c.quota = Some(RECIPIENTS as u64)).await;
    let settings = Settings { timeout: Duration::from_millis(1_500), ..Settings::at(&all.simulator.base(), fixed()) };
    let client = Arc::new(Client::new(settings, Limiter::off(), all.clock.clone()).expect("client"));
    let users = all.simulator.add_friends(RECIPIENTS);
    let shares = [
        (Fault::ErrorBefore, 80),
        (Fault::ErrorAfter, 80),
        (Fault::CloseBefore, 80),
        (Fault::CloseAfter, 80),
        (Fault::HangBefore, 10),
        (Fault::HangAfter, 10),
        (Fault::RateLimited, 60),
    ];
    all.simulator.inject_by_chance(Endpoint::Multicast, shares.to_vec());
    let pieces: Vec<Vec<String>> = users.chunks(500).map(<[String]>::to_vec).collect();
    let (mut running, mut tries) = (JoinSet::new(), 0);
    for (n, piece) in (0u128..).zip(pieces) {
        let (client, clock) = (client.clone(), all.clock.clone());
        running.spawn(async move { send(&client, &clock, &piece, n).await });
        if running.len() >= 16 {
            tries += running.join_next().await.expect("running").expect("no panic").expect("accepted");
        }
    }
    while let Some(ended) = running.join_next().await {
        tries += ended.expect("no panic").expect("accepted");
    }
    assert!(tries > 220, "the faults came: {tries} tries for 200 pieces");
    let counts = all.simulator.counts();
    assert_eq!(counts.len(), RECIPIENTS);
    let wrong: Vec<_> = counts.iter().filter(|(_, count)| *count != 1).collect();
    assert!(wrong.is_empty(), "{} users, such as {:?}", wrong.len(), wrong.first());
    assert_eq!(all.simulator.consumption(), RECIPIENTS as u64, "what was repeated cost nothing more");
    assert_eq!(all.simulator.reused_keys(), 0);
    let mut keys: Vec<_> = all.simulator.accepted_keys();
    keys.sort_unstable();
    let mut expected: Vec<_> = (0..200).map(|n| (key(n), 500)).collect();
    expected.sort_unstable();
    assert_eq!(keys, expected);
}

/// Without the key the same would come twice: the test above can fail.
#[tokio::test]
async fn with_a_new_key_each_time_some_get_it_twice() {
    let all = line_with(|_| {}).await;
    let users = all.simulator.add_friends(3);
    all.simulator.inject(Endpoint::Multicast, Fault::ErrorAfter, 1);
    let messages = [Message::text("a")];
    all.client.multicast(&users, &messages, None, key(1)).await.expect_err("500");
    all.client.multicast(&users, &messages, None, key(2)).await.expect("accepted");
    assert!(all.simulator.counts().iter().all(|(_, count)| *count == 2));
}
