//! Shamir's secret sharing (1979) over GF(2^8), byte by byte.
//!
//! The arithmetic is that of `vsss-rs`, which uses no tables, so that time and memory access tell nothing of the secret,
//! and draws each coefficient from the whole field (a sharing that leaves out zero gives away what the secret is not:
//! RUSTSEC-2024-0398).

use vsss_rs::Gf256;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::error::{Result, VaultError};
use crate::hybrid::Sure;
use crate::secret::Secret32;

/// Fewest shares that open.
pub(crate) const FEWEST: u8 = 2;
/// Most shares of one secret.
pub(crate) const MOST: u8 = 10;

/// One share: its number, from 1, and a point of each polynomial.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) number: u8,
    pub(crate) bytes: Secret32,
}

/// Splits into `count` shares of which any `needed` give the secret and fewer tell nothing of it. Other numbers than
/// 2 ≤ needed ≤ count ≤ 10 are [`VaultError::Numbers`].
pub(crate) fn split(secret: &Secret32, needed: u8, count: u8, rng: Entropy<'_>) -> Result<Vec<Point>> {
    if !(FEWEST..=count).contains(&needed) || count > MOST {
        return Err(VaultError::Numbers);
    }
    let shares =
        Gf256::split_bytes(needed.into(), count.into(), secret.bytes(), Sure(rng)).map_err(|_| VaultError::Numbers)?;
    let shares: Vec<Zeroizing<Vec<u8>>> = shares.into_iter().map(Zeroizing::new).collect();
    shares
        .iter()
        .map(|share| match share.split_first() {
            Some((number, bytes)) => Ok(Point { number: *number, bytes: Secret32::from_slice(bytes, "share")? }),
            None => Err(VaultError::Form("share")),
        })
        .collect()
}

/// The value that all these shares give; whether it is the secret is for the caller to check. The same number twice is
/// [`VaultError::Twice`]; too few are [`VaultError::TooFew`].
pub(crate) fn combine<'a>(points: impl Iterator<Item = &'a Point>, needed: u8) -> Result<Secret32> {
    let mut shares = Shares(Vec::new());
    for point in points {
        if shares.0.iter().any(|share| share[0] == point.number) {
            return Err(VaultError::Twice);
        }
        let mut share = Vec::with_capacity(33);
        share.push(point.number);
        share.extend_from_slice(point.bytes.bytes());
        shares.0.push(share);
    }
    let given = u8::try_from(shares.0.len()).map_err(|_| VaultError::Numbers)?;
    if given < needed.max(FEWEST) {
        return Err(VaultError::TooFew { needed, given });
    }
    let secret = Gf256::combine_bytes(&shares.0).map_err(|_| VaultError::Opaque)?;
    Secret32::from_slice(&Zeroizing::new(secret), "share")
}

/// Shares as `vsss-rs` takes them, cleared when dropped.
struct Shares(Vec<Vec<u8>>);

impl Drop for Shares {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(zeroize::Zeroize::zeroize);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::rng;

    fn point(number: u8, byte: u8) -> Point {
        Point { number, bytes: Secret32::from_slice(&[byte; 32], "test").expect("32 bytes") }
    }

    #[test]
    fn the_field_is_that_of_fips_197() {
        // FIPS 197 §4.2: {57}·{83} = {c1}, {57}·{13} = {fe}: two points of the line 2a + 57·x.
        let points = [point(0x83, 0x2a ^ 0xc1), point(0x13, 0x2a ^ 0xfe)];
        assert_eq!(combine(points.iter(), 2).expect("combines").bytes(), &[0x2a; 32]);
    }

    #[test]
    fn other_numbers_are_refused() {
        let secret = Secret32::zero();
        for (needed, count) in [(0, 0), (0, 3), (1, 3), (4, 3), (2, 1), (2, 11), (10, 11), (255, 255)] {
            assert_eq!(split(&secret, needed, count, &mut rng(1)).err(), Some(VaultError::Numbers), "{needed} {count}");
        }
    }

    #[test]
    fn one_share_of_two_is_any_byte_alike() {
        // A sharing without the coefficient zero would never give the secret's own byte as a share.
        let (secret, mut rng) = (point(0, 0x5a).bytes, rng(2));
        let mut counts = [0u32; 256];
        for _ in 0..4_000 {
            let points = split(&secret, 2, 2, &mut rng).expect("splits");
            points[0].bytes.bytes().iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        }
        // 500 of each are expected with a standard deviation of 22.
        assert!(counts.iter().all(|count| (370..=630).contains(count)), "{counts:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn as_many_as_needed_give_the_secret_and_fewer_do_not(needed in 2u8..=10, more in 0u8..=8, seed: u64) {
            let (mut rng, count) = (rng(seed), (needed + more).min(MOST));
            let secret = Secret32::random(&mut rng);
            let mut points = split(&secret, needed, count, &mut rng).expect("splits");
            prop_assert_eq!(points.iter().map(|p| p.number).collect::<Vec<_>>(), (1..=count).collect::<Vec<_>>());
            points.rotate_left(usize::from(count) / 2);
            prop_assert!(combine(points.iter(), needed).expect("combines") == secret);
            prop_assert!(combine(points[..needed.into()].iter(), needed).expect("combines") == secret);
            let fewer = &points[..usize::from(needed) - 1];
            let too_few = VaultError::TooFew { needed, given: needed - 1 };
            prop_assert_eq!(combine(fewer.iter(), needed).err(), Some(too_few));
            // Not even when the number needed is a lie.
            if fewer.len() >= 2 {
                prop_assert!(combine(fewer.iter(), 2).expect("gives a value") != secret);
            }
            points[0].number = points[1].number;
            prop_assert_eq!(combine(points.iter(), needed).err(), Some(VaultError::Twice));
        }
    }
}
