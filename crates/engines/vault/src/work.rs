//! Proof of work against guessing receipts: before a try, the browser looks for a number, which costs it some time and
//! the house nothing (Dwork, Naor: "Pricing via Processing", CRYPTO 1992).
//!
//! Without JavaScript there is no proof; the server then imposes a wait.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Entropy;
use crate::bytes::{Reader, form, parts};
use crate::error::{Result, VaultError};

/// Most leading zero bits that may be asked for.
pub const MOST_BITS: u8 = 28;
/// Bytes of a challenge before base64url: `0x81 ‖ bits (1) ‖ end (8) ‖ random (16) ‖ HMAC (32)`.
const BYTES: usize = 1 + 1 + 8 + 16 + 32;
/// Characters of a challenge.
const CHARACTERS: usize = (BYTES * 8).div_ceil(6);
/// Most digits of an answer.
const ANSWER: usize = 16;
const DOMAIN: &str = "madoguchi vault work";
const FORM: VaultError = VaultError::Form("proof of work");

/// What a valid answer was for. The service keeps `id` until the end: the same challenge counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Random and unlike any other.
    pub id: [u8; 16],
    /// Until when the challenge was good: UTC milliseconds.
    pub end: i64,
}

/// A challenge of 78 characters (base64url): the browser finds a number n, in decimal digits, so that SHA-256 of the
/// challenge followed by n begins with `bits` zero bits, and answers `challenge.n`.
///
/// `key` signs it, `purpose` says for what it is good, `end` (UTC milliseconds) until when. On average 2^bits hashes are
/// needed; more than [`MOST_BITS`] are [`VaultError::Numbers`].
pub fn challenge(key: &[u8; 32], purpose: &str, bits: u8, end: i64, rng: Entropy<'_>) -> Result<String> {
    if bits > MOST_BITS {
        return Err(VaultError::Numbers);
    }
    let mut id = [0u8; 16];
    rng.fill_bytes(&mut id);
    let signature = mac(key, purpose, bits, end, &id).finalize().into_bytes();
    let bytes = [&[form::WORK, bits], &end.to_be_bytes()[..], &id, &signature].concat();
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Checks an answer at the instant `now` (UTC milliseconds). A challenge that is not ours or for another purpose is
/// [`VaultError::Opaque`], one past its end [`VaultError::Expired`], a number that does not do
/// [`VaultError::TooLittleWork`], and all that is not exactly of the form [`VaultError::Form`].
pub fn verify(key: &[u8; 32], purpose: &str, answer: &str, now: i64) -> Result<Proof> {
    let (challenge, number) = answer.split_once('.').ok_or(FORM)?;
    let plain_number = (1..=ANSWER).contains(&number.len())
        && number.bytes().all(|c| c.is_ascii_digit())
        && (number == "0" || !number.starts_with('0'));
    if challenge.len() != CHARACTERS || !plain_number {
        return Err(FORM);
    }
    let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| FORM)?;
    let mut reader = Reader::new(&bytes, "proof of work");
    reader.leading(form::WORK)?;
    let (bits, end, id) = (reader.byte()?, i64::from_be_bytes(reader.array()?), reader.array()?);
    mac(key, purpose, bits, end, &id).verify_slice(reader.rest()).map_err(|_| VaultError::Opaque)?;
    if now > end {
        return Err(VaultError::Expired);
    }
    if zero_bits(challenge, number) < u32::from(bits) {
        return Err(VaultError::TooLittleWork);
    }
    Ok(Proof { id, end })
}

/// Finds an answer as a browser does: for tests and tools, since the house has no need to prove anything to itself.
/// A challenge that cannot be read is [`VaultError::Form`].
pub fn solve(challenge: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| FORM)?;
    let bits = bytes.get(1).copied().filter(|bits| *bits <= MOST_BITS).ok_or(FORM)?;
    (0u64..)
        .map(|number| number.to_string())
        .find(|number| zero_bits(challenge, number) >= u32::from(bits))
        .map(|number| format!("{challenge}.{number}"))
        .ok_or(FORM)
}

