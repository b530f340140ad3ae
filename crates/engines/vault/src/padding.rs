//! Sizes that tell little about what is inside.
//!
//! Up to 4 KiB in steps of 256 bytes; above that Padmé, which rounds to the next number whose lower bits are zero, so
//! that a size of L tells only O(log log L) bits and grows by at most 12 % (Nikitin, Barman, Lueks, Underwood, Hubaux,
//! Ford: "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, §4.3). From 4 KiB
//! on its steps are at least 256 bytes and it adds at most 6.3 %.

use crate::aead::{NONCE, TAG};
use crate::file::{CHUNK, HEADER};

/// Up to here the steps are [`STEP`] bytes.
const SMALL: u64 = 4096;
/// The step of small sizes.
const STEP: u64 = 256;

/// Padmé of a length.
fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1u64 << (exponent - kept)) - 1;
    (length + mask) & !mask
}

/// The size to which a length is padded, all in bytes.
pub(crate) fn padded(length: u64) -> u64 {
    if length <= SMALL { length.max(1).next_multiple_of(STEP) } else { padme(length) }
}

/// Bytes that a sealed record takes ([`crate::record::seal`]) for a text of this many bytes.
pub fn record_size(length: u64) -> u64 {
    1 + NONCE as u64 + padded(length + 4) + TAG as u64
}

/// Bytes that a sealed file takes ([`crate::file::Sealer`]) for a content of this many bytes.
pub fn file_size(length: u64) -> u64 {
    let plain = file_plain_size(length);
    HEADER as u64 + plain + plain.div_ceil(CHUNK as u64) * TAG as u64
}

/// Bytes of all chunks of a file before encryption: content, the four bytes in each chunk that say how much of it is
/// content, and padding.
pub(crate) fn file_plain_size(length: u64) -> u64 {
    let chunks = length.div_ceil(CHUNK as u64 - 4).max(1);
    padded(length + 4 * chunks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_that_can_be_worked_out_by_hand() {
        // The paper's rule by hand: 9 = 2^3 + 1, E = 3, S = 2, one low bit is zero: 10.
        assert_eq!(padme(9), 10);
        // 1,000,000: E = 19, S = 5, 14 low bits are zero: 62 × 16,384.
        assert_eq!(padme(1_000_000), 1_015_808);
        assert_eq!(padded(0), 256);
        assert_eq!(padded(256), 256);
        assert_eq!(padded(257), 512);
        assert_eq!(padded(4096), 4096);
        assert_eq!(padded(4097), 4352);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn padding_never_shrinks_or_grows_much_and_keeps_order(length in 0u64..1 << 40, more in 0u64..1 << 20) {
            let size = padded(length);
            prop_assert!(size >= length);
            prop_assert_eq!(size % STEP, 0);
            prop_assert_eq!(padded(size), size, "a padded size is its own bucket");
            prop_assert!(size <= padded(length + more));
            if length > SMALL {
                prop_assert!((size - length) as f64 <= 0.063 * length as f64);
            }
            prop_assert!(padme(length) as f64 <= 1.12 * length as f64, "{}", length);
        }
    }
}
