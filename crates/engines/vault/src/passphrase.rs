//! A secret key under a passphrase.

use std::collections::BTreeSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::aead::{self, NONCE, TAG};
use crate::bytes::{Reader, form, parts};
use crate::derivation::{Cost, derive};
use crate::error::{Result, VaultError};
use crate::key::SecretKey;

/// Fewest characters of a passphrase that is not made of words.
pub const SHORTEST: usize = 16;
/// Fewest words of a passphrase that is shorter: different ones of at least two characters, between spaces.
pub const WORDS: usize = 4;
/// Most characters.
pub const LONGEST: usize = 200;
/// Fewest different characters.
const VARIETY: usize = 5;
const DOMAIN: &str = "madoguchi vault passphrase";
const SEALED: usize = NONCE + 32 + TAG;

/// Why a passphrase is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fewer than [`SHORTEST`] characters and fewer than [`WORDS`] words.
    #[error("too short")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("too long")]
    TooLong,
    /// Fewer than five different characters.
    #[error("the same characters again and again")]
    Repetitive,
    /// It is the name of the account.
    #[error("the name of the account")]
    AccountName,
}

/// A passphrase in one normal form (NFKC, Unicode Standard Annex 15), so that full width and half width, and each way of
/// typing が, open the same key. Cleared when dropped, shown by nothing.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes what was typed, of any length: for unlocking.
    pub fn typed(text: &str) -> Self {
        // Of the right size from the start: a string that grows leaves its old copies behind.
        let mut normal = Zeroizing::new(String::with_capacity(text.nfkc().map(char::len_utf8).sum()));
        normal.extend(text.nfkc());
        Passphrase(normal)
    }

    /// Takes a passphrase that is being chosen for the account of this name (its log-in), if it follows the rule; else
    /// [`VaultError::Passphrase`].
    pub fn chosen(text: &str, account_name: &str) -> Result<Self> {
        let passphrase = Passphrase::typed(text);
        let length = passphrase.0.chars().count();
        let words: BTreeSet<&str> =
            passphrase.0.split_whitespace().filter(|word| word.chars().nth(1).is_some()).collect();
        let refused = |refusal| Err(VaultError::Passphrase(refusal));
        if length > LONGEST {
            return refused(Refusal::TooLong);
        }
        if passphrase.0.trim().to_lowercase() == account_name.nfkc().collect::<String>().trim().to_lowercase() {
            return refused(Refusal::AccountName);
        }
        if length < SHORTEST && words.len() < WORDS {
            return refused(Refusal::TooShort);
        }
        if passphrase.0.chars().collect::<BTreeSet<char>>().len() < VARIETY {
            return refused(Refusal::Repetitive);
        }
        Ok(passphrase)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// A secret key as it lies in the database: XChaCha20-Poly1305 under Argon2id of a passphrase, bound to one account.
///
/// 95 bytes: `0x11 ‖ memory in KiB (4) ‖ passes (1) ‖ lanes (1) ‖ salt (16) ‖ nonce (24) ‖ key (32) ‖ tag (16)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    cost: Cost,
    salt: [u8; 16],
    sealed: [u8; SEALED],
}

impl Wrapped {
    /// Wraps a key for an account (its id). Blocks for one derivation.
    pub fn wrap(
        secret: &SecretKey,
        passphrase: &Passphrase,
        account: &str,
        cost: Cost,
        rng: Entropy<'_>,
    ) -> Result<Self> {
        let mut salt = [0u8; 16];
        rng.fill_bytes(&mut salt);
        let key = derive::<32>(passphrase.0.as_bytes(), &salt, cost)?;
        let sealed = aead::seal_32(&key, &bound_to(account, cost, &salt), secret.bytes(), rng)?;
        Ok(Wrapped { cost, salt, sealed })
    }

    /// The key. Blocks for one derivation. Another passphrase, another account and changed bytes are
    /// [`VaultError::Opaque`].
    pub fn unwrap(&self, passphrase: &Passphrase, account: &str) -> Result<SecretKey> {
        let key = derive::<32>(passphrase.0.as_bytes(), &self.salt, self.cost)?;
        SecretKey::from_slice(&aead::open(&key, &bound_to(account, self.cost, &self.salt), &self.sealed)?)
    }

    /// The parameters it was made with; with weaker ones than today's, wrap it anew when it is next opened.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The bytes to be stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[form::WRAPPED], &self.cost.to_bytes()[..], &self.salt, &self.sealed].concat()
    }

    /// From stored bytes. Parameters weaker than the house's, or that no server could bear, are [`VaultError::Cost`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bytes_at_least(bytes, Cost::house())
    }

    /// As [`Wrapped::from_bytes`] with another least cost: for tests.
    pub fn from_bytes_at_least(bytes: &[u8], floor: Cost) -> Result<Self> {
        let mut reader = Reader::new(bytes, "wrapped key");
        reader.leading(form::WRAPPED)?;
        let wrapped = Wrapped { cost: Cost::read(&mut reader, floor)?, salt: reader.array()?, sealed: reader.array()? };
        reader.end()?;
        Ok(wrapped)
    }
}

fn bound_to(account: &str, cost: Cost, salt: &[u8; 16]) -> Vec<u8> {
    parts(DOMAIN, &[&[form::WRAPPED], account.as_bytes(), &cost.to_bytes(), salt])
}

#[cfg(test)]
#[path = "passphrase_tests.rs"]
mod tests;