fn zero_bits(challenge: &str, number: &str) -> u32 {
    let digest: [u8; 32] = Sha256::new().chain_update(challenge).chain_update(number).finalize().into();
    // More than 128 are never asked for.
    digest.first_chunk::<16>().map_or(0, |front| u128::from_be_bytes(*front).leading_zeros())
}

fn mac(key: &[u8; 32], purpose: &str, bits: u8, end: i64, id: &[u8; 16]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&parts(DOMAIN, &[purpose.as_bytes(), &[form::WORK, bits], &end.to_be_bytes(), id]));
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{changed, rng};

    const KEY: [u8; 32] = [7; 32];
    const END: i64 = 1_796_000_000_000;

    fn issued(bits: u8) -> String {
        challenge(&KEY, "receipt", bits, END, &mut rng(1)).expect("issues")
    }

    #[test]
    fn work_is_proved_until_the_end() {
        let answer = solve(&issued(8)).expect("solves");
        let proof = verify(&KEY, "receipt", &answer, END - 1).expect("proves");
        assert_eq!(proof.end, END);
        assert_eq!(verify(&KEY, "receipt", &answer, END), Ok(proof));
        assert_eq!(verify(&KEY, "receipt", &answer, END + 1), Err(VaultError::Expired));
        let other = challenge(&KEY, "receipt", 0, END, &mut rng(2)).expect("issues");
        assert_ne!(verify(&KEY, "receipt", &format!("{other}.0"), END).expect("proves").id, proof.id);
    }

    #[test]
    fn too_little_work_is_told() {
        let challenge = issued(8);
        let done = |number: u32| zero_bits(&challenge, &number.to_string()) >= 8;
        let lazy = (0..).find(|number| !done(*number)).expect("nearly all");
        assert_eq!(verify(&KEY, "receipt", &format!("{challenge}.{lazy}"), 0), Err(VaultError::TooLittleWork));
        assert_eq!(challenge.len(), CHARACTERS);
        assert_eq!(super::challenge(&KEY, "receipt", 29, END, &mut rng(1)), Err(VaultError::Numbers));
    }

    #[test]
    fn the_hash_is_that_of_the_texts() {
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1) begins with the byte ba, 1011 1010.
        assert_eq!(zero_bits("ab", "c"), 0);
        let digest: [u8; 32] = Sha256::digest("x42").into();
        let by_hand = digest.iter().flat_map(|b| (0..8).map(move |i| b >> (7 - i) & 1)).take_while(|b| *b == 0).count();
        assert_eq!(zero_bits("x", "42") as usize, by_hand);
    }

    #[test]
    fn a_challenge_of_others_or_for_something_else_is_refused() {
        let answer = format!("{}.0", issued(0));
        assert!(verify(&KEY, "receipt", &answer, 0).is_ok());
        assert_eq!(verify(&[8; 32], "receipt", &answer, 0), Err(VaultError::Opaque));
        assert_eq!(verify(&KEY, "question", &answer, 0), Err(VaultError::Opaque));
        let bytes = URL_SAFE_NO_PAD.decode(issued(0)).expect("decodes");
        for bytes in changed(&bytes) {
            let answer = format!("{}.0", URL_SAFE_NO_PAD.encode(bytes));
            assert!(matches!(verify(&KEY, "receipt", &answer, 0), Err(VaultError::Opaque | VaultError::Form(_))));
        }
    }

    #[test]
    fn the_parser_is_strict() {
        let challenge = issued(0);
        for number in ["", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "１", "12345678901234567"] {
            let answer = format!("{challenge}.{number}");
            assert_eq!(verify(&KEY, "receipt", &answer, 0), Err(FORM), "{number:?}");
        }
        for answer in
            [challenge.clone(), format!("{challenge}=.0"), format!(" {challenge}.0"), format!("{}.0", &challenge[1..])]
        {
            assert_eq!(verify(&KEY, "receipt", &answer, 0), Err(FORM), "{answer:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_parser_takes_anything(text in "\\PC*", answer in "[A-Za-z0-9_-]{78}\\.[0-9]{1,16}", now: i64) {
            prop_assert!(verify(&KEY, "receipt", &text, now).is_err());
            prop_assert!(verify(&KEY, "receipt", &answer, now).is_err());
            prop_assert!(solve(&text).is_err());
        }
    }
}
