//! What an anonymous reporter takes home: 24 digits.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::aead::{self, NONCE, TAG};
use crate::bytes::{Reader, form, parts};
use crate::derivation::{Cost, derive};
use crate::error::{Result, VaultError};
use crate::key::{KeyPair, PublicKey, SecretKey};

/// Digits of the locator.
const LOCATOR: usize = 6;
/// Digits of the secret: 10^16, or 53 bits.
const SECRET: usize = 16;
/// All digits, with the two check digits.
const DIGITS: usize = LOCATOR + SECRET + 2;
/// Most characters that are looked at.
const LONGEST: usize = 200;
const DOMAIN: &str = "madoguchi vault receipt";
const SEALED: usize = NONCE + 32 + TAG;

/// What is wrong with a receipt as it was typed. It can be told at once, since it depends on nothing that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Fewer than 24 digits.
    #[error("{digits} digits, too few")]
    TooShort {
        /// How many there were.
        digits: usize,
    },
    /// More than 24 digits.
    #[error("too many digits")]
    TooLong,
    /// Something else than digits, spaces and marks between groups.
    #[error("other characters than digits")]
    OtherCharacters,
    /// 24 digits that cannot be a receipt: one or more were mistyped or swapped.
    #[error("the check digits do not fit")]
    CheckDigits,
}

/// Locator (6 digits, finds the report), secret (16 digits, opens it) and two check digits. Cleared when dropped, shown
/// by nothing but [`Receipt::shown`].
#[derive(Clone)]
pub struct Receipt(Zeroizing<[u8; DIGITS]>);

impl Receipt {
    /// A new receipt of uniformly drawn digits. There are a million locators: if the locator is taken, draw again.
    pub fn generate(rng: Entropy<'_>) -> Self {
        let mut digits = Zeroizing::new([0u8; DIGITS]);
        write_digits(&mut digits[..LOCATOR], below(1_000_000, rng));
        write_digits(&mut digits[LOCATOR..LOCATOR + SECRET], below(10_000_000_000_000_000, rng));
        // ISO/IEC 7064, MOD 97-10: the whole number leaves 1 when divided by 97.
        let check = 98 - remainder(&digits[..]);
        write_digits(&mut digits[LOCATOR + SECRET..], check.into());
        Receipt(digits)
    }

    /// Reads a receipt as people type it: in full width, with spaces, hyphens and other marks between groups, 〇 for
    /// zero (all after NFKC). Otherwise [`VaultError::Receipt`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let mut digits = Zeroizing::new([0u8; DIGITS]);
        let mut count = 0;
        for (i, c) in text.nfkc().enumerate() {
            if i >= LONGEST {
                return Err(VaultError::Receipt(ReceiptFault::TooLong));
            }
            let digit = match digit(c) {
                Some(digit) => digit,
                None if is_between(c) => continue,
                None => return Err(VaultError::Receipt(ReceiptFault::OtherCharacters)),
            };
            if let Some(place) = digits.get_mut(count) {
                *place = digit;
            }
            count += 1;
        }
        let fault = match count {
            ..DIGITS => ReceiptFault::TooShort { digits: count },
            DIGITS if well_formed(&digits) => return Ok(Receipt(digits)),
            DIGITS => ReceiptFault::CheckDigits,
            _ => ReceiptFault::TooLong,
        };
        Err(VaultError::Receipt(fault))
    }

    /// Where a text that [`Receipt::parse`] does not take was probably mistyped: groups of four, numbered from 1. It
    /// depends on nothing but the text.
    ///
    /// Of 24 digits, those groups in which one other digit, or two neighbours swapped, would make it a receipt: these
    /// two are what people do wrong most often. Of more or fewer digits that were typed in groups, those that have not
    /// four. Otherwise none.
    pub fn suspects(text: &str) -> Vec<usize> {
        let mut groups: Vec<Zeroizing<Vec<u8>>> = vec![Zeroizing::new(Vec::with_capacity(DIGITS))];
        for c in text.nfkc().take(LONGEST) {
            match (digit(c), groups.last_mut()) {
                (Some(digit), Some(group)) => group.push(digit),
                (None, Some(group)) if !group.is_empty() => groups.push(Zeroizing::new(Vec::with_capacity(DIGITS))),
                _ => {}
            }
        }
        groups.retain(|group| !group.is_empty());
        let all: Zeroizing<Vec<u8>> = Zeroizing::new(groups.iter().flat_map(|group| group.iter().copied()).collect());
        let Ok(digits) = <[u8; DIGITS]>::try_from(&all[..]).map(Zeroizing::new) else {
            let numbered = groups.iter().zip(1..).filter(|(group, _)| group.len() != 4);
            return if groups.len() == 1 { Vec::new() } else { numbered.map(|(_, number)| number).collect() };
        };
        let mut found: Vec<usize> =
            (0..DIGITS).filter(|place| could_be_wrong(&digits, *place)).map(|p| p / 4 + 1).collect();
        found.dedup();
        found
    }

    /// The six digits that find the report. They are no secret to the house, but they stand in no log.
    pub fn locator(&self) -> String {
        self.0[..LOCATOR].iter().map(|digit| char::from(b'0' + digit)).collect()
    }

    /// Six groups of four digits with spaces, to be shown to the reporter once.
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(DIGITS + DIGITS / 4));
        for (i, digit) in self.0.iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push(' ');
            }
            text.push(char::from(b'0' + digit));
        }
        text
    }

    fn secret(&self) -> &[u8] {
        &self.0[LOCATOR..LOCATOR + SECRET]
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(hidden)")
    }
}

