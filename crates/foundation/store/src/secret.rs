//! What must not stand in the database: secrets of the process, and the house key from which every
//! other key is derived.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Entropy, Result, StoreError};

/// A value that no log and no error message shows.
#[derive(Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value, for the one place that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A city's key outside its database: 32 random bytes in a file of their own. Audit chains, sealed
/// columns and cookies use keys derived from it, one for each purpose.
#[derive(Clone, Debug)]
pub struct HouseKey(Arc<Secret<[u8; 32]>>);

impl HouseKey {
    /// From its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        HouseKey(Arc::new(Secret::new(bytes)))
    }

    /// A new one, as text for its file: 64 hexadecimal digits.
    pub fn generate(entropy: Entropy<'_>) -> String {
        let mut bytes = [0u8; 32];
        entropy.fill_bytes(&mut bytes);
        hex(&bytes)
    }

    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let mut bytes = [0u8; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::Key("a key file holds 64 hexadecimal digits and nothing else".into()));
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let nibble = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        Ok(HouseKey::new(bytes))
    }

    /// The key for a purpose, such as `audit`: HMAC-SHA-256 of the purpose's name.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        mac(self.0.reveal(), &[b"madoguchi", purpose.as_bytes()])
    }
}

/// HMAC-SHA-256 over parts; each part's length goes in before it, so that no two lists of parts are alike.
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104 §2: a key shorter than a block is filled with zeros, so this is the same key.
    let mut block = [0u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Hexadecimal digits of bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

/// Whether two digests are alike, in a time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |d, (x, y)| d | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_is_never_shown() {
        use rand::SeedableRng;
        let text = HouseKey::generate(&mut rand::rngs::ChaCha8Rng::seed_from_u64(1));
        let key = HouseKey::parse(&format!("{text}\n")).expect("a key");
        assert_eq!(key.derive("audit"), HouseKey::parse(&text).expect("a key").derive("audit"));
        assert_ne!(key.derive("audit"), key.derive("totp"));
        assert!(!format!("{key:?}").contains(&text[..8]));
        assert!(HouseKey::parse(&text[1..]).is_err());
    }

    #[test]
    fn digits_are_written_in_order() {
        assert_eq!(hex(&[0, 1, 0x9a, 0xff]), "00019aff");
    }

    #[test]
    fn parts_cannot_be_shifted() {
        let key = [1; 32];
        assert_ne!(mac(&key, &[b"ab", b"c"]), mac(&key, &[b"a", b"bc"]));
        // RFC 4231 §4.2 gives HMAC-SHA-256 without our length prefix; the prefix is ours.
        assert_eq!(mac(&key, &[b"ab"]), mac(&key, &[b"ab"]));
    }
}
