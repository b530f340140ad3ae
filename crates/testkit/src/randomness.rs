//! Randomness for tests: the same on every run, but never twice the same within one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::rngs::{ChaCha8Rng, SysRng};
use rand::{SeedableRng, TryRng};
use store::worker::EntropySource;

/// A seed and how many generators were made from it.
///
/// Each generator has a stream of its own: with the same stream twice and the clock standing still,
/// two records would get the same id.
#[derive(Clone, Debug)]
pub struct Randomness {
    seed: u64,
    made: Arc<AtomicU64>,
}

impl Randomness {
    /// Begins at the first stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Randomness { seed, made: Arc::default() }
    }

    /// The next generator.
    pub fn rng(&self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.made.fetch_add(1, Ordering::Relaxed));
        rng
    }

    /// The next generators, for a worker.
    pub fn source(&self) -> EntropySource {
        let this = self.clone();
        Arc::new(move || Box::new(this.rng()))
    }
}

/// Sixteen digits from the operating system, for names on a server that several runs share.
pub fn random_word() -> String {
    format!("{:016x}", SysRng.try_next_u64().expect("randomness of the operating system"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn the_same_on_every_run_and_never_twice_within_one() {
        let draw = |randomness: &Randomness| (0..4).map(|_| randomness.rng().next_u64()).collect::<Vec<_>>();
        let first = draw(&Randomness::new(7));
        assert_eq!(first, draw(&Randomness::new(7)));
        assert_ne!(first, draw(&Randomness::new(8)));
        let mut distinct = first.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), first.len());
    }

    #[test]
    fn copies_and_sources_draw_from_the_same_row() {
        let randomness = Randomness::new(7);
        let source = randomness.clone().source();
        assert_ne!(randomness.rng().next_u64(), source().next_u64());
        assert_ne!(source().next_u64(), source().next_u64());
    }
}