/// What the database keeps of a receipt, found by its locator: salt, SHA-256 of a verifier, the reporter's secret key
/// wrapped, and its public half.
///
/// 159 bytes: `0x51 ‖ memory in KiB (4) ‖ passes (1) ‖ lanes (1) ‖ salt (16) ‖ hash (32) ‖ nonce (24) ‖ key (32) ‖
/// tag (16) ‖ public key (32)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    cost: Cost,
    salt: [u8; 16],
    verifier_hash: [u8; 32],
    wrapped_secret: [u8; SEALED],
    public: PublicKey,
}

impl Locked {
    /// The reporter's public key, to which case keys and answers are sealed.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The bytes to be stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        let cost = self.cost.to_bytes();
        let fields: [&[u8]; 6] =
            [&[form::LOCKED], &cost, &self.salt, &self.verifier_hash, &self.wrapped_secret, self.public.bytes()];
        fields.concat()
    }

    /// From stored bytes; bounds of the cost as in [`crate::passphrase::Wrapped::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bytes_at_least(bytes, Cost::house())
    }

    /// As [`Locked::from_bytes`] with another least cost: for tests.
    pub fn from_bytes_at_least(bytes: &[u8], floor: Cost) -> Result<Self> {
        let mut reader = Reader::new(bytes, "locked receipt");
        reader.leading(form::LOCKED)?;
        let locked = Locked {
            cost: Cost::read(&mut reader, floor)?,
            salt: reader.array()?,
            verifier_hash: reader.array()?,
            wrapped_secret: reader.array()?,
            public: PublicKey::from_bytes(&reader.array::<32>()?)?,
        };
        reader.end()?;
        Ok(locked)
    }
}

/// Makes a key pair for the reporter and locks its secret half with the receipt. Blocks for one derivation.
pub fn lock(receipt: &Receipt, cost: Cost, rng: Entropy<'_>) -> Result<Locked> {
    let pair = KeyPair::generate(rng);
    let mut salt = [0u8; 16];
    rng.fill_bytes(&mut salt);
    let halves = Halves::derive(receipt, &salt, cost)?;
    let bound_to = bound_to(receipt, cost, &salt, &pair.public);
    let wrapped_secret = aead::seal_32(halves.wrapping(), &bound_to, pair.secret.bytes(), rng)?;
    Ok(Locked { cost, salt, verifier_hash: halves.verifier_hash(), wrapped_secret, public: pair.public })
}

