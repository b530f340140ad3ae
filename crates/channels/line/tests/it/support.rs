//! A simulator with a client, at a clock that stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use calendar::{DateTime, FrozenClock, Instant};
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Simulator};
use store::Secret;
use testkit::Randomness;
use uuid::Uuid;

/// Ten in the morning of a day in November.
pub(crate) fn morning() -> Instant {
    Instant::from_jst(DateTime::constant(2026, 11, 28, 10, 0, 0, 0))
}

pub(crate) fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) struct Line {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) clock: Arc<FrozenClock>,
}

pub(crate) const TOKEN: &str = "long-lived-token";

pub(crate) fn fixed() -> Credentials {
    Credentials::Fixed(Secret::new(TOKEN.into()))
}

pub(crate) fn config(clock: &Arc<FrozenClock>) -> Config {
    let mut config = Config::new(clock.clone(), Box::new(Randomness::new(7).rng()));
    config.long_lived_token = Some(Secret::new(TOKEN.into()));
    config.redelivery_pause = Duration::from_millis(20);
    config
}

/// With these changes to the configuration.
pub(crate) async fn line_with(change: impl FnOnce(&mut Config)) -> Line {
    let clock = Arc::new(FrozenClock::new(morning()));
    let mut config = config(&clock);
    change(&mut config);
    let simulator = Simulator::start(nowhere(), config).await.expect("simulator");
    let client = client(&simulator, &clock, fixed());
    Line { simulator, client, clock }
}

pub(crate) async fn line() -> Line {
    line_with(|_| {}).await
}

pub(crate) fn client(simulator: &Simulator, clock: &Arc<FrozenClock>, credentials: Credentials) -> Client {
    Client::new(Settings::at(&simulator.base(), credentials), Limiter::off(), clock.clone()).expect("client")
}

/// A client that does not wait long; long enough, though, for a call to arrive on a busy machine.
pub(crate) fn hasty(line: &Line) -> Client {
    let settings = Settings { timeout: Duration::from_secs(2), ..Settings::at(&line.simulator.base(), fixed()) };
    Client::new(settings, Limiter::off(), line.clock.clone()).expect("client")
}

pub(crate) fn key(n: u128) -> Uuid {
    uuid::Builder::from_random_bytes(n.to_be_bytes()).into_uuid()
}
