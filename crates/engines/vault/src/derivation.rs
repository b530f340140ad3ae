//! Argon2id (RFC 9106), and how many run at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize, Zeroizing};

use crate::bytes::Reader;
use crate::error::{Result, VaultError};

/// Most memory that stored parameters may ask for, in KiB: 1 GiB.
const MOST_MEMORY: u32 = 1 << 20;
/// Most passes that stored parameters may ask for.
const MOST_PASSES: u32 = 10;
/// Most lanes that stored parameters may ask for.
const MOST_LANES: u32 = 4;

/// The parameters of Argon2id: memory, passes, lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// Bytes that the parameters take in a stored form.
    pub(crate) const BYTES: usize = 6;

    /// What the house uses, and the least it takes from storage: 128 MiB, three passes, one lane. RFC 9106 §4 names
    /// 64 MiB with three passes as the second choice where memory is short; this is twice that.
    pub const fn house() -> Self {
        Cost { memory_kib: 128 * 1024, passes: 3, lanes: 1 }
    }

    /// **Never for real keys**: what it makes is guessed in no time. With it, tests of services do not take minutes.
    pub const fn for_tests() -> Self {
        Cost { memory_kib: 16, passes: 1, lanes: 1 }
    }

    /// Memory, in KiB.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub fn lanes(self) -> u32 {
        self.lanes
    }

    /// `memory in KiB (4, big endian) ‖ passes (1) ‖ lanes (1)`.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let [a, b, c, d] = self.memory_kib.to_be_bytes();
        [a, b, c, d, self.passes as u8, self.lanes as u8]
    }

    /// Reads parameters that are at least `floor` in each and within what a server can bear; else [`VaultError::Cost`].
    pub(crate) fn read(reader: &mut Reader<'_>, floor: Cost) -> Result<Self> {
        let memory_kib = u32::from_be_bytes(reader.array()?);
        let cost = Cost { memory_kib, passes: reader.byte()?.into(), lanes: reader.byte()?.into() };
        let enough = cost.memory_kib >= floor.memory_kib && cost.passes >= floor.passes && cost.lanes >= floor.lanes;
        let bearable = cost.memory_kib <= MOST_MEMORY && cost.passes <= MOST_PASSES && cost.lanes <= MOST_LANES;
        // RFC 9106 §3.1: at least eight blocks of 1 KiB for each lane.
        let sound = cost.memory_kib >= 8 * cost.lanes;
        if enough && bearable && sound { Ok(cost) } else { Err(VaultError::Cost) }
    }
}

/// Counts places: who finds none free waits. Every derivation of the process passes [`Derivations::house`], so that
/// many log-ins at once take the memory of two.
#[derive(Debug)]
pub struct Derivations {
    places: usize,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug)]
struct State {
    running: usize,
    waiting: usize,
}

static HOUSE: Derivations = Derivations::new(2);

impl Derivations {
    /// A gate with this many places, at least one.
    pub const fn new(places: usize) -> Self {
        let places = if places == 0 { 1 } else { places };
        Derivations { places, state: Mutex::new(State { running: 0, waiting: 0 }), left: Condvar::new() }
    }

    /// The one gate of the process: two places.
    pub fn house() -> &'static Self {
        &HOUSE
    }

    /// How many wait for a place now. A service turns people away (「混み合っています」) before the wait gets long.
    pub fn waiting(&self) -> usize {
        self.state().waiting
    }

    /// Runs `work` in a place; blocks the thread until one is free, so call it where blocking is allowed.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _place = self.enter();
        work()
    }

    fn enter(&self) -> Place<'_> {
        let mut state = self.state();
        state.waiting += 1;
        while state.running >= self.places {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        state.running += 1;
        Place(self)
    }

    /// The counts are right at every moment at which a thread can stop, so a poisoned lock is as good as another.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A taken place, given back when dropped.
struct Place<'a>(&'a Derivations);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().running -= 1;
        self.0.left.notify_one();
    }
}

/// The memory of one derivation, cleared when dropped.
struct Memory(Vec<Block>);

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// Derives `N` bytes, in a place of the house's gate.
pub(crate) fn derive<const N: usize>(secret: &[u8], salt: &[u8; 16], cost: Cost) -> Result<Zeroizing<[u8; N]>> {
    let failed = |_| VaultError::Derivation;
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(N)).map_err(failed)?;
    Derivations::house().run(|| {
        let count = params.block_count();
        let mut memory = Memory(Vec::new());
        memory.0.try_reserve_exact(count).map_err(|_| VaultError::Derivation)?;
        memory.0.resize(count, Block::new());
        let mut out = Zeroizing::new([0u8; N]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(secret, salt, &mut *out, &mut memory.0)
            .map_err(failed)?;
        Ok(out)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_run_at_once_than_there_are_places() {
        let (gate, running, most) = (Derivations::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        gate.run(|| {
                            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            std::thread::yield_now();
                            running.fetch_sub(1, Ordering::SeqCst);
                        });
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert_eq!(gate.state().running, 0);
        assert_eq!(gate.waiting(), 0);
    }

    #[test]
    fn a_third_waits_until_a_place_is_left() {
        let gate = Derivations::new(1);
        let place = gate.enter();
        std::thread::scope(|scope| {
            let third = scope.spawn(|| gate.run(|| 3));
            while gate.waiting() == 0 {
                std::thread::yield_now();
            }
            assert!(!third.is_finished());
            drop(place);
            assert_eq!(third.join().expect("ran"), 3);
        });
    }

    #[test]
    fn a_place_is_given_back_after_a_panic() {
        let gate = Derivations::new(1);
        let panicked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| gate.run(|| panic!("in a derivation"))));
        assert!(panicked.is_err());
        assert_eq!(gate.run(|| 1), 1);
    }

    #[test]
    fn parameters_from_storage_are_neither_weak_nor_absurd() {
        let read = |memory: u32, passes: u8, lanes: u8, floor| {
            let bytes = [&memory.to_be_bytes()[..], &[passes, lanes]].concat();
            Cost::read(&mut Reader::new(&bytes, "test"), floor)
        };
        let house = Cost::house();
        assert_eq!(read(128 * 1024, 3, 1, house), Ok(house));
        assert_eq!(read(1 << 20, 10, 4, house).map(Cost::memory_kib), Ok(1 << 20));
        for (memory, passes, lanes) in
            [(128 * 1024 - 1, 3, 1), (128 * 1024, 2, 1), (128 * 1024, 3, 0), ((1 << 20) + 1, 3, 1), (u32::MAX, 3, 1)]
        {
            assert_eq!(read(memory, passes, lanes, house), Err(VaultError::Cost), "{memory} {passes} {lanes}");
        }
        assert_eq!(read(128 * 1024, 11, 1, house), Err(VaultError::Cost));
        assert_eq!(read(128 * 1024, 3, 5, house), Err(VaultError::Cost));
        let tests = Cost::for_tests();
        assert_eq!(Cost::read(&mut Reader::new(&tests.to_bytes(), "test"), house), Err(VaultError::Cost));
        assert_eq!(Cost::read(&mut Reader::new(&tests.to_bytes(), "test"), tests), Ok(tests));
    }
}