/// The reporter's secret key. A wrong receipt is [`VaultError::Opaque`]; the work is the same as that of
/// [`unlock_nothing`]. Blocks for one derivation.
pub fn unlock(receipt: &Receipt, locked: &Locked) -> Result<SecretKey> {
    let halves = Halves::derive(receipt, &locked.salt, locked.cost)?;
    let same: bool = halves.verifier_hash().ct_eq(&locked.verifier_hash).into();
    let bound_to = bound_to(receipt, locked.cost, &locked.salt, &locked.public);
    // Tried in any case, so that a wrong verifier takes as long as a wrong key.
    let opened = aead::open(halves.wrapping(), &bound_to, &locked.wrapped_secret);
    match opened {
        Ok(secret) if same => SecretKey::from_slice(&secret),
        _ => Err(VaultError::Opaque),
    }
}

/// For a well-formed receipt whose locator nobody has: the work of [`unlock`] at this cost, and its error.
pub fn unlock_nothing(receipt: &Receipt, cost: Cost) -> VaultError {
    let nothing = Locked {
        cost,
        salt: [0; 16],
        verifier_hash: [0; 32],
        wrapped_secret: [0; SEALED],
        public: PublicKey::from_bytes(&[0; 32]).expect("32 bytes are a public key"),
    };
    unlock(receipt, &nothing).err().unwrap_or(VaultError::Opaque)
}

/// 64 bytes from the secret: one half to be recognised by, one half to wrap with.
struct Halves(Zeroizing<[u8; 64]>);

impl Halves {
    fn derive(receipt: &Receipt, salt: &[u8; 16], cost: Cost) -> Result<Self> {
        derive::<64>(receipt.secret(), salt, cost).map(Halves)
    }

    fn verifier_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0[..32]).into()
    }

    fn wrapping(&self) -> &[u8; 32] {
        self.0.last_chunk().expect("64 bytes hold 32")
    }
}

fn bound_to(receipt: &Receipt, cost: Cost, salt: &[u8; 16], public: &PublicKey) -> Vec<u8> {
    parts(DOMAIN, &[&[form::LOCKED], &receipt.0[..LOCATOR], &cost.to_bytes(), salt, public.bytes()])
}

fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '〇' | '○' | '◯' => Some(0),
        _ => None,
    }
}

/// Whether another digit at this place, or this one swapped with the next, would make a receipt of it.
fn could_be_wrong(digits: &[u8; DIGITS], place: usize) -> bool {
    let mut tried = Zeroizing::new(*digits);
    for other in (0..10).filter(|other| *other != digits[place]) {
        tried[place] = other;
        if well_formed(&tried) {
            return true;
        }
    }
    *tried = *digits;
    // Neighbours of two groups are found with the first.
    if place + 1 < DIGITS && digits[place] != digits[place + 1] {
        tried.swap(place, place + 1);
        return well_formed(&tried);
    }
    false
}

/// Marks that people put between groups, after NFKC; ー is what a Japanese keyboard gives for a hyphen.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '‐'
                | '‑'
                | '‒'
                | '–'
                | '—'
                | '―'
                | '−'
                | 'ー'
                | '─'
                | '・'
                | '.'
                | '。'
                | ','
                | '、'
                | '/'
                | ':'
                | '_'
        )
}

/// A number below `bound`, all alike: what lies above the last whole multiple is drawn again.
fn below(bound: u64, rng: Entropy<'_>) -> u64 {
    let top = u64::MAX - u64::MAX % bound;
    loop {
        let drawn = rng.next_u64();
        if drawn < top {
            return drawn % bound;
        }
    }
}

fn write_digits(places: &mut [u8], mut number: u64) {
    for place in places.iter_mut().rev() {
        *place = (number % 10) as u8;
        number /= 10;
    }
}

/// The number of these digits modulo 97.
fn remainder(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |rest, digit| (rest * 10 + u32::from(*digit)) % 97)
}

/// Whether the check digits fit. 00, 01 and 99 leave what 97, 98 and 02 leave, but are never made.
fn well_formed(digits: &[u8; DIGITS]) -> bool {
    let check = u32::from(digits[DIGITS - 2]) * 10 + u32::from(digits[DIGITS - 1]);
    remainder(digits) == 1 && (2..=98).contains(&check)
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
