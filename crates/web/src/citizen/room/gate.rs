//! Who tries receipts: a wait that grows with failures, unless the browser did some work for it; and how many wait.
//!
//! Everything is in the memory of a process and goes with it; an address stands here for ten minutes at the most.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use calendar::Instant;
use store::Entropy;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::limits::ClientAddress;
use crate::{App, CityState};

/// Leading zero bits of a proof: some seconds of a telephone, while its owner types 24 digits.
const BITS: u8 = 15;
/// How long a challenge is good: as long as a talk rests, so that nobody is hurried.
const GOOD_FOR: Duration = Duration::from_secs(30 * 60);
const PURPOSE: &str = "receipt";
/// For what the key of challenges is derived from the city's.
const PURPOSE_OF_KEY: &str = "room challenges";
/// Wait without a proof for each failure before, and the longest.
const STEP: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(10);
/// How long a failure counts.
const FORGOTTEN: Duration = Duration::from_secs(10 * 60);
/// How many may wait for their turn at once; who comes then is told to come again.
const WAITING: usize = 64;
/// How many may wait for a derivation: a dozen takes about three seconds.
const DERIVING: usize = 12;
/// Files that arrive at the same time: a picture is in memory until it is whole.
const UPLOADS: usize = 6;

/// Failures of an address, and when the last one was.
type Failures = HashMap<IpAddr, (u32, Instant)>;

/// The gate of a process.
pub(crate) struct Gate {
    /// Signs challenges of a city without a key of its own, as in tests.
    key: OnceLock<[u8; 32]>,
    failures: Mutex<Failures>,
    /// Challenges that were used, until their end (UTC milliseconds).
    used: Mutex<HashMap<[u8; 16], i64>>,
    waiting: Semaphore,
    uploads: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            key: OnceLock::new(),
            failures: Mutex::default(),
            used: Mutex::default(),
            waiting: Semaphore::new(WAITING),
            uploads: Semaphore::new(UPLOADS),
        }
    }
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is in there is right at every moment at which a thread can stop.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long somebody with so many failures waits.
fn wait(failures: u32) -> Duration {
    STEP.saturating_mul(failures).min(LONGEST)
}

/// A challenge under a key. That it could not be made, which its bits never cause, leaves the wait.
fn made(key: &[u8; 32], now: Instant, entropy: Entropy<'_>) -> String {
    vault::work::challenge(key, PURPOSE, BITS, now.plus(GOOD_FOR).millis(), entropy).unwrap_or_default()
}

impl Gate {
    /// The key of a city's challenges: every process of the city knows them.
    fn key(&self, app: &App, city: &CityState) -> [u8; 32] {
        match city.db.key() {
            Ok(key) => key.derive(PURPOSE_OF_KEY),
            Err(_) => *self.key.get_or_init(|| {
                let mut key = [0u8; 32];
                (app.entropy)().fill_bytes(&mut key);
                key
            }),
        }
    }

    /// What the browser may work on while its owner types.
    pub(super) fn challenge(&self, app: &App, city: &CityState) -> String {
        made(&self.key(app, city), app.now(), (app.entropy)().as_mut())
    }

    /// Whether an answer proves work, once for each challenge and process.
    fn proves(&self, key: &[u8; 32], now: Instant, answer: &str) -> bool {
        let now = now.millis();
        let Ok(proof) = vault::work::verify(key, PURPOSE, answer, now) else { return false };
        let mut used = open(&self.used);
        used.retain(|_, end| *end >= now);
        used.insert(proof.id, proof.end).is_none()
    }

    fn failures(&self, app: &App, client: ClientAddress) -> u32 {
        let before = app.now().minus(FORGOTTEN);
        let mut failures = open(&self.failures);
        failures.retain(|_, (_, at)| *at > before);
        failures.get(&client.network()).map_or(0, |(count, _)| *count)
    }

    /// Lets somebody try a receipt, after their wait. False: so many wait that they must come again.
    pub(super) async fn pass(&self, app: &App, city: &CityState, client: ClientAddress, answer: &str) -> bool {
        if is_busy() {
            return false;
        }
        let wait = wait(self.failures(app, client));
        if wait.is_zero() || self.proves(&self.key(app, city), app.now(), answer) {
            return true;
        }
        let Ok(_place) = self.waiting.try_acquire() else { return false };
        tokio::time::sleep(wait).await;
        true
    }

    /// Counts a receipt that opened nothing.
    pub(super) fn failed(&self, app: &App, client: ClientAddress) {
        let mut failures = open(&self.failures);
        let entry = failures.entry(client.network()).or_insert((0, app.now()));
        *entry = (entry.0.saturating_add(1), app.now());
    }

    /// A place for files that arrive; none while too many others do.
    pub(super) fn upload(&self) -> Option<SemaphorePermit<'_>> {
        self.uploads.try_acquire().ok()
    }
}

/// Whether so many derivations wait that another would wait too long. It may also be somebody of the staff who waits.
pub(super) fn is_busy() -> bool {
    vault::Derivations::house().waiting() >= DERIVING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_in_every_process_of_the_city_and_once_in_each() {
        let (key, now) = ([7; 32], Instant::from_millis(1_000_000));
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(1);
        let challenge = made(&key, now, &mut rng);
        let (one, two) = (Gate::default(), Gate::default());
        // As the browser does it: numbers until one will do.
        let answers = (0u64..).map(|n| format!("{challenge}.{n}"));
        let answer = answers.take(1 << 22).find(|answer| one.proves(&key, now, answer)).expect("some work");
        assert!(!one.proves(&key, now, &answer), "once");
        assert!(two.proves(&key, now, &answer), "another process of the city");
        assert!(!Gate::default().proves(&[8; 32], now, &answer), "another city");
        assert!(!Gate::default().proves(&key, now.plus(GOOD_FOR).plus(Duration::from_millis(1)), &answer), "too late");
    }

    #[test]
    fn waits_grow_up_to_ten_seconds() {
        let waits: Vec<u64> = [0, 1, 2, 5, 6, u32::MAX / 2].into_iter().map(|n| wait(n).as_secs()).collect();
        assert_eq!(waits, [0, 2, 4, 10, 10, 10]);
    }
}
