//! Key pairs of X25519 (RFC 7748): of a member of the staff, of an anonymous reporter, of recovery.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::{Kem, Serializable};

use crate::Entropy;
use crate::error::{Result, VaultError};
use crate::hybrid;
use crate::secret::Secret32;

/// The private half. It leaves this crate only wrapped: under a passphrase, a session, a receipt, or as shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKey(Secret32);

impl SecretKey {
    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self> {
        Secret32::from_slice(bytes, "secret key").map(SecretKey)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }

    pub(crate) fn secret32(&self) -> &Secret32 {
        &self.0
    }

    /// The public half that belongs to it (RFC 7748 §6.1).
    pub fn public(&self) -> PublicKey {
        PublicKey(hybrid::DhKem::sk_to_pk(&hybrid::private_of(self)).to_bytes().into())
    }
}

/// The public half, which may be seen by anyone: 32 bytes, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From 32 bytes as kept in the database.
    ///
    /// Any other length is [`VaultError::Form`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        bytes.try_into().map(PublicKey).map_err(|_| VaultError::Form("public key"))
    }

    /// The 32 bytes (RFC 7748 §5: the u-coordinate, little endian).
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits in lower case.
    pub fn to_hex(&self) -> String {
        self.to_string()
    }

    /// From 64 hexadecimal digits of either case.
    pub fn from_hex(text: &str) -> Result<Self> {
        let wrong = VaultError::Form("public key");
        if text.len() != 64 || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let mut bytes = [0u8; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong)?;
        }
        Ok(PublicKey(bytes))
    }

    /// 43 characters of base64url without padding (RFC 4648 §5).
    pub fn to_base64(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// From base64url without padding.
    pub fn from_base64(text: &str) -> Result<Self> {
        let wrong = VaultError::Form("public key");
        if text.len() != 43 {
            return Err(wrong);
        }
        PublicKey::from_bytes(&URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A secret key with its public half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The private half.
    pub secret: SecretKey,
    /// The public half.
    pub public: PublicKey,
}

impl KeyPair {
    /// A new pair from 32 random bytes (RFC 7748 §6.1; they are clamped where they are used).
    pub fn generate(rng: Entropy<'_>) -> Self {
        KeyPair::of(Secret32::random(rng))
    }

    pub(crate) fn of(secret: Secret32) -> Self {
        let secret = SecretKey(secret);
        KeyPair { public: secret.public(), secret }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{from_hex, rng};

    #[test]
    fn the_public_half_is_that_of_rfc_7748_section_6_1() {
        for (secret, public) in [
            (
                "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            ),
            (
                "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            ),
        ] {
            let secret = SecretKey::from_slice(&from_hex(secret)).expect("32 bytes");
            assert_eq!(secret.public().to_hex(), public);
        }
    }

    #[test]
    fn texts_of_another_length_are_refused() {
        let key = KeyPair::generate(&mut rng(3)).public;
        let (hex, base64) = (key.to_hex(), key.to_base64());
        let wrong = Err(VaultError::Form("public key"));
        for other in ["".into(), hex[1..].into(), hex[2..].into(), format!("{hex}0"), format!("{hex}00")] {
            assert_eq!(PublicKey::from_hex(&other), wrong, "{other}");
        }
        for other in ["".into(), base64[1..].into(), format!("{base64}="), format!("{base64}A")] {
            assert_eq!(PublicKey::from_base64(&other), wrong, "{other}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let pair = KeyPair::generate(&mut rng(1));
        assert_eq!(format!("{:?}", pair.secret), "SecretKey(hidden)");
        assert_eq!(format!("{pair:?}"), format!("KeyPair {{ secret: SecretKey(hidden), public: {:?} }}", pair.public));
    }

    #[test]
    fn each_pair_is_another() {
        let mut rng = rng(2);
        let (a, b) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
        assert_ne!(a.public, b.public);
        assert_ne!(a.secret, b.secret);
        assert_eq!(a.secret, a.secret.clone());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_public_key_survives_its_texts(bytes: [u8; 32]) {
            let key = PublicKey::from_bytes(&bytes).expect("32 bytes");
            prop_assert_eq!(PublicKey::from_hex(&key.to_hex()), Ok(key));
            prop_assert_eq!(PublicKey::from_hex(&key.to_hex().to_uppercase()), Ok(key));
            prop_assert_eq!(PublicKey::from_base64(&key.to_base64()), Ok(key));
        }

        #[test]
        fn parsers_take_anything(text in "\\PC*", hex in "[0-9a-fA-Fé+]{60,66}", bytes: Vec<u8>) {
            for text in [&text, &hex] {
                if let Ok(key) = PublicKey::from_hex(text) { prop_assert_eq!(key.to_hex(), text.to_lowercase()); }
                if let Ok(key) = PublicKey::from_base64(text) { prop_assert_eq!(&key.to_base64(), text); }
            }
            prop_assert_eq!(PublicKey::from_bytes(&bytes).is_ok(), bytes.len() == 32);
        }
    }
}
