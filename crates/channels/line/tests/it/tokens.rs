//! Tokens: had, kept, renewed.

use std::sync::Arc;
use std::time::Duration;

use calendar::FrozenClock;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::retry::{Advice, Course};
use line::simulator::{Fault, Simulator};
use line::{Endpoint, Failure};
use store::Secret;

use crate::support::{client, config, morning, nowhere};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.into())
}

fn stateless(secret_text: &str) -> Credentials {
    Credentials::Stateless { channel_id: "1000000001".into(), secret: secret(secret_text) }
}

async fn simulator() -> (Simulator, Arc<FrozenClock>) {
    let clock = Arc::new(FrozenClock::new(morning()));
    let mut config = config(&clock);
    config.record = true;
    (Simulator::start(nowhere(), config).await.expect("simulator"), clock)
}

fn paths(simulator: &Simulator) -> Vec<String> {
    simulator.take_exchanges().into_iter().map(|e| e.path).collect()
}

const INFO: &str = "/v2/bot/info";

#[tokio::test]
async fn a_stateless_token_is_kept_and_renewed_before_its_end() {
    let (simulator, clock) = simulator().await;
    let client = client(&simulator, &clock, stateless("simulated-secret"));
    for _ in 0..3 {
        client.bot_info().await.expect("info");
    }
    assert_eq!(paths(&simulator), ["/oauth2/v3/token", INFO, INFO, INFO]);
    // A tenth of 15 minutes is left.
    clock.advance(Duration::from_secs(809));
    client.bot_info().await.expect("info");
    clock.advance(Duration::from_secs(1));
    client.bot_info().await.expect("info");
    assert_eq!(paths(&simulator), [INFO, "/oauth2/v3/token", INFO]);
}

#[tokio::test]
async fn a_short_lived_token_holds_for_a_month() {
    let (simulator, clock) = simulator().await;
    let credentials = Credentials::ShortLived { channel_id: "1000000001".into(), secret: secret("simulated-secret") };
    let client = client(&simulator, &clock, credentials);
    client.bot_info().await.expect("info");
    clock.advance(Duration::from_secs(29 * 86_400 - 1));
    client.bot_info().await.expect("info");
    clock.advance(Duration::from_secs(1));
    client.bot_info().await.expect("info");
    assert_eq!(paths(&simulator), ["/v2/oauth/accessToken", INFO, INFO, "/v2/oauth/accessToken", INFO]);
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once() {
    let (simulator, clock) = simulator().await;
    let client = client(&simulator, &clock, stateless("simulated-secret"));
    client.bot_info().await.expect("info");
    simulator.revoke_tokens();
    client.bot_info().await.expect("info");
    assert_eq!(paths(&simulator), ["/oauth2/v3/token", INFO, INFO, "/oauth2/v3/token", INFO]);
    // If the new one is refused too, it is a refusal.
    simulator.inject(Endpoint::BotInfo, Fault::Unauthorised, 2);
    assert!(matches!(client.bot_info().await, Err(Failure::Refused(r)) if r.status == 401));
    client.bot_info().await.expect("info");
}

#[tokio::test]
async fn many_calls_at_once_ask_for_one_token() {
    let (simulator, clock) = simulator().await;
    let client = Arc::new(client(&simulator, &clock, stateless("simulated-secret")));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.bot_info().await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("info");
    }
    assert_eq!(paths(&simulator).iter().filter(|p| *p == "/oauth2/v3/token").count(), 1);
}

#[tokio::test]
async fn a_fixed_token_is_not_renewed() {
    let (simulator, clock) = simulator().await;
    let client = client(&simulator, &clock, Credentials::Fixed(secret("another")));
    assert!(matches!(client.bot_info().await, Err(Failure::Refused(r)) if r.status == 401));
    assert_eq!(paths(&simulator), [INFO]);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (simulator, clock) = simulator().await;
    let wrong = client(&simulator, &clock, stateless("wrong-secret"));
    let failure = wrong.bot_info().await.expect_err("refused");
    assert!(matches!(&failure, Failure::NoToken(inner) if matches!(**inner, Failure::Refused(_))), "{failure}");
    assert!(!failure.to_string().contains("wrong-secret"));
    let advice = Course::default().after(Endpoint::Push, &failure, morning());
    assert_eq!(advice, Advice::GiveUp { in_doubt: false });
    assert_eq!(paths(&simulator), ["/oauth2/v3/token"]);
    // A fault of LINE's while asking is none of the message's: it was not sent.
    simulator.inject(Endpoint::StatelessToken, Fault::ErrorAfter, 1);
    let right = client(&simulator, &clock, stateless("simulated-secret"));
    let failure = right.bot_info().await.expect_err("500");
    assert!(matches!(&failure, Failure::NoToken(_)) && !failure.in_doubt(), "{failure}");
    assert!(matches!(Course::default().after(Endpoint::Push, &failure, morning()), Advice::Again(_)));
    right.bot_info().await.expect("info");
}

#[tokio::test]
async fn settings_that_cannot_be() {
    let clock = Arc::new(FrozenClock::new(morning()));
    let with = |address: &str, token: &str| {
        Client::new(Settings::at(address, Credentials::Fixed(secret(token))), Limiter::off(), clock.clone()).err()
    };
    assert!(with("api.line.me", "a").expect("refused").contains("https://"));
    assert!(with("https://api.line.me", "a\nb").expect("refused").contains("header"));
    assert_eq!(with("https://api.line.me", "a"), None);
}
